package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpAddress;
import io.weft.frame.IpPrefix;
import io.weft.srv6.SidProcessor.Verdict;
import io.weft.tunnel.Packets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HMACs (RFC 8754, 2.1.2) at every kind of SID: asked for before anything is done, and kept for whoever asks next. */
class SidHmacTest {
    private static final long[] SOURCE = IpAddress.parseIpv6("fd00::1");
    private static final String LIST = "fc00:1::e,fc00:8::1,fc00:3::d";

    private final FramePool pool = new FramePool(1, 0);
    private final SrHmac keys = keys(1);
    private Frame frame;

    private static SrHmac keys(int secret) {
        return new SrHmac(List.of(
                new SrHmacKey(5, SrHmacKey.Algorithm.SHA256, new byte[] {(byte) secret, 2, 3}),
                new SrHmacKey(6, SrHmacKey.Algorithm.SHA1, new byte[] {(byte) secret, 4})));
    }

    @AfterEach
    void release() {
        if (frame != null) {
            frame.release();
        }
    }

    /** A packet that is on its way by a signed list. */
    private void packet(String list, Encapsulation encapsulation, long keyId, SrHmac signing) {
        release();
        frame = SidNode.frame(pool, SidNode.bytes("{v4}"));
        SegmentList segments = SegmentList.parse(list);
        (signing == null ? segments : segments.signed(keyId, false))
                .prepend(frame, encapsulation, Ipv6Header.IPV4, SOURCE[0], SOURCE[1], 0, 0, 64);
        if (signing != null) {
            signing.sign(frame);
        }
    }

    private static int srh() {
        return Ipv6Header.LENGTH;
    }

    /** The packet has come to its last segment, where it is the SID's turn. */
    private void atLast() {
        while (SrHeader.segmentsLeft(frame, srh()) > 0) {
            SrHeader.advance(frame, 0, srh());
        }
    }

    private String outcome(SidNode node) {
        return node.outcome(node.processor.process(frame));
    }

    @ParameterizedTest
    @CsvSource({
        "fc00:1::e End, FORWARD",
        "fc00:1::e End flavors psp, FORWARD",
        "'fc00:1::e End flavors psp,usp,usd', FORWARD",
        "fc00:1::e End.X nh6 fe80::2%2, FORWARD via fe80::2%2",
        "fc00:1::e End.X nh6 fe80::2%2 flavors psp, FORWARD via fe80::2%2",
        "fc00:1::e End.T table t, DELIVER 41 dev p1 class -1",
        "fc00:1::e End.T table t flavors psp, DELIVER 41 dev p1 class -1",
        "fc00:1::e End.B6.Encaps segs fc00:7::1, FORWARD",
        "fc00:1::e End.B6.Encaps.Red segs fc00:7::1, FORWARD",
        "fc00:3::d End.DT4 table t, DELIVER 4 dev p1 class 0",
        "fc00:3::d End.DT46 table t, DELIVER 4 dev p1 class 0",
        "fc00:3::d End.DX4 oif dx, DELIVER 4 dev dx class 0",
        "fc00:3::d End flavors usd, DROP NO_ROUTE" // in IPv4 there is no underlay; but it got that far
    })
    void shouldBeAskedForByEveryBehaviour(String sid, String outcome) {
        boolean isLast = sid.startsWith("fc00:3");
        for (boolean required : new boolean[] {false, true}) {
            SidNode node = new SidNode(keys, required, sid);
            for (long keyId = 5; keyId <= 6; keyId++) {
                for (Encapsulation encapsulation : Encapsulation.values()) {
                    packet(LIST, encapsulation, keyId, keys);
                    arrive(isLast);
                    assertThat(outcome(node)).isEqualTo(outcome);

                    packet(LIST, encapsulation, keyId, keys(9));
                    arrive(isLast);
                    assertUntouched(node, "DROP HMAC_WRONG");

                    packet(LIST, encapsulation, keyId, keys); // of another source
                    arrive(isLast);
                    frame.putByte(23, 7);
                    assertUntouched(node, "DROP HMAC_WRONG");

                    packet(LIST, encapsulation, keyId, keys); // by another waypoint
                    arrive(isLast);
                    frame.putByte(srh() + 8 + 16 + 15, 7);
                    assertUntouched(node, "DROP HMAC_WRONG");

                    packet(LIST, encapsulation, keyId, keys); // as if another key had been taken
                    arrive(isLast);
                    frame.putByte(SrHeader.tlv(frame, srh(), SrHeader.HMAC) + 7, 7);
                    assertUntouched(node, "DROP HMAC_KEY");
                }
            }
            packet(LIST, Encapsulation.ENCAPS, 0, null);
            arrive(isLast);
            if (required) {
                assertUntouched(node, "DROP HMAC_MISSING");
            } else {
                assertThat(outcome(node)).isEqualTo(outcome);
            }
        }
    }

    private void arrive(boolean isLast) {
        if (isLast) {
            atLast();
        }
    }

    /** Nobody is told, and nothing was done. */
    private void assertUntouched(SidNode node, String outcome) {
        String before = Packets.hex(frame);
        assertThat(outcome(node)).isEqualTo(outcome);
        assertThat(Packets.hex(frame)).isEqualTo(before);
    }

