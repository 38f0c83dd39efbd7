package io.weft;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An Open vSwitch of one's own: its userspace datapath in private processes. {@link #start} makes one with ports that exist only
 * there: frames go in through its control socket, one at a time, and come out in capture files. It keeps no flows, so that
 * every frame is forwarded anew and what was learned from the last one counts for the next. {@link #startIn} makes one with
 * real ports in a network namespace.
 *
 * <p>Threads: confined.
 */
public final class OpenVSwitch implements AutoCloseable {
    private static final String SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";
    private static final List<String> PROGRAMS = List.of("ovs-vswitchd", "ovsdb-server", "ovsdb-tool", "ovs-vsctl");
    private static final Pattern LOOKUPS = Pattern.compile("lookups: hit:(\\d+) missed:(\\d+) lost:(\\d+)");
    private static final long DEADLINE_S = 30; // only ever reached by a failure
    private static final int PCAP_HEADER_LENGTH = 24;

    private final Path directory;
    private final List<Process> daemons = new ArrayList<>();
    private final Map<String, Integer> read = new HashMap<>(); // bytes of each port's capture file
    private final ByteBuffer received = ByteBuffer.allocate(1 << 20);
    private SocketChannel control;

    private OpenVSwitch(Path directory) {
        this.directory = directory;
    }

    /** Why there can be none here, or {@code null}. */
    public static String missing() {
        return PROGRAMS.stream()
                .filter(program -> search(program) == null)
                .findFirst()
                .map(program -> program + " is not installed (bin/setup test installs openvswitch-switch)")
                .orElse(Files.exists(Path.of(SCHEMA)) ? null : "there is no " + SCHEMA);
    }

    private static Path search(String program) {
        return Stream.concat(
                        Arrays.stream(System.getenv("PATH").split(":")),
                        Stream.of("/usr/sbin", "/sbin")) // which are not on every user's
                .map(path -> Path.of(path, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /** Starts one that keeps everything in {@code directory}, whose path is to be short: sockets are in it. */
    static OpenVSwitch start(Path directory) throws Exception {
        return start(directory, null);
    }

    /**
     * Starts one whose bridges are to have {@code datapath_type=netdev}, and ports of the namespace; the same directory rule.
     */
    public static OpenVSwitch startIn(Path directory, String namespace) throws Exception {
        return start(directory, namespace);
    }

    private static OpenVSwitch start(Path directory, String namespace) throws Exception {
        OpenVSwitch started = new OpenVSwitch(directory);
        boolean complete = false;
        try {
            started.startDatabase();
            if (namespace == null) {
                started.startDummy();
            } else {
                started.startReal(namespace);
            }
            complete = true;
        } finally {
            if (!complete) {
                started.close();
            }
        }
        return started;
    }

    private void startDatabase() throws Exception {
        run("ovsdb-tool", "create", path("conf.db"), SCHEMA);
        daemon("ovsdb-server", path("conf.db"), "--remote=punix:" + path("db.sock"), "--unixctl=" + path("db.ctl"));
        await(() -> Files.exists(directory.resolve("db.sock")), "ovsdb-server listens");
        run("ovs-vsctl", "--no-wait", "--db=unix:" + path("db.sock"), "init");
    }

    private void startReal(String namespace) throws Exception {
        daemon(
                "ip",
                "netns",
                "exec",
                namespace,
                search("ovs-vswitchd").toString(),
                "unix:" + path("db.sock"),
                "--unixctl=" + path("ctl"),
                "--disable-system");
        await(this::connect, "ovs-vswitchd listens");
    }

    private void startDummy() throws Exception {
        daemon(
                "ovs-vswitchd",
                "unix:" + path("db.sock"),
                "--unixctl=" + path("ctl"),
                "--enable-dummy=override",
                "--disable-system");
        await(this::connect, "ovs-vswitchd listens");
        // Without flows there is nothing that would have to be brought up to date after a frame. The limit belongs to
        // the
        // datapath, which comes and goes with its bridges: one stays.
        vsctl("set", "open", ".", "other_config:flow-limit=0", "other_config:vlan-limit=2");
        vsctl("add-br", "idle", "--", "set", "bridge", "idle", "datapath_type=dummy");
        await(() -> call("upcall/show").contains("(limit 0)"), "the flow limit is taken over");
    }

    private boolean connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(directory.resolve("ctl")));
            control = channel;
        } catch (SocketException e) { // not there yet, or not listening yet
            channel.close();
        }
        return control != null;
    }

    private String path(String file) {
        return directory.resolve(file).toString();
    }

    private ProcessBuilder process(String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.set(0, search(command[0]).toString());
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
        for (String variable : List.of("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR", "OVS_SYSCONFDIR")) {
            builder.environment().put(variable, directory.toString());
        }
        return builder;
    }

    private void daemon(String... command) throws IOException {
        String log = daemons.isEmpty() ? "ovsdb-server.log" : "ovs-vswitchd.log";
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of("--no-chdir", "-vconsole:warn", "-vsyslog:off"));
        daemons.add(process(all.toArray(String[]::new))
                .redirectOutput(directory.resolve(log).toFile())
                .start());
    }

    private String run(String... command) throws Exception {
        Process process = process(command).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output + logs());
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    private String logs() throws IOException {
        return Files.readString(directory.resolve("ovs-vswitchd.log"));
    }

    /** Something to wait for. */
    private interface Condition {
        boolean holds() throws Exception;
    }

    private void await(Condition condition, String what) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0 || !daemons.stream().allMatch(Process::isAlive)) {
                throw new IllegalStateException("waited in vain for: " + what + "; " + logs());
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    // ---- configuration ----

    /** Changes or tells the configuration, by {@code ovs-vsctl}; in force when this returns. */
    public String vsctl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("ovs-vsctl", "--timeout=20", "--db=unix:" + path("db.sock")));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    /** What {@code ovs-vsctl} is told to add a port whose frames can be had by {@link #sent}. */
    List<String> addPort(String bridge, String port, String... columns) {
        List<String> arguments = new ArrayList<>(List.of("--", "add-port", bridge, port));
        arguments.addAll(List.of(columns));
        arguments.addAll(List.of("--", "set", "interface", port, "type=dummy", "options:tx_pcap=" + path(port)));
        return arguments;
    }

    /** Changes flows, by {@code ovs-ofctl}. */
    public void ofctl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("ovs-ofctl"));
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    // ---- frames ----

    /** Gives a frame to a port and waits until it has been forwarded. */
    void receive(String port, byte[] frame) throws Exception {
        long before = lookups();
        call("netdev-dummy/receive", port, HexFormat.of().formatHex(frame));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (lookups() == before) { // each look has it go round its main loop
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("a frame was not forwarded; " + logs());
            }
        }
    }

    private long lookups() throws IOException {
        Matcher matcher = LOOKUPS.matcher(call("dpctl/show"));
        if (!matcher.find()) {
            throw new IllegalStateException("dpctl/show has no lookups");
        }
        return Long.parseLong(matcher.group(1)) + Long.parseLong(matcher.group(2)) + Long.parseLong(matcher.group(3));
    }

    /** What a port has sent since this was asked before. */
    List<byte[]> sent(String port) throws IOException {
        ByteBuffer capture =
                ByteBuffer.wrap(Files.readAllBytes(directory.resolve(port))).order(ByteOrder.nativeOrder());
        capture.position(read.getOrDefault(port, PCAP_HEADER_LENGTH));
        List<byte[]> frames = new ArrayList<>();
        while (capture.hasRemaining()) {
            byte[] frame = new byte[capture.getInt(capture.position() + 8)];
            capture.position(capture.position() + 16);
            capture.get(frame);
            frames.add(frame);
        }
        read.put(port, capture.position());
        return frames;
    }

    // ---- its control socket: JSON-RPC, one object after the other ----

    /** Calls a command of {@code ovs-appctl}. */
    public String call(String method, String... parameters) throws IOException {
        StringBuilder request = new StringBuilder("{\"id\":0,\"method\":\"" + method + "\",\"params\":[");
        for (int i = 0; i < parameters.length; i++) {
            request.append(i == 0 ? "" : ",").append('"').append(parameters[i]).append('"');
        }
        ByteBuffer bytes = ByteBuffer.wrap(request.append("]}").toString().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            control.write(bytes);
        }
        String reply = readObject();
        if (!reply.contains("\"error\":null")) {
            throw new IllegalStateException(method + " " + String.join(" ", parameters) + ": " + reply);
        }
        return reply;
    }

    private String readObject() throws IOException {
        received.clear();
        int depth = 0;
        boolean quoted = false;
        for (int at = 0; ; at++) {
            while (at == received.position()) {
                if (control.read(received) < 0) {
                    throw new IOException("ovs-vswitchd has ended: " + logs());
                }
            }
            byte next = received.get(at);
            if (quoted && next == '\\') {
                at++;
            } else if (next == '"') {
                quoted = !quoted;
            } else if (!quoted && next == '{') {
                depth++;
            } else if (!quoted && next == '}' && --depth == 0) {
                return new String(received.array(), 0, at + 1, StandardCharsets.UTF_8);
            }
        }
    }

    @Override
    public void close() throws Exception {
        if (control != null) {
            control.close();
        }
        daemons.forEach(Process::destroy);
        for (Process daemon : daemons) {
            if (!daemon.waitFor(5, TimeUnit.SECONDS)) {
                daemon.destroyForcibly().waitFor();
            }
        }
    }
}
