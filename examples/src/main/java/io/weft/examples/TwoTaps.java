package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.NamespaceHost;
import io.weft.examples.hosts.PingPlan;
import java.util.Optional;

/**
 * One switch between two TAP devices, each in a network namespace: the kernel on one side pings the kernel on the other.
 * Needs root.
 */
public final class TwoTaps {
    private static final HostAddress HOST_1 =
            new HostAddress("host 1", "02:00:00:00:00:01", "10.98.0.1/24", "fd00:98::1/64");
    private static final HostAddress HOST_2 =
            new HostAddress("host 2", "02:00:00:00:00:02", "10.98.0.2/24", "fd00:98::2/64");

    private TwoTaps() {}

    /** Pings once over IPv4 and IPv6; exit code 0 if both were answered. */
    public static void main(String[] args) throws Exception {
        System.exit(run() ? 0 : 1);
    }

    static boolean run() throws Exception {
        NamespaceHost.check("bin/example TwoTaps");
        try (HostRack rack = HostRack.namespaces();
                VirtualSwitch lan = VirtualSwitch.builder().name("lan").build();
                Host host2 = rack.plugIn(lan, HOST_2, Optional.empty());
                Host host1 = rack.plugIn(lan, HOST_1, Optional.of(PingPlan.of(HOST_2)))) {
            host2.start(TwoTaps::tell);
            host1.start(TwoTaps::tell);
            boolean answered = host1.answered();
            SwitchReport report = new SwitchReport(lan);
            System.out.println(report.ports() + "\n" + report.stations());
            return answered;
        }
    }

    private static void tell(Host host, HostEvent event) {
        System.out.println("[" + host.address().name() + "] " + event.describe());
    }
}
