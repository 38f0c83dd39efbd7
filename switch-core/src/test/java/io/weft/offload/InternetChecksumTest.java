package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv4;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    private final FramePool pool = new FramePool(8, 2);

    private Frame frame(byte[] bytes) {
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    private Frame frame(String hex) {
        return frame(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /** End-around carry after every single byte, as nobody would do it who is in a hurry. */
    private static int addByte(int sum, int index, int value) {
        int added = sum + (index % 2 == 0 ? value << 8 : value);
        return added > 0xffff ? added - 0xffff : added;
    }

    @Test
    void shouldEqualTheSlowSumForEveryLengthAndAlignment() {
        SplittableRandom random = TestSeed.random("checksum");
        byte[] bytes = new byte[7 + 9_001 + 1];
        random.nextBytes(bytes);
        Frame frame = frame(bytes);
        for (int start = 0; start < 8; start++) {
            int expected = 0;
            for (int length = 0; length <= 9_001; length++) {
                if (InternetChecksum.sum(frame, start, length) != expected) {
                    assertThat(InternetChecksum.sum(frame, start, length))
                            .as("%d bytes from %d", length, start)
                            .isEqualTo(expected);
                }
                expected = addByte(expected, length, bytes[start + length] & 0xff);
            }
        }
    }

    @Test
    void shouldNotLoseACarryOfTheLongestFrame() {
        byte[] bytes = new byte[Frame.MAX_LENGTH];
        Arrays.fill(bytes, (byte) 0xff);
        assertThat(InternetChecksum.sum(frame(bytes), 0, Frame.MAX_LENGTH))
                .isEqualTo(0xff00); // n * 0xffff is 0xffff, which adds nothing
        assertThat(InternetChecksum.sum(frame(bytes), 0, Frame.MAX_LENGTH - 1)).isEqualTo(0xffff);
    }

    @Test
    void shouldBeZeroOnlyForZeros() {
        Frame frame = frame(new byte[64]);
        assertThat(InternetChecksum.sum(frame, 0, 64)).isZero();
        assertThat(InternetChecksum.fold(0)).isZero();
        assertThat(InternetChecksum.fold(0xffffL)).isEqualTo(0xffff);
        assertThat(InternetChecksum.fold(0xffff_0000L)).isEqualTo(0xffff);
        assertThat(InternetChecksum.fold(Long.MAX_VALUE)).isEqualTo(0x7fff);
        assertThat(InternetChecksum.fold(0x7fff_ffff_ffff_0001L)).isEqualTo(0x8000);
    }

    @Test
    void shouldFollowTheFrameWhenItsFrontMoves() {
        Frame frame = frame("0001 f203 f4f5 f6f7"); // the example of RFC 1071, 3
        assertThat(InternetChecksum.sum(frame, 0, 8)).isEqualTo(0xddf2);
        frame.consume(2);
        assertThat(InternetChecksum.sum(frame, 0, 6)).isEqualTo(0xddf1);
        frame.prepend(4);
        frame.putInt(0, 0x0001_0001);
        assertThat(InternetChecksum.sum(frame, 0, 10)).isEqualTo(0xddf3);
        assertThat(InternetChecksum.checksum(0xddf3)).isEqualTo(0x220c);
    }

    @Test
    void shouldKnowTheChecksumOfAnIpv4Header() {
        Frame frame = frame("4500 0073 0000 4000 4011 b861 c0a8 0001 c0a8 00c7");
        assertThat(InternetChecksum.checksum(InternetChecksum.sum(frame, 0, 20)))
                .isZero();
        assertThat(InternetChecksum.update(0xb861, 0x4011, 0x3f11)).isEqualTo(0xb961);
        frame.putShort(8, 0x3f11);
        frame.putShort(10, 0xb961);
        assertThat(InternetChecksum.checksum(InternetChecksum.sum(frame, 0, 20)))
                .isZero();
    }

    @Test
    void shouldUpdateTheExampleOfRfc1624() {
        assertThat(InternetChecksum.update(0xdd2f, 0x5555, 0x3285)).isZero(); // section 4; equation 2 gives 0xffff
    }

    @Test
    void shouldSumPseudoHeaders() {
        // UDP 10.0.0.1:4660 to 10.0.0.2:22136 with "hi!"
        Frame ipv4 = frame("4500 001f 0000 0000 4011 66cc 0a00 0001 0a00 0002" + "1234 5678 000b 0000 6869 21");
        long sum = InternetChecksum.ipv4PseudoHeader(ipv4, 0, Ipv4.UDP, 11) + InternetChecksum.sum(ipv4, 20, 11);
        // 0a00+0001+0a00+0002+0011+000b + 1234+5678+000b+6869+2100 = 0x1063f
        assertThat(InternetChecksum.fold(sum)).isEqualTo(0x0640);
        assertThat(InternetChecksum.udpChecksum(sum)).isEqualTo(0xf9bf);

        Frame ipv6 = frame("6000 0000 000b 1140 20010db8000000000000000000000001 20010db8000000000000000000000002"
                + "1234 5678 000b 0000 6869 21");
        sum = InternetChecksum.ipv6PseudoHeader(ipv6, 0, Ipv4.UDP, 11) + InternetChecksum.sum(ipv6, 40, 11);
        int expected = 2 * (0x2001 + 0x0db8) + 3 + 0x11 + 0xb + 0x1234 + 0x5678 + 0xb + 0x6869 + 0x2100;
        assertThat(InternetChecksum.fold(sum)).isEqualTo(expected % 0xffff);
    }

    @Test
    void shouldSendNoZeroForUdp() {
        assertThat(InternetChecksum.checksum(0xffff)).isZero();
        assertThat(InternetChecksum.udpChecksum(0xffff)).isEqualTo(0xffff);
        assertThat(InternetChecksum.udpChecksum(0xfffe)).isEqualTo(1);
    }
}
