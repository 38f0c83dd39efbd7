package io.weft.gre;

import static io.weft.gre.GreBytes.Fields.PLAIN;
import static io.weft.gre.GreBytes.packet;
import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static io.weft.tunnel.WireSegments.cut;
import static io.weft.tunnel.WireSegments.flow;
import static io.weft.tunnel.WireSegments.onTheWire;
import static io.weft.tunnel.WireSegments.takeFromWire;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.bridge.PortSettings;
import io.weft.offload.VirtioFrame;
import io.weft.offload.WireFrame;
import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.Packets;
import io.weft.tunnel.SuperFramePort;
import io.weft.underlay.MemoryDatagram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Super-frames and runs of segments through GRE ports, raw and in UDP: the frames of the wire stay what they are. */
class GreSuperFrameTest {
    private static final String US = "10.0.0.1";
    private static final String PEER = "10.0.0.2";
    private static final String OTHER = "10.0.0.3";

    private final GreLab lab = new GreLab();
    private final SuperFramePort left = new SuperFramePort("t");
    private final SuperFramePort right = new SuperFramePort("t");

    @AfterEach
    void assertAllIsAccountedFor() {
        left.letGo();
        right.letGo();
        lab.close();
    }

    private void pair(String options) throws Exception {
        lab.site("1", US).add("t", left, GretapTest.access(1));
        lab.site("2", PEER, OTHER).add("t", right, PortSettings.DEFAULT);
        lab.site(1).gre("mgretap:g?key=1&remote_ip=" + PEER + "," + OTHER + options, GretapTest.access(1));
        lab.site(2).gre("gretap:g?key=1&remote_ip=" + US + options);
        lab.site(1).port("g").floodTo(List.of(lab.site(1).remote("g", PEER)));
    }

    /** Lets packets come that all wait before the switch looks. */
    private void arrive(String from, List<byte[]> packets) {
        for (byte[] packet : packets) {
            lab.network.inject(GreLab.datagram(from, US, packet));
        }
    }

    private static List<byte[]> packets(List<byte[]> frames) {
        return frames.stream().map(frame -> packet(1, frame)).toList();
    }

    // ---- through two ports ----

    @ParameterizedTest
    @CsvSource({
        "'', false, false, 60000, 1386",
        "'', false, true, 60000, 1366",
        "'', true, false, 60000, 1378",
        "'', false, false, 5, 0",
        "'&csum=true', false, false, 30000, 1380",
        "'&csum=true&seq=true', true, true, 30001, 1300",
        "'&udp=true', false, false, 60000, 1378",
        "'&udp=true', false, true, 60000, 1358",
        "'&udp=true', true, true, 50001, 1000",
        "'&udp=true', true, false, 1300, 64",
        "'&udp=true&csum=true&seq=true', false, false, 30000, 1350",
        "'&udp=true&udp_csum=false&gro=false', false, false, 30000, 1300"
    })
    void shouldGiveTheSameFramesAtTheOtherEnd(String options, boolean udp, boolean ipv6, int payload, int size)
            throws Exception {
        pair(options);
        WireFrame whole = flow(udp, ipv6, payload);
        left.send(whole.partial(size));
        lab.settle();
        List<byte[]> wire = cut(whole, size == 0 ? payload : size);
        List<MemoryDatagram> sent = lab.takeSent();
        assertThat(sent).extracting(one -> GreBytes.inner(one.bytes())).containsExactlyElementsOf(wire);
        for (int i = 0; i < wire.size(); i++) {
            GreBytes.Fields fields = PLAIN.key(1).sequence(options.contains("seq") ? i : -1);
            fields = options.contains("&csum=true") ? fields.withChecksum() : fields;
            assertThat(sent.get(i).bytes()).isEqualTo(fields.packet(wire.get(i)));
        }
        List<VirtioFrame> came = right.take();
        assertThat(came.stream().flatMap(one -> onTheWire(one).stream())).containsExactlyElementsOf(wire);
        PortStatistics received = lab.site(2).statistics("g");
        assertThat(received.rxSegments()).isEqualTo(wire.size());
        assertThat(lab.site(1).statistics("g").txFrames()).isEqualTo(wire.size());
        assertThat(lab.site(2).remote("g", US).rxFrames()).isEqualTo(wire.size());
        if (payload >= 30_000 && !options.contains("gro=false")) {
            assertThat(came).hasSizeLessThan(wire.size() / 2); // merged again
        }
    }

