package io.weft.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.tap.NetworkNamespace;
import org.junit.jupiter.api.Test;

/** {@code bin/weft --wire} as people use it: on two hosts, each of which sends its packets to the other by GRE. */
class WeftWireIT {
    @Test
    void shouldJoinTunDevicesOfTwoHostsByGre() throws Exception {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("ping");
        int udpPort = LoopbackPort.free();
        try (NetworkNamespace host1 = NetworkNamespace.create("t1");
                NetworkNamespace host2 = NetworkNamespace.create("t2");
                Program one = wire(host1, 1, 2, udpPort);
                Program two = wire(host2, 2, 1, udpPort)) {
            for (Program wire : new Program[] {one, two}) {
                wire.awaitLine(line -> line.startsWith("joining tun") && line.endsWith("; Ctrl-C ends it"));
            }
            assertThat(host1.run("ping", "-c", "3", "-i", "0.2", "-w", "20", "10.9.0.2"))
                    .contains(" 3 received");
            assertThat(host2.run("ping", "-c", "3", "-i", "0.2", "-w", "20", "fd09::1"))
                    .contains(" 3 received");
            one.awaitLine(line -> line.contains("rx frames/s"));
            for (Program wire : new Program[] {one, two}) {
                wire.terminate();
                assertThat(wire.exitCode()).as("%s", wire).isEqualTo(143);
            }
            assertThat(one.output()).contains("port tun1 added", "port gre1 added");
            // At the end it says what it moved: by each port three requests or answers of each family, and what hosts
            // send.
            String report = one.output().substring(one.output().lastIndexOf("rx frames rx bytes"));
            assertThat(report).containsPattern("tun1 +up +([6-9]|\\d\\d)").containsPattern("gre1 +up +([6-9]|\\d\\d)");
        }
    }

    private static Program wire(NetworkNamespace host, int here, int there, int udpPort) throws Exception {
        return Program.start(
                WeftCommand.class,
                "--wire",
                "tun:tun%d?address=10.9.0.%d/24&address=fd09::%d/64&netns=%s".formatted(here, here, here, host.name()),
                "gre:gre%d?local_ip=127.0.0.%d&remote_ip=127.0.0.%d&encap=udp&dst_port=%d"
                        .formatted(here, here, there, udpPort),
                "--stats",
                "500ms",
                "--verbose");
    }
}
