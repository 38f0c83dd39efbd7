package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.VirtualSwitch;
import io.weft.port.PortException;
import io.weft.tap.NetworkNamespace;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What this machine does not have, or somebody else has already: which option is to blame, and what helps. */
@Timeout(60)
class VxlanOpeningIT {
    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
    }

    /** With 10.0.0.1 and fd00::1 on a wire of its own, no other route, and a tunnel of the kernel's at port 4790. */
    private static NetworkNamespace namespace() {
        NetworkNamespace namespace = NetworkNamespace.create("site");
        KernelNetwork.sh(
                namespace,
                "sysctl -qw net.ipv6.conf.default.accept_dad=0",
                "ip link add eth0 type veth peer name eth1",
                "ip address add 10.0.0.1/24 dev eth0",
                "ip address add fd00::1/64 dev eth0",
                "ip link set eth1 up",
                "ip link set eth0 up",
                "ip link add vx9 type vxlan id 9 dstport 4790 local 10.0.0.1 remote 10.0.0.9",
                "ip link set vx9 up");
        return namespace;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dst_port=4790 | option dst_port is '4790' | in use | ip -d link show",
                "local_ip=10.0.0.7 | option local_ip is '10.0.0.7' | none of this machine's addresses | ip addr",
                "local_ip=fd00::7 | option local_ip is 'fd00::7' | none of this machine's addresses | ip addr",
                "dev=eth7 | option dev is 'eth7' | no such interface | eth0",
                "remote_ip=192.0.2.1 | option remote_ip is '192.0.2.1' | no route | ip route get 192.0.2.1",
                "remote_ip=2001:db8::1 | option remote_ip is '2001:db8::1' | no route | ip route get 2001:db8::1",
                "remote_ip=10.0.0.1 | remote end 10.0.0.1 | own address | accepted: that of another one",
                "group=239.1.1.1 | option group is '239.1.1.1' | no route | option dev",
                "group=239.1.1.1&dev=eth7 | option dev is 'eth7' | no such interface | eth0",
                "group=ff05::100&dev=eth7 | option dev is 'eth7' | no such interface | eth0",
            })
    void shouldSayWhatIsWrong(String options, String option, String reason, String advice) throws Exception {
        try (NetworkNamespace site = namespace();
                VirtualSwitch lan = VirtualSwitch.create()) {
            assertThatThrownBy(() -> lan.add("vxlan:vx0?key=100&netns=" + site.name() + "&" + options))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("vx0")
                    .hasMessageContaining(option)
                    .hasMessageContaining(reason)
                    .hasMessageContaining(advice);
            assertThat(lan.ports()).isEmpty();
            // Nothing of it is left, so that the same is possible again, done right.
            lan.add("vxlan:vx0?key=100&netns=" + site.name() + "&remote_ip=10.0.0.2");
            assertThat(lan.ports()).hasSize(1);
        }
    }

    @Test
    void shouldSayThatThereIsNoSuchNamespace() {
        try (VirtualSwitch lan = VirtualSwitch.create()) {
            assertThatThrownBy(() -> lan.add("vxlan:vx0?key=100&netns=weft-nowhere"))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("option netns is 'weft-nowhere'")
                    .hasMessageContaining("ip netns");
        }
    }

    @Test
    void shouldSayWhoHasTheVniAlready() throws Exception {
        try (NetworkNamespace site = namespace();
                VirtualSwitch lan = VirtualSwitch.create()) {
            String port = "?key=100&remote_ip=10.0.0.2&netns=" + site.name();
            lan.add("vxlan:vx0" + port);
            assertThatThrownBy(() -> lan.add("vxlan:vx1" + port))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("key 100 is port 'vx0''s too")
                    .hasMessageContaining("another key");
            lan.add("vxlan:vx2?key=101&remote_ip=10.0.0.2&netns=" + site.name());
            // Another switch cannot share its socket.
            try (VirtualSwitch other = VirtualSwitch.create()) {
                assertThatThrownBy(() -> other.add("vxlan:vx3?key=102&netns=" + site.name()))
                        .isInstanceOf(PortException.class)
                        .hasMessageContaining("option dst_port is '4789'")
                        .hasMessageContaining("in use");
            }
        }
    }
}
