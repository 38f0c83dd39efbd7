package io.weft.examples.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines as the guest's console printed them. */
class GuestConsoleTest {
    private static final HostAddress ADDRESS =
            new HostAddress("VM 1", "52:54:00:00:00:01", "10.0.0.1/24", "fd00::1/64");

    private static Optional<HostEvent> event(String line) {
        return GuestConsole.event(line, ADDRESS);
    }

    @Test
    void shouldReadEachKindOfLine() {
        assertThat(event("\u001bc\u001b[?7l\u001b[2JWEFT-GUEST booted kernel=6.1.0-56-cloud-amd64\r"))
                .contains(new HostEvent.Booted("6.1.0-56-cloud-amd64"));
        assertThat(event("WEFT-GUEST up mac=52:54:00:00:00:01 ip4=10.0.0.1/24 ip6=fd00::1/64"))
                .contains(new HostEvent.Up(ADDRESS));
        assertThat(event("WEFT-GUEST waiting for=10.0.0.2")).contains(new HostEvent.Waiting("10.0.0.2"));
        assertThat(event("WEFT-GUEST reply4 seq=1 rtt_ms=2.723"))
                .contains(new HostEvent.Reply(IpVersion.IPV4, 1, 2_723_000));
        assertThat(event("WEFT-GUEST reply6 seq=12 rtt_ms=0.567"))
                .contains(new HostEvent.Reply(IpVersion.IPV6, 12, 567_000));
        assertThat(event("WEFT-GUEST ping4 ok sent=5 received=5 rtt_ms=1.375/1.829/2.723"))
                .contains(new HostEvent.Pinged(new PingResult(IpVersion.IPV4, 5, 5, 1_375_000, 1_829_000, 2_723_000)));
        assertThat(event("WEFT-GUEST ping6 failed sent=30 received=0"))
                .contains(new HostEvent.Pinged(new PingResult(IpVersion.IPV6, 30, 0, 0, 0, 0)));
        assertThat(event("WEFT-GUEST error no network card found"))
                .contains(new HostEvent.Failed("no network card found"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SeaBIOS (version 1.16.2-debian-1.16.2-1)",
                "[    3.508013] reboot: Power down",
                "WEFT-GUEST ",
                "WEFT-GUEST done",
                "WEFT-GUEST booted",
                "WEFT-GUEST reply4 seq=1",
                "WEFT-GUEST reply4 seq=x rtt_ms=1",
                "WEFT-GUEST reply4 seq=1 rtt_ms=1.2.3",
                "WEFT-GUEST ping4 ok sent=5",
                "WEFT-GUEST ping4 ok sent=5 received=5 rtt_ms=1",
                "WEFT-GUEST ping4 ok sent=99999999999 received=5",
            })
    void shouldFindNothingInOtherOrGarbledLines(String line) {
        assertThat(event(line)).isEmpty();
    }
}
