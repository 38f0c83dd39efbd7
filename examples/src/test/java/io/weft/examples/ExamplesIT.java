package io.weft.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.examples.hosts.HostException;
import io.weft.examples.hosts.HostsChoice;
import io.weft.examples.hosts.HostsKind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example does what it tells, run as a user runs it. */
class ExamplesIT {
    @TempDir
    Path folder;

    private static void assumePossible(HostsKind kind) {
        try {
            HostsChoice.checks(progress -> {}).get(kind).run();
        } catch (HostException e) {
            assumeTrue(false, "no " + kind.label() + ": " + e.getMessage());
        }
    }

    private static void shouldBridge(String... arguments) throws Exception {
        try (Program bridge = Program.start(TwoVmBridge.class, arguments)) {
            assertThat(bridge.exitCode()).as("%s", bridge).isZero();
            assertThat(bridge.output())
                    .contains("IPv4 ping ok: 5 of 5 answered", "IPv6 ping ok: 5 of 5 answered", "52:54:00:00:00:02");
        }
    }

    @Test
    void shouldBridgeTwoVirtualMachines() throws Exception {
        assumePossible(HostsKind.VM);
        shouldBridge("--hosts", "vm");
    }

    @Test
    void shouldBridgeTwoNamespacesOverTls() throws Exception {
        assumePossible(HostsKind.NETNS);
        shouldBridge("--hosts", "netns", "--tls");
    }

    @Test
    void shouldBridgeTwoHostsInMemoryAndRecordTheTunnel() throws Exception {
        Path pcap = folder.resolve("tunnel.pcapng");
        shouldBridge("--hosts", "memory", "--pcap", pcap.toString());
        // The format is tested where it is written; here: that the pings are in the file (20 ICMP frames and more).
        assertThat(Files.size(pcap)).isGreaterThan(20 * 98);
        assertThat(Files.readAllBytes(pcap)).startsWith(0x0A, 0x0D, 0x0D, 0x0A);
    }

    @Test
    void shouldKeepTheBridgeUntilItIsTerminated() throws Exception {
        try (Program bridge = Program.start(TwoVmBridge.class, "--hosts", "memory", "--keep")) {
            bridge.awaitLine(line -> line.contains("left running"));
            bridge.terminate();
            assertThat(bridge.exitCode()).as("%s", bridge).isEqualTo(143);
        }
    }

    @Test
    void shouldSayWhichHostsAreAccepted() throws Exception {
        try (Program bridge = Program.start(TwoVmBridge.class, "--hosts", "lxc")) {
            assertThat(bridge.exitCode()).isEqualTo(2);
            assertThat(bridge.output()).contains("--hosts 'lxc'", "vm, netns, memory");
        }
    }

    @Test
    void shouldSwitchBetweenTwoTaps() throws Exception {
        assumePossible(HostsKind.NETNS);
        try (Program taps = Program.start(TwoTaps.class)) {
            assertThat(taps.exitCode()).as("%s", taps).isZero();
            assertThat(taps.output()).contains("IPv4 ping ok: 5 of 5", "IPv6 ping ok: 5 of 5");
        }
    }

    @Test
    void shouldJoinThreeSpokesAtAHub() throws Exception {
        try (Program hub = Program.start(WebSocketHub.class)) {
            assertThat(hub.exitCode()).as("%s", hub).isZero();
            for (int host = 1; host <= 3; host++) {
                assertThat(hub.output())
                        .contains("[host " + host + "] IPv4 ping ok", "[host " + host + "] IPv6 ping ok");
            }
        }
    }

    @Test
    void shouldShareASegmentWithTheKernelsVxlan() throws Exception {
        assumePossible(HostsKind.NETNS);
        try (Program vxlan = Program.start(VxlanToKernel.class)) {
            assertThat(vxlan.exitCode()).as("%s", vxlan).isZero();
            assertThat(vxlan.output())
                    .contains("packets of 1450 bytes fit", "IPv4 ping ok: 5 of 5", "IPv6 ping ok: 5 of 5");
        }
    }

    @Test
    void shouldMeshThreeSwitchesWithVxlan() throws Exception {
        try (Program mesh = Program.start(VxlanMesh.class)) {
            assertThat(mesh.exitCode()).as("%s", mesh).isZero();
            for (int host = 1; host <= 3; host++) {
                assertThat(mesh.output())
                        .contains("[host " + host + "] IPv4 ping ok", "[host " + host + "] IPv6 ping ok");
            }
        }
    }

