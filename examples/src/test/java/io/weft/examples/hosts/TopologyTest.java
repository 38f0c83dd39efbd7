package io.weft.examples.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopologyTest {
    private static final Topology TWO_VMS = new Topology(
            new Topology.Column(
                    List.of("VM 1", "52:54:00:00:00:01", "10.0.0.1  fd00::1"),
                    List.of("unix socket", "/tmp/weft-1234/vm1.sock"),
                    List.of("switch 1")),
            new Topology.Column(
                    List.of("VM 2", "10.0.0.2  fd00::2"), List.of("unix socket"), List.of("switch 2", "port 2")),
            List.of("WebSocket tunnel", "wss://127.0.0.1:41234/"));

    @Test
    void shouldDrawWithBoxCharactersWhereTheCharsetHasThem() {
        assertThat(String.join("\n", TWO_VMS.draw(StandardCharsets.UTF_8))).isEqualTo("""
                ┌───────────────────┐                          ┌───────────────────┐
                │ VM 1              │                          │ VM 2              │
                │ 52:54:00:00:00:01 │                          │ 10.0.0.2  fd00::2 │
                │ 10.0.0.1  fd00::1 │                          │                   │
                └─────────┬─────────┘                          └─────────┬─────────┘
                          │ unix socket                                  │ unix socket
                          │ /tmp/weft-1234/vm1.sock                      │
                ┌─────────┴─────────┐     WebSocket tunnel     ┌─────────┴─────────┐
                │ switch 1          ╞══════════════════════════╡ switch 2          │
                │                   │  wss://127.0.0.1:41234/  │ port 2            │
                └───────────────────┘                          └───────────────────┘""");
    }

    @Test
    void shouldDrawWithAsciiWhereItHasNot() {
        List<String> lines = TWO_VMS.draw(StandardCharsets.ISO_8859_1);

        assertThat(lines).allMatch(line -> line.chars().allMatch(c -> c < 128));
        assertThat(lines).hasSameSizeAs(TWO_VMS.draw(StandardCharsets.UTF_8));
        assertThat(lines.get(8)).isEqualTo("| switch 1          +==========================+ switch 2          |");
    }

    @Test
    void shouldMakeRoomForLongTextBesideTheLeftLink() {
        String path = "/a/rather/long/path/".repeat(4) + "vm1.sock";
        Topology topology = new Topology(
                new Topology.Column(List.of("A"), List.of(path), List.of("S")),
                new Topology.Column(List.of("B"), List.of("right"), List.of("T")),
                List.of());

        List<String> lines = topology.draw(StandardCharsets.US_ASCII);

        assertThat(lines.get(3)).contains("| " + path + " ").endsWith("| right");
        assertThat(lines.get(3).lastIndexOf('|')).isEqualTo(lines.get(2).lastIndexOf("-+-") + 1);
    }
}
