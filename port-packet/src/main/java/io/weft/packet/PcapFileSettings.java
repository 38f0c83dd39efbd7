package io.weft.packet;

import io.weft.port.InvalidPortException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a {@link PcapFilePort} is to be, checked.
 *
 * @param name the port's in the switch
 * @param replay the file to replay; {@code null} for none
 * @param record the file to record into; {@code null} for none
 * @param speed as {@link PcapReplay} has it
 * @param loop how often to replay, 0 for ever
 * @param start how long to wait before the first frame
 */
record PcapFileSettings(String name, Path replay, Path record, double speed, int loop, Duration start) {
    static final double MIN_SPEED = 0.001;
    static final double MAX_SPEED = 1_000;
    static final int MAX_LOOP = 1_000_000_000;
    static final Duration MAX_START = Duration.ofDays(1);
    static final String DEFAULT_START = "1s";

    PcapFileSettings {
        if (replay == null && record == null) {
            throw new InvalidPortException("pcap port '" + name + "': neither a file to replay nor one to record into");
        }
        if (replay != null
                && record != null
                && replay.toAbsolutePath()
                        .normalize()
                        .equals(record.toAbsolutePath().normalize())) {
            throw new InvalidPortException("pcap port '" + name + "': option record is '" + record
                    + "', the file that is replayed; accepted: another file, or `record` alone to record only");
        }
        String into = record == null ? "" : record.toString();
        if (into.endsWith(".pcap") || into.endsWith(".cap")) {
            throw new InvalidPortException("pcap port '" + name + "': option record is '" + record
                    + "'; accepted: a name as " + into.substring(0, into.lastIndexOf('.'))
                    + ".pcapng, for pcapng is what is written");
        }
        if (speed != Double.POSITIVE_INFINITY && !(speed >= MIN_SPEED && speed <= MAX_SPEED)) {
            throw new InvalidPortException("pcap port '" + name + "': option speed is '" + speed + "'; accepted: "
                    + MIN_SPEED + ".." + MAX_SPEED + ", original or max");
        }
        if (loop < 0 || loop > MAX_LOOP) {
            throw new InvalidPortException(
                    "pcap port '" + name + "': option loop is '" + loop + "'; accepted: 0.." + MAX_LOOP);
        }
        if (start.isNegative() || start.compareTo(MAX_START) > 0) {
            throw new InvalidPortException("pcap port '" + name + "': option start is '" + start + "'; accepted: 0s.."
                    + MAX_START.toHours() + "h");
        }
    }
}
