package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.Offload;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever is received: coalesced and segmented again, every flow has the same frames in the same order. */
class OffloadIdentityTest {
    private static final int ROUNDS = 500;

    private final FramePool pool = new FramePool(512, 192);

    @Test
    void shouldGiveEveryFlowItsFramesBack() {
        SplittableRandom random = TestSeed.random("OffloadIdentityTest");
        Map<Integer, Integer> merged = new HashMap<>(); // by GSO type
        for (int round = 0; round < ROUNDS * TestSeed.effort(); round++) {
            Set<Offload> offloads = EnumSet.allOf(Offload.class);
            if (random.nextInt(4) == 0) {
                offloads.removeIf(offload -> random.nextBoolean());
            }
            FramePool large = new FramePool(1, random.nextInt(4) == 0 ? random.nextInt(4) : 64); // may run dry
            Coalescer coalescer = new Coalescer(large, offloads);
            RandomFlows flows = new RandomFlows(random, 1 + random.nextInt(12), 1 + random.nextInt(40));
            for (int batch = 0; batch < 4; batch++) { // the coalescer keeps nothing
                List<RandomFlows.Sent> sent = flows.next(1 + random.nextInt(64));
                FrameBatch frames = new FrameBatch();
                for (RandomFlows.Sent one : sent) {
                    VirtioFrame frame = VirtioFrame.plain(one.bytes());
                    frames.add(random.nextInt(4) == 0 ? frame.in(pool) : frame.received(pool));
                }
                shouldGiveBack(sent, frames, coalescer, offloads, merged);
                assertThat(large.inUse()).as("large frames in use").isZero();
            }
        }
        assertThat(merged).containsOnlyKeys(1, 4, 5);
        assertThat(merged.values()).allMatch(segments -> segments > 250);
    }

    private void shouldGiveBack(
            List<RandomFlows.Sent> sent,
            FrameBatch batch,
            Coalescer coalescer,
            Set<Offload> offloads,
            Map<Integer, Integer> merged) {
        int lost = coalescer.coalesce(batch);
        assertThat(batch.size()).isEqualTo(sent.size() - lost);
        List<byte[]> received = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            Frame frame = batch.get(i);
            if (frame.gsoType() != 0) {
                assertThat(offloads).contains(Offload.CHECKSUM, offload(frame.gsoType()));
                assertSound(frame);
                merged.merge(frame.gsoType(), WireFrames.count(frame), Integer::sum);
            } else {
                assertThat(frame.hasPendingOffload()).isFalse();
            }
            received.addAll(Segments.of(frame, pool));
        }
        batch.release();
        assertThat(pool.inUse()).as("frames in use").isZero();
        assertSameOrder(sent, received);
    }

    private static Offload offload(int gsoType) {
        return switch (gsoType) {
            case 1 -> Offload.TSO4;
            case 4 -> Offload.TSO6;
            default -> Offload.USO;
        };
    }

    /** A port's driver that got it back would take it, as it is. */
    private static void assertSound(Frame frame) {
        VirtioFrame made = VirtioFrame.of(frame);
        assertThat(OffloadCheck.isSound(frame)).as(made.toString()).isTrue();
        assertThat(VirtioFrame.of(frame).toString()).isEqualTo(made.toString());
    }

    private static void assertSameOrder(List<RandomFlows.Sent> sent, List<byte[]> received) {
        Map<ByteBuffer, Integer> flowOf = new HashMap<>();
        for (RandomFlows.Sent one : sent) {
            // Bytes that two flows have, by chance, tell nothing about the order of either.
            flowOf.merge(
                    ByteBuffer.wrap(one.bytes()),
                    one.flow(),
                    (flow, other) -> flow.equals(other) ? flow : RandomFlows.NONE);
        }
        Map<Integer, List<ByteBuffer>> expected = new HashMap<>();
        for (RandomFlows.Sent one : sent) {
            add(expected, flowOf.get(ByteBuffer.wrap(one.bytes())), one.bytes());
        }
        Map<Integer, List<ByteBuffer>> actual = new HashMap<>();
        for (byte[] frame : received) {
            Integer flow = flowOf.get(ByteBuffer.wrap(frame));
            assertThat(flow)
                    .as("%s was never sent", HexFormat.of().formatHex(frame))
                    .isNotNull();
            add(actual, flow, frame);
        }
        List<ByteBuffer> astray = expected.getOrDefault(RandomFlows.NONE, List.of());
        assertThat(actual.getOrDefault(RandomFlows.NONE, List.of())).containsExactlyInAnyOrderElementsOf(astray);
        expected.remove(RandomFlows.NONE);
        actual.remove(RandomFlows.NONE);
        assertThat(actual).isEqualTo(expected);
    }

    private static void add(Map<Integer, List<ByteBuffer>> flows, int flow, byte[] frame) {
        flows.computeIfAbsent(flow, key -> new ArrayList<>()).add(ByteBuffer.wrap(frame));
    }
}
