package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.EtherType;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.Offload;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Many flows at random, most of whose segments suit each other and some of which do not in one way or several: cut again, the
 * frames of each flow are the ones that were given, byte for byte and in their order.
 */
class CoalescerRandomTest {
    private static final int BATCHES = 2_000;
    private static final int[] LENGTHS = {1, 8, 100, 536, 1_447, 1_448, 1_448, 8_948, 30_000};

    private final SplittableRandom random = TestSeed.random("CoalescerRandomTest");
    private final FramePool received = new FramePool(64, 64);
    private final FramePool pool = new FramePool(1, 16);

    @Test
    void shouldGiveBackEveryFlowWhenCutAgain() {
        int given = 0;
        int lost = 0;
        for (int i = 0; i < BATCHES * TestSeed.effort(); i++) {
            EnumSet<Offload> offloads = EnumSet.allOf(Offload.class);
            if (random.nextInt(8) == 0) {
                offloads.remove(Offload.values()[random.nextInt(5)]);
            }
            List<Frame> hoarded = hoard(random.nextInt(4) == 0 ? random.nextInt(17) : 0);
            FrameBatch batch = randomBatch();
            given += batch.size();
            Map<Object, List<byte[]>> before = flows(batch);
            int count = new Coalescer(pool, offloads).coalesce(batch);
            lost += count;
            Map<Object, List<byte[]>> after = flows(batch);
            assertThat(after.keySet()).isEqualTo(before.keySet());
            after.forEach((flow, frames) ->
                    assertThat(frames).as("batch %d", batch.size()).containsExactlyElementsOf(before.get(flow)));
            batch.release();
            hoarded.forEach(Frame::release);
            assertThat(pool.inUse() + received.inUse()).isZero();
        }
        assertThat(lost).isGreaterThan(given / 10); // or this proves little
        System.out.println("CoalescerRandomTest: " + lost + " of " + given + " frames merged away");
    }

    private List<Frame> hoard(int large) {
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < large; i++) {
            frames.add(pool.allocate(Frame.MAX_LENGTH));
        }
        return frames;
    }

    private FrameBatch randomBatch() {
        SegmentBytes[] flows = new SegmentBytes[1 + random.nextInt(random.nextBoolean() ? 3 : 12)];
        for (int i = 0; i < flows.length; i++) {
            flows[i] = randomFlow(i);
        }
        FrameBatch batch = new FrameBatch();
        int size = random.nextInt(batch.remaining() + 1);
        int disorder = 2 + random.nextInt(40);
        while (batch.size() < size) {
            int i = random.nextInt(flows.length);
            SegmentBytes segment = flows[i];
            flows[i] = random.nextInt(disorder) == 0 ? segment.next(1 + random.nextInt(2_000)) : segment.next();
            flows[i].flags = TransportSegment.ACK;
            if (random.nextInt(disorder) == 0) {
                disturb(segment);
            }
            Frame frame = segment.frame(received);
            if (!segment.partial && segment.checksumError == 0 && random.nextInt(4) == 0) {
                frame.offload(Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0);
            }
            batch.add(frame);
        }
        return batch;
    }

    private SegmentBytes randomFlow(int number) {
        int length = LENGTHS[random.nextInt(LENGTHS.length)];
        SegmentBytes flow = SegmentBytes.tcp4(random.nextInt(3) == 0 ? 1 + random.nextInt(1_448) : length);
        flow.ipv6 = random.nextBoolean();
        flow.udp = random.nextInt(3) == 0;
        flow.host = number / 2 + 1;
        flow.sourcePort = number;
        flow.tags = new int[][] {{}, {0x8100_0005}, {0x88a8_0006, 0x8100_0005}, {0x8100_0007, 0x8100_0007}}
                [random.nextInt(4)];
        flow.trafficClass = random.nextInt(4);
        flow.flowLabel = random.nextInt(1 << 20);
        flow.fragment = random.nextInt(4) == 0 ? 0 : SegmentBytes.DF;
        flow.id = random.nextInt(4) == 0 ? 0xfffe : random.nextInt(0x10000);
        flow.sequence = random.nextInt(4) == 0 ? -3_000 : random.nextInt();
        flow.options = random.nextInt(3) == 0 ? new byte[4 * random.nextInt(11)] : flow.options;
        flow.partial = random.nextInt(4) == 0;
        return flow;
    }

    /** Changes something for this segment only; what the flow's next one looks like is settled by now. */
    private void disturb(SegmentBytes segment) {
        switch (random.nextInt(22)) {
            case 0 -> segment.flags |= 1 << random.nextInt(8);
            case 1 -> segment.flags |= TransportSegment.PSH;
            case 2 -> segment.flags |= TransportSegment.FIN | TransportSegment.PSH;
            case 3 -> segment.sequence += random.nextInt(3) - 1;
            case 4 -> segment.acknowledged++;
            case 5 -> segment.window++;
            case 6 -> segment.options = SegmentBytes.bytes(4 * random.nextInt(11), 5);
            case 7 -> segment.payload = new byte[0];
            case 8 -> segment.payload = SegmentBytes.bytes(1 + random.nextInt(1_500), 9);
            case 9 -> segment.id += random.nextInt(5) - 2;
            case 10 -> segment.fragment = random.nextInt(0x10000);
            case 11 -> segment.ttl--;
            case 12 -> segment.trafficClass ^= 1;
            case 13 -> segment.flowLabel ^= 1;
            case 14 -> segment.source++;
            case 15 -> segment.checksumError = 1 + random.nextInt(0xffff);
            case 16 -> segment.ipChecksumError = 1 + random.nextInt(0xffff);
            case 17 -> segment.padding = new byte[1 + random.nextInt(20)];
            case 18 -> segment.partial = !segment.partial;
            case 19 -> segment.withoutChecksum = segment.udp;
            case 20 -> segment.reserved = random.nextInt(16);
            default -> segment.urgent = random.nextInt(2);
        }
    }

    /** The frames on the wire by flow, which random flows have told by version, host and port. */
    private static Map<Object, List<byte[]>> flows(FrameBatch batch) {
        Map<Object, List<byte[]>> flows = new HashMap<>();
        for (int i = 0; i < batch.size(); i++) {
            Frame frame = batch.get(i);
            int ip = EtherType.offset(frame) + 2;
            boolean ipv6 = EtherType.at(frame, ip - 2) == EtherType.IPV6;
            int port = frame.getShort(ip + (ipv6 ? 40 : 20));
            flows.computeIfAbsent(List.of(ipv6, port), key -> new ArrayList<>()).addAll(WireReference.frames(frame));
        }
        return flows;
    }

    /** What the reference itself does, on a super-frame whose segments are known. */
    @Test
    void shouldHaveAReferenceThatCuts() {
        SegmentBytes first = SegmentBytes.udp6(10);
        SegmentBytes second = first.next(4);
        SegmentBytes whole = first.copy();
        whole.payload =
                ByteBuffer.allocate(14).put(first.payload).put(second.payload).array();
        whole.partial = true;
        Frame frame = whole.frame(pool);
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 5, 10, 62, 54, 6);
        assertThat(WireReference.frames(frame)).containsExactly(first.build(), second.build());
        frame.release();
    }
}
