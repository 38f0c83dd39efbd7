package io.weft.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/**
 * Runs JMH with the options given and writes what it measured as a Markdown table: the score with half the width of its
 * 99.9 % confidence interval, and the bytes allocated per operation where JMH's {@code gc} profiler was on. An operation
 * is one frame wherever the benchmark declares its {@code OperationsPerInvocation}.
 */
public final class ResultTable {
    /** Where JMH's gc profiler puts the bytes allocated per operation. */
    private static final String BYTES_PER_OPERATION = "gc.alloc.rate.norm";

    private ResultTable() {}

    /** @param args the file to write the table to, then JMH's own options */
    public static void main(String[] args) throws IOException {
        Path table = Path.of(args[0]);
        String[] jmhOptions = Arrays.copyOfRange(args, 1, args.length);
        try {
            Collection<RunResult> results = new Runner(new CommandLineOptions(jmhOptions)).run();
            if (results.isEmpty()) {
                throw new RunnerException("No benchmark gave a result (see above)");
            }
            Files.writeString(table, markdown(results));
        } catch (CommandLineOptionException | RunnerException e) {
            // That no benchmark matched is only in toString.
            System.err.println("bench: " + (e.getMessage() == null ? e : e.getMessage()));
            System.exit(1);
        }
    }

    static String markdown(Collection<RunResult> results) {
        StringBuilder rows = new StringBuilder("""
                | benchmark | parameters | score | ± | unit | B/op |
                | --- | --- | ---: | ---: | --- | ---: |
                """);
        for (RunResult result : results) {
            row(rows, result);
        }
        return rows.toString();
    }

    private static void row(StringBuilder rows, RunResult result) {
        BenchmarkParams benchmark = result.getParams();
        Result<?> primary = result.getPrimaryResult();
        String simpleName = benchmark.getBenchmark().replaceFirst("^.*\\.(?=[^.]+\\.[^.]+$)", "");
        String parameters = benchmark.getParamsKeys().stream()
                .map(key -> key + "=" + benchmark.getParam(key))
                .collect(Collectors.joining(", "));
        Result<?> bytes = result.getSecondaryResults().get(BYTES_PER_OPERATION);
        rows.append(String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s | %s |%n",
                simpleName,
                parameters,
                number(primary.getScore()),
                number(primary.getScoreError()),
                primary.getScoreUnit(),
                bytes == null ? "" : number(bytes.getScore())));
    }

    /** Three significant digits below 100, whole numbers above; nothing where JMH could not tell. */
    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        String format = Math.abs(value) >= 100 ? "%.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }
}
