package io.weft.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.VirtualSwitch;
import io.weft.port.MemoryPort;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Has a parser nobody here wrote, the strict one of Prometheus' Python client, read the text. */
class OpenMetricsParserIT {
    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final String PARSE = """
            import sys
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
            with open(sys.argv[1], newline='', encoding='utf-8') as text:
                for family in text_string_to_metric_families(text.read()):
                    for s in family.samples:
                        print(family.type, family.unit, s.name, sorted(s.labels.items()), int(s.value), sep='|')
            """;

    @TempDir
    Path folder;

    private List<String> parse(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("metrics.txt"), text);
        Process python = new ProcessBuilder(PYTHON.toString(), "-c", PARSE, file.toString())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(python.waitFor()).as(said).isZero();
            return said.lines().toList();
        } finally {
            python.destroyForcibly();
        }
    }

    private static void requireParser() throws Exception {
        assumeTrue(Files.isExecutable(PYTHON), "skipped: no /usr/bin/python3");
        Process probe = new ProcessBuilder(PYTHON.toString(), "-c", "import prometheus_client.openmetrics.parser")
                .redirectErrorStream(true)
                .start();
        probe.getInputStream().readAllBytes();
        assumeTrue(probe.waitFor() == 0, "skipped: no python3-prometheus-client");
    }

    @Test
    void shouldReadAWholeSwitch() throws Exception {
        requireParser();
        String name = "odd \"name\", back\\slash\nand line, \\n too, é";
        try (VirtualSwitch lan =
                VirtualSwitch.builder().name("lan").invoker(System::nanoTime).build()) {
            MemoryPort odd = new MemoryPort(name);
            lan.add(odd);
            odd.send(new byte[60]);
            while (lan.step()) {
                // until nothing is left to do
            }
            MetricsSnapshot metrics = lan.metrics();
            List<String> samples = parse(metrics.toOpenMetrics());
            assertThat(samples).hasSameSizeAs(metrics.samples());
            String labels = "[('port', 'odd \"name\", back\\\\slash\\nand line, \\\\n too, é'), ('switch', 'lan')]";
            assertThat(samples)
                    .contains(
                            "counter|frames|weft_port_receive_frames_total|" + labels + "|1",
                            "counter|bytes|weft_port_receive_bytes_total|" + labels + "|60",
                            "gauge||weft_port_up|" + labels + "|1");
        }
    }

    @Test
    void shouldReadHelpWithOddCharacters() throws Exception {
        requireParser();
        Metric odd =
                new Metric("x", Metric.Kind.GAUGE, "", "a \"help\"\nwith \\ line", Map.of(), Long.MAX_VALUE / 1_024);
        assertThat(parse(OpenMetricsWriter.write(List.of(odd)))).hasSize(1);
    }
}
