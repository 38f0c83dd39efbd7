package io.weft.underlay;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network namespace whose loopback interface has two addresses of each family and an MTU of 9,000: what goes there is nobody else's. Removed
 * when closed.
 *
 * <p>Threads: any.
 */
final class RawIpNamespace implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String name = "weft-raw-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();

    RawIpNamespace() {
        TestNetwork.exec("ip netns add " + name);
        boolean complete = false;
        try {
            in("ip link set lo up mtu 9000");
            in("ip addr add fd77::1/128 dev lo nodad");
            in("ip addr add fd77::2/128 dev lo nodad");
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    /** As {@code ip netns} lists it. */
    String name() {
        return name;
    }

    /** Runs a command, whose words have no blanks, in it. */
    String in(String command) {
        return TestNetwork.exec("ip netns exec " + name + " " + command);
    }

    /** Its first or its second address. */
    static InetAddress address(boolean ipv6, int number) {
        try {
            return InetAddress.getByName((ipv6 ? "fd77::" : "127.0.0.") + number);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // an address, not a name
        }
    }

    /** Raw sockets in it, unless a test wants another one. */
    Underlay underlay() {
        return new Underlay() {
            @Override
            public UnderlaySocket open(UdpSettings settings) throws UnderlayException {
                return SYSTEM.open(
                        settings.netns() == null ? settings.in(name, settings.networkInterface()) : settings);
            }

            @Override
            public UnderlaySocket open(RawIpSettings settings) throws UnderlayException {
                return SYSTEM.open(
                        settings.netns() == null ? settings.in(name, settings.networkInterface()) : settings);
            }

            @Override
            public UnderlaySocket open(Ipv6PacketSettings settings) throws UnderlayException {
                return SYSTEM.open(
                        settings.netns() == null ? settings.in(name, settings.networkInterface()) : settings);
            }
        };
    }

    @Override
    public void close() {
        TestNetwork.exec("ip netns delete " + name);
    }
}
