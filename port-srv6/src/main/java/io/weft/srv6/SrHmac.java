package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.frame.Ipv6;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The TLV that says that who made an SRH knows a key (RFC 8754, 2.1.2).
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |    type 5     | length, 38    |D|         reserved            |
 *   |                          key id                               |
 *   |  digest, 32 bytes; a shorter one has zeros behind it          |
 * </pre>
 *
 * <p>The digest covers the source address, Last Entry, flags, key id and all segments (2.1.2.1), not what is inside, nor what
 * changes on the way. It does not cover D either, which tells that the destination is not in the list: so D can free nobody from
 * anything, but is written where the list is reduced.
 *
 * <p>HMAC (RFC 2104) is made of {@link MessageDigest} here: {@code javax.crypto.Mac} allocates a digest each time.
 *
 * <p>Threads: confined to one worker; each has its own.
 */
public final class SrHmac {
    /** Bytes of the TLV that we write. */
    public static final int TLV_LENGTH = 40;

    private static final int HEAD_LENGTH = 8; // type, length, D, key id
    private static final int FIELD_LENGTH = TLV_LENGTH - HEAD_LENGTH;
    private static final int KEY_ID_OFFSET = 4;
    private static final int D = 0x8000;

    private static final int INNER_PAD = 0x36; // RFC 2104, 2
    private static final int OUTER_PAD = 0x5c;

    private static final int TEXT_HEAD = 16 + 1 + 1 + 4; // in front of the segments
    private static final int MAX_ENTRIES = 127; // what an SRH of 2,048 bytes has room for

    private final Key[] keys;
    private final byte[] text = new byte[TEXT_HEAD + MAX_ENTRIES * SrHeader.SEGMENT_LENGTH];
    private final byte[] digest = new byte[FIELD_LENGTH];

    private static final class Key {
        final long id;
        final int digestLength;
        final MessageDigest hash;
        final byte[] inner;
        final byte[] outer;

