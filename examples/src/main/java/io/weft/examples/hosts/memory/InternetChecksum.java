package io.weft.examples.hosts.memory;

import java.nio.ByteBuffer;

/** The checksum of IPv4, ICMP and ICMPv6 (RFC 1071). */
final class InternetChecksum {
    private InternetChecksum() {}

    /**
     * The checksum of some bytes: what belongs into their checksum field if that is zero now, and zero if the field is
     * filled in and right.
     *
     * @param sum of what is not in these bytes (a pseudo header), or 0
     */
    static int of(ByteBuffer bytes, int offset, int length, long sum) {
        long total = sum + sum(bytes, offset, length);
        while (total >>> 16 != 0) {
            total = (total & 0xffff) + (total >>> 16);
        }
        return (int) ~total & 0xffff;
    }

    /** The sum of 16-bit words, big-endian; a last odd byte counts as if a zero byte came after it. */
    static long sum(ByteBuffer bytes, int offset, int length) {
        long total = 0;
        int i = 0;
        for (; i + 1 < length; i += 2) {
            total += bytes.getShort(offset + i) & 0xffff;
        }
        if (i < length) {
            total += (bytes.get(offset + i) & 0xff) << 8;
        }
        return total;
    }
}
