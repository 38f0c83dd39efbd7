package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.gre.ErspanHeader.Granularity;
import io.weft.tunnel.Packets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErspanHeaderTest {
    private static final String MACS = "020000000002 020000000001";
    private static final String PLAIN = MACS + "88b5 0102";
    private static final String TAGGED = MACS + "8100 b123 88b5 0102"; // priority 5, DEI, VLAN 0x123
    private static final String SERVICE = MACS + "88a8 2fff 8100 0001 88b5 0102";

    private final Frame frame = new FramePool(1, 0).allocate(1_000);

    private void set(String kind) {
        Packets.set(
                frame,
                Packets.bytes(
                        switch (kind) {
                            case "plain" -> PLAIN;
                            case "tagged" -> TAGGED;
                            case "service" -> SERVICE;
                            default -> kind;
                        }));
    }

    @ParameterizedTest
    @CsvSource({
        "plain,      0,       0, false, 1000 0000 00000000",
        "plain,   1023,       0, false, 1000 03ff 00000000",
        "plain,      1, 1048575, false, 1000 0001 000fffff",
        "plain,      1,   74565, true,  1000 0401 00012345",
        "tagged,     7,       0, false, 1123 b807 00000000",
        "tagged,  1023, 1048575, true,  1123 bfff 000fffff",
        "service,    0,       0, false, 1fff 3800 00000000",
        "0200,       5,       6, false, 1000 0005 00000006", // no frame, but what has been given
    })
    void shouldWriteType2(String kind, int session, int index, boolean cut, String header) {
        set(kind);
        byte[] before = frame.toByteArray();
        ErspanHeader.prepend2(frame, session, index, cut);
        assertWritten(header, before);
    }

    @ParameterizedTest
    @CsvSource({
        "plain,     0,  0, false, false, MICROSECONDS_100, 0,           2000 0000 00000000 0000 8000",
        "plain,     0,  0, true,  false, MICROSECONDS_100, 0,           2000 0000 00000000 0000 8008",
        "plain,  1023, 63, false, false, MICROSECONDS_100, 199999,      2000 03ff 00000001 0000 83f0",
        "plain,     0,  0, false, true,  NANOSECONDS_100,  123456789,   2000 0400 0012d687 0000 8002",
        "tagged,    1,  2, true,  true,  NANOSECONDS_100,  0,           2123 a401 00000000 0000 802a",
        "service,   1,  2, true,  false, NANOSECONDS_100,  0,           2fff 2001 00000000 0000 802a",
        // 2^32 units later it is 0 again
        "plain,     0,  0, false, false, MICROSECONDS_100, 429496729600000, 2000 0000 00000000 0000 8000",
        "plain,     0,  1, false, false, NANOSECONDS, 1700000000123456789,"
                + " 2000 0000 075bcd15 0000 8015 14000000 6553f100",
        "tagged, 1023, 63, true,  true,  NANOSECONDS, 999999999, 2123 a7ff 3b9ac9ff 0000 83fd 14000000 00000000",
    })
    void shouldWriteType3(
            String kind,
            int session,
            int hardwareId,
            boolean egress,
            boolean cut,
            Granularity granularity,
            long timeNs,
            String header) {
        set(kind);
        byte[] before = frame.toByteArray();
        ErspanHeader.prepend3(frame, session, hardwareId, egress, cut, granularity, timeNs);
        assertWritten(header, before);
        assertThat(granularity.headerLength()).isEqualTo(Packets.bytes(header).length);
    }

    private void assertWritten(String header, byte[] before) {
        assertThat(Packets.hex(frame)).isEqualTo(Packets.hex(Packets.bytes(header)) + Packets.hex(before));
    }

    /** An IPv4 packet of 28 bytes and an IPv6 one of 48, with and without a tag, at every length. */
    @ParameterizedTest
    @CsvSource({
        "'',        0800 4500001c000000004011000000000000 00000000 0000000000080000, 14",
        "8100 0005, 0800 4500001c000000004011000000000000 00000000 0000000000080000, 18",
        "'',        86dd 6000000000081140 00000000000000000000000000000000 00000000000000000000000000000000"
                + " 0000000000080000, 14",
    })
    void shouldSeeThatAMirrorHasCutTheFrame(String tags, String rest, int headerLength) {
        byte[] whole = Packets.bytes(MACS + tags + rest + "ffff"); // the last two bytes are padding
        for (int length = 0; length <= whole.length; length++) {
            Packets.set(frame, Arrays.copyOf(whole, length));
            ErspanHeader.prepend2(frame, 1, 2, false);
            boolean cut = length >= headerLength && length < whole.length - 2;
            assertThat(frame.getShort(2) & 0x400).as("%d bytes", length).isEqualTo(cut ? 0x400 : 0);
            Packets.set(frame, Arrays.copyOf(whole, length));
            ErspanHeader.prepend3(frame, 1, 2, false, false, Granularity.NANOSECONDS_100, 0);
            assertThat(frame.getShort(2) & 0x400).isEqualTo(cut ? 0x400 : 0);
        }
    }

    @Test
    void shouldLeaveAJumbogramsLengthAlone() {
        set(MACS + "86dd 6000000000000040" + "00".repeat(40)); // its payload's length is elsewhere (RFC 2675)
        ErspanHeader.prepend2(frame, 1, 2, false);
        assertThat(frame.getShort(2)).isEqualTo(1);
    }
}
