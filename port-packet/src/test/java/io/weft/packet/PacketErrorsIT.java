package io.weft.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.VirtualSwitch;
import io.weft.port.PortException;
import io.weft.tap.NetworkNamespace;
import io.weft.tap.OpenTap;
import io.weft.worker.NanoClock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said when an interface cannot be used, and that nothing is left behind then. */
@Timeout(120)
class PacketErrorsIT {
    private NetworkNamespace host;
    private VirtualSwitch lan;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
    }

    @BeforeEach
    void start() {
        host = NetworkNamespace.create("err");
        lan = VirtualSwitch.builder().invoker(NanoClock.SYSTEM).build();
    }

    @AfterEach
    void end() {
        lan.close();
        host.close();
    }

    private void add(String nameAndOptions) throws PortException {
        lan.add("packet:" + nameAndOptions + (nameAndOptions.contains("?") ? "&" : "?") + "netns=" + host.name());
    }

    @Test
    void shouldListTheInterfacesThatThereAre() {
        host.run("ip", "link", "add", "eth7", "type", "veth", "peer", "name", "other");
        assertThatThrownBy(() -> add("eth0"))
                .isInstanceOf(PortException.class)
                .hasMessage(
                        "packet port 'eth0': look for eth0: ENODEV (No such device); no such interface in namespace '"
                                + host.name()
                                + "'; there are: eth7, lo, other (one in another namespace: option netns)");
        assertThatThrownBy(() -> lan.add("packet:no-such-link"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("no such interface here; there are: ")
                .hasMessageContaining("lo");
        assertThat(lan.ports()).isEmpty();
    }

    @Test
    void shouldRefuseWhatIsNoEthernet() {
        assertThatThrownBy(() -> add("lo"))
                .isInstanceOf(PortException.class)
                .hasMessageStartingWith(
                        "packet port 'lo': the interface is no Ethernet but the loopback; accepted: a NIC");
        host.run("ip", "tuntap", "add", "dev", "tun0", "mode", "tun");
        assertThatThrownBy(() -> add("tun0"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("a layer 3 interface without a link layer");
    }

    @Test
    void shouldNameTheNamespaceThatDoesNotExist() {
        assertThatThrownBy(() -> lan.add("packet:eth0?netns=no-such-netns"))
                .isInstanceOf(PortException.class)
                .hasMessageStartingWith("packet port 'eth0': option netns is 'no-such-netns': open"
                        + " /run/netns/no-such-netns: ENOENT")
                .hasMessageContaining("ip netns add no-such-netns");
    }

    @Test
    void shouldLeaveNoDescriptorBehind() throws Exception {
        host.run("ip", "link", "add", "eth7", "type", "veth", "peer", "name", "other");
        add("other");
        failInEveryWay(); // so that the workers have what they open once
        long before = descriptors();
        failInEveryWay();
        assertThat(descriptors()).isEqualTo(before);
    }

    private void failInEveryWay() {
        assertThatThrownBy(() -> add("eth0")).isInstanceOf(PortException.class);
        assertThatThrownBy(() -> add("lo")).isInstanceOf(PortException.class);
        assertThatThrownBy(() -> add("eth7?name=other")).hasMessageContaining("'other'"); // the name is taken
    }

    private static long descriptors() {
        String[] open = Path.of("/proc/self/fd").toFile().list();
        return open == null ? 0 : open.length;
    }

    /** Runs {@link OpenTap}, which opens any port, behind {@code prefix}, and returns what it printed. */
    private String open(String uri, String... prefix) {
        NetworkNamespace.assumeProgram("setpriv");
        List<String> command = new ArrayList<>(List.of(prefix));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path"), OpenTap.class.getName(), uri));
        return host.run(command.toArray(String[]::new));
    }

    @Test
    void shouldSayWhichCapabilityIsMissing() {
        host.run("ip", "link", "add", "eth7", "type", "veth", "peer", "name", "other");
        assertThat(open("packet:eth7", "setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"))
                .contains("refused: packet port 'eth7': socket(AF_PACKET): EPERM (Operation not permitted); that needs"
                        + " CAP_NET_RAW: run as root")
                .contains("setpriv --reuid USER --init-groups --inh-caps +net_raw --ambient-caps +net_raw COMMAND");
    }

    @Test
    void shouldWorkWithThatCapabilityAloneAndSayWhatIsNotGranted() {
        host.run("ip", "link", "add", "eth7", "type", "veth", "peer", "name", "other");
        host.run("ip", "link", "set", "eth7", "up");
        host.run("ip", "link", "set", "other", "up");
        String[] rawOnly = {
            "setpriv", "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw"
        };
        assertThat(open("packet:eth7", rawOnly)).contains("opened packet:eth7").doesNotContain("says");
        assertThat(open("packet:eth7?rcvbuf=1073741824", rawOnly))
                .contains("opened packet:eth7")
                .containsPattern(
                        "packet:eth7 says: option rcvbuf is '1073741824', but the kernel grants \\d+: more needs"
                                + " CAP_NET_ADMIN, or as root: sysctl -w net.core.rmem_max=1073741824");
    }
}
