package io.weft.srv6;

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

/** The routes that an open port has, and what this machine or its user does not have: which option is to blame, and what helps. */
@Timeout(120)
class Srv6OpeningIT {
    private static final String SIDS = "&sid=fc00:1:0:d2::/64 End.DT2U arglen 16&sid=fc00:1:0:e:: End";

    private NetworkNamespace site;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("setpriv");
    }

    /** With fc00:1::1 on a wire of its own, and no other route. */
    @BeforeEach
    void start() {
        site = NetworkNamespace.create("site");
        KernelSites.sh(
                site,
                "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad",
                "ip link add eth0 type veth peer name eth1",
                "ip address add fc00:1::1/64 dev eth0",
                "ip link set eth1 up",
                "ip link set eth0 up",
                "ip -6 route add fc00:2::/32 via fc00:1::2");
    }

    @AfterEach
    void end() {
        site.close();
    }

    private String uri(String options) {
        return "srv6:s0?mode=bridge&netns=" + site.name() + "&local_ip=fc00:1::1" + options;
    }

    private List<String> routes() {
        return site.run("ip", "-6", "route", "show", "table", "all", "proto", "87")
                .lines()
                .map(line -> line.strip().replaceAll("^(\\w+ \\S+) .*", "$1"))
                .toList();
    }

    // ---- routes ----

    @ParameterizedTest
    @CsvSource({"auto, blackhole", "local, local"})
    void shouldHaveARouteForEachSidAsLongAsItIsOpen(String option, String kind) throws Exception {
        try (VirtualSwitch lan = VirtualSwitch.create()) {
            var port = lan.add(uri("&sid_route=" + option + SIDS));
            assertThat(routes()).containsExactlyInAnyOrder(kind + " fc00:1:0:d2::/64", kind + " fc00:1:0:e::");
            port.close();
            assertThat(routes()).isEmpty();
            lan.add(uri("&sid_route=" + option + SIDS));
            assertThat(routes()).hasSize(2);
        }
        assertThat(routes()).isEmpty(); // closed with the switch
        try (VirtualSwitch lan = VirtualSwitch.create()) {
            lan.add(uri(SIDS));
            assertThat(routes()).isEmpty(); // unless asked for
        }
    }

    @Test
    void shouldLeaveNoRouteWhenItCannotBeOpened() throws Exception {
        site.run("ip", "-6", "route", "add", "unreachable", "fc00:1:0:e::/128");
        try (VirtualSwitch lan = VirtualSwitch.create()) {
            assertThatThrownBy(() -> lan.add(uri("&sid_route=auto" + SIDS)))
                    .isInstanceOf(PortException.class)
                    .hasMessageContainingAll("s0", "sid_route", "fc00:1:0:e::", "ip -6 route show");
            assertThat(lan.ports()).isEmpty();
            assertThat(routes()).isEmpty(); // that of the first SID is gone again
            site.run("ip", "-6", "route", "del", "unreachable", "fc00:1:0:e::/128");
            lan.add(uri("&sid_route=auto" + SIDS));
            assertThat(routes()).hasSize(2);
            // A second port whose last SID is the first one's, which keeps its routes.
            assertThatThrownBy(() -> lan.add(uri("&sid_route=auto&sid=fc00:1:0:d3:: End.DT2M&sid=fc00:1:0:e:: End")
                            .replace("s0", "s1")))
                    .isInstanceOf(PortException.class)
                    .hasMessageContainingAll("s1", "fc00:1:0:e::");
            assertThat(routes()).containsExactlyInAnyOrder("blackhole fc00:1:0:d2::/64", "blackhole fc00:1:0:e::");
        }
        assertThat(routes()).isEmpty();
    }

    @Test
    void shouldTakeItsRoutesAwayWhenTheInterfaceIsGone() throws Exception {
        try (VirtualSwitch lan = VirtualSwitch.create()) {
            lan.add(uri("&dev=eth0&sid_route=auto" + SIDS));
            assertThat(routes()).hasSize(2);
            site.run("ip", "link", "del", "eth0");
        }
        assertThat(routes()).isEmpty();
    }

    // ---- what is missing ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "&local_ip=fc00:1::1&dev=eth7 | option dev is 'eth7' | no such interface",
                "&local_ip=fc00:1::1&remote_ip=2001:db8::1 | option remote_ip is '2001:db8::1' | no route",
            })
    void shouldSayWhatIsWrong(String options, String option, String reason) throws Exception {
        try (VirtualSwitch lan = VirtualSwitch.create()) {
            assertThatThrownBy(
                            () -> lan.add("srv6:s0?mode=bridge&sid_route=auto&netns=" + site.name() + options + SIDS))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("s0")
                    .hasMessageContaining(option)
                    .hasMessageContaining(reason);
            assertThat(lan.ports()).isEmpty();
            assertThat(routes()).isEmpty();
            lan.add(uri("&sid_route=auto" + SIDS));
            assertThat(routes()).hasSize(2);
        }
    }

    /** Opens a port in a JVM with these capabilities only; returns what it printed. */
    private String withCapabilities(String capabilities, String uri) {
        List<String> command = new ArrayList<>(List.of(
                "setpriv",
                "--inh-caps=-all" + capabilities,
                "--ambient-caps=-all",
                "--bounding-set=-all" + capabilities));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path"), OpenTap.class.getName(), uri));
        return site.run(command.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&sid_route=auto"})
    void shouldSayWhichCapabilityIsMissingForPackets(String options) {
        assertThat(withCapabilities("", "srv6:s0?mode=bridge&local_ip=fc00:1::1" + options + SIDS))
                .contains("refused: srv6 port 's0'")
                .contains("EPERM")
                .contains("CAP_NET_RAW")
                .contains("setpriv --reuid USER");
    }

    @Test
    void shouldSayWhichCapabilityIsMissingForRoutes() {
        String uri = "srv6:s0?mode=bridge&local_ip=fc00:1::1" + SIDS;
        assertThat(withCapabilities(",+net_raw", uri)).contains("opened").doesNotContain("refused");
        assertThat(withCapabilities(",+net_raw", uri + "&sid_route=auto"))
                .contains("refused: srv6:s0: option sid_route is 'auto'")
                .contains("CAP_NET_ADMIN")
                .contains("setpriv --reuid USER")
                .contains("ip -6 route add blackhole fc00:1:0:d2::/64");
        assertThat(withCapabilities(",+net_raw,+net_admin", uri + "&sid_route=auto"))
                .contains("opened")
                .doesNotContain("refused");
        assertThat(routes()).isEmpty();
    }
}
