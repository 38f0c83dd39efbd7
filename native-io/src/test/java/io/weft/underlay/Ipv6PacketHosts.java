package io.weft.underlay;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two hosts with a cable between them, each a network namespace, as {@link Ipv6PacketSocketContractTest} has them. Removed when closed.
 *
 * <p>Threads: any.
 */
final class Ipv6PacketHosts implements AutoCloseable {
    private static final String LINK_LOCAL = "fe80::78:2";
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String prefix = "weft-pkt-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + "-";

    Ipv6PacketHosts() {
        boolean complete = false;
        try {
            make();
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    private void make() {
        for (String host : List.of("one", "other")) {
            TestNetwork.exec("ip netns add " + name(host));
            in(host, "ip link set lo up");
            in(host, "sysctl -q -w net.ipv6.icmp.ratelimit=0 net.ipv6.conf.all.seg6_enabled=1");
        }
        TestNetwork.exec(
                "ip link add uplink netns " + name("one") + " type veth peer name uplink netns " + name("other"));
        for (String host : List.of("one", "other")) {
            in(host, "sysctl -q -w net.ipv6.conf.uplink.addr_gen_mode=1 net.ipv6.conf.uplink.seg6_enabled=1");
        }
        in("one", "ip addr add fe80::78:1/64 dev uplink nodad");
        in("other", "ip addr add " + LINK_LOCAL + "/64 dev uplink nodad");
        in("one", "ip addr add " + Ipv6PacketSocketContractTest.ADDRESS + "/64 dev uplink nodad");
        in("other", "ip addr add " + Ipv6PacketSocketContractTest.OTHER_ADDRESS + "/64 dev uplink nodad");
        in("one", "ip link set uplink up");
        in("other", "ip link set uplink up");
        route("one", Ipv6PacketSocketContractTest.OTHER_LOCATOR, Ipv6PacketSocketContractTest.OTHER_ADDRESS);
        route("other", Ipv6PacketSocketContractTest.LOCATOR, Ipv6PacketSocketContractTest.ADDRESS);
        in("one", "ip -6 route add blackhole " + Ipv6PacketSocketContractTest.LOCATOR);
        in("other", "ip -6 route add blackhole " + Ipv6PacketSocketContractTest.OTHER_LOCATOR);
        // The link needs a moment, and of what waits for a neighbour's address only a little is kept.
        in("one", "ping -q -c 1 -w 10 -i 0.1 " + Ipv6PacketSocketContractTest.OTHER_ADDRESS);
        in("one", "ping -q -c 1 -w 10 -i 0.1 " + LINK_LOCAL + "%uplink");
    }

    private void route(String host, String to, String by) {
        in(host, "ip -6 route add " + to + " via " + by);
    }

    /** The namespace of a host: one or other. */
    String name(String host) {
        return prefix + host;
    }

    /** Runs a command, whose words have no blanks, in a host. */
    String in(String host, String command) {
        return TestNetwork.exec("ip netns exec " + name(host) + " " + command);
    }

    /** The second host as the first one's neighbour. */
    UnderlayPeer linkLocalOfOther() {
        String shown = in("one", "cat /sys/class/net/uplink/ifindex").trim();
        UnderlayPeer bare = UnderlayPeer.of(UdpContract.inet(LINK_LOCAL), 0);
        return new UnderlayPeer(bare.high(), bare.low(), Integer.parseInt(shown), 0);
    }

    /** A host's sockets. */
    Underlay underlay(String host) {
        return new Underlay() {
            @Override
            public UnderlaySocket open(UdpSettings settings) throws UnderlayException {
                return SYSTEM.open(settings.in(name(host), settings.networkInterface()));
            }

            @Override
            public UnderlaySocket open(RawIpSettings settings) throws UnderlayException {
                return SYSTEM.open(settings.in(name(host), settings.networkInterface()));
            }

            @Override
            public UnderlaySocket open(Ipv6PacketSettings settings) throws UnderlayException {
                return SYSTEM.open(settings.in(name(host), settings.networkInterface()));
            }
        };
    }

    @Override
    public void close() {
        for (String host : List.of("one", "other")) {
            try {
                TestNetwork.exec("ip netns delete " + name(host));
            } catch (IllegalStateException notMade) {
                // the other is to go nevertheless
            }
        }
    }
}
