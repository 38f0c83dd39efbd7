package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Any bytes as frames into a switch with four ports, while time passes and ports go down and up: nothing throws, every
 * frame is accounted for, none stays out of the pool, and what leaves is what came in by another port.
 *
 * <p>The input is a list of commands. A command's first byte has the port in its two low bits and what to do in the four
 * above: 0..9 receive a frame of as many bytes as the next byte says; 10 receive a frame of as many bytes as the next two
 * say, which starts with the next 18 and goes on with zeros; 11 let as many seconds pass as the next byte says; 12 down;
 * 13 up; 14 flush; 15 forward what was received so far.
 */
@ExtendWith(ExpectedFailures.class)
class BridgeFuzzTest {
    private static final int FDB_CAPACITY = 16; // few enough to be filled by one input
    private static final int STEPS_PER_FRAME = 8;

    private static VirtualSwitch lan;
    private static long nowNs;

    // Made once: a switch takes longer to make than an input to run. Each input begins with an empty FDB, all ports up.
    private static final FuzzedPort[] PORTS = {
        new FuzzedPort("p0", Frame.MAX_LENGTH),
        new FuzzedPort("p1", Frame.MAX_LENGTH),
        new FuzzedPort("p2", Frame.MAX_LENGTH),
        new FuzzedPort("narrow", 60)
    };

    /** What was received in this input, and by which ports: a bit for each. */
    private static final Map<ByteBuffer, Integer> RECEIVED = new HashMap<>();

    private static int frames;

    @BeforeAll
    static void open() throws PortException {
        lan = VirtualSwitch.builder()
                .invoker(() -> nowNs)
                .workers(1)
                .fdbCapacity(FDB_CAPACITY)
                .build();
        for (FuzzedPort port : PORTS) {
            lan.add(port);
        }
    }

    @AfterAll
    static void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    @FuzzTest
    void shouldAccountForEveryFrame(byte[] input) {
        RECEIVED.clear();
        frames = 0;
        for (FuzzedPort port : PORTS) {
            port.handle.up();
        }
        lan.fdb().flush();
        long receivedBefore = lan.statistics().rxFrames();
        ByteBuffer commands = ByteBuffer.wrap(input);
        while (commands.hasRemaining()) {
            run(commands);
        }
        settle();
        assertThat(lan.statistics().rxFrames() - receivedBefore).isEqualTo(frames);
        assertThat(lan.fdb().statistics().entries()).isLessThanOrEqualTo(FDB_CAPACITY);
        assertThat(lan.fdb().stations()).allSatisfy(station -> {
            assertThat(station.mac() >>> 40 & 1).as("group address").isZero();
            assertThat(station.mac()).isNotZero();
        });
    }

    private static void run(ByteBuffer commands) {
        int command = commands.get();
        FuzzedPort port = PORTS[command & 3];
        switch (command >> 2 & 0xf) {
            case 10 -> {
                int length = commands.remaining() < 2 ? 0 : commands.getShort() & 0xffff;
                port.receive(Arrays.copyOf(next(commands, Math.min(18, length)), length));
            }
            case 11 -> nowNs += nextByte(commands) * 1_000_000_000L;
            case 12 -> port.handle.down("fuzzed");
            case 13 -> port.handle.up();
            case 14 -> lan.fdb().flush();
            case 15 -> settle();
            default -> port.receive(next(commands, nextByte(commands)));
        }
    }

    private static int nextByte(ByteBuffer commands) {
        return commands.hasRemaining() ? commands.get() & 0xff : 0;
    }

    private static byte[] next(ByteBuffer commands, int length) {
        byte[] bytes = new byte[Math.min(length, commands.remaining())];
        commands.get(bytes);
        return bytes;
    }

    private static void settle() {
        int steps = 0;
        while (lan.step()) {
            assertThat(++steps).as("steps for %d frames", frames).isLessThan(STEPS_PER_FRAME * (frames + 1));
        }
        assertThat(lan.statistics().unaccounted()).as("%s", lan.statistics()).isZero();
        assertThat(PORTS[0].context.pool().inUse()).as("frames out of the pool").isZero();
    }

    /** A port that receives what the input says, and looks at what it is given to send. */
    private static final class FuzzedPort implements Port, PortDriver {
        private final String name;
        private final int maxFrameLength;
        private final Queue<byte[]> arriving = new ArrayDeque<>();
        private PortContext context;
        private PortHandle handle;

        FuzzedPort(String name, int maxFrameLength) {
            this.name = name;
            this.maxFrameLength = maxFrameLength;
        }

        void receive(byte[] frame) {
            arriving.add(frame);
            RECEIVED.merge(ByteBuffer.wrap(frame), 1 << handle.index(), (before, now) -> before | now);
            frames++;
            context.wakeup();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public PortCapabilities capabilities() {
            return PortCapabilities.ofMaxFrameLength(maxFrameLength);
        }

        @Override
        public void open(PortContext newContext) throws PortException {
            context = newContext;
            handle = newContext.addPort(this);
        }

        @Override
        public int poll(FrameBatch into, int limit) {
            int added = 0;
            while (added < limit && !arriving.isEmpty()) {
                byte[] bytes = arriving.remove();
                Frame frame = context.pool().allocate(bytes.length);
                if (frame == null) {
                    handle.counters().received(bytes.length);
                    handle.counters().dropped(DropReason.POOL_EMPTY);
                    continue;
                }
                frame.putBytes(0, bytes, 0, bytes.length);
                frame.ingress(handle.index());
                into.add(frame);
                added++;
            }
            return added;
        }

        @Override
        public void transmit(FrameBatch batch, PortCounters counters) {
            for (int i = 0; i < batch.size(); i++) {
                byte[] frame = batch.get(i).toByteArray();
                int from = RECEIVED.getOrDefault(ByteBuffer.wrap(frame), 0);
                assertThat(from & ~(1 << handle.index()))
                        .as("ports that received %s, which leaves by %s", batch.get(i), name)
                        .isNotZero();
                assertThat(batch.get(i).ingress()).isNotEqualTo(handle.index());
                assertThat(frame.length).isBetween(14, maxFrameLength);
                counters.transmitted(frame.length);
            }
            batch.release();
        }

        @Override
        public void close() {}

        @Override
        public String toString() {
            return "fuzzed:" + name;
        }
    }
}
