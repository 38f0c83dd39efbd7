package io.weft.examples.hosts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * A virtual machine: QEMU with a small Linux in it, whose one network card is plugged into a unix socket. It needs no
 * root. It stays up, answering pings, until it is closed.
 *
 * <p>Threads: one of its own, which starts QEMU and reads its console, and from which the listener hears.
 */
public final class QemuHost implements Host {
    /** {@code sun_path} has 108 bytes, one of them for the final zero; see unix(7). */
    private static final int MAX_SOCKET_PATH_LENGTH = 107;

    /** What an error message quotes of the console. */
    private static final int CONSOLE_TAIL_LINES = 12;

    private static final String KERNEL_PANIC = "Kernel panic";

    /**
     * @param address its address; the name goes into messages only
     * @param plan whom it pings; empty: it only answers
     * @param link where its network card is plugged in; empty: it has none
     * @param accelerator how QEMU runs it
     * @param memoryMiB its memory; the image needs about 100
     */
    public record Config(
            HostAddress address, Optional<PingPlan> plan, Optional<Link> link, Accelerator accelerator, int memoryMiB) {

        /** With TCG and 128 MiB, connecting to a socket that someone listens on, and only answering. */
        public static Config connectingTo(Path socket, HostAddress address) {
            return new Config(address, Optional.empty(), Optional.of(new Link(socket, false)), Accelerator.TCG, 128);
        }

        public Config withPlan(PingPlan newPlan) {
            return new Config(address, Optional.of(newPlan), link, accelerator, memoryMiB);
        }

        public Config withLink(Optional<Link> newLink) {
            return new Config(address, plan, newLink, accelerator, memoryMiB);
        }

        public Config withAccelerator(Accelerator newAccelerator) {
            return new Config(address, plan, link, newAccelerator, memoryMiB);
        }
    }

