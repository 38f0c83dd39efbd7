package io.weft.port;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.MacAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Any text as a port URI, as the value of every kind of option, as a password, and as a MAC address. */
class PortUriFuzzTest {
    private static final PortOption<String> TEXT = PortOption.text("text", "some text");
    private static final PortOption<Integer> NUMBER = PortOption.integer("number", 1, 65_535);
    private static final PortOption<Boolean> FLAG = PortOption.flag("flag");
    private static final PortOption<String> CHOICE = PortOption.choice("choice", "on", "off");
    private static final PortOption<Duration> TIME =
            PortOption.duration("time", Duration.ofMillis(1), Duration.ofHours(24));
    private static final PortOption<Integer> SECRET =
            PortOption.integer("secret", 1, 1).secret();
    private static final List<PortOption<?>> ALL = List.of(TEXT, NUMBER, FLAG, CHOICE, TIME, SECRET);

    @FuzzTest
    void shouldReadAnyTextOrSayWhatIsAccepted(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        readUri(text);
        readAsValue(text);
        hidePassword(text);
        readMac(text);
    }

    private static void readUri(String text) {
        PortUri uri;
        try {
            uri = PortUri.parse(text);
        } catch (InvalidPortException e) {
            assertThat(e).hasMessageContaining("accepted: ");
            return;
        }
        assertThat(uri.scheme()).matches("[a-z][a-z0-9+.-]*");
        assertThat(text.toLowerCase(Locale.ROOT)).startsWith(uri.scheme() + ":");
        assertThat(uri.target()).doesNotContain("?");
        assertThat(text).contains(uri.target());
        assertThat(uri.toString()).startsWith(uri.scheme() + ":");
        for (PortOption<?> option : ALL) {
            int values = 0;
            try {
                values = uri.getAll(option).size();
                if (values < 2) {
                    assertThat(uri.get(option) != null).isEqualTo(uri.has(option));
                }
            } catch (InvalidPortException e) {
                assertThat(e).hasMessageContaining("option " + option.name()).hasMessageContaining("accepted: ");
            }
            assertThat(values == 0 || uri.has(option)).isTrue();
        }
        try {
            uri.requireKnown(ALL);
        } catch (InvalidPortException e) {
            assertThat(e).hasMessageContaining("unknown option").hasMessageContaining("number, flag");
        }
    }

    /** Whatever is percent-encoded comes out as it was, or is refused by the name of its option. */
    private static void readAsValue(String text) {
        PortUri uri = PortUri.parse("t:p?" + encode(text) + "x=1&text=" + encode(text) + "&secret=" + encode(text));
        assertThat(uri.has(TEXT)).isTrue();
        if (!text.isEmpty()) {
            assertThat(uri.get(TEXT)).isEqualTo(text);
        }
        try {
            assertThat(uri.get(SECRET)).isEqualTo(1);
        } catch (InvalidPortException e) {
            assertThat(e).hasMessage("t port 'p': option secret is '(not shown)'; accepted: 1..1");
            assertThat(e.getCause()).isNull();
        }
    }

    private static void hidePassword(String text) {
        PortUri uri = PortUri.parse("ws://user:" + encode(text) + "@host/lan");
        assertThat(uri).hasToString("ws://user:***@host/lan");
        assertThat(uri.authorityOrName()).isEqualTo("//host/lan");
    }

    private static void readMac(String text) {
        try {
            long mac = MacAddress.parse(text);
            assertThat(mac).isBetween(0L, 0xffff_ffff_ffffL);
            assertThat(MacAddress.parse(MacAddress.format(mac))).isEqualTo(mac);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("is not a MAC address; accepted: ");
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
