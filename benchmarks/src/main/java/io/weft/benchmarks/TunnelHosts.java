package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;

/**
 * A port with the local stations of {@link TunnelTraffic} behind it. It receives as many frames as {@link #offer} said, and
 * counts and releases what is sent.
 *
 * <p>Threads: confined to the worker.
 */
final class TunnelHosts implements Port, PortDriver {
    private final TunnelTraffic traffic;
    private PortContext context;
    private int index;
    private int waiting;

    TunnelHosts(TunnelTraffic traffic) {
        this.traffic = traffic;
    }

    /** Has more frames come in. */
    void offer(int frames) {
        waiting += frames;
        context.wakeup();
    }

    /** Frames that have not been received yet. */
    int waiting() {
        return waiting;
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        index = context.addPort(this).index();
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        int count = Math.min(limit, waiting);
        for (int i = 0; i < count; i++) {
            Frame frame = context.pool().allocate(traffic.localLength());
            traffic.writeLocal(frame);
            frame.ingress(index);
            into.add(frame);
        }
        waiting -= count;
        return count;
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
        return "hosts";
    }

    @Override
    public PortCapabilities capabilities() {
        return PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH);
    }

    @Override
    public void close() {}
}
