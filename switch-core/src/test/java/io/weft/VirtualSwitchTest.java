package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The switch as a whole, stepped by the test. */
class VirtualSwitchTest {
    private static final byte[] A_TO_B = frame("0200000000bb 0200000000aa 0800");
    private static final byte[] B_TO_A = frame("0200000000aa 0200000000bb 0800");
    private static final byte[] A_BROADCAST = frame("ffffffffffff 0200000000aa 0806");

    private final MemoryPort a = new MemoryPort("a");
    private final MemoryPort b = new MemoryPort("b");
    private final MemoryPort c = new MemoryPort("c");
    private long nowNs;
    private VirtualSwitch lan;

    private static byte[] frame(String header) {
        return HexFormat.of().parseHex(header.replace(" ", "") + "00".repeat(46));
    }

    @BeforeEach
    void open() throws Exception {
        lan = VirtualSwitch.builder().invoker(() -> nowNs).workers(2).build();
        lan.add(a);
        lan.add(b);
        lan.add(c);
    }

    @AfterEach
    void close() {
        lan.close();
    }

    private void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    private static List<byte[]> drain(MemoryPort port) {
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame = port.receive(); frame != null; frame = port.receive()) {
            frames.add(frame);
        }
        return frames;
    }

    @Test
    void shouldFloodUnknownAndSendKnownUnicastToItsPortOnly() {
        a.send(A_TO_B);
        settle();
        assertThat(drain(a)).isEmpty();
        assertThat(drain(b)).containsExactly(A_TO_B);
        assertThat(drain(c)).containsExactly(A_TO_B);

        b.send(B_TO_A);
        settle();
        assertThat(drain(a)).containsExactly(B_TO_A);
        assertThat(drain(c)).isEmpty();

        a.send(A_TO_B);
        settle();
        assertThat(drain(b)).containsExactly(A_TO_B);
        assertThat(drain(c)).isEmpty();
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    @Test
    void shouldForgetStationsAfterTheAgeingTime() {
        b.send(B_TO_A);
        settle();
        assertThat(lan.fdb().stations()).hasSize(1);
        nowNs += Duration.ofSeconds(302).toNanos();
        settle();
        assertThat(lan.fdb().stations()).isEmpty();
        assertThat(lan.fdb().statistics().expired()).isEqualTo(1);
    }

    @Test
    void shouldTakeAPortOutAndCountWhatWasOnItsWay() throws Exception {
        MemoryPort d = new MemoryPort("d");
        try (var attached = lan.add(d)) {
            d.send(B_TO_A);
            settle();
            assertThat(lan.fdb().stations()).hasSize(1);
            d.send(B_TO_A);
            assertThat(attached.ports()).hasSize(1);
        }
        assertThat(lan.ports()).hasSize(3);
        assertThat(lan.fdb().stations()).isEmpty();
        PortStatistics all = lan.statistics();
        assertThat(all.unaccounted()).isZero();
        assertThat(all.dropped(DropReason.RX_PORT_DOWN)).isEqualTo(1);
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldForwardWithThreadsOfItsOwn() throws Exception {
        int frames = 10_000;
        AtomicInteger arrived = new AtomicInteger();
        try (VirtualSwitch threaded = VirtualSwitch.builder().workers(2).build()) {
            MemoryPort from = new MemoryPort("from");
            MemoryPort to = new MemoryPort("to").onFrame(bytes -> arrived.incrementAndGet());
            threaded.add(from);
            threaded.add(to);
            int sent = 0;
            while (sent < frames) {
                if (from.send(A_BROADCAST)) {
                    sent++;
                }
                // One burst at a time, so that no queue between the threads is ever full.
                while (sent % 500 == 0 && arrived.get() < sent) {
                    Thread.onSpinWait();
                }
            }
            assertThat(threaded.statistics().unaccounted()).isZero();
            assertThat(threaded.statistics().txFrames()).isEqualTo(frames);
        }
    }

    /** Its workers have ended: nobody would run the command that such a change waits for. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldNotWaitForEverWhenItIsChangedAfterItWasClosed() throws Exception {
        VirtualSwitch threaded = VirtualSwitch.builder().workers(1).build();
        threaded.add(new MemoryPort("late"));
        threaded.close();
        threaded.fdb().clearFloodList(1);
        assertThat(threaded.ports()).isEmpty();
    }
}
