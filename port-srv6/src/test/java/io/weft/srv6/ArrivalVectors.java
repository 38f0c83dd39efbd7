package io.weft.srv6;

import static io.weft.srv6.SidNode.TO_END;
import static io.weft.srv6.SidNode.TWO;
import static io.weft.srv6.SidNode.TWO_DONE;
import static io.weft.srv6.SidNode.row;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Packets whose headers are taken off. See {@link SidNode#row}. */
final class ArrivalVectors {
    private ArrivalVectors() {}

    static Stream<Arguments> layer2() {
        String dx2 = "fc00:1::e End.DX2";
        String dx2v = "fc00:1::e End.DX2V vlan 7";
        return Stream.of(
                row(dx2, "6b000000 0012 8f40" + TO_END + "{eth}", "DELIVER 143 to l2 class 176", "{eth}"),
                row(dx2, "60000000 0012 8f01" + TO_END + "{eth}", "DELIVER 143 to l2 class 0", "{eth}"),
                row(
                        dx2,
                        "60000000 003a 2b40" + TO_END + "8f04" + TWO_DONE + "{eth}",
                        "DELIVER 143 to l2 class 0",
                        "{eth}"),
                row(
                        dx2,
                        "60000000 001a 3c40" + TO_END + "8f00 010400000000 {eth}",
                        "DELIVER 143 to l2 class 0",
                        "{eth}"),
                row(
                        dx2,
                        "60000000 003a 2b40" + TO_END + "8f04" + TWO + "{eth}",
                        "DROP MORE_SEGMENTS icmp 4 0 43",
                        null),
                row(dx2, "60000000 002c 2940" + TO_END + "{v6}", "DROP UPPER_LAYER icmp 4 4 40", null),
                row(
                        dx2 + " flavors next-csid lblen 32 nflen 96",
                        "60000000 0012 8f40" + TO_END + "{eth}",
                        "DELIVER 143 to l2 class 0",
                        "{eth}"),
                row(dx2, "60000000 000d 8f40" + TO_END + "ffffffffffff020000000001 08", "DROP TOO_SHORT", null),
                row(dx2v, "60000000 0014 8f40" + TO_END + "{tagged}", "DELIVER 143 to vlan7 class 0", "{tagged}"),
                row(dx2v, "60000000 0012 8f40" + TO_END + "{eth}", "DELIVER 143 to untagged class 0", "{eth}"),
                row("fc00:1::e End.DX2V vlan 8", "60000000 0014 8f40" + TO_END + "{tagged}", "DROP NO_VLAN", null),
                row(
                        dx2v,
                        "60000000 0010 8f40" + TO_END + "020000000002 020000000001 8100 a007",
                        "DROP TOO_SHORT",
                        null),
                row(
                        "fc00:1::e End.DT2U",
                        "60000000 0012 8f40" + TO_END + "{eth}",
                        "DELIVER 143 to l2 class 0",
                        "{eth}"),
                row(
                        "fc00:1::e End.DT2M",
                        "60000000 0012 8f40" + TO_END + "{eth}",
                        "DELIVER 143 to l2 class 0",
                        "{eth}"),
                argument("fc00:1:0:2::/64 End.DT2M arglen 16", "fc00:1:0:2:abcd::", " arg abcd"),
                argument("fc00:1:0:2::/64 End.DT2M arglen 16", "fc00:1:0:2::1", ""),
                argument("fc00:1:0:2::/64 End.DT2M arglen 64", "fc00:1:0:2:8000::1", " arg 8000000000000001"),
                argument("fc00:1::/48 End.DT2M arglen 16", "fc00:1:0:7::", " arg 7"),
                argument("fc00:1::/48 End.DT2M arglen 24", "fc00:1:0:7:ab00::", " arg 7ab"),
                argument("fc00:1::/48 End.DT2M arglen 80", "fc00:1:0:7::5", " arg 5"),
                argument("fc00:1:200::/48 uDT2M arglen 16", "fc00:1:200:12::", " arg 12"),
                argument("fc00:1:0:2::/64 End.DT2M", "fc00:1:0:2:abcd::", ""));
    }

    private static Arguments argument(String sid, String destination, String expected) {
        String packet = "60000000 0012 8f40 [fd00::1] [" + destination + "] {eth}";
        return row(sid, packet, "DELIVER 143 to l2" + expected + " class 0", "{eth}");
    }

    static Stream<Arguments> layer3() {
        String dt4 = "fc00:1::e End.DT4 table t";
        String dt6 = "fc00:1::e End.DT6 table t";
        String dt46 = "fc00:1::e End.DT46 table t";
        String dx4 = "fc00:1::e End.DX4 oif dx";
        String dx6 = "fc00:1::e End.DX6 oif dx";
        String v4 = "60000000 0018 0440" + TO_END + "{v4}";
        String v6 = "60000000 002c 2940" + TO_END + "{v6}";
        String hopped4 = "4500 0018 0001 0000 3f11 8f9d c0000201 c6336402 01020304";
        String hopped6 = "6012 3456 0004 3b3f [2001:db8::1] [2001:db8::2] 05060708";
        String by6 = " dev p2 lladdr 02:00:00:00:00:09 class 0";
        return Stream.of(
                row(dx4, v4, "DELIVER 4 dev dx class 0", "{v4}"),
                row(dx4, v6, "DROP UPPER_LAYER icmp 4 4 40", null),
                row(
                        dx4,
                        "60000000 0040 2b40" + TO_END + "0404" + TWO_DONE + "{v4}",
                        "DELIVER 4 dev dx class 0",
                        "{v4}"),
                row(dx6, v6, "DELIVER 41 dev dx class 0", "{v6}"),
                row(dx6, v4, "DROP UPPER_LAYER icmp 4 4 40", null),
                row(dx6, "60000000 0054 2b40" + TO_END + "2904" + TWO + "{v6}", "DROP MORE_SEGMENTS icmp 4 0 43", null),
                row(dt4, v4, "DELIVER 4 dev p1 class 0", hopped4),
                row(dt4, v6, "DROP UPPER_LAYER icmp 4 4 40", null),
                row(dt6, v6, "DELIVER 41" + by6, hopped6),
                row(dt6, v4, "DROP UPPER_LAYER icmp 4 4 40", null),
                row(dt46, v4, "DELIVER 4 dev p1 class 0", hopped4),
                row(dt46, v6, "DELIVER 41" + by6, hopped6),
                row(dt46, "60000000 0012 8f40" + TO_END + "{eth}", "DROP UPPER_LAYER icmp 4 4 40", null),
                row(
                        "fc00:1:46::/48 uDT46 table t",
                        v4.replace("fc00:1::e", "fc00:1:46::"),
                        "DELIVER 4 dev p1 class 0",
                        hopped4),
                // no route, and none from IPv6 to IPv4
                inner6(dt6, "2001:db8:9::2", 0x40, "DROP NO_ROUTE", "2001:db8:9::2"),
                inner6(dt46, "::ffff:198.51.100.2", 0x40, "DROP NO_ROUTE", "::ffff:198.51.100.2"),
                // hop limit and TTL
                inner6(dt6, "2001:db8::2", 1, "DROP HOP_LIMIT", "2001:db8::2"),
                row(
                        dt4,
                        "60000000 0014 0440" + TO_END + "4500 0014 0000 0000 0111 0000 c0000201 c6336402",
                        "DROP HOP_LIMIT",
                        "4500 0014 0000 0000 0111 0000 c0000201 c6336402"),
                // into tunnels
                row(
                        dt6,
                        "60000000 0028 2940" + TO_END + "6b812345 0000 3b40 [2001:db8::1] [2001:db8:1::2]",
                        "FORWARD",
                        "6b8~~~~~ 0050 2b30 [fd00::99] [fc00:7::1] 2904 0401 0100 0000 [fc00:7::46] [fc00:7::1]"
                                + "6b812345 0000 3b3f [2001:db8::1] [2001:db8:1::2]"),
                row(
                        dt46,
                        "60000000 0014 0440" + TO_END + "4520 0014 0000 0000 4011 7cd0 c0000201 cb007102",
                        "FORWARD",
                        "620~~~~~ 002c 2b30 [fd00::99] [fc00:7::46] 0402 0400 0000 0000 [fc00:7::46]"
                                + "4520 0014 0000 0000 3f11 7dd0 c0000201 cb007102"),
                row(
                        dt6,
                        "60000000 0028 2940" + TO_END + "60000000 0000 3b40 [2001:db8::1] [2001:db8:2::2]",
                        "FORWARD via fe80::a%2",
                        "60000000 0000 3b3f [2001:db8::1] [2001:db8:2::2]"),
                row(
                        dt4,
                        "60000000 0014 0440" + TO_END + "4500 0014 0000 0000 4011 0000 c0000201 c0586302",
                        "DROP NO_ROUTE", // the way is one of IPv6
                        "4500 0014 0000 0000 4011 0000 c0000201 c0586302"),
                row(
                        dt6,
                        "60300000 0028 2940" + TO_END + "60200000 0000 3b40 [2001:db8::1] [2001:db8:2::2]",
                        "FORWARD via fe80::a%2",
                        "60300000 0000 3b3f [2001:db8::1] [2001:db8:2::2]"),
                // what is inside is not what it is said to be
                row(dx4, "60000000 002c 0440" + TO_END + "{v6}", "DROP VERSION", null),
                row(dx6, "60000000 0018 2940" + TO_END + "{v4}", "DROP TOO_SHORT", null),
                row(dx6, "60000000 0028 2940" + TO_END + "{v4} 00000000000000000000000000000000", "DROP VERSION", null),
                row(
                        dx6,
                        "60000000 0028 2940" + TO_END + "60000000 0001 3b40 [2001:db8::1] [2001:db8::2]",
                        "DROP PAYLOAD_LENGTH",
                        null),
                row(
                        dx4,
                        "60000000 0013 0440" + TO_END + "4500 0013 00000000 40110000 c0000201 c63364",
                        "DROP TOO_SHORT",
                        null),
                row(
                        dx4,
                        "60000000 0014 0440" + TO_END + "4500 0015 00000000 40110000 c0000201 c6336402",
                        "DROP PAYLOAD_LENGTH",
                        null),
                row(
                        dx4,
                        "60000000 0014 0440" + TO_END + "4400 0014 00000000 40110000 c0000201 c6336402",
                        "DROP PAYLOAD_LENGTH",
                        null),
                row(
                        dx4,
                        "60000000 0014 0440" + TO_END + "4600 0014 00000000 40110000 c0000201 c6336402",
                        "DROP PAYLOAD_LENGTH",
                        null));
    }

    private static Arguments inner6(String sid, String to, int hopLimit, String outcome, String out) {
        String packet = "60000000 0000 3b%02x [2001:db8::1] [%s]";
        return row(
                sid,
                "60000000 0028 2940" + TO_END + packet.formatted(hopLimit, to),
                outcome,
                packet.formatted(hopLimit, out));
    }
}
