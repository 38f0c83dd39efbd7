package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.PingPlan;
import io.weft.tunnel.RemoteEnd;
import io.weft.vxlan.VxlanPort;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Three switches in a full mesh of VXLAN, each with a host, and every host pings the next one. No switch relays what came from
 * another one (split horizon), so nothing goes in circles and nothing comes twice; after the first broadcast a frame goes
 * to the one switch that its destination is behind. Over loopback addresses: needs no root.
 */
public final class VxlanMesh {
    private static final int SWITCHES = 3;
    private static final int VNI = 100;

    private VxlanMesh() {}

    /** Exit code 0 if every host got its answers. */
    public static void main(String[] args) throws Exception {
        System.exit(run() ? 0 : 1);
    }

    static boolean run() throws Exception {
        int udpPort = LoopbackPort.free();
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try (HostRack rack = HostRack.memory()) {
            List<Host> hosts = new ArrayList<>();
            List<VxlanPort> tunnels = new ArrayList<>();
            for (int i = 1; i <= SWITCHES; i++) {
                VirtualSwitch lan =
                        VirtualSwitch.builder().name("lan" + i).workers(1).build();
                open.push(lan);
                VxlanPort tunnel = VxlanPort.builder("vx0")
                        .local(vtep(i))
                        .remote(vtep(i % SWITCHES + 1))
                        .remote(vtep((i + 1) % SWITCHES + 1))
                        .dstPort(udpPort)
                        .vni(VNI)
                        .build();
                lan.add(tunnel);
                tunnels.add(tunnel);
                Host host = rack.plugIn(lan, address(i), Optional.of(PingPlan.of(address(i % SWITCHES + 1))));
                open.push(host);
                hosts.add(host);
            }
            for (Host host : hosts) {
                host.start(VxlanMesh::tell);
            }
            boolean answered = true;
            for (Host host : hosts) {
                answered &= host.answered();
            }
            for (int i = 0; i < SWITCHES; i++) {
                report(vtep(i + 1), tunnels.get(i));
            }
            return answered;
        } finally {
            while (!open.isEmpty()) {
                open.pop().close();
            }
        }
    }

    private static void report(String vtep, VxlanPort tunnel) {
        System.out.println("VTEP " + vtep);
        for (RemoteEnd remote : tunnel.remotes()) {
            System.out.printf(
                    "  endpoint %d, %s: %d frames to it, %d from it%n",
                    remote.endpoint(), remote.peer(), remote.txFrames(), remote.rxFrames());
        }
    }

    private static String vtep(int number) {
        return "127.0.0." + number;
    }

    private static HostAddress address(int number) {
        return new HostAddress(
                "host " + number,
                "02:00:00:00:00:0" + number,
                "10.95.0." + number + "/24",
                "fd00:95::" + number + "/64");
    }

    private static void tell(Host host, HostEvent event) {
        System.out.println("[" + host.address().name() + "] " + event.describe());
    }
}
