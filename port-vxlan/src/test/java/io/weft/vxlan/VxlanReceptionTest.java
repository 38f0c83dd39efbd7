package io.weft.vxlan;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static io.weft.vxlan.VxlanBytes.packet;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.offload.WireFrame;
import io.weft.port.DropReason;
import io.weft.tunnel.InnerFrames;
import io.weft.underlay.MemoryDatagram;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a VTEP makes of the datagrams that others send it: headers, marks, lies. */
class VxlanReceptionTest {
    private static final String PEER = "10.0.0.2";
    private static final String US = "10.0.0.1";
    private static final byte[] FRAME = frame(BROADCAST, A);

    private final VxlanLab lab = new VxlanLab();
    private VxlanSite site;

    @BeforeEach
    void open() {
        lab.site("2", PEER, "10.0.0.3");
        site = lab.site("1", US);
    }

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    private void port(String options) throws Exception {
        site.memory("h").vxlan("vx", "key=1&remote_ip=" + PEER + options);
    }

    // ---- headers ----

    @ParameterizedTest
    @CsvSource({
        "0x0000000000000100, NO_VNI",
        "0xf7ffffff000001ff, NO_VNI",
        "0x8800000000000100, GROUP_BASED_POLICY",
        "0x8848123400000100, GROUP_BASED_POLICY",
        "0x0c00000100000100, PROTOCOL_EXTENSION",
        "0x0c00000300000100, PROTOCOL_EXTENSION",
        "0x0800000000000200, UNKNOWN_VNI",
        "0x0800000000000000, UNKNOWN_VNI",
        "0x08000000ffffff00, UNKNOWN_VNI"
    })
    void shouldRefuseAndCountByHeader(String header, VtepCounter reason) throws Exception {
        port("");
        lab.inject(PEER, US, packet(Long.parseUnsignedLong(header.substring(2), 16), FRAME));
        assertThat(site.take("h")).isEmpty();
        assertThat(site.refused(reason)).isEqualTo(1);
        assertThat(site.refused()).isEqualTo(1);
        assertThat(site.statistics("vx").rxFrames()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0800000000000101",
                "08000000000001ff",
                "0800000100000100",
                "08ff000000000100",
                "0900000000000100",
                "4800000000000100",
                "1800000000000100"
            })
    void shouldIgnoreReservedBitsUnlessStrict(String header) throws Exception {
        long bits = Long.parseUnsignedLong(header, 16);
        port("");
        lab.inject(PEER, US, packet(bits, FRAME));
        assertThat(site.take("h")).containsExactly(FRAME);
        site.remove("vx");
        site.vxlan("vx", "key=1&strict=true&remote_ip=" + PEER);
        lab.inject(PEER, US, packet(bits, FRAME));
        assertThat(site.take("h")).isEmpty();
        assertThat(site.dropped("vx", DropReason.MALFORMED)).isEqualTo(1);
        lab.inject(PEER, US, 1, FRAME);
        assertThat(site.take("h")).containsExactly(FRAME);
    }

    @Test
    void shouldCountWhatIsTooShort() throws Exception {
        port("");
        byte[] whole = packet(1, FRAME);
        for (int length = 0; length < 8; length++) {
            lab.inject(PEER, US, Arrays.copyOf(whole, length));
        }
        assertThat(site.refused(VtepCounter.TOO_SHORT)).isEqualTo(8);
        for (int length = 8; length < 22; length++) {
            lab.inject(PEER, US, Arrays.copyOf(whole, length));
        }
        assertThat(site.dropped("vx", DropReason.RUNT)).isEqualTo(14);
        assertThat(site.take("h")).isEmpty();
        lab.inject(PEER, US, whole);
        assertThat(site.take("h")).containsExactly(FRAME);
        assertThat(site.statistics("vx").rxFrames()).isEqualTo(15);
    }

    @Test
    void shouldTakeFramesOfRemoteEndsOnly() throws Exception {
        port("");
        for (String stranger : List.of("10.0.0.3", US, "255.255.255.255", "0.0.0.0", "127.0.0.1", "239.1.1.1")) {
            lab.inject(stranger, US, 1, FRAME);
        }
        assertThat(site.take("h")).isEmpty();
        assertThat(site.dropped("vx", DropReason.UNKNOWN_REMOTE)).isEqualTo(6);
        assertThat(site.lan.fdb().stations()).isEmpty();
        assertThat(site.statistics("vx").rxFrames()).isEqualTo(6);
        assertThat(site.vxlan("vx").remotes()).hasSize(1);
    }

