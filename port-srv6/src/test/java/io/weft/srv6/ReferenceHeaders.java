package io.weft.srv6;

import java.util.Arrays;
import java.util.List;

/**
 * The way past extension headers once more, slowly, on arrays that are cut where the packet ends: reading too far throws.
 *
 * @param refusal name of the refusal, or {@code null} and the rest is as {@link ExtensionHeaders} says it
 */
record ReferenceHeaders(String refusal, int srHeader, int upperLayer, int protocol) {
    private static final List<Integer> WALKED = List.of(0, 43, 60);

    /** The packet as it came, from its IPv6 header on. */
    static ReferenceHeaders read(byte[] came) {
        if (came.length < 40) {
            return refused("TOO_SHORT");
        }
        if (octet(came, 0) / 16 != 6) {
            return refused("VERSION");
        }
        int end = 40 + 256 * octet(came, 4) + octet(came, 5);
        if (end > came.length) {
            return refused("PAYLOAD_LENGTH");
        }
        byte[] packet = Arrays.copyOf(came, end);
        int srHeader = 0;
        int at = 40;
        int next = octet(packet, 6);
        for (int count = 0; WALKED.contains(next) && (next != 0 || count == 0); count++) {
            if (count == 8) {
                return refused("TOO_MANY_HEADERS");
            }
            if (end < at + 8 || end < at + 8 + 8 * octet(packet, at + 1)) {
                return refused("TOO_SHORT");
            }
            byte[] header = Arrays.copyOfRange(packet, at, at + 8 + 8 * octet(packet, at + 1));
            boolean last = false;
            if (next == 43) {
                if (srHeader != 0) {
                    return refused("SECOND_ROUTING_HEADER");
                }
                if (header[2] == 4) {
                    String why = refusal(header);
                    if (why != null) {
                        return refused(why);
                    }
                    srHeader = at;
                    last = header[3] != 0;
                } else if (header[3] != 0) {
                    return refused("ROUTING_TYPE");
                }
            }
            at += header.length;
            next = octet(header, 0);
            if (last) {
                break;
            }
        }
        return new ReferenceHeaders(null, srHeader, at, next);
    }

    private static String refusal(byte[] srh) {
        int entries = octet(srh, 4) + 1;
        if (8 + 16 * entries > srh.length) {
            return "LAST_ENTRY";
        }
        if (octet(srh, 3) > entries) {
            return "SEGMENTS_LEFT";
        }
        byte[] tlvs = Arrays.copyOfRange(srh, 8 + 16 * entries, srh.length);
        while (tlvs.length > 0) {
            int length = tlvs[0] == 0 ? 1 : tlvs.length == 1 ? 1_000 : 2 + octet(tlvs, 1);
            if (length > tlvs.length) {
                return "TLV";
            }
            tlvs = Arrays.copyOfRange(tlvs, length, tlvs.length);
        }
        return null;
    }

    private static int octet(byte[] bytes, int index) {
        return bytes[index] & 0xff;
    }

    private static ReferenceHeaders refused(String why) {
        return new ReferenceHeaders(why, 0, 0, 0);
    }
}
