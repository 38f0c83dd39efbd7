package io.weft.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.IpPrefix;
import io.weft.port.InvalidPortException;
import io.weft.port.PortProvider;
import io.weft.port.PortProviders;
import io.weft.port.PortUri;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Any text as the URI of a port of every type there is, here where all providers are on the class path: it makes a driver,
 * not opened, or is refused in words. A URI without a type is tried with each.
 */
class PortProvidersFuzzTest {
    private static final List<PortProvider> PROVIDERS = PortProviders.all(); // looked for once, for it takes its time
    private static final List<String> TYPES =
            PROVIDERS.stream().flatMap(provider -> provider.schemes().stream()).toList();
    private static final Pattern TYPED = Pattern.compile("[a-z-]+:.*", Pattern.DOTALL);

    @FuzzTest
    void shouldMakeADriverOrSayWhatIsWrong(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        if (TYPED.matcher(text).matches()) {
            create(text);
        } else {
            TYPES.forEach(type -> create(type + ":" + text));
        }
        prefix(text);
    }

    private static void create(String uri) {
        try {
            PortUri parsed = PortUri.parse(uri);
            for (PortProvider provider : PROVIDERS) {
                if (provider.schemes().contains(parsed.scheme())) {
                    parsed.requireKnown(provider.options());
                    assertThat(provider.create(parsed).toString()).isNotEmpty();
                }
            }
        } catch (InvalidPortException e) {
            assertThat(e.getMessage()).contains("'").hasSizeGreaterThan(20);
        }
    }

    private static void prefix(String text) {
        try {
            IpPrefix prefix = IpPrefix.parse(text);
            assertThat(IpPrefix.parse(prefix.toString())).isEqualTo(prefix);
        } catch (IllegalArgumentException e) {
            assertThat(e)
                    .hasMessage("'" + text + "' is not an IPv4 or IPv6 address with prefix length, as 10.0.0.1/24 or"
                            + " fd00::1/64");
        }
    }
}
