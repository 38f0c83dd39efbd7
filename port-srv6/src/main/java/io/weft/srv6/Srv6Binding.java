package io.weft.srv6;

import io.weft.port.PortHandle;
import io.weft.tunnel.TunnelBinding;

/**
 * A port at a {@link Srv6Listener}, which finds it by its SIDs.
 *
 * <p>Threads: immutable.
 */
final class Srv6Binding extends TunnelBinding {
    private static final long[] NO_KEYS = {};

    private final Srv6Port port;
    private final SrDomain domain;

    /** Binds a port, which has this place in the switch and takes packets from this domain. */
    Srv6Binding(Srv6Port port, PortHandle handle, SrDomain domain) {
        super(port, handle, NO_KEYS, true);
        this.port = port;
        this.domain = domain;
    }

    /** Who may send to it. */
    SrDomain domain() {
        return domain;
    }

    @Override
    public Srv6Port port() {
        return port;
    }
}
