package io.weft.packet;

import static io.weft.packet.CaptureBytes.frame;
import static io.weft.tap.NetworkNamespace.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.tap.NetworkNamespace;
import io.weft.tap.PacketSocket;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An interface of the kernel's through libpcap. */
@Timeout(120)
class PcapPortIT {
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final MemoryPort host = new MemoryPort("host");
    private PcapHosts hosts;
    private VirtualSwitch lan;

    @BeforeAll
    static void probe() {
        PcapHosts.assumeAvailable();
    }

    @BeforeEach
    void open() throws Exception {
        hosts = new PcapHosts();
        lan = VirtualSwitch.builder()
                .workers(1)
                .listener(new SwitchListener() {
                    @Override
                    public void message(String driver, String text) {
                        heard.add(text);
                    }
                })
                .build();
        lan.add(host);
    }

    @AfterEach
    void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
        hosts.close();
    }

    private PortStatistics statistics() {
        return lan.port(hosts.near).status().statistics();
    }

    @Test
    void shouldNotReceiveWhatGoesOut() throws Exception {
        lan.add("pcap:" + hosts.near);
        try (PacketSocket far = PacketSocket.open(hosts.far, "eth0")) {
            for (int i = 0; i < 50; i++) {
                assertThat(host.send(frame(i, 60))).isTrue();
                assertThat(far.receive(10_000)).isEqualTo(frame(i, 60));
            }
            far.send(frame(99, 60)); // behind all that could have come back
            await("a frame from afar", () -> statistics().rxFrames() > 0);
        }
        assertThat(statistics().rxFrames()).isEqualTo(1);
        assertThat(host.receive()).isEqualTo(frame(99, 60));
        assertThat(heard).isEmpty();
    }

    @Test
    void shouldReceiveForOthersOnlyInPromiscuousMode() throws Exception {
        byte[] forOthers = frame(1, 60);
        forOthers[0] = 2;
        lan.add("pcap:" + hosts.near + "?promisc=false");
        try (PacketSocket far = PacketSocket.open(hosts.far, "eth0")) {
            assertThat(hosts.near("ip", "-d", "link", "show", hosts.near)).contains("promiscuity 0");
            lan.close();
            lan = VirtualSwitch.builder().workers(1).build();
            MemoryPort other = new MemoryPort("host");
            lan.add(other);
            lan.add("pcap:" + hosts.near);
            assertThat(hosts.near("ip", "-d", "link", "show", hosts.near)).contains("promiscuity 1");
            far.send(forOthers);
            await("a frame from afar", () -> statistics().rxFrames() == 1);
        }
    }

    @Test
    void shouldCountWhatTheInterfaceCannotSend() throws Exception {
        lan.add("pcap:" + hosts.near);
        host.send(frame(1, 9_015 + 4)); // the kernel allows for a tag
        await("a refusal", () -> statistics().dropped() > 0);
        assertThat(statistics().dropped(DropReason.TOO_LONG)).isEqualTo(1);
    }

    @Test
    void shouldDropSuperFramesAndSayHowToAvoidThem() throws Exception {
        NetworkNamespace.assumeProgram("ethtool");
        NetworkNamespace.assumeProgram("iperf3");
        hosts.near("ip", "address", "add", "10.77.0.1/24", "dev", hosts.near);
        hosts.far.run("ip", "address", "add", "10.77.0.2/24", "dev", "eth0");
        hosts.near("ip", "link", "set", hosts.near, "mtu", "1500");
        hosts.far.run("ip", "link", "set", "eth0", "mtu", "1500");
        lan.add("pcap:" + hosts.near);
        hosts.far.start("iperf3", "-s", "-1");
        await("a server", () -> hosts.far.run("ss", "-ltn").contains(":5201"));
        hosts.near("iperf3", "-c", "10.77.0.2", "-R", "-n", "4M"); // TCP's super-frames come whole through a veth
        await("a report", () -> heard.stream().anyMatch(text -> text.contains("gave a frame of")));
        assertThat(statistics().dropped(DropReason.RX_TOO_LONG)).isPositive();
        assertThat(heard).singleElement().asString().contains("ethtool -K " + hosts.near + " gro off");
    }

    @Test
    void shouldGoOnWhenTheInterfaceIsUpAgain() throws Exception {
        lan.add("pcap:" + hosts.near);
        hosts.near("ip", "link", "set", hosts.near, "down");
        host.send(frame(1, 60));
        await("a refusal", () -> statistics().dropped(DropReason.PORT_DOWN) == 1);
        hosts.near("ip", "link", "set", hosts.near, "up");
        try (PacketSocket far = PacketSocket.open(hosts.far, "eth0")) {
            awaitFrameFrom(far);
        }
    }

    @Test
    void shouldComeBackWithTheInterface() throws Exception {
        lan.add("pcap:" + hosts.near);
        hosts.near("ip", "link", "delete", hosts.near);
        await("the port to be down", () -> !lan.port(hosts.near).status().up());
        hosts.plug();
        await("the port to be up", () -> lan.port(hosts.near).status().up());
        try (PacketSocket far = PacketSocket.open(hosts.far, "eth0")) {
            awaitFrameFrom(far);
            assertThat(host.send(frame(2, 60))).isTrue();
            assertThat(far.receive(10_000)).isEqualTo(frame(2, 60));
        }
    }

    private void awaitFrameFrom(PacketSocket far) throws InterruptedException {
        await("a frame from afar", () -> {
            try {
                far.send(frame(1, 60));
            } catch (IOException e) {
                return false; // the carrier is on its way
            }
            return statistics().rxFrames() > 0;
        });
    }

    @Test
    void shouldSayWhichInterfacesThereAre() {
        assertThatThrownBy(() -> lan.add("pcap:none7"))
                .isInstanceOf(PortException.class)
                .hasMessageStartingWith("pcap port 'none7': ")
                .hasMessageContaining("accepted: ")
                .hasMessageContaining(hosts.near);
    }

    @Test
    void shouldSayThatAnInterfaceIsDown() {
        hosts.near("ip", "link", "set", hosts.near, "down");
        assertThatThrownBy(() -> lan.add("pcap:" + hosts.near))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("bring it up, as root: ip link set " + hosts.near + " up");
    }
}
