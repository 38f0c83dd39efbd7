package io.weft.examples.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tap.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Records what a host receives, and has tshark look at the checksums: of a host without offloads, whose frames are
 * as they would be on a wire.
 *
 * <p>Threads: confined.
 */
final class ChecksumWitness implements AutoCloseable {
    private static final long DEADLINE_S = 30; // only ever reached by a failure
    private static final String[] CHECKED = {"ip", "tcp", "udp", "icmpv6"};

    /**
     * Of each that a frame has: 0 for bad, 1 for good, others for not looked at. And whether TCP's is
     * only bad for being ffff where it should be 0, the same in ones' complement: Linux completes all as UDP's.
     */
    private static final String FIELDS = "-T fields -E separator=/t -e ip.checksum.status -e tcp.checksum.status"
            + " -e udp.checksum.status -e icmpv6.checksum.status -e tcp.checksum.ffff";

    private final NetworkNamespace host;
    private final Path file;
    private final Process recorder;

    /** Begins to record to a file what arrives at the host's {@code eth0}. */
    ChecksumWitness(NetworkNamespace host, Path file) throws InterruptedException {
        this.host = host;
        this.file = file;
        recorder = host.start(
                "tcpdump", "-i", "eth0", "-Q", "in", "-B", "32768", "-U", "-Z", "root", "-w", file.toString());
        NetworkNamespace.await(
                "tcpdump to record", () -> Files.exists(file) && file.toFile().length() > 0);
    }

    /** Ends the recording, and looks at it. */
    void assertNoBadChecksum(int minFrames) throws Exception {
        recorder.destroy();
        assertThat(recorder.waitFor(DEADLINE_S, TimeUnit.SECONDS))
                .as("tcpdump ends")
                .isTrue();
        int[] good = new int[CHECKED.length];
        int frame = 0;
        for (String line : tshark(FIELDS).lines().toList()) {
            String[] fields = line.split("\t", -1);
            if (fields.length <= CHECKED.length) {
                continue; // that it runs as root, and the like
            }
            boolean allOnes = !fields[CHECKED.length].isEmpty();
            frame++;
            for (int i = 0; i < CHECKED.length; i++) {
                if (fields[i].contains("0") && !(allOnes && CHECKED[i].equals("tcp"))) {
                    throw new AssertionError("bad " + CHECKED[i] + " checksum in what " + host + " received: "
                            + tshark("-Y frame.number==" + frame + " -x -O ip,ipv6,tcp,udp,icmpv6"));
                }
                good[i] += fields[i].contains("1") ? 1 : 0;
            }
        }
        assertThat(good[1] + good[2])
                .as("TCP and UDP checksums that were looked at")
                .isGreaterThan(minFrames);
        Files.delete(file);
    }

    private String tshark(String options) {
        String checks = " -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE ";
        return host.run(("tshark -n -r " + file + checks + options).split(" +"));
    }

    @Override
    public void close() throws IOException {
        recorder.destroyForcibly();
    }
}
