package io.weft.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests with real bytes, and every byte of the answers. */
class NeighbourResponderTest {
    // Station aa asks; 10.0.0.2 and fd00::2 are bound to station bb, fd00::3 to the router cc.
    static final String ASKER = "0200000000aa";
    static final String OWNER = "0200000000bb";
    static final String BROADCAST = "ffffffffffff";

    static final String ARP_REQUEST =
            BROADCAST + ASKER + "0806 0001 0800 0604 0001" + ASKER + "0a000001 000000000000 0a000002";
    private static final String ARP_REPLY =
            ASKER + OWNER + "0806 0001 0800 0604 0002" + OWNER + "0a000002" + ASKER + "0a000001";

    private static final String IP_ASKER = "fd000000000000000000000000000001";
    private static final String IP_OWNER = "fd000000000000000000000000000002";
    private static final String IP_ROUTER = "fd000000000000000000000000000003";
    private static final String IP_NONE = "00000000000000000000000000000000";
    private static final String SOLICITED_NODE = "ff0200000000000000000001ff000002";
    private static final String ALL_NODES = "ff020000000000000000000000000001";
    private static final String SOURCE_OPTION = "0101" + ASKER;

    private final NeighbourTable table = new NeighbourTable();
    private final NeighbourResponder responder = new NeighbourResponder(table, false);
    private final NeighbourResponder eager = new NeighbourResponder(table, true);

    @BeforeEach
    void bind() throws Exception {
        for (int vlan : new int[] {0, 7}) {
            table.bind(vlan, InetAddress.getByName("10.0.0.2"), 0x0200_0000_00bbL);
            table.bind(vlan, InetAddress.getByName("fd00::2"), 0x0200_0000_00bbL);
            table.bind(new NeighbourBinding(vlan, InetAddress.getByName("fd00::3"), 0x0200_0000_00ccL, true));
        }
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static Frame frame(byte[] bytes) {
        Frame frame = new FramePool(1, 0).allocate(bytes.length);
        for (int i = 0; i < frame.capacity(); i++) {
            frame.putByte(i, 0xa5);
        }
        frame.putBytes(0, bytes, 0, bytes.length);
        frame.ingress(3);
        frame.endpoint(9);
        return frame;
    }

    private static String hex(Frame frame) {
        return HexFormat.of().formatHex(frame.toByteArray());
    }

    private static void assertAnswer(NeighbourResponder responder, byte[] request, int vlan, String answer) {
        Frame frame = frame(request);
        assertThat(responder.answer(frame, vlan)).isTrue();
        assertThat(hex(frame)).isEqualTo(answer.replace(" ", ""));
        assertThat(frame.ingress()).isEqualTo(3);
        assertThat(frame.endpoint()).isEqualTo(9);
    }

    private static void assertLeftAlone(NeighbourResponder responder, byte[] request, int vlan) {
        Frame frame = frame(request);
        assertThat(responder.answer(frame, vlan)).isFalse();
        assertThat(frame.toByteArray()).isEqualTo(request);
    }

    // ---- ARP ----

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"})
    void shouldAnswerAnArpRequestAndDropItsPadding(String padding) {
        assertAnswer(responder, bytes(ARP_REQUEST + padding), 0, ARP_REPLY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"81006007", "88a8f007", "91000007", "8100e000"})
    void shouldKeepTheTag(String tag) {
        String request = ARP_REQUEST.replace("0806 ", tag + "0806");
        assertAnswer(responder, bytes(request), 7, ARP_REPLY.replace("0806 ", tag + "0806"));
    }

    @Test
    void shouldIgnoreTheTargetMacOfARequest() {
        assertAnswer(responder, bytes(ARP_REQUEST.replace("000000000000", BROADCAST)), 0, ARP_REPLY);
    }

    @Test
    void shouldAnswerAProbeOfAnotherStation() { // RFC 5227, 2.1.1
        String probe = ARP_REQUEST.replace("0a000001", "00000000");
        assertAnswer(responder, bytes(probe), 0, ARP_REPLY.replace("0a000001", "00000000"));
    }

    @ParameterizedTest
    @CsvSource({
        "0a000002, 0a000003", // unknown target
        "0a000001, 0a000002", // gratuitous
        "0a000001, e0000001", // a group as sender
        "0a000001, ffffffff",
        "0604 0001, 0604 0002", // a reply
        "0604 0001, 0604 0003",
        "0604 0001, 0605 0001", // lengths and types
        "0604 0001, 0804 0001",
        "0800 0604, 86dd 0604",
        "0806 0001, 0806 0006",
        "0806 0001, 8035 0001",
        "00010200000000aa, 00010200000000bb", // the owner's MAC address
        "00010200000000aa, 0001030000000001", // a group's
        "00010200000000aa, 0001000000000000",
        "ffffffffffff0200000000aa, ffffffffffff0200000000bb" // sent by the owner
    })
    void shouldLeaveOtherArpAlone(String from, String to) {
        String request = ARP_REQUEST.replace(" ", "");
        String changed = request.replace(from.replace(" ", ""), to.replace(" ", ""));
        assertThat(changed).isNotEqualTo(request);
        assertLeftAlone(eager, bytes(changed), 0);
        assertLeftAlone(eager, bytes(changed.replaceFirst("0806", "810000070806")), 7);
    }

    @Test
    void shouldLeaveTheOwnersProbeAlone() {
        String probe = ARP_REQUEST.replace(ASKER, OWNER).replace("0a000001", "00000000");
        assertLeftAlone(eager, bytes(probe), 0);
    }

    @Test
    void shouldAnswerOnlyInTheBindingsVlan() {
        assertLeftAlone(eager, bytes(ARP_REQUEST), 8);
        assertLeftAlone(eager, bytes(ARP_REQUEST.replace("0806 ", "810000080806")), 8);
        assertAnswer(eager, bytes(ARP_REQUEST), 7, ARP_REPLY); // access port: VLAN without a tag
    }

    @Test
    void shouldLeaveNetworksInsideAVlanAlone() {
        assertLeftAlone(eager, bytes(ARP_REQUEST.replace("0806 ", "88a80007 81000007 0806")), 7);
        assertLeftAlone(eager, bytes(ARP_REQUEST.replace("0806 ", "81000009 0806")), 7);
    }

    @Test
    void shouldPassUnicastRequestsUnlessToldOtherwise() {
        String arp = ARP_REQUEST.replaceFirst(BROADCAST, OWNER);
        assertLeftAlone(responder, bytes(arp), 0);
        assertAnswer(eager, bytes(arp), 0, ARP_REPLY);
        byte[] solicitation = solicitation(OWNER, IP_ASKER, IP_OWNER, IP_OWNER, "");
        assertLeftAlone(responder, solicitation, 0);
        assertAnswer(eager, solicitation, 0, advertisement(ASKER, OWNER, IP_ASKER, IP_OWNER, "60000000"));
    }

    @Test
    void shouldLeaveTruncatedFramesAlone() {
        byte[] arp = bytes(ARP_REQUEST);
        byte[] solicitation = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, SOURCE_OPTION);
        for (byte[] whole : new byte[][] {arp, solicitation}) {
            for (int length = 0; length < whole.length; length++) {
                Frame frame = new FramePool(1, 0).allocate(FramePool.SMALL_LENGTH);
                frame.consume(FramePool.SMALL_LENGTH - length); // reading behind its end would throw
                frame.putBytes(0, whole, 0, length);
                assertThat(eager.answer(frame, 0)).as("%d bytes", length).isFalse();
            }
        }
    }