    @Test
    void shouldDropTheSegmentsThatDoNotFit() throws Exception {
        pair("");
        left.send(flow(true, false, 4_500).partial(1_450)); // 20 bytes too long, but for the last
        lab.settle();
        assertThat(lab.site(1).dropped("g", DropReason.TOO_LONG)).isEqualTo(3);
        assertThat(takeFromWire(right)).hasSize(1);
    }

    // ---- raw: each segment is a message of its own ----

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void shouldMergeSegmentsThatComeOneByOne(boolean udp, boolean ipv6) throws Exception {
        pair("");
        List<byte[]> wire = cut(flow(udp, ipv6, 31 * 1_300), 1_300);
        arrive(PEER, packets(wire));
        lab.settle();
        List<VirtioFrame> came = left.take();
        assertThat(came.stream().flatMap(one -> onTheWire(one).stream())).containsExactlyElementsOf(wire);
        assertThat(came).hasSizeLessThan(8);
        assertThat(lab.site(1).statistics("g").rxSegments()).isEqualTo(31);
    }

    /** Where no memory is left for a copy, a long packet goes on where it landed, though the next one looks as if it followed. */
    @Test
    void shouldNotDropLongPacketsForWantOfCopies() throws Exception {
        lab.network.mtu(9_000);
        pair("");
        left.hold();
        List<byte[]> wire = new ArrayList<>();
        WireFrame segment = flow(false, false, 3_000);
        for (int i = 0; i < 400; i++) { // more than there are large frames; each with a gap in front
            wire.add(segment.bytes());
            segment.seq += 7_000;
            segment.id++;
        }
        arrive(PEER, packets(wire));
        for (int i = 0; i < 2_000; i++) {
            lab.site(1).lan.step(); // without memory it may go on for ever
        }
        int held = left.take().size();
        assertThat(held).isBetween(200, 399);
        left.letGo();
        lab.settle();
        assertThat(lab.site(1).dropped("g", DropReason.POOL_EMPTY)).isZero();
        assertThat(left.take()).hasSize(400 - held);
    }

    /** The same numbers and ports from two remote ends at once: these are two flows, whatever they say. */
    @Test
    void shouldNotMergeWhatComesFromDifferentRemoteEnds() throws Exception {
        pair("");
        List<byte[]> wire = cut(flow(false, false, 20 * 1_000), 1_000);
        for (int i = 0; i < wire.size(); i++) {
            arrive(i % 2 == 0 ? PEER : OTHER, List.of(packet(1, wire.get(i))));
        }
        lab.settle();
        List<VirtioFrame> came = left.take();
        assertThat(came).hasSize(20);
        assertThat(came.stream().flatMap(one -> onTheWire(one).stream())).containsExactlyElementsOf(wire);
        assertThat(lab.site(1).remote("g", PEER).rxFrames()).isEqualTo(10);
        assertThat(lab.site(1).remote("g", OTHER).rxFrames()).isEqualTo(10);
    }

