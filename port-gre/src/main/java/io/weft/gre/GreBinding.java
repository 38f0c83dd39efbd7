package io.weft.gre;

import io.weft.port.PortHandle;
import io.weft.tunnel.TunnelBinding;

/**
 * A port at a {@link GreListener}: which packets it takes.
 *
 * <p>Threads: immutable.
 */
final class GreBinding extends TunnelBinding {
    private final GrePort port;

    /** Binds a port, which has this place in the switch. */
    GreBinding(GrePort port, PortHandle handle) {
        super(port, handle, GrePlace.of(port.settings()), true);
        this.port = port;
    }

    @Override
    public GrePort port() {
        return port;
    }
}
