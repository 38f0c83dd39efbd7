package io.weft.gre;

import static io.weft.gre.GreBytes.packet;
import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static io.weft.tunnel.TunnelLab.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.port.DropReason;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.underlay.MemoryDatagram;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One port with many remote ends: who gets what, as seen on the underlay. */
class MultipointGretapTest {
    private static final PortSettings HUB = PortSettings.builder().hairpin(true).build();

    private GreLab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    /** A hub 10.0.0.1, and spokes 10.0.0.2 to 10.0.0.4 that know it only. */
    private void hubAndSpokes(PortSettings hub, String options) throws Exception {
        lab = new GreLab();
        for (int i = 1; i <= 4; i++) {
            lab.site("" + i, "10.0.0." + i).memory("h");
        }
        lab.site(1).gre("mgretap:g?remote_ip=10.0.0.2,10.0.0.3,10.0.0.4" + options, hub);
        for (int i = 2; i <= 4; i++) {
            lab.site(i).gre("gretap:g?remote_ip=10.0.0.1" + options);
        }
        lab.takeSent();
    }

    /** From whom to whom the datagrams went that were sent since the last call, as "1>2". */
    private List<String> ways() {
        return lab.takeSent().stream()
                .map(datagram -> last(datagram.from().address()) + ">"
                        + last(datagram.to().address()))
                .toList();
    }

    private static String last(String address) {
        return address.substring(address.lastIndexOf('.') + 1);
    }

    // ---- hub and spokes ----

    @Test
    void shouldNeverShowASpokeWhatIsForAnother() throws Exception {
        hubAndSpokes(HUB, "&key=5");
        lab.site(2).send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("2>1", "1>3", "1>4");
        assertThat(lab.site(1).take("h")).hasSize(1);
        assertThat(lab.site(2).take("h")).isEmpty();
        assertThat(lab.site(3).take("h")).hasSize(1);
        assertThat(lab.site(4).take("h")).hasSize(1);
        lab.site(3).send("h", frame(A, B)); // the hub knows A
        assertThat(ways()).containsExactly("3>1", "1>2");
        lab.site(2).send("h", frame(B, A));
        assertThat(ways()).containsExactly("2>1", "1>3");
        lab.site(1).send("h", frame(A, C));
        lab.site(1).send("h", frame(B, C));
        assertThat(ways()).containsExactly("1>2", "1>3");
        lab.site(2).send("h", frame(C, A));
        assertThat(ways()).containsExactly("2>1");
        assertThat(lab.site(4).take("h")).isEmpty();
        assertThat(lab.site(1).whereIs(0, A))
                .isEqualTo("g " + lab.site(1).remote("g", "10.0.0.2").endpoint());
    }

    @Test
    void shouldNotRelayBetweenSpokesUnlessToldTo() throws Exception {
        hubAndSpokes(PortSettings.DEFAULT, "&key=5");
        lab.site(2).send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("2>1");
        lab.site(3).send("h", frame(A, B));
        assertThat(ways()).containsExactly("3>1");
        assertThat(lab.site(1).dropped("g", DropReason.SAME_PORT)).isEqualTo(1);
        assertThat(lab.site(1).take("h")).hasSize(1);
    }

    @Test
    void shouldFollowAStationFromSpokeToSpoke() throws Exception {
        hubAndSpokes(HUB, "");
        lab.site(2).send("h", frame(BROADCAST, A));
        lab.site(4).send("h", frame(BROADCAST, A));
        ways();
        lab.site(1).send("h", frame(A, C));
        assertThat(ways()).containsExactly("1>4");
    }

    // ---- full mesh ----

    @ParameterizedTest
    @ValueSource(strings = {"&key=1", "&seq=true", "&csum=true&key=0", "&udp=true&key=1", "&udp=true"})
    void shouldNeitherLoopNorLeakInAFullMesh(String options) throws Exception {
        lab = GreLab.mesh(4, options);
        lab.takeSent();
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactlyInAnyOrder("1>2", "1>3", "1>4");
        lab.site(3).send("h", frame(BROADCAST, B));
        ways();
        for (int i = 1; i <= 4; i++) {
            assertThat(lab.site(i).take("h")).hasSize(i == 1 || i == 3 ? 1 : 2);
        }
        lab.site(3).send("h", frame(A, B));
        lab.site(1).send("h", frame(B, A));
        assertThat(ways()).containsExactly("3>1", "1>3");
        assertThat(lab.site(1).take("h")).hasSize(1);
        assertThat(lab.site(3).take("h")).hasSize(1);
        assertThat(lab.site(2).take("h")).isEmpty();
        assertThat(lab.site(4).take("h")).isEmpty();
    }

