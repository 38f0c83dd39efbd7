package io.weft.examples.hosts.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {

    @Test
    void shouldMatchTheExampleOfRfc1071() {
        ByteBuffer bytes = LinuxFrames.frame("0001f203f4f5f6f7");

        assertThat(InternetChecksum.of(bytes, 0, 8, 0)).isEqualTo(~0xddf2 & 0xffff);
    }

    @Test
    void shouldFindAnIpv4HeaderOfLinuxRight() {
        assertThat(InternetChecksum.of(LinuxFrames.frame(LinuxFrames.ECHO_REQUEST), 14, 20, 0))
                .isZero();
    }

    @Test
    void shouldMatchAnObviousReferenceAtEveryLength() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int length = 0; length <= 1_600; length++) {
            byte[] bytes = new byte[length + 3];
            random.nextBytes(bytes);

            assertThat(InternetChecksum.of(ByteBuffer.wrap(bytes), 3, length, 0))
                    .as("length %d, seed %d", length, seed)
                    .isEqualTo(reference(bytes, 3, length));
        }
    }

    /** Ones' complement addition word by word, with the carry added back each time. */
    private static int reference(byte[] bytes, int offset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i += 2) {
            int high = bytes[offset + i] & 0xff;
            int low = i + 1 < length ? bytes[offset + i + 1] & 0xff : 0;
            sum += high * 256 + low;
            if (sum > 0xffff) {
                sum = sum - 0x10000 + 1;
            }
        }
        return 0xffff - sum;
    }
}
