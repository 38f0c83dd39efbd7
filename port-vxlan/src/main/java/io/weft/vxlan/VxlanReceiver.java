package io.weft.vxlan;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import io.weft.tunnel.RemoteEnds;
import io.weft.tunnel.TunnelReceiver;
import io.weft.underlay.UnderlayReceiver;

/**
 * Takes frames out of what a VTEP's socket receives. What is checked, in this order: the header, the VNI, the remote end; then
 * what {@link TunnelReceiver} checks for all tunnels.
 *
 * <p>Threads: the VTEP's worker.
 */
final class VxlanReceiver extends TunnelReceiver {
    private final Vtep vtep;
    private int vni; // of the last datagram from the same sender
    private boolean looked; // whether a port was looked for

    VxlanReceiver(Vtep vtep, UnderlayReceiver receiver, FramePool pool) {
        super(receiver, pool, false);
        this.vtep = vtep;
    }

    @Override
    protected void countTooLong() {
        vtep.count(VtepCounter.TOO_LONG);
    }

    @Override
    protected void countEmpty() {
        vtep.count(VtepCounter.TOO_SHORT);
    }

    @Override
    protected void countAmbiguous() {
        vtep.count(VtepCounter.AMBIGUOUS);
    }

    @Override
    protected int headerLength(Frame message) {
        return VxlanHeader.LENGTH;
    }

    /** All reserved bits are zero, as a VTEP sends them: payload is so once in 2^40 times by chance. */
    @Override
    protected boolean beginsDatagram(Frame message, int offset) {
        return offset + VxlanHeader.LENGTH <= message.length() && VxlanHeader.isPlain(message.getLong(offset));
    }

    @Override
    protected void begun() {
        looked = false;
    }

    @Override
    protected boolean open(Frame datagram) {
        if (datagram.length() < VxlanHeader.LENGTH) {
            return refuse(VtepCounter.TOO_SHORT);
        }
        long header = datagram.getLong(0);
        if (!VxlanHeader.hasVni(header)) {
            return refuse(VtepCounter.NO_VNI);
        }
        if (VxlanHeader.isGroupBasedPolicy(header)) {
            return refuse(VtepCounter.GROUP_BASED_POLICY);
        }
        if (VxlanHeader.isProtocolExtension(header)) {
            return refuse(VtepCounter.PROTOCOL_EXTENSION);
        }
        datagram.consume(VxlanHeader.LENGTH);
        int newVni = VxlanHeader.vni(header);
        if (newVni != vni || !looked) {
            vni = newVni;
            looked = true;
            target(vtep.ports(vni));
        }
        if (binding() == null) {
            return refuse(VtepCounter.UNKNOWN_VNI);
        }
        if (remote() == RemoteEnds.OURSELVES) {
            return refuse(VtepCounter.OWN_ADDRESS);
        }
        if (remote() == null) {
            return drop(datagram, DropReason.UNKNOWN_REMOTE);
        }
        if (!VxlanHeader.isPlain(header) && ((VxlanPort) binding().port()).isStrict()) {
            return drop(datagram, DropReason.MALFORMED);
        }
        return true;
    }

    private boolean refuse(VtepCounter reason) {
        vtep.count(reason);
        return false;
    }

    @Override
    protected void accepted(Frame frame) {
        ((VxlanPort) binding().port()).restoreTag(frame, vni);
    }
}