    @Test
    void shouldNeverLearnItselfNorAGroup() throws Exception {
        site.memory("h").vxlan("vx", "key=1&learn_remotes=true");
        lab.inject(US, US, 1, FRAME);
        assertThat(site.refused(VtepCounter.OWN_ADDRESS)).isEqualTo(1);
        lab.inject("239.1.1.1", US, 1, FRAME);
        lab.inject("255.255.255.255", US, 1, FRAME);
        lab.inject("10.9.9.9", US, 1, FRAME); // no way there
        assertThat(site.vxlan("vx").remotes()).isEmpty();
        assertThat(site.take("h")).isEmpty();
        assertThat(site.dropped("vx", DropReason.UNKNOWN_REMOTE)).isEqualTo(3);
        assertThat(site.statistics("vx").rxFrames()).isEqualTo(3);
    }

    @Test
    void shouldSurviveATunnelInsideItself() throws Exception {
        port("");
        byte[] nested = FRAME;
        for (int i = 0; i < 20; i++) {
            WireFrame outer = InnerFrames.udp(0);
            outer.destinationPort = VxlanLab.PORT;
            outer.payload = packet(1, nested);
            nested = outer.bytes();
        }
        lab.inject(PEER, US, 1, nested);
        assertThat(site.take("h")).containsExactly(nested);
        assertThat(site.lan.statistics().rxFrames()).isEqualTo(1);
    }

