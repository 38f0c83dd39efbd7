package io.weft.benchmarks;

import io.weft.VirtualSwitch;
import io.weft.fdb.Fdb;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.tunnel.TunnelPort;
import io.weft.worker.NanoClock;

/**
 * A switch with a tunnel's port and another one, which has the local stations behind it. It is stepped by whoever measures it.
 *
 * <p>Threads: confined.
 */
final class SwitchedTunnel {
    private final NullUnderlay underlay;
    private final TunnelHosts hosts;
    private final VirtualSwitch lan;
    private final PortStatistics before;

    /** A switch that has seen every station of the traffic. */
    SwitchedTunnel(TunnelTraffic traffic, NullUnderlay underlay, TunnelPort port) throws PortException {
        this.underlay = underlay;
        hosts = new TunnelHosts(traffic);
        lan = VirtualSwitch.builder()
                .invoker(NanoClock.SYSTEM)
                .workers(1)
                .fdbCapacity(Math.max(Fdb.DEFAULT_CAPACITY, traffic.stations()))
                .build();
        lan.add(hosts);
        lan.add(port);
        // First those behind the tunnel: a frame to nobody known would be sent to every remote end.
        for (int i = 0; i < traffic.length(); i += LoneTunnel.FRAMES) {
            pass(0, LoneTunnel.FRAMES);
        }
        for (int i = 0; i < traffic.length(); i += LoneTunnel.FRAMES) {
            pass(LoneTunnel.FRAMES, 0);
        }
        if (lan.fdb().statistics().entries() < traffic.remoteStations()) {
            throw new IllegalStateException(
                    "of the stations are known " + lan.fdb().statistics());
        }
        before = lan.statistics();
    }

    /** Has frames pass each way. */
    void pass(int fromHosts, int fromRemotes) {
        hosts.offer(fromHosts);
        underlay.offer(fromRemotes);
        while (hosts.waiting() > 0 || underlay.waiting() > 0) {
            lan.step();
        }
    }

    /** Checks that every frame went where it belongs. */
    void close() {
        while (lan.step()) {
            // what the last datagrams held
        }
        PortStatistics sum = lan.statistics();
        lan.close();
        if (sum.unaccounted() != 0 || sum.dropped() != before.dropped()) {
            throw new IllegalStateException("lost frames: " + sum);
        }
    }
}
