package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.gre.GreBytes.Fields;
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
 * Random switches with random GRE ports, keyed and keyless, NVGRE and layer 3, raw and in UDP, random frames between them and
 * random packets of somebody who means harm: a frame never comes out of a port but one that takes its key and kind, nor when
 * it was not sent by one of that port's remote ends; and every packet that a socket wants is counted somewhere.
 *
 * <p>In each switch a port has a VLAN of its own with a memory port. What may come out is worked out from what was seen on
 * the underlay, read by {@link ReferenceGre}.
 */
class GreIsolationTest {
    private static final long[] KEYS = {-1, 0, 1, 0x1000_00, 0x1001_00, 0xffff_ffffL};
    private static final int STEPS = 60;
    private static final int EVE = 9; // 10.0.0.9 is a host without a switch

    private enum Kind {
        ETHERNET,
        ZERO_IS_NONE,
        NVGRE,
        IP
    }

    /** A port in a switch. */
    private record Tunnel(
            GreSite site,
            int number,
            int vlan,
            Kind kind,
            long key,
            boolean udp,
            boolean learns,
            Set<String> remotes,
            Set<ByteBuffer> allowed) {
        String memory() {
            return "h" + vlan;
        }

        String port() {
            return "g" + vlan;
        }

        boolean takesFrom(String address) {
            return remotes.contains(address) || (learns && !address.equals("10.0.0." + number));
        }

        boolean takes(ReferenceGre header) {
            boolean ethernet = header.protocolType() == GreBytes.ETHERNET;
            boolean ip = header.protocolType() == GreBytes.IPV4 || header.protocolType() == GreBytes.IPV6;
            return switch (kind) {
                case ETHERNET -> ethernet && header.key() == key;
                case ZERO_IS_NONE -> ethernet && header.key() <= 0;
                case NVGRE -> ethernet && header.key() >>> 8 == key && !header.hasChecksum() && header.sequence() < 0;
                case IP -> ip && header.key() == key;
            };
        }
    }

    private final GreLab lab = new GreLab();
    private final List<Tunnel> tunnels = new ArrayList<>();
    private final long[] arrived = new long[EVE + 1]; // packets that the sockets of each switch want
    private SplittableRandom random;
    private int switches;
    private int stamp;
    private int delivered;

