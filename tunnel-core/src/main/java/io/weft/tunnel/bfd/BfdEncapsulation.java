package io.weft.tunnel.bfd;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.IpAddress;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.frame.MacAddress;
import io.weft.offload.InternetChecksum;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.SplittableRandom;

/**
 * The Ethernet frame in which a BFD packet goes through a tunnel: made with {@link #put}, known again with {@link #isBfd}.
 *
 * <pre>
 *    0            14                      34             42                    66
 *   +------------+-----------------------+--------------+---------------------+
 *   | Ethernet   | IPv4, TTL 255         | UDP to 3784  | BfdPacket           |
 *   +------------+-----------------------+--------------+---------------------+
 *    0            14                      54             62                    86
 *   +------------+-----------------------+--------------+---------------------+
 *   | Ethernet   | IPv6, hop limit 255   | UDP to 3784  | BfdPacket           |
 *   +------------+-----------------------+--------------+---------------------+
 * </pre>
 *
 * <p><b>Open vSwitch</b> ({@code bfd:enable=true} on a tunnel's interface) sends IPv4 from 169.254.1.1 to 169.254.1.0
 * ({@code bfd_src_ip}, {@code bfd_dst_ip}), to 00:23:20:00:00:01 ({@code bfd_local_dst_mac}), in the tunnel's own key, with UDP
 * checksum 0 and traffic class CS6. It takes for BFD whatever a tunnel with BFD delivers as IPv4, UDP, port 3784 and not a later
 * fragment, to any MAC address unless {@code bfd_remote_dst_mac} names one, and to any IP address unless {@code bfd_src_ip} was
 * set, which then must be the destination; with {@code check_tnl_key=true} only in key 0. Then the TTL must be 255. It reads no
 * BFD over IPv6, and neither checksum. {@link #openVSwitch} makes what it makes.
 *
 * <p><b>RFC 8971</b> (BFD for VXLAN) wants one session for each remote VTEP, in a management VNI without tenants (4; VNI 1
 * where nobody says another), whose packets are never given to a tenant; the destination MAC address 00-00-5E-00-52-02, the source MAC
 * and IP address of the sending VTEP, a destination IP address that is no tenant's, from 127.0.0.0/8 or
 * ::ffff:127.0.0.0/104, and TTL 255 (5); the receiver discards what has another TTL (6; RFC 5881, 5). {@link #vxlan} makes
 * these. Which VNI they go to is the tunnel's to decide.
 *
 * <p>Stations behind a tunnel may well have BFD sessions with each other. Their frames are left alone here, by their destination
 * addresses; Open vSwitch takes them for its own.
 *
 * <p>Threads: immutable. {@link #put}, {@link #isBfd} and {@link #payload} allocate nothing and never throw.
 */
public final class BfdEncapsulation {
    /** UDP port of single-hop BFD (RFC 5881, 4). */
    public static final int PORT = 3_784;

    /** Open vSwitch's destination MAC address: 00:23:20:00:00:01. */
    public static final long OPEN_VSWITCH_MAC = 0x0023_2000_0001L;

    /** The destination MAC address of BFD for VXLAN: 00:00:5e:00:52:02 (RFC 8971, 5 and 8). */
    public static final long VXLAN_MAC = 0x0000_5e00_5202L;

    /** {@link #isBfd}: no further address. */
    public static final long NO_MAC = 0;

    private static final int LOWEST_SOURCE_PORT = 49_152; // RFC 5881, 4
    private static final int UDP_HEADER_LENGTH = 8;
    private static final int UDP_LENGTH = UDP_HEADER_LENGTH + BfdPacket.LENGTH;
    private static final int IP = Ethernet.HEADER_LENGTH;
    private static final int TTL = 255;
    private static final int CS6 = 0xc0; // network control (RFC 4594, 3.1)

    private static final int OPEN_VSWITCH_SOURCE = 0xa9fe_0101; // 169.254.1.1
    private static final int OPEN_VSWITCH_DESTINATION = 0xa9fe_0100; // 169.254.1.0
    private static final int LOOPBACK = 0x7f00_0001; // 127.0.0.1
    private static final long MAPPED = 0xffff_0000_0000L; // ::ffff:0:0/96, its lower half

