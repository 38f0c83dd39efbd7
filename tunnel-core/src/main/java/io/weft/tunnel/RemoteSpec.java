package io.weft.tunnel;

import java.net.InetAddress;
import java.util.Locale;

/**
 * One remote end as configured.
 *
 * <p>Threads: immutable.
 *
 * @param host an IPv4 or IPv6 address, kept in its canonical form, or a name, kept in lower case and looked up when the port
 *     is opened
 * @param port the UDP port that is sent to, 1..65535; 0: the tunnel's usual one, or none where tunnels have no ports
 * @param key what tells the tunnel's segments apart, a VNI or a GRE key, as it is sent to this remote end,
 *     0..4294967295; -1: the port's {@code out_key}
 */
public record RemoteSpec(String host, int port, long key) {
    /** The largest key: it has 32 bits (RFC 2890, 2.1). Tunnels may have fewer. */
    public static final long MAX_KEY = 0xffff_ffffL;

    /** What {@link #parse} takes. */
    public static final String ACCEPTED = "an IPv4 or IPv6 address or a name, also with a port as 10.0.0.2:8472,"
            + " [fd00::2]:8472 or vtep2.example.net:8472";

    private static final int MAX_NAME_LENGTH = 253; // RFC 1035, 2.3.4
    private static final String NAME = "(?!-)[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?";

    /**
     * Checks the parts and brings the host into the form in which two of the same are equal.
     *
     * @throws IllegalArgumentException naming the part, its value and what is accepted
     */
    public RemoteSpec {
        host = canonical(host);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port is " + port + "; accepted: 0 (the port's dst_port)..65535");
        }
        if (key < -1 || key > MAX_KEY) {
            throw new IllegalArgumentException("key is " + key + "; accepted: -1 (the port's out_key).." + MAX_KEY);
        }
    }

    /** A remote at the port's {@code dst_port} and with its {@code out_key}. */
    public RemoteSpec(String host) {
        this(host, 0, -1);
    }

    /**
     * Reads an address or a name, with or without a port: {@code 10.0.0.2}, {@code 10.0.0.2:8472}, {@code fd00::2}, {@code
     * [fd00::2]:8472}, {@code vtep2:8472}.
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static RemoteSpec parse(String text) {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            String behind = end < 0 ? "" : text.substring(end + 1);
            if (end < 0 || text.indexOf(':') > end || !behind.isEmpty() && !behind.startsWith(":")) {
                throw new IllegalArgumentException("remote is '" + text + "'; accepted: " + ACCEPTED);
            }
            return new RemoteSpec(text.substring(1, end), behind.isEmpty() ? 0 : udpPort(behind.substring(1)), -1);
        }
        int colon = text.indexOf(':');
        if (colon < 0 || colon != text.lastIndexOf(':')) {
            return new RemoteSpec(text);
        }
        return new RemoteSpec(text.substring(0, colon), udpPort(text.substring(colon + 1)), -1);
    }

    private static int udpPort(String text) {
        if (!text.matches("[1-9][0-9]{0,4}")) {
            throw new IllegalArgumentException("port is '" + text + "'; accepted: 1..65535");
        }
        return Integer.parseInt(text);
    }

    private static String canonical(String host) {
        if (AddressLiteral.looksLikeAddress(host)) {
            return AddressLiteral.format(AddressLiteral.parse(host));
        }
        if (host.length() > MAX_NAME_LENGTH || !host.matches(NAME)) {
            throw new IllegalArgumentException("host is '" + host + "'; accepted: " + ACCEPTED);
        }
        return host.toLowerCase(Locale.ROOT);
    }

    /** Whether the host is a name, which must be looked up. */
    public boolean isName() {
        return !AddressLiteral.looksLikeAddress(host);
    }

    /** The address; {@code null} when the host is a name. */
    public InetAddress address() {
        return isName() ? null : AddressLiteral.parse(host);
    }

    /** As an option has it, and the key when it has one of its own. */
    @Override
    public String toString() {
        String text = port == 0 ? host : (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
        return key < 0 ? text : text + " key " + key;
    }
}
