package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;
import io.weft.mirror.Mirror;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.port.PortUri;
import io.weft.tunnel.Packets;
import io.weft.underlay.MemoryDatagram;
import io.weft.underlay.MemoryHost;
import io.weft.underlay.MemoryNetwork;
import io.weft.underlay.MemorySocket;
import io.weft.underlay.RawIpSettings;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayPeer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mirrors of a switch whose copies leave by an ERSPAN port, over a network in memory and under a clock that stands still. */
class ErspanPortTest {
    private static final String US = "10.0.0.1";
    private static final String READER = "10.0.0.9";
    private static final String A_TO_B = "02000000000b 02000000000a 88b5 0102";
    private static final String B_TO_A = "02000000000a 02000000000b 88b5 0304";
    private static final int SECOND = 1_000_000_000;

    private final MemoryNetwork network = new MemoryNetwork();
    private final MemoryHost host = network.host(address(US), address("fd00::1"));
    private final MemoryHost reader = network.host(address(READER), address("fd00::9"));
    private final List<MemoryDatagram> sent = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private final MemoryPort a = new MemoryPort("a");
    private final MemoryPort b = new MemoryPort("b");
    private long nowNs = 5L * SECOND;
    private MemorySocket reading;

    private final VirtualSwitch lan = VirtualSwitch.builder()
            .invoker(() -> nowNs)
            .listener(new SwitchListener() {
                @Override
                public void message(String driver, String text) {
                    messages.add(text);
                }
            })
            .build();

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }

    @BeforeEach
    void open() throws Exception {
        network.observe(sent::add);
        reading = reader.open(RawIpSettings.of(false, RawIpSettings.GRE));
        lan.add(a);
        lan.add(b);
    }

    @AfterEach
    void close() {
        settle();
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
        assertThat(host.sockets()).isEmpty();
    }

    /** The port, and a mirror of port a both ways. */
    private void watch(String options) throws Exception {
        watch(options, Mirror.of("m").port("a"));
    }

    private void watch(String options, Mirror.Builder mirror) throws Exception {
        ErspanPort parsed = (ErspanPort) new ErspanPortProvider().create(PortUri.parse("erspan:watch?" + options));
        lan.add(new ErspanPort(parsed.settings(), host));
        lan.mirror(mirror.toPort("watch"));
    }

    private void settle() {
        while (lan.step()) {
            // there is more
        }
    }

    private void pass(long timeNs) {
        settle();
        nowNs += timeNs;
        settle();
    }

    private void send(MemoryPort port, byte[] frame) {
        assertThat(port.send(frame)).isTrue();
        settle();
    }

    private void send(MemoryPort port, String frame) {
        send(port, Packets.bytes(frame));
    }

    private String takeSent() {
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0).protocol()).isEqualTo(47);
        return Packets.hex(sent.remove(0).bytes());
    }

    private static String packet(String hex) {
        return Packets.hex(Packets.bytes(hex));
    }

    private PortStatistics statistics() {
        settle();
        return lan.port("watch").status().statistics();
    }

    private long reading(String name) {
        return lan.metrics().samples().stream()
                .filter(sample -> sample.name().equals("weft_erspan_" + name))
                .mapToLong(sample -> sample.value())
                .sum();
    }

    @Test
    void shouldSendWhatIsMirroredAsType2WithNumbers() throws Exception {
        watch("remote_ip=" + READER + "&key=100&erspan_idx=0x12345");
        send(a, A_TO_B);
        MemoryDatagram datagram = sent.get(0);
        assertThat(datagram.to()).isEqualTo(UnderlayPeer.of(address(READER), 0));
        assertThat(datagram.from()).isEqualTo(UnderlayPeer.of(address(US), 0));
        assertThat(datagram.ttl()).isEqualTo(64);
        assertThat(datagram.trafficClass()).isZero();
        assertThat(datagram.dontFragment()).isTrue();
        assertThat(takeSent()).isEqualTo(packet("1000 88be 00000000  1000 0064 00012345" + A_TO_B));
        send(b, B_TO_A);
        assertThat(takeSent()).isEqualTo(packet("1000 88be 00000001  1000 0064 00012345" + B_TO_A));
        send(b, "02000000000a 02000000000b 8100 e064 88b5 0304");
        assertThat(takeSent())
                .isEqualTo(packet(
                        "1000 88be 00000002  1064 f864 00012345" + "02000000000a 02000000000b 8100 e064 88b5 0304"));
        assertThat(statistics().txFrames()).isEqualTo(3);
        assertThat(statistics().txBytes()).isEqualTo(16 + 16 + 20);
    }

    @ParameterizedTest
    @CsvSource({"'', 8000, 8008", "&erspan_dir=0, 8000, 8000", "&erspan_dir=egress, 8008, 8008"})
    void shouldSayInType3HowEachCopyWasMirrored(String options, String fromA, String toA) throws Exception {
        watch("remote_ip=" + READER + "&erspan_ver=2&key=0x3ff" + options);
        send(a, A_TO_B);
        assertThat(takeSent()).isEqualTo(packet("1000 22eb 00000000  2000 03ff 0000c350 0000" + fromA + A_TO_B));
        pass(250_000);
        send(b, B_TO_A);
        assertThat(takeSent()).isEqualTo(packet("1000 22eb 00000001  2000 03ff 0000c352 0000" + toA + B_TO_A));
    }

    @Test
    void shouldSayHowSegmentedCopiesWereMirroredToo() throws Exception {
        watch(
                "remote_ip=" + READER + "&erspan_ver=2&erspan_hwid=5&erspan_timestamp=100ns",
                Mirror.of("m").destination("a").segmented().snapLength(15));
        send(b, B_TO_A);
        assertThat(takeSent())
                .isEqualTo(packet(
                        "1000 22eb 00000000  2000 0000 02faf080 0000 805a" + "02000000000a 02000000000b 88b5 03"));
    }

    /** Nobody mirrored it: it left by this port as by any other. */
    @Test
    void shouldCarryWhatIsForwardedToIt() throws Exception {
        ErspanPort port = ErspanPort.builder("watch")
                .remote(READER)
                .version(2)
                .underlay(host)
                .build();
        lan.add(port);
        send(a, A_TO_B);
        assertThat(takeSent()).isEqualTo(packet("1000 22eb 00000000  2000 0000 0000c350 0000 8000" + A_TO_B));
    }

    @Test
    void shouldTellNanosecondsSince1970() throws Exception {
        long before = System.currentTimeMillis();
        watch("remote_ip=" + READER + "&erspan_ver=2&erspan_timestamp=ns");
        long after = System.currentTimeMillis();
        pass(2L * SECOND); // the wall clock, which is asked again each second, has not moved as far
        long later = System.currentTimeMillis();
        send(a, A_TO_B);
        byte[] packet = sent.get(0).bytes();
        String hex = takeSent();
        assertThat(hex).startsWith(packet("1000 22eb 00000000  2000 0000")).endsWith(packet(A_TO_B));
        assertThat(hex).hasSize(2 * (8 + 20 + 16)).contains(packet("0000 8005 14000000"));
        long nanoseconds = Long.parseLong(hex.substring(24, 32), 16);
        long seconds = Long.parseLong(hex.substring(48, 56), 16);
        assertThat(packet).hasSize(44);
        assertThat(nanoseconds).isLessThan(SECOND);
        assertThat(seconds * 1_000 + nanoseconds / 1_000_000).isBetween(before, Math.max(after, later));
    }

    // ---- what does not fit ----

    private static byte[] frame(int length) {
        byte[] frame = Arrays.copyOf(Packets.bytes(A_TO_B), length);
        Arrays.fill(frame, 16, length, (byte) 0x5a);
        return frame;
    }

    private static byte[] tagged(int length) {
        byte[] frame = Arrays.copyOf(Packets.bytes("02000000000b 02000000000a 8100 0005 88b5"), length);
        Arrays.fill(frame, 18, length, (byte) 0x5a);
        return frame;
    }

    private void assertSent(int frameLength, boolean cut, int outer) {
        byte[] packet = sent.remove(0).bytes();
        assertThat(packet).hasSize(8 + outer + frameLength);
        assertThat(packet[10] & 4).as("T").isEqualTo(cut ? 4 : 0);
    }

    @ParameterizedTest
    @CsvSource({"1, 8", "2, 12", "2&erspan_timestamp=ns, 20"})
    void shouldCutWhatDoesNotFitTheWay(String version, int header) throws Exception {
        watch("remote_ip=" + READER + "&erspan_ver=" + version);
        int longest = 1_500 - 20 - 8 - header;
        assertThat(reading("longest_frame_bytes")).isEqualTo(longest);
        send(a, frame(longest));
        assertSent(longest, false, header);
        send(a, frame(longest + 1));
        assertSent(longest, true, header);
        send(a, frame(60_000));
        assertSent(longest, true, header);
        assertThat(reading("cut_frames_total")).isEqualTo(2);
        assertThat(statistics().txFrames()).isEqualTo(3);
        assertThat(statistics().txBytes()).isEqualTo(3L * longest);
        assertThat(statistics().dropped()).isZero();
    }

    @Test
    void shouldFollowTheWayWhenItChanges() throws Exception {
        watch("remote_ip=" + READER);
        network.pathMtu(address(US), address(READER), 1_000); // nobody says so: the underlay refuses the next one
        send(a, frame(1_400));
        assertSent(964, true, 8);
        assertThat(sent).isEmpty();
        assertThat(reading("cut_frames_total")).isEqualTo(1);
        network.pathMtu(address(US), address(READER), 9_000);
        pass(SECOND);
        send(a, frame(8_000));
        assertSent(8_000, false, 8);

        network.routerMtu(address(US), address(READER), 800);
        send(a, frame(1_400));
        assertSent(1_400, false, 8); // lost, and answered by the router
        send(a, frame(1_400));
        assertSent(764, true, 8);
        assertThat(statistics().txFrames()).isEqualTo(4);
        assertThat(statistics().dropped()).isZero();
    }

    @Test
    void shouldCutToItsOwnMtu() throws Exception {
        watch("remote_ip=" + READER + "&mtu=100");
        send(a, frame(114));
        assertSent(114, false, 8);
        send(a, frame(115));
        assertSent(114, true, 8);
        send(a, tagged(118));
        assertSent(118, false, 8);
        send(a, tagged(119));
        assertSent(118, true, 8);
    }

    @Test
    void shouldNotCutForTheWayWhatMayBeFragmented() throws Exception {
        watch("remote_ip=" + READER + "&df_default=false");
        send(a, frame(9_000));
        assertThat(sent.get(0).dontFragment()).isFalse();
        assertSent(9_000, false, 8);
        send(a, frame(65_535));
        assertSent(65_535 - 20 - 16, true, 8); // no IPv4 packet is longer
    }

    @Test
    void shouldSayThatAMirrorHasCutAnIpPacket() throws Exception {
        watch("remote_ip=" + READER, Mirror.of("m").source("a").snapLength(34));
        send(a, "02000000000b 02000000000a 0800 4500001c000000004011000000000000 00000000 0000000000080000");
        assertSent(34, true, 8);
    }

    // ---- the underlay ----

    @Test
    void shouldSendOverIpv6AsItIsTold() throws Exception {
        watch("remote_ip=fd00::9&local_ip=fd00::1&ttl=3&tos=0xb8&dev=eth0&sndbuf=65536");
        send(a, frame(1_500));
        MemoryDatagram datagram = sent.get(0);
        assertThat(datagram.to()).isEqualTo(UnderlayPeer.of(address("fd00::9"), 0));
        assertThat(datagram.from()).isEqualTo(UnderlayPeer.of(address("fd00::1"), 0));
        assertThat(datagram.ttl()).isEqualTo(3);
        assertThat(datagram.trafficClass()).isEqualTo(0xb8);
        assertSent(1_500 - 40 - 16, true, 8);
    }

    @Test
    void shouldReceiveNothing() throws Exception {
        watch("remote_ip=" + READER);
        for (int i = 0; i < 100; i++) {
            network.inject(
                    47,
                    Packets.bytes("0000 6558" + A_TO_B),
                    UnderlayPeer.of(address(READER), 0),
                    UnderlayPeer.of(address(US), 0));
            settle();
        }
        assertThat(statistics().rxFrames()).isZero();
        assertThat(statistics().dropped()).isZero();
        assertThat(a.receive()).isNull();
    }

    /** A socket may not be able to filter. */
    @Test
    void shouldThrowAwayWhatComesAllTheSame() throws Exception {
        watch("remote_ip=" + READER);
        host.sockets().get(0).receiveFrom(null);
        for (int i = 0; i < 1_000; i++) {
            network.inject(
                    47,
                    Packets.bytes("0000 6558" + A_TO_B),
                    UnderlayPeer.of(address(READER), 0),
                    UnderlayPeer.of(address(US), 0));
        }
        settle();
        assertThat(statistics().rxFrames()).isZero();
        send(a, A_TO_B);
        assertThat(statistics().txFrames()).isEqualTo(1);
    }

    @Test
    void shouldGoOnWhenNobodyReads() throws Exception {
        watch("remote_ip=" + READER);
        reading.close(); // as where a dissector listens beside the stack: each copy is answered
        for (int i = 0; i < 5; i++) {
            send(a, A_TO_B);
        }
        assertThat(sent).hasSize(5);
        assertThat(statistics().txFrames()).isEqualTo(5);
        assertThat(reading("unreachable_total")).isEqualTo(5);
        assertThat(messages).isEmpty();
    }

    @Test
    void shouldCountWhatCannotBeSent() throws Exception {
        watch("remote_ip=" + READER);
        reader.down(true);
        send(a, A_TO_B);
        assertThat(statistics().dropped(DropReason.REMOTE_DOWN)).isEqualTo(1);
        reader.down(false);
        host.sendRoom(0);
        send(a, A_TO_B);
        assertThat(statistics().dropped(DropReason.TX_QUEUE_FULL)).isEqualTo(1);
        host.sendRoom(-1);
        send(a, A_TO_B);
        assertThat(statistics().txFrames()).isEqualTo(1);
        assertThat(sent.get(sent.size() - 1).bytes()[7]).as("number").isEqualTo((byte) 2);
    }

    /** More frames in one round than the sender has room for. */
    @Test
    void shouldSendManyInOrder() throws Exception {
        watch("remote_ip=" + READER);
        for (int i = 0; i < 1_000; i++) {
            byte[] frame = frame(i % 2 == 0 ? 60 : 1_600);
            frame[14] = (byte) (i >> 8);
            frame[15] = (byte) i;
            assertThat(a.send(frame)).isTrue();
        }
        settle();
        assertThat(sent).hasSize(1_000);
        for (int i = 0; i < 1_000; i++) {
            byte[] packet = sent.get(i).bytes();
            assertThat(Packets.hex(Arrays.copyOfRange(packet, 4, 8))).isEqualTo(String.format("%08x", i));
            assertThat(Packets.hex(Arrays.copyOfRange(packet, 30, 32))).isEqualTo(String.format("%04x", i));
        }
        assertThat(statistics().txFrames()).isEqualTo(1_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NO_PERMISSION", "UNSUPPORTED"})
    void shouldSayWhyItCannotBeOpened(String kind) {
        host.refuseOpens(UnderlayException.Kind.valueOf(kind));
        assertThatThrownBy(() -> watch("remote_ip=" + READER))
                .isInstanceOf(PortException.class)
                .hasMessage("erspan port 'watch': refused by the test's host");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "remote_ip=10.0.0.9&local_ip=10.0.0.7 | option local_ip is '10.0.0.7'",
                "remote_ip=10.0.0.9&dev=eth7          | option dev is 'eth7'",
                "remote_ip=10.0.0.9&netns=none        | option netns is 'none'",
                "remote_ip=10.0.0.77                  | option remote_ip is '10.0.0.77'",
            })
    void shouldNameTheOptionToBlame(String options, String blamed) {
        assertThatThrownBy(() -> watch(options))
                .isInstanceOf(PortException.class)
                .hasMessageStartingWith("erspan port 'watch': " + blamed);
    }
}
