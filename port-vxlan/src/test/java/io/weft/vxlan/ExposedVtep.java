package io.weft.vxlan;

import io.weft.VirtualSwitch;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
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
 * A switch with four segments whose VXLAN socket is at one end of a cable, with the world at the other end: segment a is VNI
 * 100 with remote end .2, b is VNI 200 with .3 and {@code strict}, c is VNI 300 with .2 and carries VLANs 31 to 33 tagged, d is
 * VNI 400 and learns up to four remote ends. The program is the only station of each.
 *
 * <p>Threads: confined.
 */
final class ExposedVtep implements AutoCloseable {
    /** Where the cable's other end is, {@code eth0}; nobody there has an address. */
    final NetworkNamespace world = NetworkNamespace.create("world");

    private final NetworkNamespace site = NetworkNamespace.create("site");
    private final VirtualSwitch lan =
            VirtualSwitch.builder().name("lan-" + site).build();
    private final Map<String, MemoryPort> stations = new ConcurrentHashMap<>();
    private final Map<String, Queue<String>> received = new ConcurrentHashMap<>();
    private final int ipVersion;

    ExposedVtep(int ipVersion, boolean coalesced) throws PortException {
        this.ipVersion = ipVersion;
        boolean complete = false;
        try {
            layCable(coalesced);
            segment("a", 100, "remote_ip=" + address(2), VlanSettings.access(10));
            segment("b", 200, "strict=true&remote_ip=" + address(3), VlanSettings.access(20));
            segment("c", 300, "inner_tags=carry&remote_ip=" + address(2), VlanSettings.trunk(VlanSet.parse("31-33")));
            segment("d", 400, "learn_remotes=true&max_remotes=4", VlanSettings.access(50));
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
        if (coalesced) { // what comes within a millisecond comes together
            site.run("sh", "-ec", "echo 1000000 > /sys/class/net/eth0/gro_flush_timeout");
        }
        world.run(
                "sh",
                "-ec",
                "echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6; ip link set eth0 up;" + " ethtool -K eth0 tx off");
        for (int remote = 2; remote < 8; remote++) {
            site.run(
                    "ip",
                    "neighbour",
                    "replace",
                    address(remote),
                    "lladdr",
                    "02:00:00:00:01:02",
                    "dev",
                    "eth0",
                    "nud",
                    "permanent");
        }
    }

    private String address(int number) {
        return (ipVersion == 4 ? "10.0.0." : "fd00::") + number;
    }

    private void segment(String name, int vni, String options, VlanSettings vlans) throws PortException {
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
        lan.add(
                PortProviders.create("vxlan:vx" + vni + "?key=" + vni + "&netns=" + site.name() + "&local_ip="
                        + address(1) + "&src_port_range=60000-65535&" + options),
                settings);
    }

    /** Has the station of a segment send a frame, in hexadecimal. */
    void send(String segment, String frame) throws InterruptedException {
        MemoryPort station = stations.get(segment);
        byte[] bytes = HexFormat.of().parseHex(frame);
        NetworkNamespace.await("the switch takes a frame", () -> station.send(bytes));
    }

    /** Frames that the station of a segment has received. */
    List<String> frames(String segment) {
        return List.copyOf(received.get(segment));
    }

    /** How many frames all stations have received. */
    long frames() {
        return received.values().stream().mapToLong(Queue::size).sum();
    }

    /** What VXLAN ports have dropped. */
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

    /** What the VTEP has refused, as the metrics tell it. */
    Map<VtepCounter, Long> refused() {
        Map<VtepCounter, Long> refused = new EnumMap<>(VtepCounter.class);
        for (Metric sample : lan.metrics().samples()) {
            if (sample.name().equals("weft_vtep_refused_datagrams_total") && sample.value() > 0) {
                String reason = sample.labels().get("reason");
                refused.put(VtepCounter.valueOf(reason.toUpperCase(Locale.ROOT)), sample.value());
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
