package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import io.weft.tap.NetworkNamespace;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What a script has put on the wire of an {@link ExposedSite}, a label and the frame inside for each packet, and where each must have
 * gone: to the segment that gets the frame, into a port's count of drops, or into its socket's.
 *
 * <p>Threads: confined.
 *
 * @param <C> the socket's counters
 */
public final class HostilePackets<C extends Enum<C>> {
    private final Map<String, List<Object>> accounts;
    private final Class<C> counters;
    private final List<String[]> sent;

    /**
     * @param accounts for each label the name of a segment, the name of a port and a {@link DropReason}, a counter of the socket's, or
     *     nothing for what is seen by the kernel alone
     * @param sent what {@link #script} has returned
     */
    public HostilePackets(Map<String, List<Object>> accounts, Class<C> counters, List<String[]> sent) {
        this.accounts = accounts;
        this.counters = counters;
        this.sent = sent;
    }

    /** Has a script beside a class run in a namespace; returns the words of each line that it prints, two at most. */
    public static List<String[]> script(
            Class<?> beside, String name, Path folder, NetworkNamespace where, String... arguments) throws Exception {
        Path program = folder.resolve(name);
        try (InputStream source = beside.getResourceAsStream(name)) {
            Files.write(program, source.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of("/usr/bin/python3", program.toString()));
        command.addAll(List.of(arguments));
        return where.run(command.toArray(String[]::new))
                .lines()
                .map(line -> line.split(" ", 2))
                .toList();
    }

    /**
     * Waits until all is where it belongs.
     *
     * @param lost labels that this site does not see
     */
    public void awaitIn(ExposedSite<C> site, Predicate<String> lost) throws InterruptedException {
        Map<String, List<String>> frames = new TreeMap<>();
        Map<String, Map<DropReason, Long>> drops = new TreeMap<>();
        Map<C, Long> refused = new EnumMap<>(counters);
        for (String[] line : sent) {
            List<Object> account = accounts.get(line[0]);
            assertThat(account).as(line[0]).isNotNull();
            if (account.isEmpty() || lost.test(line[0])) {
                continue;
            }
            if (account.size() == 2) {
                drops.computeIfAbsent((String) account.get(0), port -> new EnumMap<>(DropReason.class))
                        .merge((DropReason) account.get(1), 1L, Long::sum);
            } else if (counters.isInstance(account.get(0))) {
                refused.merge(counters.cast(account.get(0)), 1L, Long::sum);
            } else {
                frames.computeIfAbsent((String) account.get(0), segment -> new ArrayList<>())
                        .add(line[1]);
            }
        }
        assertThat(sent.stream().map(line -> line[0]).distinct()).hasSize(accounts.size());
        long expected = frames.values().stream().mapToLong(List::size).sum();
        try {
            NetworkNamespace.await(
                    "all is taken in",
                    () -> site.frames() >= expected
                            && site.drops().equals(drops)
                            && site.refused().equals(refused));
        } finally { // which says what is missing
            assertThat(site.refused()).isEqualTo(refused);
            assertThat(site.drops()).isEqualTo(drops);
            Map<String, List<String>> received = site.received();
            assertThat(received.keySet()).isEqualTo(frames.keySet());
            frames.forEach((segment, each) -> assertThat(received.get(segment))
                    .as("segment " + segment)
                    .containsExactlyInAnyOrderElementsOf(each));
        }
        site.settled();
    }
}
