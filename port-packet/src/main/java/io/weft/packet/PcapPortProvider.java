package io.weft.packet;

import io.weft.port.InvalidPortException;
import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Makes {@link PcapPort}s from {@code pcap:IFNAME} and {@link PcapFilePort}s from {@code pcap:FILE}. A target is a file
 * when it has a {@code /} or ends in {@code .pcap}, {@code .pcapng} or {@code .cap}.
 */
public final class PcapPortProvider implements PortProvider {
    static final String SYNTAX = "pcap:IFNAME or pcap:FILE";

    private static final PortOption<String> NAME = PortOption.text("name", "a name")
            .meaning("the port's name in the switch; the interface's, or the file's without folder, unless given");

    private static final PortOption<Boolean> PROMISC = PortOption.flag("promisc")
            .defaultValue("true")
            .meaning("interface: whether to receive what is addressed to others");

    private static final PortOption<Double> SPEED = PortOption.of(
                    "speed",
                    "original, max or a factor of " + PcapFileSettings.MIN_SPEED + ".." + PcapFileSettings.MAX_SPEED,
                    PcapPortProvider::speed)
            .defaultValue("original")
            .meaning("file: how many times faster than captured its frames are replayed; max: as fast as the switch"
                    + " takes them");

    private static final PortOption<Integer> LOOP = PortOption.integer("loop", 0, PcapFileSettings.MAX_LOOP)
            .defaultValue("1")
            .meaning("file: how many times it is replayed, 0 for ever");

    private static final PortOption<Duration> START = PortOption.duration(
                    "start", Duration.ZERO, PcapFileSettings.MAX_START)
            .defaultValue(PcapFileSettings.DEFAULT_START)
            .meaning("file: how long after the port was added the first frame comes, so that others are there by then");

    private static final PortOption<Path> RECORD = PortOption.of(
                    "record", "a file, written as pcapng; or nothing", PcapPortProvider::path)
            .meaning("file: where to record what the switch sends to the port; without a value into FILE itself, which"
                    + " is not replayed then");

    /** For {@code ServiceLoader}. */
    public PcapPortProvider() {}

    private static double speed(String text) {
        return switch (text) {
            case "original" -> 1;
            case "max" -> Double.POSITIVE_INFINITY;
            default -> {
                double factor = Double.parseDouble(text);
                if (!(factor >= PcapFileSettings.MIN_SPEED && factor <= PcapFileSettings.MAX_SPEED)) {
                    throw new IllegalArgumentException("out of range");
                }
                yield factor;
            }
        };
    }

    private static Path path(String text) {
        return Path.of(text); // InvalidPathException is an IllegalArgumentException
    }

    @Override
    public List<String> schemes() {
        return List.of("pcap");
    }

    @Override
    public String syntax() {
        return SYNTAX;
    }

    @Override
    public String summary() {
        return "A network interface through libpcap, or a capture file that is replayed, recorded or both.";
    }

    @Override
    public List<PortOption<?>> options() {
        return List.of(NAME, PROMISC, SPEED, LOOP, START, RECORD);
    }

    @Override
    public PortDriver create(PortUri uri) {
        if (isFile(uri.target())) {
            reject(uri, PROMISC, "an interface, which it is not as its name has a / or ends in .pcap, .pcapng or .cap");
            return file(uri);
        }
        for (PortOption<?> option : List.of(SPEED, LOOP, START, RECORD)) {
            reject(uri, option, "a file, which has a / in its name or ends in .pcap, .pcapng or .cap");
        }
        String name = uri.get(NAME);
        return new PcapPort(new PcapSettings(uri.target(), name == null ? uri.target() : name, uri.get(PROMISC)));
    }

    private static boolean isFile(String target) {
        String lower = target.toLowerCase(Locale.ROOT);
        return target.indexOf('/') >= 0
                || lower.endsWith(".pcap")
                || lower.endsWith(".pcapng")
                || lower.endsWith(".cap");
    }

    private static void reject(PortUri uri, PortOption<?> option, String only) {
        if (uri.has(option)) {
            throw new InvalidPortException(
                    "pcap port '" + uri.target() + "': option " + option.name() + " has a meaning only for " + only);
        }
    }

    private static PcapFilePort file(PortUri uri) {
        Path target;
        try {
            target = Path.of(uri.target());
        } catch (InvalidPathException e) {
            throw new InvalidPortException("pcap port '" + uri.target() + "' is no file name: " + e.getMessage(), e);
        }
        Path record = uri.get(RECORD);
        boolean recordOnly = record != null && record.toString().isEmpty();
        if (recordOnly) {
            for (PortOption<?> option : List.of(SPEED, LOOP, START)) {
                reject(uri, option, "a file that is replayed, which it is not with `record` alone");
            }
        }
        String name = uri.get(NAME);
        Path fileName = target.getFileName();
        if (fileName == null) {
            throw new InvalidPortException("pcap port '" + uri.target() + "' is no file; accepted: " + SYNTAX);
        }
        return new PcapFilePort(new PcapFileSettings(
                name == null ? fileName.toString() : name,
                recordOnly ? null : target,
                recordOnly ? target : record,
                uri.get(SPEED),
                uri.get(LOOP),
                uri.get(START)));
    }
}
