package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpAddress;
import io.weft.frame.Ipv6;
import io.weft.srv6.SrHmacKey.Algorithm;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.Packets;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the kernel puts in front of packets and frames is read here, and made again byte for byte. The fields that a headend is
 * free to choose are taken from the kernel's.
 */
@Timeout(120)
class KernelEncapsulationIT {
    private static final String SECRET = "a secret that is not a secret";
    private static final long KEY_ID = 4_000_000_001L;

    private static final byte[] UDP4 = Packets.bytes("02000000000a 020000000001 0800"
            + "4500 0024 0000 4000 40 11 26bc 0a010002 0a090002 c350c351 0010 0000 0102030405060708");
    private static final byte[] UDP6 = Packets.bytes("02000000000a 020000000001 86dd"
            + "6ab12345 0010 11 40 fd00000a000000000000000000000002 fd090000000000000000000000000002"
            + "c350c351 0010 1234 0102030405060708");

    private static KernelHeadend kernel;

    private final Frame frame = new FramePool(1, 0).allocate(1_000);

    @BeforeAll
    static void open() throws Exception {
        NetworkNamespace.assumeAvailable();
        try (NetworkNamespace probe = NetworkNamespace.create("probe")) {
            Assumptions.assumeTrue(
                    probe.succeeds("ip", "sr", "tunsrc", "show"), "skipped: this kernel has no segment routing (seg6)");
        }
        kernel = new KernelHeadend();
    }

    @AfterAll
    static void close() {
        if (kernel != null) {
            kernel.close();
        }
    }

    private static String list(int size) {
        StringBuilder list = new StringBuilder("fc00:9::1");
        for (int i = 2; i <= size; i++) {
            list.append(",fc00:").append(i).append("::d").append(i);
        }
        return list.toString();
    }

    /** The name in `ip route`: {@code l2encap.red}. */
    private static String mode(Encapsulation encapsulation) {
        return encapsulation
                .name()
                .toLowerCase(Locale.ROOT)
                .replace("encaps", "encap")
                .replace('_', '.');
    }

    private static void route(Encapsulation encapsulation, boolean ipv6, String segments) {
        String[] command = ("ip " + (ipv6 ? "-6" : "-4") + " route replace " + (ipv6 ? "fd09::/64" : "10.9.0.0/24")
                        + " encap seg6 mode " + mode(encapsulation) + " segs " + segments + " dev b0")
                .split(" ");
        Assumptions.assumeTrue(
                kernel.router.succeeds(command), "skipped: this kernel cannot `" + String.join(" ", command) + "`");
    }

    @ParameterizedTest(name = "{0}, IPv6 {1}, {2} segments")
    @CsvSource({
        "ENCAPS, false, 1",
        "ENCAPS, false, 3",
        "ENCAPS, true, 2",
        "ENCAPS, true, 16",
        "ENCAPS_RED, false, 1",
        "ENCAPS_RED, true, 1",
        "ENCAPS_RED, false, 2",
        "ENCAPS_RED, true, 3",
        "ENCAPS_RED, true, 16",
        "L2ENCAPS, false, 1",
        "L2ENCAPS, true, 3",
        "L2ENCAPS, true, 16",
        "L2ENCAPS_RED, false, 1",
        "L2ENCAPS_RED, true, 2",
        "L2ENCAPS_RED, false, 16",
    })
    void shouldWriteWhatTheKernelWrites(Encapsulation encapsulation, boolean ipv6, int size) throws Exception {
        route(encapsulation, ipv6, list(size));
        byte[] sent = ipv6 ? UDP6 : UDP4;
        kernel.send(sent);
        byte[] packet = kernel.receive();

        Packets.set(frame, packet);
        SegmentList list = SegmentList.parse(list(size));
        int nextHeader = encapsulation.isEthernet() ? Ipv6Header.ETHERNET : ipv6 ? Ipv6Header.IPV6 : Ipv6Header.IPV4;
        long found = readAndWriteAgain(packet, list, encapsulation, nextHeader);
        if (encapsulation.isReduced() && size == 1) {
            assertThat(ExtensionHeaders.srHeader(found)).isEqualTo(ExtensionHeaders.NONE);
        }
        byte[] inside = Arrays.copyOfRange(packet, list.headerLength(encapsulation), packet.length);
        byte[] expected = encapsulation.isEthernet() ? sent.clone() : Arrays.copyOfRange(sent, 14, sent.length);
        int ip = encapsulation.isEthernet() ? 14 : 0;
        if (!Arrays.equals(inside, expected)) { // it has been forwarded
            if (ipv6) {
                expected[ip + 7]--;
            } else {
                expected[ip + 8]--;
                expected[ip + 10]++;
            }
        }
        assertThat(Packets.hex(inside)).isEqualTo(Packets.hex(expected));
    }

