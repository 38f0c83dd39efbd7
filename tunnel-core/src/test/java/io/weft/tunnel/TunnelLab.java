package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.underlay.MemoryDatagram;
import io.weft.underlay.MemoryHost;
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
 * Switches with tunnels between them on one network in memory, under a clock that stands still until told. All are stepped
 * by the test's thread; at the end each switch's books balance.
 *
 * @param <S> what a switch is here
 */
public abstract class TunnelLab<S extends TunnelSite<S>> implements AutoCloseable {
    public static final String BROADCAST = "ff:ff:ff:ff:ff:ff";
    public static final String A = "02:00:00:00:00:0a";
    public static final String B = "02:00:00:00:00:0b";
    public static final String C = "02:00:00:00:00:0c";

    private static final long STEP_NS = Duration.ofMillis(10).toNanos();

    /** Rounds after which a lab that is to come to rest never will. */
    private static final int ROUNDS = 1_000_000;

    public final MemoryNetwork network = new MemoryNetwork();
    private final Map<String, S> sites = new LinkedHashMap<>();
    private final List<MemoryDatagram> sent = new ArrayList<>();
    private long nowNs = 1_000_000_000_000L;

    protected TunnelLab() {
        network.observe(sent::add);
    }

    /** Makes a switch of a host. */
    protected abstract S newSite(String name, MemoryHost host);

    /** A switch on a host with these addresses. */
    public S site(String name, String... addresses) {
        InetAddress[] parsed = new InetAddress[addresses.length];
        for (int i = 0; i < addresses.length; i++) {
            parsed[i] = address(addresses[i]);
        }
        S site = newSite(name, network.host(parsed));
        sites.put(name, site);
        return site;
    }

    public S site(String name) {
        return sites.get(name);
    }

    public S site(int number) {
        return sites.get("" + number);
    }

    // ---- time ----

    public long nanoTime() {
        return nowNs;
    }

    /** Lets everything happen that can without time passing. */
    public void settle() {
        for (int i = 0; i < ROUNDS; i++) {
            boolean worked = false;
            for (S site : sites.values()) {
                worked |= site.lan.step();
            }
            if (!worked) {
                return;
            }
        }
        throw new AssertionError("still busy after " + ROUNDS + " rounds");
    }

    /** Lets time pass, in steps that probes and timers see as a real clock's. */
    public void pass(Duration time) {
        long endNs = nowNs + time.toNanos();
        settle();
        while (nowNs < endNs) {
            nowNs = Math.min(endNs, nowNs + STEP_NS);
            settle();
        }
    }

    // ---- the underlay ----

    public static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }

    public static UnderlayPeer peer(String address, int port) {
        return UnderlayPeer.of(address(address), port);
    }

    /** The datagrams that were sent or injected since the last call. */
    public List<MemoryDatagram> takeSent() {
        List<MemoryDatagram> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    /** Every frame that a switch had is somewhere. */
    public void assertAccounted() {
        settle();
        for (S site : sites.values()) {
            assertThat(site.lan.statistics().unaccounted())
                    .as("frames of " + site + " that are nowhere")
                    .isZero();
        }
    }

    @Override
    public void close() {
        assertAccounted();
        for (S site : sites.values()) {
            site.lan.close();
            assertThat(site.lan.statistics().unaccounted())
                    .as("frames of " + site + " that are nowhere after its end")
                    .isZero();
            assertThat(site.host.sockets()).as("sockets of " + site).isEmpty();
        }
    }
}
