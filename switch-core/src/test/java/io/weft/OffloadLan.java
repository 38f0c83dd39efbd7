package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.frame.Frame;
import io.weft.port.DropReason;
import io.weft.port.Offload;
import io.weft.port.PortCapabilities;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A stepped switch of ports with offloads and a clock that stands still; at its end the books balance and the pools are full. */
final class OffloadLan implements AutoCloseable {
    static final PortCapabilities NOTHING =
            PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH).withConcurrentTransmit();
    static final PortCapabilities CHECKSUM = NOTHING.withOffloads(Offload.CHECKSUM);
    static final PortCapabilities TSO4 = NOTHING.withOffloads(Offload.CHECKSUM, Offload.TSO4);
    static final PortCapabilities TSO = NOTHING.withOffloads(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6);
    static final PortCapabilities EVERYTHING = NOTHING.withOffloads(Offload.values());

    private final Map<String, OffloadPort> ports = new LinkedHashMap<>();
    private long nowNs = 1_000_000_000_000L;

    final VirtualSwitch lan;

    /** A switch of one worker. */
    OffloadLan() {
        this(1);
    }

    OffloadLan(int workers) {
        lan = VirtualSwitch.builder().invoker(() -> nowNs).workers(workers).build();
    }

    /** The same capabilities, for frames of a 1,500-byte MTU and a tag at most. */
    static PortCapabilities narrow(PortCapabilities wide) {
        return new PortCapabilities(
                1_518, wide.headroom(), wide.concurrentTransmit(), wide.offloads(), wide.coalescing());
    }

    /** The same capabilities, for the owning worker alone. */
    static PortCapabilities owned(PortCapabilities concurrent) {
        return new PortCapabilities(
                concurrent.maxFrameLength(),
                concurrent.headroom(),
                false,
                concurrent.offloads(),
                concurrent.coalescing());
    }

    OffloadLan port(String name, PortCapabilities capabilities) throws PortException {
        return port(name, capabilities, PortSettings.DEFAULT);
    }

    OffloadLan port(String name, PortCapabilities capabilities, PortSettings settings) throws PortException {
        OffloadPort port = new OffloadPort(name, capabilities);
        lan.add(port, settings);
        ports.put(name, port);
        return this;
    }

    OffloadPort port(String name) {
        return ports.get(name);
    }

    /** Lets frames come in by one port in one poll, and the switch forward them. */
    void send(String from, OffloadedFrame... frames) {
        for (OffloadedFrame frame : frames) {
            ports.get(from).send(frame);
        }
        settle();
    }

    List<OffloadedFrame> take(String name) {
        return ports.get(name).take();
    }

    void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    void pass(Duration time) {
        nowNs += time.toNanos();
        settle();
    }

    PortStatistics statistics(String port) {
        return lan.port(port).status().statistics();
    }

    long dropped(String port, DropReason reason) {
        return statistics(port).dropped(reason);
    }

    @Override
    public void close() {
        settle();
        assertThat(lan.statistics().unaccounted()).isZero();
        for (OffloadPort port : ports.values()) {
            port.letGo();
        }
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
        for (OffloadPort port : ports.values()) { // recordings have ended, too
            assertThat(port.framesInUse()).as("frames of the worker of " + port).isZero();
        }
    }
}
