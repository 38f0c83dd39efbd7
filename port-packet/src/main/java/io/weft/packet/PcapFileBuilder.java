package io.weft.packet;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Builds a {@link PcapFilePort}.
 *
 * <pre>{@code
 * lan.add(PcapFilePort.builder("lab").replay(Path.of("attack.pcapng")).asFastAsPossible().build());
 * }</pre>
 */
public final class PcapFileBuilder {
    private final String name;
    private Path replay;
    private Path record;
    private double speed = 1;
    private int loop = 1;
    private Duration start = Duration.ZERO;

    PcapFileBuilder(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    /** The capture file (pcapng or pcap, of Ethernet) whose frames come into the switch. */
    public PcapFileBuilder replay(Path file) {
        replay = Objects.requireNonNull(file, "file");
        return this;
    }

    /** The pcapng file that what the switch sends to the port is recorded into; made, or emptied. */
    public PcapFileBuilder record(Path file) {
        record = Objects.requireNonNull(file, "file");
        return this;
    }

    /** How many times faster than they were captured frames are replayed, 0.001..1000; at first 1. */
    public PcapFileBuilder speed(double factor) {
        speed = factor;
        return this;
    }

    /** Replays frames as fast as the switch takes them. */
    public PcapFileBuilder asFastAsPossible() {
        speed = Double.POSITIVE_INFINITY;
        return this;
    }

    /** How many times the file is replayed, 0 for ever; at first 1. */
    public PcapFileBuilder loop(int times) {
        loop = times;
        return this;
    }

    /** How long after the port was added the first frame comes; at first at once. */
    public PcapFileBuilder start(Duration delay) {
        start = Objects.requireNonNull(delay, "delay");
        return this;
    }

    /**
     * The port, not yet opened.
     *
     * @throws io.weft.port.InvalidPortException when there is no file at all, or a value is out of range
     */
    public PcapFilePort build() {
        return new PcapFilePort(new PcapFileSettings(name, replay, record, speed, loop, start));
    }
}
