package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.tunnel.Packets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SrHeaderTest {
    private static final String S1 = "fc000009000000000000000000000001";
    private static final String S2 = "fc0000020000000000000000000000d2";

    private final Frame frame = new FramePool(1, 1).allocate(3_000);

    @ParameterizedTest
    @CsvSource({
        // two segments, without TLVs
        "2904 0401 0100 0000" + S2 + S1 + ", ",
        "2904 0402 0100 0000" + S2 + S1 + ", ", // reduced
        "2904 0403 0100 0000" + S2 + S1 + ", SEGMENTS_LEFT",
        "2904 04ff 0100 0000" + S2 + S1 + ", SEGMENTS_LEFT",
        "2904 0401 0200 0000" + S2 + S1 + ", LAST_ENTRY",
        "2904 0401 ff00 0000" + S2 + S1 + ", LAST_ENTRY",
        "2904 0001 0100 0000" + S2 + S1 + ", ROUTING_TYPE",
        "2904 0301 0100 0000" + S2 + S1 + ", ROUTING_TYPE",
        "2904 ff01 0100 0000" + S2 + S1 + ", ROUTING_TYPE",
        "2905 0401 0100 0000" + S2 + S1 + ", TOO_SHORT",
        "29ff 0401 0100 0000" + S2 + S1 + ", TOO_SHORT",
        "2903 0401 0100 0000" + S2 + S1 + ", LAST_ENTRY",
        "2900 0401 0100 0000" + S2 + S1 + ", LAST_ENTRY",
        "2900 0400 0000 0000,               LAST_ENTRY",
        "2901 0400 0000 0000 0000000000000000, LAST_ENTRY",
        "2904 0401 0000 0000" + S2 + S1 + ", TLV", // the second segment is taken for TLVs
        // one segment, with TLVs
        "2903 0400 0000 0000" + S1 + " 0000000000000000, ",
        "2903 0400 0000 0000" + S1 + " 0406000000000000, ",
        "2903 0400 0000 0000" + S1 + " 0407000000000000, TLV",
        "2903 0400 0000 0000" + S1 + " 04ff000000000000, TLV",
        "2903 0400 0000 0000" + S1 + " 0404000000000400, ",
        "2903 0400 0000 0000" + S1 + " 0404000000000401, TLV",
        "2903 0400 0000 0000" + S1 + " 0405000000000004, TLV", // ends before its length
        "2903 0400 0000 0000" + S1 + " 0405000000000000, ",
        "2903 0400 0000 0000" + S1 + " fe00fe00fe00fe00, ", // types that nobody knows
    })
    void shouldSayWhyItRefuses(String header, SrRefusal expected) {
        byte[] bytes = Packets.bytes(header);
        Packets.set(frame, bytes);
        int checked = SrHeader.check(frame, 0, bytes.length);
        assertThat(checked < 0 ? SrRefusal.of(checked) : null).isEqualTo(expected);
        if (expected == null) {
            assertThat(checked).isEqualTo(bytes.length).isEqualTo(SrHeader.length(frame, 0));
        }
        for (int end = 0; end < bytes.length; end++) {
            assertThat(SrHeader.check(frame, 0, end)).isNegative();
        }
    }

    @Test
    void shouldReadEveryField() {
        Packets.set(frame, Packets.bytes("ffff 8f05 0401 0108 beef" + S2 + S1 + "0004 0500 0500 0000"));
        assertThat(SrHeader.check(frame, 2, frame.length())).isEqualTo(48);
        assertThat(SrHeader.nextHeader(frame, 2)).isEqualTo(Ipv6Header.ETHERNET);
        assertThat(SrHeader.length(frame, 2)).isEqualTo(48);
        assertThat(SrHeader.segmentsLeft(frame, 2)).isEqualTo(1);
        assertThat(SrHeader.lastEntry(frame, 2)).isEqualTo(1);
        assertThat(SrHeader.flags(frame, 2)).isEqualTo(SrHeader.FLAG_HMAC);
        assertThat(SrHeader.tag(frame, 2)).isEqualTo(0xbeef);
        assertThat(SrHeader.segmentHigh(frame, 2, 0)).isEqualTo(0xfc00_0002_0000_0000L);
        assertThat(SrHeader.segmentLow(frame, 2, 0)).isEqualTo(0xd2);
        assertThat(SrHeader.segmentHigh(frame, 2, 1)).isEqualTo(0xfc00_0009_0000_0000L);
        assertThat(SrHeader.segmentLow(frame, 2, 1)).isEqualTo(1);
        assertThat(SrHeader.tlv(frame, 2, SrHeader.PADN)).isEqualTo(2 + 41);
        assertThat(SrHeader.tlv(frame, 2, 5)).isEqualTo(-1); // 5 is there, as a length and within padding
    }

    @Test
    void shouldFindTheFirstTlvOfAType() {
        Packets.set(
                frame,
                Packets.bytes(
                        "2905 0400 0000 0000" + S1 + "00 0401ff 0403050505 05022222 0501 77 0000 0000 0000 0000"));
        assertThat(SrHeader.check(frame, 0, frame.length())).isEqualTo(48);
        assertThat(SrHeader.tlv(frame, 0, SrHeader.PADN)).isEqualTo(25);
        assertThat(SrHeader.tlv(frame, 0, SrHeader.HMAC)).isEqualTo(33);
        assertThat(SrHeader.tlv(frame, 0, 0x77)).isEqualTo(-1);
    }

    @Test
    void shouldTakeTheLongestHeader() {
        byte[] header = new byte[2_048];
        header[1] = (byte) 255;
        header[2] = 4;
        header[3] = 127;
        header[4] = 126;
        Packets.set(frame, header);
        assertThat(SrHeader.check(frame, 0, 2_048)).isEqualTo(2_048);
        assertThat(SrHeader.check(frame, 0, 2_047)).isEqualTo(SrRefusal.TOO_SHORT.code());
        frame.putByte(4, 127);
        assertThat(SrHeader.check(frame, 0, 2_048)).isEqualTo(SrRefusal.LAST_ENTRY.code());
    }

    @Test
    void shouldGoOnToTheNextSegmentUntilNoneIsLeft() {
        SegmentList list = SegmentList.parse("fc00:9::1,fc00:2::d2,fc00:3::d3");
        for (Encapsulation encapsulation : new Encapsulation[] {Encapsulation.ENCAPS, Encapsulation.ENCAPS_RED}) {
            Packets.set(frame, Packets.bytes("0102"));
            list.prepend(frame, encapsulation, 4, 1, 2, 0, 0, 64);
            byte[] expected = frame.toByteArray();
            for (int i = 1; i < list.size(); i++) {
                SrHeader.advance(frame, 0, 40);
                System.arraycopy(Packets.bytes(i == 1 ? S2 : "fc0000030000000000000000000000d3"), 0, expected, 24, 16);
                expected[43] = (byte) (2 - i);
                assertThat(Packets.hex(frame)).isEqualTo(Packets.hex(expected));
                assertThat(SrHeader.check(frame, 40, frame.length())).isPositive();
            }
            assertThat(SrHeader.segmentsLeft(frame, 40)).isZero();
        }
    }

    @Test
    void shouldTellRefusalsFromLengths() {
        assertThat(Arrays.stream(SrRefusal.values()).map(SrRefusal::code))
                .allMatch(code -> code < 0)
                .doesNotHaveDuplicates();
        for (SrRefusal refusal : SrRefusal.values()) {
            assertThat(SrRefusal.of(refusal.code())).isEqualTo(refusal);
            assertThat(refusal.label()).isNotBlank();
        }
    }
}
