package io.weft.tunnel.bfd;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class BfdPacketTest {
    private final FramePool pool = new FramePool(1, 0);
    private final Frame frame = pool.allocate(100);

    private BfdRefusal check(RemotePacket packet, int length) {
        frame.putBytes(7, packet.bytes(), 0, 24);
        return BfdPacket.check(frame, 7, length);
    }

    private static RemotePacket up() {
        return new RemotePacket(BfdState.UP).yours(1);
    }

    @Test
    void shouldReadAPacket() {
        byte[] bytes =
                HexFormat.of().parseHex("27f0ff18 80000001 fffffffe 000186a0 ffffffff 00000000".replace(" ", ""));
        frame.putBytes(3, bytes, 0, bytes.length);
        assertThat(BfdPacket.diagnostic(frame, 3)).isEqualTo(BfdDiagnostic.ADMINISTRATIVELY_DOWN);
        assertThat(BfdPacket.state(frame, 3)).isEqualTo(BfdState.UP);
        assertThat(BfdPacket.flags(frame, 3)).isEqualTo(BfdPacket.POLL | BfdPacket.FINAL);
        assertThat(BfdPacket.detectMultiplier(frame, 3)).isEqualTo(255);
        assertThat(BfdPacket.myDiscriminator(frame, 3)).isEqualTo(0x8000_0001);
        assertThat(BfdPacket.yourDiscriminator(frame, 3)).isEqualTo(-2);
        assertThat(BfdPacket.desiredMinTransmitUs(frame, 3)).isEqualTo(100_000);
        assertThat(BfdPacket.requiredMinReceiveUs(frame, 3)).isEqualTo(0xffff_ffffL);
    }

    @Test
    void shouldWriteEveryByteOfAPacket() {
        byte[] noise = new byte[100];
        Arrays.fill(noise, (byte) 0xa5);
        frame.putBytes(0, noise, 0, 100);
        BfdPacket.put(
                frame,
                9,
                BfdState.INIT,
                BfdDiagnostic.PATH_DOWN,
                BfdPacket.POLL,
                3,
                0x01020304,
                -1,
                50_000,
                0xffff_ffffL);
        byte[] written = new byte[26];
        frame.getBytes(8, written, 0, 26);
        assertThat(HexFormat.of().formatHex(written))
                .isEqualTo("a5" + "25a00318" + "01020304" + "ffffffff" + "0000c350" + "ffffffff" + "00000000" + "a5");
    }

    @Test
    void shouldAcceptWhatIsInOrder() {
        assertThat(check(up(), 24)).isNull();
        assertThat(check(up(), 60)).as("padding behind it").isNull();
        assertThat(check(new RemotePacket(BfdState.DOWN), 24)).isNull();
        assertThat(check(new RemotePacket(BfdState.ADMIN_DOWN), 24)).isNull();
        assertThat(check(up().set(3, 40), 40)).as("more than we know of").isNull();
    }

    @Test
    void shouldRefuseWhatRfc5880Refuses() {
        for (int length = 0; length < 24; length++) {
            assertThat(check(up(), length)).isEqualTo(BfdRefusal.TRUNCATED);
        }
        for (int version : new int[] {0, 2, 3, 4, 5, 6, 7}) {
            assertThat(check(up().set(0, version << 5), 24)).isEqualTo(BfdRefusal.VERSION);
        }
        for (int length = 0; length < 24; length++) {
            assertThat(check(up().set(3, length), 24)).isEqualTo(BfdRefusal.LENGTH);
        }
        assertThat(check(up().set(3, 25), 24)).isEqualTo(BfdRefusal.LENGTH);
        assertThat(check(up().set(3, 255), 254)).isEqualTo(BfdRefusal.LENGTH);
        assertThat(check(up().set(3, 25).flags(BfdPacket.AUTHENTICATION), 30)).isEqualTo(BfdRefusal.LENGTH);
        assertThat(check(up().set(3, 26).flags(BfdPacket.AUTHENTICATION), 30)).isEqualTo(BfdRefusal.AUTHENTICATION);
        assertThat(check(up().multiplier(0), 24)).isEqualTo(BfdRefusal.DETECT_MULTIPLIER);
        assertThat(check(up().flags(BfdPacket.MULTIPOINT), 24)).isEqualTo(BfdRefusal.MULTIPOINT);
        assertThat(check(up().putInt(4, 0), 24)).isEqualTo(BfdRefusal.MY_DISCRIMINATOR);
        assertThat(check(up().yours(0), 24)).isEqualTo(BfdRefusal.YOUR_DISCRIMINATOR_MISSING);
        assertThat(check(new RemotePacket(BfdState.INIT), 24)).isEqualTo(BfdRefusal.YOUR_DISCRIMINATOR_MISSING);
    }

    @Test
    void shouldKnowEveryDiagnostic() {
        for (int code = 0; code < 32; code++) {
            frame.putByte(0, 0x20 | code);
            BfdDiagnostic diagnostic = BfdPacket.diagnostic(frame, 0);
            assertThat(diagnostic.code()).isEqualTo(Math.min(code, 9));
        }
    }
}
