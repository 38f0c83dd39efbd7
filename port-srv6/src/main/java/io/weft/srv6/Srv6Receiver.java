package io.weft.srv6;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpFrame;
import io.weft.offload.OffloadCheck;
import io.weft.port.DropReason;
import io.weft.route.NextHop;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.TunnelReceiver;
import io.weft.underlay.UnderlayReceiver;

/**
 * Has packets go the way that their SID says: into the switch, or on to the next segment.
 *
 * <p>Threads: the listener's worker.
 */
final class Srv6Receiver extends TunnelReceiver {
    private final Srv6Listener listener;
    private final SidProcessor processor;
    private final TransitSender transit;
    private boolean taken;

    Srv6Receiver(
            Srv6Listener listener,
            UnderlayReceiver receiver,
            FramePool pool,
            SidProcessor processor,
            TransitSender transit) {
        super(receiver, pool, true);
        this.listener = listener;
        this.processor = processor;
        this.transit = transit;
    }

    @Override
    protected void countTooLong() {
        listener.count(Srv6Counter.TOO_LONG);
    }

    @Override
    protected void countEmpty() {
        listener.count(Srv6Counter.TOO_SHORT);
    }

    // ---- a message is one packet ----

    @Override
    protected void countAmbiguous() {
        throw new IllegalStateException("a packet was divided");
    }

    @Override
    protected int headerLength(Frame message) {
        return -1;
    }

    @Override
    protected boolean beginsDatagram(Frame message, int offset) {
        return false;
    }

    // ---- its way ----

    @Override
    protected boolean open(Frame packet) {
        taken = false;
        return switch (processor.process(packet)) {
            case DELIVER -> processor.payload() == Ipv6Header.ETHERNET ? deliverFrame(packet) : deliverPacket(packet);
            case FORWARD -> {
                transit.add(packet, processor.gateway(), processor.answering());
                taken = true;
                yield false;
            }
            case DROP -> {
                listener.count(processor.counter());
                if (processor.answer() != 0) {
                    taken = transit.answer(packet, processor.answer(), processor.answering());
                }
                yield false;
            }
        };
    }

    /** That of the last of several headers, perhaps. */
    @Override
    protected int outerTrafficClass() {
        return Math.max(0, processor.trafficClass());
    }

    @Override
    protected boolean hasTaken() {
        return taken;
    }

    @Override
    protected void polled() {
        transit.flush();
    }

    private boolean deliverFrame(Frame frame) {
        Srv6Binding binding = (Srv6Binding) processor.binding();
        Behaviour behaviour = processor.sid().behaviour();
        if (behaviour == Behaviour.END_DX2V
                && !binding.domain().contains(processor.sourceHigh(), processor.sourceLow())) {
            listener.count(Srv6Counter.OUTSIDE_DOMAIN); // but within that of a port of another VLAN
            return false;
        }
        if (behaviour == Behaviour.END_DT2M) {
            long argument = processor.argument(); // Arg.FE2: the sender has served that segment (RFC 8986, 4.12)
            frame.splitHorizonGroup(argument >>> 31 == 0 ? (int) argument : 0); // groups have no larger numbers
        }
        return deliver(frame, binding, true);
    }

    /** By a port; a station's frame tells behind whom the station is, which a routed packet does not. */
    private boolean deliver(Frame frame, Srv6Binding binding, boolean isOfStation) {
        RemoteEnd remote = binding.port().sender(processor.sourceHigh(), processor.sourceLow(), isOfStation);
        target(binding, remote);
        if (remote == null) {
            return drop(frame, DropReason.UNKNOWN_REMOTE);
        }
        if (!OffloadCheck.isSound(frame)) {
            return drop(frame, DropReason.MALFORMED);
        }
        return true;
    }

    /** Layer 3: by a port that takes packets, or to a station behind one that takes frames. */
    private boolean deliverPacket(Frame packet) {
        NextHop nextHop = processor.nextHop();
        boolean toStation = nextHop instanceof NextHop.ByStation;
        Srv6Binding binding = toStation
                ? binding(((NextHop.ByStation) nextHop).port())
                : nextHop instanceof NextHop.ByPort byPort ? binding(byPort.port()) : null;
        if (binding == null || binding.port().settings().mode().isEthernet() != toStation) {
            listener.count(Srv6Counter.NO_ROUTE); // it has left, or takes something else
            return false;
        }
        if (packet.headroom() < Ethernet.HEADER_LENGTH || packet.length() > Frame.MAX_LENGTH - Ethernet.HEADER_LENGTH) {
            listener.count(Srv6Counter.ENCAPSULATION_TOO_LONG); // behind headers that were made here
            return false;
        }
        packet.prepend(Ethernet.HEADER_LENGTH);
        if (packet.hasPendingOffload()) {
            packet.offload(
                    packet.offloadFlags(),
                    packet.gsoType(),
                    packet.gsoSize(),
                    packet.headerLength() + Ethernet.HEADER_LENGTH,
                    packet.checksumStart() + Ethernet.HEADER_LENGTH,
                    packet.checksumOffset());
        }
        if (!IpFrame.putHeader(packet)) {
            target(binding, null);
            return drop(packet, DropReason.MALFORMED);
        }
        if (toStation) {
            Ethernet.putMac(packet, 0, ((NextHop.ByStation) nextHop).mac());
            Ethernet.putMac(packet, 6, binding.port().routerMac());
        }
        return deliver(packet, binding, false);
    }

    /** Of a port that this receiver has packets for; frames for others would go from thread to thread. */
    private Srv6Binding binding(Object port) {
        return port instanceof Srv6Port srv6 ? srv6.binding(listener) : null;
    }

    /** The kernel has told what it left undone, and {@link #deliver} held that against the frame. */
    @Override
    protected boolean isUnfinished(Frame frame, int mtu) {
        return frame.hasPendingOffload();
    }
}