    // ---- replication ----

    @ParameterizedTest
    @ValueSource(strings = {"&key=1", "&seq=true&csum=true"})
    void shouldReplicateFromOneFrame(String options) throws Exception {
        lab = new GreLab();
        int remotes = 3_000;
        InetAddress[] addresses = IntStream.range(0, remotes)
                .mapToObj(i -> GreLab.address("10.1." + i / 250 + "." + (1 + i % 250)))
                .toArray(InetAddress[]::new);
        lab.network.host(addresses);
        GreSite site = lab.site("1", "10.0.0.1").memory("h");
        site.gre("mgretap:g?" + options.substring(1));
        for (InetAddress address : addresses) {
            site.port("g").addRemote(new RemoteSpec(address.getHostAddress()));
        }
        site.send("h", frame(BROADCAST, A));
        lab.takeSent();
        byte[] flooded = frame(BROADCAST, B, 1_000, 1);
        site.send("h", flooded);
        List<MemoryDatagram> sent = lab.takeSent();
        assertThat(sent).hasSize(remotes); // for more copies than pools have room
        assertThat(site.lan.statistics().copies()).isZero();
        assertThat(sent.stream().map(MemoryDatagram::to).distinct()).hasSize(remotes);
        assertThat(sent).allMatch(datagram -> Arrays.equals(GreBytes.inner(datagram.bytes()), flooded));
        if (options.contains("seq")) {
            assertThat(sent).allMatch(datagram -> GreBytes.sequence(datagram.bytes()) == 1);
        }
        assertThat(site.statistics("g").txFrames()).isEqualTo(2);
        assertThat(site.port("g").remotes()).allMatch(remote -> remote.txFrames() == 2 && remote.txBytes() == 1_060);
    }

    @Test
    void shouldNumberEachRemoteEndByItself() throws Exception {
        lab = GreLab.mesh(3, "&seq=true&key=1");
        lab.takeSent();
        lab.site(1).send("h", frame(BROADCAST, A), frame(BROADCAST, A));
        lab.site(2).send("h", frame(A, B)); // is answered to 2 alone
        lab.takeSent();
        lab.site(1).send("h", frame(B, A), frame(B, A));
        lab.site(1).send("h", frame(BROADCAST, A));
        List<MemoryDatagram> sent = lab.takeSent();
        assertThat(sent)
                .extracting(one -> one.to().address() + " " + GreBytes.sequence(one.bytes()))
                .containsExactly("10.0.0.2 2", "10.0.0.2 3", "10.0.0.2 4", "10.0.0.3 2");
        assertThat(lab.site(2).dropped("g", DropReason.TUNNEL_SEQUENCE)).isZero();
        assertThat(lab.site(3).take("h")).hasSize(3);
    }

