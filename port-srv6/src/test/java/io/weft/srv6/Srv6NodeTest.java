package io.weft.srv6;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static io.weft.tunnel.TunnelLab.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.port.InvalidPortException;
import io.weft.port.PortException;
import io.weft.srv6.Srv6Bytes.Outer;
import io.weft.underlay.MemoryDatagram;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A waypoint between two ends. */
class Srv6NodeTest {
    private Srv6Lab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        if (lab != null) {
            lab.close();
        }
    }

    private static Srv6NodeBuilder node(String name, String sid) {
        return Srv6Node.builder(name).local("fc00:3::1").domain("fc00::/16").sid(sid);
    }

    private void threeSites(String waypoint) throws Exception {
        lab = Srv6Lab.of(3);
        lab.site(1)
                .memory("h")
                .srv6("srv6:s?mode=l2&local_ip=fc00:1::d1&remote_ip=fc00:2::d2&srv6_segs=" + waypoint + ",fc00:2::d2");
        lab.site(2).memory("h").srv6("srv6:s?mode=l2&local_ip=fc00:2::d2&remote_ip=fc00:1::d1");
    }

    @Test
    void shouldSendOnToTheNextSegment() throws Exception {
        threeSites("fc00:3::e");
        lab.site(3)
                .add("n", node("n", "fc00:3::e End").underlay(lab.site(3).host).build(), PortSettings.DEFAULT);
        lab.takeSent();
        byte[] frame = frame(BROADCAST, A);
        lab.site(1).send("h", frame);
        assertThat(lab.site(2).take("h")).containsExactly(frame);
        List<MemoryDatagram> sent = lab.takeSent();
        assertThat(sent).hasSize(2);
        assertThat(sent.get(0).ttl()).isEqualTo(64);
        assertThat(sent.get(1).ttl()).isEqualTo(63);
        assertThat(lab.site(3).lan.metrics().value("weft_srv6_sent_on_packets_total", "3", "srv6"))
                .isEqualTo(1);
    }

    @Test
    void shouldLeaveNothingBehindWhenItIsClosed() throws Exception {
        threeSites("fc00:3::e");
        lab.site(3)
                .add("n", node("n", "fc00:3::e End").underlay(lab.site(3).host).build(), PortSettings.DEFAULT);
        lab.site(3).remove("n");
        assertThat(lab.site(3).host.sockets()).isEmpty();
        lab.site(3)
                .add("n", node("n", "fc00:3::e End").underlay(lab.site(3).host).build(), PortSettings.DEFAULT);
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(lab.site(2).take("h")).hasSize(1);
    }

    @Test
    void shouldRefuseASidThatAnotherOneOverlaps() throws Exception {
        lab = Srv6Lab.of(3);
        Srv6Site site = lab.site(3);
        site.add("n", node("n", "fc00:3:e::/64 End").underlay(site.host).build(), PortSettings.DEFAULT);
        assertThatThrownBy(() -> site.add(
                        "m", node("m", "fc00:3:e::7 End").underlay(site.host).build(), PortSettings.DEFAULT))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("fc00:3:e::7")
                .hasMessageContaining("overlaps 'fc00:3:e::/64 End'");
    }

    // ---- several that share a socket ----

    private static final int ICMPV6 = 58;

    /** Nodes with an End and a binding SID each, an address and a hop limit of their own; and a port. */
    private void twoNodesAndAPort() throws Exception {
        lab = Srv6Lab.of(3);
        Srv6Site site = lab.site(3);
        for (int i = 1; i <= 2; i++) {
            Srv6Node node = Srv6Node.builder("n" + i)
                    .local("fc00:3::" + i)
                    .ttl(100 + i)
                    .domain("fc00::/16")
                    .sid("fc00:3::e" + i + " End")
                    .sid("fc00:3::b" + i + " End.B6.Encaps segs fc00:3::e" + (3 - i) + ",fc00:9::6")
                    .underlay(site.host)
                    .build();
            site.add("n" + i, node, PortSettings.DEFAULT);
        }
        site.srv6("srv6:s?mode=l2&local_ip=fc00:3::d&ttl=103&remote_ip=fc00:9::1&sid=fc00:3::e3 End.DX2");
        assertThat(site.host.sockets())
                .as("one that receives for all, one that the port sends by")
                .hasSize(2);
        lab.takePackets();
    }

    /** What is sent because of a packet that comes from a host which is not heard of again. */
    private MemoryDatagram answer(int hopLimit, int payload, String... segments) {
        lab.inject(Outer.full("fc00:9::1", segments).hopLimit(hopLimit).around(59, new byte[payload]));
        List<MemoryDatagram> sent = lab.takeSent();
        assertThat(sent).as("the packet, and what became of it").hasSize(2);
        return sent.get(1);
    }

    private static void assertFrom(MemoryDatagram sent, String address, int hopLimit) {
        assertThat(sent.from()).isEqualTo(peer(address, 0));
        assertThat(sent.ttl()).isEqualTo(hopLimit);
    }

    @ParameterizedTest
    @CsvSource({"fc00:3::e1, fc00:3::1, 101", "fc00:3::e2, fc00:3::2, 102"})
    void shouldSendErrorsAsTheOwnerOfTheSid(String sid, String owner, int hopLimit) throws Exception {
        twoNodesAndAPort();
        MemoryDatagram expired = answer(1, 0, sid, "fc00:9::6");
        assertFrom(expired, owner, hopLimit);
        assertThat(expired.protocol()).isEqualTo(ICMPV6);
        assertThat(expired.bytes()[0]).isEqualTo((byte) IcmpError.TIME_EXCEEDED);

        lab.network.pathMtu(Srv6Lab.address("fc00:3::1"), Srv6Lab.address("fc00:9::6"), 1_300);
        MemoryDatagram tooBig = answer(64, 1_300, sid, "fc00:9::6");
        assertFrom(tooBig, owner, hopLimit);
        assertThat(tooBig.bytes()[0]).isEqualTo((byte) IcmpError.PACKET_TOO_BIG);
    }

    @Test
    void shouldSendErrorsOfAPortsSidAsThePort() throws Exception {
        twoNodesAndAPort();
        assertFrom(answer(64, 0, "fc00:3::e3", "fc00:9::6"), "fc00:3::d", 103);
    }

    /** The first of its segments is the other node's, which leaves the source as it is and takes one off. */
    @ParameterizedTest
    @CsvSource({"fc00:3::b1, fc00:3::1, 100", "fc00:3::b2, fc00:3::2, 101"})
    void shouldEncapsulateAsTheOwnerOfTheBindingSid(String sid, String owner, int hopLimit) throws Exception {
        twoNodesAndAPort();
        MemoryDatagram sent = answer(64, 0, sid, "fc00:9::7");
        assertFrom(sent, owner, hopLimit);
        assertThat(sent.to()).isEqualTo(peer("fc00:9::6", 0));
    }

    /** The header's source is the other node's, which sends it on: an error would come back to this very machine. */
    @Test
    void shouldTellNobodyOfHeadersThatItHasMadeItself() throws Exception {
        twoNodesAndAPort();
        lab.network.mtu(1_300);
        lab.inject(Outer.full("fc00:9::1", "fc00:3::b2", "fc00:9::7").around(59, new byte[1_300]));
        assertThat(lab.takeSent()).hasSize(1);
        assertThat(lab.site(3).refused(Srv6Counter.NEXT_TOO_LONG)).isEqualTo(1);
    }

    @Test
    void shouldRefuseWhatIsAPorts() {
        assertThatThrownBy(() -> node("n", "fc00:3::e End.DX2").build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(
                        "srv6-node port 'n': option sid is 'fc00:3::e/128 End.DX2'; accepted: End, End.X, End.T,"
                                + " End.B6.Encaps, End.B6.Encaps.Red; what takes packets out of their headers is a port's (srv6:)");
        assertThatThrownBy(() -> Srv6Node.builder("n")
                        .local("fc00:3::1")
                        .sid("fc00:3::e End")
                        .build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option sr_domain is missing");
    }
}
