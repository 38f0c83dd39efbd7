package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Ethernet header in place, and addresses as text. */
class EthernetTest {
    private static Frame frame(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        Frame frame = new FramePool(1, 0).allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    @Test
    void shouldReadAnUntaggedHeader() {
        Frame frame = frame("3333 0000 00fb  fe54 00ff fe01  86dd 6000");
        assertThat(Ethernet.destination(frame)).isEqualTo(0x3333_0000_00fbL);
        assertThat(Ethernet.source(frame)).isEqualTo(0xfe54_00ff_fe01L);
        assertThat(Ethernet.type(frame)).isEqualTo(0x86dd);
        assertThat(Ethernet.isTag(Ethernet.type(frame))).isFalse();
    }

    @Test
    void shouldReadTheShortestFrame() {
        Frame frame = frame("ffffffffffff ffffffffffff ffff");
        assertThat(frame.length()).isEqualTo(Ethernet.HEADER_LENGTH);
        assertThat(Ethernet.destination(frame)).isEqualTo(Ethernet.BROADCAST);
        assertThat(Ethernet.source(frame)).isEqualTo(Ethernet.BROADCAST);
        assertThat(Ethernet.type(frame)).isEqualTo(0xffff);
    }

    @ParameterizedTest
    @CsvSource({"8100 0064, 100", "88a8 0fff, 4095", "8100 f000, 0", "88a8 a001, 1", "8100 1fff, 4095"})
    void shouldReadTheVidWithoutPriorityAndDei(String tag, int vid) {
        Frame frame = frame("0200000000bb 0200000000aa " + tag + " 0800");
        assertThat(Ethernet.isTag(Ethernet.type(frame))).isTrue();
        assertThat(Ethernet.vid(frame)).isEqualTo(vid);
    }

    @Test
    void shouldReadTheHeaderBehindWhatWasConsumed() {
        Frame frame = frame("deadbeef 0200000000bb 0200000000aa 8100 0007 0800");
        frame.consume(4);
        assertThat(Ethernet.destination(frame)).isEqualTo(0x0200_0000_00bbL);
        assertThat(Ethernet.source(frame)).isEqualTo(0x0200_0000_00aaL);
        assertThat(Ethernet.vid(frame)).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource({
        "01:00:5e:00:00:01, true, false",
        "ff:ff:ff:ff:ff:ff, true, false",
        "01:00:00:00:00:00, true, false",
        "00:00:00:00:00:00, false, false",
        "02:00:00:00:00:01, false, true",
        "fe:ff:ff:ff:ff:ff, false, true",
        "00:ff:ff:ff:ff:ff, false, true"
    })
    void shouldTellGroupAndLearnableAddresses(String mac, boolean group, boolean learnable) {
        long address = MacAddress.parse(mac);
        assertThat(Ethernet.isGroup(address)).isEqualTo(group);
        assertThat(Ethernet.isLearnable(address)).isEqualTo(learnable);
    }

    @Test
    void shouldReserveExactlyTheSixteenBridgeAddresses() {
        for (int last = 0; last < 256; last++) {
            assertThat(Ethernet.isReserved(0x0180_c200_0000L + last)).isEqualTo(last < 16);
        }
        for (int bit = 4; bit < 48; bit++) {
            assertThat(Ethernet.isReserved(0x0180_c200_0000L ^ 1L << bit)).isFalse();
        }
    }

    // ---- text ----

    @ParameterizedTest
    @ValueSource(strings = {"02:00:00:ab:cd:ef", "02-00-00-AB-CD-EF", "2:0:0:ab:cd:ef"})
    void shouldReadAddressesAsPeopleWriteThem(String text) {
        assertThat(MacAddress.parse(text)).isEqualTo(0x0200_00ab_cdefL);
        assertThat(MacAddress.format(MacAddress.parse(text))).isEqualTo("02:00:00:ab:cd:ef");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 0xff, 0x0180_c200_000eL, 0x8000_0000_0001L, 0xffff_ffff_ffffL})
    void shouldReadBackWhatItWrote(long mac) {
        assertThat(MacAddress.parse(MacAddress.format(mac))).isEqualTo(mac);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "02",
                "02:00:00:00:00",
                "02:00:00:00:00:01:02",
                "02:00:00:00:00:1g",
                "02:00:00:00:00:",
                ":02:00:00:00:00:01",
                "02:00:00:00:00:100",
                "02 00 00 00 00 01",
                "02:00:00:00:00:-1"
            })
    void shouldSayWhatAnAddressLooksLike(String text) {
        assertThatThrownBy(() -> MacAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("02:00:00:00:00:01");
    }
}
