package io.weft.srv6;

import io.weft.bridge.PortSettings;
import io.weft.port.PortException;
import io.weft.port.PortUri;
import io.weft.route.RouteTables;
import io.weft.tunnel.TunnelSite;
import io.weft.underlay.MemoryHost;

/** A switch of a {@link Srv6Lab}. */
final class Srv6Site extends TunnelSite<Srv6Site> {
    /** That SIDs of its ports may name. */
    final RouteTables tables = new RouteTables();

    Srv6Site(Srv6Lab lab, String name, MemoryHost host) {
        super(lab, name, host, "srv6");
    }

    /** A port as its URI says. */
    Srv6Site srv6(String uri) throws PortException {
        return srv6(uri, PortSettings.DEFAULT);
    }

    Srv6Site srv6(String uri, PortSettings settings) throws PortException {
        return tunnel(made(uri), settings);
    }

    /** A port by its builder. */
    Srv6Site srv6(Srv6Builder builder, PortSettings settings) throws PortException {
        return tunnel(new Srv6Port(builder.settings(), tables, host), settings);
    }

    Srv6Port port(String name) {
        return (Srv6Port) tunnel(name);
    }

    /** A port that is in no switch yet. */
    Srv6Port made(String uri) {
        PortUri parsed = PortUri.parse(uri);
        parsed.requireKnown(Srv6Options.OF_PORT);
        Srv6Settings settings = Srv6Options.create(parsed).settings();
        return new Srv6Port(settings, tables, host);
    }
}
