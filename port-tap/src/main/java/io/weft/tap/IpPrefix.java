package io.weft.tap;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Objects;

/**
 * An interface address: a host's IP address and the length of its network's prefix; or a network, by its lowest address.
 *
 * @param address IPv4 or IPv6
 * @param length bits of the prefix: 0..32 or 0..128
 */
public record IpPrefix(InetAddress address, int length) {
    static final String ACCEPTED = "an IPv4 or IPv6 address with prefix length, as 10.0.0.1/24 or fd00::1/64";
    static final String NETWORK_ACCEPTED = "an IPv4 or IPv6 network, as 10.0.0.0/8, fd00::/8 or 0.0.0.0/0";

    /** Checks the length. */
    public IpPrefix {
        Objects.requireNonNull(address, "address");
        int bits = 8 * address.getAddress().length;
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException("prefix length " + length + " is not within 0.." + bits);
        }
    }

    /**
     * Reads {@code ADDRESS/LENGTH}; never asks a name server.
     *
     * @throws IllegalArgumentException naming the text and what is accepted
     */
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? "" : text.substring(0, slash);
        boolean four = address.matches("\\d{1,3}(\\.\\d{1,3}){3}")
                && Arrays.stream(address.split("\\.")).allMatch(octet -> Integer.parseInt(octet) <= 255);
        boolean six = address.indexOf(':') >= 0 && address.matches("[0-9a-fA-F:.]+");
        if ((four || six) && text.substring(slash + 1).matches("\\d{1,3}")) {
            try {
                return new IpPrefix(InetAddress.getByName(address), Integer.parseInt(text.substring(slash + 1)));
            } catch (UnknownHostException | IllegalArgumentException e) {
                throw new IllegalArgumentException("'" + text + "' is not " + ACCEPTED, e);
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not " + ACCEPTED);
    }

    /** Whether it is a network's: no bit is set behind the prefix. */
    boolean isNetwork() {
        byte[] bytes = address.getAddress();
        return new BigInteger(1, bytes).getLowestSetBit() >= 8 * bytes.length - length || address.isAnyLocalAddress();
    }

    boolean isIpv4() {
        return address instanceof Inet4Address;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return address.getHostAddress() + "/" + length;
    }
}
