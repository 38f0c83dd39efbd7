package io.weft.vxlan;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;

/**
 * VXLAN as a port.
 *
 * <p>Threads: as {@link PortDriver} says.
 */
public final class VxlanPort implements PortDriver, Port {
    private final VxlanSettings settings;

    VxlanPort(VxlanSettings settings) {
        this.settings = settings;
    }

    /** Begins a port that the switch calls {@code name}. */
    public static VxlanBuilder builder(String name) {
        return new VxlanBuilder(name);
    }

    /** What it is to be. */
    public VxlanSettings settings() {
        return settings;
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public PortCapabilities capabilities() {
        return PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH);
    }

    @Override
    public void open(PortContext context) throws PortException {
        throw new PortException("vxlan port '" + name() + "' cannot be opened yet");
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        return 0;
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        for (int i = 0; i < frames.size(); i++) {
            counters.dropped(DropReason.PORT_DOWN);
            frames.get(i).release();
        }
        frames.clear();
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "vxlan:" + name();
    }
}
