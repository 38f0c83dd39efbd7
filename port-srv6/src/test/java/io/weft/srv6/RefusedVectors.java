package io.weft.srv6;

import static io.weft.srv6.SidNode.END;
import static io.weft.srv6.SidNode.SELF;
import static io.weft.srv6.SidNode.TO_END;
import static io.weft.srv6.SidNode.TWO;
import static io.weft.srv6.SidNode.row;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Packets that SIDs refuse. See {@link SidNode#row}. */
final class RefusedVectors {
    private RefusedVectors() {}

    static Stream<Arguments> refused() {
        return Stream.of(
                row(END, "60000000 002c 2940 [fd00::1] [fc00:1::f] {v6}", "DROP UNKNOWN_SID", null),
                row(
                        END,
                        "60000000 0054 2b40 [2001:db8::1]" + SELF + "2904" + TWO + "{v6}",
                        "DROP OUTSIDE_DOMAIN",
                        null),
                row(END, "60000000 0054 2b01" + TO_END + "2904" + TWO + "{v6}", "DROP HOP_LIMIT icmp 3 0 0", null),
                row(END, "60000000 0054 2b00" + TO_END + "2904" + TWO + "{v6}", "DROP HOP_LIMIT icmp 3 0 0", null),
                row(
                        "fc00:1::e End.B6.Encaps segs fc00:7::1",
                        "60000000 0054 2b01" + TO_END + "2904" + TWO + "{v6}",
                        "DROP HOP_LIMIT icmp 3 0 0",
                        null),
                // the header's fields
                srh("2904 0401 0200 0000", "DROP LAST_ENTRY icmp 4 0 43"),
                srh("2904 0400 0200 0000", "DROP LAST_ENTRY"),
                srh("2904 0403 0100 0000", "DROP SEGMENTS_LEFT icmp 4 0 43"),
                srh("2904 0001 0100 0000", "DROP ROUTING_TYPE icmp 4 0 42"),
                srh("2905 0401 0100 0000", "DROP TLV"),
                srh("29ff 0401 0100 0000", "DROP TOO_SHORT"),
                srh("2b04 0400 0100 0000", "DROP TOO_SHORT"), // {v6} taken for a routing header of 96 * 8 bytes
                row(
                        END,
                        "60000000 005c 0040" + TO_END
                                + "2b00 010400000000 2904 0403 0100 0000 [fc00:2::d] [fc00:1::e] {v6}",
                        "DROP SEGMENTS_LEFT icmp 4 0 51",
                        null),
                row(
                        END,
                        "60000000 005c 2b40" + TO_END
                                + "2b00 0700 00000000 2904 0403 0100 0000 [fc00:2::d] [fc00:1::e] {v6}",
                        "DROP SEGMENTS_LEFT icmp 4 0 51",
                        null),
                row(
                        END,
                        "60000000 0054 2b40" + TO_END
                                + "2b02 0400 0000 0000 [fc00:2::d] 2902 0401 0000 0000 [fc00:2::d]"
                                + "00000000 00000000 00000000 00000000 00000000 00000000 00000000"
                                + "00000000 00000000",
                        "DROP SECOND_ROUTING_HEADER",
                        null),
                // where nobody can go
                segment("ff0e::1"),
                segment("::"),
                segment("::1"),
                segment("fe80::1"),
                segment("::ffff:198.51.100.2"),
                row(
                        "fe00:1:100::/48 uN lblen 8 nflen 40",
                        "60000000 0018 0440 [fd00::1] [fe00:1:100:8000::] {v4}",
                        "DROP SEGMENT_ADDRESS",
                        null),
                // what is not a whole packet of IPv6
                row(END, "40000000 002c 2940" + TO_END + "{v6}", "DROP VERSION", null),
                row(END, "60000000 002d 2940" + TO_END + "{v6}", "DROP PAYLOAD_LENGTH", null),
                row(END, "60000000 0000 2940 [fd00::1] 0000", "DROP TOO_SHORT", null),
                row(END, "", "DROP TOO_SHORT", null),
                // upper layers
                row(END, "60000000 0008 3a40" + TO_END + "8000000000000000", "DROP NO_SEGMENT icmp 4 4 40", null),
                row(END, "60000000 0034 2c40" + TO_END + "2900000100000001 {v6}", "DROP FRAGMENT", null),
                row(
                        "fc00:1::e End.DX6 oif dx",
                        "60000000 0034 2c40" + TO_END + "2900000100000001 {v6}",
                        "DROP FRAGMENT",
                        null));
    }

    private static Arguments srh(String head, String outcome) {
        return row(END, "60000000 0054 2b40" + TO_END + head + "[fc00:2::d] [fc00:1::e] {v6}", outcome, null);
    }

    private static Arguments segment(String next) {
        String packet = "60000000 0054 2b40" + TO_END + "2904 0401 0100 0000 [" + next + "] [fc00:1::e] {v6}";
        return row(END, packet, "DROP SEGMENT_ADDRESS", null);
    }
}
