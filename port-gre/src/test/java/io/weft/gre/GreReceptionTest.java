package io.weft.gre;

import static io.weft.gre.GreBytes.Fields.PLAIN;
import static io.weft.gre.GreBytes.packet;
import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.offload.WireFrame;
import io.weft.port.DropReason;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.Packets;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteSpec;
import io.weft.underlay.MemoryDatagram;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes at a GRE socket: which of it is taken, and where the rest is counted. */
class GreReceptionTest {
    private static final String US = "10.0.0.1";
    private static final String PEER = "10.0.0.2";

    private GreLab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    private void open(String uri) throws Exception {
        lab = new GreLab();
        lab.site("1", US);
        lab.site("2", PEER, "10.0.0.3");
        lab.site(1).memory("h").gre(uri);
    }

    private void take(byte[] packet) {
        lab.inject(PEER, US, packet);
    }

    private void assertTaken(byte[] packet) {
        take(packet);
        assertThat(lab.site(1).take("h")).hasSize(1);
    }

    private void assertRefused(byte[] packet, GreCounter reason) {
        long before = lab.site(1).refused(reason);
        long all = lab.site(1).refused();
        take(packet);
        assertThat(lab.site(1).refused(reason)).as("%s", reason).isEqualTo(before + 1);
        assertThat(lab.site(1).refused()).isEqualTo(all + 1);
        assertThat(lab.site(1).take("h")).isEmpty();
    }

    private void assertDropped(byte[] packet, DropReason reason) {
        long before = lab.site(1).dropped("g", reason);
        long refused = lab.site(1).refused();
        take(packet);
        assertThat(lab.site(1).dropped("g", reason)).as("%s", reason).isEqualTo(before + 1);
        assertThat(lab.site(1).refused()).isEqualTo(refused);
        assertThat(lab.site(1).take("h")).isEmpty();
    }

    // ---- headers ----

    @Test
    void shouldRefuseWhatIsNotOfItsProtocol() throws Exception {
        open("gretap:g?remote_ip=" + PEER);
        byte[] frame = frame(BROADCAST, A);
        assertRefused(PLAIN.bits(0x4000).packet(frame), GreCounter.ROUTING);
        assertRefused(PLAIN.bits(0x0800).packet(frame), GreCounter.RESERVED);
        assertRefused(PLAIN.bits(0x0400).packet(frame), GreCounter.RESERVED);
        for (int version = 1; version <= 7; version++) {
            assertRefused(PLAIN.bits(version).packet(frame), GreCounter.VERSION);
        }
        assertRefused(Packets.bytes("3081 880b 0000 0001 0000 0000"), GreCounter.VERSION); // PPTP
        assertRefused(PLAIN.type(0).packet(new byte[0]), GreCounter.KEEPALIVE);
        for (int type : new int[] {0x88be, 0x22eb, 0x8847, 0x0806, 0x6559, 1, 0xffff}) {
            assertRefused(PLAIN.type(type).packet(frame), GreCounter.UNKNOWN_PROTOCOL);
        }
        assertRefused(PLAIN.type(GreBytes.IPV4).packet(new byte[20]), GreCounter.UNKNOWN_KEY); // no layer-3 port
        assertTaken(PLAIN.bits(0x03f8).packet(frame)); // ignored
        assertTaken(PLAIN.packet(frame));
    }

    @Test
    void shouldCountWhatIsCutAtEachByte() throws Exception {
        open("gretap:g?key=7&remote_ip=" + PEER);
        byte[] whole = PLAIN.key(7).sequence(1).withChecksum().packet(frame(BROADCAST, A, 14, 0));
        assertRefused(new byte[0], GreCounter.TOO_SHORT);
        for (int length = 0; length < 16; length++) {
            assertRefused(Arrays.copyOf(whole, length), GreCounter.TOO_SHORT);
        }
        for (int length = 16; length < whole.length; length++) {
            assertDropped(Arrays.copyOf(whole, length), DropReason.TUNNEL_CHECKSUM);
        }
        assertTaken(whole);
        for (int length = 0; length < 14; length++) {
            assertDropped(packet(7, new byte[length]), DropReason.RUNT);
        }
    }

