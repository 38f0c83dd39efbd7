package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.HostException;
import io.weft.examples.hosts.LoopbackUnderlay;
import io.weft.examples.hosts.NamespaceHost;
import io.weft.examples.hosts.PingPlan;
import io.weft.layer3.L3Adapter;
import io.weft.srv6.Srv6Port;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Two tenants, red and blue, with the same addresses, at two sites: each tenant has a SID of its own at each site (End.DT46), whose table
 * leads to that tenant's switch, so that neither sees the other. Needs root.
 *
 * <p>A site has 10.91.SITE.0/24 and fd00:91:SITE::/48; an adapter answers for the other site's addresses and hands packets to the tunnel.
 */
public final class Srv6L3Vpn {
    private static final List<String> TENANTS = List.of("red", "blue");

    private Srv6L3Vpn() {}

    /** Exit code 0 if each tenant's hosts reach each other. */
    public static void main(String[] args) throws Exception {
        try {
            NamespaceHost.check("bin/example Srv6L3Vpn");
        } catch (HostException e) {
            System.err.println("Srv6L3Vpn: " + e.getMessage());
            System.exit(1);
        }
        System.exit(run() ? 0 : 1);
    }

    static boolean run() throws Exception {
        Deque<AutoCloseable> open = new ArrayDeque<>();
        try (LoopbackUnderlay underlay = LoopbackUnderlay.open("fc00::/16");
                HostRack rack = HostRack.memory()) {
            try {
                List<Host> hosts = new ArrayList<>();
                for (int tenant = 0; tenant < TENANTS.size(); tenant++) {
                    for (int site = 1; site <= 2; site++) {
                        VirtualSwitch lan = lan(tenant, site, underlay, open);
                        PingPlan plan = PingPlan.of(address(tenant, 3 - site));
                        Host host = rack.plugIn(lan, address(tenant, site), Optional.of(plan));
                        open.push(host);
                        hosts.add(host);
                    }
                }
                boolean answered = true;
                for (Host host : hosts) {
                    host.start(Srv6L3Vpn::tell);
                }
                for (Host host : hosts) {
                    answered &= host.answered();
                }
                return answered;
            } finally {
                while (!open.isEmpty()) {
                    open.pop().close();
                }
            }
        }
    }

    /** A tenant's switch at a site, with the tunnel to the other site behind an adapter. */
    private static VirtualSwitch lan(int tenant, int site, LoopbackUnderlay underlay, Deque<AutoCloseable> open)
            throws Exception {
        int other = 3 - site;
        String name = TENANTS.get(tenant) + site;
        VirtualSwitch lan = VirtualSwitch.builder().name(name).workers(1).build();
        open.push(lan);
        Srv6Port tunnel = Srv6Port.l3("vpn")
                .netns(underlay.name())
                .local("fc00:" + site + "::" + (tenant + 1))
                .sid(sid(tenant, site) + " End.DT46 table vpn")
                .remote("fc00:" + other + "::" + (tenant + 1) + " segs " + sid(tenant, other))
                .reduced(true)
                .build();
        System.out.println(name + " is received at " + sid(tenant, site) + ", and sends to " + sid(tenant, other));
        lan.add(L3Adapter.builder(tunnel)
                .address("10.91." + site + ".254")
                .address("fd00:91:" + site + "::fe")
                .behind("10.91." + other + ".0/24")
                .behind("fd00:91:" + other + "::/48")
                .build());
        return lan;
    }

    private static String sid(int tenant, int site) {
        return "fc00:" + site + ":0:46:" + (tenant + 1) + "::";
    }

    /** The same for both tenants, but for the name. */
    private static HostAddress address(int tenant, int site) {
        return new HostAddress(
                TENANTS.get(tenant) + " " + site,
                "02:00:00:00:00:0" + site,
                "10.91." + site + ".1/16",
                "fd00:91:" + site + "::1/32");
    }

    private static void tell(Host host, HostEvent event) {
        if (event instanceof HostEvent.Pinged) {
            System.out.println("  [" + host.address().name() + "] " + event.describe());
        }
    }
}
