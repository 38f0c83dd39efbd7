package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Any text as a SID and as a remote end: it is refused with a message, or what is read says of itself what is read as the same. Bytes
 * below 64 stand for the words of both, so that whole options are found.
 */
class OptionTextFuzzTest {
    private static final String[] WORDS = {
        "fc00:1::e",
        "fc00:1:0:d2::/64",
        "fc00:1:100::/48",
        "fc00::/32",
        "fe80::1%2",
        "::",
        "::1",
        "ff02::1",
        "10.9.0.1",
        "::ffff:10.9.0.1",
        "fc00:9::1,fc00:2::d2",
        "fc00:9::1",
        ",",
        "/",
        "/128",
        "End",
        "End.X",
        "End.T",
        "End.DX2",
        "End.DX2V",
        "End.DT2U",
        "End.DT2M",
        "End.DX4",
        "End.DX6",
        "End.DT46",
        "End.B6.Encaps",
        "uN",
        "uA",
        "uDT46",
        "nh4",
        "nh6",
        "oif",
        "vlan",
        "table",
        "vrftable",
        "srh",
        "segs",
        "loclen",
        "arglen",
        "flavors",
        "psp",
        "usd,psp",
        "next-csid",
        "lblen",
        "nflen",
        "weight",
        "backup",
        "bum",
        "0",
        "1",
        "16",
        "32",
        "48",
        "64",
        "4094",
        "128",
        "999999999999",
        "-1",
        "+7",
        "\t",
        "red",
        "usp",
        "x",
        "\u00a0"
    };

    private static String text(byte[] input) {
        StringBuilder text = new StringBuilder();
        for (byte each : Arrays.copyOf(input, Math.min(input.length, 400))) {
            if (each >= 0 && each < WORDS.length) {
                text.append(WORDS[each]).append(' ');
            } else {
                text.append((char) (each & 0xff));
            }
        }
        return text.toString();
    }

    @FuzzTest
    void shouldReadSidsOrSayWhyNot(byte[] input) {
        check("SID '", text(input), SidSpec::parse);
        check("SID '", new String(input, StandardCharsets.UTF_8), SidSpec::parse);
    }

    @FuzzTest
    void shouldReadRemoteEndsOrSayWhyNot(byte[] input) {
        check("remote end '", text(input), RemoteSegments::parse);
        check("remote end '", new String(input, StandardCharsets.UTF_8), RemoteSegments::parse);
    }

    private static void check(String named, String text, Function<String, Object> parser) {
        Object read;
        try {
            read = parser.apply(text);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageStartingWith(named);
            return;
        }
        Object again = parser.apply(read.toString());
        assertThat(again).isEqualTo(read).hasToString(read.toString());
    }
}