    @Test
    void shouldRefuseIgnoredBitsWhenStrict() throws Exception {
        open("gretap:g?strict=true&remote_ip=" + PEER);
        for (int bit = 0x0008; bit <= 0x0200; bit <<= 1) {
            assertDropped(PLAIN.bits(bit).packet(frame(BROADCAST, A)), DropReason.MALFORMED);
        }
        assertTaken(PLAIN.packet(frame(BROADCAST, A)));
    }

    // ---- who ----

    @Test
    void shouldBlameThePortForUnknownRemotesOnlyWhenItSeesThem() throws Exception {
        open("gretap:g?key=7&remote_ip=" + PEER);
        lab.inject("10.0.0.3", US, packet(7, frame(BROADCAST, A)));
        lab.inject("10.0.0.3", US, packet(8, frame(BROADCAST, A)));
        assertThat(lab.site(1).refused()).isZero(); // the socket's filter kept both out
        assertThat(lab.site(1).statistics("g").rxFrames()).isZero();
        assertRefused(packet(8, frame(BROADCAST, A)), GreCounter.UNKNOWN_KEY);
        assertRefused(packet(-1, frame(BROADCAST, A)), GreCounter.UNKNOWN_KEY);
        lab.site(1).gre("mgretap:other?key=9&learn_remotes=true"); // from now on all are seen
        lab.inject("10.0.0.3", US, packet(7, frame(BROADCAST, A)));
        assertThat(lab.site(1).dropped("g", DropReason.UNKNOWN_REMOTE)).isEqualTo(1);
        lab.inject("10.0.0.3", US, packet(8, frame(BROADCAST, A)));
        assertThat(lab.site(1).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(3);
        lab.site(1).remove("other");
        lab.inject("10.0.0.3", US, packet(7, frame(BROADCAST, A)));
        assertThat(lab.site(1).dropped("g", DropReason.UNKNOWN_REMOTE)).isEqualTo(1);
    }

    @Test
    void shouldFollowTheControlPlaneWithTheFilter() throws Exception {
        open("mgretap:g?remote_ip=" + PEER);
        lab.inject("10.0.0.3", US, packet(-1, frame(BROADCAST, A)));
        assertThat(lab.site(1).take("h")).isEmpty();
        RemoteEnd third = lab.site(1).port("g").addRemote(new RemoteSpec("10.0.0.3"));
        lab.inject("10.0.0.3", US, packet(-1, frame(BROADCAST, A)));
        assertThat(lab.site(1).take("h")).hasSize(1);
        lab.site(1).port("g").removeRemote(third);
        lab.inject("10.0.0.3", US, packet(-1, frame(BROADCAST, A)));
        assertThat(lab.site(1).take("h")).isEmpty();
        assertThat(lab.site(1).refused()).isZero();
        assertTaken(packet(-1, frame(BROADCAST, A)));
    }

    @Test
    void shouldNeverLearnItsOwnAddress() throws Exception {
        open("mgretap:g?learn_remotes=true");
        lab.inject(US, US, packet(-1, frame(BROADCAST, A)));
        assertThat(lab.site(1).refused(GreCounter.OWN_ADDRESS)).isEqualTo(1);
        assertThat(lab.site(1).port("g").remotes()).isEmpty();
        assertTaken(packet(-1, frame(BROADCAST, A)));
        assertThat(lab.site(1).port("g").remotes()).hasSize(1);
    }

    // ---- checksums ----

    @ParameterizedTest
    @ValueSource(strings = {"", "&csum=true", "&csum_required=true"})
    void shouldVerifyChecksumsThatCome(String options) throws Exception {
        open("gretap:g?key=1&remote_ip=" + PEER + options);
        for (int length : new int[] {14, 60, 61, 1_401}) {
            byte[] right = PLAIN.key(1).withChecksum().packet(frame(BROADCAST, A, length, 1));
            assertTaken(right);
            for (int at : new int[] {4, 5, 8, 11, right.length - 1}) {
                byte[] wrong = right.clone();
                wrong[at] ^= 0x10;
                if (at >= 8 && at < 12) {
                    assertRefused(wrong, GreCounter.UNKNOWN_KEY); // which comes first
                } else {
                    assertDropped(wrong, DropReason.TUNNEL_CHECKSUM);
                }
            }
        }
        byte[] without = packet(1, frame(BROADCAST, A));
        if (options.contains("required")) {
            assertDropped(without, DropReason.TUNNEL_CHECKSUM);
        } else {
            assertTaken(without);
        }
    }

    // ---- sequence numbers ----

    private byte[] numbered(long number) {
        return PLAIN.sequence(number).packet(frame(BROADCAST, A));
    }

    @Test
    void shouldDropLateAndRepeatedPackets() throws Exception {
        open("gretap:g?seq=true&remote_ip=" + PEER);
        assertTaken(numbered(10));
        assertDropped(numbered(10), DropReason.TUNNEL_SEQUENCE);
        assertTaken(numbered(12));
        assertDropped(numbered(11), DropReason.TUNNEL_SEQUENCE);
        assertTaken(packet(-1, frame(BROADCAST, A))); // a peer without numbers
        assertTaken(numbered(13));
        assertThat(lab.site(1).remote("g", PEER).rxFrames()).isEqualTo(4);
    }

    @Test
    void shouldGoOnWhereNumbersWrapAround() throws Exception {
        open("gretap:g?seq=true&remote_ip=" + PEER);
        assertTaken(numbered(0xffff_fffeL));
        assertTaken(numbered(0xffff_ffffL));
        assertTaken(numbered(0));
        assertTaken(numbered(1));
        assertDropped(numbered(0xffff_ffffL), DropReason.TUNNEL_SEQUENCE);
    }

    @Test
    void shouldBelieveAPeerThatBeginsAgain() throws Exception {
        open("gretap:g?seq=true&remote_ip=" + PEER);
        assertTaken(numbered(1_000_000));
        for (int i = 0; i < 3; i++) {
            assertDropped(numbered(i), DropReason.TUNNEL_SEQUENCE);
        }
        assertTaken(numbered(3));
        assertTaken(numbered(4));
        assertTaken(numbered(9_000));
        assertDropped(numbered(8_000), DropReason.TUNNEL_SEQUENCE);
        lab.pass(Duration.ofMillis(1_100));
        assertTaken(numbered(8_000)); // after silence
    }

    @Test
    void shouldNotLookAtNumbersWhenNotTold() throws Exception {
        open("gretap:g?remote_ip=" + PEER);
        assertTaken(numbered(5));
        assertTaken(numbered(5));
        assertTaken(numbered(4));
    }

    @Test
    void shouldKeepNumbersOfEachRemoteEndByThemselves() throws Exception {
        open("mgretap:g?seq=true&remote_ip=" + PEER + ",10.0.0.3");
        assertTaken(numbered(1_000));
        lab.inject("10.0.0.3", US, numbered(5));
        assertThat(lab.site(1).take("h")).hasSize(1);
        assertTaken(numbered(1_001));
        lab.inject("10.0.0.3", US, numbered(5));
        assertThat(lab.site(1).dropped("g", DropReason.TUNNEL_SEQUENCE)).isEqualTo(1);
    }

    // ---- fragments ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeFragmentsOnlyWhenTold(boolean accepted) throws Exception {
        open("gretap:g?remote_ip=" + PEER + "&fragments=" + accepted);
        MemoryDatagram whole = GreLab.datagram(PEER, US, packet(-1, frame(BROADCAST, A, 3_000, 1)));
        lab.network.inject(whole.inFragments());
        lab.settle();
        assertThat(lab.site(1).take("h")).hasSize(accepted ? 1 : 0);
        assertThat(lab.site(1).refused(GreCounter.FRAGMENT)).isEqualTo(accepted ? 0 : 1);
        lab.network.inject(whole);
        lab.settle();
        assertThat(lab.site(1).take("h")).hasSize(1);
    }