    /**
     * A unix socket with QEMU's stream framing: each frame after its length, 4 bytes, big-endian.
     *
     * @param socket at most 107 bytes
     * @param listens whether QEMU makes the socket and listens; else it connects, once, when it starts
     */
    public record Link(Path socket, boolean listens) {
        public Link {
            if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH_LENGTH) {
                throw new IllegalArgumentException("socket path '" + socket + "' is too long: accepted are "
                        + MAX_SOCKET_PATH_LENGTH + " bytes; a shorter TMPDIR helps");
            }
        }
    }

    private final QemuProgram qemu;
    private final GuestImage image;
    private final Config config;
    private final HostReport report;
    private final CompletableFuture<Process> started = new CompletableFuture<>();
    private final Deque<String> consoleTail = new ArrayDeque<>();
    private boolean panicked; // guarded by consoleTail
    private Thread thread;
    private volatile boolean closing;

    public QemuHost(QemuProgram qemu, GuestImage image, Config config) {
        this.qemu = qemu;
        this.image = image;
        this.config = config;
        report = new HostReport(this, config.plan());
    }

    @Override
    public HostAddress address() {
        return config.address();
    }

    @Override
    public synchronized void start(HostListener listener) throws HostException {
        if (thread != null || closing) {
            throw new IllegalStateException(config.address().name() + " was started already");
        }
        if (config.link().isPresent()
                && !config.link().get().listens()
                && !Files.exists(config.link().get().socket())) {
            // QEMU 7.2 would boot all the same and be without a network.
            throw new HostException("nothing listens on " + config.link().get().socket() + ", where "
                    + config.address().name() + " is to be plugged in");
        }
        report.tell(listener);
        thread = new Thread(this::runMachine, "weft-qemu-" + config.address().name());
        thread.setDaemon(true);
        thread.start();
        try {
            started.join();
        } catch (CompletionException e) {
            throw new HostException(
                    "cannot start " + qemu.file() + ": " + e.getCause().getMessage(), e.getCause());
        }
    }

    /** The console's thread starts the process as well, for QEMU is told to end when its parent thread does. */
    private void runMachine() {
        Process process;
        try {
            process =
                    new ProcessBuilder(commandLine()).redirectErrorStream(true).start();
            process.getOutputStream().close();
        } catch (IOException e) {
            started.completeExceptionally(e);
            return;
        }
        started.complete(process);
        Command.readLines(process, new Consumer<>() {
            private boolean first = true;

            @Override
            public void accept(String line) {
                if (first) {
                    first = false;
                    report.report(new HostEvent.Starting("QEMU " + qemu.version() + ", " + config.accelerator()));
                }
                consoleLine(line);
            }
        });
        if (!closing) {
            Command.end(process); // its console is closed, so it has ended or is about to
            report.fail("QEMU ended with exit code " + process.exitValue() + "; its last words: " + lastWords());
        }
    }

    private void consoleLine(String line) {
        remember(line);
        Optional<HostEvent> event = GuestConsole.event(line, config.address());
        if (event.isPresent() && event.get() instanceof HostEvent.Failed failed) {
            report.fail(failed.reason());
        } else {
            event.ifPresent(report::report);
        }
    }

    /** Keeps the last lines; if the guest's kernel panics, the line that says why, and not the trace that follows. */
    private void remember(String line) {
        synchronized (consoleTail) {
            if (panicked) {
                return;
            }
            panicked = line.contains(KERNEL_PANIC);
            if (panicked) {
                consoleTail.clear();
            }
            consoleTail.addLast(line);
            if (consoleTail.size() > CONSOLE_TAIL_LINES) {
                consoleTail.removeFirst();
            }
        }
    }

    /** The end of the console, without what would move the reader's cursor. */
    String lastWords() {
        synchronized (consoleTail) {
            return String.join(" | ", consoleTail)
                    .replaceAll("\u001b(\\[[?0-9;]*[A-Za-z]|c)", "")
                    .replaceAll("\\p{Cntrl}", "");
        }
    }

    /** The whole command line; for tests and for people who ask how it was started. */
    List<String> commandLine() {
        List<String> words = new ArrayList<>();
        // Should this process be killed, the kernel ends QEMU too (it would run on for ever without a reader).
        LocalMachine.program("setpriv")
                .ifPresent(setpriv -> words.addAll(List.of(setpriv.toString(), "--pdeathsig", "TERM", "--")));
        words.addAll(List.of(qemu.file().toString(), "-nodefaults", "-no-user-config", "-no-reboot", "-nographic"));
        words.addAll(List.of("-serial", "stdio", "-m", config.memoryMiB() + "M"));
        words.addAll(List.of("-accel", config.accelerator().name().toLowerCase(Locale.ROOT)));
        if (config.accelerator() == Accelerator.KVM) {
            words.addAll(List.of("-cpu", "host"));
        }
        config.link().ifPresent(link -> {
            words.add("-netdev");
            // A comma in a value is written twice.
            words.add("stream,id=n0,server=" + (link.listens() ? "on" : "off") + ",addr.type=unix,addr.path="
                    + link.socket().toString().replace(",", ",,"));
            // Without a link status the guest takes the link to be up at once; with one, Linux takes a second to
            // believe
            // it, and IPv6 is deaf until then.
            words.add("-device");
            words.add("virtio-net-pci,netdev=n0,romfile=,status=off,mac="
                    + config.address().mac());
        });
        words.addAll(List.of(
                "-kernel", image.kernel().toString(), "-initrd", image.initrd().toString()));
        words.addAll(List.of("-append", kernelCommandLine()));
        return words;
    }

    /**
     * With no_timer_check, for Linux tests at boot whether timer interrupts come in time, and panics if they do not: on a
     * busy machine they are late.
     */
    private String kernelCommandLine() {
        StringBuilder line = new StringBuilder("console=ttyS0 quiet panic=-1 no_timer_check weft.keep=1")
                .append(" weft.ip4=" + config.address().ip4WithPrefix())
                .append(" weft.ip6=" + config.address().ip6WithPrefix());
        config.plan().ifPresent(plan -> line.append(" weft.role=ping")
                .append(" weft.ping4=" + plan.peer().ip4())
                .append(" weft.ping6=" + plan.peer().ip6())
                .append(" weft.count=" + plan.count())
                .append(" weft.wait=" + plan.peerWait().toSeconds()));
        return line.toString();
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
    public synchronized void close() {
        closing = true;
        if (started.isDone() && !started.isCompletedExceptionally()) {
            Command.end(started.join());
        }
        report.closed();
        Command.join(thread);
    }
}
