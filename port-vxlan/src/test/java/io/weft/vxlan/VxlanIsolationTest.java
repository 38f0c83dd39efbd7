package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.offload.WireFrame;
import io.weft.port.PortException;
import io.weft.tunnel.InnerFrames;
import io.weft.underlay.MemoryDatagram;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;

/**
 * Random switches with random segments, random frames between them and random datagrams of somebody who means harm: a frame
 * never comes out of a segment but its own, nor when it was not sent by one of that segment's remote ends; and every datagram
 * is counted somewhere.
 *
 * <p>In each switch a segment is a VLAN of its own with a memory port, whatever carries it: a VXLAN port of its own, or a
 * trunk with {@code vlan_vni_map}. What may come out is worked out from what was seen on the underlay.
 */
class VxlanIsolationTest {
    private static final int[] VNIS = {0, 1, 2, 0x10001, 0xff_ffff};
    private static final int STEPS = 60;
    private static final int EVE = 9; // 10.0.0.9 is a host without a switch

    /** A segment in a switch. */
    private static final class Segment {
        final VxlanSite site;
        final int number; // of the switch
        final int vlan;
        final int vni;
        final String port;
        final Set<String> remotes = new HashSet<>();
        final Set<ByteBuffer> allowed = new HashSet<>();
        boolean learns;

        Segment(VxlanSite site, int number, int vlan, int vni, String port) {
            this.site = site;
            this.number = number;
            this.vlan = vlan;
            this.vni = vni;
            this.port = port;
        }

        String memory() {
            return "h" + vlan;
        }

        boolean takesFrom(String address) {
            return remotes.contains(address) || (learns && !address.equals("10.0.0." + number));
        }

        @Override
        public String toString() {
            return site + " vlan " + vlan + " vni " + vni + " of " + port + " from " + remotes;
        }
    }

    private final VxlanLab lab = new VxlanLab();
    private final List<Segment> segments = new ArrayList<>();
    private final long[] arrived = new long[EVE + 1]; // datagrams at each switch
    private SplittableRandom random;
    private int switches;
    private int hub; // the switch that relays: two of them would be a loop
    private int stamp;
    private int delivered;

    @RepeatedTest(4)
    void shouldKeepSegmentsApart() throws Exception {
        random = TestSeed.random("VxlanIsolationTest");
        switches = 2 + random.nextInt(3);
        hub = random.nextInt(switches + 1);
        for (int i = 1; i <= switches; i++) {
            lab.site("" + i, "10.0.0." + i);
        }
        lab.network.host(VxlanLab.address("10.0.0." + EVE));
        for (int i = 1; i <= switches; i++) {
            open(i);
        }
        for (int i = 0; i < STEPS * TestSeed.effort(); i++) {
            for (int j = random.nextInt(6); j >= 0; j--) {
                act();
            }
            lab.settle();
            look();
        }
        assertThat(delivered).as("frames that came through").isPositive();
        for (int i = 1; i <= switches; i++) {
            VxlanSite site = lab.site(i);
            long received = segments.stream()
                    .filter(segment -> segment.site == site)
                    .map(segment -> segment.port)
                    .distinct()
                    .mapToLong(port -> site.statistics(port).rxSegments())
                    .sum();
            assertThat(site.refused() + received).as("datagrams at %s", site).isEqualTo(arrived[i]);
        }
    }

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    // ---- switches ----

    private void open(int number) throws PortException {
        VxlanSite site = lab.site(number);
        int vlan = 1;
        boolean mapped = random.nextBoolean();
        StringBuilder map = new StringBuilder();
        Set<String> mapRemotes = randomRemotes(number);
        for (int vni : VNIS) {
            if (random.nextInt(4) == 0) {
                continue; // this switch is not in the segment
            }
            Segment segment = new Segment(site, number, vlan, vni, mapped ? "trunk" : "vx" + vlan);
            segment.remotes.addAll(mapped ? mapRemotes : randomRemotes(number));
            segments.add(segment);
            site.memory(segment.memory(), access(vlan));
            map.append(map.isEmpty() ? "" : ",").append(vlan).append(':').append(vni);
            if (!mapped) {
                segment.learns = random.nextInt(8) == 0;
                site.vxlan(segment.port, options("key=" + vni, segment), hub(number, access(vlan)));
            }
            vlan++;
            if (!mapped && !segment.learns && random.nextInt(4) == 0) {
                vlan += second(segment, vlan);
            }
        }
        if (mapped && !map.isEmpty()) {
            site.vxlan(
                    "trunk",
                    options("vlan_vni_map=" + map, segments.get(segments.size() - 1)),
                    hub(
                            number,
                            PortSettings.builder()
                                    .vlans(VlanSettings.trunk(VlanSet.parse("1-" + vlan)))
                                    .build()));
        }
    }

    /** Another segment of the same VNI, told apart by its remote ends. */
    private int second(Segment first, int vlan) throws PortException {
        Segment segment = new Segment(first.site, first.number, vlan, first.vni, "vx" + vlan);
        segment.remotes.addAll(randomRemotes(first.number));
        segment.remotes.removeAll(first.remotes);
        segments.add(segment);
        first.site.memory(segment.memory(), access(vlan));
        first.site.vxlan(segment.port, options("key=" + first.vni, segment), hub(first.number, access(vlan)));
        return 1;
    }

    private Set<String> randomRemotes(int number) {
        Set<String> remotes = new HashSet<>();
        for (int i = 1; i <= switches; i++) {
            if (i != number && random.nextInt(4) != 0) {
                remotes.add("10.0.0." + i);
            }
        }
        return remotes;
    }

