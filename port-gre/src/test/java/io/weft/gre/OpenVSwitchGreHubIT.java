package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.bridge.PortSettings;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.port.PortProviders;
import io.weft.tap.FileTransfer;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.HostTraffic;
import io.weft.tunnel.RemoteEnd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One multipoint port and three Open vSwitches, each of which has a tunnel to it only. */
@Timeout(240)
class OpenVSwitchGreHubIT {
    private static final int SPOKES = 3;

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        OpenVSwitchGre.assumeAvailable();
        NetworkNamespace.assumeProgram("iperf3");
        NetworkNamespace.assumeProgram("python3");
    }

    /** The hub is site 1 with host 1; spokes are sites 2 to 4, with hosts 2 to 4 behind Open vSwitch. */
    private static final class Star implements AutoCloseable {
        final List<NetworkNamespace> sites = new ArrayList<>();
        final List<NetworkNamespace> hosts = new ArrayList<>();
        final VirtualSwitch lan = VirtualSwitch.create();
        private final NetworkNamespace core = NetworkNamespace.create("core");
        private final List<OpenVSwitchSite> spokes = new ArrayList<>();
        private final int ipVersion;

        Star(int ipVersion, String tunnel) throws Exception {
            this.ipVersion = ipVersion;
            boolean complete = false;
            try {
                TwoSites.sh(core, "ip link add br0 up type bridge mcast_snooping 0");
                for (int number = 1; number <= 1 + SPOKES; number++) {
                    site(number);
                }
                sites.get(0).run("ip", "address", "add", address(1) + prefix(), "dev", "eth0");
                lan.add("tap:eth1?address=10.9.0.1/24&address=fd09::1/64&hwaddr=" + mac(1) + "&mtu="
                        + OpenVSwitchGre.MTU + "&netns=" + hosts.get(0).name());
                for (int number = 2; number <= 1 + SPOKES; number++) {
                    OpenVSwitchSite spoke = new OpenVSwitchSite(
                            sites.get(number - 1),
                            address(number) + prefix(),
                            address(1),
                            host(number),
                            "eth" + number);
                    spokes.add(spoke);
                    spoke.tunnel("gre" + number, tunnel);
                }
                complete = true;
            } finally {
                if (!complete) {
                    close();
                }
            }
        }

        private void site(int number) {
            NetworkNamespace site = NetworkNamespace.create("u" + number);
            sites.add(site);
            NetworkNamespace host = NetworkNamespace.create("h" + number);
            hosts.add(host);
            for (NetworkNamespace each : List.of(site, host)) {
                TwoSites.sh(each, "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad");
            }
            TwoSites.sh(
                    site,
                    "ip link add eth0 type veth peer name site" + number + " netns " + core.name(),
                    "ethtool -K eth0 tx off txvlan off",
                    "ip link set eth0 up");
            TwoSites.sh(
                    core,
                    "ip link set site" + number + " master br0 up",
                    "ethtool -K site" + number + " tx off txvlan off");
            if (number > 1) {
                TwoSites.sh(
                        host,
                        "ip link add eth" + number + " mtu " + OpenVSwitchGre.MTU + " address " + mac(number)
                                + " type veth peer name to-eth" + number + " netns " + site.name(),
                        "ethtool -K eth" + number + " tx off txvlan off",
                        "ip address add 10.9.0." + number + "/24 dev eth" + number,
                        "ip address add fd09::" + number + "/64 dev eth" + number,
                        "ip link set eth" + number + " up");
                site.run("ip", "link", "set", "to-eth" + number, "up");
            }
        }

        NetworkNamespace host(int number) {
            return hosts.get(number - 1);
        }

        String address(int site) {
            return (ipVersion == 4 ? "10.0.0." : "fd00::") + site;
        }

        private String prefix() {
            return ipVersion == 4 ? "/24" : "/64";
        }

        static String mac(int host) {
            return "02:00:00:00:09:0" + host;
        }

        GrePort hub(String options, PortSettings settings) throws PortException {
            GrePort port = (GrePort)
                    PortProviders.create("mgretap:hub?netns=" + sites.get(0).name() + "&local_ip=" + address(1)
                            + "&remote_ip=" + address(2) + "," + address(3) + "," + address(4) + options);
            lan.add(port, settings);
            return port;
        }

        @Override
        public void close() throws Exception {
            lan.close();
            try {
                for (OpenVSwitchSite spoke : spokes) {
                    spoke.close();
                }
            } finally {
                sites.forEach(NetworkNamespace::close);
                hosts.forEach(NetworkNamespace::close);
                core.close();
            }
        }
    }

    @ParameterizedTest(name = "IPv{0}: {1}")
    @CsvSource({"4, '', options:key=0, &keyless_is_zero=true", "6, key, options:key=77, &key=77&csum=true"})
    void shouldSendToEachSpokeOnlyWhatIsForIt(int ipVersion, String name, String theirs, String ours) throws Exception {
        try (Star star = new Star(ipVersion, theirs)) {
            GrePort hub = star.hub(ours, PortSettings.DEFAULT);
            for (int host = 2; host <= 4; host++) {
                HostTraffic.awaitAnswer(star.host(1), "10.9.0." + host);
                HostTraffic.awaitAnswer(star.host(1), "fd09::" + host);
            }
            List<String> stations =
                    star.lan.fdb().stations().stream().map(Object::toString).toList();
            for (int host = 2; host <= 4; host++) {
                String place = Star.mac(host) + " at hub endpoint "
                        + hub.remotes().get(host - 2).endpoint();
                assertThat(stations).anyMatch(station -> station.contains(place));
            }
            // Now that all are known, nobody but spoke 2 hears of what is for host 2.
            GreCapture second = new GreCapture(star.sites.get(1), "eth0", folder.resolve("second"));
            GreCapture third = new GreCapture(star.sites.get(2), "eth0", folder.resolve("third"));
            GreCapture fourth = new GreCapture(star.sites.get(3), "eth0", folder.resolve("fourth"));
            HostTraffic.ping(star.host(1), 10, "10.9.0.2");
            HostTraffic.ping(star.host(1), 10, "10.9.0.3");
            HostTraffic.tcp(star.host(1), star.host(2), "10.9.0.2", "-n", "300K");
            FileTransfer.check(star.host(1), star.host(2), "10.9.0.2");
            FileTransfer.check(star.host(4), star.host(1), "fd09::1");
            NetworkNamespace.await("each has its own", () -> to(second, 2) > 300 && to(third, 3) >= 10);
            for (int host = 2; host <= 4; host++) {
                for (int other = 2; other <= 4; other++) {
                    GreCapture capture = List.of(second, third, fourth).get(other - 2);
                    if (other != host) {
                        assertThat(to(capture, host))
                                .as("for host %d, at spoke %d", host, other)
                                .isZero();
                    }
                }
            }
            // Spokes are not told of each other, unless the hub relays.
            assertThat(star.host(2).succeeds("ping", "-c", "1", "-W", "1", "10.9.0.3"))
                    .isFalse();
            star.lan.port("hub").change(settings -> settings.hairpin(true));
            HostTraffic.awaitAnswer(star.host(2), "10.9.0.3");
            HostTraffic.awaitAnswer(star.host(4), "fd09::3");
            HostTraffic.ping(star.host(2), 5, "10.9.0.3", "-M", "do", "-s", "" + (OpenVSwitchGre.MTU - 28));
            FileTransfer.check(star.host(2), star.host(3), "10.9.0.3");
            FileTransfer.check(star.host(4), star.host(2), "fd09::2");
            assertThat(hub.remotes()).extracting(RemoteEnd::state).containsOnly(RemoteEnd.State.UP);
            NetworkNamespace.await(
                    "no frame unaccounted for", () -> star.lan.statistics().unaccounted() == 0);
            assertThat(star.lan.statistics().dropped(DropReason.TUNNEL_CHECKSUM))
                    .isZero();
        }
    }

    /** Packets in a capture with a unicast frame to a host. */
    private static int to(GreCapture capture, int host) {
        try {
            return capture.read("gre && eth.dst == " + Star.mac(host), "frame.number")
                    .size();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } catch (AssertionError e) {
            return 0; // a packet is just being written
        }
    }
}
