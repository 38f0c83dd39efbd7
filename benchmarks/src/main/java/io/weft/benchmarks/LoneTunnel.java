package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.PortCounters;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.TunnelPort;
import io.weft.underlay.UnderlayReceiver;
import java.util.List;

/**
 * A tunnel's port without a switch, and what is measured of it, for {@value #FRAMES} frames each.
 *
 * <p>Threads: confined.
 */
final class LoneTunnel {
    /** Of each operation. */
    static final int FRAMES = 16 * FrameBatch.DEFAULT_CAPACITY;

    private static final int BATCH = FrameBatch.DEFAULT_CAPACITY;
    private static final int LANDINGS = 32;

    private final TunnelTraffic traffic;
    private final NullUnderlay underlay;
    private final TunnelPort port;
    private final FrameBatch batch = new FrameBatch();
    private final PortCounters counters = new PortCounters();
    private final Frame[] landings = new Frame[LANDINGS];
    private final LonePort around;
    private final FramePool pool;
    private final UnderlayReceiver receiver;
    private final int[] endpoints;
    private long copies; // that were flooded, beyond one of each frame

    /** Opens a port that has the traffic's remote ends, in their order. */
    LoneTunnel(TunnelTraffic traffic, NullUnderlay underlay, TunnelPort port) throws PortException {
        this.traffic = traffic;
        this.underlay = underlay;
        this.port = port;
        around = new LonePort(port);
        pool = around.pool();
        receiver = underlay.newReceiver();
        List<RemoteEnd> ends = port.remotes();
        endpoints = new int[ends.size()];
        for (int i = 0; i < endpoints.length; i++) {
            if (!ends.get(i).peer().address().equals(traffic.remoteAddress(i))) {
                throw new IllegalStateException(ends.get(i) + " is not the remote end " + i);
            }
            endpoints[i] = ends.get(i).endpoint();
        }
    }

    private void fill() {
        for (int i = 0; i < BATCH; i++) {
            Frame frame = pool.allocate(traffic.localLength());
            frame.endpoint(endpoints[traffic.remoteEnd()]);
            traffic.writeLocal(frame);
            batch.add(frame);
        }
    }

    /** Takes frames and gives them back. */
    void frames() {
        for (int i = 0; i < FRAMES; i += BATCH) {
            fill();
            batch.release();
        }
    }

    /** Takes frames and sends each to its remote end; what is returned depends on what was sent. */
    long encapsulate() {
        for (int i = 0; i < FRAMES; i += BATCH) {
            fill();
            port.transmit(batch, counters);
        }
        return underlay.seen();
    }

    /** Takes one frame and sends it to all remote ends. */
    long flood() {
        Frame frame = pool.allocate(traffic.localLength());
        traffic.writeLocal(frame);
        batch.add(frame);
        port.transmit(batch, counters);
        copies += endpoints.length - 1;
        return underlay.seen();
    }

    /** Receives datagrams and gives them back. */
    void datagrams() {
        underlay.offer(FRAMES);
        while (underlay.waiting() > 0) {
            for (int i = 0; i < LANDINGS; i++) {
                landings[i] = pool.allocate(Frame.MAX_LENGTH);
            }
            receiver.receive(landings, LANDINGS);
            for (int i = LANDINGS - 1; i >= 0; i--) {
                landings[i].release();
            }
        }
    }

    /** Receives frames by the port and gives them back. */
    void decapsulate() {
        underlay.offer(FRAMES);
        while (around.poll(batch) > 0 || underlay.waiting() > 0) {
            batch.release();
        }
    }

    /** Checks that every frame was sent or received. */
    void close() {
        around.close();
        PortStatistics sent = PortStatistics.sum(List.of(counters));
        if (sent.dropped() > 0 || sent.txFrames() + copies != underlay.sent()) {
            throw new IllegalStateException("lost frames: " + sent + ", sent " + underlay.sent());
        }
        PortStatistics received = PortStatistics.sum(List.of(around.counters()));
        if (received.dropped() > 0) {
            throw new IllegalStateException("lost frames: " + received);
        }
    }
}
