package io.weft.underlay;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.nativeio.Errno;
import io.weft.nativeio.FrameAddress;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.MessageVector;
import java.nio.ByteBuffer;

/**
 * Receives datagrams by recvmmsg. What came with one is looked at when it is asked for, once.
 *
 * <p>Threads: confined.
 */
class NativeReceiver implements UnderlayReceiver {
    private static final int CAPACITY = FrameBatch.DEFAULT_CAPACITY;

    /** Answers to earlier datagrams that one call passes over before it gives up: more than come in that time. */
    private static final int PATIENCE = 64;

    private static final int IPV4_PKTINFO_LENGTH = 12; // index, local address, destination
    private static final int IPV4_PKTINFO_ADDRESS = 8;
    private static final int IPV6_PKTINFO_LENGTH = 20; // destination, index

    /** Room for the control messages of a datagram: segment size, destination, TOS, longest fragment. */
    static final int CONTROL_CAPACITY = ControlMessages.space(IPV6_PKTINFO_LENGTH) + 3 * ControlMessages.space(4);

    private final SocketDescriptor socket;
    private final int descriptor;
    private final ErrorQueue errors;
    private final boolean ipv6;
    private final MessageVector vector;
    private final ByteBuffer told; // the vector's memory
    private int failure;

    private int looked = -1; // the message that these are of
    private int segmentSize;
    private int trafficClass;
    private boolean reassembled;
    private int destination; // offset of the bare address, or -1

    private int drops; // of the socket so far, modulo 2^32
    private int dropsTold; // of those, told by takeOverflow

    NativeReceiver(SocketDescriptor socket, ErrorQueue errors, boolean ipv6) {
        this.socket = socket;
        this.descriptor = socket.number();
        this.errors = errors;
        this.ipv6 = ipv6;
        vector = new MessageVector(CAPACITY, 1, Sockaddr.length(ipv6), CONTROL_CAPACITY);
        told = vector.bytes();
    }

    @Override
    public int capacity() {
        return CAPACITY;
    }

    @Override
    public int receive(Frame[] landings, int count) {
        for (int message = 0; message < count; message++) {
            point(message, landings[message]);
        }
        looked = -1;
        failure = 0;
        int received = receivePatiently(count);
        errors.idle(received < count);
        return received;
    }

    /** The messages, with what the kernel tells beside them. */
    final MessageVector vector() {
        return vector;
    }

    /** Says where a message is to lie. */
    void point(int message, Frame landing) {
        vector.part(message, FrameAddress.of(landing), landing.capacity());
    }

    /** Passes over the answers to what was sent, each of which makes one call fail and loses no datagram. */
    private int receivePatiently(int count) {
        int errno = 0;
        for (int attempt = 0; attempt < PATIENCE; attempt++) {
            int received = vector.receive(descriptor, count, LibC.MSG_DONTWAIT);
            if (received >= 0) {
                return received;
            }
            errno = Linux.errno();
            if (errno == Errno.EAGAIN) {
                return 0;
            }
            passOver(errno);
        }
        failure = errno;
        return 0;
    }

    /** Something else than a datagram was received, which made the call fail. */
    void passOver(int errno) {
        if (SendErrors.isTold(errno)) {
            errors.expect();
        }
    }

    @Override
    public int failure() {
        return failure;
    }

    @Override
    public int length(int message) {
        return vector.length(message);
    }

    @Override
    public boolean isCut(int message) {
        return (vector.flags(message) & LibC.MSG_TRUNC) != 0;
    }

    // ---- whose it is ----

    @Override
    public long sourceHigh(int message) {
        return Sockaddr.high(told, vector.nameOffset(message));
    }

    @Override
    public long sourceLow(int message) {
        return Sockaddr.low(told, vector.nameOffset(message));
    }

    @Override
    public int sourcePort(int message) {
        return Sockaddr.port(told, vector.nameOffset(message));
    }

    // ---- what came with it ----

    @Override
    public int segmentSize(int message) {
        look(message);
        return segmentSize;
    }

    /** The kernel tells the longest fragment's length, and only when there were fragments. */
    @Override
    public boolean isReassembled(int message) {
        look(message);
        return reassembled;
    }

    @Override
    public int trafficClass(int message) {
        look(message);
        return trafficClass;
    }

    @Override
    public long destinationHigh(int message) {
        look(message);
        return destination >= 0 && ipv6 ? Sockaddr.highOfIpv6(told, destination) : 0;
    }

    @Override
    public long destinationLow(int message) {
        look(message);
        if (destination < 0) {
            return 0;
        }
        return ipv6 ? Sockaddr.lowOfIpv6(told, destination) : Sockaddr.lowOfIpv4(told, destination);
    }

    private void look(int message) {
        if (message == looked) {
            return;
        }
        looked = message;
        segmentSize = 0;
        trafficClass = 0;
        reassembled = false;
        destination = -1;
        int end = vector.controlOffset(message) + vector.controlLength(message);
        for (int at = vector.controlOffset(message);
                ControlMessages.isAt(told, at, end);
                at = ControlMessages.next(told, at)) {
            switch (ControlMessages.level(told, at)) {
                case SocketDescriptor.SOL_UDP -> lookAtUdp(at, vector.length(message));
                case SocketDescriptor.SOL_IP -> lookAtIpv4(at);
                case SocketDescriptor.SOL_IPV6 -> lookAtIpv6(at);
                default -> {}
            }
        }
    }

    private void lookAtUdp(int at, int length) {
        if (ControlMessages.type(told, at) == UdpSetup.UDP_GRO && ControlMessages.dataLength(told, at) >= 4) {
            int size = told.getInt(ControlMessages.data(at));
            segmentSize = size < length ? size : 0;
        }
    }

    private void lookAtIpv4(int at) {
        int length = ControlMessages.dataLength(told, at);
        switch (ControlMessages.type(told, at)) {
            case IpSetup.IP_TOS -> {
                if (length >= 1) {
                    trafficClass = told.get(ControlMessages.data(at)) & 0xff;
                }
            }
            case IpSetup.IP_RECVFRAGSIZE -> reassembled = true;
            case UdpSetup.IP_PKTINFO -> {
                if (length >= IPV4_PKTINFO_LENGTH) {
                    destination = ControlMessages.data(at) + IPV4_PKTINFO_ADDRESS;
                }
            }
            default -> {}
        }
    }

    private void lookAtIpv6(int at) {
        int length = ControlMessages.dataLength(told, at);
        switch (ControlMessages.type(told, at)) {
            case IpSetup.IPV6_TCLASS -> {
                if (length >= 4) {
                    trafficClass = told.getInt(ControlMessages.data(at)) & 0xff;
                }
            }
            case IpSetup.IPV6_RECVFRAGSIZE -> reassembled = true;
            case IpSetup.IPV6_PKTINFO -> {
                if (length >= IPV6_PKTINFO_LENGTH) {
                    destination = ControlMessages.data(at);
                }
            }
            default -> {}
        }
    }

    // ---- what did not come ----

    /**
     * The socket is asked. Its datagrams could tell (SO_RXQ_OVFL), but a kernel with hardened user copies has a bug there: it
     * kills the thread that receives, in the middle of the call, when it is to tell with a datagram whose buffer came from TCP,
     * as one does that a VXLAN device of the same machine sent.
     */
    @Override
    public long takeOverflow() {
        long count = socket.drops();
        if (count >= 0) {
            drops = (int) count;
        }
        int more = drops - dropsTold;
        dropsTold = drops;
        return more & 0xffff_ffffL;
    }
}
