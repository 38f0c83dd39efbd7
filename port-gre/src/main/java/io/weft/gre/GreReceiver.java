package io.weft.gre;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpFrame;
import io.weft.gre.GreSettings.Payload;
import io.weft.offload.EncapsulatedOffload;
import io.weft.port.DropReason;
import io.weft.tunnel.RemoteEnds;
import io.weft.tunnel.TunnelBinding;
import io.weft.tunnel.TunnelReceiver;
import io.weft.underlay.UnderlayReceiver;

/**
 * Takes frames out of what a GRE socket receives. What is checked, in this order: the header's bits, what is inside, the key and
 * the remote end, fragments, the checksum, the sequence number; then what {@link TunnelReceiver} checks for all tunnels.
 *
 * <p>Threads: the listener's worker.
 */
final class GreReceiver extends TunnelReceiver {
    private static final long NOT_LOOKED = -1; // no place

    private final GreListener listener;
    private long place; // of the last datagram from the same sender
    private boolean nvgre; // whether its header may be NVGRE's
    private long subnet; // where its port was found, if that was by its VSID

    GreReceiver(GreListener listener, UnderlayReceiver receiver, FramePool pool, boolean raw) {
        super(receiver, pool, raw);
        this.listener = listener;
    }

    @Override
    protected void countTooLong() {
        listener.count(GreCounter.TOO_LONG);
    }

    @Override
    protected void countEmpty() {
        listener.count(GreCounter.TOO_SHORT);
    }

    @Override
    protected void countAmbiguous() {
        listener.count(GreCounter.AMBIGUOUS);
    }

    @Override
    protected int headerLength(Frame message) {
        if (GreHeader.check(message, false) != null) {
            return -1;
        }
        int first = GreHeader.first(message);
        return isCarried(GreHeader.protocolType(first)) ? GreHeader.length(first) : -1;
    }

    @Override
    protected int packetType(Frame message) {
        int type = GreHeader.protocolType(GreHeader.first(message));
        return type == GreHeader.TRANSPARENT_ETHERNET ? 0 : type;
    }

    private static boolean isCarried(int type) {
        return type == GreHeader.TRANSPARENT_ETHERNET || type == EtherType.IPV4 || type == EtherType.IPV6;
    }

    /**
     * Any header that is sent: tunnels of all kinds may be in one burst. Payload has its bytes there 24 times in 2^32 by chance.
     */
    @Override
    protected boolean beginsDatagram(Frame message, int offset) {
        if (offset + GreHeader.MIN_LENGTH > message.length()) {
            return false;
        }
        int first = message.getInt(offset);
        return GreHeader.isPlain(first) && isCarried(GreHeader.protocolType(first));
    }

    @Override
    protected void begun() {
        place = NOT_LOOKED;
        subnet = NOT_LOOKED;
    }

    @Override
    protected boolean open(Frame packet) {
        GreRefusal refusal = GreHeader.check(packet, false);
        if (refusal != null) {
            return refuse(GreCounter.of(refusal));
        }
        int first = GreHeader.first(packet);
        int type = GreHeader.protocolType(first);
        boolean ethernet = type == GreHeader.TRANSPARENT_ETHERNET;
        if (!isCarried(type)) {
            return refuse(GreCounter.UNKNOWN_PROTOCOL);
        }
        long key = GreHeader.key(packet, first);
        long newPlace = GrePlace.of(ethernet ? Payload.ETHERNET : Payload.IP, key);
        if (newPlace != place || Nvgre.isNvgre(first) != nvgre) {
            place = newPlace;
            nvgre = Nvgre.isNvgre(first);
            demultiplex(nvgre ? GrePlace.of(Payload.NVGRE, Nvgre.vsid(key)) : NOT_LOOKED);
        }
        GreBinding binding = (GreBinding) binding();
        if (binding == null) {
            return refuse(GreCounter.UNKNOWN_KEY);
        }
        if (remote() == RemoteEnds.OURSELVES) {
            return refuse(GreCounter.OWN_ADDRESS);
        }
        if (remote() == null) {
            return drop(packet, DropReason.UNKNOWN_REMOTE);
        }
        GreSettings settings = binding.port().settings();
        if (isReassembled() && !settings.fragments()) {
            return refuse(GreCounter.FRAGMENT);
        }
        if (settings.strict() && GreHeader.check(packet, true) != null) {
            return drop(packet, DropReason.MALFORMED);
        }
        boolean summed = GreHeader.hasChecksum(first);
        boolean sound = summed ? GreHeader.hasValidChecksum(packet) : !settings.checksumRequired();
        long number = settings.sequence() ? GreHeader.sequence(packet, first) : GreHeader.NONE;
        packet.consume(GreHeader.length(first));
        if (!ethernet && !pushEthernet(packet, type)) {
            return drop(packet, DropReason.MALFORMED);
        }
        if (!sound && !(summed && isMerged(packet, binding.port()))) {
            return drop(packet, DropReason.TUNNEL_CHECKSUM);
        }
        return number == GreHeader.NONE || isNext(number) || drop(packet, DropReason.TUNNEL_SEQUENCE);
    }

    private boolean isNext(long number) {
        return ((GreNumbers) remote().attachment()).received().accept((int) number, nowNs());
    }

    /**
     * Whether the kernel has merged several packets into this one (GRO), after it verified the checksum of each, of which it
     * leaves the first: then it has left undone the checksum of what is inside, too.
     */
    private static boolean isMerged(Frame frame, GrePort port) {
        boolean merged = EncapsulatedOffload.recognise(frame, port.effectiveMtu(), 0);
        frame.offload(0, 0, 0, 0, 0, 0); // that is found out once more, in its turn
        return merged;
    }

    private boolean refuse(GreCounter reason) {
        listener.count(reason);
        return false;
    }

    /**
     * Finds the port and the remote end of a packet: a port with exactly its key goes first. Without one, what is in the same
     * virtual subnet as the packet before, of another flow perhaps, has the same ones.
     */
    private void demultiplex(long newSubnet) {
        TunnelBinding[] exact = listener.ports(place);
        if (exact.length == 0 && newSubnet != NOT_LOOKED && newSubnet == subnet) {
            return;
        }
        subnet = NOT_LOOKED;
        if (target(exact) || newSubnet == NOT_LOOKED) {
            return;
        }
        GreBinding there = (GreBinding) binding();
        if (target(listener.ports(newSubnet))) {
            subnet = newSubnet;
        } else if (binding() == null) {
            target(there, null);
        }
    }

    /** Has a packet be a frame; {@code false} when it is not of the version that the protocol type says. */
    private static boolean pushEthernet(Frame packet, int type) {
        packet.prepend(Ethernet.HEADER_LENGTH);
        return IpFrame.putHeader(packet) && Ethernet.type(packet) == type;
    }
}
