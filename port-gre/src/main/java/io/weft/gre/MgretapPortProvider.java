package io.weft.gre;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;

/**
 * Makes {@link GrePort}s from {@code mgretap:NAME?option=value&...}, NAME being what the switch calls the port.
 *
 * <p>Threads: any; stateless.
 */
public final class MgretapPortProvider implements PortProvider {
    /** For {@code ServiceLoader}. */
    public MgretapPortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of(GreBuilder.MGRETAP);
    }

    @Override
    public String syntax() {
        return "mgretap:NAME";
    }

    @Override
    public String summary() {
        return "Ethernet in GRE with many remote ends, which learns what station is behind which.";
    }

    @Override
    public List<PortOption<?>> options() {
        return GreOptions.OF_MGRETAP;
    }

    @Override
    public PortDriver create(PortUri uri) {
        return GreOptions.create(uri, GrePort.mgretap(uri.target()));
    }
}
