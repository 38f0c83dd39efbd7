package io.weft.gre;

import static io.weft.gre.GreBytes.packet;
import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.MacAddress;
import io.weft.offload.WireFrame;
import io.weft.port.DropReason;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.RemoteEnd;
import io.weft.underlay.MemoryDatagram;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** GRE and the ways of its underlay: what fits, circles, probes. */
class GreUnderlayTest {
    private GreLab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    // ---- what fits ----

    @ParameterizedTest
    @CsvSource({
        "10.0.0., '', 24",
        "10.0.0., '&key=1', 28",
        "10.0.0., '&key=1&csum=true&seq=true', 36",
        "10.0.0., '&key=1&udp=true', 36",
        "fd00::, '&key=1', 48",
        "fd00::, '&udp=true', 52"
    })
    void shouldSendWhatFitsAndNoMore(String net, String options, int overhead) throws Exception {
        lab = GreLab.pair(net + 1, net + 2, "gretap", options + "&inner_tags=discard", options);
        int longest = 1_500 - overhead;
        lab.site(1).send("h", frame(BROADCAST, A, longest, 1));
        lab.site(1).send("h", frame(BROADCAST, A, longest + 1, 2));
        assertThat(lab.site(2).take("h")).containsExactly(frame(BROADCAST, A, longest, 1));
        assertThat(lab.site(1).dropped("g", DropReason.TOO_LONG)).isEqualTo(1);
        assertThat(lab.site(1).port("g").effectiveMtu()).isEqualTo(longest - 14);
        assertThat(lab.site(2).port("g").effectiveMtu()).isEqualTo(longest - 18); // and a tag
        assertThat(lab.site(1).reading("g", "effective_mtu_bytes")).isEqualTo(longest - 14);
    }

    @Test
    void shouldKeepToTheMtuItIsGiven() throws Exception {
        lab = GreLab.pair("&mtu=1000&key=1");
        lab.site(1).send("h", frame(BROADCAST, A, 1_014, 1), frame(BROADCAST, A, 1_015, 2));
        byte[] tagged = InnerFrames.tagged(3, frame(BROADCAST, A, 1_014, 3));
        lab.site(1).send("h", tagged, InnerFrames.tagged(3, frame(BROADCAST, A, 1_015, 3)));
        assertThat(lab.site(2).take("h")).hasSize(2).contains(tagged);
        assertThat(lab.site(1).dropped("g", DropReason.TOO_LONG)).isEqualTo(2);
    }

    @Test
    void shouldLearnFromRoutersWhatFits() throws Exception {
        lab = GreLab.pair("&key=1&inner_tags=discard");
        lab.network.routerMtu(GreLab.address("10.0.0.1"), GreLab.address("10.0.0.2"), 1_300);
        lab.site(1).send("h", frame(BROADCAST, A, 1_400, 1)); // is lost
        assertThat(lab.site(1).port("g").effectiveMtu()).isEqualTo(1_300 - 28 - 14);
        assertThat(lab.site(1).reading("g", lab.site(1).remote("g", "10.0.0.2"), "too_big_total"))
                .isEqualTo(1);
        lab.site(1).send("h", frame(BROADCAST, A, 1_273, 1), frame(BROADCAST, A, 1_272, 2));
        assertThat(lab.site(1).dropped("g", DropReason.TOO_LONG)).isEqualTo(1);
        assertThat(lab.site(2).take("h")).containsExactly(frame(BROADCAST, A, 1_272, 2));
    }

    /** Anybody can send ICMP messages: what they say of a way is for the kernel to judge. */
    @ParameterizedTest
    @ValueSource(ints = {140, 600, 65_535})
    void shouldNotBelieveWhatAnIcmpMessageSaysOfAWay(int mtu) throws Exception {
        lab = GreLab.pair("&key=1&inner_tags=discard");
        GreSite site = lab.site(1);
        int effective = site.port("g").effectiveMtu();
        site.messages.clear();
        for (int i = 0; i < 100; i++) {
            site.host.forgeTooBig(GreLab.peer("10.0.0.2", 0), mtu + i % 2);
            lab.settle();
        }
        assertThat(site.port("g").effectiveMtu()).isEqualTo(effective);
        assertThat(site.messages).isEmpty();
        assertThat(site.reading("g", site.remote("g", "10.0.0.2"), "too_big_total"))
                .isPositive();
        site.send("h", frame(BROADCAST, A, 1_472, 1));
        assertThat(lab.site(2).take("h")).hasSize(1);
    }

