package io.weft.underlay;

import io.weft.nativeio.LibC;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Socket addresses as the kernel has them, in memory of the machine's byte order.
 *
 * <pre>
 *   sockaddr_in    0 family   2 port   4 address
 *   sockaddr_in6   0 family   2 port   4 flow label   8 address   24 scope
 *   sockaddr_ll    0 family   2 EtherType   4 index of the interface   8 what follows is told only
 * </pre>
 *
 * <p>Threads: stateless.
 */
final class Sockaddr {
    /** Bytes of a {@code struct sockaddr_in}. */
    static final int IPV4_LENGTH = 16;

    /** Bytes of a {@code struct sockaddr_in6}. */
    static final int IPV6_LENGTH = 28;

    /** Bytes of a {@code struct sockaddr_ll}. */
    static final int LINK_LENGTH = 20;

    private static final int PORT = 2;
    private static final int LINK_INDEX = 4;
    private static final int IPV4_ADDRESS = 4;
    private static final int FLOW = 4;
    private static final int IPV6_ADDRESS = 8;
    private static final int SCOPE = 24;
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private Sockaddr() {}

    /** Bytes of an address of a family. */
    static int length(boolean ipv6) {
        return ipv6 ? IPV6_LENGTH : IPV4_LENGTH;
    }

    /** Writes an address of a family; a mapped one in the family IPv6 stays a mapped one. */
    static void put(ByteBuffer bytes, int offset, boolean ipv6, UnderlayPeer peer) {
        bytes.putShort(offset, (short) (ipv6 ? LibC.AF_INET6 : LibC.AF_INET));
        bytes.putShort(offset + PORT, networkOrder((short) peer.port()));
        if (ipv6) {
            flowLabel(bytes, offset, 0);
            putIpv6(bytes, offset + IPV6_ADDRESS, peer);
            bytes.putInt(offset + SCOPE, peer.scopeId());
        } else {
            putIpv4(bytes, offset + IPV4_ADDRESS, peer);
        }
    }

    /** Writes an IPv6 address with a flow label, 0..0xfffff, but neither port nor scope. */
    static void putIpv6(ByteBuffer bytes, int offset, long high, long low, int label) {
        bytes.putShort(offset, (short) LibC.AF_INET6);
        bytes.putShort(offset + PORT, (short) 0);
        flowLabel(bytes, offset, label);
        bytes.putLong(offset + IPV6_ADDRESS, networkOrder(high));
        bytes.putLong(offset + IPV6_ADDRESS + 8, networkOrder(low));
        bytes.putInt(offset + SCOPE, 0);
    }

    /** Writes the address of the link layer that stands for what comes by an interface, or by any for 0. */
    static void putLink(ByteBuffer bytes, int offset, int etherType, int index) {
        bytes.putShort(offset, (short) LibC.AF_PACKET);
        bytes.putShort(offset + PORT, networkOrder((short) etherType));
        bytes.putInt(offset + LINK_INDEX, index);
    }

    /** Writes the flow label, 0..0xfffff, of an IPv6 address; the traffic class beside it stays with the socket. */
    static void flowLabel(ByteBuffer bytes, int offset, int label) {
        bytes.putInt(offset + FLOW, networkOrder(label));
    }

    /** The flow label of an IPv6 address, or what lies where it would. */
    static int flowLabel(ByteBuffer bytes, int offset) {
        return networkOrder(bytes.getInt(offset + FLOW));
    }

    /** Writes a bare {@code struct in_addr}. */
    static void putIpv4(ByteBuffer bytes, int offset, UnderlayPeer peer) {
        bytes.putInt(offset, networkOrder((int) peer.low()));
    }

    /** Writes a bare {@code struct in6_addr}. */
    static void putIpv6(ByteBuffer bytes, int offset, UnderlayPeer peer) {
        bytes.putLong(offset, networkOrder(peer.high()));
        bytes.putLong(offset + 8, networkOrder(peer.low()));
    }

    private static boolean isIpv6(ByteBuffer bytes, int offset) {
        return bytes.getShort(offset) == LibC.AF_INET6;
    }

    /** The address's first half, as in {@link UnderlayPeer}. */
    static long high(ByteBuffer bytes, int offset) {
        return isIpv6(bytes, offset) ? highOfIpv6(bytes, offset + IPV6_ADDRESS) : 0;
    }

    /** The second half. */
    static long low(ByteBuffer bytes, int offset) {
        return isIpv6(bytes, offset)
                ? lowOfIpv6(bytes, offset + IPV6_ADDRESS)
                : lowOfIpv4(bytes, offset + IPV4_ADDRESS);
    }

    /** The port, 0..65535. */
    static int port(ByteBuffer bytes, int offset) {
        return networkOrder(bytes.getShort(offset + PORT)) & 0xffff;
    }

    /** All of an address. */
    static UnderlayPeer peer(ByteBuffer bytes, int offset) {
        int scope = isIpv6(bytes, offset) ? bytes.getInt(offset + SCOPE) : 0;
        return new UnderlayPeer(high(bytes, offset), low(bytes, offset), scope, port(bytes, offset));
    }

    /** A bare {@code struct in6_addr}'s first half. */
    static long highOfIpv6(ByteBuffer bytes, int offset) {
        return networkOrder(bytes.getLong(offset));
    }

    /** A bare {@code struct in6_addr}'s second half. */
    static long lowOfIpv6(ByteBuffer bytes, int offset) {
        return networkOrder(bytes.getLong(offset + 8));
    }

    /** A bare {@code struct in_addr} as the second half of an address. */
    static long lowOfIpv4(ByteBuffer bytes, int offset) {
        return UnderlayPeer.lowOfIpv4(networkOrder(bytes.getInt(offset)));
    }

    private static short networkOrder(short value) {
        return LITTLE_ENDIAN ? Short.reverseBytes(value) : value;
    }

    private static int networkOrder(int value) {
        return LITTLE_ENDIAN ? Integer.reverseBytes(value) : value;
    }

    private static long networkOrder(long value) {
        return LITTLE_ENDIAN ? Long.reverseBytes(value) : value;
    }
}
