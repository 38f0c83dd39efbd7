package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The IPv4 and IPv6 headers, the way past extension headers, and ICMPv6 with its checksum. */
class IpHeadersTest {
    private static final String IP6 =
            "6ab0 1234 0020 3aff fe80000000000000020000fffe000001 ff0200000000000000000001ff000002";

    private static Frame frame(String hex) {
        return frame(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static Frame frame(byte[] bytes) {
        Frame frame = new FramePool(1, 0).allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - bytes.length); // ends where its slot does
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    @Test
    void shouldReadAnIpv4Header() {
        Frame frame = frame("00 46 00 05dc 1234 7fff 40 84 0000 c0a80101 ffffffff 01020304");
        assertThat(Ipv4.isPresent(frame, 1)).isTrue();
        assertThat(Ipv4.isPresent(frame, 5)).isTrue();
        assertThat(Ipv4.isPresent(frame, 6)).isFalse();
        assertThat(Ipv4.version(frame, 1)).isEqualTo(4);
        assertThat(Ipv4.headerLength(frame, 1)).isEqualTo(24);
        assertThat(Ipv4.totalLength(frame, 1)).isEqualTo(1_500);
        assertThat(Ipv4.fragmentOffset(frame, 1)).isEqualTo(0x1fff * 8);
        assertThat(Ipv4.protocol(frame, 1)).isEqualTo(Ipv4.SCTP);
        assertThat(Ipv4.source(frame, 1)).isEqualTo(0xc0a8_0101);
        assertThat(Ipv4.destination(frame, 1)).isEqualTo(0xffff_ffff);
    }

    @Test
    void shouldReadAnIpv6Header() {
        Frame frame = frame("00" + IP6);
        assertThat(Ipv6.isPresent(frame, 1)).isTrue();
        assertThat(Ipv6.isPresent(frame, 2)).isFalse();
        assertThat(Ipv6.version(frame, 1)).isEqualTo(6);
        assertThat(Ipv6.trafficClass(frame, 1)).isEqualTo(0xab);
        assertThat(Ipv6.payloadLength(frame, 1)).isEqualTo(32);
        assertThat(Ipv6.nextHeader(frame, 1)).isEqualTo(58);
        assertThat(Ipv6.hopLimit(frame, 1)).isEqualTo(255);
        assertThat(Ipv6.sourceHigh(frame, 1)).isEqualTo(0xfe80_0000_0000_0000L);
        assertThat(Ipv6.sourceLow(frame, 1)).isEqualTo(0x0200_00ff_fe00_0001L);
        assertThat(Ipv6.destinationHigh(frame, 1)).isEqualTo(0xff02_0000_0000_0000L);
        assertThat(Ipv6.destinationLow(frame, 1)).isEqualTo(0x0000_0001_ff00_0002L);
        assertThat(Ipv6.isMulticast(Ipv6.destinationHigh(frame, 1))).isTrue();
        assertThat(Ipv6.isMulticast(Ipv6.sourceHigh(frame, 1))).isFalse();
    }

    @Test
    void shouldWriteAnIpv6Header() {
        byte[] bytes = new byte[42];
        Arrays.fill(bytes, (byte) 0xa5);
        Frame frame = frame(bytes);
        Ipv6.put(frame, 1, 0xab, 32, 58, 255, 0xfe80L << 48, 0x0200_00ff_fe00_0001L, 0xff02L << 48, 0x1_ff00_0002L);
        assertThat(HexFormat.of().formatHex(frame.toByteArray()))
                .isEqualTo(("a5" + IP6.replace("1234", "0000") + "a5").replace(" ", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "06, '', 6, 40", // nothing to walk
        "3b, '', 59, 40", // no next header
        "00, 1100 000000000000, 17, 48", // hop-by-hop options
        "2b, 1101 000000000000 0000000000000000, 17, 56", // routing, 16 bytes
        "33, 1104 0000 0000000000000000000000000000000000000000, 17, 64", // AH: 4 + 2 words
        "2c, 1100 0001 00000000, 17, 48", // first fragment
        "2c, 1100 0008 00000000, 17, 0", // later fragment
        "2c, 3c00 fff9 00000000 1100000000000000, 60, 0", // later fragment: what follows is no header
        "87, 1100 000000000000, 17, 48", // mobility
        "8b, 1100 000000000000, 17, 48", // HIP
        "8c, 1100 000000000000, 17, 48", // Shim6
        "00, 11, 0, 0", // cut extension headers
        "00, 1100 0000000000, 0, 0",
        "2b, 1101 000000000000, 17, 0",
        "33, 11ff 000000000000, 17, 0"
    })
    void shouldWalkExtensionHeaders(String next, String headers, int protocol, int offset) {
        Frame frame = frame(IP6.replace("3aff", next + "ff") + headers);
        int payload = Ipv6.payload(frame, 0);
        assertThat(Ipv6.payloadProtocol(payload)).isEqualTo(protocol);
        assertThat(Ipv6.payloadOffset(payload)).isEqualTo(offset);
    }

    // ---- ICMPv6 ----

    @Test
    void shouldWriteTheChecksumOfASolicitation() {
        Frame frame = frame("6000 0000 0020 3aff fe800000000000000000000000000001 ff0200000000000000000001ff000002"
                + "8700 0000 0000 0000 fe800000000000000000000000000002 0101 020000000001");
        Icmpv6.putChecksum(frame, 40, 0, 32);
        assertThat(Icmpv6.checksum(frame, 40)).isEqualTo(reference(frame.toByteArray(), 32));
        assertThat(Icmpv6.hasValidChecksum(frame, 40, 0, 32)).isTrue();
        assertThat(Icmpv6.type(frame, 40)).isEqualTo(135);
        assertThat(Icmpv6.code(frame, 40)).isZero();
        assertThat(Icmpv6.isPresent(frame, 68)).isTrue();
        assertThat(Icmpv6.isPresent(frame, 69)).isFalse();
    }

    @Test
    void shouldComputeTheChecksumOfAnyLength() {
        SplittableRandom random = TestSeed.random("IpHeadersTest");
        for (int length = 4; length < 600; length++) {
            byte[] bytes = new byte[40 + length];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt());
            }
            Frame frame = frame(bytes);
            Icmpv6.putChecksum(frame, 40, 0, length);
            assertThat(Icmpv6.checksum(frame, 40)).isEqualTo(reference(bytes, length));
            assertThat(Icmpv6.hasValidChecksum(frame, 40, 0, length)).isTrue();
            int flipped = 40 + random.nextInt(length);
            frame.putByte(flipped, frame.getByte(flipped) ^ 1 << random.nextInt(8));
            assertThat(Icmpv6.hasValidChecksum(frame, 40, 0, length)).isFalse();
        }
    }

    /** RFC 4443, 2.3 word by word over a copy of what it covers. */
    private static int reference(byte[] packet, int length) {
        byte[] covered = new byte[40 + length + (length & 1)];
        System.arraycopy(packet, 8, covered, 0, 32);
        covered[34] = (byte) (length >>> 8);
        covered[35] = (byte) length;
        covered[39] = 58;
        System.arraycopy(packet, 40, covered, 40, length);
        covered[42] = 0;
        covered[43] = 0;
        int sum = 0;
        for (int i = 0; i < covered.length; i += 2) {
            sum += (covered[i] & 0xff) << 8 | covered[i + 1] & 0xff;
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }

    // ---- neighbour discovery ----

    @Test
    void shouldReadASolicitation() {
        Frame frame = frame("8700 1234 ffffffff fe800000000000000000000000000002 0101 020000000001");
        assertThat(NeighbourDiscovery.isPresent(frame, 8)).isTrue();
        assertThat(NeighbourDiscovery.isPresent(frame, 9)).isFalse();
        assertThat(NeighbourDiscovery.targetHigh(frame, 0)).isEqualTo(0xfe80_0000_0000_0000L);
        assertThat(NeighbourDiscovery.targetLow(frame, 0)).isEqualTo(2);
        assertThat(NeighbourDiscovery.flags(frame, 0)).isEqualTo(0xe000_0000);
    }

    @ParameterizedTest
    @CsvSource({
        "'', -1",
        "0101 020000000001, 0x020000000001",
        "0e01 aabbccddeeff 0101 020000000001, 0x020000000001", // nonce first
        "0e02 aabbccddeeff 1122334455667788 0101 020000000001, 0x020000000001",
        "0101 020000000001 0101 020000000002, 0x020000000001",
        "0201 020000000001, -1", // another option
        "0100 020000000001, -2", // length 0
        "0e00 aabbccddeeff 0101 020000000001, -2",
        "0102 020000000001, -2", // longer than the message
        "0102 020000000001 0000000000000000, -2", // not Ethernet's length
        "0101 020000000001 0e, -2", // a rest
        "0101 02000000, -2",
        "01ff 020000000001, -2"
    })
    void shouldWalkOptions(String options, long address) {
        Frame frame = frame("8700 0000 00000000 fe800000000000000000000000000002" + options);
        assertThat(NeighbourDiscovery.sourceLinkLayerAddress(frame, 0, frame.length()))
                .isEqualTo(address);
    }

    @Test
    void shouldWriteAnAdvertisement() {
        byte[] bytes = HexFormat.of().parseHex((IP6 + "a5".repeat(32)).replace(" ", ""));
        Frame frame = frame(bytes);
        int flags = NeighbourDiscovery.ROUTER | NeighbourDiscovery.OVERRIDE;
        NeighbourDiscovery.putAdvertisement(frame, 40, 0, flags, 0xfe80L << 48, 2, 0xfe54_0000_00bbL);
        String written = HexFormat.of().formatHex(frame.toByteArray()).substring(80);
        String checksum = String.format("%04x", reference(frame.toByteArray(), 32));
        assertThat(written)
                .isEqualTo("8800" + checksum + "a0000000" + "fe800000000000000000000000000002" + "0201fe54000000bb");
    }
}
