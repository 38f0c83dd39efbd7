package io.weft.tunnel;

import io.weft.frame.IpAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * IP addresses as they are written in options. Names are told from them and never looked up. A link-local IPv6 address may
 * have a zone, which is the number of an interface: a name would mean another one in another network namespace.
 *
 * <p>Threads: stateless.
 */
public final class AddressLiteral {
    private static final String IPV4 = "[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+";

    private AddressLiteral() {}

    /** Whether a text is meant as an address, and not as a name; it may still not be one. */
    public static boolean looksLikeAddress(String text) {
        return text.indexOf(':') >= 0 || text.matches("[0-9.]+");
    }

    /**
     * Reads an address. An IPv4 one that is written as IPv6 ({@code ::ffff:192.0.2.1}) is an IPv4 address.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static InetAddress parse(String text) {
        try {
            if (text.matches(IPV4)) {
                return InetAddress.getByAddress(
                        ByteBuffer.allocate(4).putInt(IpAddress.parseIpv4(text)).array());
            }
            int percent = text.indexOf('%');
            long[] halves = IpAddress.parseIpv6(percent < 0 ? text : text.substring(0, percent));
            byte[] octets = ByteBuffer.allocate(16)
                    .putLong(halves[0])
                    .putLong(halves[1])
                    .array();
            if (percent < 0) {
                return InetAddress.getByAddress(octets);
            }
            String zone = text.substring(percent + 1);
            Inet6Address address = Inet6Address.getByAddress(null, octets, zone(zone));
            if (!address.isLinkLocalAddress() && !address.isMCLinkLocal()) {
                throw new IllegalArgumentException("'" + text + "' has a zone and is not link-local");
            }
            return address;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for octets of another number
        }
    }

    private static int zone(String text) {
        if (!text.matches("[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException("zone '" + text + "' is not an interface's number");
        }
        return Integer.parseInt(text);
    }

    /** An address for people and as options take it: the canonical form, with a zone where it has one. */
    public static String format(InetAddress address) {
        ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
        if (octets.capacity() == 4) {
            return IpAddress.formatIpv4(octets.getInt());
        }
        int zone = ((Inet6Address) address).getScopeId();
        return IpAddress.formatIpv6(octets.getLong(), octets.getLong()) + (zone == 0 ? "" : "%" + zone);
    }

    /** Whether an address is an IPv6 one. */
    public static boolean isIpv6(InetAddress address) {
        return address instanceof Inet6Address;
    }
}
