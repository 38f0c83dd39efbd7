package io.weft.packet;

import io.weft.tap.NetworkNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.pcap4j.core.Pcaps;

/** A veth pair: the near end in this process's namespace, for the port; the far end, eth0, in a namespace of its own. */
final class PcapHosts implements AutoCloseable {
    private static final String PID = String.valueOf(ProcessHandle.current().pid());
    private static final AtomicInteger COUNT = new AtomicInteger();

    final NetworkNamespace far = NetworkNamespace.create("pcap");
    final String near = "wp" + PID + "-" + COUNT.incrementAndGet();

    /** Skips the calling test where namespaces cannot be made or libpcap is missing, saying why. */
    static void assumeAvailable() {
        NetworkNamespace.assumeAvailable();
        try {
            Pcaps.libVersion();
        } catch (LinkageError e) {
            Assumptions.abort("libpcap is not installed: " + e.getMessage());
        }
    }

    PcapHosts() {
        far.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"); // only the test's frames, please
        plug();
    }

    /** Makes the pair, also once it is gone. */
    void plug() {
        far.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", near);
        far.run("ip", "link", "set", "eth0", "up", "mtu", "9000");
        far.run("ip", "link", "set", near, "mtu", "9000");
        far.run("ip", "link", "set", near, "netns", PID);
        near("sysctl", "-qw", "net.ipv6.conf." + near + ".disable_ipv6=1");
        near("ip", "link", "set", near, "up");
    }

    /** Runs a command in this process's namespace. */
    String near(String... command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "-t", PID, "-n"));
        all.addAll(List.of(command));
        return far.run(all.toArray(String[]::new));
    }

    /** The far end goes with its namespace, and the near end with it. */
    @Override
    public void close() {
        far.close();
    }
}
