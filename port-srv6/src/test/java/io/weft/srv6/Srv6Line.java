package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Wire;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import java.util.ArrayList;
import java.util.List;

/** A layer-3 port of a {@link Srv6Lab}, joined to a memory port by a wire. */
final class Srv6Line {
    final Srv6Port port;
    final Wire wire;
    private final Srv6Lab lab;
    private final MemoryPort memory = new MemoryPort("m");

    Srv6Line(Srv6Lab lab, Srv6Port port) throws PortException {
        this.lab = lab;
        this.port = port;
        wire = Wire.invoker(lab::nanoTime, port, memory);
    }

    /** Lets packets come in by the memory port, as layer-3 ports have them. */
    void send(byte[]... frames) {
        for (byte[] frame : frames) {
            assertThat(memory.send(frame)).isTrue();
        }
        lab.settle();
    }

    /** What came out of it since the last call. */
    List<byte[]> take() {
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame = memory.receive(); frame != null; frame = memory.receive()) {
            frames.add(frame);
        }
        return frames;
    }

    long dropped(DropReason reason) {
        return wire.statistics().dropped(reason);
    }
}