    @Test
    void shouldLearnBehindTheSpokesOfAGreHubAndThenRelay() throws Exception {
        try (Program hub = Program.start(GreHubAndSpokes.class)) {
            assertThat(hub.exitCode()).as("%s", hub).isZero();
            List<String> said = new ArrayList<>();
            for (int host = 1; host <= 3; host++) {
                // Each spoke's host is in vain until the hub relays; the hub's own hosts are answered without that.
                assertThat(hub.output().lines())
                        .containsSubsequence(
                                "  [host %d] waiting for 10.94.0.%d to answer".formatted(host, host % 3 + 1),
                                "Hosts 4, 5 and 6, behind the hub, ping hosts 1, 2 and 3:");
                String relaying = hub.output().split("Now the hub relays", -1)[1];
                assertThat(relaying).contains("[host " + host + "] IPv4 ping ok", "[host " + host + "] IPv6 ping ok");
                assertThat(hub.output()).contains("[host " + (host + 3) + "] IPv4 ping ok");
                assertThat(hub.output())
                        .containsPattern("02:00:00:00:00:0" + host + " behind 127\\.0\\.0\\." + (host + 1) + ":");
                said.add("  pings of host " + host);
                for (int spoke = 1; spoke <= 3; spoke++) {
                    said.add("    to 127.0.0." + (spoke + 1) + ": " + (spoke == host ? "some" : "none"));
                }
            }
            // How many it counts for the right spoke depends on how soon the first answer came: 4 where that was in
            // time.
            assertThat(hub.output().lines().map(line -> line.replaceFirst(": +\\d+ before, +\\d+ after: ", ": ")
                            .replaceFirst("(?<=^    to .{9}: )0$", "none")
                            .replaceFirst("(?<=^    to .{9}: )[1-4]$", "some")))
                    .containsSubsequence(said);
        }
    }

    @Test
    void shouldJoinThreeSitesBySegmentRouting() throws Exception {
        assumePossible(HostsKind.NETNS);
        try (Program vpn = Program.start(Srv6L2Vpn.class)) {
            assertThat(vpn.exitCode()).as("%s", vpn).isZero();
            for (int host = 1; host <= 3; host++) {
                assertThat(vpn.output())
                        .contains(
                                "[host " + host + "] IPv4 ping ok: 5 of 5", "[host " + host + "] IPv6 ping ok: 5 of 5")
                        .contains("02:00:00:00:00:0" + host + " behind fc00:" + host + "::1");
            }
            assertThat(vpn.output())
                    .containsPattern("fc00:3:0:d2::/128 end\\.dt2u: [1-9]")
                    .containsPattern("fc00:3:0:d3::/128 end\\.dt2m: [1-9]")
                    .containsPattern("fc00:b::e/128 end: [1-9]");
        }
    }

    @Test
    void shouldKeepTwoTenantsWithTheSameAddressesApart() throws Exception {
        assumePossible(HostsKind.NETNS);
        try (Program vpn = Program.start(Srv6L3Vpn.class)) {
            assertThat(vpn.exitCode()).as("%s", vpn).isZero();
            for (String host : List.of("red 1", "red 2", "blue 1", "blue 2")) {
                assertThat(vpn.output())
                        .contains("[" + host + "] IPv4 ping ok: 5 of 5", "[" + host + "] IPv6 ping ok: 5 of 5");
            }
        }
    }

    @Test
    void shouldReachTheKernelBySegmentRouting() throws Exception {
        assumePossible(HostsKind.NETNS);
        assumeTrue(
                Files.exists(Path.of("/proc/sys/net/ipv6/conf/all/seg6_enabled")),
                "skipped: this kernel has no segment routing (seg6)");
        try (Program linux = Program.start(Srv6ToLinux.class)) {
            assertThat(linux.exitCode()).as("%s", linux).isZero();
            assertThat(linux.output())
                    .contains("packets of 1436 bytes fit", "IPv4 ping ok: 5 of 5", "IPv6 ping ok: 5 of 5");
        }
    }

    @Test
    void shouldShareASegmentWithOpenVSwitchByGre() throws Exception {
        try {
            GreToOvs.check();
        } catch (HostException e) {
            assumeTrue(false, "skipped: " + e.getMessage());
        }
        try (Program gre = Program.start(GreToOvs.class)) {
            assertThat(gre.exitCode()).as("%s", gre).isZero();
            assertThat(gre.output())
                    .contains("packets of 1454 bytes fit", "IPv4 ping ok: 5 of 5", "IPv6 ping ok: 5 of 5")
                    .contains("02:00:00:00:00:02 -    gre0");
        }
    }

