package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.frame.IpAddress;
import io.weft.frame.Ipv6;
import java.util.Arrays;
import java.util.StringJoiner;

/**
 * The segments that a packet travels through, with the header that says so, made once: putting it in front of a packet is
 * copying it.
 *
 * <p>Lengths are bytes of all that is put in front: 40 for the IPv6 header, and 8 + 16 n for an SRH with n segments; 40 more for an
 * HMAC. A reduced list has one segment less, and with one segment there is no SRH, unless it is needed for an HMAC: then the
 * segment stays, since an SRH with an empty list cannot be written.
 *
 * <p>Threads: immutable; {@link #prepend} by the frame's owner.
 */
public final class SegmentList implements SegmentChoice {
    /** Most segments of a list. */
    public static final int MAX_SEGMENTS = 16;

    /** What {@link #parse} takes. */
    public static final String ACCEPTED =
            "1 to " + MAX_SEGMENTS + " IPv6 unicast addresses in the order of travel, as fc00:9::1,fc00:2::d2";

    /** The longest {@link #headerLength}: 16 segments and an HMAC. */
    public static final int MAX_HEADER_LENGTH =
            Ipv6Header.LENGTH + SrHeader.FIXED_LENGTH + MAX_SEGMENTS * SrHeader.SEGMENT_LENGTH + SrHmac.TLV_LENGTH;

    private static final int SRH = 2; // where it begins in a template
    private static final long UNSIGNED = 0; // no key has this number

    private final long[] segments; // high and low of each, in the order of travel
    private final long keyId;
    private final int flags;
    private final long[] whole; // template: high and low of the destination, then the SRH with next header 0
    private final long[] reduced;

    private SegmentList(long[] segments, long keyId, int flags) {
        this.segments = segments;
        this.keyId = keyId;
        this.flags = flags;
        whole = template(false);
        reduced = template(true);
    }

    /**
     * A list of segments.
     *
     * @param halves the first and the last eight bytes of each address, in the order of travel
     * @throws IllegalArgumentException naming the value that is not accepted, and what is
     */
    public static SegmentList of(long... halves) {
        int count = halves.length / 2;
        if (count < 1 || count > MAX_SEGMENTS || halves.length % 2 != 0) {
            throw new IllegalArgumentException("a list of " + count + " segments; accepted: " + ACCEPTED);
        }
        long[] segments = halves.clone();
        for (int i = 0; i < segments.length; i += 2) {
            if (!isUnicast(segments[i], segments[i + 1])) {
                throw refused(IpAddress.formatIpv6(segments[i], segments[i + 1]));
            }
        }
        return new SegmentList(segments, UNSIGNED, 0);
    }

    /** What a packet can travel to by itself: not unspecified, loopback, multicast, link-local, or a mapped IPv4 address. */
    static boolean isUnicast(long high, long low) {
        boolean special = high == 0 && (low >>> 1 == 0 || low >>> 32 == 0xffff);
        return !special && !Ipv6.isMulticast(high) && high >>> 54 != 0x3fa;
    }

    /**
     * Reads a list as options have it: addresses in the order of travel with a comma between them.
     *
     * @throws IllegalArgumentException naming the value that is not accepted, and what is
     */
    public static SegmentList parse(String text) {
        String[] addresses = text.split(",", -1);
        if (addresses.length > MAX_SEGMENTS) {
            throw new IllegalArgumentException("a list of " + addresses.length + " segments; accepted: " + ACCEPTED);
        }
        long[] halves = new long[2 * addresses.length];
        for (int i = 0; i < addresses.length; i++) {
            try {
                System.arraycopy(IpAddress.parseIpv6(addresses[i]), 0, halves, 2 * i, 2);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(refused(addresses[i]).getMessage(), e);
            }
        }
        return of(halves);
    }

    private static IllegalArgumentException refused(String segment) {
        return new IllegalArgumentException("segment is '" + segment + "'; accepted: " + ACCEPTED);
    }

    /**
     * The same list with room for an HMAC, which {@link SrHmac#sign} fills in.
     *
     * @param newKeyId the key's number, 1..4294967295
     * @param linuxFlag whether {@link SrHeader#FLAG_HMAC} is set: Linux wants it, RFC 8754 does not have it
     */
    public SegmentList signed(long newKeyId, boolean linuxFlag) {
        SrHmacKey.checkId(newKeyId);
        return new SegmentList(segments, newKeyId, linuxFlag ? SrHeader.FLAG_HMAC : 0);
    }

    private long[] template(boolean leaveOutFirst) {
        int count = size();
        boolean leftOut = leaveOutFirst && (count > 1 || !isSigned());
        int entries = leftOut ? count - 1 : count;
        int tlvLongs = isSigned() ? SrHmac.TLV_LENGTH / 8 : 0;
        long[] template = new long[entries == 0 ? SRH : SRH + 1 + 2 * entries + tlvLongs];
        template[0] = segments[0];
        template[1] = segments[1];
        if (entries == 0) {
            return template;
        }
        long extLength = 2L * entries + tlvLongs;
        template[SRH] = extLength << 48
                | (long) SrHeader.ROUTING_TYPE << 40
                | (long) (count - 1) << 32 // segments left
                | (long) (entries - 1) << 24
                | (long) flags << 16;
        for (int i = 0; i < entries; i++) { // the last one comes first
            template[SRH + 1 + 2 * i] = segments[2 * (count - 1 - i)];
            template[SRH + 2 + 2 * i] = segments[2 * (count - 1 - i) + 1];
        }
        if (isSigned()) {
            template[SRH + 1 + 2 * entries] = SrHmac.tlvHead(leftOut, keyId);
        }
        return template;
    }