    /** However often others say so, the kernel is asked now and then only, and in the end it has been. */
    @Test
    void shouldAskOnceMoreForTheMtuOfAWayAfterAMoment() throws Exception {
        lab = GreLab.pair("&key=1&inner_tags=discard");
        GreSite site = lab.site(1);
        site.host.forgeTooBig(GreLab.peer("10.0.0.2", 0), 1_300);
        lab.settle();
        lab.network.pathMtu(GreLab.address("10.0.0.1"), GreLab.address("10.0.0.2"), 1_300);
        for (int i = 0; i < 100; i++) {
            site.host.forgeTooBig(GreLab.peer("10.0.0.2", 0), 1_300);
        }
        lab.settle();
        assertThat(site.port("g").effectiveMtu()).isEqualTo(1_500 - 28 - 14);
        lab.pass(Duration.ofMillis(20));
        assertThat(site.port("g").effectiveMtu()).isEqualTo(1_300 - 28 - 14);
        assertThat(site.messages).filteredOn(text -> text.contains("MTU")).hasSize(1);
    }

    @Test
    void shouldFragmentOnlyWhenToldTo() throws Exception {
        lab = GreLab.pair("10.0.0.1", "10.0.0.2", "gretap", "&df_default=false", "&fragments=true");
        lab.site(1).send("h", frame(BROADCAST, A, 5_000, 1));
        assertThat(lab.site(2).take("h")).containsExactly(frame(BROADCAST, A, 5_000, 1));
        lab.site(2).send("h", frame(BROADCAST, B, 5_000, 1));
        assertThat(lab.site(2).dropped("g", DropReason.TOO_LONG)).isEqualTo(1);
    }

    private static WireFrame tooLong(boolean ipv6) {
        WireFrame packet = InnerFrames.udp(1_600);
        packet.ipv6 = ipv6;
        if (ipv6) {
            packet.from = GreLab.address("2001:db8::1").getAddress();
            packet.to = GreLab.address("2001:db8::2").getAddress();
        }
        return packet;
    }

    /** Sends a too long packet; the MTU that the answer says. */
    private int answeredMtu(boolean ipv6) {
        lab.site(1).take("h");
        lab.site(1).send("h", tooLong(ipv6).bytes());
        List<byte[]> answers = lab.site(1).take("h");
        assertThat(answers).hasSize(1);
        ByteBuffer answer = ByteBuffer.wrap(answers.get(0));
        assertThat(answer.getShort(12)).isEqualTo((short) (ipv6 ? 0x86dd : 0x0800));
        assertThat(answer.get(14 + (ipv6 ? 40 : 20))).isEqualTo((byte) (ipv6 ? 2 : 3)); // the ICMP type
        assertThat(answer.getLong(0) >>> 16).isEqualTo(MacAddress.parse(A));
        return ipv6 ? answer.getInt(14 + 44) : answer.getShort(14 + 26) & 0xffff;
    }

    @ParameterizedTest
    @CsvSource({"false, ''", "true, ''", "false, '&mtu=1200'", "false, '&seq=true&csum=true'"})
    void shouldAnswerToWhoSendsTooMuch(boolean ipv6, String options) throws Exception {
        lab = GreLab.pair("&key=1&inner_tags=discard&icmp_too_big=true" + options);
        int mtu = lab.site(1).port("g").effectiveMtu();
        assertThat(answeredMtu(ipv6)).isEqualTo(mtu);
        assertThat(lab.site(1).reading("g", "too_big_answers_total")).isEqualTo(1);
        assertThat(lab.site(1).dropped("g", DropReason.TOO_LONG)).isEqualTo(1);
        assertThat(lab.site(2).take("h")).isEmpty();
        // A packet as long as the answer says gets through, and one that is a byte longer does not.
        WireFrame fits = tooLong(ipv6);
        fits.payload = new byte[mtu - (ipv6 ? 48 : 28)];
        lab.site(1).send("h", fits.bytes());
        assertThat(lab.site(2).take("h")).hasSize(1);
    }

