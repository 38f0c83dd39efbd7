package io.weft.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortUriTest {
    private static final PortOption<Integer> MTU =
            PortOption.integer("mtu", 68, 65_521).defaultValue("1500");
    private static final PortOption<Boolean> UP = PortOption.flag("up");
    private static final PortOption<String> ADDRESS = PortOption.text("address", "an address");
    private static final PortOption<String> PASSWORD =
            PortOption.text("password", "a word of 8 letters or more").secret();
    private static final List<PortOption<?>> KNOWN = List.of(MTU, UP, ADDRESS, PASSWORD);

    private static PortUri parse(String text) {
        return PortUri.parse(text);
    }

    // ---- grammar ----

    @ParameterizedTest
    @CsvSource({
        "tap:tap0, tap, tap0",
        "TAP:tap0?mtu=1, tap, tap0",
        "qemu:/run/vm1.sock?mode=dgram, qemu, /run/vm1.sock",
        "ws://host:8080/lan, ws, //host:8080/lan",
        "wss://[fe80::1%25eth0]:443/?x=1, wss, //[fe80::1%25eth0]:443/",
        "ws-listen://0.0.0.0:0/, ws-listen, //0.0.0.0:0/",
        "x+1.2-3:, x+1.2-3, ''",
        "tap:a:b:c, tap, a:b:c"
    })
    void shouldSplitSchemeAndTarget(String text, String scheme, String target) {
        PortUri uri = parse(text);
        assertThat(uri.scheme()).isEqualTo(scheme);
        assertThat(uri.target()).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tap0", "/run/vm1.sock", ":tap0", "1tap:x", "tap 0:x", "?mtu=3", "-tap:x"})
    void shouldSayWhatAPortLooksLike(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("'" + text.split("\\?")[0] + "' is not a port")
                .hasMessageContaining("tap:tap0?mtu=9000");
    }

    @Test
    void shouldReadOptions() {
        PortUri uri = parse("tap:tap0?mtu=9000&up&address=fe80::1/64");
        assertThat(uri.get(MTU)).isEqualTo(9_000);
        assertThat(uri.get(UP)).isTrue();
        assertThat(uri.get(ADDRESS)).isEqualTo("fe80::1/64");
        assertThat(uri.has(MTU)).isTrue();
        assertThat(uri.has(PASSWORD)).isFalse();
        uri.requireKnown(KNOWN);
    }

    @Test
    void shouldTakeDefaultsForWhatIsNotGiven() {
        PortUri uri = parse("tap:tap0");
        assertThat(uri.get(MTU)).isEqualTo(1_500);
        assertThat(uri.get(ADDRESS)).isNull();
        assertThat(uri.getAll(ADDRESS)).isEmpty();
    }

    @Test
    void shouldTakeOnlyTheFirstEqualsSignForOne() {
        assertThat(parse("tap:x?address=a=b==").get(ADDRESS)).isEqualTo("a=b==");
        assertThat(parse("tap:x?address=a?b").get(ADDRESS)).isEqualTo("a?b");
    }

    @Test
    void shouldUndoPercentEscapesInNamesAndValues() {
        assertThat(parse("tap:x?address=a%26b%3Dc%20d+e%C3%A4").get(ADDRESS)).isEqualTo("a&b=c d+eä");
        assertThat(parse("tap:x?%6dtu=70").get(MTU)).isEqualTo(70);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tap:x?address=100%", "tap:x?address=%4", "tap:x?address=%zz", "tap:x?address=%-1"})
    void shouldNameTheOptionWithABrokenEscape(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("tap:x")
                .hasMessageContaining("option address")
                .hasMessageContaining("%25");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tap:x?", "tap:x?=5", "tap:x?mtu=70&", "tap:x?mtu=70&&up", "tap:x?&up"})
    void shouldRefuseOptionsWithoutAName(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("an option has no name");
    }

    // ---- options that are wrong ----

    @Test
    void shouldListTheKnownOptionsWhenOneIsUnknown() {
        assertThatThrownBy(() -> parse("tap:tap0?mtu=70&mut=9000").requireKnown(KNOWN))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("tap port 'tap0'")
                .hasMessageContaining("unknown option 'mut'")
                .hasMessageContaining("mtu, up, address, password");
        assertThatThrownBy(() -> parse("x:y?a").requireKnown(List.of())).hasMessageContaining("accepted: none");
    }

    @Test
    void shouldRefuseAnOptionGivenTwiceUnlessItIsAList() {
        PortUri uri = parse("tap:tap0?address=a&mtu=70&address=b&address=c");
        assertThatThrownBy(() -> uri.get(ADDRESS))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option address is given 3 times");
        assertThat(uri.getAll(ADDRESS)).containsExactly("a", "b", "c");
    }

    @Test
    void shouldNameOptionValueAndWhatIsAccepted() {
        assertThatThrownBy(() -> parse("tap:tap0?mtu=67").get(MTU))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("tap port 'tap0': option mtu is '67'; accepted: 68..65521");
        assertThatThrownBy(() -> parse("tap:tap0?address=1&address=").getAll(ADDRESS))
                .hasMessageContaining("option address is ''; accepted: an address");
    }

    // ---- secrets ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ws://user:hunter2@host:80/lan",
                "WS://user:hunter2@host:80/lan",
                "ws2://user:hunter2@host:80/lan",
                "ws://:hunter2@host:80/lan",
                "ws://user:x@hunter2@host:80/lan",
                "ws://user:a:hunter2@host:80/lan",
                "ws://host:80/lan?password=hunter2"
            })
    void shouldNotPrintPasswords(String text) {
        PortUri uri = parse(text);
        assertThat(uri.toString())
                .doesNotContain("hunter2")
                .contains("host:80/lan")
                .startsWith("ws");
        assertThat(uri.authorityOrName()).doesNotContain("hunter2").isEqualTo("//host:80/lan");
        assertThatThrownBy(() -> parse(text + (text.contains("?") ? "&" : "?") + "=1"))
                .hasMessageContaining("no name")
                .message()
                .doesNotContain("hunter2");
        assertThatThrownBy(() -> parse(text + (text.contains("?") ? "&" : "?") + "a=%"))
                .hasMessageContaining("escape")
                .message()
                .doesNotContain("hunter2");
        assertThatThrownBy(() -> PortProviders.create(text.replaceFirst("ws2?|WS", "nonesuch")))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("no port type 'nonesuch'")
                .message()
                .doesNotContain("hunter2");
    }

    @Test
    void shouldNotPrintWhatLooksLikeAPasswordInWhatIsNoUri() {
        assertThatThrownBy(() -> parse("//user:hunter2@host/?password=hunter2"))
                .hasMessageContaining("is not a port")
                .message()
                .doesNotContain("hunter2");
    }

    @Test
    void shouldNotPrintTheValueOfASecretOption() {
        PortOption<Integer> pin = PortOption.integer("pin", 0, 9999).secret();
        assertThatThrownBy(() -> parse("ws://host/?pin=hunter2").get(pin))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option pin is '(not shown)'; accepted: 0..9999")
                .hasNoCause();
        assertThatThrownBy(() -> parse("ws://host/?password=%68unter2%"))
                .message()
                .doesNotContain("unter2");
    }

    // ---- providers ----

    @Test
    void shouldListThePortTypesThatThereAreWhenOneIsUnknown() {
        assertThatThrownBy(() -> PortProviders.create("nonesuch:x"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("'nonesuch:x'")
                .hasMessageContaining("found on the class path");
    }
}
