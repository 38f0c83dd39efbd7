package io.weft.tunnel.bfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.OpenVSwitch;
import io.weft.TestSeed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session with Open vSwitch's BFD, through its userspace VXLAN. */
@Timeout(180)
class BfdOpenVSwitchIT {
    private static final long DEADLINE_S = 30; // only ever reached by a failure
    private static final int VNI = 77;
    private static final long MAC = 0x0200_0000_0b0fL;
    private static final long PID = ProcessHandle.current().pid();
    private static final String NAMESPACE = "weft-" + PID + "-bfd";
    private static final String OURS = "wb" + PID; // an interface of 15 characters at most
    private static final String THEIRS = "wo" + PID;

    private static final BfdSettings FAST = new BfdSettings(Duration.ofMillis(200), Duration.ofMillis(200), 3);

    private final SplittableRandom random = TestSeed.random("BfdOpenVSwitchIT");
    private Path directory;
    private OpenVSwitch other;
    private VxlanSpeaker speaker;

    /** An address of a /30 of this process' own, of those for benchmarks between networks (RFC 2544). */
    private static String address(int host) {
        int value = 0xc612_0000 + (int) (PID % 32_768) * 4 + host;
        return (value >>> 24) + "." + (value >>> 16 & 0xff) + "." + (value >>> 8 & 0xff) + "." + (value & 0xff);
    }

    @BeforeEach
    void start() throws Exception {
        String missing = OpenVSwitch.missing();
        assumeTrue(missing == null, "skipped: " + missing);
        assumeTrue(Files.isWritable(Path.of("/dev/net/tun")), "skipped: cannot write /dev/net/tun");
        assumeTrue(succeeds("ethtool", "--version"), "skipped: no ethtool");
        assumeTrue(succeeds("ip", "netns", "add", NAMESPACE), "skipped: network namespaces cannot be made");
        run("ip", "link", "add", OURS, "type", "veth", "peer", "name", THEIRS, "netns", NAMESPACE);
        // Open vSwitch reads the wire, where a checksum that is left to an offload is a wrong one.
        run("ethtool", "-K", OURS, "tx", "off");
        run("ip", "addr", "add", address(1) + "/30", "dev", OURS);
        run("ip", "link", "set", OURS, "up");
        run("ip", "-n", NAMESPACE, "link", "set", THEIRS, "up");
        directory = Files.createTempDirectory("weft-bfd");
        other = OpenVSwitch.startIn(directory, NAMESPACE);
        other.vsctl("add-br", "under", "--", "set", "bridge", "under", "datapath_type=netdev");
        other.vsctl("add-port", "under", THEIRS);
        run("ip", "-n", NAMESPACE, "addr", "add", address(2) + "/30", "dev", "under");
        run("ip", "-n", NAMESPACE, "link", "set", "under", "up");
        other.vsctl("add-br", "over", "--", "set", "bridge", "over", "datapath_type=netdev");
        other.vsctl(
                "add-port", "over", "tunnel", "--", "set", "interface", "tunnel", "type=vxlan", "options:key=" + VNI);
        set("options:remote_ip=" + address(1), "options:local_ip=" + address(2));
    }

    @AfterEach
    void end() throws Exception {
        try (VxlanSpeaker speaking = speaker;
                OpenVSwitch open = other) {
            if (speaking != null) {
                speaking.check();
            }
        } finally {
            succeeds("ip", "link", "delete", OURS);
            succeeds("ip", "netns", "delete", NAMESPACE);
            if (directory != null) {
                try (Stream<Path> files = Files.walk(directory)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                }
            }
        }
    }

    private void speak(BfdSettings settings, BfdEncapsulation encapsulation, long mac) throws Exception {
        speaker = new VxlanSpeaker(
                new InetSocketAddress(address(1), 4_789),
                new InetSocketAddress(address(2), 4_789),
                VNI,
                settings,
                encapsulation,
                mac,
                random);
    }

    private void speak(BfdSettings settings) throws Exception {
        speak(
                settings,
                BfdEncapsulation.openVSwitch(MAC, BfdEncapsulation.drawSourcePort(random)),
                BfdEncapsulation.NO_MAC);
    }

    // ---- Open vSwitch's side ----

    private void set(String... columns) throws Exception {
        other.vsctl(Stream.concat(Stream.of("set", "interface", "tunnel"), Stream.of(columns))
                .toArray(String[]::new));
    }

    /** A value of the column {@code bfd_status}. */
    private String status(String key) throws Exception {
        return other.vsctl("--if-exists", "get", "interface", "tunnel", "bfd_status:" + key)
                .strip()
                .replace("\"", "");
    }

    private void awaitStatus(String key, String value) throws Exception {
        await(key + "=" + value + " at Open vSwitch", () -> status(key).equals(value));
    }

    private void awaitState(BfdState state) throws Exception {
        await(state + " here", () -> speaker.session.state() == state);
    }

    private void awaitBothUp() throws Exception {
        awaitState(BfdState.UP);
        awaitStatus("state", "up");
        awaitStatus("forwarding", "true");
        awaitStatus("remote_state", "up");
    }

