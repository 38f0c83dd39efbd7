package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.KernelVtep;
import io.weft.examples.hosts.NamespaceHost;
import io.weft.examples.hosts.PingPlan;
import io.weft.vxlan.VxlanPort;
import java.util.Optional;

/**
 * A switch and Linux' own {@code vxlan} device as one segment: a host behind the switch's TAP pings the kernel through the
 * tunnel. Needs root.
 */
public final class VxlanToKernel {
    private static final int VNI = 100;
    private static final HostAddress HOST =
            new HostAddress("host", "02:00:00:00:00:01", "10.96.0.1/24", "fd00:96::1/64");
    private static final HostAddress KERNEL =
            new HostAddress("kernel", "02:00:00:00:00:02", "10.96.0.2/24", "fd00:96::2/64");

    private VxlanToKernel() {}

    /** Pings over IPv4 and IPv6; exit code 0 if both were answered. */
    public static void main(String[] args) throws Exception {
        System.exit(run() ? 0 : 1);
    }

    static boolean run() throws Exception {
        NamespaceHost.check("bin/example VxlanToKernel");
        try (KernelVtep kernel = KernelVtep.open(KERNEL, VNI);
                HostRack rack = HostRack.namespaces();
                VirtualSwitch lan = VirtualSwitch.builder().name("lan").build();
                Host host = rack.plugIn(lan, HOST, Optional.of(PingPlan.of(KERNEL)))) {
            VxlanPort tunnel = VxlanPort.builder("vx0")
                    .netns(kernel.underlay())
                    .local(KernelVtep.PEER)
                    .remote(KernelVtep.ADDRESS)
                    .vni(VNI)
                    .build();
            lan.add(tunnel);
            System.out.println("packets of " + tunnel.effectiveMtu() + " bytes fit through the tunnel");
            host.start(VxlanToKernel::tell);
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
