package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.tunnel.Packets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GreHeaderTest {
    private final Frame frame = new FramePool(1, 1).allocate(Frame.MAX_LENGTH - 1_000);

    /** The checksums are of header and the payload 0102030405. */
    @ParameterizedTest
    @CsvSource({
        "6558, 0,          -1,         -1, 0000 6558",
        "0800, 0,          -1,         -1, 0000 0800",
        "86dd, 0,           0,         -1, 2000 86dd 00000000",
        "6558, 0,  4294967295,         -1, 2000 6558 ffffffff",
        "6558, 0,          -1,          0, 1000 6558 00000000",
        "6558, 0,   305419896, 4294967295, 3000 6558 12345678 ffffffff",
        "6558, 8000,       -1,         -1, 8000 6558 11a1 0000",
        "6558, 8000,        1,         -1, a000 6558 f19f 0000 00000001",
        "6558, 8000,       -1,          2, 9000 6558 019f 0000 00000002",
        "6558, 8000,        1,          2, b000 6558 e19d 0000 00000001 00000002",
        "0800, 8000,        1,          2, b000 0800 3ef6 0000 00000001 00000002",
    })
    void shouldWriteAndReadByteForByte(String type, String flags, long key, long sequence, String header) {
        byte[] payload = Packets.bytes("0102030405");
        int protocolType = Integer.parseInt(type, 16);
        Packets.set(frame, payload);
        GreHeader.prepend(frame, protocolType, Integer.parseInt(flags, 16), key, sequence);

        assertThat(frame.toByteArray()).isEqualTo(Packets.bytes(header + "0102030405"));
        assertThat(GreHeader.length(Integer.parseInt(flags, 16), key, sequence))
                .isEqualTo(Packets.bytes(header).length);
        assertThat(GreHeader.check(frame, true)).isNull();
        int first = GreHeader.first(frame);
        assertThat(GreHeader.length(first)).isEqualTo(Packets.bytes(header).length);
        assertThat(GreHeader.protocolType(first)).isEqualTo(protocolType);
        assertThat(GreHeader.hasKey(first)).isEqualTo(key >= 0);
        assertThat(GreHeader.key(frame, first)).isEqualTo(key);
        assertThat(GreHeader.hasSequence(first)).isEqualTo(sequence >= 0);
        assertThat(GreHeader.sequence(frame, first)).isEqualTo(sequence);
        assertThat(GreHeader.hasChecksum(first)).isEqualTo(flags.equals("8000"));
        if (GreHeader.hasChecksum(first)) {
            assertThat(GreHeader.hasValidChecksum(frame)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'',                          TOO_SHORT",
        "000065,                      TOO_SHORT",
        "2000 6558 000000,            TOO_SHORT",
        "b000 6558 0000 0000 00000001 000000, TOO_SHORT",
        "3001 880b 0000 0000 00000000, VERSION", // PPTP
        "4007 6558,                   VERSION",
        "4000 6558,                   ROUTING",
        "4800 6558,                   ROUTING",
        "0800 6558,                   RESERVED",
        "0400 6558,                   RESERVED",
        "0200 6558,                   ",
        "0008 6558,                   ",
        "0000 0000,                   KEEPALIVE",
        "2000 0000 00000001,          KEEPALIVE",
        "2000 0000,                   TOO_SHORT",
    })
    void shouldSayWhyItRefuses(String packet, GreRefusal expected) {
        Packets.set(frame, Packets.bytes(packet));
        assertThat(GreHeader.check(frame, false)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0200", "0100", "0080", "0040", "0020", "0010", "0008", "03f8"})
    void shouldIgnoreReservedBitsUnlessStrict(String bits) {
        Packets.set(frame, Packets.bytes(bits + "6558"));
        assertThat(GreHeader.check(frame, false)).isNull();
        assertThat(GreHeader.check(frame, true)).isEqualTo(GreRefusal.RESERVED);
        assertThat(GreHeader.length(GreHeader.first(frame))).isEqualTo(4);
    }

    /** Every value of the first 16 bits, at every length that a header can have or lack. */
    @Test
    void shouldReadLikeTheReferenceWhateverTheFlags() {
        SplittableRandom random = TestSeed.random("GreHeaderTest");
        byte[] packet = new byte[20];
        int accepted = 0;
        for (int bits = 0; bits <= 0xffff; bits++) {
            random.nextBytes(packet);
            packet[0] = (byte) (bits >> 8);
            packet[1] = (byte) bits;
            if (bits % 5 == 0) {
                packet[2] = 0;
                packet[3] = 0;
            }
            for (int length = 0; length <= packet.length; length++) {
                byte[] cut = Arrays.copyOf(packet, length);
                Packets.set(frame, cut);
                accepted += assertLikeReference(cut, false) + assertLikeReference(cut, true);
            }
        }
        assertThat(accepted).isGreaterThan(5_000);
    }

    private int assertLikeReference(byte[] packet, boolean strict) {
        ReferenceGre expected = ReferenceGre.read(packet, strict);
        GreRefusal refusal = GreHeader.check(frame, strict);
        ReferenceGre read;
        if (refusal != null && refusal != GreRefusal.KEEPALIVE) {
            read = new ReferenceGre(refusal.name(), 0, 0, -1, -1, false);
        } else {
            int first = GreHeader.first(frame);
            read = new ReferenceGre(
                    refusal == null ? null : refusal.name(),
                    GreHeader.length(first),
                    GreHeader.protocolType(first),
                    GreHeader.key(frame, first),
                    GreHeader.sequence(frame, first),
                    GreHeader.hasChecksum(first));
        }
        if (!read.equals(expected)) { // a million times faster than assertThat
            assertThat(read).as(HexFormat.of().formatHex(packet)).isEqualTo(expected);
        }
        return refusal == null ? 1 : 0;
    }

    @Test
    void shouldSumPayloadsOfEveryLengthAndFindEveryWrongBit() {
        SplittableRandom random = TestSeed.random("GreHeaderTest");
        for (int length = 0; length < 200; length++) {
            byte[] payload = new byte[length];
            random.nextBytes(payload);
            Packets.set(frame, payload);
            long key = random.nextBoolean() ? -1 : random.nextLong(1L << 32);
            long sequence = random.nextBoolean() ? -1 : random.nextLong(1L << 32);
            GreHeader.prepend(frame, 0x6558, GreHeader.CHECKSUM, key, sequence);
            byte[] packet = frame.toByteArray();
            assertThat(frame.getShort(4)).isEqualTo(ReferenceGre.checksum(packet));
            assertThat(GreHeader.hasValidChecksum(frame)).isTrue();
            for (int bit = 0; bit < 8 * packet.length; bit++) {
                frame.putByte(bit / 8, frame.getByte(bit / 8) ^ 1 << bit % 8);
                if (GreHeader.hasValidChecksum(frame)) {
                    assertThat(bit).as("bit that may change unseen").isNegative();
                }
                frame.putByte(bit / 8, frame.getByte(bit / 8) ^ 1 << bit % 8);
            }
        }
    }

    @Test
    void shouldSumTheLongestPayload() {
        byte[] payload = new byte[Frame.MAX_LENGTH - 1_000];
        Arrays.fill(payload, (byte) 0xff);
        Packets.set(frame, payload);
        GreHeader.prepend(frame, 0x6558, GreHeader.CHECKSUM, 7, 8);
        assertThat(frame.getShort(4)).isEqualTo(ReferenceGre.checksum(frame.toByteArray()));
        assertThat(GreHeader.hasValidChecksum(frame)).isTrue();
    }
}
