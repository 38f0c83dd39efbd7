package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpFrameTest {
    private final FramePool pool = new FramePool(8, 0);

    private Frame frame(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    @ParameterizedTest
    @CsvSource({"45, 0800", "4f, 0800", "40, 0800", "60, 86dd", "6f, 86dd"})
    void shouldWriteTheHeaderThatThePacketsVersionAsksFor(String first, String type) {
        Frame frame = frame("a5a5a5a5a5a5 a5a5a5a5a5a5 a5a5 " + first + "a5a5");
        assertThat(IpFrame.putHeader(frame)).isTrue();
        assertThat(frame.toByteArray())
                .isEqualTo(frame("000000000000 000000000000 " + type + first + "a5a5")
                        .toByteArray());
        assertThat(IpFrame.isPacket(frame)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"05", "15", "3f", "55", "5f", "75", "85", "e5", "f5"})
    void shouldLeaveWhatIsNoPacketAsItWas(String first) {
        Frame frame = frame("a5a5a5a5a5a5 a5a5a5a5a5a5 a5a5 " + first + "a5a5");
        byte[] before = frame.toByteArray();
        assertThat(IpFrame.putHeader(frame)).isFalse();
        assertThat(frame.toByteArray()).isEqualTo(before);
    }

    @Test
    void shouldTakeNothingForNoPacketThoughTheSlotHasAnOldOneBehind() {
        Frame frame = frame("000000000000 000000000000 0800 4500");
        frame.length(14);
        assertThat(IpFrame.putHeader(frame)).isFalse();
        assertThat(IpFrame.isPacket(frame)).isFalse();
        frame.length(0);
        assertThat(IpFrame.isPacket(frame)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "0800 4500, true",
        "86dd 6000, true",
        "0800 6000, false", // the type and the version differ
        "86dd 4500, false",
        "0800 0500, false",
        "0800 5500, false",
        "0800 f500, false",
        "0806 0001, false", // ARP
        "0806 4500, false",
        "8100 0005080045, false", // tagged
        "8100 4005080045, false", // tagged, and the tag looks like a version
        "88a8 6005080045, false",
        "0045 4500, false" // 802.3
    })
    void shouldTellWhatALayer3PortCanSend(String typeAndMore, boolean packet) {
        assertThat(IpFrame.isPacket(frame("020000000001 020000000002 " + typeAndMore)))
                .isEqualTo(packet);
    }
}
