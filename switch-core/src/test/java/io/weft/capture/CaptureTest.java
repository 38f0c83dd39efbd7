package io.weft.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.ExpectedFailures;
import io.weft.TrafficRecord;
import io.weft.VirtualSwitch;
import io.weft.capture.PcapngReader.Packet;
import io.weft.capture.PortCapture.Point;
import io.weft.event.SwitchListener;
import io.weft.mirror.Mirror;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Captures and mirrors to files, read back. */
@ExtendWith(ExpectedFailures.class)
@Timeout(120)
class CaptureTest {
    private static final byte[] PING = frame("ffffffffffff", "0200000000aa", 46);
    private static final byte[] PONG = frame("0200000000aa", "0200000000bb", 100);
    private static final byte[] BPDU = frame("0180c2000000", "0200000000aa", 46);

    @TempDir
    Path folder;

    private final MemoryPort a = new MemoryPort("a");
    private final MemoryPort b = new MemoryPort("b");
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private VirtualSwitch lan;
    private Path path;

    private static byte[] frame(String destination, String source, int payload) {
        return HexFormat.of().parseHex(destination + source + "0806" + "11".repeat(payload));
    }

    @BeforeEach
    void open() throws Exception {
        path = folder.resolve("lan.pcapng");
        lan = VirtualSwitch.builder()
                .invoker(System::nanoTime)
                .listener(new SwitchListener() {
                    @Override
                    public void message(String driver, String text) {
                        messages.add(driver + ": " + text);
                    }
                })
                .build();
        lan.add(a);
        lan.add(b);
    }

