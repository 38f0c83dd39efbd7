package io.weft.underlay;

import io.weft.frame.Frame;
import io.weft.nativeio.Errno;
import io.weft.nativeio.FrameAddress;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.MessageVector;
import java.nio.ByteBuffer;

/**
 * Sends datagrams by sendmmsg. Datagrams of one length that follow each other to one peer, of which the last may be shorter,
 * are a <em>run</em>: one message whose parts they are and which the kernel, or the network interface, cuts again
 * (UDP_SEGMENT). A run costs about as much as a single datagram does. A raw socket has no runs.
 *
 * <p>The parts of all messages lie behind each other in the order in which the datagrams were added, so that a message can
 * be made of any number of them.
 *
 * <p>Threads: confined; several of a socket's may send at once.
 */
final class NativeSender implements UnderlaySender {
    private static final int CAPACITY = 512;

    /** Most datagrams of a run (UDP_MAX_SEGMENTS before Linux 6.9). */
    private static final int LONGEST_RUN = 64;

    /**
     * Bytes of the longest run over IPv4: the kernel itself cuts what is, with an Ethernet header, two tags, and those of IP
     * and UDP, 65,536 bytes or longer.
     */
    private static final int IPV4_LONGEST_RUN_BYTES = 65_485;

    private static final int IPV6_LONGEST_RUN_BYTES = 65_465;

    /** Datagrams to be sent one by one after an interface could not cut a run. */
    private static final int RESPITE = 65_536;

    private static final int MOST_FLOW_LABEL = 0xf_ffff;

    private static final int IPV6_HEADER_LENGTH = 40;
    private static final int IPV6_DESTINATION = 24;

    private static final int TRAFFIC_CLASS_LENGTH = 4; // an int
    private static final int SEGMENT_LENGTH = 2; // an unsigned short

    private final int descriptor;
    private final ErrorQueue errors;
    private final boolean ipv6;
    private final int socketTrafficClass;
    private final boolean raw;
    private final boolean packets; // whole ones, with their headers
    private final boolean segmentation;
    private final int longestRunBytes;
    private final MessageVector vector;
    private final ByteBuffer bytes; // the vector's memory

    private final int[] lengths = new int[CAPACITY]; // of each datagram
    private final SendOutcome[] outcomes = new SendOutcome[CAPACITY];
    private int size;
    private final int[] first = new int[CAPACITY + 1]; // datagram of each message, and the end
    private int messages;

    // the newest message
    private UnderlayPeer peer;
    private int trafficClass;
    private int flowLabel;
    private int control; // bytes of its control messages
    private int segment; // bytes of each of its datagrams but the last; 0 when nothing can follow
    private int room; // bytes that may still be added to it

    private int respite; // datagrams until runs are tried again

    /**
     * A sender through a socket.
     *
     * @param segmentation whether runs may be tried
     */
    NativeSender(SocketDescriptor socket, ErrorQueue errors, IpSettings settings, boolean segmentation) {
        this.descriptor = socket.number();
        this.errors = errors;
        this.ipv6 = settings.ipv6();
        this.socketTrafficClass = settings.trafficClass();
        this.raw = !(settings instanceof UdpSettings);
        this.packets = settings instanceof Ipv6PacketSettings;
        this.segmentation = segmentation;
        longestRunBytes = ipv6 ? IPV6_LONGEST_RUN_BYTES : IPV4_LONGEST_RUN_BYTES;
        vector = new MessageVector(
                CAPACITY,
                1,
                Sockaddr.length(ipv6),
                ControlMessages.space(TRAFFIC_CLASS_LENGTH) + ControlMessages.space(SEGMENT_LENGTH));
        bytes = vector.bytes();
    }

    @Override
    public int capacity() {
        return CAPACITY;
    }

    @Override
    public int size() {
        return size;
    }

    /** Messages that they have become. */
    int messages() {
        return messages;
    }

    // ---- what is to be sent ----

    @Override
    public void add(Frame frame, UnderlayPeer to, int wantedTrafficClass, int label) {
        int length = frame.length();
        int wanted = wantedTrafficClass < 0 ? socketTrafficClass : wantedTrafficClass;
        if (length == 0 || length > segment || length > room || !isNewest(to, wanted, label)) {
            begin(to, wanted, label, length);
        } else {
            extend(length);
        }
        append(frame, length);
    }

    @Override
    public void addPacket(Frame packet) {
        if (!packets) {
            UnderlaySender.super.addPacket(packet);
        }
        int length = packet.length();
        boolean hasHeader = length >= IPV6_HEADER_LENGTH; // what has none goes nowhere, and the kernel refuses it
        int first = hasHeader ? packet.getInt(0) : 0;
        finish();
        Sockaddr.putIpv6(
                bytes,
                vector.nameOffset(messages),
                hasHeader ? packet.getLong(IPV6_DESTINATION) : 0,
                hasHeader ? packet.getLong(IPV6_DESTINATION + 8) : 0,
                first & MOST_FLOW_LABEL);
        begin(first >>> 20 & 0xff);
        segment = 0;
        append(packet, length);
    }

    private void append(Frame frame, int length) {
        vector.part(size, FrameAddress.of(frame), length);
        lengths[size] = length;
        size++;
    }

    private boolean isNewest(UnderlayPeer to, int wanted, int label) {
        return wanted == trafficClass
                && label == flowLabel
                && size - first[messages - 1] < LONGEST_RUN
                && to.equals(peer);
    }

