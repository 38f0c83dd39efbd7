package io.weft.gre;

import io.weft.frame.IpPrefix;
import io.weft.tunnel.AddressLiteral;
import java.net.InetAddress;

/**
 * Which addresses are behind which remote end of a layer-3 tunnel.
 *
 * <p>Threads: immutable.
 *
 * @param network the addresses' common beginning
 * @param length bits of it, 0..32 or 0..128; the others are 0
 * @param remote the remote end's address, which may be of the other family
 */
public record RouteSpec(InetAddress network, int length, InetAddress remote) {
    /** What {@link #parse} takes. */
    public static final String ACCEPTED = "NETWORK via REMOTE, as 10.1.0.0/16 via 192.0.2.2 or ::/0 via 192.0.2.2, the"
            + " network's bits behind the prefix 0, and REMOTE an address that remote_ip has";

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException naming the part, its value and what is accepted
     */
    public RouteSpec {
        IpPrefix prefix = IpPrefix.of(network, length);
        if (!prefix.equals(prefix.network())) {
            throw new IllegalArgumentException("network is " + prefix + "; accepted: " + prefix.network());
        }
    }

    /**
     * Reads {@code NETWORK via REMOTE}; a network without a prefix length is one address alone.
     *
     * @throws IllegalArgumentException when it is something else
     */
    public static RouteSpec parse(String text) {
        String[] words = text.strip().split("\\s+");
        if (words.length != 3 || !words[1].equals("via")) {
            throw new IllegalArgumentException("route is '" + text + "'; accepted: " + ACCEPTED);
        }
        IpPrefix prefix = IpPrefix.parseOrHost(words[0]);
        return new RouteSpec(prefix.address(), prefix.length(), AddressLiteral.parse(words[2]));
    }

    /** As the option has it. */
    @Override
    public String toString() {
        return AddressLiteral.format(network) + "/" + length + " via " + AddressLiteral.format(remote);
    }
}
