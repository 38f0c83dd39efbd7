package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ARP packet, read and written in place. */
class ArpTest {
    private static final String REPLY =
            "0001 0800 06 04 0002  0200000000aa c0a80101  fe54000000bb 0a0000fe".replace(" ", "");

    private static Frame frame(byte[] bytes) {
        Frame frame = new FramePool(1, 0).allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - bytes.length); // ends where its slot does
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    @Test
    void shouldReadEveryField() {
        Frame frame = frame(HexFormat.of().parseHex("ffffff" + REPLY));
        assertThat(Arp.isPresent(frame, 3)).isTrue();
        assertThat(Arp.isPresent(frame, 4)).isFalse();
        assertThat(Arp.isEthernetIpv4(frame, 3)).isTrue();
        assertThat(Arp.operation(frame, 3)).isEqualTo(Arp.REPLY);
        assertThat(Arp.senderMac(frame, 3)).isEqualTo(0x0200_0000_00aaL);
        assertThat(Arp.senderIp(frame, 3)).isEqualTo(0xc0a8_0101);
        assertThat(Arp.targetMac(frame, 3)).isEqualTo(0xfe54_0000_00bbL);
        assertThat(Arp.targetIp(frame, 3)).isEqualTo(0x0a00_00fe);
    }

    @Test
    void shouldWriteEveryByte() {
        byte[] old = new byte[30];
        Arrays.fill(old, (byte) 0xa5);
        Frame frame = frame(old);
        Arp.put(frame, 1, Arp.REPLY, 0x0200_0000_00aaL, 0xc0a8_0101, 0xfe54_0000_00bbL, 0x0a00_00fe);
        assertThat(HexFormat.of().formatHex(frame.toByteArray())).isEqualTo("a5" + REPLY + "a5");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void shouldKnowWhatIsNotIpv4OverEthernet(int index) {
        byte[] bytes = HexFormat.of().parseHex(REPLY);
        bytes[index] ^= 1;
        assertThat(Arp.isEthernetIpv4(frame(bytes), 0)).isFalse();
    }
}
