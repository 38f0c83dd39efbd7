package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.underlay.MemoryDatagram;
import io.weft.underlay.MemoryNetwork;
import io.weft.underlay.UnderlayPeer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Switches with VXLAN ports on one network in memory, under a clock that stands still until told. All are stepped by the
 * test's thread; at the end each switch's books balance.
 */
final class VxlanLab implements AutoCloseable {
    static final int PORT = 4_789;
    static final String BROADCAST = "ff:ff:ff:ff:ff:ff";
    static final String A = "02:00:00:00:00:0a";
    static final String B = "02:00:00:00:00:0b";
    static final String C = "02:00:00:00:00:0c";

    private static final long STEP_NS = Duration.ofMillis(10).toNanos();

    /** Rounds after which a lab that is to come to rest never will. */
    private static final int ROUNDS = 1_000_000;

    final MemoryNetwork network = new MemoryNetwork();
    private final Map<String, VxlanSite> sites = new LinkedHashMap<>();
    private final List<MemoryDatagram> sent = new ArrayList<>();
    private long nowNs = 1_000_000_000_000L;

    VxlanLab() {
        network.observe(sent::add);
    }

    /** A switch on a host with these addresses. */
    VxlanSite site(String name, String... addresses) {
        InetAddress[] parsed = new InetAddress[addresses.length];
        for (int i = 0; i < addresses.length; i++) {
            parsed[i] = address(addresses[i]);
        }
        VxlanSite site = new VxlanSite(this, name, network.host(parsed));
        sites.put(name, site);
        return site;
    }

    /** Switches "1".."N" of hosts 10.0.0.1..N, each with a memory port "h" and a VXLAN port "vx" to all others, in VNI 100. */
    static VxlanLab mesh(int size, String options) throws Exception {
        VxlanLab lab = new VxlanLab();
        for (int i = 1; i <= size; i++) {
            lab.site("" + i, "10.0.0." + i);
        }
        for (int i = 1; i <= size; i++) {
            StringBuilder remotes = new StringBuilder();
            for (int j = 1; j <= size; j++) {
                remotes.append(i == j ? "" : (remotes.isEmpty() ? "" : ",") + "10.0.0." + j);
            }
            lab.site("" + i).memory("h").vxlan("vx", "key=100&remote_ip=" + remotes + options);
        }
        return lab;
    }

    VxlanSite site(String name) {
        return sites.get(name);
    }

    VxlanSite site(int number) {
        return sites.get("" + number);
    }

    // ---- time ----

    long nanoTime() {
        return nowNs;
    }

    /** Lets everything happen that can without time passing. */
    void settle() {
        for (int i = 0; i < ROUNDS; i++) {
            boolean worked = false;
            for (VxlanSite site : sites.values()) {
                worked |= site.lan.step();
            }
            if (!worked) {
                return;
            }
        }
        throw new AssertionError("still busy after " + ROUNDS + " rounds");
    }

    /** Lets time pass, in steps that probes and timers see as a real clock's. */
    void pass(Duration time) {
        long endNs = nowNs + time.toNanos();
        settle();
        while (nowNs < endNs) {
            nowNs = Math.min(endNs, nowNs + STEP_NS);
            settle();
        }
    }

    // ---- the underlay ----

    static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }

    static UnderlayPeer peer(String address, int port) {
        return UnderlayPeer.of(address(address), port);
    }

    /** The datagrams that were sent or injected since the last call. */
    List<MemoryDatagram> takeSent() {
        List<MemoryDatagram> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    /** Lets a VXLAN packet come from an address at the VTEP of another one. */
    void inject(String from, String to, int vni, byte[] frame) {
        inject(from, to, VxlanBytes.packet(vni, frame));
    }

    /** The same with arbitrary bytes. */
    void inject(String from, String to, byte[] datagram) {
        network.inject(datagram, peer(from, 50_000), peer(to, PORT));
        settle();
    }

    /** The same with another outer traffic class. */
    void inject(String from, String to, int vni, byte[] frame, int trafficClass) {
        network.inject(MemoryDatagram.of(VxlanBytes.packet(vni, frame), peer(from, 50_000), peer(to, PORT))
                .withTrafficClass(trafficClass));
        settle();
    }

    /** Every frame that a switch had is somewhere. */
    void assertAccounted() {
        settle();
        for (VxlanSite site : sites.values()) {
            assertThat(site.lan.statistics().unaccounted())
                    .as("frames of " + site + " that are nowhere")
                    .isZero();
        }
    }

    @Override
    public void close() {
        assertAccounted();
        for (VxlanSite site : sites.values()) {
            site.lan.close();
            assertThat(site.lan.statistics().unaccounted())
                    .as("frames of " + site + " that are nowhere after its end")
                    .isZero();
            assertThat(site.host.sockets()).as("sockets of " + site).isEmpty();
        }
    }
}
