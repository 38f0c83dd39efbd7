package io.weft.underlay;

import io.weft.frame.IpAddress;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * Whom datagrams are sent to or come from: an address and a port. On the forwarding path an address is two {@code long}s,
 * first octets highest, with IPv4 ones as in {@code ::ffff:192.0.2.1} (RFC 4291, 2.5.5.2), so that both families have one
 * kind of key.
 *
 * <p>Threads: immutable.
 *
 * @param high the address's first eight octets
 * @param low its last eight
 * @param scopeId the interface that a link-local IPv6 address is meant on, 0 for none
 * @param port 0..65535
 */
public record UnderlayPeer(long high, long low, int scopeId, int port) {
    private static final long IPV4 = 0xffff_0000_0000L; // the low half of an IPv4 address, without the address
    private static final long IPV4_MASK = 0xffff_ffff_0000_0000L;

    /** Checks the port. */
    public UnderlayPeer {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port is " + port + "; accepted: 0..65535");
        }
    }

    /** An address as the JDK has it. */
    public static UnderlayPeer of(InetAddress address, int port) {
        if (address instanceof Inet4Address) {
            return ofIpv4(ByteBuffer.wrap(address.getAddress()).getInt(), port);
        }
        ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
        return new UnderlayPeer(octets.getLong(), octets.getLong(), ((Inet6Address) address).getScopeId(), port);
    }

    /** An IPv4 address, first octet highest. */
    public static UnderlayPeer ofIpv4(int address, int port) {
        return new UnderlayPeer(0, lowOfIpv4(address), 0, port);
    }

    /** The low half of an IPv4 address; the high half is 0. */
    public static long lowOfIpv4(int address) {
        return IPV4 | address & 0xffff_ffffL;
    }

    /** Whether an address is an IPv4 one. */
    public static boolean isIpv4(long high, long low) {
        return high == 0 && (low & IPV4_MASK) == IPV4;
    }

    /** Whether its address is an IPv4 one. */
    public boolean isIpv4() {
        return isIpv4(high, low);
    }

    /** Whether an address is a multicast group's. */
    public static boolean isMulticast(long high, long low) {
        return isIpv4(high, low) ? (low >>> 28 & 0xf) == 0xe : high >>> 56 == 0xff;
    }

    /** Whether its address is a multicast group's. */
    public boolean isMulticast() {
        return isMulticast(high, low);
    }

    /** As the JDK has it. */
    public InetSocketAddress toSocketAddress() {
        try {
            InetAddress address = isIpv4()
                    ? InetAddress.getByAddress(
                            ByteBuffer.allocate(4).putInt((int) low).array())
                    : Inet6Address.getByAddress(
                            null,
                            ByteBuffer.allocate(16).putLong(high).putLong(low).array(),
                            scopeId);
            return new InetSocketAddress(address, port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for octets of another number
        }
    }

    /** An address for people, without a port. */
    public static String format(long high, long low) {
        return isIpv4(high, low) ? IpAddress.formatIpv4((int) low) : IpAddress.formatIpv6(high, low);
    }

    /** The address for people, without the port. */
    public String address() {
        return format(high, low) + (scopeId == 0 ? "" : "%" + scopeId);
    }

    @Override
    public String toString() {
        if (port == 0) {
            return address();
        }
        return isIpv4() ? address() + ":" + port : "[" + address() + "]:" + port;
    }
}
