package io.weft.srv6;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static io.weft.tunnel.TunnelLab.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.frame.IpPrefix;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.srv6.Srv6Bytes.Outer;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.StationSpec;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ethernet between many ends: who gets what by which SID, as seen on the underlay. */
class Srv6BridgeTest {
    private static final PortSettings HUB = PortSettings.builder().hairpin(true).build();

    private Srv6Lab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    /** What a port of switch N says of itself: unicast to ..d2, the rest to ..d3. */
    private static String own(int number) {
        return "srv6:s?mode=bridge&encap=red&local_ip=fc00:" + number + "::1&sid=fc00:" + number
                + ":0:d2:: End.DT2U&sid=fc00:" + number + ":0:d3:: End.DT2M";
    }

    private static String remote(int number) {
        return "fc00:" + number + "::1 segs fc00:" + number + ":0:d2:: bum fc00:" + number + ":0:d3::";
    }

    /** Switches that know these others. */
    private void switches(PortSettings first, int[]... knownOfEach) throws Exception {
        lab = Srv6Lab.of(knownOfEach.length);
        for (int i = 1; i <= knownOfEach.length; i++) {
            StringBuilder uri = new StringBuilder(own(i));
            for (int known : knownOfEach[i - 1]) {
                uri.append("&remote=").append(remote(known));
            }
            lab.site(i).memory("h").srv6(uri.toString(), i == 1 ? first : PortSettings.DEFAULT);
        }
        lab.takeSent();
    }

    private void mesh() throws Exception {
        switches(PortSettings.DEFAULT, new int[] {2, 3}, new int[] {1, 3}, new int[] {1, 2});
    }

    /** From whom to which SID of whom the packets went that were sent since the last call, as "1>2 d3". */
    private List<String> ways() {
        return lab.takeSent().stream()
                .map(sent -> sent.from().address().split(":")[1] + ">"
                        + place(sent.to().address()))
                .toList();
    }

    private static String place(String address) {
        String[] groups = address.split(":");
        return groups[1] + " " + groups[groups.length - 1];
    }

    private static Outer from(int from, int to, String sid) {
        return Outer.to("fc00:" + from + "::1", "fc00:" + to + ":0:" + sid + "::");
    }

    // ---- who gets what ----

    @Test
    void shouldLearnBehindWhichRemoteEndAStationIs() throws Exception {
        mesh();
        byte[] flooded = frame(BROADCAST, A);
        lab.site(1).send("h", flooded);
        assertThat(ways()).containsExactly("1>2 d3", "1>3 d3");
        assertThat(lab.site(2).take("h")).containsExactly(flooded);
        assertThat(lab.site(3).take("h")).containsExactly(flooded);
        assertThat(lab.site(2).whereIs(0, A))
                .isEqualTo("s " + lab.site(2).remote("s", "fc00:1::1").endpoint());
        byte[] answer = frame(A, B);
        lab.site(2).send("h", answer);
        assertThat(ways()).containsExactly("2>1 d2");
        assertThat(lab.site(1).take("h")).containsExactly(answer);
        assertThat(lab.site(3).take("h")).isEmpty();
        lab.site(1).send("h", frame(C, A)); // nobody knows C
        assertThat(ways()).containsExactly("1>2 d3", "1>3 d3");
        lab.site(3).send("h", frame(BROADCAST, B)); // B has moved
        ways();
        lab.site(1).send("h", frame(B, A));
        assertThat(ways()).containsExactly("1>3 d2");
    }

    @Test
    void shouldNotRelayBetweenRemoteEnds() throws Exception {
        switches(PortSettings.DEFAULT, new int[] {2, 3}, new int[] {1}, new int[] {1});
        lab.site(2).send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("2>1 d3");
        lab.site(3).send("h", frame(A, B));
        assertThat(ways()).containsExactly("3>1 d3");
        assertThat(lab.site(1).dropped("s", DropReason.SAME_PORT)).isEqualTo(1);
        assertThat(lab.site(1).take("h")).hasSize(1);
    }

    @Test
    void shouldRelayAsAHubButNeverBack() throws Exception {
        switches(HUB, new int[] {2, 3, 4}, new int[] {1}, new int[] {1}, new int[] {1});
        lab.site(2).send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("2>1 d3", "1>3 d3", "1>4 d3");
        lab.site(3).send("h", frame(A, B));
        assertThat(ways()).containsExactly("3>1 d2", "1>2 d2");
        lab.site(2).send("h", frame(C, A));
        assertThat(ways()).containsExactly("2>1 d3", "1>3 d3", "1>4 d3");
    }

