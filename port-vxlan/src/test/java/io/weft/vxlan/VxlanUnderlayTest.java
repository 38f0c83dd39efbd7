package io.weft.vxlan;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.InnerFrames.tagged;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static io.weft.tunnel.TunnelLab.C;
import static io.weft.vxlan.VxlanBytes.inner;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.offload.WireFrame;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteEnd.State;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.underlay.MemoryDatagram;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an underlay does to a VXLAN port: MTUs, remote ends that are not reached, links that fail, probes; and a control plane. */
class VxlanUnderlayTest {
    private VxlanLab lab = new VxlanLab();

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    private VxlanSite mesh(int size, String options) throws Exception {
        lab = VxlanLab.mesh(size, options);
        return lab.site(1);
    }

    private boolean passes(int from, int to) {
        lab.site(to).take("h");
        lab.site(from).send("h", frame(BROADCAST, from == 1 ? A : from == 2 ? B : C));
        return !lab.site(to).take("h").isEmpty();
    }

    // ---- how long frames may be ----

    @Test
    void shouldFollowTheMtuOfTheWays() throws Exception {
        lab = new VxlanLab();
        lab.network.mtu(9_000);
        for (int i = 1; i <= 3; i++) {
            lab.site("" + i, "10.0.0." + i).memory("h");
        }
        lab.network.pathMtu(VxlanLab.address("10.0.0.1"), VxlanLab.address("10.0.0.3"), 1_400);
        VxlanSite first = lab.site(1).vxlan("vx", "key=1&remote_ip=10.0.0.2,10.0.0.3");
        lab.site(2).vxlan("vx", "key=1&remote_ip=10.0.0.1");
        lab.site(3).vxlan("vx", "key=1&remote_ip=10.0.0.1");
        assertThat(first.vxlan("vx").effectiveMtu()).isEqualTo(1_350);
        assertThat(first.reading("vx", "effective_mtu_bytes")).isEqualTo(1_350);
        first.send("h", frame(BROADCAST, A, 5_000, 0));
        assertThat(lab.site(2).take("h")).hasSize(1);
        assertThat(lab.site(3).take("h")).isEmpty();
        assertThat(first.dropped("vx", DropReason.TOO_LONG))
                .as("one remote end took it")
                .isZero();
        assertThat(first.reading("vx", first.remote("vx", "10.0.0.3"), "refused_frames_total"))
                .isEqualTo(1);
        lab.network.pathMtu(VxlanLab.address("10.0.0.1"), VxlanLab.address("10.0.0.3"), 9_000);
        lab.pass(Duration.ofSeconds(3));
        assertThat(first.vxlan("vx").effectiveMtu())
                .as("when the way has grown")
                .isEqualTo(8_950);
        first.send("h", frame(BROADCAST, A, 8_964, 0));
        assertThat(lab.site(3).take("h")).hasSize(1);
    }

    @Test
    void shouldLearnARoutersMtuFromItsAnswer() throws Exception {
        VxlanSite first = mesh(2, "");
        lab.network.routerMtu(VxlanLab.address("10.0.0.1"), VxlanLab.address("10.0.0.2"), 1_280);
        first.send("h", frame(BROADCAST, A, 1_464, 0));
        assertThat(lab.site(2).take("h")).isEmpty();
        assertThat(first.vxlan("vx").effectiveMtu()).isEqualTo(1_230);
        assertThat(first.reading("vx", first.remote("vx", "10.0.0.2"), "too_big_total"))
                .isEqualTo(1);
        assertThat(first.messages).anyMatch(text -> text.contains("10.0.0.2") && text.contains("1280"));
        first.send("h", frame(BROADCAST, A, 1_245, 0));
        assertThat(first.dropped("vx", DropReason.TOO_LONG)).isEqualTo(1);
        first.send("h", frame(BROADCAST, A, 1_244, 0));
        assertThat(lab.site(2).take("h")).hasSize(1);
    }

    @Test
    void shouldKeepToTheMtuThatWasSet() throws Exception {
        VxlanSite first = mesh(2, "&mtu=1000");
        assertThat(first.vxlan("vx").effectiveMtu()).isEqualTo(1_000);
        first.send("h", frame(BROADCAST, A, 1_014, 0), frame(BROADCAST, A, 1_015, 0));
        assertThat(lab.site(2).take("h")).hasSize(1);
        assertThat(first.dropped("vx", DropReason.TOO_LONG)).isEqualTo(1);
    }

