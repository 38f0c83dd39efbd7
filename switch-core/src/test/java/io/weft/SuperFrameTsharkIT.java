package io.weft;

import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.capture.Capture;
import io.weft.capture.PortCapture.Point;
import io.weft.capture.Tshark;
import io.weft.mirror.Mirror;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Has Wireshark check the checksums of super-frames that were recorded as frames of the wire. */
class SuperFrameTsharkIT {
    @TempDir
    Path folder;

    /** For each frame the status of the IP, TCP and UDP checksums: 1 is right, 0 wrong, nothing where there is none. */
    private static List<String> statuses(Path file) throws Exception {
        return Tshark.read(
                file,
                "-T",
                "fields",
                "-E",
                "separator=|",
                "-e",
                "ip.checksum.status",
                "-e",
                "tcp.checksum.status",
                "-e",
                "udp.checksum.status");
    }

    @Test
    void shouldShowRightChecksumsToTshark() throws Exception {
        Path cut = folder.resolve("cut.pcapng");
        Path whole = folder.resolve("whole.pcapng");
        Path mirrored = folder.resolve("mirrored.pcapng");
        PortSettings trunk =
                PortSettings.builder().vlans(VlanSettings.trunk(VlanSet.of(10))).build();
        PortSettings access =
                PortSettings.builder().vlans(VlanSettings.access(10)).build();
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", EVERYTHING, access).port("out", NOTHING, trunk);
            lan.lan.capture(Capture.allPorts().points(Point.RX, Point.TX).segmented(), cut);
            lan.lan.capture(Capture.ports("in").points(Point.RX), whole);
            lan.lan.mirror(Mirror.of("m").destination("out").segmented().toFile(mirrored));
            for (Kind kind : Kind.values()) {
                Conversation talk = new Conversation(kind, A, B);
                lan.send("in", talk.superFrame(3_000, 1_000), talk.partial(500));
            }
        }
        List<String> right = List.of("1|1|", "|1|", "1||1", "||1");
        assertThat(statuses(cut)).hasSize(2 * 4 * 4).isSubsetOf(right).containsAll(right);
        assertThat(statuses(mirrored)).hasSize(4 * 4).isSubsetOf(right).containsAll(right);
        assertThat(statuses(whole))
                .as("as the switch has them: still to be completed")
                .hasSize(4 * 2)
                .doesNotContainAnyElementsOf(right);
    }
}
