package io.weft.srv6;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import io.weft.tunnel.InnerFrames;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All that may be in front of a frame: 16 segments and a digest, tags inside; each segment is a SID where the digest is required. */
class LongestHeadersTest {
    private static final String KEY = "&hmac_key=7 sha256 swordfish";
    private static final String SEGMENTS = "fc00:2::e,".repeat(15) + "fc00:2::d2";
    private static final String SIDS =
            "&local_ip=fc00:2::1&remote_ip=fc00:1::d1&hmac_required=true&sid=fc00:2::e End&sid=fc00:2::d2 ";

    /** The longest frame that has a small slot of the pool, without its tag. */
    private static final int SMALL = FramePool.SMALL_LENGTH - 4;

    private Srv6Lab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    private static String headend(String name, String options) {
        return "srv6:" + name + "?local_ip=fc00:1::d1&remote_ip=fc00:2::1&hmac=7&srv6_segs=" + SEGMENTS + KEY + options;
    }

    /** A reduced list has one segment less. */
    @ParameterizedTest
    @CsvSource({"l2, End.DX2, full", "l2, End.DX2, red", "bridge, End.DT2U, full", "bridge, End.DT2U, red"})
    void shouldCarryTaggedFrames(String mode, String behaviour, String encap) throws Exception {
        lab = Srv6Lab.of(2);
        lab.network.mtu(9_000);
        lab.site(1).memory("h").srv6(headend("s", "&mode=" + mode + "&inner_tags=carry&encap=" + encap));
        lab.site(2).memory("h").srv6("srv6:s?mode=" + mode + SIDS + behaviour + "&inner_tags=carry" + KEY);
        int headers = encap.equals("full") ? 40 + 8 + 16 * 16 + 40 : 40 + 8 + 15 * 16 + 40;
        for (int length : new int[] {60, SMALL, SMALL + 1, 9_000 - headers - 4}) {
            byte[] tagged = InnerFrames.tagged(5, frame(BROADCAST, A, length, 3));
            lab.takeSent();
            lab.site(1).send("h", tagged);
            List<byte[]> sent = lab.takePackets();
            assertThat(sent).hasSize(1);
            assertThat(sent.get(0)).hasSize(headers + tagged.length);
            assertThat(Arrays.copyOfRange(sent.get(0), headers, sent.get(0).length))
                    .isEqualTo(tagged);
            assertThat(lab.site(2).take("h")).containsExactly(tagged);
        }
        lab.site(1).send("h", InnerFrames.tagged(5, frame(BROADCAST, A, 9_000 - headers - 3, 4)));
        assertThat(lab.site(1).dropped("s", DropReason.TOO_LONG)).isEqualTo(1);
        assertThat(lab.site(2).refused()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "red"})
    void shouldCarryPackets(String encap) throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Line left = lab.line(1, headend("l", "&mode=l3&encap=" + encap));
        Srv6Line right = lab.line(2, "srv6:r?mode=l3" + SIDS + "End.DT46 table r" + KEY);
        left.send(InnerFrames.ip("192.0.2.1", "192.0.2.2", 900), InnerFrames.ip("2001:db8::1", "2001:db8::2", 900));
        assertThat(right.take())
                .containsExactly(
                        InnerFrames.ipHopped("192.0.2.1", "192.0.2.2", 900),
                        InnerFrames.ipHopped("2001:db8::1", "2001:db8::2", 900));
    }
}