    @Test
    void shouldFragmentWhenItMay() throws Exception {
        VxlanSite first = mesh(2, "&df_default=false");
        first.send("h", frame(BROADCAST, A, 4_000, 0));
        assertThat(lab.takeSent()).extracting(MemoryDatagram::dontFragment).containsExactly(false);
        assertThat(lab.site(2).take("h")).hasSize(1);
    }

    private static WireFrame longPacket(boolean ipv6) {
        WireFrame packet = InnerFrames.udp(1_500);
        packet.ipv6 = ipv6;
        if (ipv6) {
            packet.from = VxlanLab.address("2001:db8::1").getAddress();
            packet.to = VxlanLab.address("2001:db8::2").getAddress();
        }
        return packet;
    }

    /** That an answer is one of ICMP, to A from B, which says how long packets may be. */
    private static void assertTooBig(byte[] answer, boolean ipv6, int mtu) {
        ByteBuffer bytes = ByteBuffer.wrap(answer);
        assertThat(Arrays.copyOf(answer, 12)).isEqualTo(Arrays.copyOf(frame(A, B), 12));
        int icmp = ipv6 ? 54 : 34;
        int addresses = ipv6 ? 22 : 26;
        int length = ipv6 ? 16 : 4;
        WireFrame packet = longPacket(ipv6);
        assertThat(Arrays.copyOfRange(answer, addresses, addresses + length)).isEqualTo(packet.to);
        assertThat(Arrays.copyOfRange(answer, addresses + length, addresses + 2 * length))
                .isEqualTo(packet.from);
        assertThat((int) bytes.get(icmp)).isEqualTo(ipv6 ? 2 : 3);
        assertThat(ipv6 ? bytes.getInt(icmp + 4) : bytes.getShort(icmp + 6)).isEqualTo(mtu);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAnswerToTheSenderOfWhatDoesNotFit(boolean ipv6) throws Exception {
        VxlanSite first = mesh(2, "&icmp_too_big=true");
        lab.site(2).send("h", frame(BROADCAST, B));
        first.send("h", frame(BROADCAST, A));
        first.take("h");
        first.send("h", longPacket(ipv6).bytes());
        List<byte[]> answers = first.take("h");
        assertThat(answers).hasSize(1);
        assertTooBig(answers.get(0), ipv6, 1_450);
        assertThat(first.reading("vx", "too_big_answers_total")).isEqualTo(1);
        assertThat(first.dropped("vx", DropReason.TOO_LONG)).isEqualTo(1);
        assertThat(first.whereIs(0, B))
                .isEqualTo("vx " + first.remote("vx", "10.0.0.2").endpoint());
    }

    @Test
    void shouldAnswerToTheSenderOfWhatIsFlooded() throws Exception {
        VxlanSite first = mesh(3, "&icmp_too_big=true");
        first.send("h", frame(BROADCAST, A));
        first.send("h", longPacket(false).bytes()); // to a station that nobody has seen
        List<byte[]> answers = first.take("h");
        assertThat(answers).hasSize(1);
        assertTooBig(answers.get(0), false, 1_450);
        lab.site(3).send("h", frame(A, B));
        assertThat(first.whereIs(0, B))
                .isEqualTo("vx " + first.remote("vx", "10.0.0.3").endpoint());
    }

    @Test
    void shouldAnswerInTheVlanThatTheVniIs() throws Exception {
        lab.site("2", "10.0.0.2");
        VxlanSite first = lab.site("1", "10.0.0.1")
                .memory("h")
                .vxlan("vx", "vlan_vni_map=7:7007&remote_ip=10.0.0.2&icmp_too_big=true");
        first.send("h", tagged(7, frame(BROADCAST, A)));
        first.send("h", tagged(7, longPacket(false).bytes()));
        List<byte[]> answers = first.take("h");
        assertThat(answers).hasSize(1);
        assertThat(ByteBuffer.wrap(answers.get(0)).getInt(12)).isEqualTo(0x8100_0007);
    }

    @Test
    void shouldAnswerThroughTheTunnelWhenAHubCannotRelay() throws Exception {
        lab.network.mtu(9_000);
        lab.site("2", "10.0.0.2").memory("h");
        lab.site("3", "10.0.0.3").memory("h");
        lab.network.pathMtu(VxlanLab.address("10.0.0.1"), VxlanLab.address("10.0.0.3"), 1_500);
        VxlanSite hub = lab.site("1", "10.0.0.1")
                .vxlan(
                        "vx",
                        "key=100&remote_ip=10.0.0.2,10.0.0.3&icmp_too_big=true",
                        PortSettings.builder().hairpin(true).build());
        lab.site(2).vxlan("vx", "key=100&remote_ip=10.0.0.1");
        lab.site(3).vxlan("vx", "key=100&remote_ip=10.0.0.1");
        lab.site(2).send("h", frame(BROADCAST, A));
        lab.site(2).send("h", longPacket(false).bytes()); // flooded by the hub
        List<byte[]> answers = lab.site(2).take("h");
        assertThat(answers).hasSize(1);
        assertTooBig(answers.get(0), false, 1_450);
        assertThat(hub.lan.ports()).extracting("up").containsExactly(true);
        assertThat(lab.site(3).take("h")).hasSize(1); // the broadcast
    }

    @Test
    void shouldClampSegmentSizesInBothDirections() throws Exception {
        lab.site("2", "10.0.0.2").memory("h");
        VxlanSite first = lab.site("1", "10.0.0.1").memory("h").vxlan("vx", "key=1&remote_ip=10.0.0.2&clamp_mss=true");
        lab.site(2).vxlan("vx", "key=1&remote_ip=10.0.0.1");
        WireFrame syn = InnerFrames.tcp(0);
        syn.destination = 0xffff_ffff_ffffL;
        syn.flags = 2;
        syn.tcpOptions = new byte[] {2, 4, 0x05, (byte) 0xb4};
        WireFrame clamped = syn.copy();
        clamped.tcpOptions = new byte[] {2, 4, 0x05, (byte) 0x82}; // 1,450 - 40
        first.send("h", syn.bytes());
        assertThat(lab.site(2).take("h")).containsExactly(clamped.bytes());
        lab.site(2).send("h", syn.bytes());
        assertThat(first.take("h")).containsExactly(clamped.bytes());
        assertThat(first.reading("vx", "clamped_mss_total")).isEqualTo(2);
        syn.flags = 0x10;
        first.send("h", syn.bytes());
        assertThat(lab.site(2).take("h")).containsExactly(syn.bytes());
    }

    // ---- remote ends that are not reached ----

    @Test
    void shouldTellThatARemoteEndRefusesAndThatItIsBack() throws Exception {
        VxlanSite first = mesh(3, "");
        lab.site(2).remove("vx");
        assertThat(passes(1, 3)).isTrue();
        RemoteEnd second = first.remote("vx", "10.0.0.2");
        assertThat(second.state()).isEqualTo(State.UNREACHABLE);
        assertThat(first.reading("vx", second, "up")).isZero();
        assertThat(first.messages)
                .filteredOn(text -> text.contains("10.0.0.2") && text.contains("refuses"))
                .hasSize(1);
        passes(1, 3);
        assertThat(first.reading("vx", second, "unreachable_total")).isEqualTo(2);
        assertThat(first.messages).filteredOn(text -> text.contains("refuses")).hasSize(1);
        lab.site(2).vxlan("vx", "key=100&remote_ip=10.0.0.1,10.0.0.3");
        assertThat(passes(1, 2)).as("it is tried nevertheless").isTrue();
        assertThat(passes(2, 1)).isTrue();
        assertThat(second.state()).isEqualTo(State.UP);
        assertThat(first.reading("vx", second, "up")).isEqualTo(1);
        assertThat(first.messages).anyMatch(text -> text.contains("10.0.0.2") && text.contains("reached again"));
    }

    @Test
    void shouldNeedNothingWhenALinkReturns() throws Exception {
        VxlanSite first = mesh(3, "");
        assertThat(passes(1, 2)).isTrue();
        lab.network.linkDown(VxlanLab.address("10.0.0.1"), VxlanLab.address("10.0.0.2"), true);
        assertThat(passes(1, 3)).isTrue();
        assertThat(passes(1, 2)).isFalse();
        assertThat(first.dropped("vx", DropReason.REMOTE_DOWN))
                .as("others took it")
                .isZero();
        assertThat(first.reading("vx", first.remote("vx", "10.0.0.2"), "refused_frames_total"))
                .isEqualTo(2);
        first.host.down(true);
        assertThat(passes(1, 3)).isFalse();
        assertThat(first.dropped("vx", DropReason.REMOTE_DOWN)).isEqualTo(1);
        first.host.down(false);
        lab.network.linkDown(VxlanLab.address("10.0.0.1"), VxlanLab.address("10.0.0.2"), false);
        assertThat(passes(1, 2)).isTrue();
        assertThat(passes(2, 1)).isTrue();
    }

    @Test
    void shouldCountWhatTheUnderlayHasNoRoomFor() throws Exception {
        VxlanSite first = mesh(3, "");
        first.host.sendRoom(1);
        first.send("h", frame(BROADCAST, A), frame(BROADCAST, A));
        assertThat(first.dropped("vx", DropReason.TX_QUEUE_FULL)).isEqualTo(1);
        assertThat(first.statistics("vx").txFrames()).isEqualTo(1);
        first.host.sendRoom(-1);
        lab.network.queueLimit(0);
        assertThat(passes(1, 2)).isFalse();
        lab.network.queueLimit(100);
        assertThat(passes(1, 2)).isTrue();
        lab.pass(Duration.ofSeconds(1)); // the socket is asked once a second
        assertThat(lab.site(2).refused(VtepCounter.QUEUE_FULL)).isEqualTo(1);
    }

    @Test
    void shouldFollowAStationThatMovesToAnotherRemoteEnd() throws Exception {
        VxlanSite first = mesh(3, "");
        lab.site(2).send("h", frame(BROADCAST, B));
        lab.site(3).send("h", frame(BROADCAST, B));
        lab.takeSent();
        first.send("h", frame(B, A));
        assertThat(lab.takeSent()).extracting(sent -> sent.to().address()).containsExactly("10.0.0.3");
    }

    // ---- probes ----

    @Test
    void shouldSendNothingToARemoteEndThatIsDown() throws Exception {
        VxlanSite first = mesh(3, "&bfd=true&bfd_min_rx=100ms");
        lab.pass(Duration.ofSeconds(5));
        assertThat(first.vxlan("vx").remotes()).extracting(RemoteEnd::state).containsOnly(State.UP);
        assertThat(first.reading("vx", "flooded_remotes")).isEqualTo(2);
        assertThat(passes(1, 2)).isTrue();
        assertThat(passes(2, 1)).isTrue();
        assertThat(first.whereIs(0, B)).isNotEmpty();

        lab.network.silence(VxlanLab.address("10.0.0.1"), VxlanLab.address("10.0.0.2"), true);
        lab.pass(Duration.ofSeconds(2));
        RemoteEnd second = first.remote("vx", "10.0.0.2");
        assertThat(second.state()).isEqualTo(State.DOWN);
        assertThat(first.reading("vx", "flooded_remotes")).isEqualTo(1);
        assertThat(first.reading("vx", second, "up")).isZero();
        assertThat(first.whereIs(0, B)).as("a station behind it").isEmpty();
        assertThat(first.messages).anyMatch(text -> text.contains("10.0.0.2") && text.contains("down"));
        long before = second.txFrames();
        lab.takeSent();
        first.send("h", frame(BROADCAST, A));
        assertThat(lab.takeSent())
                .filteredOn(sent -> Arrays.equals(inner(sent.bytes()), frame(BROADCAST, A)))
                .extracting(sent -> sent.to().address())
                .containsExactly("10.0.0.3");
        assertThat(second.txFrames()).isEqualTo(before);

        lab.network.silence(VxlanLab.address("10.0.0.1"), VxlanLab.address("10.0.0.2"), false);
        lab.pass(Duration.ofSeconds(10));
        assertThat(second.state()).isEqualTo(State.UP);
        assertThat(passes(1, 2)).isTrue();
        assertThat(passes(2, 1)).isTrue();
        assertThat(first.messages).anyMatch(text -> text.contains("10.0.0.2") && text.contains("answers its probe"));
    }

    @Test
    void shouldDropForAStationBehindARemoteEndThatIsDown() throws Exception {
        VxlanSite first = mesh(2, "&bfd=true&bfd_min_rx=100ms");
        first.vxlan("vx").setStation(StationSpec.parse(B + " dst 10.0.0.2"));
        first.send("h", frame(B, A), frame(BROADCAST, A));
        assertThat(first.dropped("vx", DropReason.REMOTE_DOWN)).isEqualTo(1);
        assertThat(first.dropped("vx", DropReason.NO_REMOTE)).isEqualTo(1);
        assertThat(lab.site(2).take("h")).isEmpty();
        lab.pass(Duration.ofSeconds(5));
        first.send("h", frame(B, A));
        assertThat(lab.site(2).take("h")).hasSize(1);
    }

    @Test
    void shouldProbeWhenVlansAreVnis() throws Exception {
        lab.site("1", "10.0.0.1").memory("h");
        lab.site("2", "10.0.0.2").memory("h");
        String options = "vlan_vni_map=7:7007,8:8008&bfd=true&remote_ip=10.0.0.";
        lab.site(1).vxlan("vx", options + 2);
        lab.site(2).vxlan("vx", options + 1);
        lab.pass(Duration.ofSeconds(10));
        assertThat(lab.site(1).remote("vx", "10.0.0.2").state()).isEqualTo(State.UP);
        lab.site(1).send("h", tagged(8, frame(BROADCAST, A)));
        assertThat(lab.site(2).take("h")).hasSize(1);
    }

    @Test
    void shouldSeeARemoteEndThatStartsAgain() throws Exception {
        VxlanSite first = mesh(2, "&bfd=true&bfd_min_rx=100ms");
        lab.pass(Duration.ofSeconds(5));
        lab.site(2).remove("vx");
        lab.pass(Duration.ofSeconds(2));
        assertThat(first.remote("vx", "10.0.0.2").state()).isEqualTo(State.DOWN);
        lab.site(2).vxlan("vx", "key=100&remote_ip=10.0.0.1&bfd=true&bfd_min_rx=100ms");
        lab.pass(Duration.ofSeconds(10));
        assertThat(first.remote("vx", "10.0.0.2").state()).isEqualTo(State.UP);
        assertThat(passes(1, 2)).isTrue();
    }

    // ---- a control plane ----

    @Test
    void shouldHaveAControlPlaneOwnRemoteEnds() throws Exception {
        lab.site("2", "10.0.0.2").memory("h");
        lab.site("3", "10.0.0.3").memory("h");
        VxlanSite first = lab.site("1", "10.0.0.1").memory("h").vxlan("vx", "key=100");
        lab.site(2).vxlan("vx", "key=100&remote_ip=10.0.0.1");
        lab.site(3).vxlan("vx", "key=300&remote_ip=10.0.0.1");
        first.send("h", frame(BROADCAST, A));
        assertThat(first.dropped("vx", DropReason.NO_REMOTE)).isEqualTo(1);
        VxlanPort port = first.vxlan("vx");
        RemoteEnd second = port.addRemote(new RemoteSpec("10.0.0.2"));
        RemoteEnd third = port.addRemote(new RemoteSpec("10.0.0.3", 0, 300));
        assertThatThrownBy(() -> port.addRemote(new RemoteSpec("10.0.0.4", 0, 1 << 24)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("option remote_ip is '10.0.0.4 key 16777216'; accepted: with a VNI");
        assertThatThrownBy(() -> port.setStation(StationSpec.parse(C + " dst 10.0.0.4 vni 16777216")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("vni 16777216'; accepted: with a VNI");
        assertThatThrownBy(() -> port.addRemote(new RemoteSpec("10.0.0.3")))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("10.0.0.3")
                .hasMessageContaining("already");
        assertThat(port.remotes()).containsExactly(second, third);
        assertThat(passes(1, 2)).isTrue();
        assertThat(passes(1, 3)).as("with a VNI of its own").isTrue();

        port.floodTo(List.of(third));
        assertThat(passes(1, 2)).isFalse();
        assertThat(passes(1, 3)).isTrue();
        port.floodTo(List.of());
        assertThat(passes(1, 3)).isFalse();
        port.floodToAll();
        assertThat(passes(1, 2)).isTrue();

        port.floodTo(List.of());
        port.setStation(StationSpec.parse(C + " dst 10.0.0.3 vni 300"));
        assertThat(first.whereIs(0, C)).startsWith("vx " + third.endpoint());
        lab.site(3).take("h");
        first.send("h", frame(C, A));
        assertThat(lab.site(3).take("h")).hasSize(1);
        lab.inject("10.0.0.2", "10.0.0.1", 100, frame(A, C));
        first.send("h", frame(C, A));
        assertThat(lab.site(3).take("h")).as("it stays where it was set").hasSize(1);

        port.floodToAll();
        lab.site(2).send("h", frame(BROADCAST, B));
        first.take("h");
        assertThat(port.removeRemote(second)).isTrue();
        assertThat(port.removeRemote(second)).isFalse();
        lab.settle();
        assertThat(first.whereIs(0, B)).isEmpty();
        assertThat(passes(2, 1)).isFalse();
        assertThat(first.dropped("vx", DropReason.UNKNOWN_REMOTE)).isEqualTo(1);
        assertThat(passes(1, 2)).isFalse();
        assertThat(passes(1, 3)).isTrue();
    }

    @Test
    void shouldAddARemoteEndForAStationWithoutFloodingToIt() throws Exception {
        lab.site("2", "10.0.0.2").memory("h");
        VxlanSite first = lab.site("1", "10.0.0.1").memory("h").vxlan("vx", "key=100&fdb=" + B + "%20dst%2010.0.0.2");
        lab.site(2).vxlan("vx", "key=100&remote_ip=10.0.0.1");
        assertThat(passes(1, 2)).isFalse();
        first.send("h", frame(B, A));
        assertThat(lab.site(2).take("h")).hasSize(1);
        assertThat(passes(2, 1)).isTrue();
    }
}