    @AfterEach
    void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("weft-capture-"));
    }

    private void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    private static void await(String what, CheckedCondition condition) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.isMet()) {
            assertThat(System.nanoTime() - deadlineNs)
                    .as("waited in vain for: " + what)
                    .isNegative();
            LockSupport.parkNanos(200_000);
        }
    }

    private interface CheckedCondition {
        boolean isMet() throws IOException;
    }

    // ---- what is in a file ----

    @Test
    void shouldRecordWhatAPortReceivesSendsAndDrops() throws Exception {
        long before = System.currentTimeMillis();
        try (TrafficRecord record = lan.capture("a", path)) {
            a.send(PING);
            settle();
            b.send(PONG);
            settle();
            a.send(BPDU);
            settle();
            assertThat(record.toString()).contains(path.toString());
        }
        a.send(PING); // too late
        settle();
        PcapngReader file = PcapngReader.read(path);
        assertThat(file.interfaces()).containsExactly("a");
        List<Packet> packets = file.packets();
        assertThat(packets).extracting(Packet::bytes).containsExactly(PING, PONG, BPDU, BPDU);
        assertThat(packets).extracting(Packet::isInbound).containsExactly(true, false, true, true);
        assertThat(packets).extracting(Packet::originalLength).containsExactly(60, 114, 60, 60);
        assertThat(packets)
                .extracting(Packet::comment)
                .containsExactly("", "", "", "dropped: " + DropReason.RESERVED_MULTICAST.label());
        assertThat(packets).extracting(Packet::timestampNs).isSorted();
        assertThat(packets.get(0).timestampNs())
                .isBetween((before - 1_000) * 1_000_000L, (System.currentTimeMillis() + 1_000) * 1_000_000L);
    }

    @Test
    void shouldRecordDropsOnTheWayOutAsOutbound() throws Exception {
        MemoryPort narrow = new MemoryPort("narrow", 80);
        lan.add(narrow);
        try (TrafficRecord record = lan.capture("narrow", path, Point.DROP)) {
            a.send(frame("ffffffffffff", "0200000000aa", 100));
            settle();
            record.close();
            assertThat(record.recorded()).isEqualTo(1);
        }
        Packet dropped = PcapngReader.read(path).packets().get(0);
        assertThat(dropped.isInbound()).isFalse();
        assertThat(dropped.comment()).isEqualTo("dropped: " + DropReason.TOO_LONG.label());
    }

    @Test
    void shouldKeepTheFirstBytesAndTheOriginalLength() throws Exception {
        try (TrafficRecord record = lan.capture(Capture.ports("a").snapLength(20), path)) {
            a.send(PONG);
            settle();
            assertThat(record.lost()).isZero();
        }
        PcapngReader file = PcapngReader.read(path);
        assertThat(file.snapLengths()).containsExactly(20);
        assertThat(file.packets().get(0).bytes()).isEqualTo(Arrays.copyOf(PONG, 20));
        assertThat(file.packets().get(0).originalLength()).isEqualTo(PONG.length);
        assertThatThrownBy(() -> Capture.allPorts().snapLength(13))
                .hasMessage("snapLength is 13; accepted: 14..65535")
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRecordPortsThatComeLaterAsInterfacesOfTheirOwn() throws Exception {
        MemoryPort late = new MemoryPort("late");
        MemoryPort other = new MemoryPort("other");
        Capture capture = Capture.portsWhere(name -> !name.equals("other")).points(Point.RX, Point.TX);
        try (TrafficRecord record = lan.capture(capture, path)) {
            lan.add(other);
            try (var attached = lan.add(late)) {
                late.send(PING);
                settle();
                other.send(PONG);
                settle();
                assertThat(attached.ports()).hasSize(1);
            }
            lan.add(new MemoryPort("late")); // another one of the same name
            other.send(PING);
            settle();
            assertThat(record.lost()).isZero();
        }
        PcapngReader file = PcapngReader.read(path);
        assertThat(file.interfaces()).containsExactly("a", "b", "late", "late");
        assertThat(file.packets())
                .extracting(packet -> packet.port() + (packet.isInbound() ? " rx" : " tx"))
                .containsExactlyInAnyOrder("late rx", "a tx", "b tx", "late tx", "a tx", "b tx", "late tx");
    }

    @Test
    void shouldRecordOnePortIntoTwoFiles() throws Exception {
        Path second = folder.resolve("second.pcapng");
        try (TrafficRecord one = lan.capture("a", path, Point.RX);
                TrafficRecord two = lan.capture(Capture.allPorts().points(Point.RX), second)) {
            a.send(PING);
            settle();
            one.close();
            a.send(PING);
            settle();
            assertThat(two.lost()).isZero();
        }
        assertThat(PcapngReader.read(path).packets()).hasSize(1);
        assertThat(PcapngReader.read(second).packets()).hasSize(2);
    }

    @Test
    void shouldMirrorToAFile() throws Exception {
        Mirror mirror = Mirror.of("half").source("a").snapLength(30).toFile(path);
        try (TrafficRecord record = lan.mirror(mirror)) {
            a.send(PONG);
            b.send(PING);
            settle();
            assertThat(record.lost()).isZero();
            Path other = folder.resolve("other.pcapng");
            assertThatThrownBy(() -> lan.mirror(Mirror.of("half").allPorts().toFile(other)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("half");
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(thread -> thread.getName().contains("other.pcapng"));
        }
        PcapngReader file = PcapngReader.read(path);
        assertThat(file.interfaces()).containsExactly("mirror half");
        assertThat(file.packets()).hasSize(1);
        assertThat(file.packets().get(0).bytes()).hasSize(30);
        assertThat(file.packets().get(0).originalLength()).isEqualTo(PONG.length);
    }

    // ---- while it grows, and when it ends ----

    @Test
    void shouldBeReadableWhileItGrows() throws Exception {
        try (TrafficRecord record = lan.capture("a", path, Point.RX)) {
            for (int count = 1; count <= 3; count++) {
                int expected = count;
                a.send(PING);
                settle();
                await("packet " + count, () -> PcapngReader.read(path).packets().size() == expected);
                await("the count " + count, () -> record.recorded() == expected);
            }
        }
    }

    @Test
    void shouldEndInGoodOrderWhileTrafficFlows() throws Exception {
        try (VirtualSwitch busy =
                VirtualSwitch.builder().name("busy").workers(2).build()) {
            MemoryPort from = new MemoryPort("from");
            busy.add(from);
            busy.add(new MemoryPort("to").onFrame(bytes -> {}));
            CountDownLatch enough = new CountDownLatch(1);
            CompletableFuture<Integer> sender = CompletableFuture.supplyAsync(() -> {
                int sent = 0;
                while (enough.getCount() > 0) {
                    sent += from.send(PING) ? 1 : 0;
                }
                return sent;
            });
            for (int round = 0; round < 5; round++) {
                Path file = folder.resolve("busy" + round);
                TrafficRecord record = busy.capture(Capture.allPorts().points(Point.RX, Point.TX), file);
                await("some frames", () -> record.recorded() > 500);
                record.close();
                assertThat(PcapngReader.read(file).packets()).hasSize((int) record.recorded());
                assertThat(Files.size(file)).as("no block is cut").isEqualTo(sizeOf(PcapngReader.read(file)));
            }
            enough.countDown();
            assertThat(sender.get()).isPositive();
            await("rest", () -> busy.statistics().unaccounted() == 0);
        }
    }

    /** Bytes of all blocks: the section's and two interfaces', and each packet's with its flags. */
    private static long sizeOf(PcapngReader file) throws IOException {
        Path empty = Files.createTempFile("weft", ".pcapng");
        try (CaptureFile header = new CaptureFile(empty)) {
            file.interfaces().forEach(name -> header.addInterface(name, 65_535));
        }
        long size = Files.size(empty) + file.packets().size() * (32L + PING.length + 12);
        Files.delete(empty);
        return size;
    }

    @Test
    void shouldCloseTheFileWithTheSwitch() throws Exception {
        TrafficRecord record = lan.capture("a", path);
        a.send(PING);
        settle();
        lan.close();
        assertThat(PcapngReader.read(path).packets()).hasSize(1);
        assertThat(record.recorded()).isEqualTo(1);
        record.close(); // again
    }

    @Test
    void shouldCloseTheFileWithASwitchOfManyThreads() throws Exception {
        TrafficRecord record;
        try (VirtualSwitch threaded = VirtualSwitch.builder().name("threaded").build()) {
            MemoryPort from = new MemoryPort("from");
            threaded.add(from);
            record = threaded.capture(Capture.allPorts(), path);
            from.send(PING);
            await("the frame", () -> threaded.statistics().dropped() == 1);
        }
        record.close();
        assertThat(PcapngReader.read(path).packets()).hasSize(2); // received and dropped
    }

    // ---- when it cannot be written ----

    @Test
    void shouldSayWhyAFileCannotBeWritten() {
        Path nowhere = folder.resolve("none/lan.pcapng");
        assertThatThrownBy(() -> lan.capture("a", nowhere))
                .isInstanceOf(IOException.class)
                .hasMessage("capture file " + nowhere + " cannot be written: its folder does not exist");
        assertThatThrownBy(() -> lan.mirror(Mirror.of("m").allPorts().toFile(folder)))
                .isInstanceOf(IOException.class)
                .hasMessage("capture file " + folder + " cannot be written: Is a directory");
        assertThatThrownBy(() -> lan.capture("c", path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port is 'c'; accepted: [a, b]");
        assertThat(path).doesNotExist();
    }

    @Test
    void shouldForwardOnAndSayWhatWasLostWhenTheDiskIsFull() throws Exception {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "skipped: no /dev/full");
        TrafficRecord record = lan.capture("a", full, Point.RX);
        int sent = 0;
        do {
            a.send(PING);
            sent++;
            settle();
        } while (messages.isEmpty() && sent < 1_000_000);
        assertThat(messages).containsExactly("capture: recording to /dev/full ends: No space left on device");
        for (int i = 0; i < 100; i++, sent++) {
            a.send(PING);
            settle();
        }
        assertThat(record.recorded()).isZero();
        assertThatThrownBy(record::close)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(
                        "recording to /dev/full ended early: No space left on device; " + sent + " frames");
        assertThat(record.lost()).isEqualTo(sent);
        assertThat(lan.statistics().txFrames() + lan.statistics().dropped(DropReason.TX_QUEUE_FULL))
                .as("forwarded, or for want of a reader dropped by the memory port")
                .isEqualTo(sent);
    }

    /** A disk that hangs: a pipe that nobody reads. */
    @Test
    void shouldCountWhatASlowDiskLoses() throws Exception {
        Path pipe = folder.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "skipped: no mkfifo");
        CountDownLatch wake = new CountDownLatch(1);
        CompletableFuture<byte[]> reader = CompletableFuture.supplyAsync(() -> {
            try (InputStream in = Files.newInputStream(pipe)) {
                wake.await();
                return in.readAllBytes();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        int frames = 10_000;
        TrafficRecord record = lan.capture("a", pipe, Point.RX);
        byte[] big = frame("0200000000bb", "0200000000aa", 1_000);
        b.onFrame(bytes -> {});
        for (int i = 0; i < frames; i++) {
            a.send(big);
            settle();
        }
        assertThat(lan.statistics().txFrames()).isEqualTo(frames);
        assertThat(record.lost()).as("while the disk hangs").isPositive();
        wake.countDown();
        record.close();
        assertThat(record.recorded() + record.lost()).isEqualTo(frames);
        assertThat(PcapngReader.read(reader.get()).packets()).hasSize((int) record.recorded());
    }
}
