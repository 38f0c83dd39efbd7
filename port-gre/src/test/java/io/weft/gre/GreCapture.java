package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.capture.Tshark;
import io.weft.tap.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What tcpdump sees of GRE at an interface, as tshark reads it; it ends with the namespace.
 *
 * <p>Threads: confined.
 */
final class GreCapture {
    /** A packet that tshark finds nothing wrong with has none of these. */
    static final String BAD = Tshark.BAD + " || gre.checksum.status == 0 || gre.checksum.incorrect";

    private static final List<String> FIELDS = List.of(
            "eth.type", // the first one of each is the outer one
            "ip.src",
            "ipv6.src",
            "gre.flags_and_version",
            "gre.proto",
            "gre.key",
            "gre.sequence_number",
            "gre.checksum.status");

    /**
     * A packet's outer header.
     *
     * @param from the outer source
     * @param flags with the version, 16 bits
     * @param key {@code null} when there is none
     * @param sequence {@code null} when there is none
     * @param checksum "1" when it is right, "0" when it is wrong, empty when there is none
     */
    record Header(String from, int flags, int protocol, Long key, Long sequence, String checksum) {}

    private static final long PATIENCE_NS = 30_000_000_000L; // only ever reached by a failure

    private final Path file;
    private final Process tcpdump;

    /** Begins. */
    GreCapture(NetworkNamespace where, String device, Path file) throws InterruptedException {
        this(where, device, file, "proto 47 or ip6 proto 47");
    }

    /** Begins, with a filter of tcpdump's. */
    GreCapture(NetworkNamespace where, String device, Path file, String filter) throws InterruptedException {
        this.file = file;
        tcpdump = where.start(
                "tcpdump", "--immediate-mode", "-Z", "root", "-n", "-U", "-i", device, "-w", file.toString(), filter);
        // Written when it has begun to capture.
        NetworkNamespace.await(
                "tcpdump captures", () -> Files.exists(file) && file.toFile().length() >= 24);
    }

    /** Tells the packets from one address, oldest first, when there are so many. */
    List<Header> from(String address, int atLeast) throws Exception {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        List<Header> seen = from(address);
        while (seen.size() < atLeast && System.nanoTime() < deadlineNs) {
            seen = from(address);
        }
        assertThat(seen).as("packets from %s", address).hasSizeGreaterThanOrEqualTo(atLeast);
        return seen;
    }

    private List<Header> from(String address) throws Exception {
        List<String> options = new ArrayList<>(List.of("-T", "fields", "-E", "occurrence=f", "-E", "separator=;"));
        FIELDS.forEach(field -> options.addAll(List.of("-e", field)));
        return Tshark.read(file, options.toArray(String[]::new)).stream()
                .map(GreCapture::header)
                .filter(header -> header.from.equals(address))
                .toList();
    }

    /** Ends, so that what comes from now on is not recorded. */
    void stop() throws InterruptedException {
        tcpdump.destroy();
        tcpdump.waitFor();
    }

    /** The values of tshark's fields, with {@code ;} between them, for each packet that a display filter finds. */
    List<String> read(String filter, String... fields) throws Exception {
        List<String> options =
                new ArrayList<>(List.of("-Y", filter, "-T", "fields", "-E", "occurrence=f", "-E", "separator=;"));
        for (String field : fields) {
            options.addAll(List.of("-e", field));
        }
        return Tshark.read(file, options.toArray(String[]::new));
    }

    /** What tshark finds wrong. */
    List<String> bad() throws Exception {
        return Tshark.read(file, "-Y", BAD);
    }

    private static Header header(String line) {
        String[] values = line.split(";", -1);
        return new Header(
                values[0].equals("0x86dd") ? values[2] : values[1],
                Integer.decode(values[3]),
                Integer.decode(values[4]),
                values[5].isEmpty() ? null : Long.decode(values[5]),
                values[6].isEmpty() ? null : Long.decode(values[6]),
                values[7]);
    }
}
