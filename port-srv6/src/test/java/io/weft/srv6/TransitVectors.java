package io.weft.srv6;

import static io.weft.srv6.SidNode.END;
import static io.weft.srv6.SidNode.THREE;
import static io.weft.srv6.SidNode.THREE_ON;
import static io.weft.srv6.SidNode.TO_2;
import static io.weft.srv6.SidNode.TO_END;
import static io.weft.srv6.SidNode.TWO;
import static io.weft.srv6.SidNode.TWO_DONE;
import static io.weft.srv6.SidNode.row;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Packets that go on: End, End.X, End.T, binding SIDs, compressed SIDs. See {@link SidNode#row}. */
final class TransitVectors {
    private TransitVectors() {}

    static Stream<Arguments> transit() {
        return Stream.of(
                // End: whole, three segments, reduced, with options and a TLV
                row(
                        END,
                        "6b812345 0054 2b40" + TO_END + "2904" + TWO + "{v6}",
                        "FORWARD",
                        "6b812345 0054 2b3f" + TO_2 + "2904" + TWO_DONE + "{v6}"),
                row(
                        END,
                        "60000000 0064 2bff" + TO_END + "2906" + THREE + "{v6}",
                        "FORWARD",
                        "60000000 0064 2bfe" + TO_2 + "2906" + THREE_ON + "{v6}"),
                row(
                        END,
                        "60000000 0030 2b02" + TO_END + "0402 0401 0000 0000 [fc00:2::d] {v4}",
                        "FORWARD",
                        "60000000 0030 2b01" + TO_2 + "0402 0400 0000 0000 [fc00:2::d] {v4}"),
                row(
                        END,
                        "60000000 0052 0040" + TO_END + "3c00 010400000000 2b00 010400000000"
                                + "8f05 0401 0100 beef [fc00:2::d] [fc00:1::e] 0406000000000000 {eth}",
                        "FORWARD",
                        "60000000 0052 003f" + TO_2 + "3c00 010400000000 2b00 010400000000"
                                + "8f05 0400 0100 beef [fc00:2::d] [fc00:1::e] 0406000000000000 {eth}"),
                // End.X
                row(
                        "fc00:1::e End.X nh6 fe80::2%2",
                        "60000000 0054 2b40" + TO_END + "2904" + TWO + "{v6}",
                        "FORWARD via fe80::2%2",
                        "60000000 0054 2b3f" + TO_2 + "2904" + TWO_DONE + "{v6}"),
                row( // even where the next SID is here
                        "fc00:1::e End.X nh6 fc00:b::2; fc00:2::d End",
                        "60000000 0054 2b40" + TO_END + "2904" + TWO + "{v6}",
                        "FORWARD via fc00:b::2",
                        "60000000 0054 2b3f" + TO_2 + "2904" + TWO_DONE + "{v6}"),
                // End.T: to a peer, out of a port, into a list of segments, nowhere
                endT("fc00:5::d", "FORWARD via fe80::5%3", "2b3f"),
                endT("fc00:8::d", "DELIVER 41 dev p1 class -1", "2b3f"),
                row(
                        "fc00:1::e End.T table t",
                        "6b8abcde 0054 2b40" + TO_END + "2904 0401 0100 0000 [fc00:6::d] [fc00:1::e] {v6}",
                        "FORWARD",
                        "6b8~~~~~ 00a4 2b30 [fd00::99] [fc00:7::1] 2904 0401 0100 0000 [fc00:6::9] [fc00:7::1]"
                                + "6b8abcde 0054 2b3f [fd00::1] [fc00:6::d]"
                                + "2904 0400 0100 0000 [fc00:6::d] [fc00:1::e] {v6}"),
                endT("fc00:4::d", "DROP NO_ROUTE icmp 1 0 0", null),
                endT("fc00:9::d", "DROP NO_ROUTE", null),
                endT("fc00:a::d", "DROP NO_ROUTE icmp 1 0 0", null),
                endT("fc00:b::d", "DROP NO_ROUTE icmp 1 0 0", null), // a port of UDP, which is no neighbour
                // the next SID is here, too
                row(
                        END + "; fc00:2::d End.DX6 oif dx",
                        "60000000 0054 2b40" + TO_END + "2904" + TWO + "{v6}",
                        "DELIVER 41 dev dx class 0",
                        "{v6}"),
                row(
                        "fc00:1::e End.T table t; fc00:2::d End; fc00:3::d End.DT2U",
                        "60000000 004a 2b03" + TO_END + "8f06" + THREE + "{eth}",
                        "DELIVER 143 to l2 class 0",
                        "{eth}"));
    }

    private static Arguments endT(String next, String outcome, String out) {
        String packet = "60000000 0054 %s [fd00::1] [%s] 2904 04%s 0100 0000 [" + next + "] [fc00:1::e] {v6}";
        return row(
                "fc00:1::e End.T table t",
                packet.formatted("2b40", "fc00:1::e", "01"),
                outcome,
                out == null ? null : packet.formatted(out, next, "00"));
    }

    static Stream<Arguments> binding() {
        String two = "6b812345 0054 2b40" + TO_END + "2904" + TWO + "{v6}";
        String on = "6b812345 0054 2b3f" + TO_2 + "2904" + TWO_DONE + "{v6}";
        String encaps = "fc00:1::e End.B6.Encaps segs fc00:7::1,fc00:7::2";
        return Stream.of(
                row(
                        encaps,
                        two,
                        "FORWARD",
                        "6b8~~~~~ 00a4 2b30 [fd00::99] [fc00:7::1] 2904 0401 0100 0000 [fc00:7::2] [fc00:7::1]" + on),
                row(
                        "fc00:1::e End.B6.Encaps segs fc00:7::1",
                        two,
                        "FORWARD",
                        "6b8~~~~~ 0094 2b30 [fd00::99] [fc00:7::1] 2902 0400 0000 0000 [fc00:7::1]" + on),
                row(
                        "fc00:1::e End.B6.Encaps.Red segs fc00:7::1,fc00:7::2",
                        two,
                        "FORWARD",
                        "6b8~~~~~ 0094 2b30 [fd00::99] [fc00:7::1] 2902 0401 0000 0000 [fc00:7::2]" + on),
                row(
                        "fc00:1::e End.B6.Encaps.Red segs fc00:7::1",
                        two,
                        "FORWARD",
                        "6b8~~~~~ 007c 2930 [fd00::99] [fc00:7::1]" + on),
                row( // and is the last one: nobody tells himself
                        "fc00:1::e End.B6.Encaps segs fc00:7::1; fc00:7::1 End",
                        two,
                        "DROP NO_SEGMENT",
                        "6b8~~~~~ 0094 2b30 [fd00::99] [fc00:7::1] 2902 0400 0000 0000 [fc00:7::1]" + on),
                row( // the first one of the new list is here, too
                        encaps + "; fc00:7::1 End flavors psp",
                        two,
                        "FORWARD",
                        "6b8~~~~~ 007c 292f [fd00::99] [fc00:7::2]" + on),
                row(
                        "fc00:1:100::/48 uB6.Encaps.Red segs fc00:7::1",
                        "60000000 0018 0440 [fd00::1] [fc00:1:100:200::] {v4}",
                        "FORWARD",
                        "600~~~~~ 0040 2930 [fd00::99] [fc00:7::1] 60000000 0018 043f [fd00::1] [fc00:1:200::] {v4}"),
                row(encaps, "60000000 002c 2940" + TO_END + "{v6}", "DROP NO_SEGMENT icmp 4 4 40", null),
                row( // no more room in front: five times 88 bytes
                        "fc00:1::e End.B6.Encaps segs fc00:7::1,fc00:7::2,fc00:7::3,fc00:7::4,fc00:7::5,fc00:7::6,"
                                + "fc00:7::7,fc00:7::8,fc00:7::9,fc00:7::a,fc00:7::b,fc00:7::c,fc00:7::d,fc00:7::e,"
                                + "fc00:7::f,fc00:7::10; fc00:7::1 End.B6.Encaps segs fc00:8::1,fc00:8::2,fc00:8::3",
                        two,
                        "DROP ENCAPSULATION_TOO_LONG",
                        "6b8~~~~~ 0184 2b30 [fd00::99] [fc00:7::1] 2920 040f 0f00 0000"
                                + "[fc00:7::10] [fc00:7::f] [fc00:7::e] [fc00:7::d] [fc00:7::c] [fc00:7::b] [fc00:7::a]"
                                + "[fc00:7::9] [fc00:7::8] [fc00:7::7] [fc00:7::6] [fc00:7::5] [fc00:7::4] [fc00:7::3]"
                                + "[fc00:7::2] [fc00:7::1]"
                                + on));
    }

    static Stream<Arguments> compressed() {
        String uN = "fc00:1:100::/48 uN";
        return Stream.of(
                shift(uN, "fc00:1:100:200:300:400:500:600", "FORWARD", "fc00:1:200:300:400:500:600:0"),
                shift(uN, "fc00:1:100::1", "FORWARD", "fc00:1::1:0"),
                shift("fc00:1:101::/48 uA nh6 fe80::2%2", "fc00:1:101:200::", "FORWARD via fe80::2%2", "fc00:1:200::"),
                shift("fc00:5:0:9::/64 uN lblen 48 nflen 16", "fc00:5:0:9:8:7:6:5", "FORWARD", "fc00:5:0:8:7:6:5:0"),
                shift(
                        "fc00:5:1::/48 End.T table t flavors next-csid",
                        "fc00:5:1:2::",
                        "FORWARD via fe80::5%3",
                        "fc00:5:2::"),
                shift("fc00:1::/32 uN lblen 16 nflen 16", "fc00:1:2:3:4:5:6:7", "FORWARD", "fc00:2:3:4:5:6:7:0"),
                shift(
                        "fc00:1:2000::/40 uN lblen 32 nflen 8",
                        "fc00:1:2021:2223:2425::",
                        "FORWARD",
                        "fc00:1:2122:2324:2500::"),
                shift("fc00:1:a:b:c:d::/96 uN nflen 64", "fc00:1:a:b:c:d:e:f", "FORWARD", "fc00:1:e:f::"),
                shift(
                        "fc00:1:2:aaaa:bbbb:cccc:dddd:ee00/120 uN lblen 48 nflen 72",
                        "fc00:1:2:aaaa:bbbb:cccc:dddd:ee05",
                        "FORWARD",
                        "fc00:1:2:500::"),
                shift(
                        "fc00:0:0:0:5:1200::/88 uN lblen 80 nflen 8",
                        "fc00::5:1234:5678:9abc",
                        "FORWARD",
                        "fc00::5:3456:789a:bc00"),
                // the SRH stays, with PSP, too
                row(
                        uN + " flavors next-csid,psp",
                        "60000000 0054 2b40 [fd00::1] [fc00:1:100:200::] 2904" + TWO + "{v6}",
                        "FORWARD",
                        "60000000 0054 2b3f [fd00::1] [fc00:1:200::] 2904" + TWO + "{v6}"),
                // without a further SID it is End
                row(
                        uN,
                        "60000000 0054 2b40 [fd00::1] [fc00:1:100::] 2904" + TWO + "{v6}",
                        "FORWARD",
                        "60000000 0054 2b3f" + TO_2 + "2904" + TWO_DONE + "{v6}"),
                row(
                        uN + " flavors next-csid,psp",
                        "60000000 0054 2b40 [fd00::1] [fc00:1:100::] 2904" + TWO + "{v6}",
                        "FORWARD",
                        "60000000 002c 293f" + TO_2 + "{v6}"),
                row(uN, "60000000 002c 2940 [fd00::1] [fc00:1:100::] {v6}", "DROP NO_SEGMENT icmp 4 4 40", null),
                row(uN, "60000000 002c 2901 [fd00::1] [fc00:1:100:200::] {v6}", "DROP HOP_LIMIT icmp 3 0 0", null),
                // several of them here
                row(
                        uN + "; fc00:1:46::/48 uDT46 table t",
                        "60000000 0018 0440 [fd00::1] [fc00:1:100:46::] {v4}",
                        "DELIVER 4 dev p1 class 0",
                        "4500 0018 0001 0000 3f11 8f9d c0000201 c6336402 01020304"),
                row(
                        uN + "; fc00:1:100:46::/64 End.DX4 oif dx", // a longer one goes first
                        "60000000 0018 0440 [fd00::1] [fc00:1:100:46::] {v4}",
                        "DELIVER 4 dev dx class 0",
                        "{v4}"));
    }

    private static Arguments shift(String sid, String to, String outcome, String next) {
        String packet = "60000000 0018 04%s [fd00::1] [%s] {v4}";
        return row(sid, packet.formatted("40", to), outcome, packet.formatted("3f", next));
    }
}
