package io.weft.frame;

/**
 * MAC addresses as text. On the forwarding path an address is the low 48 bits of a {@code long}; this is for people.
 *
 * <p>Threads: stateless.
 */
public final class MacAddress {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private MacAddress() {}

    /** {@code 02:00:00:00:00:01}. */
    public static String format(long mac) {
        char[] text = new char[17];
        for (int i = 0; i < 6; i++) {
            int octet = (int) (mac >>> (40 - 8 * i)) & 0xff;
            text[3 * i] = HEX[octet >> 4];
            text[3 * i + 1] = HEX[octet & 0xf];
            if (i < 5) {
                text[3 * i + 2] = ':';
            }
        }
        return new String(text);
    }

    /**
     * Reads six hexadecimal octets separated by {@code :} or {@code -}.
     *
     * @throws IllegalArgumentException naming the text and what is accepted
     */
    public static long parse(String text) {
        String[] octets = text.split("[:-]", -1);
        long mac = 0;
        boolean valid = octets.length == 6;
        for (int i = 0; valid && i < 6; i++) {
            valid = octets[i].matches("[0-9a-fA-F]{1,2}");
            mac = valid ? mac << 8 | Integer.parseInt(octets[i], 16) : 0;
        }
        if (!valid) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a MAC address; accepted: six hexadecimal octets as in 02:00:00:00:00:01");
        }
        return mac;
    }
}
