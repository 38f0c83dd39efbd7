package io.weft.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/**
 * Runs JMH, once or several times with different options, and writes all that it measured as JMH's JSON and as a Markdown
 * table: the score with half the width of its 99.9 % confidence interval, the bytes allocated per operation where JMH's
 * {@code gc} profiler was on, and the share of the CPU that the benchmark got where {@link CpuProfiler} was. An operation is
 * one frame wherever the benchmark declares its {@code OperationsPerInvocation}; where it counts what {@code passed}, that
 * is its score.
 */
public final class ResultTable {
    /** Where JMH's gc profiler puts the bytes allocated per operation. */
    private static final String BYTES_PER_OPERATION = "gc.alloc.rate.norm";

    /** The counter of {@link RingBenchmark}. */
    private static final String PASSED = "passed";

    /** Stands between the options of two runs. */
    private static final String NEXT_RUN = "--";

    private ResultTable() {}

    /** @param args the files to write the table and the JSON to, then JMH's own options, those of further runs behind -- */
    public static void main(String[] args) throws IOException {
        List<RunResult> results = new ArrayList<>();
        try {
            int from = 2;
            for (int i = 2; i <= args.length; i++) {
                if (i == args.length || args[i].equals(NEXT_RUN)) {
                    results.addAll(new Runner(new CommandLineOptions(Arrays.copyOfRange(args, from, i))).run());
                    from = i + 1;
                }
            }
            if (results.isEmpty()) {
                throw new RunnerException("No benchmark gave a result (see above)");
            }
        } catch (CommandLineOptionException | RunnerException e) {
            // That no benchmark matched is only in toString.
            System.err.println("bench: " + (e.getMessage() == null ? e : e.getMessage()));
            System.exit(1);
        }
        Files.writeString(Path.of(args[0]), markdown(results));
        ResultFormatFactory.getInstance(ResultFormatType.JSON, args[1]).writeOut(results);
    }

    static String markdown(Collection<RunResult> results) {
        StringBuilder rows = new StringBuilder("""
                | benchmark | parameters | score | ± | unit | B/op | CPU % |
                | --- | --- | ---: | ---: | --- | ---: | ---: |
                """);
        for (RunResult result : results) {
            row(rows, result);
        }
        return rows.toString();
    }

    private static void row(StringBuilder rows, RunResult result) {
        BenchmarkParams benchmark = result.getParams();
        Result<?> passed = result.getSecondaryResults().get(PASSED);
        Result<?> score = passed != null ? passed : result.getPrimaryResult();
        String simpleName = benchmark.getBenchmark().replaceFirst("^.*\\.(?=[^.]+\\.[^.]+$)", "");
        rows.append(String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s | %s | %s |%n",
                simpleName,
                parameters(benchmark),
                number(score.getScore()),
                number(score.getScoreError()),
                score.getScoreUnit(),
                secondary(result, BYTES_PER_OPERATION),
                secondary(result, CpuProfiler.LABEL)));
    }

    private static String secondary(RunResult result, String label) {
        Result<?> value = result.getSecondaryResults().get(label);
        return value == null ? "" : number(value.getScore());
    }

    private static String parameters(BenchmarkParams benchmark) {
        Stream<String> own = benchmark.getParamsKeys().stream().map(key -> key + "=" + benchmark.getParam(key));
        boolean several = benchmark.getThreads() > 1 && benchmark.getThreadGroups().length == 1;
        return Stream.concat(own, several ? Stream.of("threads=" + benchmark.getThreads()) : Stream.empty())
                .collect(Collectors.joining(", "));
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