    private void begin(UnderlayPeer to, int wanted, int label, int length) {
        if (to.isIpv4() == ipv6) {
            throw new IllegalArgumentException(
                    "peer is " + to + "; accepted: an address of the socket's family, " + (ipv6 ? "IPv6" : "IPv4"));
        }
        if (raw && to.port() != 0) {
            throw new IllegalArgumentException("peer is " + to + "; accepted: port 0, as this socket is a raw one");
        }
        finish();
        int name = vector.nameOffset(messages);
        Sockaddr.put(bytes, name, ipv6, to);
        if (ipv6 && label != 0) {
            Sockaddr.flowLabel(bytes, name, label & MOST_FLOW_LABEL);
        }
        begin(wanted);
        peer = to;
        flowLabel = label;
        room = longestRunBytes - length;
        segment = length;
        if (!segmentation) {
            segment = 0;
        } else if (respite > 0) {
            respite--;
            segment = 0;
        }
    }

    /** Begins a message whose address is written already. */
    private void begin(int wanted) {
        first[messages] = size;
        control = 0;
        if (wanted != socketTrafficClass) {
            putTrafficClass(wanted);
        }
        trafficClass = wanted;
        messages++;
    }

    private void putTrafficClass(int wanted) {
        int at = vector.controlOffset(messages);
        control = ipv6
                ? ControlMessages.put(bytes, at, SocketDescriptor.SOL_IPV6, IpSetup.IPV6_TCLASS, TRAFFIC_CLASS_LENGTH)
                : ControlMessages.put(bytes, at, SocketDescriptor.SOL_IP, IpSetup.IP_TOS, TRAFFIC_CLASS_LENGTH);
        bytes.putInt(ControlMessages.data(at), wanted);
    }

    private void extend(int length) {
        room -= length;
        if (length < segment) {
            segment = 0; // a shorter one ends a run
        }
    }

    /** Completes the newest message, of which all datagrams are known now. */
    private void finish() {
        if (messages == 0) {
            return;
        }
        int message = messages - 1;
        int count = size - first[message];
        vector.parts(message, first[message], count);
        int length = control;
        if (count > 1) {
            int at = vector.controlOffset(message) + control;
            length += ControlMessages.put(bytes, at, SocketDescriptor.SOL_UDP, UdpSetup.UDP_SEGMENT, SEGMENT_LENGTH);
            bytes.putShort(ControlMessages.data(at), (short) lengths[first[message]]);
        }
        vector.controlLength(message, length);
    }

    @Override
    public void clear() {
        size = 0;
        messages = 0;
        segment = 0;
        peer = null;
    }

    @Override
    public SendOutcome outcome(int index) {
        return outcomes[index];
    }

    // ---- sending it ----

    @Override
    public void flush() {
        finish();
        first[messages] = size;
        int message = 0;
        while (message < messages) {
            int sent = send(message, messages - message);
            if (sent > 0) {
                record(first[message], first[message + sent], SendOutcome.SENT);
                message += sent;
            } else if (-sent == Errno.EAGAIN) {
                record(first[message], size, SendOutcome.QUEUE_FULL); // there is no room for any of them
                message = messages;
            } else if (-sent != Errno.EINVAL || !takeFlowLabel(message)) {
                refused(message, -sent);
                message++;
            }
        }
        segment = 0; // what is added from here on is not part of what was sent
    }

    /** Sends messages; returns how many were, at least 1, or the negative of the error number that the first met. */
    private int send(int message, int count) {
        int sent = vector.send(descriptor, message, count, LibC.MSG_DONTWAIT);
        for (int attempt = 0; sent < 0; attempt++) {
            int errno = Linux.errno();
            if (SendErrors.isTold(errno)) {
                errors.expect();
            }
            if (attempt >= SendErrors.retries(errno)) {
                return -errno;
            }
            sent = vector.send(descriptor, message, count, LibC.MSG_DONTWAIT);
        }
        return sent;
    }

    /**
     * Takes a message's flow label away, if it has one. The kernel refuses those that another program has leased for itself,
     * and before Linux 5.3 all that this one has not.
     */
    private boolean takeFlowLabel(int message) {
        int name = vector.nameOffset(message);
        if (!ipv6 || Sockaddr.flowLabel(bytes, name) == 0) {
            return false;
        }
        Sockaddr.flowLabel(bytes, name, 0);
        return true;
    }

    private void refused(int message, int errno) {
        boolean mayPassOneByOne = errno == Errno.EMSGSIZE || errno == Errno.EIO || errno == Errno.EINVAL;
        if (mayPassOneByOne && first[message + 1] - first[message] > 1) {
            sendOneByOne(message, errno);
        } else {
            record(first[message], first[message + 1], SendErrors.outcome(errno));
        }
    }

    /** Sends a run that was refused as one message: an interface may not cut it, or its last datagram alone may fit. */
    private void sendOneByOne(int message, int errno) {
        int begin = first[message];
        int end = first[message + 1];
        vector.controlLength(message, vector.controlLength(message) - ControlMessages.space(SEGMENT_LENGTH));
        for (int datagram = begin; datagram < end; datagram++) {
            if (datagram > begin && outcomes[begin] == SendOutcome.TOO_LONG && lengths[datagram] == lengths[begin]) {
                outcomes[datagram] = SendOutcome.TOO_LONG;
                continue;
            }
            vector.parts(message, datagram, 1);
            int sent = send(message, 1);
            if (-sent == Errno.EAGAIN) {
                record(datagram, end, SendOutcome.QUEUE_FULL);
                break;
            }
            outcomes[datagram] = sent > 0 ? SendOutcome.SENT : SendErrors.outcome(-sent);
        }
        if (errno != Errno.EMSGSIZE && outcomes[begin] == SendOutcome.SENT) {
            respite = RESPITE;
        }
    }

    private void record(int from, int to, SendOutcome outcome) {
        for (int datagram = from; datagram < to; datagram++) {
            outcomes[datagram] = outcome;
        }
    }
}
