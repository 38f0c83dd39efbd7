package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpAddress;
import io.weft.tunnel.Packets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentListTest {
    private static final String SOURCE = "fd000b00000000000000000000000001";
    private static final String S1 = "fc000009000000000000000000000001";
    private static final String S2 = "fc0000020000000000000000000000d2";
    private static final String S3 = "fc0000030000000000000000000000d3";

    private final Frame frame = new FramePool(1, 0).allocate(1_000);

    /** All of what is put in front: the payload length counts the five bytes inside. */
    @ParameterizedTest
    @CsvSource({
        "ENCAPS,       4,   fc00:9::1, 001d 2b, " + S1 + " 0402 0400 0000 0000" + S1,
        "ENCAPS_RED,   41,  fc00:9::1, 0005 29, " + S1,
        "L2ENCAPS_RED, 143, fc00:9::1, 0005 8f, " + S1,
        "ENCAPS,       41,  'fc00:9::1,fc00:2::d2', 002d 2b, " + S1 + " 2904 0401 0100 0000" + S2 + S1,
        "ENCAPS_RED,   4,   'fc00:9::1,fc00:2::d2', 001d 2b, " + S1 + " 0402 0401 0000 0000" + S2,
        "L2ENCAPS,     143, 'fc00:9::1,fc00:2::d2,fc00:3::d3', 003d 2b, " + S1 + " 8f06 0402 0200 0000" + S3 + S2 + S1,
        "L2ENCAPS_RED, 143, 'fc00:9::1,fc00:2::d2,fc00:3::d3', 002d 2b, " + S1 + " 8f04 0402 0100 0000" + S3 + S2,
    })
    void shouldPutItInFrontByteForByte(
            Encapsulation encapsulation, int nextHeader, String list, String lengthAndNext, String behindSource) {
        String expected =
                ("6abe dcba " + lengthAndNext + " 3f" + SOURCE + behindSource + "0102030405").replace(" ", "");
        Packets.set(frame, Packets.bytes("0102030405"));
        long[] source = IpAddress.parseIpv6("fd00:b00::1");
        SegmentList segments = SegmentList.parse(list);
        segments.prepend(frame, encapsulation, nextHeader, source[0], source[1], 0xab, 0xe_dcba, 63);
        assertThat(Packets.hex(frame)).isEqualTo(expected);
        assertThat(segments.headerLength(encapsulation)).isEqualTo(expected.length() / 2 - 5);
    }

    @ParameterizedTest
    @CsvSource({
        "ENCAPS,     fc00:9::1,                 0407 0400 0008 0000" + S1 + " 0526 0000 12345678",
        "ENCAPS_RED, fc00:9::1,                 0407 0400 0008 0000" + S1 + " 0526 0000 12345678",
        "ENCAPS_RED, 'fc00:9::1,fc00:2::d2',    0407 0401 0008 0000" + S2 + " 0526 8000 12345678",
        "ENCAPS,     'fc00:9::1,fc00:2::d2',    0409 0401 0108 0000" + S2 + S1 + " 0526 0000 12345678",
    })
    void shouldHaveRoomForADigest(Encapsulation encapsulation, String list, String header) {
        Packets.set(frame, new byte[3]);
        SegmentList segments = SegmentList.parse(list).signed(0x1234_5678, true);
        segments.prepend(frame, encapsulation, Ipv6Header.IPV4, 1, 2, 0, 0, 64);
        assertThat(Packets.hex(frame).substring(80)).isEqualTo(header.replace(" ", "") + "00".repeat(32 + 3));
        assertThat(segments.headerLength(encapsulation)).isEqualTo(frame.length() - 3);
    }

    @Test
    void shouldFitIntoTheHeadroomWithAllSegmentsAndADigest() {
        SegmentList longest = SegmentList.parse("fc00::1" + ",fc00::2".repeat(15));
        assertThat(longest.headerLength(Encapsulation.ENCAPS)).isEqualTo(40 + 8 + 16 * 16);
        longest = longest.signed(1, false);
        assertThat(longest.headerLength(Encapsulation.ENCAPS)).isEqualTo(SegmentList.MAX_HEADER_LENGTH);
        assertThat(SegmentList.MAX_HEADER_LENGTH).isLessThanOrEqualTo(Frame.HEADROOM);
        Packets.set(frame, new byte[1]);
        longest.prepend(frame, Encapsulation.ENCAPS, Ipv6Header.IPV4, 1, 2, 0, 0, 64);
        assertThat(ExtensionHeaders.upperLayer(ExtensionHeaders.find(frame, 0, frame.length())))
                .isEqualTo(SegmentList.MAX_HEADER_LENGTH);
    }

    @Test
    void shouldEncapsulateWithinAnEncapsulation() {
        Packets.set(frame, new byte[100]);
        SegmentList inner = SegmentList.parse("fc00:1::1,fc00:2::1");
        SegmentList outer = SegmentList.parse("fc00:3::1,fc00:4::1");
        inner.prepend(frame, Encapsulation.L2ENCAPS, Ipv6Header.ETHERNET, 1, 2, 0, 0, 64);
        String inside = Packets.hex(frame);
        outer.prepend(frame, Encapsulation.ENCAPS, Ipv6Header.IPV6, 3, 4, 0, 0, 64);
        long found = ExtensionHeaders.find(frame, 0, frame.length());
        assertThat(ExtensionHeaders.upperLayerProtocol(found)).isEqualTo(Ipv6Header.IPV6);
        frame.consume(outer.headerLength(Encapsulation.ENCAPS));
        assertThat(Packets.hex(frame)).isEqualTo(inside);
    }

    @Test
    void shouldSayWhatItConsistsOf() {
        SegmentList list = SegmentList.parse("fc00:9:0::1,FC00:2::D2,2001:db8::1");
        assertThat(list).hasToString("fc00:9::1,fc00:2::d2,2001:db8::1");
        assertThat(list.size()).isEqualTo(3);
        assertThat(list.segmentHigh(1)).isEqualTo(0xfc00_0002_0000_0000L);
        assertThat(list.segmentLow(1)).isEqualTo(0xd2);
        assertThat(list)
                .isEqualTo(SegmentList.parse(list.toString()))
                .hasSameHashCodeAs(SegmentList.parse(list.toString()))
                .isNotEqualTo(SegmentList.parse("fc00:9::1"))
                .isNotEqualTo(list.signed(1, false));
        assertThat(list.signed(1, false))
                .isEqualTo(list.signed(1, false))
                .isNotEqualTo(list.signed(1, true))
                .isNotEqualTo(list.signed(2, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " fc00::1",
                "fc00::1,",
                ",fc00::1",
                "fc00::1,,fc00::2",
                "fc00::1;fc00::2",
                "fc00::1/64",
                "10.0.0.1",
                "fc00::1,10.0.0.1",
                "::ffff:10.0.0.1",
                "::",
                "::1",
                "ff02::1",
                "fe80::1",
                "febf::1",
                "fe80::1%2",
                "host",
                "fc00::12345",
                "fc00::1, fc00::2"
            })
    void shouldRefuseWhatIsNoSegment(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SegmentList.parse(text))
                .withMessageContaining("segment is '")
                .withMessageContaining(SegmentList.ACCEPTED);
    }

    @Test
    void shouldNameTheSegmentThatItRefuses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SegmentList.parse("fc00::1,fc00::x,fc00::2"))
                .withMessage("segment is 'fc00::x'; accepted: " + SegmentList.ACCEPTED);
    }

    @Test
    void shouldRefuseOtherNumbersOfSegments() {
        assertThat(SegmentList.parse("fc00::1" + ",fc00::2".repeat(15)).size()).isEqualTo(16);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SegmentList.parse("fc00::1" + ",fc00::2".repeat(16)))
                .withMessage("a list of 17 segments; accepted: " + SegmentList.ACCEPTED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SegmentList.of())
                .withMessage("a list of 0 segments; accepted: " + SegmentList.ACCEPTED);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 4_294_967_296L})
    void shouldRefuseOtherKeyNumbers(long id) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SegmentList.parse("fc00::1").signed(id, false))
                .withMessage("HMAC key id is " + id + "; accepted: 1..4294967295");
    }
}
