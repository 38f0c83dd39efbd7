package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.PingPlan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A hub and three spokes: one switch listens for WebSockets, three others connect to it, each with a host, and every host
 * pings the next one. Each spoke is a port of its own on the hub, which learns who is where: a frame between two spokes
 * does not go to the third.
 */
public final class WebSocketHub {
    private static final int SPOKES = 3;

    private WebSocketHub() {}

    /** Exit code 0 if every host got its answers. */
    public static void main(String[] args) throws Exception {
        System.exit(run() ? 0 : 1);
    }

    static boolean run() throws Exception {
        String address = "127.0.0.1:" + LoopbackPort.free() + "/";
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try (VirtualSwitch hub = VirtualSwitch.builder().name("hub").build();
                HostRack rack = HostRack.memory()) {
            hub.add("ws-listen://" + address + "?name=spoke");
            List<Host> hosts = new ArrayList<>();
            for (int i = 1; i <= SPOKES; i++) {
                VirtualSwitch spoke =
                        VirtualSwitch.builder().name("spoke" + i).workers(1).build();
                open.push(spoke);
                spoke.add("ws://" + address);
                Host host = rack.plugIn(spoke, address(i), Optional.of(PingPlan.of(address(i % SPOKES + 1))));
                open.push(host);
                hosts.add(host);
            }
            for (Host host : hosts) {
                host.start(WebSocketHub::tell);
            }
            boolean answered = true;
            for (Host host : hosts) {
                answered &= host.answered();
            }
            SwitchReport report = new SwitchReport(hub);
            System.out.println(report.ports() + "\n" + report.stations());
            return answered;
        } finally {
            while (!open.isEmpty()) {
                open.pop().close();
            }
        }
    }

    private static HostAddress address(int number) {
        return new HostAddress(
                "host " + number,
                "02:00:00:00:00:0" + number,
                "10.97.0." + number + "/24",
                "fd00:97::" + number + "/64");
    }

    private static void tell(Host host, HostEvent event) {
        System.out.println("[" + host.address().name() + "] " + event.describe());
    }
}
