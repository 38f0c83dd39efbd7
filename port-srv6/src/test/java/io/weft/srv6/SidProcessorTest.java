package io.weft.srv6;

import static io.weft.srv6.SidNode.END;
import static io.weft.srv6.SidNode.TO_END;
import static io.weft.srv6.SidNode.TWO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpFrame;
import io.weft.frame.IpPrefix;
import io.weft.offload.FlowHash;
import io.weft.srv6.SidProcessor.Verdict;
import io.weft.tunnel.Packets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every behaviour and flavour does, byte by byte, and what does not show in the bytes. */
class SidProcessorTest {
    private final FramePool pool = new FramePool(1, 0);

    @ParameterizedTest(name = "{0}")
    @MethodSource({
        "io.weft.srv6.TransitVectors#transit",
        "io.weft.srv6.TransitVectors#binding",
        "io.weft.srv6.TransitVectors#compressed",
        "io.weft.srv6.FlavourVectors#flavours",
        "io.weft.srv6.FlavourVectors#popped",
        "io.weft.srv6.ArrivalVectors#layer2",
        "io.weft.srv6.ArrivalVectors#layer3",
        "io.weft.srv6.RefusedVectors#refused"
    })
    void shouldDoWhatTheSidSays(String sids, String in, String outcome, String out) {
        SidNode node = new SidNode(sids.split("; "));
        byte[] packet = SidNode.bytes(in);
        Frame frame = SidNode.frame(pool, packet);
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, Frame.GSO_TCPV6, 100, 2_000, 1_000, 16);
        assertThat(node.outcome(node.processor.process(frame))).isEqualTo(outcome);

        String actual = Packets.hex(frame);
        String expected = out == null ? Packets.hex(packet) : expected(out, actual);
        assertThat(actual).isEqualTo(expected);
        assertThat(frame.headerLength()).as("offload").isEqualTo(2_000 + frame.length() - packet.length);
        assertThat(frame.checksumStart()).isEqualTo(1_000 + frame.length() - packet.length);

