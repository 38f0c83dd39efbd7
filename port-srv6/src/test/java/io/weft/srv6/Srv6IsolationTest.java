package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.bridge.PortSettings;
import io.weft.frame.IpPrefix;
import io.weft.port.PortException;
import io.weft.srv6.Srv6Bytes.Outer;
import io.weft.tunnel.InnerFrames;
import io.weft.underlay.MemoryDatagram;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;

/**
 * Random switches with random ports of customers, each with a VLAN, SIDs, remote ends and a domain of its own; random frames between
 * them, by way of waypoints or not, and random packets of somebody who means harm. A frame never comes out of a port but one
 * to whose SID it was sent, by somebody who may; what comes from one remote end never goes to another one, nor back; and each packet
 * that comes to a SID is counted somewhere.
 *
 * <p>What may come out is worked out from what was seen on the underlay, by a reader that knows nothing of the code.
 */
class Srv6IsolationTest {
    private static final int STEPS = 60;
    private static final int EVE = 7; // fc00:7::1, a host without a switch

    /** A customer's port in a switch: the SID's last group is the customer. */
    private record Access(
            Srv6Site site,
            int number,
            int customer,
            boolean bridge,
            Set<String> remotes,
            boolean opensDomain,
            Set<ByteBuffer> allowed) {
        String memory() {
            return "h" + customer;
        }

        String port() {
            return "s" + customer;
        }

        boolean mayReceive(String from) {
            return remotes.contains(from) || opensDomain && !bridge && from.startsWith("fc00:" + EVE + ":");
        }
    }

    private final List<Access> ports = new ArrayList<>();
    private final Map<Integer, Long> arrived = new HashMap<>(); // at SIDs of each switch
    private final Map<Integer, Set<ByteBuffer>> local = new HashMap<>(); // frames that a station of a switch has sent
    private Srv6Lab lab;
    private SplittableRandom random;
    private int switches;
    private int stamp;
    private int delivered;

    @RepeatedTest(4)
    void shouldKeepCustomersApart() throws Exception {
        random = TestSeed.random("Srv6IsolationTest");
        switches = 2 + random.nextInt(3);
        lab = Srv6Lab.of(switches + 1);
        lab.network.host(Srv6Lab.address("fc00:" + EVE + "::1")).locators(IpPrefix.parse("fc00:" + EVE + "::/32"));
        int waypoint = switches + 1;
        lab.site(waypoint)
                .add(
                        "n",
                        Srv6Node.builder("n")
                                .local("fc00:" + waypoint + "::1")
                                .domain("fc00::/16")
                                .sid("fc00:" + waypoint + "::e End")
                                .sid("fc00:" + waypoint + "::f End flavors psp")
                                .underlay(lab.site(waypoint).host)
                                .build(),
                        PortSettings.DEFAULT);
        for (int i = 1; i <= switches; i++) {
            arrived.put(i, 0L);
            local.put(i, new HashSet<>());
            for (int customer = 1; customer <= 4; customer++) {
                if (random.nextInt(4) != 0) {
                    open(i, customer);
                }
            }
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
            Srv6Site site = lab.site(i);
            long received = ports.stream()
                    .filter(port -> port.site == site)
                    .mapToLong(port -> site.statistics(port.port()).rxFrames())
                    .sum();
            assertThat(site.refused() + received).as("packets at %s", site).isEqualTo(arrived.get(i));
        }
    }

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    // ---- switches ----

    private static String sid(int number, int customer) {
        return "fc00:" + number + "::c" + customer;
    }

    private static String source(int number) {
        return "fc00:" + number + "::1";
    }

    private void open(int number, int customer) throws PortException {
        Set<String> remotes = new HashSet<>();
        StringBuilder uri = new StringBuilder();
        boolean bridge = random.nextInt(3) != 0;
        for (int i = 1; i <= switches; i++) {
            boolean isRemote = i != number && random.nextInt(4) != 0;
            if (isRemote && (bridge || remotes.isEmpty())) {
                remotes.add(source(i));
                String by =
                        random.nextBoolean() ? "" : "fc00:" + (switches + 1) + (random.nextBoolean() ? "::e," : "::f,");
                uri.append("&remote=")
                        .append(source(i))
                        .append(" segs ")
                        .append(by)
                        .append(sid(i, customer));
                if (bridge && random.nextBoolean()) {
                    uri.append(" bum ").append(sid(i, customer));
                }
            }
        }
        if (remotes.isEmpty() && !bridge) {
            return;
        }
        boolean opensDomain = random.nextInt(3) == 0;
        Srv6Site site = lab.site(number);
        Access port = new Access(site, number, customer, bridge, remotes, opensDomain, new HashSet<>());
        ports.add(port);
        site.memory(port.memory(), Srv6Lab.access(customer));
        site.srv6(
                "srv6:" + port.port() + "?mode=" + (bridge ? "bridge" : "l2") + "&local_ip=" + source(number) + "&sid="
                        + sid(number, customer)
                        + (bridge ? random.nextBoolean() ? " End.DT2U" : " End.DT2M" : " End.DX2")
                        + (random.nextBoolean() ? "&encap=red" : "")
                        + (opensDomain ? "&sr_domain=fc00:" + EVE + "::/32" : "") + uri,
                Srv6Lab.access(customer));
        lab.takeSent();
    }

    // ---- what happens ----

