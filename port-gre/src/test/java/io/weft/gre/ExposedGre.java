package io.weft.gre;

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
 * A switch with six segments whose raw GRE socket is at one end of a cable, with the world at the other end. Remote end .2
 * has five of them: a without a key, b with key 7, {@code strict}, c with key 9, {@code seq}, d with key 11, {@code
 * csum_required}, and f with key 13, {@code accept_fragments}. Segment e, of key 15, learns remote ends, so that the socket sees all
 * senders; it is there only when asked for.
 *
 * <p>Threads: confined.
 */
final class ExposedGre implements AutoCloseable {
    /** Where the cable's other end is, {@code eth0}; nobody there has an address. */
    final NetworkNamespace world = NetworkNamespace.create("world");

    private final NetworkNamespace site = NetworkNamespace.create("site");
    private final VirtualSwitch lan =
            VirtualSwitch.builder().name("lan-" + site).build();
    private final Map<String, MemoryPort> stations = new ConcurrentHashMap<>();
    private final Map<String, Queue<String>> received = new ConcurrentHashMap<>();
    private final int ipVersion;

    ExposedGre(int ipVersion, boolean learning) throws PortException {
        this.ipVersion = ipVersion;
        boolean complete = false;
        try {
            layCable();
            String remote = "remote_ip=" + address(2);
            segment("a", "gretap", remote, 10);
            segment("b", "gretap", remote + "&key=7&strict=true", 20);
            segment("c", "gretap", remote + "&key=9&seq=true", 30);
            segment("d", "gretap", remote + "&key=11&csum_required=true", 40);
            segment("f", "gretap", remote + "&key=13&accept_fragments=true", 60);
            if (learning) {
                segment("e", "mgretap", "key=15&learn_remotes=true", 50);
            }
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    private void layCable() {
        TwoSites.sh(
                site,
                "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad",
                "for one in all default; do echo 0 > /proc/sys/net/ipv4/conf/$one/rp_filter; done",
                "ip link add eth0 address 02:00:00:00:01:01 type veth peer name eth0 netns " + world.name(),
                "echo 1 > /proc/sys/net/ipv4/conf/eth0/accept_local",
                "ip address add " + address(1) + (ipVersion == 4 ? "/24" : "/64") + " dev eth0",
                "ip link set eth0 up",
                "ethtool -K eth0 tx off gro off");
        TwoSites.sh(
                world,
                "echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6",
                "ip link set eth0 up",
                "ethtool -K eth0 tx off");
        TwoSites.sh(
                site,
                "ip neighbour replace " + address(2) + " lladdr 02:00:00:00:01:02 dev eth0 nud permanent",
                "ip neighbour replace " + address(3) + " lladdr 02:00:00:00:01:02 dev eth0 nud permanent");
    }

    private String address(int number) {
        return (ipVersion == 4 ? "10.0.0." : "fd00::") + number;
    }

    private void segment(String name, String scheme, String options, int vlan) throws PortException {
        PortSettings settings =
                PortSettings.builder().vlans(VlanSettings.access(vlan)).build();
        Queue<String> frames = new ConcurrentLinkedQueue<>();
        received.put(name, frames);
        MemoryPort station = new MemoryPort(name).onFrame(bytes -> {
            byte[] frame = new byte[bytes.remaining()];
            bytes.get(frame);
            frames.add(HexFormat.of().formatHex(frame));
        });
        stations.put(name, station);
        lan.add(station, settings);
        lan.add(
                PortProviders.create(
                        scheme + ":g" + name + "?netns=" + site.name() + "&local_ip=" + address(1) + "&" + options),
                settings);
    }

    /** Frames that the station of a segment has received. */
    List<String> frames(String segment) {
        return received.containsKey(segment) ? List.copyOf(received.get(segment)) : List.of();
    }

    /** How many frames all stations have received. */
    long frames() {
        return received.values().stream().mapToLong(Queue::size).sum();
    }

    /** What ports have dropped. */
    Map<String, Map<DropReason, Long>> drops() {
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
    Map<GreCounter, Long> refused() {
        Map<GreCounter, Long> refused = new EnumMap<>(GreCounter.class);
        for (Metric sample : lan.metrics().samples()) {
            if (sample.name().equals("weft_gre_refused_datagrams_total") && sample.value() > 0) {
                String reason = sample.labels().get("reason");
                refused.merge(GreCounter.valueOf(reason.toUpperCase(Locale.ROOT)), sample.value(), Long::sum);
            }
        }
        return refused;
    }

    /** Waits until the switch is at rest and every frame is accounted for. */
    void settled() throws InterruptedException {
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