    @Test
    void shouldLowerTheSegmentSizeOfConnectionsBothWays() throws Exception {
        lab = GreLab.pair("10.0.0.1", "10.0.0.2", "gretap", "&key=1&inner_tags=discard&clamp_mss=true", "&key=1");
        WireFrame syn = InnerFrames.tcp(0);
        syn.flags = 0x02;
        syn.tcpOptions = new byte[] {2, 4, 0x05, (byte) 0xb4}; // 1,460
        WireFrame expected = syn.copy();
        int mss = 1_500 - 28 - 14 - 40;
        expected.tcpOptions = new byte[] {2, 4, (byte) (mss >> 8), (byte) mss};
        lab.site(1).send("h", syn.bytes());
        assertThat(lab.site(2).take("h")).containsExactly(expected.bytes());
        lab.site(2).send("h", syn.bytes());
        assertThat(lab.site(1).take("h")).containsExactly(expected.bytes());
        assertThat(lab.site(1).reading("g", "clamped_mss_total")).isEqualTo(2);
    }

    // ---- who is reached ----

    /** Anybody can say of a remote end that it is not reached, while it sends: that is told once a minute, and counted always. */
    @Test
    void shouldNotTellTheSameTroubleAgainAndAgain() throws Exception {
        lab = GreLab.pair("&key=1");
        GreSite site = lab.site(1);
        RemoteEnd remote = site.remote("g", "10.0.0.2");
        for (int i = 0; i < 100; i++) {
            site.host.forgeUnreachable(GreLab.peer("10.0.0.2", 0));
            lab.settle();
            assertThat(remote.state()).isEqualTo(RemoteEnd.State.UNREACHABLE);
            lab.site(2).send("h", frame(BROADCAST, B));
            assertThat(remote.state()).isEqualTo(RemoteEnd.State.UP);
        }
        assertThat(site.messages).hasSize(2);
        assertThat(site.messages.get(0)).contains("10.0.0.2").contains("is not reached");
        assertThat(site.messages.get(1)).contains("10.0.0.2").contains("is reached again");
        assertThat(site.reading("g", remote, "unreachable_total")).isGreaterThanOrEqualTo(100);
        lab.pass(Duration.ofSeconds(61));
        site.host.forgeUnreachable(GreLab.peer("10.0.0.2", 0));
        lab.settle();
        assertThat(site.messages).hasSize(3);
    }

    // ---- circles ----

