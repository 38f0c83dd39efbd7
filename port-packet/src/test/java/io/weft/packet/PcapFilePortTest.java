package io.weft.packet;

import static io.weft.packet.CaptureBytes.ETHERNET;
import static io.weft.packet.CaptureBytes.frame;
import static io.weft.packet.CaptureBytes.pcap;
import static io.weft.packet.CaptureBytes.pcapng;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.packet.PcapReader.Found;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.port.StubContext;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replaying and recording with a clock of the test's own. */
class PcapFilePortTest {
    @TempDir
    Path folder;

    private PcapTestLan lan;

    @BeforeEach
    void open() throws IOException {
        lan = new PcapTestLan();
    }

    @AfterEach
    void close() {
        lan.close();
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    /** Frames 1, 2, 3 at 0, 1.5 and 4 seconds. */
    private Path threeFrames() throws IOException {
        return pcapng(ByteOrder.BIG_ENDIAN)
                .link(ETHERNET)
                .enhanced(0, 1_000_000_000_000L, frame(1, 60))
                .enhanced(0, 1_000_001_500_000L, frame(2, 61))
                .enhanced(0, 1_000_004_000_000L, frame(3, 62))
                .writeTo(file("in.pcapng"));
    }

    // ---- replay ----

    @Test
    void shouldReplayFramesWhenTheyAreDue() throws IOException {
        lan.add("pcap:" + threeFrames() + "?start=2s");
        lan.pass(Duration.ofNanos(1_999_999_999));
        assertThat(lan.received()).isEmpty();
        lan.pass(Duration.ofNanos(1));
        assertThat(lan.received()).containsExactly(frame(1, 60));
        lan.pass(Duration.ofNanos(1_499_999_999));
        assertThat(lan.received()).isEmpty();
        lan.pass(Duration.ofNanos(1));
        assertThat(lan.received()).containsExactly(frame(2, 61));
        lan.pass(Duration.ofSeconds(1));
        assertThat(lan.received()).isEmpty();
        assertThat(lan.heard).isEmpty();
        lan.pass(Duration.ofSeconds(3)); // late, and all the same
        assertThat(lan.received()).containsExactly(frame(3, 62));
        assertThat(lan.heard).containsExactly("replay of " + file("in.pcapng") + " is over; 3 frames were replayed");
    }

    @Test
    void shouldReplayFasterOrSlowerByAFactor() throws IOException {
        lan.add("pcap:" + threeFrames() + "?speed=2&start=0s");
        assertThat(lan.received()).containsExactly(frame(1, 60));
        lan.pass(Duration.ofNanos(749_999_999));
        assertThat(lan.received()).isEmpty();
        lan.pass(Duration.ofNanos(1));
        assertThat(lan.received()).containsExactly(frame(2, 61));
        lan.pass(Duration.ofNanos(1_249_999_999));
        assertThat(lan.received()).isEmpty();
        lan.pass(Duration.ofNanos(1));
        assertThat(lan.received()).containsExactly(frame(3, 62));
    }

    @Test
    void shouldReplayAsFastAsTheSwitchTakesThem() throws IOException {
        CaptureBytes bytes = pcap(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) { // many batches
            frames.add(frame(i, 60 + i));
            bytes.packet(1_000 * i, 0, frames.get(i));
        }
        lan.add("pcap:" + bytes.writeTo(file("in.pcap")) + "?speed=max&start=0s");
        assertThat(lan.received()).containsExactlyElementsOf(frames);
        assertThat(lan.lan.port("in.pcap").status().statistics().rxFrames()).isEqualTo(1_000);
    }

    @Test
    void shouldBeginAgainWhenTheLastFrameWasDue() throws IOException {
        lan.add("pcap:" + threeFrames() + "?loop=2&start=0s");
        lan.pass(Duration.ofNanos(3_999_999_999L));
        assertThat(lan.received()).containsExactly(frame(1, 60), frame(2, 61));
        lan.pass(Duration.ofNanos(1));
        assertThat(lan.received()).containsExactly(frame(3, 62), frame(1, 60));
        lan.pass(Duration.ofSeconds(4));
        assertThat(lan.received()).containsExactly(frame(2, 61), frame(3, 62));
        lan.pass(Duration.ofHours(1));
        assertThat(lan.received()).isEmpty();
        assertThat(lan.heard).containsExactly("replay of " + file("in.pcapng") + " is over; 6 frames were replayed");
    }

    @Test
    void shouldGoOnForEver() throws IOException {
        lan.add("pcap:" + threeFrames() + "?loop=0&start=0s");
        lan.received();
        for (int i = 0; i < 100; i++) {
            lan.pass(Duration.ofSeconds(4));
            assertThat(lan.received()).hasSize(3);
        }
        assertThat(lan.heard).isEmpty();
    }

    @Test
    void shouldNotRepeatAFileWithoutFramesForEver() throws IOException {
        Path empty = pcap(ByteOrder.LITTLE_ENDIAN).writeTo(file("empty.pcap"));
        lan.add("pcap:" + empty + "?loop=0&start=0s");
        assertThat(lan.heard).containsExactly("replay of " + empty + " is over; 0 frames were replayed");
    }

    @Test
    void shouldNotWaitWhereTimeRunsBackwards() throws IOException {
        Path back = pcap(ByteOrder.LITTLE_ENDIAN)
                .packet(100, 0, frame(1, 60))
                .packet(50, 0, frame(2, 60))
                .packet(101, 0, frame(3, 60))
                .writeTo(file("back.pcap"));
        lan.add("pcap:" + back + "?start=0s");
        assertThat(lan.received()).containsExactly(frame(1, 60), frame(2, 60));
        lan.pass(Duration.ofSeconds(1));
        assertThat(lan.received()).containsExactly(frame(3, 60));
    }

    @Test
    void shouldCountWhatCannotBeReplayed() throws IOException {
        Path file = pcapng(ByteOrder.LITTLE_ENDIAN)
                .link(ETHERNET)
                .link(113)
                .enhanced(0, 0, frame(1, 60), 1_514)
                .enhanced(1, 0, frame(2, 60))
                .enhanced(0, 0, frame(3, 13))
                .enhanced(0, 0, frame(4, 70_000))
                .enhanced(0, 0, frame(5, 60))
                .writeTo(file("mixed.pcapng"));
        lan.add("pcap:" + file + "?start=0s");
        assertThat(lan.received()).containsExactly(frame(5, 60));
        assertThat(lan.dropped(DropReason.MALFORMED)).isEqualTo(2);
        assertThat(lan.dropped(DropReason.RUNT)).isEqualTo(1);
        assertThat(lan.dropped(DropReason.RX_TOO_LONG)).isEqualTo(1);
        assertThat(lan.lan.port("mixed.pcapng").status().statistics().rxFrames())
                .isEqualTo(5);
        assertThat(lan.heard)
                .containsExactly("replay of " + file + " is over; 1 frames were replayed, 1 were dropped as cut when"
                        + " captured, 1 were dropped as not Ethernet, 1 were dropped as longer than 65535 bytes");
    }

    @Test
    void shouldReportDamageAndStay() throws IOException {
        Path in = file("in.pcapng");
        Files.write(
                in,
                pcapng(ByteOrder.LITTLE_ENDIAN)
                        .link(ETHERNET)
                        .enhanced(0, 0, frame(1, 60))
                        .ints(6, 7, 7)
                        .toBytes());
        Path out = file("out.pcapng");
        lan.add("pcap:" + in + "?start=0s&loop=0&record=" + out);
        assertThat(lan.received()).containsExactly(frame(1, 60));
        assertThat(lan.heard)
                .containsExactly("replay of " + in + " ends early: the block at byte 140 claims a length of 7 bytes;"
                        + " accepted: multiples of 4 from 12 on; 1 frames were replayed");
        lan.send(frame(9, 60));
        assertThat(lan.lan.port("in.pcapng").status().up()).isTrue();
        lan.close();
        assertThat(recorded(out)).containsExactly(frame(9, 60));
    }

    @Test
    void shouldWaitWhileThePoolIsDry() throws IOException {
        lan.close();
        try (DryPool dry = new DryPool(threeFrames())) {
            dry.shouldWait();
        }
        lan = new PcapTestLan();
    }

    /** A replay alone with a pool of two frames, which the test holds. */
    private static final class DryPool implements AutoCloseable {
        private final StubContext context = new StubContext(new FramePool(2, 0));
        private final PcapReplay replay;

        DryPool(Path file) throws IOException {
            replay = new PcapReplay(
                    file, PcapReader.open(file), context, context.handle(), 0, Double.POSITIVE_INFINITY, 1);
        }

        void shouldWait() {
            FrameBatch first = new FrameBatch();
            assertThat(replay.poll(first, 64)).isEqualTo(2);
            FrameBatch second = new FrameBatch();
            assertThat(replay.poll(second, 64)).isZero();
            assertThat(context.delaysNs).containsExactly(1_000_000L);
            first.release();
            context.runTimers();
            assertThat(context.wakeups).isPositive();
            assertThat(replay.poll(second, 64)).isEqualTo(1);
            assertThat(second.get(0).toByteArray()).isEqualTo(frame(3, 62));
            second.release();
        }

        @Override
        public void close() {
            replay.close();
        }
    }

    // ---- record ----

    @Test
    void shouldRecordWhatTheSwitchSends() throws IOException {
        Path out = file("out.pcapng");
        lan.add("pcap:" + out + "?record");
        lan.send(frame(1, 60));
        lan.send(frame(2, 9_000));
        assertThat(lan.lan.port("out.pcapng").status().statistics().txFrames()).isEqualTo(2);
        lan.close();
        assertThat(recorded(out)).containsExactly(frame(1, 60), frame(2, 9_000));
        assertThat(lan.heard).isEmpty();
    }

    @Test
    void shouldTakeAndForgetWhatItIsSentWithoutAFileToRecordInto() throws IOException {
        lan.add("pcap:" + threeFrames());
        lan.send(frame(1, 60));
        assertThat(lan.lan.port("in.pcapng").status().statistics().txFrames()).isEqualTo(1);
    }

    @Test
    void shouldReplayWhatAnotherRecorded() throws IOException {
        SplittableRandom random = TestSeed.random("PcapFilePortTest");
        CaptureBytes bytes = pcap(ByteOrder.BIG_ENDIAN, 0xA1B23C4D, ETHERNET);
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            frames.add(frame(i, random.nextInt(14, 1_515)));
            bytes.packet(i / 10, random.nextInt(1_000), frames.get(i));
        }
        Path in = bytes.writeTo(file("in.pcap"));
        Path out = file("out.pcapng");
        lan.add("pcap:" + out + "?record");
        lan.add("pcap:" + in + "?start=0s");
        lan.pass(Duration.ofMinutes(1));
        assertThat(lan.received()).containsExactlyElementsOf(frames);
        lan.close();
        assertThat(recorded(out)).containsExactlyElementsOf(frames);

        lan = new PcapTestLan();
        lan.add("pcap:" + out + "?start=0s&speed=max");
        assertThat(lan.received()).containsExactlyElementsOf(frames);
    }

