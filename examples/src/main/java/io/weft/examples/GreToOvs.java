package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.HostException;
import io.weft.examples.hosts.NamespaceHost;
import io.weft.examples.hosts.OpenVSwitchEnd;
import io.weft.examples.hosts.PingPlan;
import io.weft.gre.GrePort;
import java.util.Optional;

/**
 * A switch and Open vSwitch as one segment, by a GRE tunnel with a key: a host behind the switch's TAP pings a host behind Open
 * vSwitch, which is started for this and ends with it. Needs root and Open vSwitch.
 *
 * <p>What joins an Open vSwitch that runs already is {@code ovs-vsctl add-port br0 gre0 -- set interface gre0 type=gre
 * options:remote_ip=... options:key=7} there, and the port {@code gretap:gre0?remote_ip=...&key=7} here.
 */
public final class GreToOvs {
    private static final long KEY = 7;
    private static final HostAddress HOST =
            new HostAddress("host", "02:00:00:00:00:01", "10.93.0.1/24", "fd00:93::1/64");
    private static final HostAddress OVS_HOST =
            new HostAddress("host behind OVS", "02:00:00:00:00:02", "10.93.0.2/24", "fd00:93::2/64");

    private GreToOvs() {}

    /** Pings over IPv4 and IPv6; exit code 0 if both were answered. */
    public static void main(String[] args) throws Exception {
        try {
            check();
        } catch (HostException e) {
            System.err.println("GreToOvs: " + e.getMessage());
            System.exit(1);
        }
        System.exit(run() ? 0 : 1);
    }

    /** @throws HostException if something is missing, with the command that mends it */
    static void check() throws HostException {
        OpenVSwitchEnd.check();
        NamespaceHost.check("bin/example GreToOvs");
    }

    static boolean run() throws Exception {
        try (OpenVSwitchEnd ovs = OpenVSwitchEnd.open(OVS_HOST, KEY);
                HostRack rack = HostRack.namespaces();
                VirtualSwitch lan = VirtualSwitch.builder().name("lan").build();
                Host host = rack.plugIn(lan, HOST, Optional.of(PingPlan.of(OVS_HOST)))) {
            GrePort tunnel = GrePort.gretap("gre0")
                    .netns(ovs.underlay())
                    .local(OpenVSwitchEnd.PEER)
                    .remote(OpenVSwitchEnd.ADDRESS)
                    .key(KEY)
                    .build();
            lan.add(tunnel);
            System.out.println("packets of " + tunnel.effectiveMtu() + " bytes fit through the tunnel");
            host.start(GreToOvs::tell);
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
