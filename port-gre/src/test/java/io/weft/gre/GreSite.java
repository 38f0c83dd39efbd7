package io.weft.gre;

import io.weft.bridge.PortSettings;
import io.weft.port.PortException;
import io.weft.tunnel.TunnelSite;
import io.weft.underlay.MemoryHost;
import io.weft.underlay.Underlay;

/** A switch of a {@link GreLab}. */
final class GreSite extends TunnelSite<GreSite> {
    GreSite(GreLab lab, String name, MemoryHost host) {
        super(lab, name, host, "gre");
    }

    /** A GRE port as its URI says. */
    GreSite gre(String uri) throws PortException {
        return gre(uri, PortSettings.DEFAULT);
    }

    GreSite gre(String uri, PortSettings settings) throws PortException {
        return tunnel(port(uri, host), settings);
    }

    GrePort port(String name) {
        return (GrePort) tunnel(name);
    }

    /** The only place where ports are made. */
    static GrePort port(String uri, Underlay underlay) {
        return new GrePort(GreUri.settings(uri), underlay);
    }
}