    private static final BfdRefusal[] REFUSALS = BfdRefusal.values();

    private final long sourceMac;
    private final long destinationMac;
    private final boolean ipv6;
    private final long sourceHigh;
    private final long sourceLow; // an IPv4 address is its lowest 32 bits
    private final long destinationHigh;
    private final long destinationLow;
    private final int sourcePort;

    private BfdEncapsulation(
            long sourceMac,
            long destinationMac,
            boolean ipv6,
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow,
            int sourcePort) {
        if (!Ethernet.isLearnable(sourceMac)) {
            throw new IllegalArgumentException("the source MAC address of BFD is " + MacAddress.format(sourceMac)
                    + "; accepted: a station's own address");
        }
        if (sourcePort < LOWEST_SOURCE_PORT || sourcePort > 65_535) {
            throw new IllegalArgumentException(
                    "the source port of BFD is " + sourcePort + "; accepted: " + LOWEST_SOURCE_PORT + "..65535");
        }
        this.sourceMac = sourceMac;
        this.destinationMac = destinationMac;
        this.ipv6 = ipv6;
        this.sourceHigh = sourceHigh;
        this.sourceLow = sourceLow;
        this.destinationHigh = destinationHigh;
        this.destinationLow = destinationLow;
        this.sourcePort = sourcePort;
    }

    /**
     * As Open vSwitch has it unless told otherwise: IPv4, 169.254.1.1 to 169.254.1.0 at 00:23:20:00:00:01.
     *
     * @param sourceMac an address of the tunnel port's own
     * @param sourcePort the same for all packets of a session, and best not another session's: {@link #drawSourcePort}
     */
    public static BfdEncapsulation openVSwitch(long sourceMac, int sourcePort) {
        return new BfdEncapsulation(
                sourceMac, OPEN_VSWITCH_MAC, false, 0, OPEN_VSWITCH_SOURCE, 0, OPEN_VSWITCH_DESTINATION, sourcePort);
    }

    /**
     * As RFC 8971, 5 has it: to 127.0.0.1, or ::ffff:127.0.0.1 where the VTEP has an IPv6 address, at 00:00:5e:00:52:02.
     *
     * @param vtep the sending VTEP's address
     */
    public static BfdEncapsulation vxlan(long sourceMac, InetAddress vtep, int sourcePort) {
        long mapped = vtep instanceof Inet4Address ? 0 : MAPPED;
        return new BfdEncapsulation(
                sourceMac,
                VXLAN_MAC,
                !(vtep instanceof Inet4Address),
                high(vtep),
                low(vtep),
                0,
                mapped | LOOPBACK,
                sourcePort);
    }

    /**
     * With addresses of one's own choice.
     *
     * @param source of the same family as the destination
     * @throws IllegalArgumentException naming what is not accepted
     */
    public static BfdEncapsulation of(
            long sourceMac, long destinationMac, InetAddress source, InetAddress destination, int sourcePort) {
        if (source instanceof Inet4Address != destination instanceof Inet4Address) {
            throw new IllegalArgumentException("BFD from " + source.getHostAddress() + " to "
                    + destination.getHostAddress() + "; accepted: both IPv4 or both IPv6");
        }
        return new BfdEncapsulation(
                sourceMac,
                destinationMac,
                !(source instanceof Inet4Address),
                high(source),
                low(source),
                high(destination),
                low(destination),
                sourcePort);
    }

    private static long high(InetAddress address) {
        return address instanceof Inet4Address ? 0 : octets(address.getAddress(), 0, 8);
    }

    private static long low(InetAddress address) {
        byte[] bytes = address.getAddress();
        return octets(bytes, bytes.length == 4 ? 0 : 8, bytes.length == 4 ? 4 : 8);
    }

    private static long octets(byte[] bytes, int from, int count) {
        long value = 0;
        for (int i = from; i < from + count; i++) {
            value = value << 8 | bytes[i] & 0xff;
        }
        return value;
    }

    /** A random source port, 49152..65535 (RFC 5881, 4). */
    public static int drawSourcePort(SplittableRandom random) {
        return random.nextInt(LOWEST_SOURCE_PORT, 65_536);
    }

