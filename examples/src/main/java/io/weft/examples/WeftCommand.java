package io.weft.examples;

import io.weft.TrafficRecord;
import io.weft.VirtualSwitch;
import io.weft.Wire;
import io.weft.capture.Capture;
import io.weft.capture.PortCapture.Point;
import io.weft.event.Station;
import io.weft.event.SwitchListener;
import io.weft.fdb.Fdb;
import io.weft.port.InvalidPortException;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortProviders;
import io.weft.worker.IdleStrategy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code bin/weft}: one switch with the given ports, or a wire, in the foreground, until Ctrl-C or TERM. */
@Command(
        name = "weft",
        description =
                "Runs one switch with the given ports, or a wire between two, in the foreground, until Ctrl-C or TERM.",
        mixinStandardHelpOptions = true,
        version = "weft 0.1.0",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  weft tap:tap0 tap:tap1",
            "  weft tap:tap0 ws-listen://127.0.0.1:8080/",
            "  weft --wire tun:tun0?address=10.9.0.1/24 gre:gre0?remote_ip=192.0.2.2",
            "  weft --list-ports",
            "",
            "Exit codes: 1 a port could not be opened, 2 wrong usage, 130 ended by Ctrl-C, 143 ended by TERM."
        })
public final class WeftCommand implements Callable<Integer> {
    @Parameters(paramLabel = "PORT", description = "Ports as URIs, TYPE:NAME?OPTION=VALUE&...; see --list-ports.")
    private List<String> ports = new ArrayList<>();

    @Option(
            names = "--wire",
            description =
                    "Join exactly two ports by a wire in place of a switch: what comes in by one leaves by the other,"
                            + " and nothing is learned. For tun: with gre: or srv6:, whose packets have no Ethernet addresses.")
    private boolean wire;

    @Option(names = "--workers", paramLabel = "N", description = "Threads at most (default: as many as cores).")
    private Integer workers;

    @Option(
            names = "--spin",
            paramLabel = "MICROSECONDS",
            defaultValue = "0",
            description =
                    "How long a worker without work looks on before it sleeps, while that pays; wants cores to spare"
                            + " (default: ${DEFAULT-VALUE}).")
    private int spinMicroseconds;