    // ---- congestion ----

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "0, 1, 0", "0, 2, 0", "0, 3, -1", "2, 1, 1", "2, 3, 3", "1, 2, 1", "1, 3, 3", "3, 0, 3"})
    void shouldTakeCongestionMarksOver(int innerEcn, int outerEcn, int expected) throws Exception {
        port("");
        WireFrame packet = InnerFrames.udp(30);
        packet.tos = 0xb8 | innerEcn;
        lab.inject(PEER, US, 1, packet.bytes(), outerEcn);
        if (expected < 0) {
            assertThat(site.take("h")).isEmpty();
            assertThat(site.dropped("vx", DropReason.ECN_NOT_CAPABLE)).isEqualTo(1);
            return;
        }
        packet.tos = 0xb8 | expected;
        assertThat(site.take("h")).containsExactly(packet.bytes());
    }

    @ParameterizedTest
    @CsvSource({"'', 1", "'&tos=0x28', 0x29", "'&tos=inherit', 0xb9", "'&tos=0x2b', 0x29"})
    void shouldSetTheOuterTrafficClass(String options, String expected) throws Exception {
        port(options);
        WireFrame packet = InnerFrames.udp(30);
        packet.tos = 0xb9;
        site.send("h", packet.bytes(), FRAME);
        assertThat(lab.takeSent())
                .extracting(MemoryDatagram::trafficClass)
                .containsExactlyInAnyOrder(
                        Integer.decode(expected), options.contains("inherit") ? 0 : Integer.decode(expected) & ~3);
    }

    // ---- bursts ----

    /** One message of a burst, as UDP_GRO gives it. */
    private void injectRun(byte[]... packets) {
        lab.network.injectMessage(
                InnerFrames.concat(packets),
                packets[0].length,
                VxlanLab.peer(PEER, 50_000),
                VxlanLab.peer(US, VxlanLab.PORT));
        lab.settle();
    }

    private void twoSegments() throws Exception {
        for (int vni = 1; vni <= 2; vni++) {
            PortSettings own =
                    PortSettings.builder().vlans(VlanSettings.access(vni)).build();
            site.memory("h" + vni, own).vxlan("vx" + vni, "key=" + vni + "&remote_ip=" + PEER, own);
        }
    }

    @Test
    void shouldTellTheSegmentsOfABurstApart() throws Exception {
        twoSegments();
        byte[][] frames = new byte[8][];
        for (int i = 0; i < 8; i++) {
            frames[i] = frame(BROADCAST, A, 100, i);
        }
        injectRun(
                packet(1, frames[0]),
                packet(2, frames[1]),
                packet(0L, frames[2]),
                packet(3, frames[3]),
                packet(2, frames[4]),
                packet(1, frames[5]),
                packet(1, frames[6]),
                Arrays.copyOf(packet(2, frames[7]), 60));
        assertThat(site.take("h1")).containsExactly(frames[0], frames[5], frames[6]);
        assertThat(site.take("h2")).containsExactly(frames[1], frames[4], Arrays.copyOf(frames[7], 52));
        assertThat(site.refused(VtepCounter.NO_VNI)).isEqualTo(1);
        assertThat(site.refused(VtepCounter.UNKNOWN_VNI)).isEqualTo(1);
        assertThat(site.statistics("vx1").rxFrames() + site.statistics("vx2").rxFrames())
                .isEqualTo(6);
    }

    /**
     * A station of one segment sends a packet whose IP header says that it reaches to the end of the burst that it will be
     * in: the frames of another segment behind it must not become its payload.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNotTakeABurstForOneFrameBecauseAHeaderLies(boolean ipv6) throws Exception {
        twoSegments();
        WireFrame lie = InnerFrames.udp(ipv6 ? 60 : 80);
        lie.ipv6 = ipv6;
        if (ipv6) {
            lie.from = VxlanLab.address("fd00::1").getAddress();
            lie.to = VxlanLab.address("fd00::2").getAddress();
        }
        int stride = 8 + lie.bytes().length;
        byte[] secret = frame(BROADCAST, B, stride - 8, 1);
        lie.destination = 0xffff_ffff_ffffL;
        lie.ipLength = 3 * stride - 8 - 14 - (ipv6 ? 40 : 0);
        lie.udpLength = 3 * stride - 8 - 14 - (ipv6 ? 40 : 20);
        injectRun(packet(1, lie.bytes()), packet(2, secret), packet(2, secret));
        for (byte[] came : site.take("h1")) {
            assertThat(came.length).as("a frame of VNI 1 with what is VNI 2's").isLessThanOrEqualTo(stride - 8);
        }
        assertThat(site.refused()
                        + site.statistics("vx1").rxFrames()
                        + site.statistics("vx2").rxFrames())
                .isPositive();
    }

    /** The other way round: what a station of a segment writes into a long packet must not become another segment's frame. */
    @Test
    void shouldNotTakeAPayloadForAnotherSegmentsFrame() throws Exception {
        twoSegments();
        byte[] forged = packet(2, frame(BROADCAST, A, 100, 66));
        WireFrame carrier = InnerFrames.udp(0);
        carrier.destination = 0xffff_ffff_ffffL;
        int headers = 8 + carrier.bytes().length;
        int stride = forged.length;
        byte[] payload = new byte[3 * stride - headers];
        System.arraycopy(forged, 0, payload, stride - headers, stride);
        System.arraycopy(forged, 0, payload, 2 * stride - headers, stride);
        carrier.payload = payload;
        byte[] datagram = packet(1, carrier.partial(stride).bytes());
        lab.network.injectMessage(datagram, stride, VxlanLab.peer(PEER, 50_000), VxlanLab.peer(US, VxlanLab.PORT));
        lab.settle();
        assertThat(site.take("h2")).isEmpty();
    }

    @Test
    void shouldTakeAnEncapsulatingKernelsLongPacketForWhatItIs() throws Exception {
        port("");
        WireFrame whole = InnerFrames.udp(2_000);
        byte[] unfinished = whole.partial(500).bytes();
        lab.network.injectMessage(
                packet(1, unfinished), 500, VxlanLab.peer(PEER, 50_000), VxlanLab.peer(US, VxlanLab.PORT));
        lab.settle();
        List<byte[]> came = site.take("h");
        assertThat(came).hasSize(4);
        for (int i = 0; i < 4; i++) {
            WireFrame part = whole.copy();
            part.payload = Arrays.copyOfRange(whole.payload, 500 * i, 500 * (i + 1));
            part.id = i;
            assertThat(came.get(i)).isEqualTo(part.bytes());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 21, 22, 100, 1_000, 65_535})
    void shouldCountEachPieceOfABurstWhoseSegmentSizeLies(int segmentSize) throws Exception {
        port("");
        byte[] burst = InnerFrames.concat(packet(1, FRAME), packet(1, FRAME), packet(1, FRAME));
        lab.network.injectMessage(burst, segmentSize, VxlanLab.peer(PEER, 50_000), VxlanLab.peer(US, VxlanLab.PORT));
        lab.settle();
        int pieces = segmentSize < burst.length ? (burst.length + segmentSize - 1) / segmentSize : 1;
        assertThat(site.refused() + site.statistics("vx").rxFrames()).isEqualTo(pieces);
    }

    @Test
    void shouldTakeAtAGroupPortWhatIsForItsAddressOrItsGroup() throws Exception {
        VxlanSite site = lab.site("group", "10.0.7.1", "10.0.8.1").memory("h");
        site.vxlan("vx", "key=1&group=239.1.1.1&local_ip=10.0.7.1&remote_ip=10.0.0.2");
        lab.inject("10.0.0.2", "10.0.7.1", 1, FRAME);
        assertThat(site.take("h")).hasSize(1);
        lab.inject("10.0.0.2", "239.1.1.1", 1, FRAME);
        assertThat(site.take("h")).hasSize(1);
        lab.inject("10.0.0.2", "10.0.8.1", 1, FRAME);
        assertThat(site.take("h")).as("sent to another address of the machine").isEmpty();
        assertThat(site.refused(VtepCounter.UNKNOWN_VNI)).isEqualTo(1);
    }
}
