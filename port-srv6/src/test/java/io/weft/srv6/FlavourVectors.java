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

/** Packets at SIDs with PSP, USP and USD. See {@link SidNode#row}. */
final class FlavourVectors {
    private FlavourVectors() {}

    static Stream<Arguments> flavours() {
        String two = "60000000 0054 2b40" + TO_END + "2904" + TWO + "{v6}";
        String arrived = "6b000000 0054 2b40" + TO_END + "2904 0400 0100 0000 [fc00:1::e] [fc00:9::e] {v6}";
        String bare = "6b000000 002c 2940" + TO_END + "{v6}";
        String inner = "6012 3456 0004 3b3f [2001:db8::1] [2001:db8::2] 05060708";
        return Stream.of(
                // PSP
                row(END + " flavors psp", two, "FORWARD", "60000000 002c 293f" + TO_2 + "{v6}"),
                row(
                        END + " flavors psp",
                        "60000000 0064 2b40" + TO_END + "2906" + THREE + "{v6}",
                        "FORWARD",
                        "60000000 0064 2b3f" + TO_2 + "2906" + THREE_ON + "{v6}"),
                row(
                        END + " flavors psp",
                        "60000000 0030 2b40" + TO_END + "0402 0401 0000 0000 [fc00:2::d] {v4}",
                        "FORWARD",
                        "60000000 0018 043f" + TO_2 + "{v4}"),
                row(
                        END + " flavors psp",
                        "60000000 0042 0040" + TO_END + "2b00 010400000000 8f04" + TWO + "{eth}",
                        "FORWARD",
                        "60000000 001a 003f" + TO_2 + "8f00 010400000000 {eth}"),
                row(
                        "fc00:1::e End.X nh6 fe80::2%2 flavors psp",
                        two, "FORWARD via fe80::2%2", "60000000 002c 293f" + TO_2 + "{v6}"),
                row(
                        "fc00:1::e End.T table t flavors psp; fc00:2::d End.DX6 oif dx",
                        two,
                        "DELIVER 41 dev dx class 0",
                        "{v6}"),
                // USP alone takes nothing that is inside
                row(END, arrived, "DROP NO_SEGMENT icmp 4 4 80", null),
                row(END, bare, "DROP NO_SEGMENT icmp 4 4 40", null),
                row(END + " flavors psp", arrived, "DROP NO_SEGMENT icmp 4 4 80", null),
                row(END + " flavors usp", arrived, "DROP UPPER_LAYER icmp 4 4 80", null),
                // USD
                row(END + " flavors usd", arrived, "FORWARD", inner),
                row(END + " flavors usp,usd", arrived, "FORWARD", inner),
                row(END + " flavors usd", bare, "FORWARD", inner),
                row(END + " flavors usd", two, "FORWARD", "60000000 0054 2b3f" + TO_2 + "2904" + TWO_DONE + "{v6}"),
                row(END + " flavors usd", "60000000 0018 0440" + TO_END + "{v4}", "DROP NO_ROUTE", "{v4}"),
                row(
                        END + " flavors usd",
                        "60000000 0012 8f40" + TO_END + "{eth}",
                        "DROP UPPER_LAYER icmp 4 4 40",
                        null),
                row("fc00:1::e End.X nh6 fe80::2%2 flavors usd", bare, "FORWARD via fe80::2%2", inner),
                row(
                        "fc00:1::e End.T table t flavors usd",
                        bare,
                        "DELIVER 41 dev p2 lladdr 02:00:00:00:00:09 class 176",
                        inner),
                row(
                        "fc00:1::e End.T table t flavors usd",
                        "60000000 0018 0440" + TO_END + "{v4}",
                        "DELIVER 4 dev p1 class 0",
                        "4500 0018 0001 0000 3f11 8f9d c0000201 c6336402 01020304"),
                // a mark of congestion goes along, and what cannot be marked is dropped; the hop limit ends
                row(
                        END + " flavors usd",
                        "60300000 0028 2940" + TO_END + "60200000 0000 3b40 [2001:db8::1] [2001:db8::2]",
                        "FORWARD",
                        "60300000 0000 3b3f [2001:db8::1] [2001:db8::2]"),
                row(
                        END + " flavors usd",
                        "60300000 0028 2940" + TO_END + "60000000 0000 3b40 [2001:db8::1] [2001:db8::2]",
                        "DROP CONGESTION",
                        "60000000 0000 3b40 [2001:db8::1] [2001:db8::2]"),
                row(
                        END + " flavors usd",
                        "60000000 0028 2940" + TO_END + "60000000 0000 3b01 [2001:db8::1] [2001:db8::2]",
                        "DROP HOP_LIMIT",
                        "60000000 0000 3b01 [2001:db8::1] [2001:db8::2]"),
                // what is inside goes to another SID here: whether it may is asked once more
                row(
                        END + " flavors usd; fc00:2::d End.DT2U",
                        "60000000 003a 2940" + TO_END + "60000000 0012 8f40 [fd00::7] [fc00:2::d] {eth}",
                        "DELIVER 143 to l2 class 0",
                        "{eth}"),
                row(
                        END + " flavors usd; fc00:2::d End.DT2U",
                        "60000000 003a 2940" + TO_END + "60000000 0012 8f40 [2001:db8::7] [fc00:2::d] {eth}",
                        "DROP OUTSIDE_DOMAIN",
                        "60000000 0012 8f3f [2001:db8::7] [fc00:2::d] {eth}"),
                row( // with segments of its own
                        END + " flavors usd; fc00:2::d End",
                        "60000000 007c 2940" + TO_END + "60000000 0054 2b40 [fd00::7] [fc00:2::d]"
                                + "2904 0401 0100 0000 [fc00:3::d] [fc00:2::d] {v6}",
                        "FORWARD",
                        "60000000 0054 2b3e [fd00::7] [fc00:3::d] 2904 0400 0100 0000 [fc00:3::d] [fc00:2::d] {v6}"),
                row( // one more header
                        END + " flavors usd; fc00:2::d End flavors usd",
                        "60000000 0054 2940" + TO_END + "60000000 002c 2940 [fd00::7] [fc00:2::d] {v6}",
                        "FORWARD",
                        inner),
                row(
                        "fc00:1::e End.T table t flavors usd; fc00:2::d End.DT2U",
                        "60000000 003a 2940" + TO_END + "60000000 0012 8f40 [fd00::7] [fc00:2::d] {eth}",
                        "DELIVER 143 to l2 class 0",
                        "{eth}"),
                row( // the adjacency decides, not who is here
                        "fc00:1::e End.X nh6 fe80::2%2 flavors usd; fc00:2::d End.DT2U",
                        "60000000 003a 2940" + TO_END + "60000000 0012 8f40 [fd00::7] [fc00:2::d] {eth}",
                        "FORWARD via fe80::2%2",
                        "60000000 0012 8f3f [fd00::7] [fc00:2::d] {eth}"));
    }

    /** End.T with PSP: by a gateway, by a list of segments, out of a port, nowhere. */
    static Stream<Arguments> popped() {
        String bare = "60000000 002c 293f [fd00::1] [%s] {v6}";
        return Stream.of(
                popped("fc00:5::d", "FORWARD via fe80::5%3", bare.formatted("fc00:5::d")),
                popped(
                        "fc00:6::d",
                        "FORWARD",
                        "600~~~~~ 007c 2b30 [fd00::99] [fc00:7::1] 2904 0401 0100 0000 [fc00:6::9] [fc00:7::1]"
                                + bare.formatted("fc00:6::d")),
                popped("fc00:8::d", "DELIVER 41 dev p1 class -1", bare.formatted("fc00:8::d")),
                popped("fc00:4::d", "DROP NO_ROUTE icmp 1 0 0", null),
                popped("fc00:9::d", "DROP NO_ROUTE", null));
    }

    private static Arguments popped(String next, String outcome, String out) {
        return row(
                "fc00:1::e End.T table t flavors psp",
                "60000000 0054 2b40" + TO_END + "2904 0401 0100 0000 [" + next + "] [fc00:1::e] {v6}",
                outcome,
                out);
    }
}
