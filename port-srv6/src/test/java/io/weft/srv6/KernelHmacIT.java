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
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node of the kernel's that lets only signed packets pass, and lets those pass that are signed here. */
@Timeout(60)
class KernelHmacIT {
    private static final String SECRET = "known to both";
    private static final long KEY_ID = 77;
    private static final String HERE = "fc00:1::e"; // the kernel's SID

    private final Frame frame = new FramePool(1, 0).allocate(1_000);

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
    }

    private byte[] signed(Algorithm algorithm, String secret, Encapsulation encapsulation, int number) {
        Packets.set(
                frame,
                Packets.bytes("60000000 0008 3b 40" + "fd0900000000000000000000000000".repeat(2) + "0001" + "0002"
                        + "01020304050607" + String.format("%02x", number)));
        long[] source = IpAddress.parseIpv6("fd00:a::2");
        SegmentList.parse(HERE + ",fc00:2::2,fc00:3::3")
                .signed(KEY_ID, true)
                .prepend(frame, encapsulation, Ipv6Header.IPV6, source[0], source[1], 0, 0, 64);
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        new SrHmac(List.of(new SrHmacKey(KEY_ID, algorithm, bytes))).sign(frame);
        frame.prepend(14);
        frame.putLong(0, 0x0200_0000_000a_0200L);
        frame.putInt(8, 1);
        frame.putShort(12, 0x86dd);
        return frame.toByteArray();
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void shouldBeAcceptedByTheKernel(Algorithm algorithm) throws Exception {
        try (KernelHeadend kernel = new KernelHeadend()) {
            try {
                kernel.key(KEY_ID, algorithm, SECRET);
                kernel.sh(
                        "sysctl -qw net.ipv6.conf.all.seg6_enabled=1 net.ipv6.conf.a0.seg6_enabled=1"
                                + " net.ipv6.conf.all.seg6_require_hmac=1 net.ipv6.conf.a0.seg6_require_hmac=1",
                        "ip -6 route add " + HERE + "/128 encap seg6local action End dev b0");
            } catch (IllegalStateException e) {
                Assumptions.abort("skipped: this kernel has no HMAC for segment routing: " + e.getMessage());
            }
            int number = 0;
            for (Encapsulation encapsulation : new Encapsulation[] {Encapsulation.ENCAPS, Encapsulation.ENCAPS_RED}) {
                kernel.send(signed(algorithm, SECRET + "?", encapsulation, ++number)); // does not pass
                byte[] sent = signed(algorithm, SECRET, encapsulation, ++number);
                kernel.send(sent);
                byte[] passed = kernel.receive();
                assertThat(passed[passed.length - 1]).as("number of the packet").isEqualTo((byte) number);
                Packets.set(frame, sent);
                frame.consume(14);
                SrHeader.advance(frame, 0, Ipv6Header.LENGTH);
                Ipv6Header.putHopLimit(frame, 0, Ipv6.hopLimit(frame, 0) - 1);
                assertThat(Packets.hex(passed)).isEqualTo(Packets.hex(frame));
            }
        }
    }
}