    // ---- sending ----

    /** Bytes of the whole frame. */
    public int frameLength() {
        return packetOffset() + BfdPacket.LENGTH;
    }

    /** Where in the frame the BFD packet is to be written, before {@link #put}. */
    public int packetOffset() {
        return IP + (ipv6 ? Ipv6.HEADER_LENGTH : Ipv4.HEADER_LENGTH) + UDP_HEADER_LENGTH;
    }

    /**
     * Writes the headers around a packet that stands at {@link #packetOffset}, with their checksums, and sets the frame's length.
     * Borrows the frame for the call; it has room for {@link #frameLength} bytes.
     */
    public void put(Frame frame) {
        frame.length(frameLength());
        frame.offload(0, 0, 0, 0, 0, 0);
        Ethernet.putMac(frame, 0, destinationMac);
        Ethernet.putMac(frame, 6, sourceMac);
        frame.putShort(12, ipv6 ? EtherType.IPV6 : EtherType.IPV4);
        if (ipv6) {
            Ipv6.put(frame, IP, CS6, UDP_LENGTH, Ipv4.UDP, TTL, sourceHigh, sourceLow, destinationHigh, destinationLow);
        } else {
            putIpv4(frame);
        }
        int udp = packetOffset() - UDP_HEADER_LENGTH;
        frame.putShort(udp, sourcePort);
        frame.putShort(udp + 2, PORT);
        frame.putShort(udp + 4, UDP_LENGTH);
        frame.putShort(udp + 6, 0);
        frame.putShort(
                udp + 6,
                InternetChecksum.udpChecksum(
                        pseudoHeader(frame, UDP_LENGTH) + InternetChecksum.sum(frame, udp, UDP_LENGTH)));
    }

    private void putIpv4(Frame frame) {
        frame.putInt(IP, 0x45 << 24 | CS6 << 16 | Ipv4.HEADER_LENGTH + UDP_LENGTH);
        frame.putInt(IP + 4, 0); // an atomic datagram needs no identification (RFC 6864, 4.1)
        frame.putInt(IP + 8, TTL << 24 | Ipv4.UDP << 16);
        frame.putInt(IP + 12, (int) sourceLow);
        frame.putInt(IP + 16, (int) destinationLow);
        frame.putShort(IP + 10, InternetChecksum.checksum(InternetChecksum.sum(frame, IP, Ipv4.HEADER_LENGTH)));
    }

    // ---- receiving ----

    /**
     * Whether a frame that came out of a tunnel is the tunnel's own BFD: to one of the two addresses above or
     * {@code mac}, IPv4 or IPv6 (without tags, extension headers), not a later fragment, UDP, to port 3784. What else is wrong
     * with it {@link #payload} finds. Such a frame is not for the bridge. Borrows the frame for the call.
     *
     * @param mac a further destination address, or {@link #NO_MAC}
     */
    public static boolean isBfd(Frame frame, long mac) {
        if (frame.length() < IP + Ipv4.HEADER_LENGTH + UDP_HEADER_LENGTH) {
            return false;
        }
        long destination = Ethernet.destination(frame);
        if (destination != OPEN_VSWITCH_MAC && destination != VXLAN_MAC && (destination != mac || mac == NO_MAC)) {
            return false;
        }
        int udp = udpOffset(frame);
        return udp != 0 && frame.length() - udp >= UDP_HEADER_LENGTH && frame.getShort(udp + 2) == PORT;
    }

    /** Where the UDP header is; 0 if there is none to be seen. The frame has an IPv4 and a UDP header's bytes. */
    private static int udpOffset(Frame frame) {
        int type = Ethernet.type(frame);
        if (type == EtherType.IPV4) {
            int headerLength = Ipv4.headerLength(frame, IP);
            boolean whole = Ipv4.version(frame, IP) == 4
                    && headerLength >= Ipv4.HEADER_LENGTH
                    && Ipv4.protocol(frame, IP) == Ipv4.UDP
                    && Ipv4.fragmentOffset(frame, IP) == 0;
            return whole ? IP + headerLength : 0;
        }
        if (type == EtherType.IPV6) {
            boolean whole =
                    Ipv6.isPresent(frame, IP) && Ipv6.version(frame, IP) == 6 && Ipv6.nextHeader(frame, IP) == Ipv4.UDP;
            return whole ? IP + Ipv6.HEADER_LENGTH : 0;
        }
        return 0;
    }

