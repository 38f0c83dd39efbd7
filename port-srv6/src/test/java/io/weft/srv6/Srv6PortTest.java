package io.weft.srv6;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.InnerFrames.ip;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.offload.WireFrame;
import io.weft.port.DropReason;
import io.weft.srv6.Srv6Bytes.Outer;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.RemoteEnd;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an SRv6 port writes, to the bit, and what it makes of what comes: between two ends, in each mode. */
class Srv6PortTest {
    private static final String ONE = "fc00:1::d1";
    private static final String TWO = "fc00:2::d2";

    private Srv6Lab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    /** Segments on the way from 1 to 2, the last of which is port 2's SID. */
    private static String[] segments(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> i == count ? TWO : "fc00:9:" + i + "::e")
                .toArray(String[]::new);
    }

    private static Outer outer(boolean reduced, String... segments) {
        return reduced ? Outer.reduced(ONE, segments) : Outer.full(ONE, segments);
    }

    /** Switches 1 and 2, and a host with the segments in between, from which nothing comes back. */
    private void ethernet(String mode, String options) throws Exception {
        lab = Srv6Lab.pair(mode, "remote_ip=" + TWO + (options.isEmpty() ? "" : "&" + options), "remote_ip=" + ONE);
        lab.takeSent();
    }

    private byte[] sent(byte[] frame) {
        lab.takeSent();
        lab.site(1).send("h", frame);
        List<byte[]> sent = lab.takePackets();
        assertThat(sent).hasSize(1);
        return sent.get(0);
    }

    // ---- the headers ----

    @ParameterizedTest
    @CsvSource({
        "l2, full, 1",
        "l2, full, 2",
        "l2, full, 3",
        "l2, full, 16",
        "l2, red, 1",
        "l2, red, 2",
        "l2, red, 3",
        "l2, red, 16",
        "bridge, full, 1",
        "bridge, full, 3",
        "bridge, red, 1",
        "bridge, red, 3",
        "bridge, red, 16"
    })
    void shouldWriteTheHeadersOfFrames(String mode, String encap, int count) throws Exception {
        String[] segments = segments(count);
        ethernet(mode, "encap=" + encap + "&srv6_segs=" + String.join(",", segments));
        byte[] frame = frame(BROADCAST, A, 61, 7);
        Outer outer = outer(encap.equals("red"), segments);
        byte[] sent = sent(frame);
        assertThat(sent).isEqualTo(outer.ethernet(frame));
        assertThat(sent).hasSize(61 + 40 + (encap.equals("full") ? 8 + 16 * count : count > 1 ? 16 * count - 8 : 0));
        if (count > 1) {
            assertThat(lab.site(2).take("h")).isEmpty();
            lab.inject(outer.at(TWO, 0).ethernet(frame)); // as the last waypoint sends it
        }
        assertThat(lab.site(2).take("h")).containsExactly(frame);
        RemoteEnd remote = lab.site(1).remote("s", TWO);
        assertThat(remote.txFrames()).isEqualTo(1);
        assertThat(remote.txBytes()).isEqualTo(61);
        assertThat(lab.site(2).remote("s", ONE).rxBytes()).isEqualTo(61);
        assertThat(lab.site(1).statistics("s").txBytes()).isEqualTo(61);
    }

    /** H.Encaps.Red of one segment has no SRH, and a whole list of it has; both are taken (RFC 8986, 5.2). */
    @ParameterizedTest
    @CsvSource({"full, 1", "full, 3", "red, 1", "red, 2"})
    void shouldWriteTheHeadersOfPackets(String encap, int count) throws Exception {
        lab = Srv6Lab.of(2);
        String[] segments = segments(count);
        Srv6Line left = lab.line(
                1,
                "srv6:l?local_ip=" + ONE + "&remote_ip=" + TWO + "&encap=" + encap + "&srv6_segs="
                        + String.join(",", segments));
        Srv6Line right = lab.line(2, "srv6:r?mode=l3&local_ip=" + TWO + "&remote_ip=" + ONE);
        Outer outer = outer(encap.equals("red"), segments);
        for (byte[] packet : List.of(ip("192.0.2.1", "192.0.2.2", 100), ip("2001:db8::1", "2001:db8::2", 101))) {
            lab.takeSent();
            byte[] addressed = packet.clone();
            System.arraycopy(frame(BROADCAST, A), 0, addressed, 0, 12); // which are nobody's
            left.send(addressed);
            byte[] sent = lab.takePackets().get(0);
            assertThat(sent).isEqualTo(outer.packet(packet));
            if (count > 1) {
                lab.inject(outer.at(TWO, 0).packet(packet));
            }
            byte[] hopped = packet.clone(); // through End.DT46, which is a router
            hopped[packet[12] == 8 ? 22 : 21]--;
            byte[] arrived = right.take().get(0);
            if (packet[12] == 8) {
                assertThat(arrived).isEqualTo(InnerFrames.ipHopped("192.0.2.1", "192.0.2.2", 100));
            } else {
                assertThat(arrived).isEqualTo(hopped);
            }
        }
        assertThat(left.port.remotes().get(0).txFrames()).isEqualTo(2);
        assertThat(right.port.remotes().get(0).rxFrames()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"'', 64, 0", "'ttl=1', 1, 0", "'ttl=255&tos=0xb8', 255, 0xb8", "'tos=0x2c', 64, 0x2c"})
    void shouldWriteTheOuterHeaderAsTold(String options, int hopLimit, String trafficClass) throws Exception {
        ethernet("l2", options);
        byte[] frame = frame(BROADCAST, A);
        assertThat(sent(frame))
                .isEqualTo(Outer.full(ONE, TWO)
                        .hopLimit(hopLimit)
                        .trafficClass(Integer.decode(trafficClass))
                        .ethernet(frame));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldInheritTheTrafficClassAndTheMark(boolean inherits) throws Exception {
        ethernet("l2", inherits ? "tos=inherit" : "tos=0");
        WireFrame packet = InnerFrames.udp(20);
        for (boolean ipv6 : new boolean[] {false, true}) {
            packet.ipv6 = ipv6;
            packet.from = new byte[ipv6 ? 16 : 4];
            packet.to = packet.from;
            packet.from[3] = 1;
            packet.tos = 0x2e << 2 | 2;
            assertThat(sent(packet.bytes()))
                    .isEqualTo(Outer.full(ONE, TWO)
                            .trafficClass(inherits ? packet.tos : 2)
                            .ethernet(packet.bytes()));
        }
    }

    /** RFC 6040, 4.2. */
    @ParameterizedTest
    @CsvSource({"2, 3, 3", "0, 2, 0", "0, 3, -1", "1, 3, 3", "2, 0, 2"})
    void shouldTakeCongestionMarksOver(int inner, int outer, int expected) throws Exception {
        ethernet("l2", "");
        WireFrame packet = InnerFrames.udp(30);
        packet.tos = inner;
        lab.inject(Outer.full(TWO, ONE).at(ONE, 0).trafficClass(outer).ethernet(packet.bytes()));
        packet.tos = expected;
        assertThat(lab.site(1).take("h"))
                .hasSize(expected < 0 ? 0 : 1)
                .allMatch(frame -> Arrays.equals(frame, packet.bytes()));
        assertThat(lab.site(1).dropped("s", DropReason.ECN_NOT_CAPABLE)).isEqualTo(expected < 0 ? 1 : 0);
    }

    // ---- flow labels ----

    private static WireFrame ipv6(int label) {
        WireFrame packet = InnerFrames.udp(20);
        packet.ipv6 = true;
        packet.from = Srv6Lab.address("2001:db8::1").getAddress();
        packet.to = Srv6Lab.address("2001:db8::2").getAddress();
        packet.flowLabel = label;
        return packet;
    }

    private static int label(byte[] packet) {
        return (packet[1] & 0xf) << 16 | (packet[2] & 0xff) << 8 | packet[3] & 0xff;
    }

    @ParameterizedTest
    @CsvSource({"zero, 0", "copy, 0x9abcd", "'', 0x9abcd"})
    void shouldCopyTheFlowLabelOrNot(String choice, String expected) throws Exception {
        ethernet("l2", choice.isEmpty() ? "" : "srv6_flowlabel=" + choice);
        assertThat(label(sent(ipv6(0x9abcd).bytes()))).isEqualTo(Integer.decode(expected));
        assertThat(label(sent(InnerFrames.tagged(5, ipv6(0x9abcd).bytes())))).isEqualTo(Integer.decode(expected));
        assertThat(label(sent(InnerFrames.tcp(20).bytes()))).isZero(); // IPv4 has none
        assertThat(label(sent(frame(BROADCAST, A)))).isZero();
    }

    @Test
    void shouldComputeAFlowLabelOfTheFlow() throws Exception {
        ethernet("l2", "srv6_flowlabel=compute");
        WireFrame packet = InnerFrames.tcp(20);
        int label = label(sent(packet.bytes()));
        assertThat(label).isBetween(1, 0xf_ffff);
        packet.payload = new byte[100];
        assertThat(label(sent(packet.bytes()))).isEqualTo(label);
        packet.sourcePort++;
        assertThat(label(sent(packet.bytes()))).isNotEqualTo(label).isBetween(1, 0xf_ffff);
        assertThat(label(sent(ipv6(0x9abcd).bytes()))).isNotEqualTo(0x9abcd);
        assertThat(label(sent(frame(BROADCAST, A)))).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"zero, 0", "copy, 0x9abcd"})
    void shouldCopyTheFlowLabelOfLayerThree(String choice, String expected) throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Line left =
                lab.line(1, "srv6:l?local_ip=" + ONE + "&remote_ip=" + TWO + "&encap=red&srv6_flowlabel=" + choice);
        left.send(ipv6(0x9abcd).bytes());
        byte[] sent = lab.takePackets().get(0);
        assertThat(label(sent)).isEqualTo(Integer.decode(expected));
        assertThat(sent)
                .isEqualTo(Outer.to(ONE, TWO)
                        .flowLabel(Integer.decode(expected))
                        .packet(ipv6(0x9abcd).bytes()));
    }

    // ---- what is received ----

    /** The only SID is the local address: a whole list, a reduced one and none are the same to it. */
    @Test
    void shouldTakeItsLocalAddressForItsSid() throws Exception {
        ethernet("l2", "");
        assertThat(lab.site(1).port("s").settings().sids())
                .extracting(SidSpec::toString)
                .containsExactly(ONE + "/128 End.DX2");
        int number = 0;
        for (Outer outer : List.of(
                Outer.to(TWO, ONE),
                Outer.full(TWO, ONE),
                Outer.reduced(TWO, "fc00:9::1", ONE).at(ONE, 0),
                Outer.full(TWO, "fc00:9::1", "fc00:9::2", ONE).at(ONE, 0))) {
            byte[] frame = frame(BROADCAST, B, 60, ++number);
            lab.inject(outer.ethernet(frame));
            assertThat(lab.site(1).take("h")).as("%s", outer).containsExactly(frame);
        }
        lab.inject(Outer.to(TWO, "fc00:1::d2").ethernet(frame(BROADCAST, B)));
        assertThat(lab.site(1).refused()).isZero(); // is not shown to it
        lab.inject(Outer.to(TWO, ONE).packet(ip("192.0.2.1", "192.0.2.2", 10)));
        assertThat(lab.site(1).refused(Srv6Counter.UPPER_LAYER)).isEqualTo(1);
        lab.inject(Outer.full(TWO, "fc00:9::1", ONE, "fc00:9::2").at(ONE, 1).ethernet(frame(BROADCAST, B)));
        assertThat(lab.site(1).refused(Srv6Counter.MORE_SEGMENTS)).isEqualTo(1);
        assertThat(lab.site(1).take("h")).isEmpty();
        assertThat(lab.site(1).lan.metrics().value("weft_srv6_sid_packets_total", "1", "s", ONE + "/128", "end.dx2"))
                .isEqualTo(4);
        assertThat(lab.site(1).lan.metrics().value("weft_srv6_sid_errors_total", "1", "s", ONE + "/128", "end.dx2"))
                .isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"inner_tags=carry", "inner_tags=discard"})
    void shouldCarryTagsOrNot(String options) throws Exception {
        ethernet("l2", options);
        lab.site(1).send("h", InnerFrames.tagged(5, frame(BROADCAST, A)));
        lab.inject(Outer.to(TWO, ONE).ethernet(InnerFrames.tagged(6, frame(BROADCAST, B))));
        boolean carries = options.endsWith("carry");
        assertThat(lab.site(2).take("h")).hasSize(carries ? 1 : 0);
        assertThat(lab.site(1).take("h")).hasSize(carries ? 1 : 0);
        assertThat(lab.site(1).dropped("s", DropReason.NO_VNI)).isEqualTo(carries ? 0 : 1);
        assertThat(lab.site(1).dropped("s", DropReason.INNER_TAG)).isEqualTo(carries ? 0 : 1);
    }

    // ---- lengths ----

    /** 1500 less 40 for IPv6, and 8 and 16 for each segment of the list that is written. */
    @ParameterizedTest
    @CsvSource({"full, 1, 64", "full, 3, 96", "full, 16, 304", "red, 1, 40", "red, 2, 64", "red, 16, 288"})
    void shouldSendWhatFits(String encap, int count, int headers) throws Exception {
        String[] segments = segments(count);
        ethernet("l2", "encap=" + encap + "&srv6_segs=" + String.join(",", segments));
        int longest = 1_500 - headers;
        assertThat(lab.site(1).port("s").effectiveMtu()).isEqualTo(longest - 14 - 4); // with a tag
        assertThat(sent(frame(BROADCAST, A, longest, 1))).hasSize(1_500);
        lab.site(1).send("h", frame(BROADCAST, A, longest + 1, 2));
        assertThat(lab.takePackets()).isEmpty();
        assertThat(lab.site(1).dropped("s", DropReason.TOO_LONG)).isEqualTo(1);
        assertThat(lab.site(1).remote("s", TWO).txDropped()).isEqualTo(1);
    }

    /** The way to the first segment is what is known, and that of each list counts. */
    @Test
    void shouldKnowTheShortestWayToFirstSegments() throws Exception {
        lab = Srv6Lab.of(2);
        lab.network.pathMtu(Srv6Lab.address("fc00:1::1"), Srv6Lab.address("fc00:9:2::e"), 1_400);
        lab.site(1)
                .memory("h")
                .srv6("srv6:s?mode=l2&local_ip=" + ONE + "&remote=" + TWO + " segs fc00:9:1::e," + TWO
                        + " backup fc00:9:2::e," + TWO);
        assertThat(lab.site(1).port("s").effectiveMtu()).isEqualTo(1_400 - 80 - 18);
    }

    @ParameterizedTest
    @CsvSource({"'', 1436", "'&encap=red', 1460", "'&mtu=900', 900"})
    void shouldAnswerWhatIsTooLongAndClampTcp(String options, int mtu) throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Line left = lab.line(1, "srv6:l?icmp_too_big&clamp_mss&local_ip=" + ONE + "&remote_ip=" + TWO + options);
        Srv6Line right = lab.line(2, "srv6:r?local_ip=" + TWO + "&remote_ip=" + ONE);
        assertThat(left.port.effectiveMtu()).isEqualTo(mtu);
        left.send(ip("192.0.2.1", "192.0.2.2", mtu - 28));
        assertThat(right.take()).hasSize(1);
        left.send(ip("192.0.2.1", "192.0.2.2", mtu - 27));
        assertThat(right.take()).isEmpty();
        assertThat(left.dropped(DropReason.TOO_LONG)).isEqualTo(1);
        List<byte[]> answers = left.take();
        assertThat(answers).hasSize(1);
        byte[] answer = answers.get(0);
        assertThat(Arrays.copyOfRange(answer, 30, 34)).containsExactly(192, 0, 2, 1); // to the sender
        assertThat(answer[34]).isEqualTo((byte) 3);
        assertThat((answer[40] & 0xff) << 8 | answer[41] & 0xff).isEqualTo(mtu);
        WireFrame syn = InnerFrames.tcp(0);
        syn.destination = 0;
        syn.source = 0;
        syn.flags = 0x02;
        syn.tcpOptions = new byte[] {2, 4, 0x23, 0};
        left.send(syn.bytes());
        syn.tcpOptions = new byte[] {2, 4, (byte) (mtu - 40 >> 8), (byte) (mtu - 40)};
        syn.ttl--;
        assertThat(right.take()).containsExactly(syn.bytes());
    }

    /** Of Ethernet, too, as if the station behind the tunnel had answered. */
    @Test
    void shouldAnswerStationsThatSendTooLongFrames() throws Exception {
        ethernet("l2", "icmp_too_big");
        WireFrame packet = InnerFrames.udp(1_450);
        lab.site(1).send("h", packet.bytes());
        assertThat(lab.takePackets()).isEmpty();
        List<byte[]> answers = lab.site(1).take("h");
        assertThat(answers).hasSize(1);
        assertThat((answers.get(0)[40] & 0xff) << 8 | answers.get(0)[41] & 0xff).isEqualTo(1_436 - 18);
        assertThat(lab.site(1).dropped("s", DropReason.TOO_LONG)).isEqualTo(1);
    }

    // ---- circles ----

    @ParameterizedTest
    @ValueSource(strings = {"full", "red"})
    void shouldEndCircles(String encap) throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Line left = lab.line(1, "srv6:l?local_ip=" + ONE + "&remote_ip=" + TWO + "&encap=" + encap);
        left.send(ip("192.0.2.1", "192.0.2.2", 10));
        byte[] sent = lab.takePackets().get(0);
        left.send(InnerFrames.framed(sent)); // the route to the remote end leads into the tunnel
        assertThat(left.dropped(DropReason.RECURSION)).isEqualTo(1);
        assertThat(lab.takePackets()).isEmpty();
        sent[23]++; // somebody else's
        left.send(InnerFrames.framed(sent));
        assertThat(lab.takePackets()).hasSize(1);
    }

    /** A tunnel in a tunnel ends at the first one: what is laid bare does not come to a SID again. */
    @Test
    void shouldDecapsulateOnce() throws Exception {
        ethernet("l2", "");
        byte[] innermost = frame(BROADCAST, B);
        byte[] nested = Outer.to(TWO, ONE).ethernet(innermost);
        byte[] frame = InnerFrames.concat(
                Arrays.copyOf(frame(BROADCAST, B), 12), new byte[] {(byte) 0x86, (byte) 0xdd}, nested);
        lab.inject(Outer.to(TWO, ONE).ethernet(frame));
        assertThat(lab.site(1).take("h")).containsExactly(frame);
    }
}