    /** Returns what was found. */
    private long readAndWriteAgain(byte[] packet, SegmentList list, Encapsulation encapsulation, int nextHeader) {
        assertThat(Ipv6Header.check(frame, 0, packet.length)).isEqualTo(packet.length);
        long found = ExtensionHeaders.find(frame, 0, packet.length);
        int headerLength = list.headerLength(encapsulation);
        assertThat(ExtensionHeaders.upperLayer(found)).isEqualTo(headerLength);
        assertThat(ExtensionHeaders.upperLayerProtocol(found)).isEqualTo(nextHeader);
        int word = Ipv6Header.word(frame, 0);
        int hopLimit = Ipv6.hopLimit(frame, 0);
        frame.consume(headerLength);
        for (int i = 1; i <= headerLength; i++) {
            frame.putByte(-i, 0xa5); // who leaves out a byte leaves this
        }
        long[] source = IpAddress.parseIpv6(KernelHeadend.SOURCE);
        list.prepend(
                frame,
                encapsulation,
                nextHeader,
                source[0],
                source[1],
                Ipv6Header.trafficClass(word),
                Ipv6Header.flowLabel(word),
                hopLimit);
        if (list.isSigned()) {
            hmac(SECRET).sign(frame);
        }
        assertThat(Packets.hex(frame)).isEqualTo(Packets.hex(packet));
        return found;
    }

    private static SrHmac hmac(String secret) {
        return new SrHmac(List.of(
                new SrHmacKey(7, Algorithm.SHA1, secret.getBytes(StandardCharsets.UTF_8)),
                new SrHmacKey(KEY_ID, Algorithm.SHA256, secret.getBytes(StandardCharsets.UTF_8))));
    }

    @ParameterizedTest(name = "key {0}")
    @ValueSource(longs = {KEY_ID, 7})
    void shouldSignAsTheKernelDoes(long keyId) throws Exception {
        try {
            kernel.key(keyId, keyId == 7 ? Algorithm.SHA1 : Algorithm.SHA256, SECRET);
        } catch (IllegalStateException e) {
            Assumptions.abort("skipped: this kernel has no HMAC for segment routing: " + e.getMessage());
        }
        for (int size = 1; size <= 12; size++) {
            route(Encapsulation.ENCAPS, true, list(size) + " hmac " + keyId);
            kernel.send(UDP6);
            byte[] packet = kernel.receive();
            Packets.set(frame, packet);
            SegmentList list = SegmentList.parse(list(size)).signed(keyId, true);
            long found = readAndWriteAgain(packet, list, Encapsulation.ENCAPS, Ipv6Header.IPV6);
            int srh = ExtensionHeaders.srHeader(found);
            assertThat(hmac(SECRET).verify(frame, 0, srh, true)).isNull();
            assertThat(hmac(SECRET + "!").verify(frame, 0, srh, true)).isEqualTo(SrRefusal.HMAC_WRONG);
        }
    }
}