    @Test
    void shouldEmbedASwitchInAnApplication() throws Exception {
        assumeTrue(isFree(8080), "something listens on 127.0.0.1:8080, the port in the README");
        try (Program app = Program.start(EmbedInYourApp.class)) {
            app.awaitLine(line -> line.contains("ports: 1")); // the others come with their peers
            app.enter();
            assertThat(app.exitCode()).as("%s", app).isZero();
        }
    }

    private static boolean isFree(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    // ---- bin/weft ----

    @Test
    void shouldSwitchUntilItIsTerminatedAndSayWhatItMoved() throws Exception {
        Path pcap = folder.resolve("weft.pcapng");
        String a = "qemu:" + folder.resolve("a.sock");
        try (Program weft = Program.start(
                WeftCommand.class,
                a,
                "ws-listen://127.0.0.1:" + LoopbackPort.free() + "/",
                "--stats",
                "100ms",
                "--spin",
                "30",
                "--workers",
                "1",
                "--pcap",
                pcap.toString())) {
            weft.awaitLine(line -> line.contains("rx frames/s"));
            assertThat(folder.resolve("a.sock")).exists();
            weft.terminate();
            assertThat(weft.exitCode()).as("%s", weft).isEqualTo(143);
            assertThat(weft.output()).contains("recorded " + pcap);
            assertThat(folder.resolve("a.sock")).doesNotExist();
        }
    }

    @Test
    void shouldListEveryPortTypeWithItsOptions() throws Exception {
        try (Program weft = Program.start(WeftCommand.class, "--list-ports")) {
            assertThat(weft.exitCode()).isZero();
            assertThat(weft.output())
                    .contains("tap:NAME", "qemu:PATH", "ws://", "ws-listen://", "mtu", "htpasswd", "default:");
        }
    }

    @Test
    void shouldNameWhatIsWrong() throws Exception {
        record Wrong(List<String> arguments, int exitCode, List<String> said) {}
        for (Wrong wrong : List.of(
                new Wrong(List.of(), 2, List.of("no ports given")),
                new Wrong(List.of("tapp:tap0"), 2, List.of("no port type 'tapp'", "tap", "qemu")),
                new Wrong(List.of("tap:tap0?mtu=70000"), 2, List.of("mtu", "70000", "68..65521")),
                new Wrong(List.of("tap:tap0?mut=1500"), 2, List.of("unknown option 'mut'", "mtu")),
                new Wrong(List.of("tap:tap0", "--stats", "soon"), 2, List.of("soon", "accepted: 500ms")),
                new Wrong(List.of("tap:tap0", "--workers", "0"), 2, List.of("workers", "1..256")),
                new Wrong(List.of("tap:tap0", "--spin", "-1"), 2, List.of("spinning time", "0 or more")),
                new Wrong(List.of("--wire", "tap:a"), 2, List.of("--wire joins two ports", "given: 1")),
                new Wrong(List.of("--wire", "tap:a", "tap:b", "tap:c"), 2, List.of("two ports", "given: 3")),
                new Wrong(
                        List.of("--wire", "tun:a", "tun:b", "--workers", "2"),
                        2,
                        List.of("--workers", "not with --wire")),
                new Wrong(List.of("--wire", "tun:a", "tun:b", "--spin", "5"), 2, List.of("--spin", "not with --wire")),
                new Wrong(List.of("--wire", "tun:a", "tun:b", "--pcap", "x"), 2, List.of("--pcap", "not with --wire")),
                new Wrong(List.of("--wire", "tun:a", "tun:b", "--ageing", "9s"), 2, List.of("--ageing", "no stations")),
                new Wrong(
                        List.of("--wire", "tun:a", "tun:b", "--fdb-capacity", "64"),
                        2,
                        List.of("--fdb-capacity", "no stations")),
                new Wrong(
                        List.of("--wire", "tun:a", "gre:b?remote_ip=192.0.2.2,192.0.2.3"),
                        2,
                        List.of("gre port 'b'", "route")),
                new Wrong(List.of("--wire", "tap:a", "qemu:/no/such/folder/a.sock"), 1, List.of("/no/such/folder")),
                new Wrong(List.of("qemu:/no/such/folder/a.sock"), 1, List.of("/no/such/folder")))) {
            try (Program weft =
                    Program.start(WeftCommand.class, wrong.arguments().toArray(String[]::new))) {
                assertThat(weft.exitCode())
                        .as("%s: %s", wrong.arguments(), weft)
                        .isEqualTo(wrong.exitCode());
                assertThat(weft.output()).as("%s", wrong.arguments()).contains(wrong.said());
                assertThat(weft.output()).doesNotContain("\tat io.weft");
            }
        }
    }
}
