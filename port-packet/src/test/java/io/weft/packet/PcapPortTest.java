package io.weft.packet;

import static io.weft.packet.CaptureBytes.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The port with an interface that does what the test says; on a switch with threads, as the port has one itself. */
@Timeout(60)
class PcapPortTest {
    private static final byte[] LOST = new byte[0];
    private static final byte[] WAKEUP = new byte[0];

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final BlockingQueue<byte[]> atHost = new LinkedBlockingQueue<>();
    private final MemoryPort host = new MemoryPort("host").onFrame(bytes -> {
        byte[] frame = new byte[bytes.remaining()];
        bytes.get(frame);
        atHost.add(frame);
    });
    private final List<ScriptedInterface> opened = new CopyOnWriteArrayList<>();
    private volatile boolean absent;
    private VirtualSwitch lan;

    /** An interface without a network. */
    private static final class ScriptedInterface implements PcapInterface {
        final BlockingQueue<byte[]> arriving = new LinkedBlockingQueue<>();
        final List<byte[]> sent = new CopyOnWriteArrayList<>();
        volatile int cutTo = Integer.MAX_VALUE;
        volatile long overruns;
        volatile String refusal;
        volatile boolean closed;
        private int length;

        @Override
        public byte[] receive() throws LostException {
            try {
                byte[] next = arriving.take();
                if (next == LOST) {
                    throw new LostException("The interface went down", null);
                }
                length = next.length;
                return next == WAKEUP ? null : Arrays.copyOf(next, Math.min(cutTo, next.length));
            } catch (InterruptedException e) {
                throw new LostException("interrupted", e);
            }
        }

        @Override
        public int receivedLength() {
            return length;
        }

        @Override
        public long overruns() {
            return overruns;
        }

        @Override
        public String send(byte[] memory, int sentLength) {
            if (refusal == null) {
                sent.add(Arrays.copyOf(memory, sentLength));
            }
            return refusal;
        }

        @Override
        public String warning() {
            return "sees itself";
        }

        @Override
        public void wakeup() {
            arriving.add(WAKEUP);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private PcapInterface openInterface(String name, boolean promiscuous) throws PortException {
        if (absent) {
            throw new PortException("no " + name);
        }
        ScriptedInterface next = new ScriptedInterface();
        opened.add(next);
        return next;
    }

    @BeforeEach
    void open() throws Exception {
        lan = VirtualSwitch.builder().workers(1).listener(new Ear()).build();
        lan.add(host);
        lan.add(new PcapPort(new PcapSettings("lo", "lo", true), this::openInterface));
    }

    private final class Ear implements SwitchListener {
        @Override
        public void message(String driver, String text) {
            heard.add(text);
        }

        @Override
        public void portDown(String port, String reason) {
            heard.add(port + " down: " + reason);
        }

        @Override
        public void portUp(String port) {
            heard.add(port + " up");
        }
    }

    @AfterEach
    void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
        assertThat(opened).allMatch(each -> each.closed);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("weft-pcap-lo"));
    }

    private ScriptedInterface nic() {
        return opened.get(opened.size() - 1);
    }

    private PortStatistics statistics() {
        return lan.port("lo").status().statistics();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited in vain: %s", what).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    @Test
    void shouldPassFramesBothWays() throws Exception {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            frames.add(frame(i, 14 + i));
            nic().arriving.add(frames.get(i));
        }
        for (byte[] each : frames) {
            assertThat(atHost.poll(30, TimeUnit.SECONDS)).isEqualTo(each);
        }
        host.send(frame(1, 9_000));
        await("a frame to be sent", () -> nic().sent.size() == 1);
        assertThat(nic().sent.get(0)).isEqualTo(frame(1, 9_000));
        await("a warning to be heard", () -> heard.contains("lo: sees itself"));
    }

    @Test
    void shouldCountWhatIsNoFrameOfTheWire() throws Exception {
        nic().arriving.add(frame(1, 13));
        nic().cutTo = 65_000;
        nic().arriving.add(frame(2, 65_001));
        nic().arriving.add(frame(3, 65_002));
        nic().arriving.add(frame(4, 60));
        assertThat(atHost.poll(30, TimeUnit.SECONDS)).isEqualTo(frame(4, 60));
        assertThat(statistics().dropped(DropReason.RUNT)).isEqualTo(1);
        assertThat(statistics().dropped(DropReason.RX_TOO_LONG)).isEqualTo(2);
        await("a report", () -> heard.stream().anyMatch(text -> text.startsWith("lo gave a frame of 65001 bytes")));
        assertThat(heard).noneMatch(text -> text.contains("65002"));
        assertThat(heard).anyMatch(text -> text.contains("ethtool -K lo gro off"));
    }

    @Test
    void shouldCountWhatLibpcapHadNoRoomFor() throws Exception {
        nic().overruns = 3;
        nic().wakeup();
        await("overruns to be counted", () -> statistics().dropped(DropReason.RX_QUEUE_FULL) == 3);
        nic().overruns = 5;
        nic().wakeup();
        await("more overruns to be counted", () -> statistics().dropped(DropReason.RX_QUEUE_FULL) == 5);
        assertThat(statistics().rxFrames()).isEqualTo(5);
    }

    @Test
    void shouldCountWhatTheSystemRefusesToSend() throws Exception {
        refuse("send: Message too long", DropReason.TOO_LONG);
        refuse("send: No buffer space available", DropReason.TX_QUEUE_FULL);
        refuse("send: Network is down", DropReason.PORT_DOWN);
        refuse("send: Invalid argument", DropReason.TX_ERROR);
        assertThat(statistics().txFrames()).isZero();
    }

    private void refuse(String answer, DropReason reason) throws InterruptedException {
        nic().refusal = answer;
        host.send(frame(1, 60));
        await(answer + " to be counted", () -> statistics().dropped(reason) == 1);
    }

    @Test
    void shouldTakeThePortDownUntilTheInterfaceIsBack() throws Exception {
        absent = true;
        ScriptedInterface first = nic();
        first.arriving.add(LOST);
        await("the port to be down", () -> !lan.port("lo").status().up());
        await("the handle to be closed", () -> first.closed);
        absent = false;
        await("the port to be up", () -> lan.port("lo").status().up());
        assertThat(opened).hasSize(2);
        nic().arriving.add(frame(1, 60));
        assertThat(atHost.poll(30, TimeUnit.SECONDS)).isEqualTo(frame(1, 60));
        await(
                "both to be heard",
                () -> heard.containsAll(List.of("lo down: lo is lost: The interface went down", "lo up")));
    }

    @Test
    void shouldCloseWhileTheInterfaceIsLost() throws Exception {
        absent = true;
        nic().arriving.add(LOST);
        await("the port to be down", () -> !lan.port("lo").status().up());
    }
}
