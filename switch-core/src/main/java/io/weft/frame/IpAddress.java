package io.weft.frame;

/**
 * IP addresses as numbers and as text. On the forwarding path an IPv4 address is an {@code int} and an IPv6 address two
 * {@code long}s, first octets highest. Where one kind of key is for both families, an IPv4 address is two {@code long}s, too,
 * as in {@code ::ffff:192.0.2.1} (RFC 4291, 2.5.5.2). Names are never looked up.
 *
 * <p>Threads: stateless.
 */
public final class IpAddress {
    private static final long IPV4 = 0xffff_0000_0000L; // the low half of an IPv4 address, without the address
    private static final long IPV4_MASK = 0xffff_ffff_0000_0000L;

    private IpAddress() {}

    // ---- both families as two longs ----

    /** The low half of an IPv4 address as two {@code long}s; the high half is 0. */
    public static long lowOfIpv4(int address) {
        return IPV4 | address & 0xffff_ffffL;
    }

    /** Whether two {@code long}s are an IPv4 address, which is the low 32 bits of {@code low} then. */
    public static boolean isIpv4(long high, long low) {
        return high == 0 && (low & IPV4_MASK) == IPV4;
    }

    /** An address of either family: {@code 192.0.2.1} or {@code 2001:db8::1}. */
    public static String format(long high, long low) {
        return isIpv4(high, low) ? formatIpv4((int) low) : formatIpv6(high, low);
    }

    /**
     * Reads an address of either family.
     *
     * @return high and low half; an IPv4-mapped IPv6 address is the IPv4 address
     * @throws IllegalArgumentException naming the text and what is accepted
     */
    public static long[] parse(String text) {
        return text.indexOf(':') >= 0 ? parseIpv6(text) : new long[] {0, lowOfIpv4(parseIpv4(text))};
    }

    // ---- text ----

    /** {@code 192.0.2.1}. */
    public static String formatIpv4(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 0xff) + "." + (address >>> 8 & 0xff) + "." + (address & 0xff);
    }

    /** {@code 2001:db8::1}, the canonical form (RFC 5952, 4): lower case, the longest run of zero groups left out. */
    public static String formatIpv6(long high, long low) {
        int runStart = -1;
        int runLength = 1; // a single group is not shortened
        for (int i = 0; i < 8; i++) {
            int length = 0;
            while (i + length < 8 && group(high, low, i + length) == 0) {
                length++;
            }
            if (length > runLength) {
                runStart = i;
                runLength = length;
            }
            i += length;
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == runStart) {
                text.append("::");
                i += runLength - 1;
                continue;
            }
            if (i > 0 && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(group(high, low, i)));
        }
        return text.toString();
    }

    private static int group(long high, long low, int index) {
        long half = index < 4 ? high : low;
        return (int) (half >>> (48 - 16 * (index & 3))) & 0xffff;
    }

    /**
     * Reads four decimal octets separated by dots.
     *
     * @throws IllegalArgumentException naming the text and what is accepted
     */
    public static int parseIpv4(String text) {
        String[] octets = text.split("\\.", -1);
        int address = 0;
        boolean valid = octets.length == 4;
        for (int i = 0; valid && i < 4; i++) {
            int octet = parseOctet(octets[i]);
            valid = octet >= 0;
            address = address << 8 | octet;
        }
        if (!valid) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not an IPv4 address; accepted: four decimal octets as in 192.0.2.1");
        }
        return address;
    }

    /** A decimal octet without leading zeros (some would read those as octal), or -1. */
    static int parseOctet(String text) {
        if (!text.matches("0|[1-9][0-9]{0,2}")) {
            return -1;
        }
        int octet = Integer.parseInt(text);
        return octet > 255 ? -1 : octet;
    }

    /**
     * Reads an IPv6 address in any of the forms of RFC 4291, 2.2, without a zone.
     *
     * @return high and low half
     * @throws IllegalArgumentException naming the text and what is accepted
     */
    public static long[] parseIpv6(String text) {
        int[] groups = new int[8];
        if (!parseGroups(text, groups)) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not an IPv6 address; accepted: groups of hexadecimal digits as in 2001:db8::1");
        }
        long[] halves = new long[2];
        for (int i = 0; i < 8; i++) {
            halves[i >> 2] = halves[i >> 2] << 16 | groups[i];
        }
        return halves;
    }

    private static boolean parseGroups(String text, int[] groups) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return parseSide(text, groups, 0) == 8;
        }
        String before = text.substring(0, gap);
        String after = text.substring(gap + 2);
        int leading = before.isEmpty() ? 0 : parseSide(before, groups, 0);
        int[] tail = new int[8];
        int trailing = after.isEmpty() ? 0 : parseSide(after, tail, 0);
        if (leading < 0 || trailing < 0 || leading + trailing > 7 || before.indexOf('.') >= 0) {
            return false;
        }
        System.arraycopy(tail, 0, groups, 8 - trailing, trailing);
        return true;
    }

    /** Reads groups without a gap from {@code index} on; returns the index behind the last one, or -1. */
    private static int parseSide(String text, int[] groups, int index) {
        String[] parts = text.split(":", -1);
        int at = index;
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (i == parts.length - 1 && part.indexOf('.') >= 0) {
                String[] octets = part.split("\\.", -1);
                if (octets.length != 4 || at > 6) {
                    return -1;
                }
                for (int pair = 0; pair < 4; pair += 2) {
                    int first = parseOctet(octets[pair]);
                    int second = parseOctet(octets[pair + 1]);
                    if (first < 0 || second < 0) {
                        return -1;
                    }
                    groups[at++] = first << 8 | second;
                }
            } else {
                if (at > 7 || !part.matches("[0-9a-fA-F]{1,4}")) {
                    return -1;
                }
                groups[at++] = Integer.parseInt(part, 16);
            }
        }
        return at;
    }
}
