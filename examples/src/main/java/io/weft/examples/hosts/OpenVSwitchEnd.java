package io.weft.examples.hosts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * An Open vSwitch of its own as the far end of a GRE tunnel: its userspace datapath in a network namespace, with database,
 * sockets and logs in a temporary folder, so that it has nothing to do with one that this machine may run. The namespace is on
 * the other end of a cable (a veth pair) from a second one, in which a switch's GRE port is to have its sockets.
 *
 * <p>It has two bridges. {@code under} has the cable, and the tunnel's address is its own. {@code over} has the tunnel and the
 * interface {@code host}: the namespace's kernel, which answers pings.
 *
 * <p>Needs root, {@code ip} and Debian's openvswitch-switch.
 *
 * <p>Threads: confined, but for {@link #close}, which the end of the JVM calls too.
 */
public final class OpenVSwitchEnd implements AutoCloseable {
    /** Open vSwitch's address in the underlay. */
    public static final String ADDRESS = "192.0.2.2";

    /** The other end of the cable: the address for the switch. */
    public static final String PEER = "192.0.2.1";

    private static final Path SCHEMA = Path.of("/usr/share/openvswitch/vswitch.ovsschema");
    private static final String PACKAGE = "openvswitch-switch";
    private static final String SECONDS = "20";
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(30); // the programs' own one comes first

    private final HostAddress address;
    private final UnderlayCable cable;
    private final Path folder;
    private final Deque<Process> daemons = new ArrayDeque<>(); // guarded by this, as is closed
    private boolean closed;

    private OpenVSwitchEnd(HostAddress address, UnderlayCable cable, Path folder) {
        this.address = address;
        this.cable = cable;
        this.folder = folder;
    }

    /** @throws HostException if Open vSwitch is not installed, with the command that changes that */
    public static void check() throws HostException {
        for (String program : List.of("ovsdb-tool", "ovsdb-server", "ovs-vsctl", "ovs-vswitchd")) {
            LocalMachine.requireProgram(program, PACKAGE);
        }
        if (!Files.exists(SCHEMA)) {
            throw new HostException("there is no " + SCHEMA + "; "
                    + LocalMachine.asRoot("apt-get install --reinstall --no-install-recommends " + PACKAGE));
        }
    }

    /**
     * Starts Open vSwitch with one tunnel.
     *
     * @param address of the host behind it, inside the tunnel
     * @param key of the tunnel, both ways, 0..4294967295
     * @throws HostException if that cannot be done; nothing is left behind then
     */
    public static OpenVSwitchEnd open(HostAddress address, long key) throws HostException {
        Path folder;
        try {
            folder = Files.createTempDirectory("weft-ovs");
        } catch (IOException e) {
            throw new HostException("no temporary folder: " + e.getMessage(), e);
        }
        OpenVSwitchEnd end = null;
        boolean complete = false;
        try {
            end = new OpenVSwitchEnd(address, UnderlayCable.lay(PEER + "/24"), folder);
            // Ended by TERM, this program is not to leave another one behind.
            Runtime.getRuntime().addShutdownHook(new Thread(end::close, "weft-ovs-shutdown"));
            end.startDaemons();
            end.addBridges();
            end.addTunnel(key);
            complete = true;
        } finally {
            if (!complete) {
                if (end == null) {
                    delete(folder);
                } else {
                    end.close();
                }
            }
        }
        return end;
    }

    /** The namespace for the switch's port, where {@link #PEER} is. */
    public String underlay() {
        return cable.near();
    }

    /** Who is behind Open vSwitch. */
    public HostAddress address() {
        return address;
    }

    private void startDaemons() throws HostException {
        run("ovsdb-tool", "create", file("conf.db"), SCHEMA.toString());
        daemon(
                "ovsdb-server.log",
                List.of(
                        program("ovsdb-server"),
                        file("conf.db"),
                        "--remote=punix:" + file("db.sock"),
                        "--unixctl=" + file("db.ctl")));
        vsctl("--retry", "--no-wait", "init"); // again and again, until the database answers
        daemon(
                "ovs-vswitchd.log",
                List.of(
                        program("ip"),
                        "netns",
                        "exec",
                        cable.far(),
                        program("ovs-vswitchd"),
                        "unix:" + file("db.sock"),
                        "--unixctl=" + file("vs.ctl"),
                        "--disable-system")); // not the kernel's datapath
    }

    private void addBridges() throws HostException {
        for (String bridge : List.of("under", "over")) {
            vsctl("add-br", bridge, "--", "set", "bridge", bridge, "datapath_type=netdev");
        }
        vsctl("add-port", "under", UnderlayCable.DEVICE);
        cable.ipFar("address", "add", ADDRESS + "/24", "dev", "under");
        cable.ipFar("link", "set", "dev", "under", "up");
        String mac = "mac=\"" + address.mac() + "\"";
        vsctl("add-port", "over", "host", "--", "set", "interface", "host", "type=internal", mac);
        cable.ipFar("address", "add", address.ip4WithPrefix(), "dev", "host");
        cable.ipFar("address", "add", address.ip6WithPrefix(), "dev", "host", "nodad");
        cable.ipFar("link", "set", "dev", "host", "up");
    }

    private void addTunnel(long key) throws HostException {
        vsctl(
                "add-port",
                "over",
                "gre0",
                "--",
                "set",
                "interface",
                "gre0",
                "type=gre",
                "options:local_ip=" + ADDRESS,
                "options:remote_ip=" + PEER,
                "options:key=" + key);
    }

    /** Changes the configuration; in force when this returns. */
    private void vsctl(String... arguments) throws HostException {
        List<String> command =
                new ArrayList<>(List.of("ovs-vsctl", "--timeout=" + SECONDS, "--db=unix:" + file("db.sock")));
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    private static void run(String... command) throws HostException {
        List<String> all = new ArrayList<>(List.of(command));
        all.set(0, program(command[0]));
        Command.run(COMMAND_LIMIT, all);
    }

    private void daemon(String log, List<String> command) throws HostException {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of("--no-chdir", "-vconsole:warn", "-vsyslog:off"));
        ProcessBuilder daemon = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(log).toFile());
        for (String variable : List.of("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR", "OVS_SYSCONFDIR")) {
            daemon.environment().put(variable, folder.toString());
        }
        try {
            synchronized (this) {
                if (closed) {
                    throw new HostException("Open vSwitch was closed");
                }
                daemons.push(daemon.start());
            }
        } catch (IOException e) {
            throw new HostException("cannot run " + String.join(" ", all) + ": " + e.getMessage(), e);
        }
    }

    private static String program(String name) throws HostException {
        return LocalMachine.requireProgram(name, name.equals("ip") ? "iproute2" : PACKAGE)
                .toString();
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    /** Ends both daemons, by their process ids; what they had made goes with them. Does nothing the second time. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        while (!daemons.isEmpty()) {
            Command.end(daemons.pop());
        }
        cable.close();
        delete(folder);
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.err.println("cannot delete " + folder + ": " + e.getMessage());
        }
    }
}