    // ---- congestion ----

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1, 1, 1", "2, 2, 2", "2, 3, 3", "1, 3, 3", "3, 0, 3", "0, 2, 0", "0, 3, -1"})
    void shouldTakeCongestionMarksOver(int inner, int outer, int expected) throws Exception {
        open("gretap:g?remote_ip=" + PEER);
        WireFrame packet = InnerFrames.udp(30);
        packet.tos = 0xb8 | inner;
        lab.network.inject(GreLab.datagram(PEER, US, packet(-1, packet.bytes())).withTrafficClass(outer));
        lab.settle();
        if (expected < 0) {
            assertThat(lab.site(1).dropped("g", DropReason.ECN_NOT_CAPABLE)).isEqualTo(1);
        } else {
            packet.tos = 0xb8 | expected;
            assertThat(lab.site(1).take("h")).containsExactly(packet.bytes());
        }
    }

    // ---- NVGRE ----

    @Test
    void shouldCarryVirtualSubnets() throws Exception {
        open("gretap:g?nvgre=true&key=0x1234&inner_tags=discard&remote_ip=" + PEER);
        lab.takeSent();
        WireFrame packet = InnerFrames.udp(30);
        packet.destination = -1L >>> 16;
        lab.site(1).send("h", packet.bytes());
        packet.sourcePort++;
        lab.site(1).send("h", packet.bytes());
        lab.site(1).send("h", InnerFrames.tagged(3, packet.bytes()));
        var sent = lab.takeSent();
        assertThat(sent).hasSize(2).allMatch(one -> GreBytes.key(one.bytes()) >>> 8 == 0x1234);
        assertThat(sent).extracting(one -> GreBytes.key(one.bytes())).doesNotHaveDuplicates();
        assertThat(Packets.hex(sent.get(0).bytes())).startsWith("20006558001234");
        assertThat(lab.site(1).dropped("g", DropReason.NO_VNI)).isEqualTo(1);
        assertTaken(packet(0x1234_00, frame(BROADCAST, B)));
        assertTaken(packet(0x1234_ff, frame(BROADCAST, B)));
        assertRefused(packet(0x1235_00, frame(BROADCAST, B)), GreCounter.UNKNOWN_KEY);
        assertRefused(packet(0x1234, frame(BROADCAST, B)), GreCounter.UNKNOWN_KEY);
        assertRefused(packet(-1, frame(BROADCAST, B)), GreCounter.UNKNOWN_KEY);
        assertRefused(PLAIN.key(0x1234_00).withChecksum().packet(frame(BROADCAST, B)), GreCounter.UNKNOWN_KEY);
        assertRefused(PLAIN.key(0x1234_00).sequence(1).packet(frame(BROADCAST, B)), GreCounter.UNKNOWN_KEY);
        for (int reserved : new int[] {0, 0xfff, 0xff_ffff}) {
            assertRefused(packet((long) reserved << 8, frame(BROADCAST, B)), GreCounter.UNKNOWN_KEY);
        }
        assertDropped(packet(0x1234_07, InnerFrames.tagged(3, frame(BROADCAST, B))), DropReason.INNER_TAG);
    }