    @Test
    void shouldNotMergeAcrossPorts() throws Exception {
        pair("");
        SuperFramePort other = new SuperFramePort("o");
        lab.site(1).add("o", other, GretapTest.access(2));
        lab.site(1).gre("gretap:g2?key=2&remote_ip=" + PEER, GretapTest.access(2));
        List<byte[]> wire = cut(flow(false, false, 20 * 1_000), 1_000);
        for (int i = 0; i < wire.size(); i++) {
            arrive(PEER, List.of(packet(1 + i / 2 % 2, wire.get(i))));
        }
        lab.settle();
        List<byte[]> mine = new ArrayList<>();
        List<byte[]> others = new ArrayList<>();
        for (int i = 0; i < wire.size(); i++) {
            (i / 2 % 2 == 0 ? mine : others).add(wire.get(i));
        }
        assertThat(takeFromWire(left)).containsExactlyElementsOf(mine);
        assertThat(takeFromWire(other)).containsExactlyElementsOf(others);
    }

    /** Flows, small frames, frames that are none, and packets of others in between: all in the order in which they came. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepTheOrderOfAll(boolean ipv6) throws Exception {
        pair("&seq=true");
        SplittableRandom random = TestSeed.random("GreSuperFrameTest");
        for (int round = 0; round < 30; round++) {
            List<byte[]> expected = new ArrayList<>();
            WireFrame[] flows = {flow(false, ipv6, 0), flow(true, ipv6, 0), flow(false, ipv6, 0)};
            flows[2].sourcePort++;
            long wrong = lab.site(1).refused(GreCounter.UNKNOWN_KEY);
            int count = 1 + random.nextInt(150);
            int flow = 0;
            for (int i = 0; i < count; i++) {
                flow = random.nextInt(6) == 0 ? random.nextInt(flows.length + 2) : flow;
                byte[] bytes;
                if (flow >= flows.length) {
                    bytes = frame(flow == 3 ? BROADCAST : "02:00:00:00:00:07", A, 14 + random.nextInt(flow * 80), i);
                } else {
                    WireFrame next = flows[flow];
                    next.payload = new byte[random.nextInt(10) == 0 ? random.nextInt(1_300) : 1_300];
                    random.nextBytes(next.payload);
                    bytes = next.bytes();
                    next.seq += next.payload.length;
                    next.id++;
                }
                int kind = random.nextInt(20);
                if (kind == 0) {
                    arrive(PEER, List.of(packet(99, bytes)));
                    wrong++;
                } else {
                    arrive(PEER, List.of(packet(1, bytes)));
                    expected.add(bytes);
                }
                if (random.nextInt(25) == 0) {
                    lab.site(1).lan.step();
                }
            }
            lab.settle();
            assertThat(takeFromWire(left)).containsExactlyElementsOf(expected);
            assertThat(lab.site(1).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(wrong);
        }
    }

    // ---- in UDP: a message may be a burst ----

    private void burst(int segmentSize, byte[]... packets) {
        lab.injectBurst(PEER, US, segmentSize, packets);
        lab.settle();
    }

    @Test
    void shouldTakeBurstsApartWithKeysMixed() throws Exception {
        pair("&udp=true");
        byte[][] packets = new byte[40][];
        List<byte[]> expected = new ArrayList<>();
        for (int i = 0; i < packets.length; i++) {
            byte[] frame = frame(BROADCAST, A, 60, i);
            packets[i] = packet(i % 5 == 4 ? 2 : 1, frame);
            if (i % 5 != 4) {
                expected.add(frame);
            }
        }
        burst(68, packets);
        assertThat(takeFromWire(left)).containsExactlyElementsOf(expected);
        assertThat(lab.site(1).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(8);
    }

    @Test
    void shouldRefuseBurstsThatMayBeOneFrame() throws Exception {
        pair("&udp=true");
        WireFrame lie = flow(true, false, 100);
        int stride = packet(1, lie.bytes()).length;
        lie.ipLength = 3 * stride - 8 - 14;
        lie.udpLength = lie.ipLength - 20;
        byte[] honest = packet(1, frame(BROADCAST, A, stride - 8, 1));
        burst(stride, packet(1, lie.bytes()), honest, honest);
        assertThat(lab.site(1).refused(GreCounter.AMBIGUOUS)).isEqualTo(1);
        assertThat(left.take()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 1_378})
    void shouldTakeAKernelsInnerSegmentSizeForThat(int size) throws Exception {
        pair("&udp=true");
        WireFrame whole = flow(true, false, 9_000);
        burst(size, packet(1, whole.partial(size).bytes()));
        List<VirtioFrame> came = left.take();
        assertThat(came).hasSize(1);
        assertThat(onTheWire(came.get(0))).containsExactlyElementsOf(cut(whole, size));
    }

    /** A kernel's UDP super-frame in layer 3, in which a station writes GRE headers where its own segments end; or does not. */
    @ParameterizedTest
    @CsvSource({"0, 0x20006558", "1, 0x20006558", "0, 0x00000800", "0, 0x000086dd", "0, 0x00000801"})
    void shouldNotTakePayloadForPacketsInLayerThree(int version, String header) throws Exception {
        pair("&udp=true");
        SuperFramePort other = new SuperFramePort("o");
        lab.site(1).add("o", other, GretapTest.access(2));
        lab.site(1).gre("gre:l?udp=true&remote_ip=" + PEER, GretapTest.access(2));
        WireFrame inside = flow(true, version == 1, 900);
        inside.destination = 0;
        inside.source = 0;
        int size = 100;
        byte[] honest = PLAIN.type(version == 1 ? GreBytes.IPV6 : GreBytes.IPV4)
                .packet(InnerFrames.bare(inside.partial(size).bytes()));
        burst(size, honest);
        List<VirtioFrame> came = other.take();
        assertThat(came.stream().flatMap(one -> onTheWire(one).stream())).containsExactlyElementsOf(cut(inside, size));
        byte[] evil = InnerFrames.concat(
                Packets.bytes(header.substring(2)), new byte[] {0, 0, 0, 1}, frame(BROADCAST, A, 92, 7));
        for (int at = size; at + size <= honest.length; at += size) {
            System.arraycopy(evil, 0, honest, at, evil.length);
        }
        burst(size, honest);
        assertThat(left.take()).isEmpty();
        boolean looksLikeOne = !header.endsWith("1");
        assertThat(other.take()).hasSize(looksLikeOne ? 0 : 1);
        assertThat(lab.site(1).refused(GreCounter.AMBIGUOUS)).isEqualTo(looksLikeOne ? 1 : 0);
    }

