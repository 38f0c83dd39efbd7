package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The way past VLAN tags, and the transport's port numbers. */
class EtherTypeTest {
    /** A frame that ends where its slot does, so that reading behind it throws. */
    private static Frame frame(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        Frame frame = new FramePool(1, 0).allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    @ParameterizedTest
    @CsvSource({
        "0800, 12, 0x0800",
        "0026, 12, 0x0026",
        "8100 0007 0806, 16, 0x0806",
        "88a8 0007 8100 0008 86dd, 20, 0x86dd",
        "9100 0007 9100 0008 88a8 0000 0800, 24, 0x0800",
        "8100 0001 8100 0002 8100 0003 8100 0004 0800, 28, 0x0800",
        "8100 0001 8100 0002 8100 0003 8100 0004 8100 0005 0800, 28, 0x8100"
    })
    void shouldStepOverTags(String types, int offset, int type) {
        Frame frame = frame("0200000000bb 0200000000aa" + types);
        assertThat(EtherType.offset(frame)).isEqualTo(offset);
        assertThat(EtherType.at(frame, offset)).isEqualTo(type);
    }

    @Test
    void shouldFindNoTypeInACutFrame() {
        String whole = "0200000000bb0200000000aa8100000188a80002910000030800";
        for (int length = 0; length < whole.length() / 2; length++) {
            assertThat(EtherType.offset(frame(whole.substring(0, 2 * length))))
                    .as("%d bytes", length)
                    .isEqualTo(EtherType.NONE);
        }
        assertThat(EtherType.offset(frame(whole))).isEqualTo(24);
    }

    @Test
    void shouldReadPorts() {
        Frame frame = frame("ffff 0035");
        assertThat(TransportPorts.isPresent(frame, 0)).isTrue();
        assertThat(TransportPorts.isPresent(frame, 1)).isFalse();
        assertThat(TransportPorts.isPresent(frame, 9)).isFalse();
        assertThat(TransportPorts.source(frame, 0)).isEqualTo(65_535);
        assertThat(TransportPorts.destination(frame, 0)).isEqualTo(53);
        assertThat(TransportPorts.has(6)).isTrue();
        assertThat(TransportPorts.has(17)).isTrue();
        assertThat(TransportPorts.has(132)).isTrue();
        assertThat(TransportPorts.has(1)).isFalse();
    }
}
