package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.port.InvalidPortException;
import io.weft.port.PortException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import jnr.unixsocket.UnixDatagramChannel;
import jnr.unixsocket.UnixSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The socket file, for a listening stream socket and for a datagram socket. */
class SocketPathTest {
    @TempDir
    Path directory;

    private Path path;
    private TestLan lan;

    @BeforeEach
    void open() throws IOException {
        path = directory.resolve("vm.sock");
        lan = new TestLan();
    }

    @AfterEach
    void close() {
        lan.close();
    }

    private String uri(String mode, Path socket) {
        return "qemu:" + socket + (mode.equals("dgram") ? "?mode=dgram&peer=/nowhere" : "?mode=stream");
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "dgram"})
    void shouldMakeAFileForItsOwnerOnlyAndRemoveItAtClose(String mode) throws IOException {
        try (var driver = lan.add(uri(mode, path))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-------");
        }
        assertThat(path).doesNotExist();
        try (var driver = lan.add(uri(mode, path) + "&permissions=0660")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-rw----");
        }
        assertThat(path).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "dgram"})
    void shouldReplaceTheFileOfADeadProcess(String mode) throws IOException {
        leaveStaleSocket();
        try (var driver = lan.add(uri(mode, path))) {
            assertThat(path).exists();
        }
        try (UnixDatagramChannel stale = UnixDatagramChannel.open()) {
            stale.bind(new UnixSocketAddress(path.toFile()));
        }
        assertThat(path).exists();
        try (var driver = lan.add(uri(mode, path))) {
            assertThat(path).exists();
        }
        assertThat(path).doesNotExist();
    }

    private void leaveStaleSocket() throws IOException {
        try (ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            stale.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "dgram"})
    void shouldLeaveTheSocketOfALiveProcessAlone(String mode) throws IOException {
        try (ServerSocketChannel live = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            live.bind(UnixDomainSocketAddress.of(path));
            assertThatThrownBy(() -> lan.add(uri(mode, path)))
                    .isInstanceOf(PortException.class)
                    .hasMessage(path + " belongs to a running process; see which: ss -xap | grep " + path);
            assertThat(path).exists();
        }
        Files.delete(path);
        try (UnixDatagramChannel live = UnixDatagramChannel.open()) {
            live.bind(new UnixSocketAddress(path.toFile()));
            assertThatThrownBy(() -> lan.add(uri(mode, path)))
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("belongs to a running process");
            assertThat(path).exists();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "dgram"})
    void shouldLeaveAFileThatIsNoSocketAlone(String mode) throws IOException {
        Files.writeString(path, "precious");
        assertThatThrownBy(() -> lan.add(uri(mode, path)))
                .isInstanceOf(PortException.class)
                .hasMessage(path + " exists and is not a socket; choose another path, or remove it");
        assertThat(path).hasContent("precious");
        Files.delete(path);
        Path target = Files.writeString(directory.resolve("target"), "precious");
        Files.createSymbolicLink(path, target);
        assertThatThrownBy(() -> lan.add(uri(mode, path))).hasMessageContaining("is not a socket");
        assertThat(target).hasContent("precious");
    }

    @Test
    void shouldNotRemoveAFileThatSomebodyElsePutInItsPlace() throws IOException {
        try (var driver = lan.add(uri("stream", path))) {
            Files.delete(path);
            Files.writeString(path, "theirs");
        }
        assertThat(path).hasContent("theirs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "dgram"})
    void shouldNameTheMissingDirectory(String mode) {
        Path nowhere = directory.resolve("missing/vm.sock");
        assertThatThrownBy(() -> lan.add(uri(mode, nowhere)))
                .isInstanceOf(PortException.class)
                .hasMessage("cannot make the socket " + nowhere + ": there is no directory " + nowhere.getParent()
                        + "; run: mkdir -p " + nowhere.getParent());
    }

    @Test
    void shouldNameTheDirectoryThatMayNotBeWrittenTo() throws IOException {
        Path locked = Files.createDirectory(directory.resolve("locked"));
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-x------"));
        assumeTrue(!Files.isWritable(locked), "skipped: this user (root?) may write to any directory");
        assertThatThrownBy(() -> lan.add(uri("stream", locked.resolve("vm.sock"))))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("no permission to write to " + locked);
    }

    @Test
    void shouldSayWhatTheSystemSaidWhenNothingElseExplainsIt() {
        assumeTrue(Files.isWritable(Path.of("/proc")), "skipped: only root gets as far as the bind in /proc");
        assertThatThrownBy(() -> lan.add("qemu:/proc/weft.sock"))
                .isInstanceOf(PortException.class)
                .hasMessageStartingWith("cannot bind /proc/weft.sock: ");
    }

    @Test
    void shouldRefuseAPathThatDoesNotFitIntoASocketAddress() throws IOException {
        String longest = directory + "/"
                + "x".repeat(SocketPath.LONGEST - directory.toString().length() - 1);
        try (var driver = lan.add("qemu:" + longest)) {
            assertThat(Path.of(longest)).exists();
        }
        assertThatThrownBy(() -> lan.add("qemu:" + longest + "y"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("qemu port: the socket's path '" + longest + "y' has 108 bytes; accepted: at most 107,"
                        + " which is all that a unix socket's address can hold");
        assertThatThrownBy(() -> lan.add("qemu:" + path + "?mode=dgram&peer=" + longest + "y"))
                .hasMessageStartingWith("qemu port: option peer '" + longest + "y' has 108 bytes");
    }

    @Test
    void shouldRefuseTwoPortsOnOneSocket() throws IOException {
        lan.add(uri("stream", path));
        lan.settle();
        assertThatThrownBy(() -> lan.add(uri("stream", path))).hasMessageContaining("belongs to a running process");
        assertThat(path).exists();
    }
}
