package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.HostException;
import io.weft.examples.hosts.KernelEndpoint;
import io.weft.examples.hosts.NamespaceHost;
import io.weft.examples.hosts.PingPlan;
import io.weft.layer3.L3Adapter;
import io.weft.srv6.Srv6Port;
import io.weft.underlay.SidRoute;
import java.util.Optional;

/**
 * A switch and Linux' own segment routing: a host behind the switch's TAP pings the kernel, which takes packets out with End.DX4
 * and End.DT6, and sends its own with {@code encap seg6 mode encap}. Needs root.
 */
public final class Srv6ToLinux {
    private static final HostAddress HOST =
            new HostAddress("host", "02:00:00:00:00:01", "10.90.1.1/16", "fd00:91::1:1/64");
    private static final HostAddress KERNEL =
            new HostAddress("kernel", "02:00:00:00:00:02", "10.90.2.1/16", "fd00:91::2:1/64");

    private Srv6ToLinux() {}

    /** Pings over IPv4 and IPv6; exit code 0 if both were answered. */
    public static void main(String[] args) throws Exception {
        try {
            NamespaceHost.check("bin/example Srv6ToLinux");
        } catch (HostException e) {
            System.err.println("Srv6ToLinux: " + e.getMessage());
            System.exit(1);
        }
        System.exit(run() ? 0 : 1);
    }

    static boolean run() throws Exception {
        try (KernelEndpoint kernel = KernelEndpoint.open(KERNEL, "10.90.1.0/24", "fd00:91::1:0/112");
                HostRack rack = HostRack.namespaces();
                VirtualSwitch lan = VirtualSwitch.builder().name("lan").build();
                Host host = rack.plugIn(lan, HOST, Optional.of(PingPlan.of(KERNEL)))) {
            // The kernel has a SID for each IP version, and so there are two ways to it, with the routes that say
            // which.
            Srv6Port tunnel = Srv6Port.l3("srv6")
                    .netns(kernel.underlay())
                    .local("fc00:1::1")
                    .sid(KernelEndpoint.PEER_SID + " End.DT46 table srv6")
                    .domain(KernelEndpoint.ADDRESS + "/128")
                    .remote(KernelEndpoint.SID4)
                    .remote(KernelEndpoint.SID6)
                    .route("10.90.2.0/24 via " + KernelEndpoint.SID4)
                    .route("fd00:91::2:0/112 via " + KernelEndpoint.SID6)
                    .sidRoute(SidRoute.Kind.BLACKHOLE)
                    .build();
            lan.add(L3Adapter.builder(tunnel)
                    .address("10.90.0.254")
                    .address("fd00:91::fe")
                    .behind("10.90.2.0/24")
                    .behind("fd00:91::2:0/112")
                    .build());
            System.out.println("packets of " + tunnel.effectiveMtu() + " bytes fit through the tunnel");
            host.start(Srv6ToLinux::tell);
            boolean answered = host.answered();
            SwitchReport report = new SwitchReport(lan);
            System.out.println(report.ports() + "\n" + report.stations());
            return answered;
        }
    }

    private static void tell(Host host, HostEvent event) {
        System.out.println("[" + host.address().name() + "] " + event.describe());
    }
}
