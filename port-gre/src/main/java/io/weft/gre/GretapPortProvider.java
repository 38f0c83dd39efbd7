package io.weft.gre;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;

/**
 * Makes {@link GrePort}s from {@code gretap:NAME?option=value&...}, NAME being what the switch calls the port.
 *
 * <p>Threads: any; stateless.
 */
public final class GretapPortProvider implements PortProvider {
    /** For {@code ServiceLoader}. */
    public GretapPortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of(GreBuilder.GRETAP);
    }

    @Override
    public String syntax() {
        return "gretap:NAME";
    }

    @Override
    public String summary() {
        return "Ethernet in GRE with one remote end, as Linux' gretap and ip6gretap and Open vSwitch's gre.";
    }

    @Override
    public List<PortOption<?>> options() {
        return GreOptions.OF_GRETAP;
    }

    @Override
    public PortDriver create(PortUri uri) {
        return GreOptions.create(uri, GrePort.gretap(uri.target()));
    }
}
