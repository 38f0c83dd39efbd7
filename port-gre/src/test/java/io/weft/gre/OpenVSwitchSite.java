package io.weft.gre;

import io.weft.OpenVSwitch;
import io.weft.tap.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * An Open vSwitch in a namespace of its own: the namespace's {@code eth0} leads to the other site, the address of the tunnels'
 * end is that of the bridge {@code under}, and the bridge {@code over} has the tunnels and a host's cable.
 *
 * <p>What is to be known of version 3.1 in userspace: a key of 0 is written into the header, and no key is none; both are
 * received as the same; a tunnel with {@code csum} and {@code seq} sends checksums that are wrong (made before the number
 * is); numbers that are received are not looked at; flags beside C, K and S, and fragments, are dropped, as are checksums that
 * are wrong; what is too long for {@code eth0} is dropped without an answer.
 *
 * <p>Threads: confined.
 */
final class OpenVSwitchSite implements AutoCloseable {
    /** What the host behind a layer-3 tunnel has as the address of everybody at its other end. */
    private static final String GATEWAY_MAC = "02:00:00:00:00:fe";

    private final NetworkNamespace namespace;
    private final String address;
    private final String otherAddress;
    private final NetworkNamespace host;
    private final String hostDevice;
    private final Path directory;
    private final OpenVSwitch bridges;
    private boolean closed;

    /**
     * Starts one without tunnels.
     *
     * @param address of the tunnels' end, with its prefix's length
     * @param otherAddress of the other end
     * @param host whose interface {@code hostDevice} has its far end, {@code to-DEVICE}, in the namespace
     */
    OpenVSwitchSite(
            NetworkNamespace namespace, String address, String otherAddress, NetworkNamespace host, String hostDevice)
            throws Exception {
        this.namespace = namespace;
        this.address = address;
        this.otherAddress = otherAddress;
        this.host = host;
        this.hostDevice = hostDevice;
        directory = Files.createTempDirectory("weft-ovs");
        bridges = startOrDelete();
        boolean complete = false;
        try {
            addBridges();
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    private OpenVSwitch startOrDelete() throws Exception {
        OpenVSwitch started = null;
        try {
            started = OpenVSwitch.startIn(directory, namespace.name());
            return started;
        } finally {
            if (started == null) {
                delete();
            }
        }
    }

    private void addBridges() throws Exception {
        addBridge("under", "eth0");
        namespace.run("ip", "address", "replace", address, "dev", "under");
        namespace.run("ip", "link", "set", "under", "up");
        addBridge("over", "to-" + hostDevice);
    }

    private void addBridge(String name, String port) throws Exception {
        bridges.vsctl("add-br", name, "--", "set", "bridge", name, "datapath_type=netdev", "fail-mode=standalone");
        bridges.vsctl("add-port", name, port);
    }

    // ---- tunnels ----

    /** Adds a tunnel of Ethernet frames, with settings such as {@code options:key=100}. */
    void tunnel(String name, String... settings) throws Exception {
        bridges.vsctl(Stream.of(
                        Stream.of("add-port", "over", name, "--", "set", "interface", name, "type=gre"),
                        Stream.of(option("remote_ip", otherAddress), option("local_ip", localAddress())),
                        Stream.of(settings))
                .flatMap(part -> part)
                .toArray(String[]::new));
    }

    private String localAddress() {
        return address.substring(0, address.indexOf('/'));
    }

    private static String option(String name, String value) {
        return "options:" + name + "=\"" + value + "\""; // quoted, since IPv6's colons mean something there
    }

    /**
     * Adds a tunnel of IP packets, which takes all that the host sends to these addresses and gives it all that it receives. Open
     * vSwitch has such a packet with an Ethernet header whose addresses are 0, so that flows are to write them.
     */
    void layer3Tunnel(String name, String hostMac, String[] farHosts, String... settings) throws Exception {
        tunnel(
                name,
                Stream.concat(Stream.of("options:packet_type=legacy_l3"), Stream.of(settings))
                        .toArray(String[]::new));
        String toHost = "to-" + hostDevice;
        bridges.ofctl("del-flows", "over");
        flow("in_port=" + name + ",actions=mod_dl_src:" + GATEWAY_MAC + ",mod_dl_dst:" + hostMac + ",output:" + toHost);
        flow("in_port=" + toHost + ",ip,actions=output:" + name); // and no ARP, which it would send too
        flow("in_port=" + toHost + ",ipv6,actions=output:" + name);
        for (String far : farHosts) {
            host.run("ip", "neighbour", "replace", far, "lladdr", GATEWAY_MAC, "nud", "permanent", "dev", hostDevice);
        }
    }

    /** Adds a flow to the tunnels' bridge, beside the one of a learning switch that it begins with. */
    void flow(String flow) throws Exception {
        bridges.ofctl("add-flow", "over", flow);
    }

    /** Removes a tunnel. */
    void removeTunnel(String name) throws Exception {
        bridges.vsctl("del-port", "over", name);
    }

    /** Changes settings of an interface. */
    void set(String name, String... settings) throws Exception {
        bridges.vsctl(Stream.concat(Stream.of("set", "interface", name), Stream.of(settings))
                .toArray(String[]::new));
    }

    // ---- the end ----

    /** Ends Open vSwitch; what it had made goes with it. */
    @Override
    public void close() throws Exception {
        if (closed) {
            return;
        }
        closed = true;
        try {
            bridges.close();
        } finally {
            delete();
        }
    }

    private void delete() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
