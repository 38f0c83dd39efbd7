package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamListenerTest {
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

    private StreamVm connect() throws IOException {
        StreamVm vm = StreamVm.connect(path);
        lan.settle();
        return vm;
    }

    private void listen(String options) throws IOException {
        lan.add("qemu:" + path + options);
    }

    // ---- frames ----

    @Test
    void shouldCarryFramesBothWaysWithTheirLengthInFront() throws IOException {
        listen("");
        try (StreamVm vm = connect()) {
            vm.write(new byte[] {0, 0, 0, 60});
            vm.write(FRAME);
            assertThat(lan.received()).containsExactly(FRAME);

            lan.send(TestLan.BROADCAST);
            ByteBuffer expected = ByteBuffer.allocate(64).putInt(60).put(TestLan.BROADCAST);
            ByteBuffer arrived = ByteBuffer.allocate(65);
            vm.channel.read(arrived);
            assertThat(Arrays.copyOf(arrived.array(), arrived.position())).isEqualTo(expected.array());
            lan.assertConserved();
            assertThat(lan.port("vm-1").statistics().rxBytes()).isEqualTo(60);
            assertThat(lan.port("vm-1").statistics().txBytes()).isEqualTo(60);
        }
    }

    @Test
    void shouldReassembleFramesThatArriveByteByByte() throws IOException {
        listen("");
        try (StreamVm vm = connect()) {
            byte[] bytes = Frames.records(List.of(FRAME, TestLan.BROADCAST));
            for (byte one : bytes) {
                vm.write(one);
                lan.settle();
            }
            assertThat(lan.received()).containsExactly(FRAME, TestLan.BROADCAST);
            lan.assertConserved();
        }
    }

    @Test
    void shouldCutManyFramesOutOfFewReads() throws IOException {
        listen("");
        try (StreamVm vm = connect()) {
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 900; i++) {
                sent.add(Frames.fromVm(1, i, 60 + i % 40));
            }
            vm.write(Frames.records(sent));
            assertThat(lan.received()).containsExactlyElementsOf(sent);
            lan.assertConserved();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {18, 1_514, 1_792, 1_793, 9_014, 65_534, 65_535})
    void shouldCarryFramesOfAnyLength(int length) throws IOException {
        listen("");
        try (StreamVm vm = connect()) {
            byte[] up = Frames.fromVm(1, 1, length);
            byte[] down = Frames.of("ffffffffffff", "0200000000aa", length);
            for (int i = 0; i < 5; i++) {
                vm.write(Frames.records(List.of(up, up)));
                assertThat(lan.received()).containsExactly(up, up);
                lan.send(down);
                assertThat(vm.frames()).containsExactly(down);
            }
            lan.assertConserved();
        }
    }

    @Test
    void shouldForwardBetweenTheVmsOfOneSocket() throws IOException {
        listen("");
        try (StreamVm first = connect();
                StreamVm second = connect()) {
            assertThat(lan.portNames()).containsExactly("vm-1", "vm-2");
            first.send(Frames.fromVm(1, 1, 60));
            lan.settle();
            assertThat(second.frames()).containsExactly(Frames.fromVm(1, 1, 60));
            assertThat(first.frames()).isEmpty();
            byte[] answer = Frames.of("020000000101", "020000000102", 60);
            second.send(answer);
            lan.settle();
            assertThat(first.frames()).containsExactly(answer);
            assertThat(lan.received()).containsExactly(Frames.fromVm(1, 1, 60));
            lan.assertConserved();
        }
    }

    // ---- malformed input ----

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 12, 13})
    void shouldCountAndSkipRunts(int length) throws IOException {
        listen("");
        try (StreamVm vm = connect()) {
            vm.write(Frames.records(List.of(new byte[length], FRAME, new byte[length])));
            assertThat(lan.received()).containsExactly(FRAME);
            assertThat(lan.port("vm-1").statistics().dropped(DropReason.RUNT)).isEqualTo(2);
            lan.assertConserved();
        }
    }

    @Test
    void shouldSurviveAFloodOfEmptyFrames() throws IOException {
        listen("");
        try (StreamVm hostile = connect();
                StreamVm vm = connect()) {
            int runts = 30_000;
            hostile.write(new byte[4 * runts]);
            vm.send(FRAME);
            assertThat(lan.received()).containsExactly(FRAME);
            assertThat(lan.dropped(DropReason.RUNT)).isEqualTo(runts);
            lan.assertConserved();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1_515, 65_536, ReceiveBuffer.LONGEST_ANNOUNCED})
    void shouldCountAndSkipFramesThatAreTooLong(int length) throws IOException {
        listen("?max_frame=1514");
        try (StreamVm vm = connect()) {
            byte[] longest = Frames.fromVm(1, 1, 1_514);
            vm.write(Frames.records(List.of(new byte[length], longest)));
            assertThat(lan.received()).containsExactly(longest);
            assertThat(lan.port("vm-1").statistics().dropped(DropReason.RX_TOO_LONG))
                    .isEqualTo(1);
            lan.assertConserved();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {ReceiveBuffer.LONGEST_ANNOUNCED + 1, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0x47455420})
    void shouldCloseAConnectionThatDoesNotSpeakTheProtocol(int length) throws IOException {
        listen("");
        try (StreamVm vm = connect()) {
            byte[] prefix = ByteBuffer.allocate(4).putInt(length).array();
            vm.send(FRAME);
            vm.write(prefix);
            vm.write(new byte[100]);
            assertThat(lan.received()).containsExactly(FRAME);
            assertThat(vm.isClosedByPeer()).isTrue();
            assertThat(lan.portNames()).isEmpty();
            assertThat(lan.dropped(DropReason.MALFORMED)).isEqualTo(1);
            assertThat(lan.messages)
                    .anyMatch(text -> text.startsWith("vm-1 disconnected: the peer announced a frame of "
                            + Integer.toUnsignedLong(length) + " bytes"));
            lan.assertConserved();
        }
        try (StreamVm other = connect()) {
            other.send(FRAME);
            assertThat(lan.received()).containsExactly(FRAME);
        }
    }

    @Test
    void shouldCountAFrameThatNeverCameWholeWhereverItWasCut() throws IOException {
        listen("");
        byte[] record = Frames.record(FRAME);
        for (int cut = 0; cut <= record.length; cut++) {
            try (StreamVm vm = connect()) {
                vm.send(FRAME);
                vm.write(Arrays.copyOf(record, cut));
            }
            boolean whole = cut == record.length;
            assertThat(lan.received()).as("cut at %d", cut).hasSize(whole ? 2 : 1);
            assertThat(lan.dropped(DropReason.MALFORMED)).isEqualTo(Math.min(cut, record.length - 1));
            assertThat(lan.portNames()).isEmpty();
            lan.assertConserved();
        }
    }

    // ---- coming and going ----

    @Test
    void shouldReuseTheNumberOfAVmThatLeft() throws IOException {
        listen("?name=guest");
        StreamVm first = connect();
        StreamVm second = connect();
        StreamVm third = connect();
        assertThat(lan.portNames()).containsExactlyInAnyOrder("guest-1", "guest-2", "guest-3");
        second.close();
        lan.settle();
        assertThat(lan.portNames()).containsExactlyInAnyOrder("guest-1", "guest-3");
        try (StreamVm fourth = connect()) {
            assertThat(lan.portNames()).containsExactlyInAnyOrder("guest-1", "guest-2", "guest-3");
            fourth.send(FRAME);
            lan.settle();
            assertThat(lan.port("guest-2").statistics().rxFrames()).isEqualTo(1);
            assertThat(first.frames()).containsExactly(FRAME);
            assertThat(third.frames()).containsExactly(FRAME);
        }
        first.close();
        third.close();
        lan.settle();
        assertThat(lan.portNames()).isEmpty();
        assertThat(lan.messages).contains("guest-2 disconnected: closed by the peer");
        lan.assertConserved();
    }

    @Test
    void shouldRefuseMoreVmsThanAllowed() throws IOException {
        listen("?max_vms=2");
        try (StreamVm first = connect();
                StreamVm second = connect();
                StreamVm third = connect()) {
            assertThat(third.isClosedByPeer()).isTrue();
            assertThat(lan.messages).anyMatch(text -> text.contains("raise max_vms"));
            assertThat(lan.portNames()).containsExactly("vm-1", "vm-2");
            first.close();
            lan.settle();
            try (StreamVm fourth = connect()) {
                fourth.send(FRAME);
                lan.settle();
                assertThat(second.frames()).containsExactly(FRAME);
            }
        }
        lan.assertConserved();
    }

    @Test
    void shouldRefuseAVmWhosePortNameIsTaken() throws IOException {
        lan.add(new io.weft.port.MemoryPort("vm-1"));
        listen("");
        try (StreamVm vm = connect()) {
            assertThat(vm.isClosedByPeer()).isTrue();
            assertThat(lan.messages).anyMatch(text -> text.contains("refused a VM") && text.contains("'vm-1'"));
        }
    }

    @Test
    void shouldDeliverWhatAVmSentBeforeItClosed() throws IOException {
        listen("");
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            sent.add(Frames.fromVm(1, i, 100));
        }
        try (StreamVm vm = connect()) {
            vm.write(Frames.records(sent));
        }
        assertThat(lan.received()).containsExactlyElementsOf(sent);
        assertThat(lan.portNames()).isEmpty();
        lan.assertConserved();
    }

    // ---- fairness and bounds ----

    @Test
    void shouldGiveEveryVmItsShareOfAPoll() throws IOException {
        listen("");
        try (StreamVm chatty = connect();
                StreamVm quiet = connect()) {
            List<byte[]> flood = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                flood.add(Frames.fromVm(1, i, 60));
            }
            chatty.write(Frames.records(flood));
            quiet.send(Frames.fromVm(2, 1, 60));
            int steps = 0;
            while (lan.port("vm-2").statistics().rxFrames() == 0) {
                lan.lan.step();
                steps++;
            }
            assertThat(lan.port("vm-1").statistics().rxFrames()).isLessThanOrEqualTo(64L * steps);
            assertThat(steps).isEqualTo(1);
            assertThat(lan.received()).hasSize(501);
            lan.assertConserved();
        }
    }

    @Test
    void shouldBoundWhatWaitsForASlowVmAndLeaveTheOthersAlone() throws IOException {
        listen("?queue=131072");
        try (StreamVm slow = connect();
                StreamVm other = connect()) {
            List<byte[]> sent = new ArrayList<>();
            int toOther = 0;
            for (int i = 0; i < 2_000; i++) {
                byte[] frame = Frames.of("ffffffffffff", "0200000000aa", 1_000);
                ByteBuffer.wrap(frame).putInt(14, i);
                sent.add(frame);
                lan.send(frame);
                toOther += other.frames().size();
            }
            assertThat(toOther).isEqualTo(sent.size());
            long dropped = lan.port("vm-1").statistics().dropped(DropReason.TX_QUEUE_FULL);
            assertThat(dropped).isPositive();

            List<byte[]> late = new ArrayList<>();
            for (int size = -1; size != late.size(); ) {
                size = late.size();
                late.addAll(slow.frames());
                lan.settle();
            }
            assertThat(slow.leftOver()).isZero();
            assertThat(late).hasSize(sent.size() - (int) dropped);
            // The oldest are kept: a prefix of what was sent, whole and in order.
            assertThat(late).containsExactlyElementsOf(sent.subList(0, late.size()));

            lan.send(TestLan.BROADCAST);
            assertThat(slow.frames()).containsExactly(TestLan.BROADCAST);
            lan.assertConserved();
        }
    }

    @Test
    void shouldCountWhatWasQueuedForAVmThatDied() throws IOException {
        listen("");
        byte[] frame = Frames.of("ffffffffffff", "0200000000aa", 9_000);
        try (StreamVm slow = connect()) {
            for (int i = 0; i < 40; i++) {
                lan.send(frame);
            }
            assertThat(lan.lan.statistics().unaccounted()).as("queued").isPositive();
        }
        lan.settle();
        assertThat(lan.portNames()).isEmpty();
        assertThat(lan.dropped(DropReason.PORT_DOWN)).isPositive();
        lan.assertConserved();
    }

    @Test
    void shouldCountWhatIsQueuedWhenTheSwitchCloses() throws IOException {
        listen("");
        byte[] frame = Frames.of("ffffffffffff", "0200000000aa", 9_000);
        try (StreamVm slow = connect()) {
            for (int i = 0; i < 40; i++) {
                lan.send(frame);
            }
            lan.close(); // asserts that nothing is unaccounted for
            assertThat(lan.dropped(DropReason.PORT_DOWN)).isPositive();
        }
    }

    @Test
    void shouldCarryOnReceivingFromAVmThatStoppedReading() throws IOException {
        listen("");
        try (StreamVm vm = connect()) {
            vm.channel.shutdownInput();
            lan.send(TestLan.BROADCAST);
            assertThat(lan.dropped(DropReason.PORT_DOWN)).isEqualTo(1);
            vm.send(FRAME);
            assertThat(lan.received()).containsExactly(FRAME);
            lan.assertConserved();
        }
    }
}
