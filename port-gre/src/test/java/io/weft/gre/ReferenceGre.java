package io.weft.gre;

import java.util.HexFormat;

/** GRE headers read slowly, one bit after the other as the RFCs number them, from a string of bits. */
record ReferenceGre(String refusal, int headerLength, int protocolType, long key, long sequence, boolean hasChecksum) {
    private static final long NONE = -1;

    static ReferenceGre read(byte[] packet, boolean strict) {
        if (packet.length < 4) {
            return refused("TOO_SHORT");
        }
        StringBuilder bits = new StringBuilder();
        for (byte octet : packet) {
            bits.append(Integer.toBinaryString(0x100 | octet & 0xff), 1, 9);
        }
        if (!bits.substring(13, 16).equals("000")) {
            return refused("VERSION");
        }
        if (bits.charAt(1) == '1') {
            return refused("ROUTING");
        }
        if (bits.substring(4, 6).contains("1")
                || (strict && bits.substring(6, 13).contains("1"))) {
            return refused("RESERVED");
        }
        boolean[] present = {bits.charAt(0) == '1', bits.charAt(2) == '1', bits.charAt(3) == '1'};
        int at = 4;
        long[] field = {NONE, NONE, NONE};
        for (int i = 0; i < 3; i++) {
            if (!present[i]) {
                continue;
            }
            if (packet.length < at + 4) {
                return refused("TOO_SHORT");
            }
            field[i] = Long.parseLong(HexFormat.of().formatHex(packet, at, at + 4), 16);
            at += 4;
        }
        int type = Integer.parseInt(bits.substring(16, 32), 2);
        return new ReferenceGre(type == 0 ? "KEEPALIVE" : null, at, type, field[1], field[2], present[0]);
    }

    private static ReferenceGre refused(String why) {
        return new ReferenceGre(why, 0, 0, NONE, NONE, false);
    }

    /** The checksum of RFC 1071 over all, an octet at a time, with 0 where bytes 4 and 5 are. */
    static int checksum(byte[] packet) {
        int sum = 0;
        for (int i = 0; i < packet.length; i++) {
            if (i != 4 && i != 5) {
                sum += (packet[i] & 0xff) * (i % 2 == 0 ? 256 : 1);
                sum = sum > 0xffff ? sum - 0xffff : sum;
            }
        }
        return 0xffff - sum;
    }
}
