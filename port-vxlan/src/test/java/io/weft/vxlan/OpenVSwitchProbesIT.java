package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.port.DropReason;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.HostTraffic;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteEnd.State;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A port's probes and Open vSwitch's BFD see each other come and go. */
@Timeout(300)
class OpenVSwitchProbesIT {
    private static final String OURS = "key=77&bfd=true&bfd_min_tx=200ms&bfd_min_rx=200ms";

    @BeforeAll
    static void probe() {
        OpenVSwitchNetwork.assumeAvailable();
    }

    private static void otherWithBfd(OpenVSwitchNetwork network) throws Exception {
        network.startOther();
        network.otherTunnel("tunnel", 0, "options:key=77", "bfd:enable=true", "bfd:min_rx=200", "bfd:min_tx=200");
    }

    private static void awaitBothUp(OpenVSwitchNetwork network, RemoteEnd remote) throws InterruptedException {
        NetworkNamespace.await("up here", () -> remote.state() == State.UP);
        awaitThere(network, "state", "up");
        awaitThere(network, "remote_state", "up");
        awaitThere(network, "forwarding", "true");
        NetworkNamespace.await("flooded to", () -> flooded(network) == 1);
    }

    private static void awaitThere(OpenVSwitchNetwork network, String key, String value) throws InterruptedException {
        NetworkNamespace.await(
                key + "=" + value + " at Open vSwitch, " + network.events,
                () -> network.otherStatus("bfd_status:" + key, "tunnel").equals(value));
    }

    private static long flooded(OpenVSwitchNetwork network) {
        return network.lan.metrics().value("weft_vxlan_flooded_remotes", network.lan.name(), "vx0");
    }

    @Test
    void shouldSeeOpenVSwitchGoAndComeBack() throws Exception {
        try (OpenVSwitchNetwork network = new OpenVSwitchNetwork(4)) {
            VxlanPort port = network.tunnel("vx0", OURS, PortSettings.DEFAULT);
            RemoteEnd remote = port.remotes().get(0);
            assertThat(remote.state()).as("before anybody has answered").isEqualTo(State.DOWN);
            assertThat(flooded(network)).isZero();

            otherWithBfd(network);
            awaitBothUp(network, remote);
            HostTraffic.awaitAnswer(network.host1, "10.9.0.2");
            HostTraffic.ping(network.host2, 5, "fd09::1");
            assertThat(stationsBehindIt(network)).isPositive();

            network.stopOther();
            NetworkNamespace.await("down here", () -> remote.state() == State.DOWN);
            NetworkNamespace.await("not flooded to", () -> flooded(network) == 0);
            NetworkNamespace.await("its stations are forgotten", () -> stationsBehindIt(network) == 0);
            long sent = remote.txFrames();
            long refused = refused(network);
            assertThat(network.host1.succeeds("ping", "-c", "1", "-W", "1", "10.9.0.2"))
                    .isFalse();
            assertThat(remote.txFrames()).as("frames sent to one that is down").isEqualTo(sent);
            NetworkNamespace.await("what was not sent is counted", () -> refused(network) > refused);

            otherWithBfd(network);
            awaitBothUp(network, remote);
            HostTraffic.awaitAnswer(network.host1, "10.9.0.2");
            HostTraffic.ping(network.host2, 5, "10.9.0.1");
            assertThat(network.events).anyMatch(event -> event.contains("is down: BFD says"));
            network.settled();
        }
    }

    private static long stationsBehindIt(OpenVSwitchNetwork network) {
        return network.lan.fdb().stations().stream()
                .filter(station -> station.port().equals("vx0"))
                .count();
    }

    private static long refused(OpenVSwitchNetwork network) {
        var counted = network.status("vx0").statistics();
        return counted.dropped(DropReason.REMOTE_DOWN) + counted.dropped(DropReason.NO_REMOTE);
    }

    @Test
    void shouldBeSeenToGo() throws Exception {
        try (OpenVSwitchNetwork network = new OpenVSwitchNetwork(6)) {
            otherWithBfd(network);
            VxlanPort port = network.tunnel("vx0", OURS, PortSettings.DEFAULT);
            awaitBothUp(network, port.remotes().get(0));
            network.lan.close();
            awaitThere(network, "state", "down");
            awaitThere(network, "forwarding", "false");
            // Our goodbye says so at once, unless it came too soon behind another packet: then it is found out.
            assertThat(network.otherStatus("bfd_status:diagnostic", "tunnel"))
                    .isIn("Neighbor Signaled Session Down", "Control Detection Time Expired");
        }
    }

    @Test
    void shouldHearWhenOpenVSwitchTakesThePathDown() throws Exception {
        try (OpenVSwitchNetwork network = new OpenVSwitchNetwork(4)) {
            otherWithBfd(network);
            VxlanPort port = network.tunnel("vx0", OURS, PortSettings.DEFAULT);
            RemoteEnd remote = port.remotes().get(0);
            awaitBothUp(network, remote);
            network.otherSet("tunnel", "bfd:cpath_down=true");
            NetworkNamespace.await("what is behind it is down", () -> remote.state() == State.DOWN);
            network.otherSet("tunnel", "bfd:cpath_down=false");
            awaitBothUp(network, remote);
            network.otherSet("tunnel", "bfd:enable=false");
            NetworkNamespace.await("down here", () -> remote.state() == State.DOWN);
            network.otherSet("tunnel", "bfd:enable=true");
            awaitBothUp(network, remote);
        }
    }
}
