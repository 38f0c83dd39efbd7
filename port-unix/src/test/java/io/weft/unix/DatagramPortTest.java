package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jnr.unixsocket.UnixDatagramChannel;
import jnr.unixsocket.UnixSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatagramPortTest {
    private static final byte[] FRAME = Frames.fromVm(1, 7, 60);
    private static final Duration CHECK = Duration.ofMillis(500);

    @TempDir
    Path directory;

    private Path path;
    private Path peerPath;
    private TestLan lan;

    @BeforeEach
    void open() throws IOException {
        path = directory.resolve("vm.sock");
        peerPath = directory.resolve("guest.sock");
        lan = new TestLan();
    }

    @AfterEach
    void close() {
        lan.close();
    }

    private void addPort(String options) throws IOException {
        lan.add("qemu:" + path + "?mode=dgram&peer=" + peerPath + options);
    }

    /** The VM's socket, not connected to ours, as QEMU's. */
    private final class Vm implements AutoCloseable {
        private final UnixDatagramChannel channel = UnixDatagramChannel.open();
        private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 17);

        Vm(Path bound) throws IOException {
            Files.deleteIfExists(bound);
            channel.configureBlocking(false);
            channel.bind(new UnixSocketAddress(bound.toFile()));
        }

        void send(byte[] datagram) throws IOException {
            ByteBuffer direct = ByteBuffer.allocateDirect(datagram.length).put(datagram);
            channel.send(direct.flip(), new UnixSocketAddress(path.toFile()));
        }

        List<byte[]> frames() {
            List<byte[]> frames = new ArrayList<>();
            while (SocketIo.read(channel.getFD(), in.clear()) >= 0) {
                byte[] frame = new byte[in.position()];
                in.flip().get(frame);
                frames.add(frame);
            }
            return frames;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Test
    void shouldCarryOneFrameInEachDatagram() throws IOException {
        try (Vm vm = new Vm(peerPath)) {
            addPort("");
            assertThat(lan.port("vm").up()).isTrue();
            vm.send(FRAME);
            vm.send(Frames.fromVm(1, 8, 1_514));
            assertThat(lan.received()).containsExactly(FRAME, Frames.fromVm(1, 8, 1_514));
            lan.send(TestLan.BROADCAST);
            assertThat(vm.frames()).containsExactly(TestLan.BROADCAST);
            lan.assertConserved();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 1_792, 1_793, 65_535})
    void shouldCarryFramesOfAnyLength(int length) throws IOException {
        try (Vm vm = new Vm(peerPath)) {
            addPort("");
            byte[] up = new byte[length];
            System.arraycopy(FRAME, 0, up, 0, 14);
            vm.send(up);
            assertThat(lan.received()).containsExactly(up);
            byte[] down = Frames.of("ffffffffffff", "0200000000aa", length);
            lan.send(down);
            assertThat(vm.frames()).containsExactly(down);
            lan.assertConserved();
        }
    }

    @Test
    void shouldCountRuntsAndFramesThatAreTooLong() throws IOException {
        try (Vm vm = new Vm(peerPath)) {
            addPort("&max_frame=1514");
            vm.send(new byte[0]);
            vm.send(new byte[1]);
            vm.send(new byte[13]);
            vm.send(new byte[1_515]);
            vm.send(new byte[ReceiveBuffer.LONGEST_ANNOUNCED + 1_000]);
            vm.send(FRAME);
            assertThat(lan.received()).containsExactly(FRAME);
            assertThat(lan.port("vm").statistics().dropped(DropReason.RUNT)).isEqualTo(3);
            assertThat(lan.port("vm").statistics().dropped(DropReason.RX_TOO_LONG))
                    .isEqualTo(2);
            lan.assertConserved();
        }
    }

    @Test
    void shouldWaitForAPeerThatAppearsLater() throws IOException {
        addPort("");
        assertThat(lan.port("vm").up()).isFalse();
        assertThat(lan.port("vm").downReason()).isEqualTo(peerPath + " is not there: No such file or directory");
        lan.send(TestLan.BROADCAST);
        lan.pass(CHECK.multipliedBy(100));
        assertThat(lan.messages).hasSize(1);

        try (Vm vm = new Vm(peerPath)) {
            lan.pass(CHECK);
            assertThat(lan.port("vm").up()).isTrue();
            lan.send(TestLan.BROADCAST);
            assertThat(vm.frames()).containsExactly(TestLan.BROADCAST);
        }
        lan.assertConserved();
    }

    @Test
    void shouldFindAPeerBecauseItSends() throws IOException {
        addPort("");
        try (Vm vm = new Vm(peerPath)) {
            vm.send(FRAME);
            assertThat(lan.received()).containsExactly(FRAME);
            assertThat(lan.port("vm").up()).isTrue();
        }
    }

    @Test
    void shouldCountFramesForAPeerThatWentAwayAsPortDown() throws IOException {
        try (Vm vm = new Vm(peerPath)) {
            addPort("");
            vm.send(FRAME);
            lan.settle();
        }
        lan.send(TestLan.BROADCAST);
        assertThat(lan.port("vm").statistics().dropped(DropReason.PORT_DOWN)).isEqualTo(1);
        assertThat(lan.port("vm").up()).isFalse();
        assertThat(lan.port("vm").downReason()).contains("Connection refused");
        lan.assertConserved();
    }

    @Test
    void shouldNoticeAnAbsentPeerWithoutTraffic() throws IOException {
        try (Vm vm = new Vm(peerPath)) {
            addPort("");
            assertThat(lan.port("vm").up()).isTrue();
        }
        lan.pass(CHECK);
        assertThat(lan.port("vm").up()).isFalse();
    }

    @Test
    void shouldFollowAPeerThatRestarts() throws IOException {
        Vm first = new Vm(peerPath);
        addPort("");
        lan.send(TestLan.BROADCAST);
        assertThat(first.frames()).hasSize(1);
        first.close();
        try (Vm second = new Vm(peerPath)) {
            lan.send(TestLan.BROADCAST); // finds the old socket dead and the new one in its place
            assertThat(second.frames()).containsExactly(TestLan.BROADCAST);
            second.send(FRAME);
            assertThat(lan.received()).containsExactly(FRAME);
            assertThat(lan.port("vm").up()).isTrue();
        }
        try (Vm third = new Vm(peerPath)) {
            lan.pass(CHECK); // no traffic: the check finds it
            third.send(FRAME);
            assertThat(lan.received()).containsExactly(FRAME);
        }
        lan.assertConserved();
    }

    @Test
    void shouldTakeDatagramsFromItsPeerOnly() throws IOException {
        try (Vm vm = new Vm(peerPath);
                Vm stranger = new Vm(directory.resolve("stranger.sock"))) {
            addPort("");
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> stranger.send(FRAME))
                    .isInstanceOf(IOException.class);
            assertThat(lan.received()).isEmpty();
            vm.send(FRAME);
            assertThat(lan.received()).containsExactly(FRAME);
        }
    }

    @Test
    void shouldQueueForAPeerThatDoesNotReadUpToItsBound() throws IOException {
        try (Vm vm = new Vm(peerPath)) {
            addPort("&queue=131072");
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                byte[] frame = Frames.of("ffffffffffff", "0200000000aa", 1_000);
                ByteBuffer.wrap(frame).putInt(14, i);
                sent.add(frame);
                lan.send(frame);
            }
            long dropped = lan.port("vm").statistics().dropped(DropReason.TX_QUEUE_FULL);
            assertThat(dropped).isPositive();
            List<byte[]> late = new ArrayList<>();
            for (int size = -1; size != late.size(); ) {
                size = late.size();
                late.addAll(vm.frames());
                lan.settle();
            }
            assertThat(late).hasSize(sent.size() - (int) dropped);
            assertThat(late).containsExactlyElementsOf(sent.subList(0, late.size()));
            lan.assertConserved();
        }
    }

    @Test
    void shouldCountWhatWasQueuedForAPeerThatDied() throws IOException {
        try (Vm vm = new Vm(peerPath)) {
            addPort("");
            for (int i = 0; i < 300; i++) {
                lan.send(Frames.of("ffffffffffff", "0200000000aa", 1_500));
            }
            assertThat(lan.lan.statistics().unaccounted()).as("queued").isPositive();
        }
        lan.assertConserved();
        assertThat(lan.dropped(DropReason.PORT_DOWN)).isPositive();
    }
}
