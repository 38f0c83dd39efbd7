package io.weft.tap;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;

/** Makes {@link TapPort}s from {@code tap:NAME?option=value&...}. */
public final class TapPortProvider implements PortProvider {
    /** For {@code ServiceLoader}. */
    public TapPortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of(TapKind.TAP.scheme());
    }

    @Override
    public String syntax() {
        return "tap:NAME";
    }

    @Override
    public String summary() {
        return "A TAP device of Linux, made for the port or attached to; NAME may be a pattern as weft%d.";
    }

    @Override
    public List<PortOption<?>> options() {
        return TapOptions.of(TapKind.TAP);
    }

    @Override
    public PortDriver create(PortUri uri) {
        return new TapPort(TapOptions.read(TapKind.TAP, uri));
    }
}
