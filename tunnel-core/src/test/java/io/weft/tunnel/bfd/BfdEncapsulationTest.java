package io.weft.tunnel.bfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BfdEncapsulationTest {
    private static final long OURS = 0x0200_0000_0001L;

    private final FramePool pool = new FramePool(1, 0);
    private final Frame frame = pool.allocate(0);

    private static InetAddress ip(String literal) throws Exception {
        return InetAddress.getByName(literal);
    }

    /** A whole frame around a packet, on top of what was there before. */
    private byte[] make(BfdEncapsulation encapsulation) {
        frame.length(200);
        byte[] noise = new byte[200];
        Arrays.fill(noise, (byte) 0xa5);
        frame.putBytes(0, noise, 0, noise.length);
        frame.putBytes(encapsulation.packetOffset(), new RemotePacket(BfdState.DOWN).bytes(), 0, 24);
        encapsulation.put(frame);
        return frame.toByteArray();
    }

    private Frame in(byte[] bytes) {
        frame.offload(0, 0, 0, 0, 0, 0);
        frame.length(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    private BfdRefusal refusal(byte[] bytes) {
        assertThat(BfdEncapsulation.isBfd(in(bytes), BfdEncapsulation.NO_MAC)).isTrue();
        return BfdEncapsulation.refusal(BfdEncapsulation.payload(frame));
    }

    private byte[] openVSwitch() {
        return make(BfdEncapsulation.openVSwitch(OURS, 50_000));
    }

    private byte[] ipv6() throws Exception {
        return make(BfdEncapsulation.vxlan(OURS, ip("2001:db8::1"), 65_535));
    }

    private static byte[] with(byte[] bytes, int index, int value) {
        byte[] changed = bytes.clone();
        changed[index] = (byte) value;
        return changed;
    }

    /** With a right IPv4 header checksum, made the slow way. */
    private static byte[] completed(byte[] bytes) {
        bytes[24] = 0;
        bytes[25] = 0;
        int sum = 0;
        for (int i = 14; i < 34; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        bytes[24] = (byte) (~sum >>> 8);
        bytes[25] = (byte) ~sum;
        return bytes;
    }

    @Test
    void shouldMakeWhatOpenVSwitchMakes() {
        byte[] frame = openVSwitch();
        assertThat(HexFormat.of().formatHex(frame, 0, 42))
                .isEqualTo("002320000001" + "020000000001" + "0800"
                        + "45c00034" + "00000000" + "ff11" + "64fb" + "a9fe0101" + "a9fe0100"
                        + "c350" + "0ec8" + "0020" + "58f5");
        assertThat(completed(frame.clone())).isEqualTo(frame);
        assertThat(frame).hasSize(66).endsWith(new RemotePacket(BfdState.DOWN).bytes());
        assertThat(BfdEncapsulation.openVSwitch(OURS, 50_000))
                .hasToString("BFD from 02:00:00:00:00:01 169.254.1.1 port 50000 to 00:23:20:00:00:01 169.254.1.0");
    }

    @Test
    void shouldMakeWhatRfc8971Wants() throws Exception {
        assertThat(HexFormat.of().formatHex(make(BfdEncapsulation.vxlan(OURS, ip("192.0.2.1"), 49_152)), 0, 38))
                .startsWith("00005e005202" + "020000000001" + "0800")
                .endsWith("c0000201" + "7f000001" + "c000" + "0ec8");
        byte[] overIpv6 = ipv6();
        assertThat(HexFormat.of().formatHex(overIpv6, 0, 60))
                .isEqualTo("00005e005202" + "020000000001" + "86dd"
                        + "6c000000" + "0020" + "11" + "ff"
                        + "20010db8000000000000000000000001" + "00000000000000000000ffff7f000001"
                        + "ffff" + "0ec8" + "0020");
        assertThat(overIpv6).hasSize(86);
    }

    @Test
    void shouldKnowItsOwnFramesAgain() throws Exception {
        for (BfdEncapsulation encapsulation : new BfdEncapsulation[] {
            BfdEncapsulation.openVSwitch(OURS, 49_152),
            BfdEncapsulation.vxlan(OURS, ip("192.0.2.1"), 49_153),
            BfdEncapsulation.vxlan(OURS, ip("fe80::1"), 49_154),
            BfdEncapsulation.of(OURS, BfdEncapsulation.VXLAN_MAC, ip("10.0.0.1"), ip("10.0.0.2"), 65_535),
        }) {
            byte[] bytes = make(encapsulation);
            assertThat(refusal(bytes)).as(encapsulation.toString()).isNull();
            int payload = BfdEncapsulation.payload(in(bytes));
            assertThat(BfdEncapsulation.payloadOffset(payload)).isEqualTo(encapsulation.packetOffset());
            assertThat(BfdEncapsulation.payloadLength(payload)).isEqualTo(24);
            for (int i = 14; i < bytes.length; i++) {
                byte[] spoilt = with(bytes, i, bytes[i] ^ 1);
                assertThat(!BfdEncapsulation.isBfd(in(spoilt), 0)
                                || BfdEncapsulation.payload(in(spoilt)) < 0
                                || (bytes.length == 86 && i < 18)) // class and flow label, which nothing covers
                        .as(encapsulation + ": a bit of byte " + i)
                        .isTrue();
            }
        }
    }

    @Test
    void shouldLeaveOtherFramesAlone() throws Exception {
        byte[] bytes = openVSwitch();
        for (int length = 0; length < 42; length++) {
            assertThat(BfdEncapsulation.isBfd(in(Arrays.copyOf(bytes, length)), 0))
                    .isFalse();
        }
        byte[] overIpv6 = ipv6();
        for (int length = 0; length < 62; length++) {
            assertThat(BfdEncapsulation.isBfd(in(Arrays.copyOf(overIpv6, length)), 0))
                    .isFalse();
        }
        assertThat(BfdEncapsulation.isBfd(in(with(bytes, 5, 2)), 0))
                .as("a station's BFD")
                .isFalse();
        assertThat(BfdEncapsulation.isBfd(in(with(bytes, 12, 9)), 0)).isFalse();
        assertThat(BfdEncapsulation.isBfd(in(with(bytes, 14, 0x55)), 0)).isFalse();
        assertThat(BfdEncapsulation.isBfd(in(with(bytes, 14, 0x44)), 0)).isFalse();
        assertThat(BfdEncapsulation.isBfd(in(with(bytes, 14, 0x4f)), 0))
                .as("header and frame end")
                .isFalse();
        assertThat(BfdEncapsulation.isBfd(in(with(bytes, 23, 6)), 0)).as("TCP").isFalse();
        assertThat(BfdEncapsulation.isBfd(in(with(bytes, 21, 1)), 0))
                .as("a later fragment")
                .isFalse();
        assertThat(BfdEncapsulation.isBfd(in(with(bytes, 37, 0xc9)), 0))
                .as("3785, echo")
                .isFalse();
        assertThat(BfdEncapsulation.isBfd(in(with(overIpv6, 20, 0)), 0)).isFalse();
    }

    @Test
    void shouldKnowAnAddressGiven() throws Exception {
        long given = 0x0200_0000_0099L;
        byte[] bytes = make(BfdEncapsulation.of(OURS, given, ip("10.0.0.1"), ip("10.0.0.2"), 49_152));
        assertThat(BfdEncapsulation.isBfd(in(bytes), BfdEncapsulation.NO_MAC)).isFalse();
        assertThat(BfdEncapsulation.isBfd(in(bytes), given)).isTrue();
        byte[] toNobody = with(with(bytes, 0, 0), 5, 0);
        assertThat(BfdEncapsulation.isBfd(in(toNobody), BfdEncapsulation.NO_MAC))
                .isFalse();
    }

    @Test
    void shouldRefuseWhatCameFromFarther() throws Exception {
        for (int ttl : new int[] {0, 1, 64, 254}) {
            assertThat(refusal(completed(with(openVSwitch(), 22, ttl)))).isEqualTo(BfdRefusal.TTL);
            assertThat(refusal(with(ipv6(), 21, ttl))).isEqualTo(BfdRefusal.TTL);
        }
    }

    @Test
    void shouldRefuseHeadersThatLie() throws Exception {
        byte[] bytes = openVSwitch();
        assertThat(refusal(with(bytes, 17, 0x35))).as("total length").isEqualTo(BfdRefusal.MALFORMED);
        assertThat(refusal(with(bytes, 16, 0xff))).isEqualTo(BfdRefusal.MALFORMED);
        assertThat(refusal(with(bytes, 20, 0x20))).as("first fragment").isEqualTo(BfdRefusal.MALFORMED);
        for (int length : new int[] {0, 1, 7, 33, 255}) {
            assertThat(refusal(with(bytes, 39, length))).isEqualTo(BfdRefusal.MALFORMED);
        }
        assertThat(refusal(with(bytes, 25, 0))).isEqualTo(BfdRefusal.CHECKSUM);
        assertThat(refusal(with(bytes, 41, 0))).isEqualTo(BfdRefusal.CHECKSUM);
        assertThat(refusal(with(bytes, 65, 1))).isEqualTo(BfdRefusal.CHECKSUM);
        assertThat(refusal(Arrays.copyOf(bytes, 65))).isEqualTo(BfdRefusal.MALFORMED);
        assertThat(refusal(Arrays.copyOf(bytes, 90))).as("padding").isNull();
        assertThat(refusal(with(ipv6(), 19, 33))).as("payload length").isEqualTo(BfdRefusal.MALFORMED);
    }

    @Test
    void shouldTakeTheUdpChecksumsThatThereAre() throws Exception {
        assertThat(refusal(with(with(openVSwitch(), 40, 0), 41, 0)))
                .as("none, as Open vSwitch")
                .isNull();
        assertThat(refusal(with(with(ipv6(), 60, 0), 61, 0))).isEqualTo(BfdRefusal.CHECKSUM);
        // a9fe + 0101 + a9fe + 0100 + 11 + 20
        assertThat(refusal(with(with(openVSwitch(), 40, 0x56), 41, 0x2f)))
                .as("partial")
                .isNull();
        byte[] wrong = with(openVSwitch(), 41, 0);
        in(wrong).offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, 34, 6);
        assertThat(BfdEncapsulation.payload(frame)).isPositive();
    }

    @Test
    void shouldNotHandOnOldOffloads() {
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, Frame.GSO_UDP_L4, 100, 42, 34, 6);
        openVSwitch();
        assertThat(frame.hasPendingOffload()).isFalse();
    }

    @Test
    void shouldGiveFramesToTheSession() {
        SplittableRandom random = TestSeed.random("BfdEncapsulationTest");
        BfdSession session = new BfdSession(
                BfdSettings.DEFAULT, BfdSession.drawDiscriminator(random), random, 0, (changed, before) -> {});
        byte[] bytes = openVSwitch();
        assertThat(session.onFrame(in(completed(with(bytes, 22, 254))), 0)).isEqualTo(BfdRefusal.TTL);
        assertThat(session.status().refused()).containsEntry(BfdRefusal.TTL, 1L);
        assertThat(session.state()).isEqualTo(BfdState.DOWN);
        assertThat(session.onFrame(in(bytes), 0)).isNull();
        assertThat(session.state()).isEqualTo(BfdState.INIT);
    }

    @Test
    void shouldDrawEveryPortThatRfc5881Allows() {
        SplittableRandom random = TestSeed.random("BfdEncapsulationTest");
        for (int i = 0; i < 10_000; i++) {
            assertThat(BfdEncapsulation.drawSourcePort(random)).isBetween(49_152, 65_535);
        }
    }

    @Test
    void shouldSayWhatIsAccepted() {
        assertThatThrownBy(() -> BfdEncapsulation.openVSwitch(0x0100_0000_0000L, 49_152))
                .hasMessage("the source MAC address of BFD is 01:00:00:00:00:00; accepted: a station's own address");
        assertThatThrownBy(() -> BfdEncapsulation.openVSwitch(OURS, 49_151))
                .hasMessage("the source port of BFD is 49151; accepted: 49152..65535");
        assertThatThrownBy(() -> BfdEncapsulation.of(OURS, OURS, ip("10.0.0.1"), ip("fe80::1"), 49_152))
                .hasMessage("BFD from 10.0.0.1 to fe80:0:0:0:0:0:0:1; accepted: both IPv4 or both IPv6");
    }
}