    private static String options(String key, Segment segment) {
        return key
                + (segment.remotes.isEmpty() ? "" : "&remote_ip=" + String.join(",", segment.remotes))
                + (segment.learns ? "&learn_remotes=true" : "");
    }

    private static PortSettings access(int vlan) {
        return PortSettings.builder().vlans(VlanSettings.access(vlan)).build();
    }

    private PortSettings hub(int number, PortSettings settings) {
        return hub == number ? settings.with(builder -> builder.hairpin(true)) : settings;
    }

    // ---- what happens ----

    private void act() {
        switch (random.nextInt(5)) {
            case 0, 1 -> {
                Segment from = segments.get(random.nextInt(segments.size()));
                byte[] frame = randomFrame(60 + random.nextInt(60));
                from.site.send(from.memory(), frame);
                take(lab.takeSent());
            }
            case 2, 3 -> injectDatagram();
            default -> injectBurst();
        }
    }

    private byte[] randomFrame(int length) {
        byte[] frame = InnerFrames.frame(randomStation(true), randomStation(false), length, ++stamp);
        if (random.nextInt(10) == 0) {
            return InnerFrames.tagged(random.nextInt(8), frame);
        }
        return frame;
    }

    /** Few stations, in all segments and switches alike, so that they move all the time. */
    private String randomStation(boolean destination) {
        return destination && random.nextInt(3) == 0 ? VxlanLab.BROADCAST : "02:00:00:00:00:0" + random.nextInt(6);
    }

    private int randomVni() {
        return random.nextInt(6) == 0 ? random.nextInt(1 << 24) : VNIS[random.nextInt(VNIS.length)];
    }

    private String randomAddress() {
        return "10.0.0." + (random.nextInt(4) == 0 ? EVE : 1 + random.nextInt(switches));
    }

    private byte[] randomPacket(int frameLength) {
        byte[] packet = VxlanBytes.packet(randomVni(), randomFrame(frameLength));
        if (random.nextInt(4) == 0) {
            packet[random.nextInt(8)] = (byte) random.nextInt();
        }
        return packet;
    }

    private void injectDatagram() {
        byte[] packet = randomPacket(14 + random.nextInt(100));
        if (random.nextInt(4) == 0) {
            packet = Arrays.copyOf(packet, random.nextInt(packet.length));
        }
        int to = 1 + random.nextInt(switches);
        lab.network.inject(
                packet,
                VxlanLab.peer(randomAddress(), 1 + random.nextInt(65_535)),
                VxlanLab.peer("10.0.0." + to, VxlanLab.PORT));
        take(lab.takeSent());
    }

    /** Datagrams of one sender that came together, segments mixed; sometimes the first lies about its length. */
    private void injectBurst() {
        int to = 1 + random.nextInt(switches);
        String from = randomAddress();
        int length = 60 + random.nextInt(60);
        int stride = 8 + length;
        byte[][] packets = new byte[2 + random.nextInt(6)][];
        for (int i = 0; i < packets.length; i++) {
            packets[i] = Arrays.copyOf(randomPacket(length), stride); // a tag makes it longer
        }
        boolean lies = random.nextInt(3) == 0;
        if (lies) {
            WireFrame lie = InnerFrames.udp(length - 42);
            lie.ipLength = packets.length * stride - 22;
            lie.udpLength = lie.ipLength - 20;
            packets[0] = VxlanBytes.packet(VNIS[random.nextInt(VNIS.length)], lie.bytes());
        } else if (random.nextBoolean()) {
            int last = packets.length - 1;
            packets[last] = Arrays.copyOf(packets[last], 1 + random.nextInt(stride));
        }
        lab.network.injectMessage(
                InnerFrames.concat(packets),
                stride,
                VxlanLab.peer(from, 50_000),
                VxlanLab.peer("10.0.0." + to, VxlanLab.PORT));
        List<MemoryDatagram> seen = lab.takeSent();
        take(seen.subList(0, seen.size() - 1)); // what was before; the last is the burst
        for (byte[] packet : packets) {
            allow(to, from, packet);
        }
        // One that lies counts once, if what comes second looks like another datagram; else it is what it says.
        arrived[to] += lies ? 1 : packets.length;
        if (lies && !isPlain(packets[1])) {
            allow(to, from, InnerFrames.concat(packets));
        }
    }

    private static boolean isPlain(byte[] packet) {
        return (VxlanBytes.header(packet) & 0xffff_ffff_0000_00ffL) == 0x0800_0000_0000_0000L;
    }

    // ---- what may come of it ----

    private void take(List<MemoryDatagram> datagrams) {
        for (MemoryDatagram datagram : datagrams) {
            String to = datagram.to().address();
            int number = Integer.parseInt(to.substring(to.lastIndexOf('.') + 1));
            if (number != EVE && !lab.site(number).host.sockets().isEmpty()) {
                arrived[number]++;
                allow(number, datagram.from().address(), datagram.bytes());
            }
        }
    }

    private void allow(int to, String from, byte[] packet) {
        if (packet.length < 8 || (packet[0] & 0x8c) != 0x08) {
            return;
        }
        for (Segment segment : segments) {
            if (segment.number == to && segment.vni == VxlanBytes.vni(packet) && segment.takesFrom(from)) {
                segment.allowed.add(ByteBuffer.wrap(VxlanBytes.inner(packet)));
            }
        }
    }

    /** All that came out of memory ports was allowed to. */
    private void look() {
        take(lab.takeSent());
        for (Segment segment : segments) {
            for (byte[] frame : segment.site.take(segment.memory())) {
                assertThat(segment.allowed).as("at %s", segment).contains(ByteBuffer.wrap(frame));
                delivered++;
            }
        }
    }
}