    /** The first packet says that it reaches to the end of the burst, to get those of other kinds that are behind it. */
    @ParameterizedTest
    @ValueSource(strings = {"20006558", "00006558", "00000800", "300086dd"})
    void shouldNotGivePacketsToWhoLiesInFrontOfThem(String header) throws Exception {
        pair("&udp=true");
        WireFrame lie = flow(true, false, 100);
        int stride = packet(1, lie.bytes()).length;
        lie.ipLength = 2 * stride - 8 - 14;
        lie.udpLength = lie.ipLength - 20;
        byte[] victim = Arrays.copyOf(Packets.bytes(header), stride);
        burst(stride, packet(1, lie.bytes()), victim);
        assertThat(left.take()).isEmpty();
        assertThat(lab.site(1).refused(GreCounter.AMBIGUOUS)).isEqualTo(1);
    }

    @Test
    void shouldSendToAndListenAtTheirPort() throws Exception {
        pair("&udp=true&dst_port=5000");
        left.send(VirtioFrame.plain(frame(BROADCAST, A)));
        lab.settle();
        assertThat(lab.takeSent())
                .allMatch(sent -> sent.to().port() == 5_000 && sent.from().port() >= 49_152);
        assertThat(takeFromWire(right)).hasSize(1);
        lab.injectUdp(PEER, US, packet(1, frame(BROADCAST, A))); // at the usual one nobody listens
        assertThat(left.take()).isEmpty();
        assertThat(lab.site(1).refused()).isZero();
    }
}
