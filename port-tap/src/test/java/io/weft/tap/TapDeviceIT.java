package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;
import io.weft.nativeio.VirtioNetHeader;
import io.weft.port.Offload;
import io.weft.port.PortCapabilities;
import io.weft.port.PortException;
import io.weft.worker.AttachedDriver;
import io.weft.worker.NanoClock;
import io.weft.worker.PortStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the device itself: options, names, persistence, and what is said when it cannot be had. */
@Timeout(120)
class TapDeviceIT {
    private VirtualSwitch lan;
    private NetworkNamespace host;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
    }

    @BeforeEach
    void start() {
        lan = VirtualSwitch.builder().workers(1).invoker(NanoClock.SYSTEM).build();
        host = NetworkNamespace.create("dev");
    }

    @AfterEach
    void end() {
        lan.close();
        host.close();
    }

    private AttachedDriver add(String nameAndOptions) throws PortException {
        return lan.add("tap:" + nameAndOptions + (nameAndOptions.contains("?") ? "&" : "?") + "netns=" + host.name());
    }

    private String sys(String device, String attribute) {
        return host.run("cat", "/sys/class/net/" + device + "/" + attribute).trim();
    }

    private boolean exists(String device) {
        return host.succeeds("ip", "link", "show", device);
    }

    @Test
    void shouldConfigureTheDeviceAsTold() throws Exception {
        add(
                "t0?mtu=9000&gso_max_size=61440&hwaddr=02:00:00:00:00:42&address=10.1.0.1/24&address=10.2.0.1/16&address=fd01::1/64"
                        + "&address=fd02::1/48");
        assertThat(sys("t0", "mtu")).isEqualTo("9000");
        assertThat(host.run("ip", "-d", "link", "show", "dev", "t0")).contains("gso_max_size 61440");
        assertThat(sys("t0", "address")).isEqualTo("02:00:00:00:00:42");
        assertThat(host.run("ip", "address", "show", "t0"))
                .contains("inet 10.1.0.1/24 ", "inet 10.2.0.1/16 ", "inet6 fd01::1/64 ", "inet6 fd02::1/48 ")
                .contains("UP");
        assertThat(lan.ports()).singleElement().extracting("name").isEqualTo("t0");
    }

    @Test
    void shouldLeaveTheDeviceDownIfTold() throws Exception {
        add("t0?up=false");
        assertThat(host.run("ip", "link", "show", "t0")).contains("state DOWN").doesNotContain("UP");
    }

    @Test
    void shouldTakeTheExtremesOfTheMtu() throws Exception {
        add("t0?mtu=68");
        add("t1?mtu=65521");
        assertThat(sys("t0", "mtu")).isEqualTo("68");
        assertThat(sys("t1", "mtu")).isEqualTo("65521");
    }

    @Test
    void shouldReportTheNameThatAPatternBecame() throws Exception {
        AttachedDriver first = add("probe%d");
        AttachedDriver second = add("probe%d");
        assertThat(first.ports()).singleElement().extracting("name").isEqualTo("probe0");
        assertThat(second).hasToString("tap:probe1");
        assertThat(exists("probe0")).isTrue();
        assertThat(exists("probe1")).isTrue();
    }

    @Test
    void shouldNameADeviceOfOurOwnNamespaceToo() throws Exception {
        try (AttachedDriver here = lan.add("tap:weftest%d?up=false")) {
            String name = here.ports().get(0).name();
            assertThat(name).matches("weftest\\d+");
            assertThat(Path.of("/sys/class/net", name)).exists();
            here.close();
            assertThat(Path.of("/sys/class/net", name)).doesNotExist();
        }
    }

    @Test
    void shouldTakeANamespaceByPath() throws Exception {
        lan.add("tap:t0?netns=/run/netns/" + host.name());
        assertThat(exists("t0")).isTrue();
    }

    @Test
    void shouldNotMoveTheCallingThread() throws Exception {
        String before =
                Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
        add("t0");
        assertThat(Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"))).hasToString(before);
    }

    @Test
    void shouldRemoveTheDeviceItMade() throws Exception {
        AttachedDriver driver = add("t0?address=10.1.0.1/24");
        assertThat(exists("t0")).isTrue();
        driver.close();
        assertThat(exists("t0")).isFalse();
    }

    @Test
    void shouldKeepAPersistentDeviceAndAttachToItAgain() throws Exception {
        add("t0?persist&mtu=1400&owner=nobody").close();
        assertThat(exists("t0")).isTrue();
        assertThat(sys("t0", "owner")).isEqualTo("65534");

        add("t0?address=10.1.0.1/24").close(); // not said: it stays
        assertThat(sys("t0", "mtu")).isEqualTo("1400");
        assertThat(host.run("ip", "address", "show", "t0")).contains("10.1.0.1/24");

        add("t0?address=10.1.0.1/24&owner=12345").close(); // an address that is there already is no error
        assertThat(sys("t0", "owner")).isEqualTo("12345");

        add("t0?persist=false").close();
        assertThat(exists("t0")).isFalse();
    }

    @Test
    void shouldAttachToADeviceThatRootPrepared() throws Exception {
        host.run("ip", "tuntap", "add", "dev", "t0", "mode", "tap");
        AttachedDriver driver = add("t0");
        assertThat(host.run("ip", "link", "show", "t0")).contains("LOWER_UP"); // carrier: somebody has it open
        driver.close();
        assertThat(exists("t0")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"on, on, on", "csum, on, off", "off, off, off"})
    void shouldSetWhatTheHostMaySendWhateverAnEarlierUserLeft(String offload, String checksums, String tso)
            throws Exception {
        NetworkNamespace.assumeProgram("ethtool");
        for (int left : new int[] {0, 1, 0x6f}) {
            EarlierUser.leave(host, "t0", 12, left);
            AttachedDriver driver = add("t0?persist=false&offload=" + offload);
            assertThat(host.run("ethtool", "-k", "t0"))
                    .as("after an earlier user's TUNSETOFFLOAD %x", left)
                    .contains("tx-checksum-ip-generic: " + checksums + "\n")
                    .contains("tx-tcp-segmentation: " + tso + "\n")
                    .contains("tx-tcp6-segmentation: " + tso + "\n")
                    .contains("tx-tcp-ecn-segmentation: " + tso + "\n");
            Set<Offload> offloads = lan.ports().get(0).capabilities().offloads();
            assertThat(offloads.contains(Offload.CHECKSUM)).isEqualTo(checksums.equals("on"));
            assertThat(offloads.containsAll(Set.of(Offload.TSO4, Offload.TSO6, Offload.TSO_ECN)))
                    .isEqualTo(tso.equals("on"));
            driver.close();
            assertThat(exists("t0")).isFalse();
        }
    }

    @Test
    void shouldSayWhatItsPortCanDo() throws Exception {
        add("t0");
        add("t1?offload=csum");
        add("t2?offload=off");
        Map<String, PortCapabilities> ports =
                lan.ports().stream().collect(Collectors.toMap(PortStatus::name, PortStatus::capabilities));
        assertThat(ports.get("t0").offloads()).contains(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6, Offload.TSO_ECN);
        assertThat(ports.get("t0").coalescing()).isTrue();
        assertThat(ports.get("t0").headroom()).isEqualTo(VirtioNetHeader.LENGTH);
        assertThat(ports.get("t1").offloads()).containsExactly(Offload.CHECKSUM);
        assertThat(ports.get("t1").coalescing()).isFalse();
        assertThat(ports.get("t1").headroom()).isEqualTo(VirtioNetHeader.LENGTH);
        assertThat(ports.get("t2").offloads()).isEmpty();
        assertThat(ports.get("t2").coalescing()).isFalse();
        assertThat(ports.get("t2").headroom()).isZero();
    }

    @Test
    void shouldSayWhoHasTheDevice() throws Exception {
        add("t0?persist");
        VirtualSwitch other = VirtualSwitch.builder().invoker(NanoClock.SYSTEM).build();
        assertThatThrownBy(() -> other.add("tap:t0?netns=" + host.name()))
                .isInstanceOf(PortException.class)
                .hasMessageStartingWith("tap port 't0': attach to the TAP device: EBUSY (")
                .hasMessageContaining("grep -l 'iff:.*t0$' /proc/[0-9]*/fdinfo/*");
        other.close();
    }

    @Test
    void shouldSayThatANameBelongsToSomethingElse() {
        host.run("ip", "link", "add", "t0", "type", "veth", "peer", "name", "t1");
        assertThatThrownBy(() -> add("t0"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("EINVAL")
                .hasMessageContaining("is no TAP")
                .hasMessageContaining("tap port 't0'")
                .hasMessageContaining("ip -d link show t0");
        assertThat(exists("t0")).isTrue();
    }

    @Test
    void shouldSayThatTheDeviceIsOfTheOtherKind() throws Exception {
        for (String mode : new String[] {"mode tap", "mode tap multi_queue", "mode tun", "mode tun multi_queue"}) {
            host.run(("ip tuntap add dev t0 " + mode).split(" "));
            boolean tap = mode.contains("tap");
            String wanted = tap ? "tun" : "tap";
            for (String queues : new String[] {"1", "2"}) {
                assertThatThrownBy(() -> lan.add(wanted + ":t0?netns=" + host.name() + "&queues=" + queues))
                        .isInstanceOf(PortException.class)
                        .hasMessage(
                                tap
                                        ? "tun port 't0': attach to the TUN device: t0 exists and is a TAP device, which carries"
                                                + " Ethernet frames; say tap:t0, or choose another name"
                                        : "tap port 't0': attach to the TAP device: t0 exists and is a TUN device, which carries"
                                                + " IP packets; say tun:t0, or choose another name");
            }
            assertThat(exists("t0")).isTrue();
            host.run("ip", "link", "delete", "t0");
        }
        assertThat(lan.ports()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tap", "tun"})
    void shouldRouteThroughTheDeviceAsLongAsItLives(String scheme) throws Exception {
        AttachedDriver driver =
                lan.add(scheme + ":t0?address=10.1.0.1/24&route=10.2.0.0/16&route=0.0.0.0/0&route=fd02::/48"
                        + "&route=::/0&netns=" + host.name());
        assertThat(host.run("ip", "route", "show", "dev", "t0"))
                .contains("10.2.0.0/16 scope link", "default scope link", "10.1.0.0/24 proto kernel");
        assertThat(host.run("ip", "-6", "route", "show", "dev", "t0")).contains("fd02::/48 ", "default ");
        assertThat(host.run("ip", "route", "get", "10.2.3.4")).contains("dev t0", "src 10.1.0.1");
        driver.close();
        assertThat(host.run("ip", "route") + host.run("ip", "-6", "route")).doesNotContain("t0");
    }

    @Test
    void shouldTakeARouteThatIsThereAlreadyForItsOwn() throws Exception {
        host.run("ip", "tuntap", "add", "dev", "t0", "mode", "tun");
        host.run("ip", "link", "set", "t0", "up");
        host.run("ip", "route", "add", "10.2.0.0/16", "dev", "t0");
        for (int i = 0; i < 2; i++) {
            lan.add("tun:t0?route=10.2.0.0/16&route=fd02::/48&netns=" + host.name())
                    .close();
        }
        assertThat(host.run("ip", "route", "show", "dev", "t0").lines()).hasSize(1);
        assertThat(host.run("ip", "-6", "route", "show", "fd02::/48")).contains("dev t0");
    }

    @Test
    void shouldNotTakeAnotherDevicesRouteAway() throws Exception {
        add("other?address=10.1.0.1/24&route=0.0.0.0/0&route=fd02::/48");
        for (String route : new String[] {"0.0.0.0/0", "10.1.0.0/24", "fd02::/48"}) {
            assertThatThrownBy(() -> lan.add("tun:t0?route=" + route + "&netns=" + host.name()))
                    .as(route)
                    .isInstanceOf(PortException.class)
                    .hasMessageStartingWith("tun port 't0': option route is '" + route + "': add the route: EEXIST (")
                    .hasMessageContaining("ip route show " + route);
        }
        assertThat(exists("t0")).isFalse();
        assertThat(host.run("ip", "route", "show", "default")).contains("dev other");
    }

    @Test
    void shouldNameTheRouteThatNeedsADeviceThatIsUp() {
        for (String route : new String[] {"10.2.0.0/16", "fd02::/48"}) {
            assertThatThrownBy(() -> add("t0?up=false&route=" + route))
                    .isInstanceOf(PortException.class)
                    .hasMessageStartingWith("tap port 't0': option route is '" + route + "': add the route: ENETDOWN (")
                    .hasMessageContaining("leave out the option up");
        }
        assertThat(exists("t0")).isFalse();
    }

    @Test
    void shouldMakeATunDevice() throws Exception {
        AttachedDriver driver =
                lan.add("tun:probe%d?mtu=1400&gso_max_size=61440&address=10.1.0.1/24&address=fd01::1/64&owner=12345"
                        + "&netns=" + host.name());
        assertThat(driver).hasToString("tun:probe0");
        assertThat(sys("probe0", "mtu")).isEqualTo("1400");
        assertThat(sys("probe0", "type")).isEqualTo("65534"); // no link layer
        assertThat(sys("probe0", "owner")).isEqualTo("12345");
        assertThat(host.run("ip", "-d", "link", "show", "probe0"))
                .contains("POINTOPOINT", "NOARP", "gso_max_size 61440");
        assertThat(host.run("ip", "address", "show", "probe0")).contains("inet 10.1.0.1/24 ", "inet6 fd01::1/64 ");
        driver.close();
        assertThat(exists("probe0")).isFalse();

        lan.add("tun:t0?persist&netns=" + host.name()).close();
        lan.add("tun:t0?persist=false&offload=off&netns=" + host.name()).close();
        assertThat(exists("t0")).isFalse();
    }

    @Test
    void shouldSayWhatATunPortCanDo() throws Exception {
        lan.add("tun:t0?netns=" + host.name());
        PortCapabilities capabilities = lan.ports().get(0).capabilities();
        assertThat(capabilities.offloads()).contains(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6, Offload.TSO_ECN);
        assertThat(capabilities.coalescing()).isTrue();
        assertThat(capabilities.headroom())
                .as("the virtio header takes the place of the Ethernet header")
                .isZero();
    }

    @Test
    void shouldRefuseANameThatAPortOfTheSwitchHas() throws Exception {
        NetworkNamespace other = NetworkNamespace.create("other");
        try {
            add("t0");
            assertThatThrownBy(() -> lan.add("tap:t0?netns=" + other.name() + "&persist"))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("'t0'");
            assertThat(other.succeeds("ip", "link", "show", "t0")).isFalse(); // persist or not: nothing is left behind

            lan.add("tap:t0?name=other&netns=" + other.name()); // the way out
            assertThat(lan.ports()).extracting("name").containsExactlyInAnyOrder("t0", "other");
        } finally {
            other.close();
        }
    }

    @Test
    void shouldNameTheNamespaceThatDoesNotExist() throws Exception {
        add("other"); // so that the worker has what it opens once
        int before = OpenDescriptors.count();
        assertThatThrownBy(() -> lan.add("tap:t0?netns=no-such-netns"))
                .isInstanceOf(PortException.class)
                .hasMessageStartingWith(
                        "tap port 't0': option netns is 'no-such-netns': open /run/netns/no-such-netns: ")
                .hasMessageContaining("ENOENT")
                .hasMessageContaining("ip netns add no-such-netns");
        assertThatThrownBy(() -> lan.add("tap:t0?netns=/etc/hostname"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("setns to /etc/hostname: EINVAL");
        assertThat(OpenDescriptors.count()).isEqualTo(before);
    }

    @Test
    void shouldNameTheOwnerThatDoesNotExist() {
        assertThatThrownBy(() -> add("t0?owner=no-such-user"))
                .hasMessage(
                        "tap port 't0': option owner is 'no-such-user'; accepted: a uid (0..4294967294), or a user that `getent"
                                + " passwd` lists");
        assertThatThrownBy(() -> add("t0?owner=4294967295")).hasMessageContaining("option owner is '4294967295'");
        assertThat(exists("t0")).isFalse();
    }

    @Test
    void shouldNameTheAddressThatTheKernelRefuses() throws Exception {
        add("other"); // so that the worker has what it opens once
        int before = OpenDescriptors.count();
        host.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
        assertThatThrownBy(() -> add("t0?address=fd00::1/64"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("option address is 'fd00::1/64'")
                .hasMessageContaining("sysctl net.ipv6.conf.t0.disable_ipv6");
        assertThat(exists("t0")).isFalse();
        assertThat(OpenDescriptors.count()).isEqualTo(before);
    }

    @Test
    void shouldFindNoMoreWorkAfterTheDeviceIsGone() throws Exception {
        AtomicReference<String> reason = new AtomicReference<>();
        lan.addListener(new SwitchListener() {
            @Override
            public void portDown(String port, String why) {
                reason.set(why);
            }
        });
        add("t0");
        host.run("ip", "link", "delete", "t0");
        NetworkNamespace.await("the port goes down", () -> {
            lan.step();
            return reason.get() != null;
        });
        NetworkNamespace.await("the switch comes to rest", () -> !lan.step());
        for (int i = 0; i < 100; i++) {
            assertThat(lan.step()).isFalse();
        }
        assertThat(lan.ports()).singleElement().extracting("up").isEqualTo(false);
        assertThat(lan.statistics().unaccounted()).isZero();
    }
}
