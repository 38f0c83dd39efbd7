package io.weft.tunnel;

import io.weft.frame.IpPrefix;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

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

    /**
     * Checks the routes of a port.
     *
     * @param remotes the port's remote ends
     * @param accepted where a route may lead, as "an address that remote_ip has"
     * @throws io.weft.port.InvalidPortException naming the first that leads to none of them, or is there twice
     */
    public static void check(Refusal refusal, List<RouteSpec> routes, List<RemoteSpec> remotes, String accepted) {
        Set<String> hosts = remotes.stream().map(RemoteSpec::host).collect(Collectors.toSet());
        Set<String> networks = new HashSet<>();
        for (RouteSpec route : routes) {
            if (!hosts.contains(AddressLiteral.format(route.remote()))) {
                throw refusal.of("route", route, "via " + accepted);
            }
            if (!networks.add(AddressLiteral.format(route.network()) + "/" + route.length())) {
                throw refusal.of("route", route, "each network once");
            }
        }
    }

    /** As the option has it. */
    @Override
    public String toString() {
        return AddressLiteral.format(network) + "/" + length + " via " + AddressLiteral.format(remote);
    }
}
