package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv6;
import io.weft.tunnel.Packets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExtensionHeadersTest {
    private static final String ADDRESSES = "fd000b00000000000000000000000001" + "fc000009000000000000000000000001";
    private static final String HOP = "00 0104 00000000"; // behind its next header field: PadN
    private static final String SEGMENT = "fc000002000000000000000000000001";

    private final Frame frame = new FramePool(1, 1).allocate(20_000);

    static byte[] packet(int next, String behind) {
        byte[] payload = Packets.bytes(behind);
        return Packets.bytes(
                String.format("60000000 %04x %02x 40", payload.length, next) + ADDRESSES + Packets.hex(payload));
    }

    static String srh(int next, int left) {
        return String.format("%02x02 04%02x 00000000", next, left) + SEGMENT;
    }

    @ParameterizedTest
    @CsvSource({
        // next header, what is behind, SRH, upper layer, its protocol
        "4,   '',                                0,  40, 4",
        "143, '',                                0,  40, 143",
        "59,  '',                                0,  40, 59",
        "0,   '29" + HOP + "',                   0,  48, 41",
        "0,   '00" + HOP + " 29" + HOP + "',     0,  48, 0", // a second one is not walked past
        "60,  '00" + HOP + " 29" + HOP + "',     0,  48, 0", // nor one that is not the first
        "60,  '3c" + HOP + " 29" + HOP + "',     0,  56, 41",
        "43,  'S29,0',                           40, 64, 41",
        "43,  'S29,1',                           40, 64, 41",
        "0,   '2b" + HOP + " S04,0',             48, 72, 4",
        "60,  '2b" + HOP + " S8f,0',             48, 72, 143",
        "43,  'S3c,0 29" + HOP + "',             40, 72, 41",
        "43,  'S3c,1 29" + HOP + "',             40, 64, 60", // not for us yet
        "43,  'S2c,0 29000000 00000000',         40, 64, 44", // a fragment
        "44,  '2b000000 00000000 S29,0',         0,  40, 44",
        "51,  '29000000 00000000',               0,  40, 51", // AH
        "43,  '2900 0000 00000000 01',           0,  48, 41", // another routing header, used up
        "43,  '2b00 0300 00000000 S29,0',        48, 72, 41",
    })
    void shouldFindTheHeaders(int next, String behind, int srHeader, int upperLayer, int protocol) {
        byte[] packet = packet(next, withSrh(behind));
        for (int at : new int[] {0, 14}) {
            Packets.set(frame, packet);
            frame.prepend(at);
            long found = ExtensionHeaders.find(frame, at, frame.length());
            assertThat(found).isNotNegative();
            assertThat(ExtensionHeaders.srHeader(found)).isEqualTo(srHeader == 0 ? 0 : at + srHeader);
            assertThat(ExtensionHeaders.upperLayer(found)).isEqualTo(at + upperLayer);
            assertThat(ExtensionHeaders.upperLayerProtocol(found)).isEqualTo(protocol);
        }
        assertEveryCut(packet);
    }

    /** Writes {@code S29,1} out: an SRH in front of an IPv6 packet, with a segment left. */
    private static String withSrh(String behind) {
        String text = behind;
        for (int at = text.indexOf('S'); at >= 0; at = text.indexOf('S')) {
            int next = Integer.parseInt(text.substring(at + 1, at + 3), 16);
            text = text.substring(0, at) + srh(next, text.charAt(at + 4) - '0') + text.substring(at + 5);
        }
        return text;
    }

    private void assertEveryCut(byte[] packet) {
        for (int length = 0; length <= packet.length; length++) {
            byte[] cut = Arrays.copyOf(packet, length);
            assertLikeReference(cut);
            if (length >= 40) {
                cut[4] = (byte) (length - 40 >> 8); // a cut that the IPv6 header does not tell
                cut[5] = (byte) (length - 40);
                assertLikeReference(cut);
            }
        }
    }

    private void assertLikeReference(byte[] packet) {
        Packets.set(frame, packet);
        assertThat(read(frame, 0, packet.length)).as(Packets.hex(packet)).isEqualTo(ReferenceHeaders.read(packet));
    }

    static ReferenceHeaders read(Frame frame, int at, int end) {
        int packetEnd = Ipv6Header.check(frame, at, end);
        if (packetEnd < 0) {
            return new ReferenceHeaders(SrRefusal.of(packetEnd).name(), 0, 0, 0);
        }
        long found = ExtensionHeaders.find(frame, at, packetEnd);
        if (found < 0) {
            return new ReferenceHeaders(SrRefusal.of(found).name(), 0, 0, 0);
        }
        int srHeader = ExtensionHeaders.srHeader(found);
        return new ReferenceHeaders(
                null,
                srHeader == ExtensionHeaders.NONE ? 0 : srHeader - at,
                ExtensionHeaders.upperLayer(found) - at,
                ExtensionHeaders.upperLayerProtocol(found));
    }

    @ParameterizedTest
    @CsvSource({
        "43, '2900 0001 00000000',                     ROUTING_TYPE",
        "43, '2902 0303 00000000 0000000000000000 0000000000000000', ROUTING_TYPE",
        "43, 'S2b,0 S29,0',                            SECOND_ROUTING_HEADER",
        "43, 'S2b,0 S29,1',                            SECOND_ROUTING_HEADER",
        "43, 'S2b,0 2900 0000 00000000',               SECOND_ROUTING_HEADER",
        "43, 'S29,2',                                  SEGMENTS_LEFT",
        "43, '2902 0400 01000000 " + SEGMENT + "',     LAST_ENTRY",
        "43, '2903 0400 00000000 " + SEGMENT + "',     TOO_SHORT",
        "60, '29ff 0104 00000000',                     TOO_SHORT",
        "60, '2900 0104 000000',                       TOO_SHORT",
        "60, '',                                       TOO_SHORT",
        "43, '',                                       TOO_SHORT",
        "0,  '',                                       TOO_SHORT",
    })
    void shouldSayWhyItRefuses(int next, String behind, SrRefusal expected) {
        byte[] packet = packet(next, withSrh(behind));
        Packets.set(frame, packet);
        assertThat(SrRefusal.of(ExtensionHeaders.find(frame, 0, packet.length))).isEqualTo(expected);
        assertEveryCut(packet);
    }

    @ParameterizedTest
    @CsvSource({"8, ", "9, TOO_MANY_HEADERS", "64, TOO_MANY_HEADERS"})
    void shouldWalkPastEightHeaders(int count, SrRefusal expected) {
        byte[] packet = packet(60, ("3c" + HOP).repeat(count - 1) + "29" + HOP);
        Packets.set(frame, packet);
        long found = ExtensionHeaders.find(frame, 0, packet.length);
        assertThat(found < 0 ? SrRefusal.of(found) : null).isEqualTo(expected);
        assertLikeReference(packet);
    }

    @Test
    void shouldWalkPastTheLongestHeaders() {
        byte[] packet = new byte[40 + 8 * 2_048];
        System.arraycopy(packet(60, ""), 0, packet, 0, 40);
        packet[4] = (byte) (8 * 2_048 >> 8);
        packet[5] = 0;
        for (int i = 0; i < 8; i++) {
            packet[40 + i * 2_048] = (byte) (i < 6 ? 60 : i == 6 ? 43 : 41);
            packet[41 + i * 2_048] = (byte) 0xff;
        }
        packet[42 + 7 * 2_048] = 4;
        packet[44 + 7 * 2_048] = 126;
        Packets.set(frame, packet);
        long found = ExtensionHeaders.find(frame, 0, packet.length);
        assertThat(ExtensionHeaders.srHeader(found)).isEqualTo(40 + 7 * 2_048);
        assertThat(ExtensionHeaders.upperLayer(found)).isEqualTo(packet.length);
        ExtensionHeaders.removeSrHeader(frame, 0, found);
        assertThat(frame.getByte(40 + 6 * 2_048)).isEqualTo(41);
        assertLikeReference(packet);
    }

    /** Random headers: every length, type and count with some probability, cut at every byte. */
    @Test
    void shouldReadLikeTheReferenceWhateverComes() {
        SplittableRandom random = TestSeed.random("ExtensionHeadersTest");
        int accepted = 0;
        for (int i = 0; i < 3_000; i++) {
            byte[] packet = new byte[40 + random.nextInt(200)];
            random.nextBytes(packet);
            int[] types = {43, 43, 43, 60, 0, 44, 41, 143};
            packet[0] = (byte) (random.nextInt(20) == 0 ? random.nextInt(256) : 0x60);
            packet[4] = 0;
            packet[5] = (byte) (packet.length - 40 + (random.nextInt(10) == 0 ? random.nextInt(-3, 4) : 0));
            packet[6] = (byte) types[random.nextInt(types.length)];
            for (int at = 40; at + 8 <= packet.length; at += 8 + 8 * (packet[at + 1] & 0xff)) {
                packet[at] = (byte) types[random.nextInt(types.length)];
                packet[at + 1] = (byte) random.nextInt(8);
                packet[at + 2] = (byte) (random.nextInt(8) == 0 ? random.nextInt(8) : 4);
                packet[at + 3] = (byte) random.nextInt(4);
                packet[at + 4] = (byte) random.nextInt(4);
            }
            assertLikeReference(packet);
            accepted += ReferenceHeaders.read(packet).refusal() == null ? 1 : 0;
            if (i % 20 == 0) {
                assertEveryCut(packet);
            }
        }
        assertThat(accepted).isBetween(300, 2_700);
    }

    @ParameterizedTest
    @CsvSource({
        "43, 'S29,0',                            41, ''",
        "43, 'S8f,1',                            143, ''",
        "0,  '2b" + HOP + " S04,0',              0, '04" + HOP + "'",
        "60, '3c" + HOP + " 2b" + HOP + "S29,0', 60, '3c" + HOP + " 29" + HOP + "'",
        "43, 'S3c,0 29" + HOP + "',              60, '29" + HOP + "'",
    })
    void shouldTakeTheSegmentRoutingHeaderOut(int next, String behind, int expectedNext, String expectedBehind) {
        String inside = "0102030405";
        for (int at : new int[] {0, 14}) {
            Packets.set(frame, packet(next, withSrh(behind) + inside));
            frame.prepend(at);
            for (int i = 0; i < at; i++) {
                frame.putByte(i, i);
            }
            int start = frame.headroom();
            long found = ExtensionHeaders.find(frame, at, frame.length());
            ExtensionHeaders.removeSrHeader(frame, at, found);
            for (int i = 0; i < at; i++) {
                assertThat(frame.getByte(i)).isEqualTo(i);
            }
            assertThat(frame.headroom()).isEqualTo(start + 24);
            frame.consume(at);
            assertThat(Packets.hex(frame)).isEqualTo(Packets.hex(packet(expectedNext, expectedBehind + inside)));
        }
    }

    @Test
    void shouldWriteTheFieldsOfTheIpv6Header() {
        Packets.set(frame, new byte[42]);
        Ipv6.put(frame, 2, 0xff, 0xf_ffff, 0xfedc, 143, 255, -1, -2, -3, -4);
        assertThat(Packets.hex(frame))
                .isEqualTo("0000" + "6fffffff" + "fedc" + "8f" + "ff" + "f".repeat(16) + "f".repeat(15) + "e"
                        + "f".repeat(15) + "d" + "f".repeat(15) + "c");
        assertThat(Ipv6Header.trafficClass(Ipv6Header.word(frame, 2))).isEqualTo(255);
        assertThat(Ipv6Header.flowLabel(Ipv6Header.word(frame, 2))).isEqualTo(0xf_ffff);
        Ipv6Header.putWord(frame, 2, Ipv6Header.word(0x12, 0x3_4567));
        Ipv6Header.putPayloadLength(frame, 2, 1);
        Ipv6Header.putHopLimit(frame, 2, 0);
        Ipv6Header.putDestination(frame, 2, 0x0102_0304_0506_0708L, 0x090a_0b0c_0d0e_0f10L);
        assertThat(Packets.hex(frame))
                .isEqualTo("0000" + "61234567" + "0001" + "8f" + "00" + "f".repeat(16) + "f".repeat(15) + "e"
                        + "0102030405060708090a0b0c0d0e0f10");
        assertThat(Ipv6.version(frame, 2)).isEqualTo(6);
    }
}
