package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.VirtualSwitch;
import io.weft.port.PortException;
import io.weft.tap.NetworkNamespace;
import io.weft.tap.OpenTap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What this machine or its user does not have: which option is to blame, and what helps. */
@Timeout(120)
class GreOpeningIT {
    private NetworkNamespace site;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("setpriv");
    }

    /** With 10.0.0.1 and fd00::1 on a wire of its own, and no other route. */
    @BeforeEach
    void start() {
        site = NetworkNamespace.create("site");
        TwoSites.sh(
                site,
                "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad",
                "ip link add eth0 type veth peer name eth1",
                "ip address add 10.0.0.1/24 dev eth0",
                "ip address add fd00::1/64 dev eth0",
                "ip link set eth1 up",
                "ip link set eth0 up");
    }

    @AfterEach
    void end() {
        site.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "remote_ip=10.0.0.2&local_ip=10.0.0.7 | option local_ip is '10.0.0.7' | none of this machine's addresses",
                "remote_ip=fd00::2&local_ip=fd00::7 | option local_ip is 'fd00::7' | none of this machine's addresses",
                "remote_ip=10.0.0.2&dev=eth7 | option dev is 'eth7' | no such interface",
                "remote_ip=192.0.2.1 | option remote_ip is '192.0.2.1' | no route",
                "remote_ip=2001:db8::1 | option remote_ip is '2001:db8::1' | no route",
                "remote_ip=10.0.0.1 | remote end 10.0.0.1 | own address",
                "remote_ip=10.0.0.2&encap=udp&local_ip=10.0.0.7 | option local_ip is '10.0.0.7' | none of this machine's",
            })
    void shouldSayWhatIsWrong(String options, String option, String reason) throws Exception {
        try (VirtualSwitch lan = VirtualSwitch.create()) {
            for (String scheme : new String[] {"gretap", "mgretap"}) {
                assertThatThrownBy(() -> lan.add(scheme + ":g0?netns=" + site.name() + "&" + options))
                        .isInstanceOf(PortException.class)
                        .hasMessageContaining("g0")
                        .hasMessageContaining(option)
                        .hasMessageContaining(reason);
                assertThat(lan.ports()).isEmpty();
            }
            // Nothing of it is left, so that the same is possible again, done right.
            lan.add("gretap:g0?netns=" + site.name() + "&remote_ip=10.0.0.2");
            assertThat(lan.ports()).hasSize(1);
        }
    }

    @Test
    void shouldSayThatThereIsNoSuchNamespace() {
        try (VirtualSwitch lan = VirtualSwitch.create()) {
            assertThatThrownBy(() -> lan.add("gretap:g0?remote_ip=10.0.0.2&netns=weft-nowhere"))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("option netns is 'weft-nowhere'")
                    .hasMessageContaining("ip netns");
        }
    }

    /** Opens a port in a JVM without capabilities; returns what it printed. */
    private String withoutCapabilities(String uri) {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path"), OpenTap.class.getName(), uri));
        return site.run(command.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gretap:g0?remote_ip=10.0.0.2", "mgretap:g0?remote_ip=fd00::2"})
    void shouldSayWhichCapabilityIsMissingAndHowToDoWithout(String uri) {
        String scheme = uri.substring(0, uri.indexOf(':'));
        assertThat(withoutCapabilities(uri))
                .contains("refused: " + scheme + " port 'g0': option encap is 'none'")
                .contains("EPERM")
                .contains("CAP_NET_RAW")
                .contains("setpriv --reuid USER")
                .contains("encap=udp");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gretap:g0?remote_ip=10.0.0.2",
                "mgretap:g0?remote_ip=fd00::2",
                "gretap:g0?remote_ip=10.0.0.2&seq=true&src_ports=1"
            })
    void shouldNeedNoCapabilityInUdp(String uri) {
        assertThat(withoutCapabilities(uri + "&encap=udp")).contains("opened").doesNotContain("refused");
    }
}