    // ---- neighbour discovery ----

    /** A solicitation in an Ethernet frame from {@link #ASKER}, checksum and length right. */
    static byte[] solicitation(String mac, String source, String destination, String target, String options) {
        String message = "8700 0000 00000000" + target + options;
        int length = bytes(message).length;
        String head = mac + ASKER + "86dd 6000 0000" + String.format("%04x", length) + "3aff" + source + destination;
        return withChecksum(bytes(head + message), 14);
    }

    static String advertisement(String mac, String owner, String destination, String target, String flags) {
        String head = mac + owner + "86dd 6000 0000 0020 3aff" + target + destination;
        String message = "8800 0000" + flags + target + "0201" + owner;
        return HexFormat.of().formatHex(withChecksum(bytes(head + message), 14));
    }

    /** Sets the ICMPv6 checksum: RFC 4443, 2.3 word by word. */
    static byte[] withChecksum(byte[] frame, int ip) {
        int length = frame.length - ip - 40;
        frame[ip + 42] = 0;
        frame[ip + 43] = 0;
        long sum = length + 58;
        for (int i = ip + 8; i < frame.length; i++) {
            sum += (long) (frame[i] & 0xff) << ((i - ip) % 2 == 0 ? 8 : 0);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        frame[ip + 42] = (byte) (~sum >>> 8);
        frame[ip + 43] = (byte) ~sum;
        return frame;
    }

    @Test
    void shouldAnswerASolicitation() {
        byte[] request = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, SOURCE_OPTION);
        assertAnswer(responder, request, 0, advertisement(ASKER, OWNER, IP_ASKER, IP_OWNER, "60000000"));
    }

