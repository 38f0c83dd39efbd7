package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamClientTest {
    private static final byte[] FRAME = Frames.fromVm(1, 7, 60);

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

    private ServerSocketChannel listen() throws IOException {
        Files.deleteIfExists(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        server.configureBlocking(false);
        return server;
    }

    /** A connection that the client has made, or {@code null}. */
    private static StreamVm accept(ServerSocketChannel server) throws IOException {
        SocketChannel channel = server.accept();
        return channel == null ? null : new StreamVm(channel);
    }

    @Test
    void shouldConnectAtOnceWhenTheVmListens() throws IOException {
        try (ServerSocketChannel server = listen()) {
            lan.add("qemu:" + path + "?role=connect&name=guest");
            try (StreamVm vm = accept(server)) {
                assertThat(lan.port("guest").up()).isTrue();
                vm.send(FRAME);
                assertThat(lan.received()).containsExactly(FRAME);
                lan.send(TestLan.BROADCAST);
                assertThat(vm.frames()).containsExactly(TestLan.BROADCAST);
                lan.assertConserved();
            }
        }
    }

    @Test
    void shouldKeepItsPortWhileTheVmComesAndGoes() throws IOException {
        lan.add("qemu:" + path + "?role=connect&reconnect_min=100ms&reconnect_max=1s");
        assertThat(lan.port("vm").up()).isFalse();
        assertThat(lan.port("vm").downReason()).isEqualTo("cannot connect to " + path + ": No such file or directory");
        lan.send(TestLan.BROADCAST);

        for (int life = 0; life < 3; life++) {
            try (ServerSocketChannel server = listen()) {
                lan.pass(Duration.ofSeconds(1));
                try (StreamVm vm = accept(server)) {
                    assertThat(lan.port("vm").up()).isTrue();
                    vm.send(FRAME);
                    assertThat(lan.received()).containsExactly(FRAME);
                }
            }
            lan.settle();
            assertThat(lan.port("vm").up()).isFalse();
            assertThat(lan.port("vm").downReason()).isEqualTo("disconnected from " + path + ": closed by the peer");
            lan.pass(Duration.ofSeconds(1));
            assertThat(lan.portNames()).containsExactly("vm");
        }
        assertThat(lan.port("vm").statistics().rxFrames()).isEqualTo(3);
        lan.assertConserved();
    }

    @Test
    void shouldReportAServerThatIsAwayOnce() throws IOException {
        lan.add("qemu:" + path + "?role=connect");
        lan.pass(Duration.ofMinutes(10));
        for (int i = 0; i < 100; i++) {
            lan.pass(Duration.ofSeconds(10));
        }
        assertThat(lan.messages)
                .containsExactly("vm: cannot connect to " + path
                        + ": No such file or directory; trying again every 500 to 10000 ms");
    }

    @Test
    void shouldReconnectAfterGarbage() throws IOException {
        try (ServerSocketChannel server = listen()) {
            lan.add("qemu:" + path + "?role=connect");
            try (StreamVm vm = accept(server)) {
                vm.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                lan.settle();
                assertThat(vm.isClosedByPeer()).isTrue();
                assertThat(lan.dropped(DropReason.MALFORMED)).isEqualTo(1);
                assertThat(lan.port("vm").up()).isFalse();
            }
            lan.pass(Duration.ofSeconds(10));
            try (StreamVm vm = accept(server)) {
                vm.send(FRAME);
                assertThat(lan.received()).containsExactly(FRAME);
            }
        }
        lan.assertConserved();
    }

    @Test
    void shouldWaitLongerAfterEachFailureAndNeverAllAtTheSameMoment() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Backoff backoff = new Backoff(100, 1_000, new SplittableRandom(seed));
        for (int round = 0; round < 2; round++) {
            for (long step : new long[] {100, 200, 400, 800, 1_000, 1_000, 1_000}) {
                assertThat(backoff.nextDelayNs()).isBetween(step / 2, step);
            }
            backoff.reset();
        }
        Backoff spread = new Backoff(1 << 20, 1 << 20, new SplittableRandom(seed));
        assertThat(java.util.stream.LongStream.generate(spread::nextDelayNs)
                        .limit(50)
                        .distinct()
                        .count())
                .isGreaterThan(25);
    }
}
