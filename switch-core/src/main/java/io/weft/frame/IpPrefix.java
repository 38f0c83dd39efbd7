package io.weft.frame;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IP address and the length of a prefix: a network, or an interface's address in it. Bits behind the prefix are kept, since
 * they are the host's part of an interface's address; {@link #network()} is without them.
 *
 * @param high the address's first eight octets; 0 for IPv4
 * @param low its last eight; an IPv4 address as in {@code ::ffff:192.0.2.1} ({@link IpAddress#lowOfIpv4})
 * @param length bits of the prefix, counted in the address's own family: 0..32 or 0..128
 */
public record IpPrefix(long high, long low, int length) {
    /** What {@link #parse} accepts, for messages and help. */
    public static final String ACCEPTED = "an IPv4 or IPv6 address with prefix length, as 10.0.0.1/24 or fd00::1/64";

    /** The same where a network is meant, for {@link #isNetwork}. */
    public static final String NETWORK_ACCEPTED = "an IPv4 or IPv6 network, as 10.0.0.0/8, fd00::/8 or 0.0.0.0/0";

    /** Bits in front of an IPv4 address in its form as two {@code long}s. */
    private static final int IPV4_OFFSET = 96;

    /** Checks the length. */
    public IpPrefix {
        int bits = IpAddress.isIpv4(high, low) ? 32 : 128;
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException("prefix length " + length + " is not within 0.." + bits);
        }
    }

    /** An address as the JDK has it, with the length of its prefix. */
    public static IpPrefix of(InetAddress address, int length) {
        ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address
                ? new IpPrefix(0, IpAddress.lowOfIpv4(octets.getInt()), length)
                : new IpPrefix(octets.getLong(0), octets.getLong(8), length);
    }

    /**
     * Reads {@code ADDRESS/LENGTH}; never asks a name server.
     *
     * @throws IllegalArgumentException naming the text and what is accepted
     */
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("'" + text + "' is not " + ACCEPTED);
        }
        return parse(text, text.substring(0, slash), Integer.parseInt(text.substring(slash + 1)));
    }

    /**
     * Reads {@code ADDRESS/LENGTH}, or {@code ADDRESS} for that address alone.
     *
     * @throws IllegalArgumentException naming the text and what is accepted
     */
    public static IpPrefix parseOrHost(String text) {
        if (text.indexOf('/') >= 0) {
            return parse(text);
        }
        return parse(text, text, text.indexOf(':') >= 0 ? 128 : 32);
    }

    private static IpPrefix parse(String text, String address, int length) {
        try {
            long[] halves = IpAddress.parse(address);
            return new IpPrefix(halves[0], halves[1], length);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is not " + ACCEPTED, e);
        }
    }

    /** Whether it is an IPv4 prefix. */
    public boolean isIpv4() {
        return IpAddress.isIpv4(high, low);
    }

    /** Whether the prefix is one address alone. */
    public boolean isHost() {
        return length == (isIpv4() ? 32 : 128);
    }

    /** Whether it is a network's: no bit is set behind the prefix. */
    public boolean isNetwork() {
        return equals(network());
    }

    /** The same prefix without the bits behind it: {@code 10.0.0.0/24} for {@code 10.0.0.1/24}. */
    public IpPrefix network() {
        int bits = bits(isIpv4(), length);
        return new IpPrefix(high & highMask(bits), low & lowMask(bits), length);
    }

    /** Whether an address of the same family, as two {@code long}s, begins with the prefix. */
    public boolean contains(long addressHigh, long addressLow) {
        int bits = bits(isIpv4(), length);
        return isIpv4() == IpAddress.isIpv4(addressHigh, addressLow)
                && ((addressHigh ^ high) & highMask(bits)) == 0
                && ((addressLow ^ low) & lowMask(bits)) == 0;
    }

    /** The address as the JDK has it. */
    public InetAddress address() {
        byte[] octets = isIpv4()
                ? ByteBuffer.allocate(4).putInt((int) low).array()
                : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // only for octets of another number
        }
    }

    // ---- prefixes of both families as one kind of key ----

    /** The length of a prefix when its address is two {@code long}s: 96 more for IPv4. */
    public static int bits(boolean ipv4, int length) {
        return ipv4 ? IPV4_OFFSET + length : length;
    }

    /** The first {@code bits} (0..128) of the high half. */
    public static long highMask(int bits) {
        return bits == 0 ? 0 : bits >= 64 ? -1 : -1L << 64 - bits;
    }

    /** Those of the first {@code bits} (0..128) that are in the low half. */
    public static long lowMask(int bits) {
        return bits <= 64 ? 0 : -1L << 128 - bits;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return IpAddress.format(high, low) + "/" + length;
    }
}