    @Test
    void shouldGrowASolicitationWithoutOptions() {
        byte[] request = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, "");
        assertThat(request).hasSize(78);
        String answer = advertisement(ASKER, OWNER, IP_ASKER, IP_OWNER, "60000000");
        assertThat(bytes(answer)).hasSize(86);
        assertAnswer(responder, request, 0, answer);
    }

    @Test
    void shouldNotGrowAFrameThatFillsItsSlot() {
        byte[] request = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, "");
        Frame frame = new FramePool(1, 0).allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - request.length);
        frame.putBytes(0, request, 0, request.length);
        assertThat(responder.answer(frame, 0)).isFalse();
        assertThat(frame.toByteArray()).isEqualTo(request);
    }

    @Test
    void shouldCutASolicitationWithManyOptionsAndPadding() {
        byte[] request = solicitation(
                "3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, "0e02112233445566778899aabbccddee" + SOURCE_OPTION);
        byte[] padded = Arrays.copyOf(request, request.length + 20);
        assertAnswer(responder, padded, 0, advertisement(ASKER, OWNER, IP_ASKER, IP_OWNER, "60000000"));
    }

    @Test
    void shouldAnswerToTheAddressInTheOption() {
        byte[] request = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, "01010200000000dd");
        assertAnswer(responder, request, 0, advertisement("0200000000dd", OWNER, IP_ASKER, IP_OWNER, "60000000"));
    }

    @Test
    void shouldSayThatARouterIsOne() {
        byte[] request = solicitation("3333ff000003", IP_ASKER, ALL_NODES, IP_ROUTER, SOURCE_OPTION);
        assertAnswer(responder, request, 0, advertisement(ASKER, "0200000000cc", IP_ASKER, IP_ROUTER, "e0000000"));
    }

    @Test
    void shouldKeepTagAndTrafficClass() {
        byte[] request = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, SOURCE_OPTION);
        String tagged = HexFormat.of().formatHex(request).replace("86dd60000000", "8100a00786dd6ac12345");
        String answer = advertisement(ASKER, OWNER, IP_ASKER, IP_OWNER, "60000000");
        assertAnswer(responder, bytes(tagged), 7, answer.replace("86dd60000000", "8100a00786dd6ac00000"));
    }

    @Test
    void shouldTellAProbeThatTheAddressIsTaken() { // RFC 4861, 7.2.4
        byte[] request = solicitation("3333ff000002", IP_NONE, SOLICITED_NODE, IP_OWNER, "");
        assertAnswer(responder, request, 0, advertisement("333300000001", OWNER, ALL_NODES, IP_OWNER, "20000000"));
        byte[] withNonce = solicitation("3333ff000002", IP_NONE, SOLICITED_NODE, IP_OWNER, "0e01112233445566");
        assertAnswer(responder, withNonce, 0, advertisement("333300000001", OWNER, ALL_NODES, IP_OWNER, "20000000"));
    }

    @Test
    void shouldLeaveTheOwnersProbeOfIpv6Alone() {
        byte[] request = solicitation("3333ff000002", IP_NONE, SOLICITED_NODE, IP_OWNER, "");
        System.arraycopy(bytes(OWNER), 0, request, 6, 6);
        assertLeftAlone(eager, request, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "fd000000000000000000000000000001, ff0200000000000000000001ff000004, fd000000000000000000000000000004, ''",
        "fd000000000000000000000000000002, ff0200000000000000000001ff000002, fd000000000000000000000000000002, ''",
        "ff020000000000000000000000000001, ff0200000000000000000001ff000002, fd000000000000000000000000000002, ''",
        "fd000000000000000000000000000001, fd000000000000000000000000000009, fd000000000000000000000000000002, ''",
        // the owner's and a group's link-layer address
        "fd000000000000000000000000000001, ff0200000000000000000001ff000002, fd000000000000000000000000000002,"
                + "01010200000000bb",
        "fd000000000000000000000000000001, ff0200000000000000000001ff000002, fd000000000000000000000000000002,"
                + "0101333300000001",
        // probes that RFC 4861, 7.1.1 forbids
        "00000000000000000000000000000000, ff0200000000000000000001ff000002, fd000000000000000000000000000002,"
                + "01010200000000aa",
        "00000000000000000000000000000000, ff020000000000000000000000000001, fd000000000000000000000000000002, ''",
        "00000000000000000000000000000000, fd000000000000000000000000000002, fd000000000000000000000000000002, ''",
        "00000000000000000000000000000000, ff0200000000000000000001fe000002, fd000000000000000000000000000002, ''",
        // options: length 0, too long, a rest
        "fd000000000000000000000000000001, ff0200000000000000000001ff000002, fd000000000000000000000000000002,"
                + "01000200000000aa",
        "fd000000000000000000000000000001, ff0200000000000000000001ff000002, fd000000000000000000000000000002,"
                + "0e00020000000001 01010200000000aa",
        "fd000000000000000000000000000001, ff0200000000000000000001ff000002, fd000000000000000000000000000002,"
                + "01020200000000aa",
        "fd000000000000000000000000000001, ff0200000000000000000001ff000002, fd000000000000000000000000000002,"
                + "01010200000000aa00"
    })
    void shouldLeaveOtherSolicitationsAlone(String source, String destination, String target, String options) {
        assertLeftAlone(eager, solicitation("3333ff000002", source, destination, target, options), 0);
    }

    @Test
    void shouldLeaveOneWithAnyBitOfTheMessageFlippedAlone() {
        byte[] request = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, SOURCE_OPTION);
        for (int bit = 22 * 8; bit < request.length * 8; bit++) { // the addresses and all that is behind them
            byte[] flipped = request.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertLeftAlone(eager, flipped, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "14, 40", // version
        "18, 01", // payload length
        "19, 10", // payload length: shorter than the message
        "19, 17", "19, 21", "20, 00", // hop-by-hop options in front
        "20, 2c", // a fragment
        "21, fe", // hop limit
        "21, 00"
    })
    void shouldLeaveOneWithABadIpHeaderAlone(int index, String value) {
        byte[] request = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, SOURCE_OPTION);
        request[index] = (byte) Integer.parseInt(value, 16);
        assertLeftAlone(eager, request, 0);
    }

    @ParameterizedTest
    @CsvSource({"54, 88", "54, 85", "55, 01"}) // an advertisement, a router solicitation, a code
    void shouldLeaveOtherMessagesAlone(int index, String value) {
        byte[] request = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, SOURCE_OPTION);
        request[index] = (byte) Integer.parseInt(value, 16);
        assertLeftAlone(eager, withChecksum(request, 14), 0);
    }

    // ---- both ----

    @Test
    void shouldLeaveUnfinishedFramesAlone() {
        byte[] request = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, SOURCE_OPTION);
        Frame frame = frame(request);
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, 54, 2);
        assertThat(responder.answer(frame, 0)).isFalse();
        frame.offload(Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0);
        assertThat(responder.answer(frame, 0)).isTrue();
        assertThat(frame.offloadFlags()).isZero();
    }

    @Test
    void shouldAnswerNobodyWithAnEmptyTable() {
        table.clear();
        assertLeftAlone(eager, bytes(ARP_REQUEST), 0);
    }

    @Test
    void shouldSurviveAnyBytes() {
        SplittableRandom random = TestSeed.random("NeighbourResponderTest");
        byte[][] seeds = {
            bytes(ARP_REQUEST),
            bytes(ARP_REQUEST.replace("0806 ", "810000070806")),
            solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, SOURCE_OPTION),
            solicitation("3333ff000002", IP_NONE, SOLICITED_NODE, IP_OWNER, "0e01112233445566")
        };
        FramePool pool = new FramePool(1, 0);
        int answered = 0;
        for (int i = 0; i < 200_000 * TestSeed.effort(); i++) {
            byte[] bytes = seeds[random.nextInt(seeds.length)].clone();
            for (int flips = random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            if (random.nextBoolean() && bytes.length > 80) {
                withChecksum(bytes, 14);
            }
            int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
            Frame frame = pool.allocate(FramePool.SMALL_LENGTH);
            frame.consume(FramePool.SMALL_LENGTH - length);
            frame.putBytes(0, bytes, 0, length);
            int vlan = random.nextInt(2) * 7;
            if (eager.answer(frame, vlan)) {
                answered++;
                assertThat(eager.answer(frame, vlan))
                        .as("an answer is not a request")
                        .isFalse();
            } else {
                byte[] after = frame.toByteArray();
                assertThat(Arrays.equals(after, 0, length, bytes, 0, length)).isTrue();
            }
            frame.release();
        }
        assertThat(answered).isGreaterThan(1_000);
    }

    @Test
    void shouldAnswerWithoutAllocating() {
        byte[] arp = bytes(ARP_REQUEST);
        byte[] solicitation = solicitation("3333ff000002", IP_ASKER, SOLICITED_NODE, IP_OWNER, SOURCE_OPTION);
        Frame frame = frame(arp);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        for (int round = 0; round < 2; round++) { // what class loading takes is not in the second
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                byte[] request = i % 2 == 0 ? arp : solicitation;
                frame.length(request.length);
                frame.putBytes(0, request, 0, request.length);
                if (!responder.answer(frame, 0)) {
                    throw new AssertionError("not answered");
                }
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated).as("bytes for 10,000 answers").isLessThan(10_000);
    }
}
