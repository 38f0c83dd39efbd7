package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.capture.Capture;
import io.weft.capture.PortCapture.Point;
import io.weft.event.SwitchListener;
import io.weft.examples.hosts.Accelerator;
import io.weft.examples.hosts.GuestImage;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.HostException;
import io.weft.examples.hosts.HostsChoice;
import io.weft.examples.hosts.HostsKind;
import io.weft.examples.hosts.IpVersion;
import io.weft.examples.hosts.KvmProbe;
import io.weft.examples.hosts.PingPlan;
import io.weft.examples.hosts.PingResult;
import io.weft.examples.hosts.QemuProgram;
import io.weft.examples.hosts.Topology;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Two hosts, each plugged into a switch of its own, the two switches joined by a WebSocket tunnel; host 1 pings host 2 over
 * IPv4 and IPv6. The hosts are virtual machines where the machine has what that takes.
 *
 * <pre>
 *   VM 1 ── unix socket ── switch 1 ══ WebSocket ══ switch 2 ── unix socket ── VM 2
 * </pre>
 */
@Command(
        name = "two-vm-bridge",
        description = "Joins two virtual machines by two switches and a WebSocket tunnel, and lets one ping the other.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Exit code 0 only if all pings were answered."})
public final class TwoVmBridge implements Callable<Integer> {
    @Option(
            names = "--hosts",
            paramLabel = "KIND",
            description =
                    "vm, netns (network namespaces with TAP devices; needs root) or memory (tiny hosts in this process)."
                            + " Default: the first of them that this machine can do.")
    private String hosts;

    @Option(
            names = "--accel",
            paramLabel = "NAME",
            description =
                    "How QEMU runs the guests: tcg or kvm. Default: kvm if a short probe boot succeeds, else tcg.")
    private Accelerator accelerator;

    @Option(names = "--tls", description = "Use wss, with a certificate made on the spot.")
    private boolean tls;

    @Option(names = "--pcap", paramLabel = "FILE", description = "Record what passes the tunnel into a pcapng file.")
    private Path pcap;

    @Option(names = "--keep", description = "Leave everything running until Ctrl-C.")
    private boolean keep;

    private final PrintStream out = System.out;
    private final long startedNs = System.nanoTime();
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final CompletableFuture<Void> broken = new CompletableFuture<>(); // a host ended: nobody will answer

    private TwoVmBridge() {}