    @Test
    void shouldFloodFromOneFrame() throws Exception {
        lab = Srv6Lab.of(1);
        int remotes = 1_000;
        InetAddress[] addresses = IntStream.range(0, remotes)
                .mapToObj(i -> Srv6Lab.address("fc00:8::1:" + Integer.toHexString(i)))
                .toArray(InetAddress[]::new);
        lab.network.host(addresses).locators(IpPrefix.parse("fc00:8::/32"));
        Srv6Site site = lab.site(1).memory("h").srv6(own(1));
        for (int i = 0; i < remotes; i++) { // lists of different lengths
            String address = addresses[i].getHostAddress();
            site.port("s")
                    .addRemote(RemoteSegments.parse(address + " segs " + (i % 3 == 0 ? "fc00:9::1," : "") + "fc00:8::2:"
                            + Integer.toHexString(i)));
        }
        lab.takeSent();
        byte[] flooded = frame(BROADCAST, A, 1_000, 1);
        site.send("h", flooded);
        List<byte[]> sent = lab.takePackets();
        assertThat(sent).hasSize(remotes);
        assertThat(sent).allMatch(packet -> Arrays.equals(Srv6Bytes.inner(packet), flooded));
        assertThat(site.lan.statistics().copies()).isZero();
        assertThat(site.statistics("s").txFrames()).isEqualTo(1);
        assertThat(site.statistics("s").txBytes()).isEqualTo(1_000);
        assertThat(site.port("s").remotes()).allMatch(remote -> remote.txFrames() == 1 && remote.txBytes() == 1_000);
    }

    @Test
    void shouldKeepAnAccountOfEachRemoteEnd() throws Exception {
        mesh();
        lab.site(2).send("h", frame(BROADCAST, B, 70, 1), frame(BROADCAST, B, 80, 2));
        lab.site(3).send("h", frame(BROADCAST, C, 90, 3));
        lab.site(1).send("h", frame(B, A, 100, 4), frame(BROADCAST, A, 60, 5));
        PortStatistics port = lab.site(1).statistics("s");
        List<RemoteEnd> remotes = lab.site(1).port("s").remotes();
        assertThat(remotes).extracting(RemoteEnd::rxFrames).containsExactly(2L, 1L);
        assertThat(remotes).extracting(RemoteEnd::rxBytes).containsExactly(150L, 90L);
        assertThat(remotes).extracting(RemoteEnd::txBytes).containsExactly(160L, 60L);
        assertThat(port.rxBytes()).isEqualTo(240);
        assertThat(port.txFrames()).isEqualTo(2);
        assertThat(lab.site(1)
                        .lan
                        .metrics()
                        .value("weft_srv6_sid_packets_total", "1", "s", "fc00:1:0:d3::/128", "end.dt2m"))
                .isEqualTo(3);
        assertThat(lab.site(1)
                        .lan
                        .metrics()
                        .value("weft_srv6_sid_bytes_total", "1", "s", "fc00:1:0:d3::/128", "end.dt2m"))
                .isEqualTo(240 + 3 * 40);
    }