        LocalSid sid = node.processor.sid();
        boolean isDropped = outcome.startsWith("DROP");
        if (sid != null) {
            assertThat(sid.errors()).isEqualTo(isDropped ? 1 : 0);
            assertThat(sid.packets()).isEqualTo(isDropped ? 0 : 1);
            assertThat(sid.bytes() == 0).isEqualTo(isDropped);
        }
        frame.release();
    }

    /** Digits of a flow label are random in each process. */
    private static String expected(String out, String actual) {
        return Packets.hex(SidNode.bytes(out.replace("~~~~~", actual.substring(3, 8))));
    }

    @Test
    void shouldCutPaddingOff() {
        SidNode node = new SidNode("fc00:1::e End.DX6 oif dx");
        for (String in :
                List.of("60000000 002c 2940" + TO_END + "{v6} eeeeee", "60000000 002f 2940" + TO_END + "{v6} eeeeee")) {
            Frame frame = SidNode.frame(pool, SidNode.bytes(in));
            assertThat(node.outcome(node.processor.process(frame))).isEqualTo("DELIVER 41 dev dx class 0");
            assertThat(Packets.hex(frame)).isEqualTo(Packets.hex(SidNode.bytes("{v6}")));
            frame.release();
        }
    }

    @Test
    void shouldCountWhatComesToEachSid() {
        SidNode node = new SidNode(END, "fc00:2::d End.DX6 oif dx");
        String two = "60000000 0054 2b40" + TO_END + "2904" + TWO + "{v6}";
        for (String in : List.of(two, two, two.replace("2b40", "2b01"), two.replace("{v6}", "{v4}") + "0".repeat(40))) {
            Frame frame = SidNode.frame(pool, SidNode.bytes(in));
            node.processor.process(frame);
            frame.release();
        }
        assertThat(counters(node.sid("fc00:1::e"))).containsExactly(3L, 3L * 124, 1L);
        assertThat(counters(node.sid("fc00:2::d"))).containsExactly(2L, 2L * 124, 1L);
    }

    private static List<Long> counters(LocalSid sid) {
        return List.of(sid.packets(), sid.bytes(), sid.errors());
    }

    @Test
    void shouldEndALoopByTheHopLimit() {
        SidNode node = new SidNode("fc00:1::46 End.DT6 table t"); // whose route for this packet leads to itself
        Frame frame = SidNode.frame(
                pool,
                SidNode.bytes(
                        "60000000 0028 2940 [fd00::1] [fc00:1::46] 60000000 0000 3b40 [2001:db8::1] [2001:db8:3::2]"));
        assertThat(node.outcome(node.processor.process(frame))).isEqualTo("DROP HOP_LIMIT");
        assertThat(counters(node.sid("fc00:1::46"))).containsExactly(63L, 80L + 62 * 104, 1L);
        frame.release();
    }

    /** Whatever the headers in front are, a flow has one number: that of the frame or packet inside. */
    @ParameterizedTest
    @ValueSource(strings = {"29 {v6}", "04 {v4}", "8f {eth}"})
    void shouldChooseSegmentsByTheFlowInside(String inside) {
        String protocol = inside.substring(0, 2);
        byte[] inner = SidNode.bytes(inside.substring(3));
        Frame alone = SidNode.frame(pool, inner);
        if (!protocol.equals("8f")) {
            alone.prepend(Ethernet.HEADER_LENGTH);
            IpFrame.putHeader(alone);
        }
        int expected = FlowHash.of(alone);
        alone.release();

        AtomicInteger flow = new AtomicInteger();
        SidNode node = new SidNode("fc00:1::46 End.DT46 table t");
        SegmentList list = SegmentList.parse("fc00:7::1");
        node.sids.put(
                IpPrefix.parse("fc00:1::e/128"),
                new LocalSid(
                        SidSpec.parse("fc00:1::e End.B6.Encaps segs fc00:7::1"),
                        (high, low) -> true,
                        SidNode.SOURCE,
                        (SegmentChoice) chosen -> {
                            flow.set(chosen);
                            return list;
                        }));
        for (String srh : List.of(
                "0402 0200 0000 [fc00:3::d] [fc00:2::d] [fc00:1::e]",
                "0401 0200 0000 [fc00:4::d]" + "[fc00:1::e] [fc00:2::d]")) {
            String length = "%04x".formatted(56 + inner.length);
            byte[] packet =
                    SidNode.bytes("60000000" + length + "2b40" + TO_END + protocol + "06" + srh + Packets.hex(inner));
            Frame frame = SidNode.frame(pool, packet);
            assertThat(node.processor.process(frame)).isEqualTo(Verdict.FORWARD);
            assertThat(flow).hasValue(expected);
            assertThat(Ipv6Header.flowLabel(Ipv6Header.word(frame, 0))).isEqualTo(expected & 0xf_ffff);
            frame.consume(frame.length() - inner.length);
            assertThat(Packets.hex(frame)).isEqualTo(Packets.hex(inner));
            frame.release();
        }
    }

    @Test
    void shouldHeedHmacs() {
        SrHmac keys = new SrHmac(List.of(new SrHmacKey(5, SrHmacKey.Algorithm.SHA256, new byte[] {1, 2, 3})));
        SrHmac others = new SrHmac(List.of(new SrHmacKey(5, SrHmacKey.Algorithm.SHA256, new byte[] {3, 2, 1})));
        String dx6 = "fc00:1::e End.DX6 oif dx";
        assertThat(outcome(keys, true, dx6, keys)).isEqualTo("DELIVER 41 dev dx class 0");
        assertThat(outcome(keys, true, dx6, others)).isEqualTo("DROP HMAC_WRONG");
        assertThat(outcome(keys, false, dx6, others)).isEqualTo("DROP HMAC_WRONG");
        assertThat(outcome(keys, true, dx6, null)).isEqualTo("DROP HMAC_MISSING");
        assertThat(outcome(keys, false, dx6, null)).isEqualTo("DELIVER 41 dev dx class 0");
        assertThat(outcome(null, false, dx6, others)).isEqualTo("DELIVER 41 dev dx class 0");
        assertThatThrownBy(() -> new SidNode(null, true, dx6)).hasMessageContaining("HMAC");
    }

    private String outcome(SrHmac verifying, boolean required, String sid, SrHmac signing) {
        SidNode node = new SidNode(verifying, required, sid);
        Frame frame = SidNode.frame(pool, SidNode.bytes("{v6}"));
        SegmentList list = SegmentList.parse("fc00:1::e");
        if (signing == null) {
            list.prepend(frame, Encapsulation.ENCAPS_RED, Ipv6Header.IPV6, 0xfdL << 56, 1, 0, 0, 64);
        } else {
            list.signed(5, false).prepend(frame, Encapsulation.ENCAPS, Ipv6Header.IPV6, 0xfdL << 56, 1, 0, 0, 64);
            signing.sign(frame);
        }
        String outcome = node.outcome(node.processor.process(frame));
        frame.release();
        return outcome;
    }

    @Test
    void shouldSignWhatItEncapsulates() {
        SrHmac keys = new SrHmac(List.of(new SrHmacKey(5, SrHmacKey.Algorithm.SHA256, new byte[] {1, 2, 3})));
        for (long keyId = 5; keyId < 7; keyId++) {
            SidNode node = new SidNode(keys, false);
            node.sids.put(
                    IpPrefix.parse("fc00:1::e/128"),
                    new LocalSid(
                            SidSpec.parse("fc00:1::e End.B6.Encaps segs fc00:7::1"),
                            (high, low) -> true,
                            SidNode.SOURCE,
                            SegmentList.parse("fc00:7::1").signed(keyId, false)));
            Frame frame = SidNode.frame(pool, SidNode.bytes("60000000 0054 2b40" + TO_END + "2904" + TWO + "{v6}"));
            String outcome = node.outcome(node.processor.process(frame));
            assertThat(outcome).isEqualTo(keyId == 5 ? "FORWARD" : "DROP HMAC_KEY");
            if (keyId == 5) {
                assertThat(keys.verify(frame, 0, Ipv6Header.LENGTH, true)).isNull();
            }
            frame.release();
        }
    }
}