    private void act() {
        if (random.nextBoolean()) {
            Access from = ports.get(random.nextInt(ports.size()));
            byte[] frame = randomFrame();
            add(local.get(from.number), frame, from.customer);
            from.site.send(from.memory(), frame);
            take(lab.takeSent(), true);
        } else {
            injectPacket();
        }
    }

    private byte[] randomFrame() {
        byte[] frame = InnerFrames.frame(randomStation(true), randomStation(false), 60 + random.nextInt(60), ++stamp);
        return random.nextInt(10) == 0 ? InnerFrames.tagged(random.nextInt(8), frame) : frame;
    }

    /** Few stations, of all customers and switches alike, so that they move all the time. */
    private String randomStation(boolean destination) {
        return destination && random.nextInt(3) == 0 ? Srv6Lab.BROADCAST : "02:00:00:00:00:0" + random.nextInt(6);
    }

    private String randomSource() {
        return switch (random.nextInt(6)) {
            case 0 -> "fc00:" + EVE + "::" + random.nextInt(4);
            case 1 -> "2001:db8::1";
            default -> source(1 + random.nextInt(switches));
        };
    }

    private void injectPacket() {
        String to = sid(1 + random.nextInt(switches), 1 + random.nextInt(5));
        String other = sid(1 + random.nextInt(switches), 1 + random.nextInt(5));
        Outer outer =
                switch (random.nextInt(4)) {
                    case 0 -> Outer.full(randomSource(), to);
                    case 1 -> Outer.full(randomSource(), other, to).at(to, random.nextInt(2));
                    case 2 -> Outer.reduced(randomSource(), other, to).at(to, 0);
                    default -> Outer.to(randomSource(), to);
                };
        byte[] packet = outer.ethernet(randomFrame());
        int damage = random.nextInt(4);
        if (damage == 0) {
            packet = Arrays.copyOf(packet, 40 + random.nextInt(packet.length - 40));
        } else if (damage == 1) {
            packet[random.nextInt(2) == 0 ? 6 : 40 + random.nextInt(8)] = (byte) random.nextInt();
            if (packet[6] == MemoryDatagram.UDP) {
                packet[6] = 0; // which the network in memory would take to a port
            }
        }
        lab.network.inject(Srv6Lab.datagram(packet));
        take(lab.takeSent(), false);
    }

    // ---- what may come of it ----

    /** Keeps accounts of what was seen; what switches send, they may send. */
    private void take(List<MemoryDatagram> seen, boolean areSent) {
        boolean injected = !areSent;
        for (MemoryDatagram datagram : seen) {
            byte[] packet = Srv6Lab.bytes(datagram);
            String from = datagram.from().address();
            String to = datagram.to().address();
            if (!injected) {
                assertIsNotRelayed(from, packet);
            }
            injected = false; // only the first one was
            for (Access port : ports) {
                if (to.equals(sid(port.number, port.customer))) {
                    arrived.merge(port.number, 1L, Long::sum);
                    byte[] frame = frame(packet);
                    if (frame != null && port.mayReceive(from)) {
                        add(port.allowed, frame, port.customer);
                    }
                }
            }
        }
    }

    /** A frame, and what it is behind an access port that takes its tag off. */
    private static void add(Set<ByteBuffer> frames, byte[] frame, int vlan) {
        frames.add(ByteBuffer.wrap(frame));
        boolean isTagged = frame.length >= 18 && frame[12] == (byte) 0x81 && frame[13] == 0;
        int tag = isTagged ? (frame[14] & 0xf) << 8 | frame[15] & 0xff : -1;
        if (tag == 0 || tag == vlan) {
            frames.add(ByteBuffer.wrap(
                    InnerFrames.concat(Arrays.copyOf(frame, 12), Arrays.copyOfRange(frame, 16, frame.length))));
        }
    }

    /** A switch sends what stations of its own have sent, and no more; the waypoint sends what it got. */
    private void assertIsNotRelayed(String from, byte[] packet) {
        int number = Integer.parseInt(from.split(":")[1]);
        if (packet[6] == 58) {
            return; // an answer
        }
        assertThat(local.get(number))
                .as("what switch %s has sent", number)
                .contains(ByteBuffer.wrap(Srv6Bytes.inner(packet)));
    }

    /** The frame in a packet that has come to its last segment; {@code null} when there is none, or there is something wrong. */
    private static byte[] frame(byte[] packet) {
        if (packet[6] == (byte) Srv6Bytes.ETHERNET) {
            return Arrays.copyOfRange(packet, 40, packet.length);
        }
        if (packet[6] != 43 && packet[6] != 0 && packet[6] != 60 || packet.length < 48) {
            return null;
        }
        ReferenceHeaders headers = ReferenceHeaders.read(packet);
        boolean isLast = headers.refusal() == null
                && (headers.srHeader() == 0 || packet[headers.srHeader() + 3] == 0)
                && headers.protocol() == Srv6Bytes.ETHERNET;
        return isLast ? Arrays.copyOfRange(packet, headers.upperLayer(), packet.length) : null;
    }

    /** All that came out of memory ports was allowed to. */
    private void look() {
        take(lab.takeSent(), true);
        for (Access port : ports) {
            for (byte[] frame : port.site.take(port.memory())) {
                if (local.get(port.number).contains(ByteBuffer.wrap(frame))) {
                    continue; // of a station on the same switch, which has no other port here
                }
                assertThat(port.allowed)
                        .as("at %s of customer %s, from %s", port.site, port.customer, port.remotes)
                        .contains(ByteBuffer.wrap(frame));
                delivered++;
            }
        }
    }
}
