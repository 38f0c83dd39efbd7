package io.weft.impairment;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.ExpectedFailures;
import io.weft.VirtualSwitch;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.MemoryPort;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.worker.AttachedDriver;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A driver that has more to receive than it is asked for: an impaired one takes it all, and polls it no more than need be. */
@ExtendWith(ExpectedFailures.class)
class ImpairedPollingTest {
    private long nowNs;

    /** Has a number of frames to receive, and gives out as many as it is asked for. */
    private static final class Source implements Port, PortDriver {
        private PortContext context;
        private PortHandle handle;
        private int left;
        private int polls;

        @Override
        public String name() {
            return "source";
        }

        @Override
        public PortCapabilities capabilities() {
            return PortCapabilities.ofMaxFrameLength(1_514).withConcurrentTransmit();
        }

        @Override
        public void open(PortContext newContext) throws PortException {
            context = newContext;
            handle = context.addPort(this);
        }

        @Override
        public int poll(FrameBatch into, int limit) {
            polls++;
            int count = Math.min(limit, left);
            for (int i = 0; i < count; i++) {
                Frame frame = context.pool().allocate(60);
                frame.putBytes(0, ImpairedDriverTest.frame(left--, 60), 0, 60);
                frame.ingress(handle.index());
                into.add(frame);
            }
            return count;
        }

        @Override
        public void transmit(FrameBatch frames, PortCounters counters) {
            counters.transmitted(frames.size(), 0);
            frames.release();
        }

        @Override
        public void close() {}
    }

    @Test
    void shouldTakeAllThatADriverHasAndLeaveItAloneThen() throws Exception {
        for (Impairment rx : List.of(
                Impairment.NONE,
                Impairment.builder().loss(50).duplicate(70).build(),
                Impairment.builder().delay(Duration.ofMillis(2)).limit(5_000).build())) {
            Source source = new Source();
            source.left = 3_000;
            try (VirtualSwitch plain =
                    VirtualSwitch.builder().invoker(() -> nowNs).build()) {
                plain.add(new MemoryPort("sink").onFrame(bytes -> {}));
                AttachedDriver impaired = plain.add(new ImpairedDriver(source, rx, Impairment.NONE));
                // Counted: a step that only delays frames has not done anything for others to see.
                for (int i = 0; i < 400; i++) {
                    plain.step();
                    nowNs += 10_000;
                }
                assertThat(source.left).isZero();
                assertThat(impaired.ports().get(0).capabilities().concurrentTransmit())
                        .isFalse();
                assertThat(plain.statistics().unaccounted()).isZero();
                assertThat(plain.statistics().rxFrames()).isGreaterThanOrEqualTo(3_000);
                int polls = source.polls;
                plain.step();
                plain.step();
                assertThat(source.polls).isEqualTo(polls);
            }
        }
    }
}
