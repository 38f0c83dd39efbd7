package io.weft.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.capture.Tcpdump;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tcpdump reads in the answers, checksums included. */
class NeighbourTcpdumpTest {
    @TempDir
    Path directory;

    @BeforeAll
    static void needTcpdump() {
        Tcpdump.assumeInstalled();
    }

    /** The answer as tcpdump prints it, on one line. */
    private String dissect(byte[] request, int vlan) throws Exception {
        NeighbourTable table = new NeighbourTable();
        table.bind(vlan, InetAddress.getByName("10.0.0.2"), 0x0200_0000_00bbL);
        table.bind(vlan, InetAddress.getByName("fd00::2"), 0x0200_0000_00bbL);
        table.bind(new NeighbourBinding(vlan, InetAddress.getByName("fd00::3"), 0x0200_0000_00ccL, true));
        Frame frame = new FramePool(1, 0).allocate(request.length);
        frame.putBytes(0, request, 0, request.length);
        assertThat(new NeighbourResponder(table, false).answer(frame, vlan)).isTrue();
        Path file = Tcpdump.write(directory.resolve("answer.pcapng"), List.of(frame.toByteArray()));
        Tcpdump.Result result = Tcpdump.run(directory, "-nevvv", "-t", "-r", file.toString());
        assertThat(result.exitValue()).as(result.errors()).isZero();
        return result.output().replaceAll("\\s+", " ").trim();
    }

    @Test
    void shouldReadAnArpReply() throws Exception {
        String request = NeighbourResponderTest.ARP_REQUEST.replace("0806 ", "8100a007 0806");
        assertThat(dissect(NeighbourResponderTest.bytes(request), 7))
                .isEqualTo("02:00:00:00:00:bb > 02:00:00:00:00:aa, ethertype 802.1Q (0x8100), length 46: vlan 7, p 5,"
                        + " ethertype ARP (0x0806), Ethernet (len 6), IPv4 (len 4), Reply 10.0.0.2 is-at"
                        + " 02:00:00:00:00:bb, length 28");
    }

    @Test
    void shouldReadAnAdvertisement() throws Exception {
        byte[] request = NeighbourResponderTest.solicitation(
                "3333ff000002",
                "fd000000000000000000000000000001",
                "ff0200000000000000000001ff000002",
                "fd000000000000000000000000000002",
                "");
        assertThat(dissect(request, 0))
                .isEqualTo("02:00:00:00:00:bb > 02:00:00:00:00:aa, ethertype IPv6 (0x86dd), length 86:"
                        + " (hlim 255, next-header ICMPv6 (58) payload length: 32) fd00::2 > fd00::1:"
                        + " [icmp6 sum ok] ICMP6, neighbor advertisement, length 32, tgt is fd00::2,"
                        + " Flags [solicited, override] destination link-address option (2), length 8 (1):"
                        + " 02:00:00:00:00:bb 0x0000: 0200 0000 00bb");
    }

    @Test
    void shouldReadTheAnswerToAProbe() throws Exception {
        byte[] request = NeighbourResponderTest.solicitation(
                "3333ff000003",
                "00000000000000000000000000000000",
                "ff0200000000000000000001ff000003",
                "fd000000000000000000000000000003",
                "");
        assertThat(dissect(request, 0))
                .contains("02:00:00:00:00:cc > 33:33:00:00:00:01")
                .contains("fd00::3 > ff02::1: [icmp6 sum ok] ICMP6, neighbor advertisement, length 32, tgt is fd00::3,"
                        + " Flags [router, override]");
    }
}
