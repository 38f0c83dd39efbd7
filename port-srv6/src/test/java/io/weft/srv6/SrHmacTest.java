package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.management.ThreadMXBean;
import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.srv6.SrHmacKey.Algorithm;
import io.weft.tunnel.Packets;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SrHmacTest {
    private static final byte[] SECRET = {1, 2, 3, 4, 5};
    private static final int SRH = 40;

    private final Frame frame = new FramePool(1, 0).allocate(1_000);
    private final SrHmac hmac =
            new SrHmac(List.of(new SrHmacKey(9, Algorithm.SHA1, SECRET), new SrHmacKey(5, Algorithm.SHA256, SECRET)));

    private void sign(String list, long keyId, Encapsulation encapsulation) {
        Packets.set(frame, new byte[20]);
        SegmentList.parse(list)
                .signed(keyId, false)
                .prepend(frame, encapsulation, Ipv6Header.IPV4, 0xfd00L << 48, 1, 0, 0, 64);
        hmac.sign(frame);
    }

    private SrRefusal verify() {
        return hmac.verify(frame, 0, SRH, true);
    }

    /** Against javax.crypto, with secrets of every length. */
    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void shouldMakeTheDigestOfTheStandard(Algorithm algorithm) throws Exception {
        SplittableRandom random = TestSeed.random("SrHmacTest");
        String name = algorithm == Algorithm.SHA1 ? "HmacSHA1" : "HmacSHA256";
        for (int length = 1; length <= SrHmacKey.MAX_SECRET_LENGTH; length++) {
            byte[] secret = new byte[length];
            random.nextBytes(secret);
            long keyId = random.nextLong(1, 1L << 32);
            SegmentList list = SegmentList.parse("fc00:1::1" + ",fc00:2::2".repeat(length % 16));
            Packets.set(frame, new byte[20]);
            list.signed(keyId, length % 2 == 0)
                    .prepend(frame, Encapsulation.ENCAPS_RED, 4, random.nextLong(), random.nextLong(), 0, 0, 64);
            SrHmac one = new SrHmac(List.of(new SrHmacKey(keyId, algorithm, secret)));
            one.sign(frame);
            Mac mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(secret, name));
            byte[] packet = frame.toByteArray();
            int tlv = 40 + SrHeader.length(frame, SRH) - 40;
            mac.update(packet, 8, 16);
            mac.update(packet, SRH + 4, 2);
            mac.update(packet, tlv + 4, 4);
            mac.update(packet, SRH + 8, 16 * (1 + packet[SRH + 4]));
            assertThat(Packets.hex(Arrays.copyOfRange(packet, tlv + 8, tlv + 40)))
                    .isEqualTo(Packets.hex(Arrays.copyOf(mac.doFinal(), 32)));
            assertThat(one.verify(frame, 0, SRH, true)).isNull();
        }
    }

    /** What is covered, and all else that is not: not the traffic class, payload length, next header, hop limit, tag, payload. */
    @ParameterizedTest
    @ValueSource(longs = {5, 9})
    void shouldFindEveryChangeOfWhatItCovers(long keyId) {
        sign("fc00:1::1,fc00:2::2,fc00:3::3", keyId, Encapsulation.ENCAPS);
        assertThat(verify()).isNull();
        int tlv = SrHeader.tlv(frame, SRH, SrHeader.HMAC);
        for (int bit = 0; bit < 8 * frame.length(); bit++) {
            int octet = bit / 8;
            boolean isCovered = octet >= 8 && octet < SRH
                    || octet == SRH + 5
                    || octet >= SRH + 8 && octet < tlv
                    || octet >= tlv + 8 && octet < tlv + 40;
            boolean isChecked = octet == SRH + 1
                    || octet == SRH + 2
                    || octet == SRH + 3
                    || octet == SRH + 4
                    || octet >= tlv && octet < tlv + 8; // what else must be right; the key's number is covered, too
            frame.putByte(octet, frame.getByte(octet) ^ 1 << bit % 8);
            if (!isChecked) {
                assertThat(verify()).as("bit " + bit).isEqualTo(isCovered ? SrRefusal.HMAC_WRONG : null);
            } else if (SrHeader.check(frame, SRH, SRH + 8 + 3 * 16 + 40) > 0 && octet >= tlv && octet < tlv + 2) {
                assertThat(verify()).as("bit " + bit).isNotNull();
            }
            frame.putByte(octet, frame.getByte(octet) ^ 1 << bit % 8);
        }
        assertThat(verify()).isNull();
        frame.putInt(tlv + 4, keyId == 5 ? 9 : 5);
        assertThat(verify()).isEqualTo(SrRefusal.HMAC_WRONG);
        frame.putInt(tlv + 4, 6);
        assertThat(verify()).isEqualTo(SrRefusal.HMAC_KEY);
    }

    @Test
    void shouldCompareTheDestinationWhereTheListHasIt() {
        sign("fc00:1::1,fc00:2::2,fc00:3::3", 5, Encapsulation.ENCAPS);
        frame.putByte(39, 7);
        assertThat(verify()).isEqualTo(SrRefusal.HMAC_WRONG);
        assertThat(hmac.verify(frame, 0, SRH, false)).isNull();
        for (int i = 0; i < 2; i++) {
            SrHeader.advance(frame, 0, SRH);
            assertThat(verify()).isNull();
        }

        sign("fc00:1::1,fc00:2::2,fc00:3::3", 5, Encapsulation.ENCAPS_RED);
        frame.putByte(39, 7);
        assertThat(verify()).isNull();
        frame.putShort(SrHeader.tlv(frame, SRH, SrHeader.HMAC) + 2, 0); // as Linux leaves D
        assertThat(verify()).isNull();
        SrHeader.advance(frame, 0, SRH);
        assertThat(verify()).isNull();
        frame.putByte(39, 7);
        assertThat(verify()).isEqualTo(SrRefusal.HMAC_WRONG);
    }

    @Test
    void shouldSayThatThereIsNone() {
        Packets.set(frame, new byte[20]);
        SegmentList.parse("fc00:1::1").prepend(frame, Encapsulation.ENCAPS, 4, 1, 2, 0, 0, 64);
        assertThat(verify()).isEqualTo(SrRefusal.HMAC_MISSING);
    }

    /** A TLV of HMAC's type with every length that an SRH has room for, in front of other TLVs. */
    @Test
    void shouldTakeDigestsThatAreShortOnlyWhereTheyAreWhole() {
        for (long keyId : new long[] {5, 9}) {
            for (int fieldLength = 0; fieldLength <= 40; fieldLength += 8) {
                sign("fc00:1::1", keyId, Encapsulation.ENCAPS);
                int tlv = SrHeader.tlv(frame, SRH, SrHeader.HMAC);
                frame.putByte(SRH + 1, 2 + 1 + fieldLength / 8);
                frame.putByte(tlv + 1, 6 + fieldLength);
                if (fieldLength == 40) {
                    frame.putLong(tlv + 40, 0);
                }
                assertThat(SrHeader.check(frame, SRH, frame.length())).isPositive();
                boolean whole = fieldLength == 32 || keyId == 9 && fieldLength == 24;
                assertThat(verify())
                        .as("key " + keyId + ", " + fieldLength + " bytes")
                        .isEqualTo(whole ? null : SrRefusal.HMAC_WRONG);
            }
        }
        Packets.set(
                frame,
                ExtensionHeadersTest.packet(
                        43, "2903 0400 00000000 fc000009000000000000000000000001 0500 0504 00000000"));
        assertThat(SrHeader.check(frame, SRH, frame.length())).isPositive();
        assertThat(verify()).isEqualTo(SrRefusal.HMAC_WRONG);
    }

    @Test
    void shouldNotAllocate() {
        sign("fc00:1::1,fc00:2::2,fc00:3::3", 5, Encapsulation.ENCAPS);
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        int rounds = 20_000;
        long allocated = 0;
        for (int run = 0; run < 2; run++) { // the first one also compiles and links
            long before = memory.getThreadAllocatedBytes(thread);
            for (int i = 0; i < rounds; i++) {
                hmac.sign(frame);
                if (verify() != null) {
                    throw new AssertionError(verify());
                }
            }
            allocated = memory.getThreadAllocatedBytes(thread) - before;
        }
        assertThat(allocated).isLessThan(rounds); // less than a byte for each
    }

    @Test
    void shouldRefuseKeysThatAreNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SrHmacKey(0, Algorithm.SHA256, SECRET))
                .withMessage("HMAC key id is 0; accepted: 1..4294967295");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SrHmacKey(1L << 32, Algorithm.SHA256, SECRET))
                .withMessage("HMAC key id is 4294967296; accepted: 1..4294967295");
        for (int length : new int[] {0, 65}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new SrHmacKey(3, Algorithm.SHA1, new byte[length]))
                    .withMessage("secret of HMAC key 3 has " + length + " bytes; accepted: 1..64");
        }
        SrHmacKey key = new SrHmacKey(3, Algorithm.SHA1, SECRET);
        assertThat(key).hasToString("HMAC key 3 (sha1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SrHmac(List.of(key, new SrHmacKey(3, Algorithm.SHA256, SECRET))))
                .withMessage("HMAC key id 3 is given twice; accepted: one key for each id");
        assertThat(hmac.has(5)).isTrue();
        assertThat(hmac.has(6)).isFalse();
        assertThatIllegalStateException()
                .isThrownBy(() -> sign("fc00::1", 6, Encapsulation.ENCAPS))
                .withMessage("no HMAC key 6");
    }
}