    @RepeatedTest(4)
    void shouldKeepTunnelsApart() throws Exception {
        random = TestSeed.random("GreIsolationTest");
        switches = 2 + random.nextInt(3);
        for (int i = 1; i <= switches; i++) {
            lab.site("" + i, "10.0.0." + i);
        }
        lab.network.host(GreLab.address("10.0.0." + EVE));
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
            GreSite site = lab.site(i);
            long received = tunnels.stream()
                    .filter(tunnel -> tunnel.site == site)
                    .mapToLong(tunnel -> site.statistics(tunnel.port()).rxSegments())
                    .sum();
            assertThat(site.refused() + received).as("packets at %s", site).isEqualTo(arrived[i]);
        }
    }

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    // ---- switches ----

    private void open(int number) throws PortException {
        int vlan = 0;
        for (boolean udp : new boolean[] {false, true}) {
            boolean zeroIsNone = random.nextInt(4) == 0;
            for (long key : KEYS) {
                if (random.nextInt(4) == 0) {
                    continue; // this switch is not in that tunnel
                }
                if (key == 0x1001_00) {
                    open(number, ++vlan, Kind.NVGRE, key >>> 8, udp);
                    continue;
                }
                boolean taken = zeroIsNone && key == 0;
                if (!taken) {
                    boolean zero = zeroIsNone && key == -1;
                    vlan = openOneOrTwo(number, vlan, zero ? Kind.ZERO_IS_NONE : Kind.ETHERNET, zero ? 0 : key, udp);
                }
                if (random.nextBoolean()) {
                    open(number, ++vlan, Kind.IP, key, udp);
                }
            }
        }
    }

    /** The second of the same key is told apart by its remote ends. */
    private int openOneOrTwo(int number, int vlan, Kind kind, long key, boolean udp) throws PortException {
        int last = vlan + 1;
        Tunnel first = open(number, last, kind, key, udp);
        if (!first.learns && random.nextInt(4) == 0) {
            Set<String> others = randomRemotes(number);
            others.removeAll(first.remotes);
            open(number, ++last, kind, key, udp, false, others);
        }
        return last;
    }

    private Tunnel open(int number, int vlan, Kind kind, long key, boolean udp) throws PortException {
        return open(number, vlan, kind, key, udp, random.nextInt(8) == 0, randomRemotes(number));
    }

    private Tunnel open(int number, int vlan, Kind kind, long key, boolean udp, boolean learns, Set<String> remotes)
            throws PortException {
        if (kind == Kind.IP) { // which has one without routes, and learns none
            learns = false;
            remotes = Set.of("10.0.0." + (number == 1 ? 2 : 1 + random.nextInt(number - 1)));
        }
        GreSite site = lab.site(number);
        Tunnel tunnel = new Tunnel(site, number, vlan, kind, key, udp, learns, remotes, new HashSet<>());
        tunnels.add(tunnel);
        PortSettings access =
                PortSettings.builder().vlans(VlanSettings.access(vlan)).build();
        site.memory(tunnel.memory(), access);
        boolean plain = kind == Kind.NVGRE;
        site.gre(
                (kind == Kind.IP ? "gre:" : "mgretap:") + tunnel.port() + "?inner_tags=discard&key=" + key
                        + (remotes.isEmpty() ? "" : "&remote_ip=" + String.join(",", remotes))
                        + ("&udp=" + udp + "&learn_remotes=" + learns + "&nvgre=" + plain)
                        + ("&keyless_is_zero=" + (kind == Kind.ZERO_IS_NONE))
                        + ("&csum=" + (!plain && random.nextBoolean()) + "&seq=" + (!plain && random.nextBoolean())),
                access);
        return tunnel;
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

    // ---- what happens ----

    private void act() {
        switch (random.nextInt(5)) {
            case 0, 1 -> {
                Tunnel from = tunnels.get(random.nextInt(tunnels.size()));
                int length = 60 + random.nextInt(60);
                from.site.send(from.memory(), random.nextBoolean() ? randomFrame(length) : randomPacketFrame(length));
                take(lab.takeSent());
            }
            case 2, 3 -> injectPacket();
            default -> injectBurst();
        }
    }

    private byte[] randomFrame(int length) {
        byte[] frame = InnerFrames.frame(randomStation(true), randomStation(false), length, ++stamp);
        return random.nextInt(10) == 0 ? InnerFrames.tagged(random.nextInt(8), frame) : frame;
    }

    /** Of IP, with MAC addresses; its number is in its payload. */
    private byte[] randomPacketFrame(int length) {
        boolean ipv6 = random.nextBoolean();
        byte[] packet = ipv6
                ? InnerFrames.ip("2001:db8::1", "2001:db8::2", length - 48)
                : InnerFrames.ip("192.0.2.1", "192.0.2.2", length - 28);
        ByteBuffer.wrap(packet).putInt(packet.length - 4, ++stamp);
        System.arraycopy(InnerFrames.frame(randomStation(true), randomStation(false)), 0, packet, 0, 12);
        return packet;
    }

    /** Few stations, in all tunnels and switches alike, so that they move all the time. */
    private String randomStation(boolean destination) {
        return destination && random.nextInt(3) == 0 ? GreLab.BROADCAST : "02:00:00:00:00:0" + random.nextInt(6);
    }

    private String randomAddress() {
        return "10.0.0." + (random.nextInt(4) == 0 ? EVE : 1 + random.nextInt(switches));
    }

    private byte[] randomPacket(int length, boolean isChanged) {
        long key = KEYS[random.nextInt(KEYS.length)];
        if (key > 1 && random.nextBoolean()) {
            key ^= random.nextInt(random.nextBoolean() ? 256 : 1 << 24); // a FlowID, or anything
        }
        boolean ip = random.nextInt(3) == 0;
        byte[] payload = ip ? InnerFrames.bare(randomPacketFrame(length)) : randomFrame(length);
        boolean ipv6 = ip && payload[0] >> 4 == 6;
        Fields fields = Fields.PLAIN.key(key).type(ip ? ipv6 ? GreBytes.IPV6 : GreBytes.IPV4 : GreBytes.ETHERNET);
        if (random.nextInt(4) == 0) {
            fields = fields.sequence(random.nextInt() & 0xffff_ffffL);
        }
        if (random.nextInt(4) == 0) {
            fields = fields.withChecksum();
        }
        byte[] packet = fields.packet(payload);
        if (isChanged) {
            packet[random.nextInt(8)] = (byte) random.nextInt();
        }
        return packet;
    }

    private void injectPacket() {
        byte[] packet = randomPacket(60 + random.nextInt(60), random.nextInt(4) == 0);
        if (random.nextInt(4) == 0) {
            packet = Arrays.copyOf(packet, random.nextInt(packet.length));
        }
        String to = "10.0.0." + (1 + random.nextInt(switches));
        if (random.nextBoolean()) {
            lab.network.inject(GreLab.datagram(randomAddress(), to, packet));
        } else {
            lab.network.inject(packet, GreLab.peer(randomAddress(), 7), GreLab.peer(to, GreLab.UDP_PORT));
        }
        take(lab.takeSent());
    }

    /** Packets of one sender that came together in UDP, keys and kinds mixed; sometimes the first lies about its length. */
    private void injectBurst() {
        int to = 1 + random.nextInt(switches);
        String from = randomAddress();
        int stride = 80 + random.nextInt(60);
        byte[][] packets = new byte[2 + random.nextInt(6)][];
        for (int i = 0; i < packets.length; i++) {
            // Not the first: with flags of a longer header it might be just as long as all of them, a lie that is not
            // expected.
            boolean isChanged = i > 0 && random.nextInt(4) == 0;
            packets[i] = Arrays.copyOf(randomPacket(stride - 8, isChanged), stride);
        }
        boolean lies = random.nextInt(3) == 0;
        if (lies) {
            WireFrame lie = InnerFrames.udp(stride - 50);
            lie.ipLength = packets.length * stride - 22;
            lie.udpLength = lie.ipLength - 20;
            packets[0] = GreBytes.packet(KEYS[1 + random.nextInt(KEYS.length - 1)], lie.bytes());
        } else if (random.nextBoolean()) {
            int last = packets.length - 1;
            packets[last] = Arrays.copyOf(packets[last], 1 + random.nextInt(stride));
        }
        lab.network.injectMessage(
                InnerFrames.concat(packets),
                stride,
                GreLab.peer(from, 7),
                GreLab.peer("10.0.0." + to, GreLab.UDP_PORT));
        List<MemoryDatagram> seen = lab.takeSent();
        take(seen.subList(0, seen.size() - 1)); // what was before; the last is the burst
        if (!hasListener(to, true, from)) {
            return;
        }
        for (byte[] packet : packets) {
            allow(to, from, true, packet);
        }
        // One that lies counts once: it is refused if what comes second looks like a packet, else it is what it says.
        arrived[to] += lies ? 1 : packets.length;
        if (lies && !looksLikePacket(packets[1])) {
            allow(to, from, true, InnerFrames.concat(packets));
        }
    }

    /** Whether a header has no bit but C, K and S, and a type that is carried. */
    private static boolean looksLikePacket(byte[] packet) {
        ByteBuffer header = ByteBuffer.wrap(packet);
        int type = header.getShort(2) & 0xffff;
        return packet.length >= 4
                && (header.getShort(0) & 0x4fff) == 0
                && (type == GreBytes.ETHERNET || type == GreBytes.IPV4 || type == GreBytes.IPV6);
    }

    // ---- what may come of it ----

    private void take(List<MemoryDatagram> datagrams) {
        for (MemoryDatagram datagram : datagrams) {
            String to = datagram.to().address();
            int number = Integer.parseInt(to.substring(to.lastIndexOf('.') + 1));
            boolean udp = datagram.protocol() == 17;
            String from = datagram.from().address();
            if (number != EVE && hasListener(number, udp, from)) {
                arrived[number]++;
                allow(number, from, udp, datagram.bytes());
            }
        }
    }

    /** Whether a switch has a socket for it; a raw one takes only what comes from remote ends, unless one of its ports learns. */
    private boolean hasListener(int number, boolean udp, String from) {
        return tunnels.stream()
                .filter(tunnel -> tunnel.number == number && tunnel.udp == udp)
                .anyMatch(tunnel -> udp || tunnel.learns || tunnel.remotes.contains(from));
    }

    private void allow(int to, String from, boolean udp, byte[] packet) {
        ReferenceGre header = ReferenceGre.read(packet, false);
        if (header.refusal() != null) {
            return;
        }
        byte[] inner = Arrays.copyOfRange(packet, header.headerLength(), packet.length);
        for (Tunnel tunnel : tunnels) {
            if (tunnel.number == to && tunnel.udp == udp && tunnel.takesFrom(from) && tunnel.takes(header)) {
                tunnel.allowed.add(ByteBuffer.wrap(tunnel.kind == Kind.IP ? InnerFrames.framed(inner) : inner));
            }
        }
    }

    /** All that came out of memory ports was allowed to. */
    private void look() {
        take(lab.takeSent());
        for (Tunnel tunnel : tunnels) {
            for (byte[] frame : tunnel.site.take(tunnel.memory())) {
                assertThat(tunnel.allowed)
                        .as(
                                "at %s VLAN %s, %s key %s from %s",
                                tunnel.site, tunnel.vlan, tunnel.kind, tunnel.key, tunnel.remotes)
                        .contains(ByteBuffer.wrap(frame));
                delivered++;
            }
        }
    }
}
