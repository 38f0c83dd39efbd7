package io.weft.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Says how much of the machine a benchmark had: the CPU time its process used, in percent of what its threads could have
 * used. Where it is well below 100, other programs took the cores, and the score divided by this share comes closer to the
 * truth. (Not all the way: they also took the caches.) For JMH: {@code -prof io.weft.benchmarks.CpuProfiler}.
 */
public final class CpuProfiler implements InternalProfiler {
    static final String LABEL = "cpu";

    private final OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private long cpuBeganNs;
    private long beganNs;

    @Override
    public String getDescription() {
        return "share of the CPU time that the benchmark's threads could have had";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        cpuBeganNs = process.getProcessCpuTime();
        beganNs = System.nanoTime();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        double possibleNs = (double) (System.nanoTime() - beganNs) * benchmark.getThreads();
        double share = 100 * (process.getProcessCpuTime() - cpuBeganNs) / possibleNs;
        return List.of(new ScalarResult(LABEL, Math.min(100, share), "%", AggregationPolicy.AVG));
    }
}