    /** A packet as the port sends it, in an Ethernet frame of whoever routes it back. */
    private static byte[] outer(MemoryDatagram sent, String to) {
        boolean udp = sent.protocol() == 17;
        byte[] from = sent.from().toSocketAddress().getAddress().getAddress();
        byte[] destination = GreLab.address(to).getAddress();
        int udpLength = udp ? 8 : 0;
        ByteBuffer out = ByteBuffer.allocate(14 + (from.length == 16 ? 40 : 20) + udpLength + sent.bytes().length);
        out.put(frame(B, A), 0, 12).putShort((short) (from.length == 16 ? 0x86dd : 0x0800));
        int payload = udpLength + sent.bytes().length;
        if (from.length == 16) {
            out.putInt(0x6000_0000 | sent.flowLabel()).putShort((short) payload);
            out.put((byte) sent.protocol()).put((byte) 63);
        } else {
            out.putInt(0x4500_0000 | 20 + payload).putInt(0x1234_4000);
            out.put((byte) 63).put((byte) sent.protocol()).putShort((short) 0);
        }
        out.put(from).put(destination);
        if (udp) {
            out.putShort((short) sent.from().port()).putShort((short) sent.to().port());
            out.putShort((short) payload).putShort((short) 0);
        }
        return out.put(sent.bytes()).array();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0., ''",
        "10.0.0., '&key=1'",
        "10.0.0., '&key=1&seq=true'",
        "10.0.0., '&udp=true&key=1'",
        "fd00::, '&key=1'",
        "fd00::, '&udp=true'"
    })
    void shouldEndCircles(String net, String options) throws Exception {
        lab = GreLab.pair(net + 1, net + 2, "gretap", options, options);
        lab.takeSent();
        lab.site(1).send("h", frame(BROADCAST, A));
        MemoryDatagram sent = lab.takeSent().get(0);
        lab.site(1).send("h", outer(sent, net + 2));
        lab.site(1).send("h", InnerFrames.tagged(7, outer(sent, net + 2)));
        assertThat(lab.takeSent()).isEmpty();
        assertThat(lab.site(1).dropped("g", DropReason.RECURSION)).isEqualTo(2);
        lab.site(1).send("h", outer(sent, net + 3)); // another host's tunnel in ours
        byte[] other = outer(sent, net + 2);
        other[net.startsWith("f") ? 20 : 23] = 50; // another protocol
        lab.site(1).send("h", other);
        assertThat(lab.takeSent()).hasSize(2);
        assertThat(lab.site(1).dropped("g", DropReason.RECURSION)).isEqualTo(2);
        for (int length = 14; length < outer(sent, net + 2).length; length++) {
            lab.site(1).send("h", Arrays.copyOf(outer(sent, net + 2), length)); // reads behind no end
        }
    }

    /** Where the FlowID is that of the packet in the circle, and not of the frame inside of it. */
    @Test
    void shouldEndCirclesOfVirtualSubnets() throws Exception {
        lab = GreLab.pair("&nvgre=true&key=0x1234&inner_tags=discard");
        lab.takeSent();
        lab.site(1).send("h", frame(BROADCAST, A));
        MemoryDatagram sent = lab.takeSent().get(0);
        lab.site(1).send("h", outer(sent, "10.0.0.3")); // another host's tunnel in ours
        assertThat(GreBytes.key(lab.takeSent().get(0).bytes())).isNotEqualTo(GreBytes.key(sent.bytes()));
        lab.site(1).send("h", outer(sent, "10.0.0.2"));
        assertThat(lab.takeSent()).isEmpty();
        assertThat(lab.site(1).dropped("g", DropReason.RECURSION)).isEqualTo(1);
        sent.bytes()[6]++; // another subnet
        lab.site(1).send("h", outer(sent, "10.0.0.2"));
        assertThat(lab.takeSent()).hasSize(1);
    }

    /** The way to the remote end really leads into the tunnel. */
    @Test
    void shouldNotGrowPacketsForEver() throws Exception {
        lab = GreLab.pair("&key=1");
        lab.site(2).remove("g");
        lab.network.observe(datagram -> {
            if (datagram.protocol() == GreLab.GRE) {
                lab.site(1).enqueue("h", outer(datagram, "10.0.0.2"));
            }
        });
        lab.site(1).send("h", frame(BROADCAST, A));
        lab.settle();
        assertThat(lab.takeSent()).hasSize(1);
        assertThat(lab.site(1).dropped("g", DropReason.RECURSION)).isEqualTo(1);
    }

    // ---- probes ----

    @ParameterizedTest
    @ValueSource(strings = {"", "&key=1", "&key=1&seq=true&csum=true", "&udp=true&key=1"})
    void shouldProbeRemoteEnds(String options) throws Exception {
        lab = GreLab.pair(options + "&bfd=true");
        assertThat(lab.site(1).remote("g", "10.0.0.2").state()).isEqualTo(RemoteEnd.State.DOWN);
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(lab.site(2).take("h")).isEmpty();
        lab.pass(Duration.ofSeconds(5));
        for (int i = 1; i <= 2; i++) {
            assertThat(lab.site(i).remote("g", "10.0.0." + (3 - i)).state()).isEqualTo(RemoteEnd.State.UP);
            assertThat(lab.site(i).take("h")).isEmpty();
            assertThat(lab.site(i).dropped("g", DropReason.TUNNEL_SEQUENCE)).isZero();
        }
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(lab.site(2).take("h")).hasSize(1);
        lab.network.silence(GreLab.address("10.0.0.1"), GreLab.address("10.0.0.2"), true);
        lab.pass(Duration.ofSeconds(5));
        assertThat(lab.site(1).remote("g", "10.0.0.2").state()).isEqualTo(RemoteEnd.State.DOWN);
        long before = lab.site(1).dropped("g", DropReason.NO_REMOTE);
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(lab.site(1).dropped("g", DropReason.NO_REMOTE)).isEqualTo(before + 1);
        lab.network.silence(GreLab.address("10.0.0.1"), GreLab.address("10.0.0.2"), false);
        lab.pass(Duration.ofSeconds(5));
        lab.inject("10.0.0.1", "10.0.0.2", packet(99, frame(BROADCAST, A)));
        assertThat(lab.site(1).remote("g", "10.0.0.2").state()).isEqualTo(RemoteEnd.State.UP);
    }
}