    private void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.call()) {
            speaker.check();
            assertThat(System.nanoTime() - deadline)
                    .as(() -> "waited in vain for " + what + "; ours: " + speaker.session.status() + ", "
                            + speaker.changes + "; theirs: " + show())
                    .isNegative();
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private String show() {
        try {
            return other.call("bfd/show");
        } catch (IOException | IllegalStateException e) {
            return e.toString();
        }
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output);
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean succeeds(String... command) throws Exception {
        try {
            run(command);
            return true;
        } catch (IllegalStateException | IOException e) {
            return false;
        }
    }

    // ---- tests ----

    @Test
    void shouldComeUpWithDefaultsOnBothSides() throws Exception {
        set("bfd:enable=true");
        speak(BfdSettings.DEFAULT);
        awaitBothUp();
        assertThat(speaker.session.status().refused().values()).containsOnly(0L);
        assertThat(speaker.session.status().downs()).isZero();
        assertThat(speaker.session.status().detectionTimeNs()).isEqualTo(3_000_000_000L);
        assertThat(speaker.session.status().transmitIntervalNs()).isEqualTo(1_000_000_000L);
        // What its documentation here says of Open vSwitch's frames.
        assertThat(HexFormat.of().formatHex(speaker.lastFrame))
                .startsWith("002320000001")
                .matches(".{24}080045c000340000....ff11....a9fe0101a9fe0100....0ec800200000.{48}");
    }

    @Test
    void shouldEachNoticeTheOthersSilence() throws Exception {
        set("bfd:enable=true", "bfd:min_rx=200", "bfd:min_tx=200");
        speak(FAST);
        awaitBothUp();
        speaker.mute = true;
        awaitStatus("state", "down");
        awaitStatus("diagnostic", "Control Detection Time Expired");
        await("its reason", () -> speaker.session.diagnostic() == BfdDiagnostic.NEIGHBOR_SIGNALED_DOWN);
        assertThat(speaker.session.state()).isNotEqualTo(BfdState.UP);
        speaker.mute = false;
        awaitBothUp();
        set("bfd:enable=false");
        awaitState(BfdState.DOWN);
        assertThat(speaker.session.diagnostic()).isEqualTo(BfdDiagnostic.DETECTION_TIME_EXPIRED);
        set("bfd:enable=true");
        awaitBothUp();
        run("ip", "-n", NAMESPACE, "link", "set", THEIRS, "down");
        awaitState(BfdState.DOWN);
        awaitStatus("state", "down");
        run("ip", "-n", NAMESPACE, "link", "set", THEIRS, "up");
        awaitBothUp();
        assertThat(speaker.session.status().ups()).isEqualTo(4);
    }

    @Test
    void shouldAgreeOnChangedIntervals() throws Exception {
        set("bfd:enable=true");
        speak(BfdSettings.DEFAULT);
        awaitBothUp();
        set("bfd:min_rx=250", "bfd:mult=7");
        await("their interval", () -> speaker.session.status().transmitIntervalNs() == 250_000_000L);
        await("their multiplier", () -> speaker.session.status().detectionTimeNs() == 7_000_000_000L);
        speaker.tell(session -> session.change(new BfdSettings(Duration.ofMillis(300), Duration.ofMillis(150), 5)));
        await(
                "ours",
                () -> show().contains("Remote Minimum RX Interval: 150ms")
                        && show().contains("Remote Minimum TX Interval: 300ms")
                        && show().contains("Remote Detect Multiplier: 5"));
        await("the end of our Poll", () -> speaker.session.status().detectionTimeNs() == 7 * 150_000_000L);
        assertThat(speaker.session.status().transmitIntervalNs()).isEqualTo(300_000_000L);
        awaitBothUp();
        assertThat(speaker.session.status().downs()).isZero();
    }

    @Test
    void shouldUnderstandEachOthersReasons() throws Exception {
        set("bfd:enable=true", "bfd:min_rx=200");
        speak(FAST);
        awaitBothUp();
        speaker.tell(BfdSession::disable);
        awaitStatus("remote_state", "admin_down");
        awaitStatus("state", "down");
        awaitStatus("remote_diagnostic", "Administratively Down");
        speaker.tell(BfdSession::enable);
        awaitBothUp();
        set("bfd:cpath_down=true");
        await("what is behind it is down", () -> !speaker.session.isForwarding());
        assertThat(speaker.session.state()).isEqualTo(BfdState.UP);
        set("bfd:cpath_down=false");
        await("and up again", () -> speaker.session.isForwarding());
    }

    @Test
    void shouldComeUpWithTheAddressesOfRfc8971() throws Exception {
        set("bfd:enable=true", "bfd:bfd_local_dst_mac=00:00:5e:00:52:02", "bfd:bfd_remote_dst_mac=00:00:5e:00:52:02");
        speak(
                FAST,
                BfdEncapsulation.vxlan(MAC, InetAddress.getByName(address(1)), BfdEncapsulation.drawSourcePort(random)),
                BfdEncapsulation.NO_MAC);
        awaitBothUp();
        assertThat(HexFormat.of().formatHex(speaker.lastFrame)).startsWith("00005e005202");
    }

    @Test
    void shouldComeUpWithAddressesOfOnesOwn() throws Exception {
        set(
                "bfd:enable=true",
                "bfd:bfd_local_dst_mac=02:00:00:00:0b:0f",
                "bfd:bfd_remote_dst_mac=02:00:00:00:0a:0a",
                "bfd:bfd_src_ip=10.1.0.2",
                "bfd:bfd_dst_ip=10.1.0.1");
        speak(
                FAST,
                BfdEncapsulation.of(
                        MAC,
                        0x0200_0000_0a0aL,
                        InetAddress.getByName("10.1.0.1"),
                        InetAddress.getByName("10.1.0.2"),
                        BfdEncapsulation.drawSourcePort(random)),
                MAC);
        awaitBothUp();
        assertThat(HexFormat.of().formatHex(speaker.lastFrame))
                .startsWith("020000000b0f")
                .contains("0a0100020a010001");
    }
}
