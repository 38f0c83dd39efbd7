package io.weft.gre;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;

/**
 * Makes {@link GrePort}s from {@code gre:NAME?option=value&...}, NAME being what the switch calls the port.
 *
 * <p>Threads: any; stateless.
 */
public final class GrePortProvider implements PortProvider {
    /** For {@code ServiceLoader}. */
    public GrePortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of(GreBuilder.GRE);
    }

    @Override
    public String syntax() {
        return "gre:NAME";
    }

    @Override
    public String summary() {
        return "IP packets in GRE, with routes to several remote ends: a layer-3 port, for a Wire to a TUN or an L3Adapter.";
    }

    @Override
    public List<PortOption<?>> options() {
        return GreOptions.OF_GRE;
    }

    @Override
    public PortDriver create(PortUri uri) {
        return GreOptions.create(uri, GrePort.gre(uri.target()));
    }
}
