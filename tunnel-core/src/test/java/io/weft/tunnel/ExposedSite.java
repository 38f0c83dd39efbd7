package io.weft.tunnel;

import io.weft.VirtualSwitch;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.metrics.Metric;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.port.PortProviders;
import io.weft.tap.NetworkNamespace;
import io.weft.worker.PortStatus;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A switch whose tunnels' socket is at one end of a cable, at address .1, with the world at the other end, which sends what it
 * likes; .2 to .7 are there for whoever is written to. Each segment of the switch has one station, the program, and one tunnel.
 *
 * <p>Threads: confined.
 *
 * @param <C> what the socket's owner counts of datagrams that reach no port
 */
public final class ExposedSite<C extends Enum<C>> implements AutoCloseable {
    /** Where the cable's other end is, {@code eth0}; nobody there has an address. */
    public final NetworkNamespace world = NetworkNamespace.create("world");

    private final NetworkNamespace site = NetworkNamespace.create("site");
    private final VirtualSwitch lan =
            VirtualSwitch.builder().name("lan-" + site).build();
    private final Map<String, MemoryPort> stations = new ConcurrentHashMap<>();
    private final Map<String, Queue<String>> received = new ConcurrentHashMap<>();
    private final int ipVersion;
    private final Class<C> counters;
    private final String refusals;

    /**
     * @param coalesced whether the receiving interface merges what comes within a millisecond
     * @param counters how the owner's counters are called
     * @param refusals the metric that shows them, each as {@code reason}
     */
    public ExposedSite(int ipVersion, boolean coalesced, Class<C> counters, String refusals) {
        this.ipVersion = ipVersion;
        this.counters = counters;
        this.refusals = refusals;
        boolean complete = false;
        try {
            layCable(coalesced);
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    private void layCable(boolean coalesced) {
        site.run("sh", "-ec", """
                echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
                for one in all default; do echo 0 > /proc/sys/net/ipv4/conf/$one/rp_filter; done
                ip link add eth0 address 02:00:00:00:01:01 type veth peer name eth0 netns %s
                echo 1 > /proc/sys/net/ipv4/conf/eth0/accept_local
                ip address add %s/%d dev eth0
                ip link set eth0 up
                ethtool -K eth0 tx off gro %s
                """.formatted(
                        world.name(), address(1), ipVersion == 4 ? 24 : 64, coalesced ? "on" : "off"));
        if (coalesced) {
            site.run("sh", "-ec", "echo 1000000 > /sys/class/net/eth0/gro_flush_timeout");
        }
        world.run("sh", "-ec", """
                echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6
                ip link set eth0 up
                ethtool -K eth0 tx off
                """);
        for (int remote = 2; remote < 8; remote++) {
            String neighbour = address(remote) + " lladdr 02:00:00:00:01:02 dev eth0 nud permanent";
            site.run(("ip neighbour replace " + neighbour).split(" "));
        }
    }

    /** The underlay's address of a number: 1 is the tunnels' own. */
    public String address(int number) {
        return (ipVersion == 4 ? "10.0.0." : "fd00::") + number;
    }

    /** Adds a segment: its station, and its tunnel by a URI to which this adds {@code local_ip} and {@code netns}. */
    public void segment(String name, VlanSettings vlans, String tunnel) throws PortException {
        PortSettings settings = PortSettings.builder().vlans(vlans).build();
        Queue<String> frames = new ConcurrentLinkedQueue<>();
        received.put(name, frames);
        MemoryPort station = new MemoryPort(name).onFrame(bytes -> {
            byte[] frame = new byte[bytes.remaining()];
            bytes.get(frame);
            frames.add(HexFormat.of().formatHex(frame));
        });
        stations.put(name, station);
        lan.add(station, settings);
        lan.add(PortProviders.create(tunnel + "&netns=" + site.name() + "&local_ip=" + address(1)), settings);
    }

    /** Has the station of a segment send a frame, in hexadecimal. */
    public void send(String segment, String frame) throws InterruptedException {
        MemoryPort station = stations.get(segment);
        byte[] bytes = HexFormat.of().parseHex(frame);
        NetworkNamespace.await("the switch takes a frame", () -> station.send(bytes));
    }

    /** Frames that the stations of segments have received. */
    public Map<String, List<String>> received() {
        Map<String, List<String>> frames = new TreeMap<>();
        received.forEach((segment, queue) -> {
            if (!queue.isEmpty()) {
                frames.put(segment, List.copyOf(queue));
            }
        });
        return frames;
    }

    /** How many frames all stations have received. */
    public long frames() {
        return received.values().stream().mapToLong(Queue::size).sum();
    }

    /** What ports have dropped. */
    public Map<String, Map<DropReason, Long>> drops() {
        Map<String, Map<DropReason, Long>> drops = new TreeMap<>();
        for (PortStatus port : lan.ports()) {
            Map<DropReason, Long> counted = new EnumMap<>(DropReason.class);
            for (DropReason reason : DropReason.values()) {
                if (port.statistics().dropped(reason) > 0) {
                    counted.put(reason, port.statistics().dropped(reason));
                }
            }
            if (!counted.isEmpty()) {
                drops.put(port.name(), counted);
            }
        }
        return drops;
    }

    /** What the socket's owner has refused, as the metrics tell it. */
    public Map<C, Long> refused() {
        Map<C, Long> refused = new EnumMap<>(counters);
        for (Metric sample : lan.metrics().samples()) {
            if (sample.name().equals(refusals) && sample.value() > 0) {
                String reason = sample.labels().get("reason");
                refused.merge(Enum.valueOf(counters, reason.toUpperCase(Locale.ROOT)), sample.value(), Long::sum);
            }
        }
        return refused;
    }

    /** Waits until the switch is at rest and every frame is accounted for. */
    public void settled() throws InterruptedException {
        NetworkNamespace.await(
                "no frame unaccounted for", () -> lan.statistics().unaccounted() == 0);
    }

    @Override
    public void close() {
        lan.close();
        site.close();
        world.close();
    }
}