    /** RFC 8754, 2.1.2.1: the destination is the segment that Segments Left says. */
    @Test
    void shouldRefuseAnotherDestinationThanTheCurrentSegment() {
        SidNode node = new SidNode(keys, true, "fc00:1::e End", "fc00:1::f End");
        packet(LIST, Encapsulation.ENCAPS, 5, keys);
        frame.putByte(39, 0xf); // a SID here, too, but not of the list
        assertUntouched(node, "DROP HMAC_WRONG");
        packet(LIST, Encapsulation.ENCAPS, 5, keys);
        frame.putByte(srh() + 3, 1); // as if it had been there before
        assertUntouched(node, "DROP HMAC_WRONG");
    }

    /** The packet without an SRH has no HMAC, either: for what was popped at the SID before, too (PSP). */
    @Test
    void shouldMissItInAPacketWithoutAnSrh() {
        packet("fc00:1::e,fc00:3::d", Encapsulation.ENCAPS, 5, keys);
        assertThat(outcome(new SidNode(keys, true, "fc00:1::e End flavors psp")))
                .isEqualTo("FORWARD");
        SidNode last = new SidNode(keys, true, "fc00:3::d End.DT46 table t");
        assertUntouched(last, "DROP HMAC_MISSING");
        assertThat(outcome(new SidNode(keys, false, "fc00:3::d End.DT46 table t")))
                .isEqualTo("DELIVER 4 dev p1 class 0");
    }

    /** From node to node. */
    @Test
    void shouldStayOnTheWay() {
        for (Encapsulation encapsulation : Encapsulation.values()) {
            packet(LIST, encapsulation, 5, keys);
            assertThat(outcome(new SidNode(keys, true, "fc00:1::e End"))).isEqualTo("FORWARD");
            assertThat(outcome(new SidNode(keys, true, "fc00:8::1 End.X nh6 fe80::2%2")))
                    .isEqualTo("FORWARD via fe80::2%2");
            assertThat(outcome(new SidNode(keys, true, "fc00:3::d End.DT46 table t")))
                    .isEqualTo("DELIVER 4 dev p1 class 0");
        }
    }

    /** By a binding SID: the list inside is as it was, the one outside is signed with the policy's key. */
    @Test
    void shouldBeMadeForThePolicyOfABindingSid() {
        for (String behaviour : List.of("End.B6.Encaps", "End.B6.Encaps.Red")) {
            String sid = "fc00:1::e " + behaviour + " segs fc00:7::1,fc00:7::2";
            SidNode node = new SidNode(keys, true);
            node.sids.put(
                    IpPrefix.parse("fc00:1::e/128"),
                    new LocalSid(
                            SidSpec.parse(sid),
                            (high, low) -> true,
                            SidNode.SOURCE,
                            SegmentList.parse("fc00:7::1,fc00:7::2").signed(6, true)));
            packet(LIST, Encapsulation.ENCAPS, 5, keys);
            assertThat(node.processor.process(frame)).isEqualTo(Verdict.FORWARD);
            assertThat(keys.verify(frame, 0, srh(), true)).isNull();
            assertThat(SrHeader.flags(frame, srh())).isEqualTo(SrHeader.FLAG_HMAC);
            int inner = Ipv6Header.LENGTH + SrHeader.length(frame, srh());
            assertThat(keys.verify(frame, inner, inner + Ipv6Header.LENGTH, true))
                    .isNull();
        }
    }

    /** With compressed SIDs the destination is none of the list's segments, which are covered all the same (RFC 9800, 9). */
    @Test
    void shouldBeVerifiedWhereTheDestinationShifts() {
        packet("fc00:1:100:200::,fc00:8::1", Encapsulation.ENCAPS, 5, keys);
        assertThat(outcome(new SidNode(keys, true, "fc00:1:100::/48 uN"))).isEqualTo("FORWARD");
        assertThat(outcome(new SidNode(keys, true, "fc00:1:200::/48 uN"))).isEqualTo("FORWARD");
        assertThat(Packets.hex(frame).substring(48, 80)).isEqualTo(Packets.hex(SidNode.bytes("[fc00:8::1]")));
        packet("fc00:1:100:200::,fc00:8::1", Encapsulation.ENCAPS, 5, keys(9));
        assertUntouched(new SidNode(keys, false, "fc00:1:100::/48 uN"), "DROP HMAC_WRONG");
    }

    /** What USD lays bare is a packet of its own, which has to have one, too. */
    @Test
    void shouldBeAskedForOfWhatIsLaidBare() {
        SidNode node = new SidNode(keys, true, "fc00:1::e End flavors usd", "fc00:3::d End.DT46 table t");
        for (boolean signedInside : new boolean[] {true, false}) {
            packet("fc00:3::d", Encapsulation.ENCAPS, 5, signedInside ? keys : keys(9));
            SegmentList.parse("fc00:1::e")
                    .signed(5, false)
                    .prepend(frame, Encapsulation.ENCAPS, Ipv6Header.IPV6, SOURCE[0], SOURCE[1], 0, 0, 64);
            keys.sign(frame);
            assertThat(outcome(node)).isEqualTo(signedInside ? "DELIVER 4 dev p1 class 0" : "DROP HMAC_WRONG");
        }
        packet("fc00:3::d", Encapsulation.ENCAPS_RED, 0, null);
        SegmentList.parse("fc00:1::e")
                .signed(5, false)
                .prepend(frame, Encapsulation.ENCAPS, Ipv6Header.IPV6, SOURCE[0], SOURCE[1], 0, 0, 64);
        keys.sign(frame);
        assertThat(outcome(node)).isEqualTo("DROP HMAC_MISSING");
    }
}
