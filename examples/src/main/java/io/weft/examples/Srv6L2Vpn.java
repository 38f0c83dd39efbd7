package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.event.Station;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.HostException;
import io.weft.examples.hosts.LoopbackUnderlay;
import io.weft.examples.hosts.NamespaceHost;
import io.weft.examples.hosts.PingPlan;
import io.weft.frame.MacAddress;
import io.weft.srv6.Srv6Builder;
import io.weft.srv6.Srv6Node;
import io.weft.srv6.Srv6Port;
import io.weft.tunnel.RemoteEnd;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Three sites as one Ethernet segment by segment routing: each has a SID for frames to stations that are known to be there
 * (End.DT2U) and one for what is flooded (End.DT2M). Everything to site 3 goes through two waypoints (End). Each switch learns behind which
 * site a station is. Needs root.
 *
 * <p>All sites are in this program, and their packets travel over the loopback interface of a network namespace. Between machines,
 * what differs is {@code netns}, and that {@code sidRoute(SidRoute.Kind.BLACKHOLE)} keeps the kernel's hands off packets to the SIDs.
 */
public final class Srv6L2Vpn {
    private static final int SITES = 3;

    private record Site(VirtualSwitch lan, Srv6Port vpn) {}

    private Srv6L2Vpn() {}

    /** Exit code 0 if every host got its answers. */
    public static void main(String[] args) throws Exception {
        try {
            NamespaceHost.check("bin/example Srv6L2Vpn");
        } catch (HostException e) {
            System.err.println("Srv6L2Vpn: " + e.getMessage());
            System.exit(1);
        }
        System.exit(run() ? 0 : 1);
    }

    static boolean run() throws Exception {
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try (LoopbackUnderlay underlay = LoopbackUnderlay.open("fc00::/16");
                HostRack rack = HostRack.memory()) {
            try {
                VirtualSwitch waypoints = waypoints(underlay, open);
                List<Site> sites = new ArrayList<>();
                for (int site = 1; site <= SITES; site++) {
                    sites.add(site(site, underlay, open));
                }
                System.out.println("Hosts 1, 2 and 3, each at a site, ping the next one:");
                boolean answered = ping(sites, rack, open);
                for (int site = 1; site <= SITES; site++) {
                    tellLearned(site, sites.get(site - 1));
                }
                tellPackets(sites, waypoints);
                return answered;
            } finally {
                while (!open.isEmpty()) {
                    open.pop().close();
                }
            }
        }
    }

    /** Two nodes, as two routers on the way would be. */
    private static VirtualSwitch waypoints(LoopbackUnderlay underlay, Deque<AutoCloseable> open) throws Exception {
        VirtualSwitch waypoints = VirtualSwitch.builder().name("waypoints").build();
        open.push(waypoints);
        for (String name : List.of("a", "b")) {
            waypoints.add(Srv6Node.builder(name)
                    .netns(underlay.name())
                    .local("fc00:" + name + "::1")
                    .sid("fc00:" + name + "::e End")
                    .domain("fc00::/16")
                    .build());
        }
        return waypoints;
    }

    private static Site site(int number, LoopbackUnderlay underlay, Deque<AutoCloseable> open) throws Exception {
        VirtualSwitch lan =
                VirtualSwitch.builder().name("site" + number).workers(1).build();
        open.push(lan);
        Srv6Builder port = Srv6Port.bridge("vpn")
                .netns(underlay.name())
                .local("fc00:" + number + "::1")
                .sid("fc00:" + number + ":0:d2:: End.DT2U")
                .sid("fc00:" + number + ":0:d3:: End.DT2M");
        for (int other = 1; other <= SITES; other++) {
            if (other != number) {
                String way = other == SITES ? "fc00:a::e,fc00:b::e," : "";
                port.remote("fc00:" + other + "::1 segs " + way + "fc00:" + other + ":0:d2:: bum " + way + "fc00:"
                        + other + ":0:d3::");
            }
        }
        Srv6Port vpn = port.build();
        lan.add(vpn);
        return new Site(lan, vpn);
    }

    private static boolean ping(List<Site> sites, HostRack rack, Deque<AutoCloseable> open) throws Exception {
        List<Host> hosts = new ArrayList<>();
        for (int site = 1; site <= SITES; site++) {
            PingPlan plan = PingPlan.of(address(site % SITES + 1));
            Host host = rack.plugIn(sites.get(site - 1).lan(), address(site), Optional.of(plan));
            open.push(host);
            hosts.add(host);
        }
        for (Host host : hosts) {
            host.start(Srv6L2Vpn::tell);
        }
        boolean answered = true;
        for (Host host : hosts) {
            answered &= host.answered();
        }
        return answered;
    }

    private static void tellLearned(int number, Site site) {
        System.out.println("\nStations that site " + number + " has learned behind others:");
        for (Station station : site.lan().fdb().stations()) {
            for (RemoteEnd remote : site.vpn().remotes()) {
                if (station.port().equals("vpn") && station.endpoint() == remote.endpoint()) {
                    System.out.printf("  %s behind %s%n", MacAddress.format(station.mac()), remote.peer());
                }
            }
        }
    }

    private static void tellPackets(List<Site> sites, VirtualSwitch waypoints) {
        System.out.println("\nPackets to each SID:");
        List<VirtualSwitch> all = new ArrayList<>();
        sites.forEach(site -> all.add(site.lan()));
        all.add(waypoints);
        for (VirtualSwitch one : all) {
            one.metrics().samples().stream()
                    .filter(sample -> sample.name().equals("weft_srv6_sid_packets_total"))
                    .forEach(sample -> System.out.printf(
                            "  %s %s: %d%n",
                            sample.labels().get("sid"), sample.labels().get("behaviour"), sample.value()));
        }
    }

    private static HostAddress address(int number) {
        return new HostAddress(
                "host " + number,
                "02:00:00:00:00:0" + number,
                "10.92.0." + number + "/24",
                "fd00:92::" + number + "/64");
    }

    private static void tell(Host host, HostEvent event) {
        if (event instanceof HostEvent.Pinged) {
            System.out.println("  [" + host.address().name() + "] " + event.describe());
        }
    }
}
