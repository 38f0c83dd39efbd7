package io.weft.examples.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Any text as what ping prints, as what a guest says on its console, and as a host's addresses. */
class HostOutputFuzzTest {
    private static final HostAddress ADDRESS =
            new HostAddress("VM 1", "52:54:00:00:00:01", "10.0.0.1/24", "fd00::1/64");

    @FuzzTest
    void shouldReadWhatItKnowsAndPassOverTheRest(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        PingOutput ping = new PingOutput(IpVersion.IPV4);
        text.lines().forEach(line -> {
            ping.line(line).ifPresent(reply -> assertThat(reply.rttNs()).isNotNegative());
            assertThat(GuestConsole.event(line, ADDRESS).isPresent() && !line.contains("WEFT-GUEST"))
                    .isFalse();
        });
        assertThat(ping.result().received()).isNotNegative();
        try {
            HostAddress address = new HostAddress(text, "52:54:00:00:00:02", text, "fd00::2/64");
            assertThat(address.inetAddress(IpVersion.IPV4).getAddress()).hasSize(4);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("accepted is an address with its prefix length");
        }
        try {
            HostAddress address = new HostAddress("VM 2", "52:54:00:00:00:02", "10.0.0.2/24", text);
            assertThat(address.inetAddress(IpVersion.IPV6).getAddress()).hasSize(16);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("accepted is an address with its prefix length");
        }
    }
}
