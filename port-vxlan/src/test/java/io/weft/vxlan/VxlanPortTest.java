package io.weft.vxlan;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.InnerFrames.tagged;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static io.weft.tunnel.TunnelLab.C;
import static io.weft.vxlan.VxlanBytes.inner;
import static io.weft.vxlan.VxlanBytes.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.tunnel.RemoteEnd;
import io.weft.underlay.MemoryDatagram;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where frames go through a VXLAN port, and where they do not. */
class VxlanPortTest {
    private static final PortSettings HUB = PortSettings.builder().hairpin(true).build();

    private VxlanLab lab = new VxlanLab();

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    private VxlanLab mesh(int size) throws Exception {
        lab = VxlanLab.mesh(size, "");
        return lab;
    }

    /** Two switches with a memory port each; their VXLAN ports are yet to come. */
    private void pair() throws Exception {
        lab.site("1", "10.0.0.1").memory("h");
        lab.site("2", "10.0.0.2").memory("h");
    }

    // ---- to and from remote ends ----

    @Test
    void shouldPutTheHeaderInFrontThatTheRfcShows() throws Exception {
        mesh(2);
        byte[] frame = frame(BROADCAST, A);
        lab.site(1).send("h", frame);
        List<MemoryDatagram> sent = lab.takeSent();
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0).bytes()).isEqualTo(packet(0x0800_0000_0000_6400L, frame));
        assertThat(sent.get(0).to()).isEqualTo(VxlanLab.peer("10.0.0.2", 4_789));
        assertThat(sent.get(0).from().port()).isBetween(49_152, 65_535);
        assertThat(sent.get(0).ttl()).isEqualTo(64);
        assertThat(sent.get(0).dontFragment()).isTrue();
        assertThat(sent.get(0).checksum()).isTrue();
        assertThat(lab.site(2).take("h")).containsExactly(frame);
    }

    @Test
    void shouldFloodToAllRemoteEndsAndSendToTheOneThatAStationIsBehind() throws Exception {
        mesh(4);
        byte[] flooded = frame(BROADCAST, A);
        lab.site(1).send("h", flooded);
        for (int i = 2; i <= 4; i++) {
            assertThat(lab.site(i).take("h")).as("at %s", i).containsExactly(flooded);
        }
        assertThat(lab.takeSent()).hasSize(3);
        byte[] answer = frame(A, B);
        lab.site(3).send("h", answer);
        assertThat(lab.takeSent()).hasSize(1);
        assertThat(lab.site(1).take("h")).containsExactly(answer);
        byte[] unicast = frame(B, A);
        lab.site(1).send("h", unicast);
        assertThat(lab.takeSent()).extracting(MemoryDatagram::to).containsExactly(VxlanLab.peer("10.0.0.3", 4_789));
        assertThat(lab.site(3).take("h")).containsExactly(unicast);
        RemoteEnd third = lab.site(1).remote("vx", "10.0.0.3");
        assertThat(lab.site(1).whereIs(0, B)).isEqualTo("vx " + third.endpoint());
        assertThat(List.of(third.txFrames(), third.txBytes(), third.rxFrames(), third.rxBytes()))
                .containsExactly(2L, 120L, 1L, 60L);
    }

    @Test
    void shouldNotSendFromOneRemoteEndToAnother() throws Exception {
        mesh(3);
        lab.site(2).send("h", frame(BROADCAST, A));
        lab.site(3).send("h", frame(BROADCAST, B));
        lab.takeSent();
        lab.inject("10.0.0.2", "10.0.0.1", 100, frame(BROADCAST, A));
        lab.inject("10.0.0.2", "10.0.0.1", 100, frame(C, A));
        lab.inject("10.0.0.2", "10.0.0.1", 100, frame(B, A)); // which is behind 3
        assertThat(lab.takeSent()).as("what was injected, and nothing else").hasSize(3);
        assertThat(lab.site(1).dropped("vx", DropReason.SAME_PORT)).isEqualTo(1);
    }

    @Test
    void shouldRelayAsAHubToAllButWhereAFrameCameFrom() throws Exception {
        VxlanSite hub = lab.site("hub", "10.0.0.9");
        for (int i = 1; i <= 3; i++) {
            lab.site("" + i, "10.0.0." + i).memory("h").vxlan("vx", "key=100&remote_ip=10.0.0.9");
        }
        hub.vxlan("vx", "key=100&remote_ip=10.0.0.1,10.0.0.2,10.0.0.3", HUB);
        byte[] flooded = frame(BROADCAST, A);
        lab.site(1).send("h", flooded);
        assertThat(lab.site(1).take("h")).isEmpty();
        assertThat(lab.site(2).take("h")).containsExactly(flooded);
        assertThat(lab.site(3).take("h")).containsExactly(flooded);
        lab.takeSent();
        byte[] answer = frame(A, B);
        lab.site(2).send("h", answer);
        assertThat(lab.site(1).take("h")).containsExactly(answer);
        assertThat(lab.site(3).take("h")).isEmpty();
        assertThat(lab.takeSent()).hasSize(2);
        lab.site(1).send("h", frame(B, A));
        assertThat(lab.site(2).take("h")).hasSize(1);
        lab.inject("10.0.0.1", "10.0.0.9", 100, frame(A, C)); // to where it comes from
        assertThat(lab.site(1).take("h")).isEmpty();
    }

    @Test
    void shouldWorkOverIpv6() throws Exception {
        lab.site("1", "fd00::1").memory("h");
        lab.site("2", "fd00::2").memory("h").vxlan("vx", "key=7&remote_ip=fd00::1");
        lab.site(1).vxlan("vx", "key=7&remote_ip=fd00::2&local_ip=fd00::1");
        byte[] frame = frame(BROADCAST, A);
        lab.site(1).send("h", frame);
        assertThat(lab.site(2).take("h")).containsExactly(frame);
        assertThat(lab.site(1).vxlan("vx").effectiveMtu()).isEqualTo(1_430);
    }

    @Test
    void shouldCarryEveryLengthThatFits() throws Exception {
        mesh(2);
        for (int length : new int[] {14, 15, 59, 60, 1_463, 1_464}) {
            byte[] frame = frame(BROADCAST, A, length, length);
            lab.site(1).send("h", frame);
            assertThat(lab.site(2).take("h")).as("%s bytes", length).containsExactly(frame);
        }
        lab.takeSent();
        lab.site(1).send("h", frame(BROADCAST, A, 1_465, 0));
        assertThat(lab.takeSent()).isEmpty();
        assertThat(lab.site(1).dropped("vx", DropReason.TOO_LONG)).isEqualTo(1);
    }

    // ---- segments ----

    @Test
    void shouldKeepVnisOnOneSocketApart() throws Exception {
        pair();
        for (VxlanSite site : List.of(lab.site(1), lab.site(2))) {
            String other = site == lab.site(1) ? "10.0.0.2" : "10.0.0.1";
            site.remove("h");
            for (int vni : new int[] {0, 1, 0xff_ffff}) {
                PortSettings own = PortSettings.builder()
                        .vlans(VlanSettings.access(vni == 0 ? 10 : vni == 1 ? 11 : 12))
                        .build();
                site.memory("h" + vni, own).vxlan("vx" + vni, "key=" + vni + "&remote_ip=" + other, own);
            }
        }
        for (int vni : new int[] {0, 1, 0xff_ffff}) {
            byte[] frame = frame(BROADCAST, A, 60, vni);
            lab.site(1).send("h" + vni, frame);
            assertThat(lab.takeSent())
                    .extracting(sent -> VxlanBytes.vni(sent.bytes()))
                    .containsExactly(vni);
            for (int other : new int[] {0, 1, 0xff_ffff}) {
                assertThat(lab.site(2).take("h" + other)).hasSize(other == vni ? 1 : 0);
            }
        }
        assertThat(lab.site(1).host.sockets())
                .as("listening, and 8 to send from")
                .hasSize(9);
    }

    @Test
    void shouldTellPortsOfOneVniApartByTheirRemoteEnds() throws Exception {
        PortSettings ten = PortSettings.builder().vlans(VlanSettings.access(10)).build();
        PortSettings eleven =
                PortSettings.builder().vlans(VlanSettings.access(11)).build();
        VxlanSite hub = lab.site("hub", "10.0.0.9");
        lab.site("2", "10.0.0.2").memory("h").vxlan("vx", "key=5&remote_ip=10.0.0.9");
        lab.site("3", "10.0.0.3").memory("h").vxlan("vx", "key=5&remote_ip=10.0.0.9");
        hub.memory("h2", ten).vxlan("vx2", "key=5&remote_ip=10.0.0.2", ten);
        hub.memory("h3", eleven).vxlan("vx3", "key=5&remote_ip=10.0.0.3", eleven);
        lab.site(2).send("h", frame(BROADCAST, A));
        assertThat(hub.take("h2")).hasSize(1);
        assertThat(hub.take("h3")).isEmpty();
        lab.site(3).send("h", frame(BROADCAST, B));
        assertThat(hub.take("h2")).isEmpty();
        assertThat(hub.take("h3")).hasSize(1);
        lab.inject("10.0.0.4", "10.0.0.9", 5, frame(BROADCAST, C));
        assertThat(hub.dropped("vx2", DropReason.UNKNOWN_REMOTE) + hub.dropped("vx3", DropReason.UNKNOWN_REMOTE))
                .isEqualTo(1);
    }

    @Test
    void shouldSendOneKeyAndReceiveAnother() throws Exception {
        pair();
        lab.site(1).vxlan("vx", "in_key=1&out_key=2&remote_ip=10.0.0.2");
        lab.site(2).vxlan("vx", "in_key=2&out_key=1&remote_ip=10.0.0.1");
        lab.site(1).send("h", frame(BROADCAST, A));
        lab.site(2).send("h", frame(BROADCAST, B));
        assertThat(lab.takeSent())
                .extracting(sent -> VxlanBytes.vni(sent.bytes()))
                .containsExactly(2, 1);
        assertThat(lab.site(1).take("h")).hasSize(1);
        assertThat(lab.site(2).take("h")).hasSize(1);
        lab.inject("10.0.0.2", "10.0.0.1", 2, frame(BROADCAST, C));
        assertThat(lab.site(1).take("h")).isEmpty();
        assertThat(lab.site(1).refused(VtepCounter.UNKNOWN_VNI)).isEqualTo(1);
    }

    @Test
    void shouldListenAtSeveralPortsAndSendToTheOneSaid() throws Exception {
        pair();
        lab.site(1).vxlan("vx", "key=1&dst_port=4789,8472&remote_ip=10.0.0.2:8472");
        lab.site(2).vxlan("vx", "key=1&dst_port=8472&remote_ip=10.0.0.1");
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(lab.site(2).take("h")).hasSize(1);
        lab.site(2).send("h", frame(BROADCAST, B));
        assertThat(lab.takeSent()).extracting(sent -> sent.to().port()).containsExactly(8_472, 8_472);
        lab.inject("10.0.0.2", "10.0.0.1", 1, frame(BROADCAST, C));
        assertThat(lab.site(1).take("h")).hasSize(2);
    }

    @Test
    void shouldMapVlansToVnisBothWays() throws Exception {
        pair();
        lab.site(1).vxlan("vx", "vlan_vni_map=10:1010,20-29:2020&remote_ip=10.0.0.2");
        lab.site(2).vxlan("vx", "vlan_vni_map=110:1010,29:2029&remote_ip=10.0.0.1");
        byte[] frame = frame(BROADCAST, A);
        lab.site(1).send("h", tagged(10, frame), tagged(29, frame), tagged(20, frame));
        assertThat(lab.takeSent())
                .extracting(sent -> VxlanBytes.vni(sent.bytes()))
                .containsExactlyInAnyOrder(1_010, 2_029, 2_020);
        assertThat(lab.site(2).take("h")).containsExactlyInAnyOrder(tagged(110, frame), tagged(29, frame));
        assertThat(lab.site(2).refused(VtepCounter.UNKNOWN_VNI)).isEqualTo(1);
        lab.site(1).send("h", frame, tagged(11, frame), tagged(0, frame));
        assertThat(lab.takeSent()).isEmpty();
        assertThat(lab.site(1).dropped("vx", DropReason.NO_VNI)).isEqualTo(3);
    }

    @Test
    void shouldTakeRuntsForWhatTheyAreWhenVnisAreVlans() throws Exception {
        pair();
        lab.site(1).vxlan("vx", "vlan_vni_map=10:1010&remote_ip=10.0.0.2");
        for (int length = 0; length < 14; length++) {
            lab.inject("10.0.0.2", "10.0.0.1", 1_010, new byte[length]);
        }
        assertThat(lab.site(1).take("h")).isEmpty();
        assertThat(lab.site(1).statistics("vx").rxFrames()).isEqualTo(14);
        assertThat(lab.site(1).dropped("vx", DropReason.RUNT)).isEqualTo(14);
    }

    @Test
    void shouldCarryTagsOnlyWhenAsked() throws Exception {
        pair();
        lab.site(1).vxlan("vx", "key=1&inner_tags=carry&remote_ip=10.0.0.2");
        lab.site(2).vxlan("vx", "key=1&remote_ip=10.0.0.1");
        byte[] tagged = tagged(5, frame(BROADCAST, A));
        lab.site(1).send("h", tagged);
        assertThat(lab.takeSent()).extracting(sent -> inner(sent.bytes())).containsExactly(tagged);
        assertThat(lab.site(2).take("h")).isEmpty();
        assertThat(lab.site(2).dropped("vx", DropReason.INNER_TAG)).isEqualTo(1);
        lab.site(2).send("h", tagged);
        assertThat(lab.takeSent()).isEmpty();
        assertThat(lab.site(2).dropped("vx", DropReason.NO_VNI)).isEqualTo(1);
        lab.inject("10.0.0.2", "10.0.0.1", 1, tagged);
        assertThat(lab.site(1).take("h")).containsExactly(tagged);
    }

    // ---- remote ends that are found out ----

    @Test
    void shouldLearnRemoteEndsUpToTheLimitAndForgetTheSilent() throws Exception {
        VxlanSite hub = lab.site("hub", "10.0.0.9").memory("h");
        for (int i = 1; i <= 3; i++) {
            lab.site("" + i, "10.0.0." + i).memory("h").vxlan("vx", "key=1&remote_ip=10.0.0.9");
        }
        hub.vxlan("vx", "key=1&learn_remotes=true&max_remotes=2&ageing=60s");
        hub.send("h", frame(BROADCAST, C));
        assertThat(hub.dropped("vx", DropReason.NO_REMOTE)).isEqualTo(1);
        lab.site(1).send("h", frame(BROADCAST, A));
        lab.site(2).send("h", frame(BROADCAST, B));
        lab.site(3).send("h", frame(BROADCAST, B));
        assertThat(hub.take("h")).hasSize(2);
        assertThat(hub.dropped("vx", DropReason.UNKNOWN_REMOTE)).isEqualTo(1);
        assertThat(hub.reading("vx", "remotes")).isEqualTo(2);
        byte[] flooded = frame(BROADCAST, C);
        hub.send("h", flooded);
        assertThat(lab.site(1).take("h")).containsExactly(flooded);
        assertThat(lab.site(2).take("h")).containsExactly(flooded);
        assertThat(lab.site(3).take("h")).isEmpty();

        lab.pass(Duration.ofSeconds(40));
        lab.site(2).send("h", frame(BROADCAST, B));
        lab.pass(Duration.ofSeconds(25));
        assertThat(hub.vxlan("vx").remotes())
                .extracting(remote -> remote.peer().address())
                .containsExactly("10.0.0.2");
        assertThat(hub.whereIs(0, A))
                .as("a station behind one that was forgotten")
                .isEmpty();
        assertThat(hub.whereIs(0, B)).startsWith("vx ");
        lab.site(3).send("h", frame(BROADCAST, C));
        assertThat(hub.vxlan("vx").remotes()).hasSize(2);
    }

    @Test
    void shouldFloodToAGroupAndLearnWhoAnswers() throws Exception {
        for (int i = 1; i <= 3; i++) {
            lab.site("" + i, "10.0.0." + i).memory("h").vxlan("vx", "key=1&group=239.1.1.1");
        }
        lab.site("other", "10.0.0.4").memory("h").vxlan("vx", "key=1&group=239.1.1.2");
        byte[] flooded = frame(BROADCAST, A);
        lab.site(1).send("h", flooded);
        assertThat(lab.takeSent()).extracting(MemoryDatagram::to).containsExactly(VxlanLab.peer("239.1.1.1", 4_789));
        assertThat(lab.site(2).take("h")).containsExactly(flooded);
        assertThat(lab.site(3).take("h")).containsExactly(flooded);
        assertThat(lab.site("other").take("h")).isEmpty();
        lab.site(2).send("h", frame(A, B));
        assertThat(lab.takeSent()).extracting(MemoryDatagram::to).containsExactly(VxlanLab.peer("10.0.0.1", 4_789));
        assertThat(lab.site(1).take("h")).hasSize(1);
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(lab.takeSent()).as("once, to the group only").hasSize(1);
        assertThat(lab.site(2).take("h")).hasSize(1);
    }

    // ---- coming and going ----

    @Test
    void shouldComeAgainWithTheSameAddress() throws Exception {
        mesh(2);
        VxlanSite first = lab.site(1);
        for (int i = 0; i < 3; i++) {
            first.remove("vx");
            assertThat(first.host.sockets()).isEmpty();
            lab.site(2).send("h", frame(BROADCAST, B));
            assertThat(first.take("h")).isEmpty();
            first.vxlan("vx", "key=100&remote_ip=10.0.0.2");
            lab.site(2).send("h", frame(BROADCAST, B));
            assertThat(first.take("h")).hasSize(1);
            first.send("h", frame(B, A));
            assertThat(lab.site(2).take("h")).hasSize(1);
        }
    }

    @Test
    void shouldKeepTheSocketForThePortThatIsLeft() throws Exception {
        pair();
        lab.site(1).vxlan("one", "key=1&remote_ip=10.0.0.2").vxlan("two", "key=2&remote_ip=10.0.0.2");
        lab.site(2).vxlan("two", "key=2&remote_ip=10.0.0.1");
        lab.site(1).remove("one");
        lab.site(2).send("h", frame(BROADCAST, B));
        assertThat(lab.site(1).take("h")).hasSize(1);
        lab.inject("10.0.0.2", "10.0.0.1", 1, frame(BROADCAST, C));
        assertThat(lab.site(1).refused(VtepCounter.UNKNOWN_VNI)).isEqualTo(1);
    }

    @Test
    void shouldRefuseConflictsWithWords() throws Exception {
        pair();
        VxlanSite first = lab.site(1);
        first.vxlan("vx", "key=1&remote_ip=10.0.0.2");
        assertRefused("key=1&remote_ip=10.0.0.2", "key 1 is port 'vx''s too", "10.0.0.2", "accepted: another key");
        assertRefused("key=2&remote_ip=10.0.0.2&gro=false", "option gro is 'false'", "accepted: 'true'", "'vx'");
        assertRefused("key=2&remote_ip=10.0.0.1", "10.0.0.1", "own address");
        assertRefused("key=2&local_ip=10.0.0.7&remote_ip=10.0.0.2", "option local_ip is '10.0.0.7'", "accepted:");
        assertRefused("key=2&remote_ip=10.9.9.9", "option remote_ip is '10.9.9.9'", "no route");
        assertRefused(
                "key=2&remote_ip=10.0.0.2&local_ip=10.0.0.1", "option dst_port is '4789'", "accepted: a free port");
        assertRefused("key=2&remote_ip=10.0.0.2&dev=eth7", "option dev is 'eth7'");
        assertThat(first.lan.ports()).extracting("name").containsExactly("h", "vx");
        lab.site(2).vxlan("vx", "key=1&remote_ip=10.0.0.1");
        first.send("h", frame(BROADCAST, A));
        assertThat(lab.site(2).take("h")).hasSize(1);
    }

    private void assertRefused(String options, String... words) {
        assertThatThrownBy(() -> lab.site(1).vxlan("second", options))
                .as(options)
                .isInstanceOf(PortException.class)
                .hasMessageContainingAll(words);
        lab.settle();
    }
}
