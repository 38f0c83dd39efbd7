package io.weft.examples.hosts;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a host is called and where it is reached: {@code new HostAddress("VM 1", "52:54:00:00:00:01", "10.0.0.1/24",
 * "fd00::1/64")}.
 *
 * @param name for people
 * @param mac six pairs of hexadecimal digits with colons; not a group address
 * @param ip4WithPrefix IPv4 address and prefix length
 * @param ip6WithPrefix IPv6 address and prefix length
 */
public record HostAddress(String name, String mac, String ip4WithPrefix, String ip6WithPrefix) {
    private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");
    private static final Pattern IP4 = Pattern.compile("[0-9]{1,3}([.][0-9]{1,3}){3}/([0-9]|[12][0-9]|3[0-2])");
    private static final Pattern IP6 =
            Pattern.compile("[0-9a-f]*:[0-9a-f:]*:[0-9a-f]*/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])");

    /** @throws IllegalArgumentException if one of the addresses is none; the message says what is accepted */
    public HostAddress {
        mac = mac.toLowerCase(Locale.ROOT);
        ip6WithPrefix = ip6WithPrefix.toLowerCase(Locale.ROOT);
        if (!MAC.matcher(mac).matches() || (Integer.parseInt(mac, 0, 2, 16) & 1) != 0) {
            throw new IllegalArgumentException(
                    "mac '" + mac + "' of " + name + ": accepted is an individual address such as 52:54:00:00:00:01");
        }
        requireAddress(name, "ip4", ip4WithPrefix, IP4, "10.0.0.1/24");
        requireAddress(name, "ip6", ip6WithPrefix, IP6, "fd00::1/64");
    }

    /** The IPv4 address without the prefix length. */
    public String ip4() {
        return withoutPrefix(ip4WithPrefix);
    }

    /** The IPv6 address without the prefix length. */
    public String ip6() {
        return withoutPrefix(ip6WithPrefix);
    }

    /** The address of this version, without the prefix length. */
    public String ip(IpVersion version) {
        return version == IpVersion.IPV4 ? ip4() : ip6();
    }

    /** The address of this version as bytes: 4 or 16 of them in an {@link InetAddress}. */
    public InetAddress inetAddress(IpVersion version) {
        return literal(ip(version));
    }

    /** The MAC address in the low 48 bits. */
    public long macBits() {
        return Long.parseLong(mac.replace(":", ""), 16);
    }

    private static void requireAddress(String host, String what, String value, Pattern form, String example) {
        if (!form.matcher(value).matches() || !isLiteral(withoutPrefix(value))) {
            throw new IllegalArgumentException(what + " '" + value + "' of " + host
                    + ": accepted is an address with its prefix length such as " + example);
        }
    }

    private static boolean isLiteral(String address) {
        try {
            // An IPv4-mapped IPv6 address comes back as an IPv4 one.
            return literal(address) instanceof Inet6Address == address.contains(":");
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Only called with digits, dots and colons, so that no name is ever looked up. */
    private static InetAddress literal(String address) {
        try {
            // The brackets make a malformed IPv6 address an error at once.
            return InetAddress.getByName(address.contains(":") ? "[" + address + "]" : requireBytes(address));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address, e);
        }
    }

    private static String requireBytes(String ip4) {
        for (String number : ip4.split("[.]", -1)) {
            if (Integer.parseInt(number) > 255) {
                throw new IllegalArgumentException(ip4);
            }
        }
        return ip4;
    }

    private static String withoutPrefix(String withPrefix) {
        return withPrefix.substring(0, withPrefix.indexOf('/'));
    }
}
