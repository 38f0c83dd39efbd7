package io.weft.vxlan;

import io.weft.port.PortHandle;
import io.weft.tunnel.TunnelBinding;
import io.weft.underlay.UnderlayPeer;
import java.util.Arrays;

/**
 * A port in a {@link Vtep}: which VNIs it takes, and the VTEP's account of it.
 *
 * <p>Threads: immutable; the account is written by the VTEP's worker only.
 */
final class Binding extends TunnelBinding {
    private final VxlanPort port;
    private final UnderlayPeer group; // null for none
    private final UnderlayPeer local; // null for any

    /** Binds a port, which has this place in the switch. */
    Binding(VxlanPort port, PortHandle handle) {
        super(
                port,
                handle,
                Arrays.stream(port.incomingVnis()).asLongStream().toArray(),
                port.settings().listenPorts().size() == 1);
        this.port = port;
        VxlanSettings settings = port.settings();
        this.group = settings.group() == null ? null : UnderlayPeer.of(settings.group(), 0);
        this.local = settings.tunnel().local() == null
                ? null
                : UnderlayPeer.of(settings.tunnel().local(), 0);
    }

    @Override
    public VxlanPort port() {
        return port;
    }

    /** Whether the port has a group, for which its socket is bound to any address: what is not for it must be told here. */
    @Override
    protected boolean heedsDestination() {
        return group != null;
    }

    /** Whether a group port takes what was sent to an address: its group's, or its own. Both halves are 0 when that is not known. */
    @Override
    protected boolean isFor(long high, long low) {
        if (high == group.high() && low == group.low() || (high | low) == 0) {
            return true;
        }
        return !UnderlayPeer.isMulticast(high, low) && (local == null || high == local.high() && low == local.low());
    }
}