    /** Arg.FE2 (RFC 8986, 4.12): who has served a segment that two ends share says so. */
    @Test
    void shouldLeaveTheSegmentOutThatAnArgumentNames() throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Site site = lab.site(1)
                .memory("h", PortSettings.builder().splitHorizonGroup(5).build())
                .memory("k");
        site.srv6("srv6:s?mode=bridge&local_ip=fc00:1::1&remote=" + remote(2)
                + "&sid=fc00:1:0:d2:: End.DT2U&sid=fc00:1:0:d3::/112 End.DT2M arglen 16");
        for (String argument : List.of("", "5", "6", "fffb")) {
            for (int length : new int[] {60, 1_400}) {
                lab.inject(Outer.to("fc00:2::1", "fc00:1:0:d3::" + argument).ethernet(frame(BROADCAST, B, length, 1)));
                assertThat(site.take("h")).as(argument).hasSize(argument.equals("5") ? 0 : 1);
                assertThat(site.take("k")).as(argument).hasSize(1);
            }
        }
    }

    // ---- from whom ----

    @Test
    void shouldTakeFramesOfItsRemoteEndsOnly() throws Exception {
        mesh();
        byte[] frame = frame(BROADCAST, C);
        lab.inject(from(7, 1, "d2").ethernet(frame));
        assertThat(lab.site(1).refused(Srv6Counter.OUTSIDE_DOMAIN)).isEqualTo(1);
        lab.site(1).remove("s");
        lab.site(1).srv6(own(1) + "&sr_domain=fc00:7::/32&remote=" + remote(2));
        lab.inject(from(7, 1, "d2").ethernet(frame));
        assertThat(lab.site(1).dropped("s", DropReason.UNKNOWN_REMOTE)).isEqualTo(1); // whose station would it be
        lab.inject(from(6, 1, "d2").ethernet(frame));
        assertThat(lab.site(1).refused(Srv6Counter.OUTSIDE_DOMAIN)).isEqualTo(1);
        assertThat(lab.site(1).take("h")).isEmpty();
        lab.inject(from(2, 1, "d2").ethernet(frame));
        assertThat(lab.site(1).take("h")).containsExactly(frame);
        lab.site(1).port("s").removeRemote(lab.site(1).remote("s", "fc00:2::1"));
        lab.inject(from(2, 1, "d2").ethernet(frame));
        assertThat(lab.site(1).take("h")).isEmpty();
        assertThat(lab.site(1).whereIs(0, C)).isEmpty();
    }

    /** A pseudowire learns nothing of who sent a frame. */
    @Test
    void shouldTakeFramesOfItsDomainBetweenTwoEnds() throws Exception {
        lab = Srv6Lab.pair(
                "l2", "remote_ip=fc00:2::d2&sr_domain=fc00:7::/32&sr_domain=fc00:8::/48", "remote_ip=fc00:1::d1");
        byte[] frame = frame(BROADCAST, C);
        for (String from : List.of("fc00:2::d2", "fc00:7:1::1", "fc00:8::1")) {
            lab.inject(Outer.to(from, "fc00:1::d1").ethernet(frame));
            assertThat(lab.site(1).take("h")).as(from).containsExactly(frame);
        }
        for (String from : List.of("fc00:2::d3", "fc00:8:1::1", "::", "::1", "ff02::1", "fc00:1::d1")) {
            lab.inject(Outer.to(from, "fc00:1::d1").ethernet(frame));
            assertThat(lab.site(1).take("h")).as(from).isEmpty();
        }
        assertThat(lab.site(1).refused(Srv6Counter.OUTSIDE_DOMAIN)).isEqualTo(6);
    }

    // ---- what is told, not learned ----

    @Test
    void shouldKnowStationsThatOptionsSay() throws Exception {
        lab = Srv6Lab.of(3);
        lab.site(1)
                .memory("h")
                .srv6(own(1) + "&remote=" + remote(2) + "&fdb=" + B + " dst fc00:2::1&fdb=" + C + " dst fc00:3:0:d2::");
        lab.takeSent();
        lab.site(1).send("h", frame(B, A), frame(C, A), frame(BROADCAST, A));
        assertThat(ways()).containsExactly("1>2 d2", "1>3 d2", "1>2 d3"); // C's is not flooded to
        lab.inject(Outer.to("fc00:3:0:d2::", "fc00:1:0:d2::").ethernet(frame(BROADCAST, B)));
        assertThat(lab.site(1).whereIs(0, B)).isEqualTo("s 1 static");
    }

    @Test
    void shouldTakeRemoteEndsAndPathsFromTheControlPlane() throws Exception {
        lab = Srv6Lab.of(4);
        Srv6Port port = lab.site(1).memory("h").srv6(own(1)).port("s");
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(lab.site(1).dropped("s", DropReason.NO_REMOTE)).isEqualTo(1);
        assertThat(port.effectiveMtu()).isEqualTo(1_500 - 18 - 40);
        RemoteEnd second = port.addRemote(RemoteSegments.parse(remote(2)));
        RemoteEnd third = port.addRemote(RemoteSegments.parse(remote(3)));
        assertThatThrownBy(() -> port.addRemote(RemoteSegments.parse("fc00:3::1 segs fc00:9::1")))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("is endpoint " + third.endpoint() + " already");
        assertThatThrownBy(() -> port.addRemote(RemoteSegments.parse("fc00:5::1")))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("there is no route to fc00:5::1");
        port.addRemote(new RemoteSpec("fc00:4:0:d2::"));
        lab.takeSent();
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("1>2 d3", "1>3 d3", "1>4 d2");
        port.setStation(StationSpec.parse(B + " dst fc00:2::1"));
        port.setSegments(second, RemoteSegments.parse("fc00:2::1 segs fc00:9::e,fc00:2:0:d2::"));
        lab.site(1).send("h", frame(B, A));
        assertThat(lab.takePackets())
                .containsExactly(
                        Outer.reduced("fc00:1::1", "fc00:9::e", "fc00:2:0:d2::").ethernet(frame(B, A)));
        assertThat(port.effectiveMtu()).as("with the longer list").isEqualTo(1_500 - 18 - 64);
        assertThatThrownBy(() -> port.setSegments(second, RemoteSegments.parse(remote(3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("accepted: those to fc00:2::1");
        port.floodTo(List.of(third));
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("1>3 d3");
        port.floodToAll();
        assertThat(port.removeRemote(second)).isTrue();
        assertThat(port.removeRemote(second)).isFalse();
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("1>3 d3", "1>4 d2");
        assertThat(port.effectiveMtu()).isEqualTo(1_500 - 18 - 40);
        port.addRemote(new RemoteSpec("fc00:2::1")); // whose segments were those of the other
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactlyInAnyOrder("1>2 1", "1>3 d3", "1>4 d2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"hub", "fc00:2::1 key 7", "[fc00:2::1]:4789", "10.0.0.2", "fe80::2", "ff02::1", "fc00:1::1"})
    void shouldRefuseRemoteEndsThatComeLater(String remote) throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Port port = lab.site(1).memory("h").srv6(own(1)).port("s");
        RemoteSpec spec = remote.contains(" key ") ? new RemoteSpec("fc00:2::1", 0, 7) : RemoteSpec.parse(remote);
        assertThatThrownBy(() -> port.addRemote(spec))
                .satisfiesAnyOf(e -> assertThat(e).isInstanceOf(PortException.class), e -> assertThat(e)
                        .isInstanceOf(IllegalArgumentException.class))
                .hasMessageContaining(spec.host())
                .hasMessageContaining("accepted: ");
        assertThat(port.remotes()).isEmpty();
    }

    @Test
    void shouldSayWhoIsNotReached() throws Exception {
        mesh();
        RemoteEnd third = lab.site(1).remote("s", "fc00:3::1");
        lab.site(1).host.forgeUnreachable(Srv6Lab.peer("fc00:3:0:d2::", 0));
        lab.settle();
        assertThat(third.state()).isEqualTo(RemoteEnd.State.UNREACHABLE);
        assertThat(lab.site(1).remote("s", "fc00:2::1").state()).isEqualTo(RemoteEnd.State.UP);
        assertThat(lab.site(1).messages).anyMatch(text -> text.contains("fc00:3::1") && text.contains("not reached"));
        lab.site(1).send("h", frame(BROADCAST, A)); // nobody can silence it by a forged packet
        assertThat(ways()).containsExactly("1>2 d3", "1>3 d3");
        lab.site(3).send("h", frame(BROADCAST, C));
        assertThat(third.state()).isEqualTo(RemoteEnd.State.UP);
        lab.site(3).host.down(true);
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(third.txDropped()).isEqualTo(1);
        assertThat(lab.site(1).statistics("s").dropped()).isZero(); // the other had it
        lab.site(1).send("h", frame(C, A));
        assertThat(lab.site(1).dropped("s", DropReason.REMOTE_DOWN)).isEqualTo(1);
    }

    // ---- several ports ----

    /** One SID, a port for each VLAN of it; a remote end of the one is none of the other. */
    @Test
    void shouldTellPortsOfOneSidApartByVlan() throws Exception {
        lab = Srv6Lab.of(1);
        Srv6Site site = lab.site(1);
        String sid = "&local_ip=fc00:1::1&sid=fc00:1::d2 End.DX2V vlan ";
        for (int vlan = 10; vlan <= 30; vlan += 10) {
            PortSettings own = Srv6Lab.trunk(vlan);
            site.memory("h" + vlan, own);
            site.srv6("srv6:s" + vlan + "?mode=l2&remote_ip=fc00:9::" + vlan + sid + vlan, own);
        }
        for (int vlan = 10; vlan <= 30; vlan += 10) {
            byte[] frame = InnerFrames.tagged(vlan, frame(BROADCAST, A, 60, vlan));
            lab.inject(Outer.to("fc00:9::" + vlan, "fc00:1::d2").ethernet(frame));
            for (int other = 10; other <= 30; other += 10) {
                assertThat(site.take("h" + other)).hasSize(other == vlan ? 1 : 0);
            }
        }
        lab.inject(Outer.to("fc00:9::10", "fc00:1::d2").ethernet(InnerFrames.tagged(40, frame(BROADCAST, A))));
        lab.inject(Outer.to("fc00:9::10", "fc00:1::d2").ethernet(frame(BROADCAST, A)));
        assertThat(site.refused(Srv6Counter.NO_VLAN)).isEqualTo(2);
        byte[] foreign = InnerFrames.tagged(20, frame(BROADCAST, A));
        lab.inject(Outer.to("fc00:9::10", "fc00:1::d2").ethernet(foreign)); // the first one's, in the second's VLAN
        assertThat(site.take("h20")).isEmpty();
        assertThat(site.refused(Srv6Counter.OUTSIDE_DOMAIN)).isEqualTo(1);
        assertThatThrownBy(() -> site.srv6("srv6:x?mode=l2&remote_ip=fc00:9::4" + sid + "20"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("srv6:x")
                .hasMessageContaining("overlaps 'fc00:1::d2/128 End.DX2V vlan 20'");
        site.remove("s10");
        lab.inject(Outer.to("fc00:9::10", "fc00:1::d2").ethernet(InnerFrames.tagged(10, frame(BROADCAST, A))));
        lab.inject(Outer.to("fc00:9::20", "fc00:1::d2").ethernet(foreign));
        assertThat(site.take("h10")).isEmpty();
        assertThat(site.take("h20")).containsExactly(foreign);
        site.srv6("srv6:s10?mode=l2&remote_ip=fc00:9::10" + sid + "10", Srv6Lab.trunk(10));
        lab.inject(Outer.to("fc00:9::10", "fc00:1::d2").ethernet(InnerFrames.tagged(10, frame(BROADCAST, A))));
        assertThat(site.take("h10")).hasSize(1);
        site.remove("s10");
        site.remove("s20");
        site.remove("s30");
        site.srv6("srv6:y?mode=l2&local_ip=fc00:1::1&remote_ip=fc00:9::4&sid=fc00:1::/64 End.DX2"); // nothing is left
    }

    /** Two customers on the same switches, told apart by their SIDs; they share the sockets. */
    @Test
    void shouldKeepCustomersApart() throws Exception {
        lab = Srv6Lab.of(2);
        for (int i = 1; i <= 2; i++) {
            for (String customer : List.of("a", "b")) {
                int vlan = customer.equals("a") ? 10 : 20;
                lab.site(i).memory("h" + customer, Srv6Lab.access(vlan));
                lab.site(i)
                        .srv6(
                                "srv6:s" + customer + "?mode=bridge&local_ip=fc00:" + i + "::1&sid=fc00:" + i + "::"
                                        + customer + " End.DT2U&remote=fc00:" + (3 - i) + "::1 segs fc00:" + (3 - i)
                                        + "::" + customer,
                                Srv6Lab.access(vlan));
            }
        }
        byte[] frame = frame(BROADCAST, A);
        lab.site(1).send("ha", frame);
        assertThat(lab.site(2).take("ha")).containsExactly(frame);
        assertThat(lab.site(2).take("hb")).isEmpty();
        lab.site(2).send("hb", frame(BROADCAST, B));
        assertThat(lab.site(1).take("hb")).hasSize(1);
        assertThat(lab.site(1).take("ha")).isEmpty();
        assertThat(lab.site(1).host.sockets()).hasSize(2); // one to receive by, one to send by
        lab.site(1).remove("sa");
        lab.site(2).send("ha", frame(BROADCAST, A));
        lab.site(2).send("hb", frame(BROADCAST, B));
        assertThat(lab.site(1).take("hb")).hasSize(1);
        assertThat(lab.site(1).refused()).isZero();
    }

    @Test
    void shouldRefuseOverlappingSidsOfPorts() throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Site site = lab.site(1).memory("h").srv6(own(1) + "&remote=" + remote(2));
        for (String sid : List.of("fc00:1:0:d2::", "fc00:1:0:d2::/64", "fc00:1::/32")) {
            assertThatThrownBy(() ->
                            site.srv6("srv6:x?mode=l2&local_ip=fc00:1::1&remote_ip=fc00:2::1&sid=" + sid + " End.DX2"))
                    .as(sid)
                    .isInstanceOf(PortException.class)
                    .hasMessageContaining("srv6:x")
                    .hasMessageContaining(
                            "SID '" + IpPrefix.parseOrHost(sid) + " End.DX2' overlaps 'fc00:1:0:d2::/128 End.DT2U'")
                    .hasMessageContaining("accepted: a SID that no other begins with");
        }
        assertThatThrownBy(
                        () -> site.srv6(
                                "srv6:x?mode=l2&local_ip=fc00:1::1&remote_ip=fc00:2::1&sid=fc00:1::77 End.DX2&sid=fc00:1:0:d3:: End.DX2"))
                .isInstanceOf(PortException.class);
        site.srv6("srv6:z?mode=l2&local_ip=fc00:1::1&remote_ip=fc00:2::1&sid=fc00:1::77 End.DX2"); // of the one that
        // failed
        byte[] frame = frame(BROADCAST, C);
        lab.inject(from(2, 1, "d2").ethernet(frame));
        assertThat(site.take("h")).containsExactly(frame);
    }
}
