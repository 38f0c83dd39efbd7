package io.weft.underlay;

import io.weft.frame.Frame;
import io.weft.frame.Ipv6;
import io.weft.nativeio.Errno;
import io.weft.nativeio.FrameAddress;
import io.weft.nativeio.MessageVector;
import io.weft.nativeio.VirtioNetHeader;
import java.nio.ByteBuffer;

/**
 * Receives whole IPv6 packets from a packet socket. In front of each the kernel writes the link's header, and in front of that what is left
 * to be done to the packet (virtio_net_hdr): both land in the headroom where the link's header is Ethernet's, which loopback has too. Behind
 * another one the packet is moved to where it belongs.
 *
 * <p>Threads: confined.
 */
final class Ipv6PacketReceiver extends NativeReceiver {
    private static final int LINK_LENGTH = Ipv6PacketSettings.LANDING_HEADROOM - VirtioNetHeader.LENGTH;

    // struct tpacket_auxdata
    private static final int AUXDATA_LENGTH = 20;
    private static final int AUXDATA_NETWORK = 14; // where the IPv6 header is, from the link's header on

    private final ByteBuffer told;
    private final int[] lengths;
    private final int[] trafficClasses;
    private final long[] addresses; // source and destination of each
    private int undescribed; // packets that were, since that was told

    Ipv6PacketReceiver(SocketDescriptor socket, ErrorQueue errors) {
        super(socket, errors, true);
        told = vector().bytes();
        lengths = new int[capacity()];
        trafficClasses = new int[capacity()];
        addresses = new long[4 * capacity()];
    }

    @Override
    void point(int message, Frame landing) {
        int before = Ipv6PacketSettings.LANDING_HEADROOM;
        int room = Math.min(landing.capacity(), Frame.MAX_LENGTH);
        vector().part(message, FrameAddress.of(landing) - before, before + room);
    }

    @Override
    public int receive(Frame[] landings, int count) {
        int received = super.receive(landings, count);
        for (int message = 0; message < received; message++) {
            Frame packet = landings[message];
            int length = uncover(packet, message);
            boolean hasHeader = length >= Ipv6.HEADER_LENGTH;
            lengths[message] =
                    hasHeader ? Math.min(length, Ipv6.HEADER_LENGTH + Ipv6.payloadLength(packet, 0)) : length;
            trafficClasses[message] = hasHeader ? Ipv6.trafficClass(packet, 0) : 0;
            addresses[4 * message] = hasHeader ? Ipv6.sourceHigh(packet, 0) : 0;
            addresses[4 * message + 1] = hasHeader ? Ipv6.sourceLow(packet, 0) : 0;
            addresses[4 * message + 2] = hasHeader ? Ipv6.destinationHigh(packet, 0) : 0;
            addresses[4 * message + 3] = hasHeader ? Ipv6.destinationLow(packet, 0) : 0;
        }
        return received;
    }

    /** Has a packet lie where it belongs, with its metadata; returns the bytes of it, and what the link put behind it. */
    private int uncover(Frame packet, int message) {
        int network = LINK_LENGTH;
        if (vector().controlLength(message) >= MessageVector.CONTROL_HEADER_LENGTH + AUXDATA_LENGTH) {
            network = told.getShort(ControlMessages.data(vector().controlOffset(message)) + AUXDATA_NETWORK) & 0xffff;
        }
        ByteBuffer memory = packet.arena().memory();
        int start = packet.arenaOffset();
        VirtioNetHeader.read(memory, start - Ipv6PacketSettings.LANDING_HEADROOM, packet, -network);
        int moved = network - LINK_LENGTH;
        int written = Math.min(super.length(message) - Ipv6PacketSettings.LANDING_HEADROOM, Frame.MAX_LENGTH);
        int length = Math.max(0, Math.min(written - moved, Frame.MAX_LENGTH));
        if (moved != 0) {
            packet.putBytes(0, memory, start + moved, length);
        }
        return length;
    }

    /** The kernel gives a super-frame up that a virtio_net_hdr cannot describe. */
    @Override
    void passOver(int errno) {
        if (errno == Errno.EINVAL) {
            undescribed++;
        }
    }

    @Override
    public long takeOverflow() {
        int more = undescribed;
        undescribed = 0;
        return super.takeOverflow() + more;
    }

    @Override
    public int length(int message) {
        return lengths[message];
    }

    @Override
    public int segmentSize(int message) {
        return 0;
    }

    @Override
    public boolean isReassembled(int message) {
        return false;
    }

    @Override
    public long sourceHigh(int message) {
        return addresses[4 * message];
    }

    @Override
    public long sourceLow(int message) {
        return addresses[4 * message + 1];
    }

    @Override
    public int sourcePort(int message) {
        return 0;
    }

    @Override
    public long destinationHigh(int message) {
        return addresses[4 * message + 2];
    }

    @Override
    public long destinationLow(int message) {
        return addresses[4 * message + 3];
    }

    @Override
    public int trafficClass(int message) {
        return trafficClasses[message];
    }
}