    /** Runs the example. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        return new CommandLine(new TwoVmBridge())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args);
    }

    @Override
    public Integer call() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Thread main = Thread.currentThread();
        Thread hook = new Thread(() -> end(main, ended), "two-vm-bridge-end");
        Runtime.getRuntime().addShutdownHook(hook);
        Path folder = Files.createTempDirectory("weft-");
        try {
            return bridge(folder) ? 0 : 1;
        } catch (HostException | IOException e) {
            System.err.println("two-vm-bridge: " + e.getMessage());
            return 1;
        } catch (IllegalArgumentException e) {
            System.err.println("two-vm-bridge: " + e.getMessage());
            return 2;
        } catch (InterruptedException e) {
            return 130;
        } finally {
            delete(folder);
            ended.countDown();
        }
    }

    /** On Ctrl-C: lets the main thread take everything down before the process ends. */
    private void end(Thread main, CountDownLatch ended) {
        if (ended.getCount() == 0) {
            return;
        }
        interrupted.countDown();
        main.interrupt();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean bridge(Path folder) throws IOException, InterruptedException, HostException {
        try (HostRack rack = chooseHosts(folder);
                VirtualSwitch switch1 = newSwitch("switch 1");
                VirtualSwitch switch2 = newSwitch("switch 2")) {
            String tunnel = joinSwitches(switch1, switch2, folder);
            HostAddress address1 = address(rack, 1);
            HostAddress address2 = address(rack, 2);
            try (Host host1 = rack.plugIn(switch1, address1, Optional.of(PingPlan.of(address2)));
                    Host host2 = rack.plugIn(switch2, address2, Optional.empty())) {
                draw(rack.link(), address1, address2, tunnel);
                host2.start(this::tell);
                host1.start(this::tell);
                boolean answered4 = answered(host1, IpVersion.IPV4);
                boolean answered6 = answered(host1, IpVersion.IPV6);
                show(switch1);
                show(switch2);
                if (keep) {
                    say("Everything is left running; Ctrl-C ends it.");
                    interrupted.await();
                }
                return answered4 && answered6;
            }
        } finally {
            if (pcap != null && Files.exists(pcap)) {
                say("The tunnel was recorded in " + pcap + ".");
            }
        }
    }

    // ---- hosts ----

    private HostRack chooseHosts(Path folder) throws HostException {
        Map<HostsKind, HostsChoice.Check> checks = HostsChoice.checks(this::say);
        HostsChoice choice =
                hosts == null ? HostsChoice.best(checks) : HostsChoice.askedFor(HostsKind.fromOption(hosts), checks);
        choice.explain().forEach(this::say);
        return switch (choice.kind()) {
            case VM -> {
                QemuProgram qemu = QemuProgram.find();
                GuestImage image = GuestImage.make(this::say);
                KvmProbe.Choice accel = new KvmProbe(qemu, image).choose(Optional.ofNullable(accelerator), this::say);
                say("QEMU " + qemu.version() + " runs them with " + accel.accelerator() + ": " + accel.reason() + ".");
                yield HostRack.virtualMachines(qemu, image, accel.accelerator(), folder);
            }
            case NETNS -> HostRack.namespaces();
            case MEMORY -> HostRack.memory();
        };
    }

    private static HostAddress address(HostRack rack, int number) {
        return new HostAddress(
                rack.hostName() + " " + number,
                "52:54:00:00:00:0" + number,
                "10.99.0." + number + "/24",
                "fd00:99::" + number + "/64");
    }

    private boolean answered(Host host, IpVersion version) throws InterruptedException {
        CompletableFuture<PingResult> result = host.pingResult(version);
        try {
            CompletableFuture.anyOf(result, broken).get();
            return result.isDone() && result.join().ok();
        } catch (ExecutionException e) {
            return false; // the host has told why
        }
    }

    private void tell(Host host, HostEvent event) {
        say("[" + host.address().name() + "] " + event.describe());
        if (event instanceof HostEvent.Failed) {
            broken.complete(null);
        }
    }

    // ---- switches ----

    private VirtualSwitch newSwitch(String name) {
        return VirtualSwitch.builder()
                .name(name)
                .listener(new SwitchListener() {
                    @Override
                    public void portUp(String port) {
                        say("[" + name + "] port " + port + " is up");
                    }

                    @Override
                    public void portDown(String port, String reason) {
                        say("[" + name + "] port " + port + " is down: " + reason);
                    }
                })
                .build();
    }

    /** Switch 1 listens, switch 2 connects; returns the tunnel's address. */
    private String joinSwitches(VirtualSwitch switch1, VirtualSwitch switch2, Path folder)
            throws IOException, InterruptedException {
        String address = "127.0.0.1:" + LoopbackPort.free() + "/";
        String listener = "ws-listen://" + address + "?name=tunnel";
        String client = "ws://" + address;
        if (tls) {
            SelfSignedCertificate pair = SelfSignedCertificate.create(folder);
            listener = "wss-listen://" + address + "?name=tunnel&cert=" + pair.certificate() + "&key=" + pair.key();
            client = "wss://" + address + "?ca=" + pair.certificate();
        }
        if (pcap != null) { // what comes of the listener has names that begin with the listener's
            Capture tunnel =
                    Capture.portsWhere(name -> name.startsWith("tunnel-")).points(Point.RX, Point.TX);
            switch1.capture(tunnel, pcap);
        }
        switch1.add(listener);
        switch2.add(client);
        return (tls ? "wss://" : "ws://") + address;
    }

    // ---- what the user sees ----

    private void draw(String link, HostAddress address1, HostAddress address2, String tunnel) {
        Topology topology = new Topology(
                column(address1, link, "switch 1"),
                column(address2, link, "switch 2"),
                List.of("WebSocket tunnel", tunnel));
        out.println();
        topology.draw(Topology.standardOutputCharset()).forEach(line -> out.println("  " + line));
        out.println();
    }

    private static Topology.Column column(HostAddress address, String link, String lan) {
        return new Topology.Column(List.of(address.name(), address.ip4(), address.ip6()), List.of(link), List.of(lan));
    }

    private void show(VirtualSwitch lan) {
        SwitchReport report = new SwitchReport(lan);
        out.println();
        out.println(lan.name());
        out.print(report.ports());
        out.println();
        out.print(report.stations());
        out.flush();
    }

    private synchronized void say(String text) {
        out.printf("%6.2f s  %s%n", (System.nanoTime() - startedNs) / 1e9, text);
        out.flush();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