    /** The frames of a file, whose time must not run backwards. */
    private static List<byte[]> recorded(Path file) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        FramePool pool = new FramePool(1, 1);
        long before = 0;
        try (PcapReader reader = PcapReader.open(file)) {
            for (Found found = reader.next(); found != Found.END; found = reader.next()) {
                if (found == Found.FRAME) {
                    assertThat(reader.timestampNs()).isGreaterThanOrEqualTo(before);
                    before = reader.timestampNs();
                    Frame frame = pool.allocate(reader.length());
                    reader.copyTo(frame);
                    frames.add(frame.toByteArray());
                    frame.release();
                }
            }
        }
        return frames;
    }

    // ---- errors ----

    @Test
    void shouldSayWhyAFileCannotBeReplayed() throws IOException {
        Path text = Files.writeString(file("notes.pcap"), "not a capture");
        refused("pcap:" + text, text + " cannot be replayed: it is no capture file, beginning with 0x6e6f7420");
        refused("pcap:" + file("none.pcap"), "no such file; to record into it, say pcap:FILE?record");
        refused("pcap:" + folder + "/", folder + " cannot be replayed: it is no regular file");
        refused(
                "pcap:" + threeFrames() + "?record=" + file("none/out.pcapng"),
                "none/out.pcapng cannot be written: its folder does not exist");
        assertThat(lan.lan.ports()).hasSize(1);
    }

    private void refused(String uri, String message) {
        assertThatThrownBy(() -> lan.add(uri)).isInstanceOf(PortException.class).hasMessageContaining(message);
    }
}
