package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.offload.VirtioFrame;
import io.weft.offload.WireFrame;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 6040: all of figure 4, over IPv4 and IPv6, and what goes into the outer header. */
class EcnTest {
    private static final byte[] IPV6_FROM = {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    private static final byte[] IPV6_TO = {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};

    private final FramePool pool = new FramePool(4, 2);

    private static WireFrame wire(boolean ipv6, Consumer<WireFrame> change) {
        WireFrame wire = new WireFrame();
        wire.ipv6 = ipv6;
        wire.flowLabel = 0xfffff;
        if (ipv6) {
            wire.from = IPV6_FROM;
            wire.to = IPV6_TO;
        }
        wire.payload = new byte[40];
        change.accept(wire);
        return wire;
    }

    private Frame frame(WireFrame wire) {
        return VirtioFrame.plain(wire.bytes()).in(pool);
    }

    private Frame frame(byte[] bytes) {
        return VirtioFrame.plain(bytes).in(pool);
    }

    @ParameterizedTest
    @CsvSource({ // inner, outer, result, inner after; 0 Not-ECT, 1 ECT(1), 2 ECT(0), 3 CE
        "0, 0, 0, 0", "0, 2, 0, 0", "0, 1, 0, 0", "0, 3, 2, 0", //
        "2, 0, 0, 2", "2, 2, 0, 2", "2, 1, 1, 1", "2, 3, 1, 3", //
        "1, 0, 0, 1", "1, 2, 0, 1", "1, 1, 0, 1", "1, 3, 1, 3", //
        "3, 0, 0, 3", "3, 2, 0, 3", "3, 1, 0, 3", "3, 3, 0, 3"
    })
    void shouldDoAsFigure4Says(int inner, int outer, int result, int after) {
        for (int dscp = 0; dscp < 64; dscp++) {
            for (boolean ipv6 : new boolean[] {false, true}) {
                int before = dscp << 2 | inner;
                Frame frame = frame(wire(ipv6, wire -> wire.tos = before));
                assertThat(Ecn.inner(frame)).isEqualTo(before);
                assertThat(Ecn.decapsulate(frame, (63 - dscp) << 2 | outer)).isEqualTo(result);
                int marked = dscp << 2 | after;
                assertThat(frame.toByteArray())
                        .isEqualTo(wire(ipv6, wire -> wire.tos = marked).bytes());
                frame.release();
            }
        }
    }

    @Test
    void shouldFindPacketsBehindTags() {
        for (int tags = 0; tags <= 64; tags++) {
            int[] stack = new int[tags];
            for (int i = 0; i < tags; i++) {
                stack[i] = (i % 2 == 0 ? 0x8100_0000 : 0x88a8_0000) | i + 1;
            }
            for (boolean ipv6 : new boolean[] {false, true}) {
                Frame frame = frame(wire(ipv6, wire -> {
                    wire.tags = stack;
                    wire.tos = 0xba;
                }));
                byte[] before = frame.toByteArray();
                boolean found = tags <= 4;
                assertThat(Ecn.inner(frame)).isEqualTo(found ? 0xba : Ecn.NONE);
                assertThat(Ecn.decapsulate(frame, 3)).isEqualTo(found ? Ecn.MARKED : Ecn.UNCHANGED);
                assertThat(Arrays.equals(frame.toByteArray(), before)).isEqualTo(!found);
                frame.release();
            }
        }
    }

    @Test
    void shouldLeaveAloneWhatIsNoWholeHeader() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            byte[] whole = wire(ipv6, wire -> wire.tos = 2).bytes();
            for (int length = 0; length < 14 + (ipv6 ? 40 : 20); length++) {
                Frame frame = frame(Arrays.copyOf(whole, length));
                assertThat(Ecn.inner(frame)).isEqualTo(Ecn.NONE);
                assertThat(Ecn.decapsulate(frame, 3)).isEqualTo(Ecn.UNCHANGED);
                frame.release();
            }
            for (int first = 0; first < 256; first++) {
                byte[] lying = whole.clone();
                lying[14] = (byte) first;
                Frame frame = frame(lying);
                boolean honest = ipv6 ? first >> 4 == 6 : first >> 4 == 4 && (first & 15) >= 5;
                assertThat(Ecn.inner(frame) != Ecn.NONE).as("%x", first).isEqualTo(honest);
                frame.release();
            }
        }
        Frame arp = frame(wire(false, wire -> wire.tags = new int[] {0x8100_0001, 0x0806_4502}));
        assertThat(Ecn.inner(arp)).isEqualTo(Ecn.NONE);
        assertThat(Ecn.decapsulate(arp, 3)).isEqualTo(Ecn.UNCHANGED);
    }

    @Test
    void shouldMarkNothingWhenTheUnderlayDoesNotTell() {
        assertThat(Ecn.decapsulate(frame(wire(false, wire -> wire.tos = 2)), -1))
                .isEqualTo(Ecn.UNCHANGED);
        assertThat(Ecn.decapsulate(frame(wire(false, wire -> wire.tos = 0)), -1))
                .isEqualTo(Ecn.UNCHANGED);
    }

    @Test
    void shouldMarkASuperFrameAsAWhole() {
        WireFrame wire = wire(false, one -> {
            one.tos = 2;
            one.payload = new byte[5_000];
        });
        Frame frame = wire.partial(1_000).in(pool);
        assertThat(Ecn.decapsulate(frame, 3)).isEqualTo(Ecn.MARKED);
        wire.tos = 3;
        assertThat(frame.toByteArray()).isEqualTo(wire.partial(1_000).bytes());
        assertThat(frame.gsoSize()).isEqualTo(1_000);
    }

    @Test
    void shouldKeepAWrongChecksumWrong() {
        Frame frame = frame(wire(false, wire -> {
            wire.tos = 2;
            wire.ipChecksum = 0x1234;
        }));
        assertThat(Ecn.decapsulate(frame, 3)).isEqualTo(Ecn.MARKED);
        assertThat(frame.getShort(24)).isEqualTo(0x1233);
    }

    @ParameterizedTest
    @CsvSource({ // inner, configured, inherit, outer
        "0xb9, 0x48, false, 0x49",
        "0xba, 0x48, false, 0x4a",
        "0xbb, 0x48, false, 0x4b", // CE is copied
        "0xb8, 0x4b, false, 0x48", // the configured ECN field does not matter
        "0xbb, 0x48, true, 0xbb",
        "0x00, 0xff, true, 0x00",
        "-1, 0xff, true, 0xfc", // no IP packet
        "-1, 0x48, false, 0x48"
    })
    void shouldMakeTheOuterTrafficClass(int inner, int configured, boolean inherit, int outer) {
        assertThat(Ecn.encapsulate(inner, configured, inherit)).isEqualTo(outer);
    }
}