        Key(SrHmacKey key) {
            id = key.id();
            digestLength = key.algorithm().digestLength();
            inner = key.block(INNER_PAD);
            outer = key.block(OUTER_PAD);
            try {
                hash = MessageDigest.getInstance(key.algorithm().digestName());
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e); // every Java has both
            }
        }
    }

    /**
     * With these keys.
     *
     * @throws IllegalArgumentException when two have the same number
     */
    public SrHmac(Collection<SrHmacKey> keys) {
        List<SrHmacKey> sorted =
                keys.stream().sorted(Comparator.comparingLong(SrHmacKey::id)).toList();
        this.keys = new Key[sorted.size()];
        for (int i = 0; i < this.keys.length; i++) {
            this.keys[i] = new Key(sorted.get(i));
            if (i > 0 && this.keys[i].id == this.keys[i - 1].id) {
                throw new IllegalArgumentException(
                        "HMAC key id " + this.keys[i].id + " is given twice; accepted: one key for each id");
            }
        }
    }

    /** The first eight bytes of the TLV. */
    static long tlvHead(boolean reduced, long keyId) {
        return (long) SrHeader.HMAC << 56 | (TLV_LENGTH - 2L) << 48 | (reduced ? (long) D << 32 : 0) | keyId;
    }

    /** Whether there is a key of this number. */
    public boolean has(long keyId) {
        return find(keyId) != null;
    }

    private Key find(long keyId) {
        int low = 0;
        int high = keys.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Key key = keys[middle];
            if (key.id == keyId) {
                return key;
            }
            if (key.id < keyId) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    /**
     * Fills in the digest of a packet that begins with an IPv6 header and the SRH of a {@linkplain SegmentList#signed signed}
     * list.
     *
     * @throws IllegalStateException when there is no key of the list's number: whoever makes the list asks {@link #has}
     */
    public void sign(Frame frame) {
        int srh = Ipv6Header.LENGTH;
        int tlv = srh + SrHeader.length(frame, srh) - TLV_LENGTH;
        Key key = find(keyId(frame, tlv));
        if (key == null) {
            throw new IllegalStateException("no HMAC key " + keyId(frame, tlv));
        }
        compute(frame, 0, srh, key);
        frame.putBytes(tlv + HEAD_LENGTH, digest, 0, FIELD_LENGTH);
    }

    /**
     * Whether the digest of a packet is right, as it came, before it is advanced to its next segment.
     *
     * <p>Unless told not to, and where the list has it and D is not set, also whether the destination is the current segment
     * (RFC 8754, 2.1.2.1). An SRH of Linux has no D where the list is reduced; at the first segment there is nothing to compare.
     *
     * @param ip where the IPv6 header is
     * @param srh where the SRH is, which has been checked
     * @param checkDestination whether the destination is one of the list's segments as they are: not with compressed ones
     * @return {@code null} when it is right; else one of the refusals that are about HMACs
     */
    public SrRefusal verify(Frame frame, int ip, int srh, boolean checkDestination) {
        int tlv = SrHeader.tlv(frame, srh, SrHeader.HMAC);
        if (tlv < 0) {
            return SrRefusal.HMAC_MISSING;
        }
        int fieldLength = frame.getByte(tlv + 1) + 2 - HEAD_LENGTH;
        if (fieldLength <= 0 || fieldLength > FIELD_LENGTH || fieldLength % 8 != 0) { // RFC 8754, 2.1.2
            return SrRefusal.HMAC_WRONG;
        }
        Key key = find(keyId(frame, tlv));
        if (key == null) {
            return SrRefusal.HMAC_KEY;
        }
        if (fieldLength < key.digestLength) {
            return SrRefusal.HMAC_WRONG;
        }
        compute(frame, ip, srh, key);
        int difference = 0; // all bytes are compared, so that the time says nothing about where the first wrong one is
        for (int i = 0; i < fieldLength; i++) {
            difference |= frame.getByte(tlv + HEAD_LENGTH + i) ^ (digest[i] & 0xff);
        }
        if (difference != 0) {
            return SrRefusal.HMAC_WRONG;
        }
        return checkDestination && !isDestinationCurrent(frame, ip, srh) ? SrRefusal.HMAC_WRONG : null;
    }

    private static boolean isDestinationCurrent(Frame frame, int ip, int srh) {
        int left = SrHeader.segmentsLeft(frame, srh);
        return left > SrHeader.lastEntry(frame, srh)
                || Ipv6.destinationHigh(frame, ip) == SrHeader.segmentHigh(frame, srh, left)
                        && Ipv6.destinationLow(frame, ip) == SrHeader.segmentLow(frame, srh, left);
    }

    private static long keyId(Frame frame, int tlv) {
        return frame.getInt(tlv + KEY_ID_OFFSET) & 0xffff_ffffL;
    }

    /** Makes the digest, with zeros behind it where it is short. */
    private void compute(Frame frame, int ip, int srh, Key key) {
        int lastEntry = SrHeader.lastEntry(frame, srh);
        int segmentBytes = (lastEntry + 1) * SrHeader.SEGMENT_LENGTH;
        frame.getBytes(ip + 8, text, 0, 16); // the source address
        text[16] = (byte) lastEntry;
        text[17] = (byte) SrHeader.flags(frame, srh);
        for (int i = 0; i < 4; i++) {
            text[18 + i] = (byte) (key.id >>> 24 - 8 * i);
        }
        frame.getBytes(srh + SrHeader.FIXED_LENGTH, text, TEXT_HEAD, segmentBytes);
        MessageDigest hash = key.hash;
        try {
            hash.update(key.inner);
            hash.update(text, 0, TEXT_HEAD + segmentBytes);
            hash.digest(digest, 0, digest.length);
            hash.update(key.outer);
            hash.update(digest, 0, key.digestLength);
            hash.digest(digest, 0, digest.length);
        } catch (DigestException e) {
            throw new IllegalStateException(e); // only where the digest is longer than its array
        }
        for (int i = key.digestLength; i < FIELD_LENGTH; i++) {
            digest[i] = 0;
        }
    }
}
