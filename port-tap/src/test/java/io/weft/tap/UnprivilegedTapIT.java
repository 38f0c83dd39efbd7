package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a user without privileges meets, for real: another JVM with the user's id, without any capability, or with another
 * {@code /dev/net}. (The user's id stays 0, so that it may read our class files; without capabilities that is no
 * privilege for the kernel's TUN driver.)
 */
@Timeout(120)
class UnprivilegedTapIT {
    private static final String NO_TUN = "mount -t tmpfs none /dev/net && exec \"$@\"";
    private static final String FORBIDDEN_TUN = "mount -t tmpfs none /dev/net && mknod -m 0600 /dev/net/tun c 10 200"
            + " && chown 1:1 /dev/net/tun && exec \"$@\"";

    private NetworkNamespace host;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("setpriv");
        NetworkNamespace.assumeProgram("unshare");
    }

    @BeforeEach
    void start() {
        host = NetworkNamespace.create("user");
    }

    @AfterEach
    void end() {
        host.close();
    }

    /** Runs {@link OpenTap} behind {@code prefix} and returns what it printed. */
    private String open(String uri, String... prefix) {
        List<String> command = new ArrayList<>(List.of(prefix));
        command.addAll(List.of("setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path"), OpenTap.class.getName(), uri));
        return host.run(command.toArray(String[]::new));
    }

    @Test
    void shouldSayWhichCapabilityIsMissingAndHowToDoWithout() {
        assertThat(open("tap:t0"))
                .contains("refused: tap port 't0': create the TAP device: EPERM (Operation not permitted)")
                .contains("needs CAP_NET_ADMIN: run as root")
                .contains("ip tuntap add dev t0 mode tap user " + System.getProperty("user.name")
                        + " && ip link set t0 up");
    }

    @Test
    void shouldSayHowToDoWithoutACapabilityForATunToo() {
        assertThat(open("tun:t0"))
                .contains("refused: tun port 't0': create the TUN device: EPERM (Operation not permitted)")
                .contains("needs CAP_NET_ADMIN: run as root")
                .contains("ip tuntap add dev t0 mode tun user " + System.getProperty("user.name")
                        + " && ip link set t0 up");
        host.run("ip", "tuntap", "add", "dev", "t0", "mode", "tun", "user", "0");
        host.run("ip", "link", "set", "t0", "up");
        assertThat(open("tun:t0")).contains("opened tun:t0").doesNotContain("says");
        assertThat(open("tun:t0?route=10.0.0.0/8"))
                .contains("refused: tun port 't0': option route is '10.0.0.0/8': add the route: EPERM")
                .contains("needs CAP_NET_ADMIN");
        assertThat(open("tap:t0")).contains("refused: tap port 't0'").contains("say tun:t0");
    }

    @Test
    void shouldAttachToADeviceThatRootMadeForTheUser() {
        host.run("ip", "tuntap", "add", "dev", "t0", "mode", "tap", "user", "0");
        host.run("ip", "link", "set", "t0", "up");
        assertThat(open("tap:t0")).contains("opened tap:t0").doesNotContain("says");
        assertThat(host.succeeds("ip", "link", "show", "t0")).isTrue();
    }

    @Test
    void shouldReportThatOnlyRootCanBringTheDeviceUp() {
        host.run("ip", "tuntap", "add", "dev", "t0", "mode", "tap", "user", "0");
        assertThat(open("tap:t0"))
                .contains("opened tap:t0")
                .contains("tap:t0 says: the device is down and only root may bring it up: ip link set t0 up");
        assertThat(open("tap:t0?up=true"))
                .contains("refused: tap port 't0': option up is 'true': bring it up: EPERM")
                .contains("needs CAP_NET_ADMIN");
        assertThat(open("tap:t0?mtu=9000")).contains("option mtu is '9000'").contains("needs CAP_NET_ADMIN");
    }

    @Test
    void shouldSayThatTheDeviceIsAnotherUsers() {
        host.run("ip", "tuntap", "add", "dev", "t0", "mode", "tap", "user", "nobody");
        assertThat(open("tap:t0"))
                .contains("refused: tap port 't0': attach to the TAP device: EPERM")
                .contains("belongs to another user");
    }

    @Test
    void shouldSayHowToGetTheDriver() {
        assertThat(open("tap:t0", "unshare", "--mount", "sh", "-c", NO_TUN, "sh"))
                .contains("refused: tap port 't0': open /dev/net/tun: ENOENT (No such file or directory)")
                .contains("modprobe tun")
                .contains("mknod /dev/net/tun c 10 200");
    }

    @Test
    void shouldSayWhoMayOpenTheDriver() {
        assertThat(open("tap:t0", "unshare", "--mount", "sh", "-c", FORBIDDEN_TUN, "sh"))
                .contains("refused: tap port 't0': open /dev/net/tun: EACCES")
                .contains("chmod 0666 /dev/net/tun");
    }

    @Test
    void shouldSayThatNamespacesAreForRoot() {
        assertThat(open("tap:t0?netns=/proc/1/ns/net"))
                .contains("option netns is '/proc/1/ns/net'")
                .contains("run as root");
    }
}
