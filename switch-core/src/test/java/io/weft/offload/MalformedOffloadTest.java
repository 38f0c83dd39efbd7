package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Metadata that lie, about honest and about damaged frames. */
class MalformedOffloadTest {
    private static final int UFO = 3;

    private final OffloadClaims claims = new OffloadClaims();

    private static VirtioFrame make(int payload, int gsoSize, Consumer<WireFrame> change) {
        WireFrame frame = new WireFrame();
        frame.payload = new byte[payload];
        new SplittableRandom(payload).nextBytes(frame.payload);
        change.accept(frame);
        return frame.partial(gsoSize);
    }

    private static void ipv6(WireFrame frame) {
        frame.ipv6 = true;
        frame.from = new byte[] {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
        frame.to = new byte[] {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    }

    static Stream<VirtioFrame> honest() {
        return Stream.of(
                make(1_000, 300, frame -> {}),
                make(1_000, 300, frame -> frame.tags = new int[] {0x8100_0005}),
                make(1_000, 250, frame -> {
                    frame.tags = new int[] {0x88a8_0005, 0x8100_2006};
                    frame.tcpOptions = new byte[40];
                    frame.flags |= 0x81;
                }),
                make(500, 499, frame -> frame.ipOptions = new byte[] {1, 1, 1, 0}),
                make(500, 100, MalformedOffloadTest::ipv6),
                make(500, 100, frame -> {
                    ipv6(frame);
                    frame.tags = new int[] {0x8100_0005};
                    frame.ipOptions = new byte[] {6, 0, 1, 4, 0, 0, 0, 0};
                    frame.tcpOptions = new byte[12];
                }),
                make(500, 100, frame -> frame.udp = true),
                make(500, 100, frame -> {
                    ipv6(frame);
                    frame.udp = true;
                    frame.ipOptions = new byte[] {17, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
                }),
                make(100, 0, frame -> {}),
                make(1, 0, frame -> {
                    ipv6(frame);
                    frame.udp = true;
                }));
    }

    @ParameterizedTest
    @MethodSource("honest")
    void shouldTakeTheTruth(VirtioFrame frame) {
        assertThat(claims.check(frame)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("honest")
    void shouldBearEveryLieInOneField(VirtioFrame frame) {
        int[] numbers = IntStream.concat(
                        IntStream.rangeClosed(0, frame.bytes().length + 20),
                        IntStream.of(16_383, 16_384, 32_767, 32_768, 65_533, 65_534, 65_535))
                .toArray();
        for (int type = 0; type < 256; type++) {
            boolean sound = claims.check(with(frame, frame.flags(), type, frame.gsoSize()));
            assertThat(sound && (type & 0x7f) == UFO).isFalse();
        }
        for (int flags = 0; flags < 4; flags++) {
            boolean sound = claims.check(with(frame, flags, frame.gsoType(), frame.gsoSize()));
            assertThat(sound).isEqualTo((flags & 1) != 0 || frame.gsoType() == 0);
        }
        boolean gso = frame.gsoType() != 0;
        for (int number : numbers) {
            boolean sound = claims.check(with(frame, frame.flags(), frame.gsoType(), number));
            assertThat(sound).as("segment size %d", number).isEqualTo(!gso || number > 0);
            assertThat(claims.check(new VirtioFrame(
                            frame.bytes(),
                            frame.flags(),
                            frame.gsoType(),
                            frame.gsoSize(),
                            number,
                            frame.checksumStart(),
                            frame.checksumOffset())))
                    .as("a header length of %d is a hint", number)
                    .isTrue();
            boolean start = claims.check(with(frame, number, frame.checksumOffset()));
            assertThat(start && gso && number != frame.checksumStart()).isFalse();
            boolean offset = claims.check(with(frame, frame.checksumStart(), number));
            assertThat(offset && gso && number != frame.checksumOffset()).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("honest")
    void shouldBearFramesCutAnywhere(VirtioFrame frame) {
        for (int length = 0; length < frame.bytes().length; length++) {
            boolean sound = claims.check(of(frame, Arrays.copyOf(frame.bytes(), length)));
            // A checksum can be completed whatever is behind its field; a super-frame's lengths are known.
            assertThat(sound && frame.gsoType() != 0).as("%d bytes", length).isFalse();
        }
        assertThat(claims.check(of(frame, Arrays.copyOf(frame.bytes(), frame.bytes().length + 1))))
                .as("one byte behind the packet")
                .isEqualTo(frame.gsoType() == 0);
    }

    /** What a segmenter writes anew in each segment has to be true in the super-frame. */
    @ParameterizedTest
    @MethodSource("honest")
    void shouldRefuseSuperFramesWhoseLengthsLie(VirtioFrame frame) {
        boolean udp = frame.gsoType() == 5;
        for (int bit = 0; bit < 16; bit++) {
            byte[] bytes = frame.bytes().clone();
            int network = bytes[12] == (byte) 0x88 ? 22 : bytes[12] == (byte) 0x81 ? 18 : 14;
            int length = network + (bytes[network] >> 4 == 4 ? 2 : 4);
            bytes[length + 1 - bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(claims.check(of(frame, bytes))).as("IP length").isEqualTo(frame.gsoType() == 0);
            bytes = frame.bytes().clone();
            bytes[frame.checksumStart() + 5 - bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(claims.check(of(frame, bytes))).as("UDP length").isEqualTo(!udp);
        }
    }

    @ParameterizedTest
    @MethodSource("honest")
    void shouldBearEveryValueOfEveryByteOfTheHeaders(VirtioFrame frame) {
        for (int at = 0; at < Math.min(130, frame.bytes().length); at++) {
            for (int value = 0; value < 256; value++) {
                byte[] bytes = frame.bytes().clone();
                bytes[at] = (byte) value;
                claims.check(of(frame, bytes));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("honest")
    void shouldBearSeveralLiesAtOnce(VirtioFrame frame) {
        SplittableRandom random = TestSeed.random("MalformedOffloadTest");
        List<VirtioFrame> taken = new ArrayList<>();
        for (int i = 0; i < 20_000 * TestSeed.effort(); i++) {
            byte[] bytes = frame.bytes().clone();
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                bytes[random.nextInt(Math.min(bytes.length, 130))] = (byte) random.nextInt();
            }
            if (random.nextInt(8) == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(2_000));
            }
            VirtioFrame lie = new VirtioFrame(
                    bytes,
                    random.nextInt(8) == 0 ? random.nextInt(4) : frame.flags(),
                    random.nextInt(8) == 0 ? random.nextInt(256) : frame.gsoType(),
                    random.nextInt(4) == 0 ? random.nextInt(65_536) >>> random.nextInt(16) : frame.gsoSize(),
                    random.nextInt(4) == 0 ? random.nextInt(65_536) : frame.headerLength(),
                    random.nextInt(8) == 0 ? random.nextInt(65_536) >>> random.nextInt(16) : frame.checksumStart(),
                    random.nextInt(8) == 0 ? random.nextInt(65_536) >>> random.nextInt(16) : frame.checksumOffset());
            if (claims.check(lie)) {
                taken.add(lie);
            }
        }
        assertThat(taken.size()).as("some are true by chance").isBetween(500, 19_500 * TestSeed.effort());
    }

    private static VirtioFrame of(VirtioFrame frame, byte[] bytes) {
        return new VirtioFrame(
                bytes,
                frame.flags(),
                frame.gsoType(),
                frame.gsoSize(),
                frame.headerLength(),
                frame.checksumStart(),
                frame.checksumOffset());
    }

    private static VirtioFrame with(VirtioFrame frame, int flags, int gsoType, int gsoSize) {
        return new VirtioFrame(
                frame.bytes(),
                flags,
                gsoType,
                gsoSize,
                frame.headerLength(),
                frame.checksumStart(),
                frame.checksumOffset());
    }

    private static VirtioFrame with(VirtioFrame frame, int checksumStart, int checksumOffset) {
        return new VirtioFrame(
                frame.bytes(),
                frame.flags(),
                frame.gsoType(),
                frame.gsoSize(),
                frame.headerLength(),
                checksumStart,
                checksumOffset);
    }
}