    @Option(
            names = "--stats",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Print what every port moves, at this interval, as 1s or 500ms.")
    private Duration statsInterval;

    @Option(names = "--pcap", paramLabel = "FILE", description = "Record all frames of all ports into a pcapng file.")
    private Path pcap;

    @Option(
            names = "--fdb-capacity",
            paramLabel = "N",
            defaultValue = "" + Fdb.DEFAULT_CAPACITY,
            description = "Stations remembered at most (default: ${DEFAULT-VALUE}).")
    private int fdbCapacity;

    @Option(
            names = "--ageing",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            defaultValue = Fdb.DEFAULT_AGEING_SECONDS + "s",
            description = "Time after which an unseen station is forgotten (default: ${DEFAULT-VALUE}).")
    private Duration ageing;

    @Option(names = "--list-ports", description = "Print every port type found, with its options, and exit.")
    private boolean listPorts;

    @Option(
            names = {"-v", "--verbose"},
            description = "Print every event: stations learned, moved, aged.")
    private boolean verbose;

    @Spec
    private CommandSpec spec;

    private final CountDownLatch ended = new CountDownLatch(1);

    private WeftCommand() {}

    /** Runs the command. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        return new CommandLine(new WeftCommand()).execute(args);
    }

    /** Reads 500ms, 30s, 5m, 1h. */
    static final class TimeConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                String iso = text.endsWith("ms")
                        ? "PT" + Long.parseLong(text.substring(0, text.length() - 2)) / 1_000.0 + "S"
                        : "PT" + text;
                Duration time = Duration.parse(iso);
                if (time.isNegative() || time.isZero()) {
                    throw new IllegalArgumentException("not positive");
                }
                return time;
            } catch (RuntimeException e) {
                throw new TypeConversionException("'" + text + "' is not a time; accepted: 500ms, 1s, 5m, 1h");
            }
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (listPorts) {
            printPortTypes(out);
            return 0;
        }
        if (ports.isEmpty()) {
            err.println("weft: no ports given; try: weft tap:tap0 tap:tap1, or weft --help");
            return 2;
        }
        try {
            if (wire) {
                runWire(out);
            } else {
                runSwitch(out);
            }
            return 0;
        } catch (InvalidPortException e) {
            err.println("weft: " + e.getMessage());
            return 2;
        } catch (PortException e) {
            err.println("weft: " + e.getMessage());
            return 1;
        } catch (IllegalArgumentException e) {
            err.println("weft: " + e.getMessage());
            return 2;
        } catch (IOException e) {
            err.println("weft: --pcap: " + e.getMessage());
            return 1;
        } finally {
            out.flush();
            ended.countDown();
        }
    }

    private void runSwitch(PrintWriter out) throws IOException, InterruptedException {
        try (VirtualSwitch lan = newSwitch(out);
                TrafficRecord recording = pcap == null ? null : record(lan)) {
            for (String uri : ports) {
                lan.add(uri);
            }
            runUntilSignal("switching", new SwitchReport(lan), out);
            lan.close(); // first, so that everything is in the recording
            if (recording != null) {
                out.printf("recorded %s (%d frames, %d lost)%n", pcap, recording.recorded(), recording.lost());
            }
        }
    }

    private void runWire(PrintWriter out) throws PortException, InterruptedException {
        refuseOptionsOfSwitches();
        if (ports.size() != 2) {
            throw new IllegalArgumentException("--wire joins two ports; given: " + ports.size());
        }
        PortDriver a = PortProviders.create(ports.get(0));
        PortDriver b = PortProviders.create(ports.get(1));
        try (Wire joined = Wire.between(a, b, new EventPrinter(out, verbose))) {
            runUntilSignal("joining", new SwitchReport(joined), out);
        }
    }

    private void refuseOptionsOfSwitches() {
        Map<String, String> reasons = new LinkedHashMap<>();
        reasons.put("--workers", "a wire has one thread for each port");
        reasons.put("--spin", "the threads of a wire sleep at once when there is nothing to do");
        reasons.put("--pcap", "a wire records nothing; tcpdump can, at a device");
        reasons.put("--fdb-capacity", "a wire learns no stations");
        reasons.put("--ageing", "a wire learns no stations");
        reasons.forEach((option, reason) -> {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new IllegalArgumentException(option + ": not with --wire: " + reason);
            }
        });
    }

    /** What all ports receive and send, those included that a listener adds later. */
    private TrafficRecord record(VirtualSwitch lan) throws IOException {
        return lan.capture(Capture.allPorts().points(Point.RX, Point.TX), pcap);
    }

    private VirtualSwitch newSwitch(PrintWriter out) {
        VirtualSwitch.Builder builder = VirtualSwitch.builder()
                .fdbCapacity(fdbCapacity)
                .ageingTime(ageing)
                .idleStrategy(IdleStrategy.adaptive(Duration.of(spinMicroseconds, ChronoUnit.MICROS)))
                .listener(new EventPrinter(out, verbose));
        if (workers != null) {
            builder.workers(workers);
        }
        return builder.build();
    }

    /** Waits for Ctrl-C or TERM, printing statistics meanwhile; the process then waits for {@link #call} to end. */
    private void runUntilSignal(String doing, SwitchReport report, PrintWriter out) throws InterruptedException {
        CountDownLatch signalled = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    signalled.countDown();
                    awaitQuietly(ended);
                },
                "weft-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        out.println(doing + " " + report.portNames() + "; Ctrl-C ends it");
        out.flush();
        if (statsInterval == null) {
            signalled.await();
        } else {
            while (!signalled.await(statsInterval.toMillis(), TimeUnit.MILLISECONDS)) {
                out.println(report.rates());
                out.flush();
            }
        }
        out.println();
        out.print(report.ports());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            // A bound, so that a port that cannot be closed does not keep the process from ending.
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void printPortTypes(PrintWriter out) {
        for (PortProvider provider : PortProviders.all()) {
            out.println(provider.syntax());
            out.println("    " + provider.summary());
            for (PortOption<?> option : provider.options()) {
                out.printf("      %-18s %s%n", option.name(), option.meaning());
                out.printf(
                        "      %-18s accepted: %s%s%n",
                        "",
                        option.accepted(),
                        option.defaultText().isEmpty() ? "" : "; default: " + option.defaultText());
            }
            out.println();
        }
        out.flush();
    }

    /** Prints what happens to the ports, and if asked to the stations. */
    private static final class EventPrinter implements SwitchListener {
        private final PrintWriter out;
        private final boolean verbose;

        EventPrinter(PrintWriter out, boolean verbose) {
            this.out = out;
            this.verbose = verbose;
        }

        private void print(String text) {
            out.println(text);
            out.flush();
        }

        @Override
        public void portAdded(String port) {
            if (verbose) {
                print("port " + port + " added");
            }
        }

        @Override
        public void portRemoved(String port) {
            if (verbose) {
                print("port " + port + " removed");
            }
        }

        @Override
        public void portUp(String port) {
            print("port " + port + " is up");
        }

        @Override
        public void portDown(String port, String reason) {
            print("port " + port + " is down: " + reason);
        }

        @Override
        public void message(String driver, String text) {
            print(driver + ": " + text);
        }

        @Override
        public void learned(Station station) {
            if (verbose) {
                print("learned " + station);
            }
        }

        @Override
        public void moved(Station station) {
            if (verbose) {
                print("moved " + station);
            }
        }

        @Override
        public void aged(Station station) {
            if (verbose) {
                print("aged " + station);
            }
        }
    }
}
