package io.weft.examples.hosts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network namespace with one TAP device in it: this machine's own kernel as a host behind a switch's TAP port. Needs
 * root, {@code ip} and {@code ping}.
 *
 * <p>The TAP device is the switch's: it must exist when the host starts, and goes back to where it was when the host is
 * closed.
 *
 * <p>Threads: one of its own while it pings, from which the listener hears.
 */
public final class NamespaceHost implements Host {
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(10);

    /** Makes names unique within this process; the process id does so on this machine. */
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final HostAddress address;
    private final Optional<PingPlan> plan;
    private final String tapDevice;
    private final String namespace;
    private final HostReport report;
    private Thread thread;
    private boolean namespaceMade;
    private Process ping; // guarded by this, as are thread, namespaceMade and closing
    private boolean closing;

    /**
     * @param plan whom it pings; empty: it only answers
     * @param tapDevice the name of a device that exists, at most 15 characters
     */
    public NamespaceHost(HostAddress address, Optional<PingPlan> plan, String tapDevice) {
        this.address = address;
        this.plan = plan;
        this.tapDevice = tapDevice;
        namespace = newNamespaceName();
        report = new HostReport(this, plan);
    }

    /**
     * Checks what it takes.
     *
     * @param command what the user had run, to be named where it needs root
     * @throws HostException if this process cannot make network namespaces, with the reason and what changes that
     */
    public static void check(String command) throws HostException {
        String ip = LocalMachine.requireProgram("ip", "iproute2").toString();
        LocalMachine.requireProgram("ping", "iputils-ping");
        if (!LocalMachine.hasCapability(LocalMachine.CAP_NET_ADMIN)
                || !LocalMachine.hasCapability(LocalMachine.CAP_SYS_ADMIN)) {
            throw new HostException(
                    "network namespaces and TAP devices need root (CAP_NET_ADMIN and CAP_SYS_ADMIN); sudo " + command);
        }
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            throw new HostException("there is no /dev/net/tun; modprobe tun");
        }
        // In a container, root may still not be allowed to.
        String probe = newNamespaceName();
        Command.run(COMMAND_LIMIT, List.of(ip, "netns", "add", probe));
        Command.run(COMMAND_LIMIT, List.of(ip, "netns", "delete", probe));
    }

    static String newNamespaceName() {
        return "weft-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
    }

    /** The namespace's name, for {@code ip netns exec}. */
    public String namespace() {
        return namespace;
    }

    @Override
    public HostAddress address() {
        return address;
    }

    @Override
    public synchronized void start(HostListener listener) throws HostException {
        if (namespaceMade || closing) {
            throw new IllegalStateException(address.name() + " was started already");
        }
        report.tell(listener);
        report.report(new HostEvent.Starting("network namespace " + namespace + " with " + tapDevice));
        try {
            makeNamespace();
        } catch (HostException e) {
            close();
            throw e;
        }
        report.report(new HostEvent.Up(address));
        if (plan.isPresent()) {
            thread = new Thread(() -> pingPeer(plan.get()), "weft-ping-" + address.name());
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void makeNamespace() throws HostException {
        ip("netns", "add", namespace);
        namespaceMade = true;
        ip("link", "set", "dev", tapDevice, "netns", namespace);
        ip("-n", namespace, "link", "set", "dev", "lo", "up");
        ip("-n", namespace, "link", "set", "dev", tapDevice, "address", address.mac());
        ip("-n", namespace, "address", "add", address.ip4WithPrefix(), "dev", tapDevice);
        // No duplicate address detection: it would hold the address back for a second or two.
        ip("-n", namespace, "address", "add", address.ip6WithPrefix(), "dev", tapDevice, "nodad");
        ip("-n", namespace, "link", "set", "dev", tapDevice, "up");
    }

    private void pingPeer(PingPlan pings) {
        try {
            for (IpVersion version : IpVersion.values()) {
                String peer = pings.peer().ip(version);
                PingResult result = waitForPeer(pings, version, peer)
                        .orElseGet(() -> ping(version, pings.count(), PingPlan.LAST_ANSWER_WAIT, peer, true));
                report.report(new HostEvent.Pinged(result));
            }
        } catch (HostStopped e) {
            if (!isClosing()) {
                report.fail(e.getMessage());
            }
        }
    }

    /** Pings until the first answer; if there is none, what came of that. */
    private Optional<PingResult> waitForPeer(PingPlan pings, IpVersion version, String peer) {
        Duration oneWait = Duration.ofSeconds(1); // a ping without an answer takes that long
        int maxTries = Math.toIntExact(pings.peerWait().toSeconds() / oneWait.toSeconds());
        for (int tries = 1; tries <= maxTries; tries++) {
            if (ping(version, 1, oneWait, peer, false).received() > 0) {
                return Optional.empty();
            }
            if (tries == 1) {
                report.report(new HostEvent.Waiting(peer));
            }
        }
        return Optional.of(new PingResult(version, maxTries, 0, 0, 0, 0));
    }

    private PingResult ping(IpVersion version, int count, Duration lastWait, String peer, boolean tellReplies) {
        PingOutput output = new PingOutput(version);
        List<String> lines = new ArrayList<>();
        Process process = startPing(List.of(
                "ip",
                "netns",
                "exec",
                namespace,
                "ping",
                "-" + version.number(),
                "-n",
                "-c",
                String.valueOf(count),
                "-i",
                String.valueOf(PingPlan.INTERVAL.toMillis() / 1e3),
                "-W",
                String.valueOf(lastWait.toSeconds()),
                peer));
        try {
            Command.readLines(process, line -> {
                lines.add(line);
                output.line(line).filter(reply -> tellReplies).ifPresent(report::report);
            });
        } finally {
            Command.end(process);
        }
        if (output.result().sent() == 0) {
            throw new HostStopped("ping " + peer + " failed: " + String.join("; ", lines));
        }
        return output.result();
    }

    private synchronized Process startPing(List<String> command) {
        if (closing) {
            throw new HostStopped("closed");
        }
        try {
            ping = new ProcessBuilder(command).redirectErrorStream(true).start();
            ping.getOutputStream().close();
            return ping;
        } catch (IOException e) {
            throw new HostStopped("cannot run " + String.join(" ", command) + ": " + e.getMessage());
        }
    }

    private synchronized boolean isClosing() {
        return closing;
    }

    /** The pings cannot go on. */
    private static final class HostStopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        HostStopped(String reason) {
            super(reason);
        }
    }

    private static void ip(String... arguments) throws HostException {
        List<String> words = new ArrayList<>();
        words.add(LocalMachine.requireProgram("ip", "iproute2").toString());
        words.addAll(List.of(arguments));
        Command.run(COMMAND_LIMIT, words);
    }

    @Override
    public CompletableFuture<Void> up() {
        return report.up();
    }

    @Override
    public CompletableFuture<PingResult> pingResult(IpVersion version) {
        return report.pingResult(version);
    }

    @Override
    public void close() {
        boolean hasNamespace;
        synchronized (this) {
            closing = true;
            hasNamespace = namespaceMade;
            namespaceMade = false;
            if (ping != null) {
                Command.end(ping);
            }
        }
        report.closed();
        Command.join(thread);
        if (hasNamespace) {
            // The device goes first, or it would be deleted with the namespace under the port that reads it.
            ipAsFarAsPossible("-n", namespace, "link", "set", "dev", tapDevice, "netns", ownProcessId());
            ipAsFarAsPossible("netns", "delete", namespace);
        }
    }

    private static String ownProcessId() {
        return String.valueOf(ProcessHandle.current().pid());
    }

    private void ipAsFarAsPossible(String... arguments) {
        try {
            ip(arguments);
        } catch (HostException e) {
            // The device may be gone already, with its port; the rest must still be cleaned up.
            System.getLogger(NamespaceHost.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing " + address.name() + ": " + e.getMessage());
        }
    }
}
