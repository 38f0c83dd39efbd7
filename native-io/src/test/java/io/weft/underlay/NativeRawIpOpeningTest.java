package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.nativeio.Errno;
import io.weft.nativeio.NativeException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a raw socket says that cannot be had. */
class NativeRawIpOpeningTest {
    private static final int PROTOCOL = 253; // for experiments (RFC 3692)
    private static final long DEADLINE_S = 60; // only ever reached by a failure

    /** The program that a test starts without the right to have raw sockets. */
    static final class Unprivileged {
        private Unprivileged() {}

        /** Says what opening one comes to. */
        public static void main(String[] arguments) {
            for (boolean ipv6 : new boolean[] {false, true}) {
                try (UnderlaySocket socket = Underlay.SYSTEM.open(RawIpSettings.of(ipv6, PROTOCOL))) {
                    System.out.println("opened " + socket.local());
                } catch (UnderlayException e) {
                    System.out.println(e.kind() + " " + e.getMessage());
                }
            }
        }
    }

    private static void assertRefused(RawIpSettings settings, UnderlayException.Kind kind, String... words)
            throws Exception {
        int before = OpenSockets.count();
        assertThatThrownBy(() -> Underlay.SYSTEM.open(settings))
                .isInstanceOfSatisfying(
                        UnderlayException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContainingAll(words);
        assertThat(OpenSockets.count()).as("sockets left behind").isEqualTo(before);
    }

    @Test
    void shouldSayWhatHelps() throws Exception {
        TestNetwork.assumeAvailable(); // as root
        RawIpSettings ipv4 = RawIpSettings.of(false, PROTOCOL);
        assertRefused(
                ipv4.bindTo(InetAddress.getByName("192.0.2.77")),
                UnderlayException.Kind.NO_SUCH_ADDRESS,
                "192.0.2.77",
                "ip addr");
        assertRefused(
                ipv4.in(null, "weft-none"),
                UnderlayException.Kind.NO_SUCH_INTERFACE,
                "'weft-none'",
                "there are: ",
                "lo");
        assertRefused(
                ipv4.in("weft-none", null),
                UnderlayException.Kind.NO_NAMESPACE,
                "'weft-none'",
                "ip netns add weft-none");
    }

    @Test
    void shouldNameTheSocketInWhatElseFails() {
        RawIpSettings settings = RawIpSettings.of(true, 47).in("blue", "eth0");
        assertThat(UnderlayAdvice.failed(settings, new NativeException("socket(AF_INET6)", Errno.EAFNOSUPPORT)))
                .hasMessageStartingWith("raw socket :: of protocol 47 on eth0 in blue: socket(AF_INET6): EAFNOSUPPORT")
                .extracting(UnderlayException::kind)
                .isEqualTo(UnderlayException.Kind.UNSUPPORTED);
    }

    @Test
    void shouldSayWhichRightIsMissing() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "skipped: there is no setpriv");
        Process process = new ProcessBuilder(List.of(
                        "/usr/bin/setpriv",
                        "--bounding-set",
                        "-net_raw",
                        "--inh-caps",
                        "-net_raw",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Unprivileged.class.getName()))
                .redirectError(ProcessBuilder.Redirect.DISCARD) // a newer JDK warns there
                .start();
        process.getOutputStream().close();
        process.onExit().orTimeout(DEADLINE_S, TimeUnit.SECONDS).exceptionally(late -> process.destroyForcibly());
        String printed;
        try (InputStream output = process.getInputStream()) {
            printed = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        }
        assumeTrue(process.waitFor() == 0, "skipped: setpriv may not take rights away here");
        assertThat(printed.lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("NO_PERMISSION raw socket ")
                        && line.contains(" of protocol 253: ")
                        && line.contains("EPERM")
                        && line.contains("needs CAP_NET_RAW: run as root")
                        && line.contains("--ambient-caps +net_raw"));
    }
}
