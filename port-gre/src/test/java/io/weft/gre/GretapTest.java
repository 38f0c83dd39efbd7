package io.weft.gre;

import static io.weft.gre.GreBytes.Fields.PLAIN;
import static io.weft.gre.GreBytes.packet;
import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.offload.WireFrame;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.Packets;
import io.weft.underlay.MemoryDatagram;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ethernet in GRE between two hosts: what is on the wire to the bit, and which port takes what. */
class GretapTest {
    private GreLab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    private MemoryDatagram sent(byte[] frame) {
        lab.takeSent();
        lab.site(1).send("h", frame);
        List<MemoryDatagram> sent = lab.takeSent();
        assertThat(sent).hasSize(1);
        return sent.get(0);
    }

    private void assertPasses(byte[] frame) {
        lab.site(1).send("h", frame);
        assertThat(lab.site(2).take("h")).containsExactly(frame);
    }

    // ---- the wire ----

    @ParameterizedTest
    @CsvSource({
        "'', 00006558",
        "'&key=0', 2000655800000000",
        "'&key=4294967295', 20006558ffffffff",
        "'&in_key=9&out_key=7', 2000655800000007",
        "'&key=0&keyless_is_zero=true', 00006558",
        "'&key=5&keyless_is_zero=true', 2000655800000005",
        "'&seq=true', 1000655800000000",
        "'&key=5&seq=true', 300065580000000500000000"
    })
    void shouldWriteTheHeader(String options, String header) throws Exception {
        lab = GreLab.pair(options);
        byte[] frame = frame(BROADCAST, A);
        MemoryDatagram sent = sent(frame);
        assertThat(sent.bytes()).isEqualTo(InnerFrames.concat(Packets.bytes(header), frame));
        assertThat(sent.protocol()).isEqualTo(47);
        assertThat(sent.from().address()).isEqualTo("10.0.0.1");
        assertThat(sent.to().address()).isEqualTo("10.0.0.2");
        assertThat(sent.ttl()).isEqualTo(64);
        assertThat(sent.trafficClass()).isZero();
        assertThat(sent.dontFragment()).isTrue();
        boolean takesItself = !options.contains("in_key");
        assertThat(lab.site(2).take("h")).hasSize(takesItself ? 1 : 0);
        assertThat(lab.site(2).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(takesItself ? 0 : 1);
    }

    @ParameterizedTest
    @CsvSource({"60, -1, false", "61, 7, false", "1400, 7, true", "14, -1, true"})
    void shouldWriteAChecksumOverHeaderAndFrame(int length, long key, boolean sequence) throws Exception {
        lab = GreLab.pair("&csum=true&seq=" + sequence + "&key=" + key);
        byte[] frame = frame(BROADCAST, A, length, 3);
        MemoryDatagram sent = sent(frame);
        assertThat(sent.bytes())
                .isEqualTo(PLAIN.key(key)
                        .sequence(sequence ? 0 : -1)
                        .withChecksum()
                        .packet(frame));
        assertThat(lab.site(2).take("h")).containsExactly(frame);
    }

    @Test
    void shouldNumberPacketsOneByOne() throws Exception {
        lab = GreLab.pair("&seq=true");
        for (int i = 0; i < 5; i++) {
            assertThat(GreBytes.sequence(sent(frame(BROADCAST, A)).bytes())).isEqualTo(i);
        }
        assertThat(lab.site(2).take("h")).hasSize(5);
    }

    @Test
    void shouldWriteTheOuterHeaderAsTold() throws Exception {
        lab = GreLab.pair("&ttl=3&tos=0xb8&df_default=false");
        MemoryDatagram sent = sent(frame(BROADCAST, A));
        assertThat(sent.ttl()).isEqualTo(3);
        assertThat(sent.trafficClass()).isEqualTo(0xb8);
        assertThat(sent.dontFragment()).isFalse();
    }

    @Test
    void shouldInheritTheTrafficClass() throws Exception {
        lab = GreLab.pair("&tos=inherit");
        WireFrame packet = InnerFrames.udp(20);
        packet.tos = 0x2e << 2 | 2;
        assertThat(sent(packet.bytes()).trafficClass()).isEqualTo(packet.tos);
        assertThat(sent(frame(BROADCAST, A)).trafficClass()).isZero();
    }

    @Test
    void shouldChooseAFlowLabelByTheFlow() throws Exception {
        lab = GreLab.pair("2001:db8::1", "2001:db8::2", "gretap", "&key=1", "&key=1");
        WireFrame packet = InnerFrames.tcp(20);
        int label = sent(packet.bytes()).flowLabel();
        assertThat(label).isBetween(1, 0xf_ffff);
        packet.payload = new byte[100];
        assertThat(sent(packet.bytes()).flowLabel()).isEqualTo(label);
        packet.sourcePort++;
        assertThat(sent(packet.bytes()).flowLabel()).isNotEqualTo(label).isBetween(1, 0xf_ffff);
        assertThat(lab.site(2).take("h")).hasSize(3);
    }

    /** Datagrams with different labels do not travel in one run. */
    @ParameterizedTest
    @CsvSource({"10.0.0., false", "fd00::, true"})
    void shouldHaveFlowLabelsOverIpv6Only(String net, boolean labelled) throws Exception {
        lab = GreLab.pair(net + 1, net + 2, "gretap", "&udp=true&key=1", "");
        GrePort port = lab.site(1).port("g");
        assertThat(port.needsFlow()).isEqualTo(labelled);
        assertThat(port.flowLabel(0x1234_5678) != port.flowLabel(0x8765_4321)).isEqualTo(labelled);
        assertThat(port.flowLabel(0x1234_5678) != 0).isEqualTo(labelled);
    }

    @Test
    void shouldLeaveTheFlowLabelWhenToldTo() throws Exception {
        lab = GreLab.pair("2001:db8::1", "2001:db8::2", "gretap", "&flow_label=false", "");
        assertThat(sent(InnerFrames.tcp(20).bytes()).flowLabel()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"&inner_tags=carry", "&inner_tags=discard"})
    void shouldCarryTagsOrNot(String options) throws Exception {
        lab = GreLab.pair(options);
        byte[] tagged = InnerFrames.tagged(5, frame(BROADCAST, A));
        lab.site(1).send("h", tagged);
        lab.inject("10.0.0.1", "10.0.0.2", packet(-1, InnerFrames.tagged(6, frame(BROADCAST, B))));
        boolean carries = options.endsWith("carry");
        assertThat(lab.site(2).take("h")).hasSize(carries ? 2 : 0);
        assertThat(lab.site(1).dropped("g", DropReason.NO_VNI)).isEqualTo(carries ? 0 : 1);
        assertThat(lab.site(2).dropped("g", DropReason.INNER_TAG)).isEqualTo(carries ? 0 : 1);
    }

    // ---- which port ----

    /** Keyless, key 0 and key 1 between the same two hosts, and layer 3 with the same keys, all at once. */
    @Test
    void shouldTellTunnelsApartByKeyAndKind() throws Exception {
        lab = new GreLab();
        String[] keys = {"-1", "0", "1", "4294967295"};
        lab.site("1", "10.0.0.1");
        lab.site("2", "10.0.0.2");
        for (int host = 1; host <= 2; host++) {
            for (int i = 0; i < keys.length; i++) {
                GreSite own = lab.site(host).memory("h" + i, access(i + 1));
                String remote = "remote_ip=10.0.0." + (3 - host) + "&inner_tags=discard&key=" + keys[i];
                own.gre("gretap:g" + i + "?" + remote, access(i + 1));
                own.memory("p" + i, access(i + 101));
                own.gre("gre:l" + i + "?" + remote, access(i + 101));
            }
        }
        for (int i = 0; i < keys.length; i++) {
            byte[] frame = frame(BROADCAST, A, 60, i);
            lab.site(1).send("h" + i, frame);
            byte[] packet = InnerFrames.ip("192.0.2.1", "192.0.2.2", i);
            byte[] addressed = packet.clone();
            System.arraycopy(frame(BROADCAST, A), 0, addressed, 0, 12); // a bridge needs some
            lab.site(1).send("p" + i, addressed);
            for (int j = 0; j < keys.length; j++) {
                assertThat(lab.site(2).take("h" + j)).hasSize(i == j ? 1 : 0);
            }
            assertThat(lab.site(2).statistics("l" + i).rxFrames()).isEqualTo(1);
            assertThat(lab.site(2).statistics("g" + i).rxFrames()).isEqualTo(1);
        }
        assertThat(lab.site(2).refused()).isZero();
        assertThat(lab.site(1).host.sockets()).hasSize(2); // one to receive by, one to send by
    }

    static PortSettings access(int vlan) {
        return PortSettings.builder().vlans(VlanSettings.access(vlan)).build();
    }

    @Test
    void shouldTakeKeylessAndKeyZeroAlikeWhenToldTo() throws Exception {
        lab = GreLab.pair("10.0.0.1", "10.0.0.2", "gretap", "&key=0", "&keyless_is_zero=true");
        assertPasses(frame(BROADCAST, A, 60, 1)); // key 0
        lab.inject("10.0.0.1", "10.0.0.2", packet(-1, frame(BROADCAST, A, 60, 2)));
        lab.inject("10.0.0.1", "10.0.0.2", packet(1, frame(BROADCAST, A, 60, 3)));
        assertThat(lab.site(2).take("h")).hasSize(1);
        assertThat(lab.site(2).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(1);
        lab.site(2).send("h", frame(BROADCAST, B)); // keyless
        assertThat(lab.site(1).take("h")).isEmpty();
        assertThat(lab.site(1).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(1);
    }

    @Test
    void shouldNotTakeKeylessForKeyZeroOtherwise() throws Exception {
        lab = GreLab.pair("10.0.0.1", "10.0.0.2", "gretap", "", "&key=0");
        lab.site(1).send("h", frame(BROADCAST, A));
        lab.site(2).send("h", frame(BROADCAST, B));
        assertThat(lab.site(1).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(1);
        assertThat(lab.site(2).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(1);
        assertThat(lab.site(1).take("h")).isEmpty();
        assertThat(lab.site(2).take("h")).isEmpty();
    }

    @Test
    void shouldSendOneKeyAndTakeAnother() throws Exception {
        lab = GreLab.pair("10.0.0.1", "10.0.0.2", "gretap", "&in_key=1&out_key=2", "&in_key=2&out_key=1");
        assertPasses(frame(BROADCAST, A));
        lab.site(2).send("h", frame(A, B));
        assertThat(lab.site(1).take("h")).hasSize(1);
        lab.inject("10.0.0.2", "10.0.0.1", packet(2, frame(A, B)));
        assertThat(lab.site(1).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(1);
    }

    @Test
    void shouldKeepToTwoPortsOfOneKeyByTheirRemoteEnds() throws Exception {
        lab = GreLab.mesh(3, "&key=1");
        lab.site(1).remove("g");
        lab.site(1).memory("h2", access(2)).memory("h3", access(3));
        lab.site(1).gre("gretap:g2?key=1&remote_ip=10.0.0.2", access(2));
        lab.site(1).gre("gretap:g3?key=1&remote_ip=10.0.0.3", access(3));
        byte[] second = frame(BROADCAST, A, 60, 2);
        lab.site(2).send("h", second);
        assertThat(lab.site(1).take("h2")).containsExactly(second);
        byte[] third = frame(BROADCAST, B, 60, 3);
        lab.site(3).send("h", third);
        assertThat(lab.site(1).take("h3")).containsExactly(third);
        assertThat(lab.site(1).take("h2")).isEmpty();
        assertThat(lab.site(1).refused()).isZero();
    }

    @Test
    void shouldRefuseConflictsWithWords() throws Exception {
        lab = GreLab.mesh(3, "&key=1");
        GreSite site = lab.site(1);
        assertThatThrownBy(() -> site.gre("gretap:x?key=1&remote_ip=10.0.0.3"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("gretap port 'x'")
                .hasMessageContaining("key 1 is port 'g'")
                .hasMessageContaining("both have the remote end 10.0.0.3")
                .hasMessageContaining("accepted: another key");
        site.gre("gretap:z?key=0&keyless_is_zero=true&remote_ip=10.0.0.3");
        assertThatThrownBy(() -> site.gre("gretap:y?remote_ip=10.0.0.3"))
                .hasMessageContaining("key none is port 'z'")
                .hasMessageContaining("both have the remote end 10.0.0.3");
        site.gre("mgretap:l1?key=2&learn_remotes=true");
        assertThatThrownBy(() -> site.gre("mgretap:l2?key=2&learn_remotes=true"))
                .hasMessageContaining("key 2 is port 'l1'")
                .hasMessageContaining("both learn remote ends");
        assertThatThrownBy(() -> site.gre("gretap:b?key=3&remote_ip=10.0.0.3&rcvbuf=8192"))
                .hasMessageContaining("option rcvbuf is '8192'; accepted: '0', as port 'g' has it");
        assertThatThrownBy(() -> site.gre("gretap:o?key=4&remote_ip=10.0.0.1"))
                .hasMessageContaining("10.0.0.1 of o is the port's own address");
        assertThatThrownBy(() -> site.gre("gretap:o?key=4&remote_ip=10.0.0.2&local_ip=10.0.0.7"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("local_ip");
        byte[] frame = frame(BROADCAST, A); // and none of them has harmed who was there
        lab.site(2).send("h", frame);
        assertThat(site.take("h")).containsExactly(frame);
    }
}
