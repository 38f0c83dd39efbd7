package io.weft.examples;

import io.weft.frame.*;
import io.weft.port.*;

/** A port type of one's own: a station that sends every frame for it, or for all, back to where it came from. */
public final class WriteYourOwnPort implements Port, PortDriver {
    private final String name;
    private final long mac;
    private final SpscFrameRing answers = new SpscFrameRing(256);
    private PortContext context;
    private PortHandle handle;

    /** The station's name and address. */
    public WriteYourOwnPort(String name, long mac) {
        this.name = name;
        this.mac = mac;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PortCapabilities capabilities() {
        return PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH); // its transmit is called by one worker only
    }

    @Override
    public void open(PortContext portContext) throws PortException {
        context = portContext;
        handle = context.addPort(this);
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            if (answers.offer(frame)) {
                counters.transmitted(frame.length()); // the ring owns it now
            } else {
                counters.dropped(DropReason.TX_QUEUE_FULL);
                frame.release();
            }
        }
        frames.clear();
        context.wakeup();
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        int before = into.size();
        while (into.size() - before < limit && !answers.isEmpty()) {
            Frame frame = answers.poll();
            if (Ethernet.destination(frame) == mac || Ethernet.destination(frame) == Ethernet.BROADCAST) {
                frame.putLong(0, Ethernet.source(frame) << 16 | mac >>> 32); // destination, and two bytes of the source
                frame.putInt(8, (int) mac); // its other four
                frame.ingress(handle.index());
                frame.endpoint(0); // there is one remote end only
                frame.splitHorizonGroup(0); // of the question, if that was flooded
                into.add(frame);
            } else {
                frame.release(); // was flooded to everybody
            }
        }
        return into.size() - before;
    }

    @Override
    public void detached() {
        while (!answers.isEmpty()) {
            answers.poll().release(); // transmitted, as far as the switch is concerned
        }
    }

    @Override
    public void close() {}
}