    /** This list, for every flow. */
    @Override
    public SegmentList choose(int flow) {
        return this;
    }

    /** How many segments. */
    public int size() {
        return segments.length / 2;
    }

    /** The first eight bytes of a segment, {@code index} in the order of travel from 0 on. */
    public long segmentHigh(int index) {
        return segments[2 * index];
    }

    /** The last eight bytes of a segment. */
    public long segmentLow(int index) {
        return segments[2 * index + 1];
    }

    /** Whether a segment is one of them. */
    public boolean contains(long high, long low) {
        for (int i = 0; i < segments.length; i += 2) {
            if (segments[i] == high && segments[i + 1] == low) {
                return true;
            }
        }
        return false;
    }

    /** Whether a segment is the last of them. */
    boolean endsWith(long high, long low) {
        return segments[segments.length - 2] == high && segments[segments.length - 1] == low;
    }

    /** Whether there is room for an HMAC, which must be {@linkplain SrHmac#sign filled in}. */
    public boolean isSigned() {
        return keyId != UNSIGNED;
    }

    /** Number of the key of the HMAC; 0 for none. */
    public long keyId() {
        return keyId;
    }

    /** Bytes that {@link #prepend} puts in front: at most {@link #MAX_HEADER_LENGTH}. */
    public int headerLength(Encapsulation encapsulation) {
        return headerLength(template(encapsulation));
    }

    private static int headerLength(long[] template) {
        return Ipv6Header.LENGTH + 8 * (template.length - SRH);
    }

    private long[] template(Encapsulation encapsulation) {
        return encapsulation.isReduced() ? reduced : whole;
    }

    /**
     * Puts an IPv6 header and, where there is one, the SRH in front of a frame that has the headroom; its offload metadata is not
     * changed. A packet that gets longer than {@link Ipv6Header#MAX_PAYLOAD_LENGTH} allows, the SRH counted, is not to be sent.
     *
     * @param nextHeader what the frame is: {@link Ipv6Header#IPV4}, {@link Ipv6Header#IPV6}, {@link Ipv6Header#ETHERNET}
     * @param trafficClass 0..255
     * @param flowLabel 0..1048575
     * @param hopLimit 1..255
     */
    public void prepend(
            Frame frame,
            Encapsulation encapsulation,
            int nextHeader,
            long sourceHigh,
            long sourceLow,
            int trafficClass,
            int flowLabel,
            int hopLimit) {
        long[] template = template(encapsulation);
        frame.prepend(headerLength(template));
        int payloadLength = frame.length() - Ipv6Header.LENGTH;
        boolean bare = template.length == SRH;
        Ipv6.put(
                frame,
                0,
                trafficClass,
                flowLabel,
                payloadLength & Ipv6Header.MAX_PAYLOAD_LENGTH,
                bare ? nextHeader : Ipv6.ROUTING,
                hopLimit,
                sourceHigh,
                sourceLow,
                template[0],
                template[1]);
        if (!bare) {
            frame.putLong(Ipv6Header.LENGTH, template[SRH] | (long) nextHeader << 56);
            for (int i = SRH + 1; i < template.length; i++) {
                frame.putLong(Ipv6Header.LENGTH + 8 * (i - SRH), template[i]);
            }
        }
    }

    /**
     * Puts an argument into the last segment of the headers that {@link #prepend} has just put in front of a frame, wherever that is: in
     * the SRH, or the destination, or both. An HMAC is to be made after it. The list stays as it is.
     *
     * @param high what is ORed into the segment's first eight bytes, which have zeros there
     * @param low and into its last eight
     */
    void putArgument(Frame frame, Encapsulation encapsulation, long high, long low) {
        if (template(encapsulation).length != SRH) {
            int last = Ipv6Header.LENGTH + SrHeader.FIXED_LENGTH; // the last segment is the list's first entry
            frame.putLong(last, frame.getLong(last) | high);
            frame.putLong(last + 8, frame.getLong(last + 8) | low);
        }
        if (size() == 1) {
            Ipv6Header.putDestination(
                    frame, 0, Ipv6.destinationHigh(frame, 0) | high, Ipv6.destinationLow(frame, 0) | low);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SegmentList list
                && Arrays.equals(segments, list.segments)
                && keyId == list.keyId
                && flags == list.flags;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(segments) + 31 * Long.hashCode(keyId);
    }

    /** As {@link #parse} takes it. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(",");
        for (int i = 0; i < size(); i++) {
            text.add(IpAddress.formatIpv6(segmentHigh(i), segmentLow(i)));
        }
        return text.toString();
    }
}