    /** Keys of remote ends differ, and with them the header's length: no key, and key 0 that is none. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&key=0&keyless_is_zero=true", "&key=77", "&key=77&csum=true&seq=true"})
    void shouldSendEachRemoteEndItsKey(String options) throws Exception {
        lab = new GreLab();
        for (int i = 1; i <= 4; i++) {
            lab.site("" + i, "10.0.0." + i).memory("h");
        }
        GreSite hub = lab.site(1).gre("mgretap:g?remote_ip=10.0.0.2" + options);
        hub.port("g").addRemote(new RemoteSpec("10.0.0.3", 0, 3_000_000_000L));
        hub.port("g").addRemote(new RemoteSpec("10.0.0.4", 0, 4));
        String own = options.contains("77") ? "77" : "-1";
        for (int i = 2; i <= 4; i++) {
            String key = List.of(own, "3000000000", "4").get(i - 2);
            lab.site(i).gre("gretap:g?remote_ip=10.0.0.1&key=" + key);
        }
        lab.takeSent();
        byte[] flooded = frame(BROADCAST, A, 1_000, 1);
        hub.send("h", flooded);
        assertThat(lab.takeSent())
                .extracting(one -> GreBytes.key(one.bytes()))
                .containsExactly(Long.parseLong(own), 3_000_000_000L, 4L);
        for (int i = 2; i <= 4; i++) {
            assertThat(lab.site(i).take("h")).containsExactly(flooded);
            assertThat(hub.remote("g", "10.0.0." + i).txBytes()).as("to %s", i).isEqualTo(1_000);
        }
        assertThat(hub.statistics("g").txBytes()).isEqualTo(1_000);
        // Each remote end gets frames as long as its own header has room for, and no longer ones.
        int header = 4 + (options.contains("csum") ? 8 : 0);
        int longest = 1_500 - 20 - header - 4;
        hub.send("h", frame(BROADCAST, A, longest, 2), frame(BROADCAST, A, longest + 4, 3));
        assertThat(lab.site(3).take("h")).hasSize(1);
        assertThat(lab.site(4).take("h")).hasSize(1);
        assertThat(lab.site(2).take("h")).hasSize(own.equals("-1") ? 2 : 1);
        assertThat(hub.port("g").effectiveMtu()).isEqualTo(longest - 14 - 4); // a tag's, which the port may carry
        assertThat(hub.remote("g", "10.0.0.4").txDropped()).isEqualTo(1);
    }

    // ---- the control plane ----

    @Test
    void shouldTakeRemoteEndsAndStationsFromTheControlPlane() throws Exception {
        lab = new GreLab();
        for (int i = 1; i <= 4; i++) {
            lab.site("" + i, "10.0.0." + i).memory("h");
        }
        GreSite hub = lab.site(1).gre("mgretap:g?key=1");
        for (int i = 2; i <= 4; i++) {
            lab.site(i).gre("gretap:g?key=1&remote_ip=10.0.0.1");
        }
        hub.send("h", frame(BROADCAST, A));
        assertThat(hub.dropped("g", DropReason.NO_REMOTE)).isEqualTo(1);
        RemoteEnd second = hub.port("g").addRemote(new RemoteSpec("10.0.0.2"));
        RemoteEnd third = hub.port("g").addRemote(new RemoteSpec("10.0.0.3"));
        assertThatThrownBy(() -> hub.port("g").addRemote(new RemoteSpec("10.0.0.3")))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("is endpoint " + third.endpoint() + " already");
        hub.port("g").setStation(StationSpec.parse(B + " dst 10.0.0.4"));
        lab.takeSent();
        hub.send("h", frame(BROADCAST, A));
        hub.send("h", frame(B, A));
        assertThat(ways()).containsExactly("1>2", "1>3", "1>4"); // the station's is not flooded to
        hub.port("g").floodTo(List.of(third));
        hub.send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("1>3");
        hub.port("g").floodToAll();
        assertThat(hub.port("g").removeRemote(second)).isTrue();
        assertThat(hub.port("g").removeRemote(second)).isFalse();
        hub.send("h", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("1>3");
        lab.inject("10.0.0.2", "10.0.0.1", packet(1, frame(BROADCAST, C)));
        assertThat(hub.take("h")).isEmpty();
    }

    /** What the settings refuse is not to be had by the back door. */
    @ParameterizedTest
    @CsvSource({
        "'', 10.0.0.2:4790, -1, without a port",
        "'&udp=true', 10.0.0.2:4755, -1, with another port than 4755",
        "'&nvgre=true&inner_tags=discard', 10.0.0.2, 16777221, with a VSID with nvgre",
        "'&nvgre=true&inner_tags=discard', 10.0.0.2, 4095, with a VSID with nvgre"
    })
    void shouldCheckRemoteEndsThatComeLater(String options, String remote, long key, String accepted) throws Exception {
        lab = new GreLab();
        lab.network.host(GreLab.address("10.0.0.2"));
        GrePort port =
                lab.site("1", "10.0.0.1").gre("mgretap:g?key=5000" + options).port("g");
        RemoteSpec parsed = RemoteSpec.parse(remote);
        RemoteSpec spec = new RemoteSpec(parsed.host(), parsed.port(), key);
        assertThatThrownBy(() -> port.addRemote(spec))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mgretap port 'g': option remote_ip is '" + spec + "'; accepted: " + accepted);
        assertThatThrownBy(() -> port.setStation(new StationSpec(7, spec, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("option fdb is '")
                .hasMessageContaining(accepted);
        assertThat(port.remotes()).isEmpty();
    }

    @Test
    void shouldBoundAndAgeWhatItLearns() throws Exception {
        lab = new GreLab();
        lab.network.host(IntStream.rangeClosed(1, 100)
                .mapToObj(i -> GreLab.address("10.0.1." + i))
                .toArray(InetAddress[]::new));
        GreSite site = lab.site("1", "10.0.0.1").memory("h");
        site.gre("mgretap:g?learn_remotes=true&max_remotes=10&remote_ageing=5");
        for (int i = 1; i <= 20; i++) {
            lab.inject("10.0.1." + i, "10.0.0.1", packet(-1, frame(BROADCAST, "02:00:00:00:01:" + (10 + i))));
        }
        assertThat(site.port("g").remotes()).hasSize(10);
        assertThat(site.dropped("g", DropReason.UNKNOWN_REMOTE)).isEqualTo(10);
        assertThat(site.reading("g", "remotes")).isEqualTo(10);
        lab.takeSent();
        site.send("h", frame("02:00:00:00:01:14", A)); // of the fourth
        assertThat(ways()).containsExactly("1>4");
        lab.pass(Duration.ofSeconds(3));
        lab.inject("10.0.1.4", "10.0.0.1", packet(-1, frame(BROADCAST, "02:00:00:00:01:14")));
        lab.pass(Duration.ofSeconds(4));
        assertThat(site.port("g").remotes())
                .extracting(remote -> remote.peer().address())
                .containsExactly("10.0.1.4");
        assertThat(site.whereIs(0, "02:00:00:00:01:15")).isEmpty();
        lab.inject("10.0.1.90", "10.0.0.1", packet(-1, frame(BROADCAST, C)));
        assertThat(site.port("g").remotes()).hasSize(2);
    }

    // ---- state and accounts ----

    @Test
    void shouldKeepAnAccountOfEachRemoteEnd() throws Exception {
        hubAndSpokes(HUB, "&key=5");
        for (int i = 2; i <= 4; i++) {
            for (int j = 0; j < i; j++) {
                lab.site(i).send("h", frame(BROADCAST, "02:00:00:00:00:0" + i, 60 + j, j));
            }
        }
        lab.site(1).send("h", frame("02:00:00:00:00:03", A, 100, 0));
        PortStatistics port = lab.site(1).statistics("g");
        List<RemoteEnd> remotes = lab.site(1).port("g").remotes();
        assertThat(remotes).extracting(RemoteEnd::rxFrames).containsExactly(2L, 3L, 4L);
        assertThat(remotes.stream().mapToLong(RemoteEnd::rxFrames).sum()).isEqualTo(port.rxFrames());
        assertThat(remotes.stream().mapToLong(RemoteEnd::rxBytes).sum()).isEqualTo(port.rxBytes());
        assertThat(remotes).extracting(RemoteEnd::txFrames).containsExactly(7L, 7L, 5L);
        assertThat(port.txFrames()).isEqualTo(10); // nine floods, each once, and one
        assertThat(lab.site(1).reading("g", remotes.get(1), "receive_frames_total"))
                .isEqualTo(3);
    }

    @Test
    void shouldSayWhoIsNotReached() throws Exception {
        hubAndSpokes(PortSettings.DEFAULT, "&key=5");
        lab.site(3).remove("g"); // nobody listens there any more
        GreSite hub = lab.site(1);
        hub.send("h", frame(BROADCAST, A));
        RemoteEnd third = hub.remote("g", "10.0.0.3");
        assertThat(third.state()).isEqualTo(RemoteEnd.State.UNREACHABLE);
        assertThat(hub.remote("g", "10.0.0.2").state()).isEqualTo(RemoteEnd.State.UP);
        assertThat(hub.reading("g", third, "up")).isZero();
        assertThat(hub.reading("g", third, "unreachable_total")).isEqualTo(1);
        assertThat(hub.messages).anyMatch(text -> text.contains("10.0.0.3") && text.contains("refuses datagrams"));
        lab.site(4).host.down(true);
        lab.takeSent();
        hub.send("h", frame(BROADCAST, A));
        assertThat(hub.remote("g", "10.0.0.4").txDropped()).isEqualTo(1);
        assertThat(hub.statistics("g").dropped()).isZero(); // the others had it
        lab.site(3).gre("gretap:g?key=5&remote_ip=10.0.0.1");
        lab.site(3).send("h", frame(BROADCAST, B));
        assertThat(third.state()).isEqualTo(RemoteEnd.State.UP);
    }
}
