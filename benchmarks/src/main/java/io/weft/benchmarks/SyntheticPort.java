package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;

/**
 * A port without a transport: a poll takes as many frames from the pool as are wanted and writes their addresses, a
 * transmit counts and releases. What a real port costs beyond this is its system calls.
 *
 * <p>Threads: confined to the worker.
 */
final class SyntheticPort implements Port, PortDriver {
    private final String name;
    private final FrameHeaders headers;
    private final int length;
    private final boolean concurrentTransmit;
    private FramePool pool;
    private int index;

    /**
     * A port that receives frames of {@code length} bytes as fast as it is polled.
     *
     * @param headers what each frame starts with (the rest is left as it is); {@code null} for a port that receives
     *     nothing
     */
    SyntheticPort(String name, FrameHeaders headers, int length) {
        this(name, headers, length, false);
    }

    /** The same, which may be sent by from every worker, as a TAP may, or from its own only. */
    SyntheticPort(String name, FrameHeaders headers, int length, boolean concurrentTransmit) {
        this.concurrentTransmit = concurrentTransmit;
        this.name = name;
        this.headers = headers;
        this.length = length;
    }

    @Override
    public void open(PortContext context) throws PortException {
        open(context.pool(), context.addPort(this).index());
    }

    /** The same without a switch around it. */
    void open(FramePool newPool, int newIndex) {
        pool = newPool;
        index = newIndex;
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        if (headers == null) {
            return 0;
        }
        for (int i = 0; i < limit; i++) {
            Frame frame = pool.allocate(length);
            headers.write(frame);
            frame.ingress(index);
            into.add(frame);
        }
        return limit;
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        long bytes = 0;
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            bytes += frame.length();
            frame.release();
        }
        counters.transmitted(frames.size(), bytes);
        frames.clear();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PortCapabilities capabilities() {
        PortCapabilities capabilities = PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH);
        return concurrentTransmit ? capabilities.withConcurrentTransmit() : capabilities;
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "synthetic:" + name;
    }
}
