package io.weft.tap;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;

/** Makes {@link TapPort}s that carry IP packets from {@code tun:NAME?option=value&...}. */
public final class TunPortProvider implements PortProvider {
    /** For {@code ServiceLoader}. */
    public TunPortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of(TapKind.TUN.scheme());
    }

    @Override
    public String syntax() {
        return "tun:NAME";
    }

    @Override
    public String summary() {
        return "A TUN device of Linux, for IP packets without Ethernet; to be joined to another layer-3 port.";
    }

    @Override
    public List<PortOption<?>> options() {
        return TapOptions.of(TapKind.TUN);
    }

    @Override
    public PortDriver create(PortUri uri) {
        return new TapPort(TapOptions.read(TapKind.TUN, uri));
    }
}
