package io.weft.examples.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Output of Debian 12's ping (iputils 20221126). */
class PingOutputTest {

    private static List<HostEvent.Reply> replies(PingOutput output, String text) {
        return text.lines().map(output::line).flatMap(Optional::stream).toList();
    }

    @Test
    void shouldReadRepliesAndSummary() {
        PingOutput output = new PingOutput(IpVersion.IPV6);

        List<HostEvent.Reply> replies = replies(output, """
                PING fd00::1(fd00::1) 56 data bytes
                64 bytes from fd00::1: icmp_seq=1 ttl=64 time=8.40 ms
                64 bytes from fd00::1: icmp_seq=2 ttl=64 time=0.027 ms

                --- fd00::1 ping statistics ---
                3 packets transmitted, 2 received, 33.3333% packet loss, time 404ms
                rtt min/avg/max/mdev = 0.027/4.213/8.400/0.008 ms
                """);

        assertThat(replies)
                .containsExactly(
                        new HostEvent.Reply(IpVersion.IPV6, 1, 8_400_000),
                        new HostEvent.Reply(IpVersion.IPV6, 2, 27_000));
        assertThat(output.result()).isEqualTo(new PingResult(IpVersion.IPV6, 3, 2, 27_000, 4_213_000, 8_400_000));
        assertThat(output.result().ok()).isFalse();
    }

    @Test
    void shouldReadASummaryWithoutReplies() {
        PingOutput output = new PingOutput(IpVersion.IPV4);

        List<HostEvent.Reply> replies = replies(output, """
                PING 10.0.0.9 (10.0.0.9) 56(84) bytes of data.
                From 10.0.0.1 icmp_seq=1 Destination Host Unreachable

                --- 10.0.0.9 ping statistics ---
                1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
                """);

        assertThat(replies).isEmpty();
        assertThat(output.result()).isEqualTo(new PingResult(IpVersion.IPV4, 1, 0, 0, 0, 0));
        assertThat(output.result().describe()).isEqualTo("0 of 1 answered");
    }
}
