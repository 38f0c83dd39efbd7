package io.weft.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What the example prints is what its settings mean. */
class OfficeSwitchTest {
    @Test
    void shouldExplainThreeFrames() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            OfficeSwitch.main(new String[0]);
        } finally {
            System.setOut(out);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8).lines().map(line -> line.replaceFirst("^ *\\d+  ", "")))
                .containsSubsequence(
                        "desk1 asks who has an address",
                        "VLAN 10, by a port of mode access",
                        "copied by mirror arp",
                        "source 02:00:00:00:00:01: new, would be learned and stick to the port",
                        "sent by desk2: 60 bytes, untagged",
                        "not to guest1: destination port does not carry the VLAN",
                        "sent by uplink: 64 bytes, tag 10",
                        "desk1 prints",
                        "destination 02:00:00:00:00:99 is known unicast, static entry at uplink",
                        "sent by uplink: 64 bytes, tag 10",
                        "guest1 calls everybody",
                        "not to guest2: destination port is isolated, as is the ingress port",
                        "sent by uplink: 64 bytes, tag 20");
    }
}
