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
    private final long[] places;

    /** Binds a port, which has this place in the switch. */
    GreBinding(GrePort port, PortHandle handle) {
        super(port, handle, true);
        this.port = port;
        GreSettings settings = port.settings();
        this.places = settings.keylessIsZero() && settings.inKey() <= 0
                ? new long[] {
                    GreTable.place(settings.payload(), 0), GreTable.place(settings.payload(), GreSettings.NO_KEY)
                }
                : new long[] {GreTable.place(settings.payload(), settings.inKey())};
    }

    @Override
    public GrePort port() {
        return port;
    }

    /** Where it is found in a {@link GreTable}; not to be changed. */
    long[] places() {
        return places;
    }
}