    /**
     * Where in a frame the BFD packet is, in one number for {@link #refusal}, {@link #payloadOffset} and
     * {@link #payloadLength}. Checked are lengths, TTL and checksums; a UDP checksum may be 0 over IPv4, and partial, which is
     * how frames of the local kernel come out of its tunnels. Borrows the frame for the call.
     *
     * @param frame one that {@link #isBfd} said yes to
     */
    public static int payload(Frame frame) {
        int udp = udpOffset(frame);
        int length = frame.getShort(udp + 4);
        boolean isIpv4 = Ethernet.type(frame) == EtherType.IPV4;
        int end = isIpv4 ? IP + Ipv4.totalLength(frame, IP) : IP + Ipv6.HEADER_LENGTH + Ipv6.payloadLength(frame, IP);
        boolean fragment = isIpv4 && (frame.getShort(IP + 6) & 0x3fff) != 0;
        if (end > frame.length() || length < UDP_HEADER_LENGTH || udp + length > end || fragment) {
            return refused(BfdRefusal.MALFORMED);
        }
        if (isIpv4 && InternetChecksum.sum(frame, IP, udp - IP) != 0xffff) {
            return refused(BfdRefusal.CHECKSUM);
        }
        if ((isIpv4 ? frame.getByte(IP + 8) : Ipv6.hopLimit(frame, IP)) != TTL) {
            return refused(BfdRefusal.TTL);
        }
        if (!isUdpChecksumRight(frame, udp, length, isIpv4)) {
            return refused(BfdRefusal.CHECKSUM);
        }
        return udp + UDP_HEADER_LENGTH << 16 | length - UDP_HEADER_LENGTH;
    }

    private static boolean isUdpChecksumRight(Frame frame, int udp, int length, boolean isIpv4) {
        if (frame.offloadFlags() != 0) {
            return true; // verified, or to be completed
        }
        int checksum = frame.getShort(udp + 6);
        if (checksum == 0) {
            return isIpv4; // RFC 768; not over IPv6 (RFC 8200, 8.1)
        }
        long pseudoHeader = pseudoHeader(frame, length);
        return InternetChecksum.fold(pseudoHeader + InternetChecksum.sum(frame, udp, length)) == 0xffff
                || checksum == InternetChecksum.fold(pseudoHeader);
    }

    private static long pseudoHeader(Frame frame, int udpLength) {
        return Ethernet.type(frame) == EtherType.IPV4
                ? InternetChecksum.ipv4PseudoHeader(frame, IP, Ipv4.UDP, udpLength)
                : InternetChecksum.ipv6PseudoHeader(frame, IP, Ipv4.UDP, udpLength);
    }

    @SuppressWarnings("EnumOrdinal") // goes from here to refusal(), no farther
    private static int refused(BfdRefusal reason) {
        return -1 - reason.ordinal();
    }

    /** Why {@link #payload} found the frame's headers wrong, or {@code null}. */
    public static BfdRefusal refusal(int payload) {
        return payload < 0 ? REFUSALS[-1 - payload] : null;
    }

    /** Where the UDP payload begins, in bytes from the frame's first, as {@link #payload} found it. */
    public static int payloadOffset(int payload) {
        return payload >>> 16;
    }

    /** Bytes of the UDP payload, as {@link #payload} found it. */
    public static int payloadLength(int payload) {
        return payload & 0xffff;
    }

    @Override
    public String toString() {
        return "BFD from " + MacAddress.format(sourceMac) + " " + format(sourceHigh, sourceLow) + " port " + sourcePort
                + " to " + MacAddress.format(destinationMac) + " " + format(destinationHigh, destinationLow);
    }

    private String format(long high, long low) {
        return ipv6 ? IpAddress.formatIpv6(high, low) : IpAddress.formatIpv4((int) low);
    }
}
