package io.weft.benchmarks;

import io.weft.bridge.PortState;
import io.weft.fdb.Fdb;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbValue;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.PortCounters;
import java.nio.ByteBuffer;

/**
 * The rival that tells what {@link Frame} objects cost: two ports and a bridge between them which does what {@link
 * io.weft.bridge.Bridge} does for known unicast, with the same table, counters and checks, but passes a slot number, a
 * length and an ingress port in one {@code long} instead of an object.
 *
 * <p>Threads: confined.
 */
final class SlotNumberBridge {
    private static final int BATCH = FrameBatch.DEFAULT_CAPACITY;
    private static final int PORTS = 2;

    private final Fdb fdb;
    private final FrameHeaders[] headers;
    private final int length;
    private final ByteBuffer memory = ByteBuffer.allocateDirect(4 * BATCH * FramePool.SMALL_SLOT);
    private final int[] freeSlots = new int[4 * BATCH];
    private int free;
    private final long[] received = new long[BATCH];
    private final int[] buckets = new int[2 * BATCH];

    @SuppressWarnings("unused") // as in Bridge
    private long touched;

    private final long[][] egress = new long[PORTS][BATCH];
    private final int[] egressSize = new int[PORTS];
    private final PortCounters[] counters = {new PortCounters(), new PortCounters()};
    private final PortState[] states = {new PortState(), new PortState()};

    SlotNumberBridge(Fdb fdb, FrameHeaders[] headers, int length) {
        this.fdb = fdb;
        this.headers = headers;
        this.length = length;
        while (free < freeSlots.length) {
            freeSlots[free] = free;
            free++;
        }
    }

    /** One round: a full batch from each port, forwarded and sent. */
    void round(int nowSeconds) {
        for (int port = 0; port < PORTS; port++) {
            poll(port);
            forward(nowSeconds);
        }
        for (int port = 0; port < PORTS; port++) {
            transmit(port);
        }
    }

    private void poll(int port) {
        FrameHeaders from = headers[port];
        for (int i = 0; i < BATCH; i++) {
            int slot = freeSlots[--free];
            int start = slot * FramePool.SMALL_SLOT + Frame.HEADROOM;
            int at = from.advance();
            memory.putLong(start, from.word(at));
            memory.putLong(start + 8, from.word(at + 1));
            received[i] = (long) slot << 32 | (long) port << 16 | length;
        }
    }

    private void forward(int nowSeconds) {
        if (fdb.outgrowsCache()) {
            touch();
        }
        for (int i = 0; i < BATCH; i++) {
            long frame = received[i];
            int frameLength = (int) frame & 0xffff;
            int in = (int) (frame >>> 16) & 0xffff;
            int start = (int) (frame >>> 32) * FramePool.SMALL_SLOT + Frame.HEADROOM;
            counters[in].received(frameLength);
            if (frameLength < Ethernet.HEADER_LENGTH
                    || !states[in].isUp()
                    || Ethernet.isTag(memory.getShort(start + 12) & 0xffff)) {
                throw new IllegalStateException("only untagged frames here");
            }
            long source = memory.getLong(start + 6) >>> 16;
            if (Ethernet.isLearnable(source)) {
                fdb.learn(FdbKey.of(0, source), in, 0, nowSeconds);
            }
            long destination = memory.getLong(start) >>> 16;
            long place = fdb.lookup(FdbKey.of(0, destination), nowSeconds);
            int out = place == Fdb.MISS ? 1 - in : FdbValue.port(place); // there is only one port to flood to
            if (Ethernet.isGroup(destination) || out == in) {
                throw new IllegalStateException("only unicast for the other side here");
            }
            egress[out][egressSize[out]++] = frame;
        }
    }

    private void touch() {
        int count = 0;
        for (int i = 0; i < BATCH; i++) {
            int start = (int) (received[i] >>> 32) * FramePool.SMALL_SLOT + Frame.HEADROOM;
            buckets[count++] = fdb.bucketOf(FdbKey.of(0, memory.getLong(start + 6) >>> 16));
            buckets[count++] = fdb.bucketOf(FdbKey.of(0, memory.getLong(start) >>> 16));
        }
        touched = fdb.touch(buckets, count);
    }

    private void transmit(int port) {
        if (!states[port].isUp()) {
            throw new IllegalStateException("no port goes down here");
        }
        long bytes = 0;
        long[] batch = egress[port];
        int count = egressSize[port];
        for (int i = 0; i < count; i++) {
            bytes += batch[i] & 0xffff;
            freeSlots[free++] = (int) (batch[i] >>> 32);
        }
        counters[port].transmitted(count, bytes);
        egressSize[port] = 0;
    }
}
