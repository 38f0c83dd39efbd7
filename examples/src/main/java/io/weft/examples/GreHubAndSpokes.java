package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.event.Station;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.HostListener;
import io.weft.examples.hosts.IpVersion;
import io.weft.examples.hosts.PingPlan;
import io.weft.frame.MacAddress;
import io.weft.gre.GrePort;
import io.weft.tunnel.RemoteEnd;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * A hub with one GRE port ({@code mgretap}) for three spokes ({@code gretap}), all of them switches of their own. The hub learns
 * which station is behind which spoke: what is sent to a station then goes to that one spoke. What comes from a spoke goes to
 * no other spoke until the hub's port has {@code hairpin}, which makes it relay.
 *
 * <p>GRE is in UDP here (RFC 8086), over loopback addresses, so that it needs no root. Without {@code encapUdp} and {@code dstPort}
 * it is plain GRE, which needs CAP_NET_RAW.
 */
public final class GreHubAndSpokes {
    private static final int SPOKES = 3;
    private static final long KEY = 7;

    private GreHubAndSpokes() {}

    /** Exit code 0 if every host got its answers. */
    public static void main(String[] args) throws Exception {
        System.exit(run() ? 0 : 1);
    }

    static boolean run() throws Exception {
        int udpPort = LoopbackPort.free();
        Deque<AutoCloseable> open = new ArrayDeque<>();
        // One worker: the hub's counters are then up to date whenever something came back through it.
        try (VirtualSwitch hub = VirtualSwitch.builder().name("hub").workers(1).build();
                HostRack rack = HostRack.memory()) {
            GrePort spokes = GrePort.mgretap("spokes")
                    .local(end(0))
                    .remote(end(1))
                    .remote(end(2))
                    .remote(end(3))
                    .key(KEY)
                    .encapUdp(true)
                    .dstPort(udpPort)
                    .build();
            hub.add(spokes);
            List<Host> spokeHosts = addSpokes(udpPort, rack, open);

            System.out.println("Hosts 1, 2 and 3, each behind a spoke, ping the next one. The hub does not relay yet:");
            CountDownLatch waiting = new CountDownLatch(SPOKES);
            for (Host host : spokeHosts) {
                host.start((from, event) -> {
                    tell(from, event);
                    if (event instanceof HostEvent.Waiting) {
                        waiting.countDown();
                    }
                });
            }
            waiting.await();

            System.out.println("\nHosts 4, 5 and 6, behind the hub, ping hosts 1, 2 and 3:");
            boolean answered = pingFromHub(hub, spokes, rack, open);
            tellLearned(hub, spokes);

            System.out.println("\nNow the hub relays (hairpin), and hosts 1, 2 and 3 get their answers:");
            hub.port("spokes").change(settings -> settings.hairpin(true));
            answered &= areAnswered(spokeHosts);
            tellCounters(spokes);
            return answered;
        } finally {
            while (!open.isEmpty()) {
                open.pop().close();
            }
        }
    }

    /** Makes a switch for each spoke, with a host that pings the next spoke's. */
    private static List<Host> addSpokes(int udpPort, HostRack rack, Deque<AutoCloseable> open) throws Exception {
        List<Host> hosts = new ArrayList<>();
        for (int i = 1; i <= SPOKES; i++) {
            VirtualSwitch spoke =
                    VirtualSwitch.builder().name("spoke" + i).workers(1).build();
            open.push(spoke);
            spoke.add(GrePort.gretap("hub")
                    .local(end(i))
                    .remote(end(0))
                    .key(KEY)
                    .encapUdp(true)
                    .dstPort(udpPort)
                    .build());
            Host host = rack.plugIn(spoke, address(i), Optional.of(PingPlan.of(address(i % SPOKES + 1))));
            open.push(host);
            hosts.add(host);
        }
        return hosts;
    }

    /** Has a host behind the hub ping each spoke's host, and tells to which spokes the hub sent frames meanwhile. */
    private static boolean pingFromHub(VirtualSwitch hub, GrePort spokes, HostRack rack, Deque<AutoCloseable> open)
            throws Exception {
        List<SentFrames> sent = new ArrayList<>();
        boolean answered = true;
        for (int i = 1; i <= SPOKES; i++) {
            Host host = rack.plugIn(hub, address(SPOKES + i), Optional.of(PingPlan.of(address(i))));
            open.push(host);
            SentFrames frames = new SentFrames(spokes);
            sent.add(frames);
            host.start(frames);
            answered &= areAnswered(List.of(host));
        }
        System.out.println("\nFrames that the hub sent to each spoke, from the first answer to the last (IPv4):");
        for (int i = 1; i <= SPOKES; i++) {
            System.out.println("  pings of host " + i);
            for (int spoke = 1; spoke <= SPOKES; spoke++) {
                long before = sent.get(i - 1).before[spoke - 1];
                long after = sent.get(i - 1).after[spoke - 1];
                System.out.printf("    to %s: %2d before, %2d after: %d%n", end(spoke), before, after, after - before);
            }
        }
        return answered;
    }

    /** The counters of all remote ends when the first answer came, and thus everybody was known, and when the last one had. */
    private static final class SentFrames implements HostListener {
        private final GrePort spokes;
        private long[] before;
        private long[] after;

        SentFrames(GrePort spokes) {
            this.spokes = spokes;
        }

        @Override
        public void event(Host host, HostEvent event) {
            tell(host, event);
            if (event instanceof HostEvent.Reply reply && reply.version() == IpVersion.IPV4 && reply.sequence() == 1) {
                before = counters();
            } else if (event instanceof HostEvent.Pinged pinged
                    && pinged.result().version() == IpVersion.IPV4) {
                after = counters();
            }
        }

        private long[] counters() {
            return spokes.remotes().stream().mapToLong(RemoteEnd::txFrames).toArray();
        }
    }

    private static boolean areAnswered(List<Host> hosts) {
        boolean answered = true;
        for (Host host : hosts) {
            answered &= host.answered();
        }
        return answered;
    }

    private static void tellLearned(VirtualSwitch hub, GrePort spokes) {
        System.out.println("\nStations that the hub has learned behind its spokes:");
        for (RemoteEnd remote : spokes.remotes()) {
            for (Station station : hub.fdb().stations()) {
                if (station.port().equals("spokes") && station.endpoint() == remote.endpoint()) {
                    System.out.printf("  %s behind %s%n", MacAddress.format(station.mac()), remote.peer());
                }
            }
        }
    }

    private static void tellCounters(GrePort spokes) {
        System.out.println("\nThe hub's remote ends:");
        for (RemoteEnd remote : spokes.remotes()) {
            System.out.printf(
                    "  endpoint %d, %s: %d frames to it, %d from it%n",
                    remote.endpoint(), remote.peer(), remote.txFrames(), remote.rxFrames());
        }
    }

    /** Where the tunnels end: the hub's is number 0. */
    private static String end(int number) {
        return "127.0.0." + (number + 1);
    }

    private static HostAddress address(int number) {
        return new HostAddress(
                "host " + number,
                "02:00:00:00:00:0" + number,
                "10.94.0." + number + "/24",
                "fd00:94::" + number + "/64");
    }

    private static void tell(Host host, HostEvent event) {
        if (event instanceof HostEvent.Waiting || event instanceof HostEvent.Pinged) {
            System.out.println("  [" + host.address().name() + "] " + event.describe());
        }
    }
}