    /** In a burst the place of the packet before is remembered; whether a packet may be NVGRE is no part of it. */
    @Test
    void shouldLookAtEachHeaderOfABurst() throws Exception {
        open("gretap:g?nvgre=true&udp=true&key=0x1234&inner_tags=discard&remote_ip=" + PEER);
        byte[] plain = packet(0x1234_01, frame(BROADCAST, A, 64, 1));
        byte[] summed = PLAIN.key(0x1234_01).withChecksum().packet(frame(BROADCAST, A, 60, 2));
        assertThat(summed).hasSameSizeAs(plain);
        lab.injectBurst(PEER, US, plain.length, summed, plain, summed, plain);
        lab.settle();
        assertThat(lab.site(1).take("h")).hasSize(2);
        assertThat(lab.site(1).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(2);
    }

    /** Also behind a packet whose FlowID is another one, and which was for the virtual subnet. */
    @Test
    void shouldHaveAPortWithExactlyTheKeyGoFirst() throws Exception {
        open("gretap:g?nvgre=true&udp=true&key=0x1234&inner_tags=discard&remote_ip=" + PEER);
        lab.site(1).gre("gretap:exact?udp=true&key=0x123402&remote_ip=" + PEER);
        byte[][] burst = new byte[7][];
        for (int i = 0; i < burst.length; i++) { // FlowIDs 0, 1, 2, 0...; the last is in another subnet
            burst[i] = packet(i == 6 ? 0x1235_01 : 0x1234_00 + i % 3, frame(BROADCAST, A, 64, i));
        }
        lab.injectBurst(PEER, US, burst[0].length, burst);
        lab.settle();
        assertThat(lab.site(1).statistics("g").rxSegments()).isEqualTo(4);
        assertThat(lab.site(1).statistics("exact").rxSegments()).isEqualTo(2);
        assertThat(lab.site(1).refused(GreCounter.UNKNOWN_KEY)).isEqualTo(1);
    }
}
