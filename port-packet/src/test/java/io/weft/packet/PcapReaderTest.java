package io.weft.packet;

import static io.weft.packet.CaptureBytes.ETHERNET;
import static io.weft.packet.CaptureBytes.frame;
import static io.weft.packet.CaptureBytes.pcap;
import static io.weft.packet.CaptureBytes.pcapng;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.packet.PcapReader.Found;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reading capture files whose every byte is known. */
class PcapReaderTest {
    private static final long SECOND_NS = 1_000_000_000L;

    static Stream<ByteOrder> orders() {
        return Stream.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);
    }

    /** What was found in a file, each as "FRAME at NANOSECONDS: HEX" or "CUT of LENGTH", up to the end or an error. */
    private static List<String> read(byte[] file) throws IOException {
        List<String> found = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(new BytesChannel(file, 1_000))) {
            readPass(reader, found);
        }
        return found;
    }

    private static void readPass(PcapReader reader, List<String> found) {
        FramePool pool = new FramePool(1, 1);
        try {
            for (Found next = reader.next(); next != Found.END; next = reader.next()) {
                if (next == Found.FRAME) {
                    Frame frame = pool.allocate(reader.length());
                    reader.copyTo(frame);
                    found.add(seen(reader.timestampNs(), frame.toByteArray()));
                    frame.release();
                } else if (next != Found.NOTHING) {
                    found.add(next + " of " + reader.length());
                }
            }
        } catch (IOException e) {
            found.add(e.getMessage());
        }
    }

    private static String seen(long timestampNs, byte[] frame) {
        return "FRAME at " + timestampNs + ": " + HexFormat.of().formatHex(frame);
    }

    // ---- pcap ----

    @ParameterizedTest
    @MethodSource("orders")
    void shouldReadPcapInMicroseconds(ByteOrder order) throws IOException {
        byte[] file = pcap(order)
                .packet(1_700_000_000, 123_456, frame(1, 60))
                .packet(-1, 999_999, frame(2, 1_514))
                .toBytes();
        assertThat(read(file))
                .containsExactly(
                        seen(1_700_000_000_123_456_000L, frame(1, 60)),
                        seen(0xffff_ffffL * SECOND_NS + 999_999_000, frame(2, 1_514)));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void shouldReadPcapInNanoseconds(ByteOrder order) throws IOException {
        byte[] file = pcap(order, 0xA1B23C4D, ETHERNET)
                .packet(7, 123_456_789, frame(1, 61))
                .toBytes();
        assertThat(read(file)).containsExactly(seen(7_123_456_789L, frame(1, 61)));
    }

    @Test
    void shouldCutTheFcsThatPcapAnnounces() throws IOException {
        byte[] withFcs = Arrays.copyOf(frame(1, 60), 64);
        byte[] file = pcap(ByteOrder.LITTLE_ENDIAN, 0xA1B2C3D4, 0x2400_0001)
                .packet(0, 0, withFcs)
                .toBytes();
        assertThat(read(file)).containsExactly(seen(0, frame(1, 60)));
    }

    @Test
    void shouldSayWhichFramesAreCutOrTooLong() throws IOException {
        byte[] file = pcap(ByteOrder.LITTLE_ENDIAN)
                .packet(0, 0, frame(1, 60), 61)
                .packet(0, 0, frame(1, 65_536))
                .packet(0, 0, frame(1, 65_535))
                .packet(0, 0, frame(2, 60), 0) // what is there counts
                .toBytes();
        assertThat(read(file))
                .containsExactly("CUT of 61", "TOO_LONG of 65536", seen(0, frame(1, 65_535)), seen(0, frame(2, 60)));
    }

    @Test
    void shouldEndWithAnErrorWherePcapLiesOrEnds() throws IOException {
        byte[] lies = pcap(ByteOrder.LITTLE_ENDIAN)
                .packet(0, 0, frame(1, 60))
                .ints(0, 0, 262_145, 60)
                .raw(new byte[300_000])
                .toBytes();
        assertThat(read(lies))
                .containsExactly(
                        seen(0, frame(1, 60)), "the packet at byte 100 claims 262145 bytes; accepted: up to 262144");
        CaptureBytes whole = pcap(ByteOrder.LITTLE_ENDIAN).packet(0, 0, frame(1, 60));
        assertThat(read(whole.without(1)))
                .containsExactly("the file ends at byte 99, within a packet that begins at byte 40");
        assertThat(read(whole.without(61)))
                .containsExactly("the file ends at byte 39, within a packet header that begins at byte 24");
        assertThat(read(pcap(ByteOrder.LITTLE_ENDIAN)
                        .packet(0, 0, frame(1, 70_000))
                        .without(1)))
                .containsExactly(
                        "TOO_LONG of 70000", "the file ends at byte 70039, within a packet that reaches to byte 70040");
    }

    @Test
    void shouldRefuseWhatIsNoCaptureOfEthernet() {
        assertThatThrownBy(
                        () -> read(pcap(ByteOrder.BIG_ENDIAN, 0xA1B2C3D4, 113).toBytes()))
                .hasMessage("its link type is 113; accepted: 1, which is Ethernet (a capture on tcpdump's interface"
                        + " `any` is not)");
        assertThatThrownBy(() -> read(new byte[] {0x1f, (byte) 0x8b, 8, 0}))
                .hasMessage("it is no capture file, beginning with 0x1f8b0800, which is gzip: gunzip it; accepted:"
                        + " pcapng, pcap");
        assertThatThrownBy(() -> read(new byte[0]))
                .hasMessage("it is no capture file, having only 0 bytes; accepted: pcapng, pcap");
        assertThatThrownBy(() -> read(pcap(ByteOrder.BIG_ENDIAN).without(1)))
                .hasMessage("the file ends at byte 23, within the file header that begins at byte 0");
        BytesChannel channel = new BytesChannel(new byte[9], 9);
        assertThatThrownBy(() -> PcapReader.open(channel)).isInstanceOf(PcapFormatException.class);
        assertThat(channel.isOpen()).isFalse();
    }

    // ---- pcapng ----

    @ParameterizedTest
    @MethodSource("orders")
    void shouldReadEveryKindOfPacketBlock(ByteOrder order) throws IOException {
        byte[] file = pcapng(order)
                .link(ETHERNET)
                .enhanced(0, 1_700_000_000_123_456L, frame(1, 61))
                .simple(frame(2, 62), 62)
                .obsolete(0, 1_700_000_000_123_457L, frame(3, 63))
                .toBytes();
        assertThat(read(file))
                .containsExactly(
                        seen(1_700_000_000_123_456_000L, frame(1, 61)),
                        seen(1_700_000_000_123_456_000L, frame(2, 62)), // has no timestamp of its own
                        seen(1_700_000_000_123_457_000L, frame(3, 63)));
    }

    @Test
    void shouldReadSectionsInBothOrdersWithInterfacesOfTheirOwn() throws IOException {
        byte[] file = pcapng(ByteOrder.LITTLE_ENDIAN)
                .link(ETHERNET)
                .link(113)
                .enhanced(1, 5, frame(1, 60))
                .enhanced(0, 6, frame(2, 60))
                .section(ByteOrder.BIG_ENDIAN)
                .link(113)
                .link(ETHERNET)
                .enhanced(0, 7, frame(3, 60))
                .enhanced(1, 8, frame(4, 60))
                .toBytes();
        assertThat(read(file))
                .containsExactly(
                        "NOT_ETHERNET of 60",
                        seen(6_000, frame(2, 60)),
                        "NOT_ETHERNET of 60",
                        seen(8_000, frame(4, 60)));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void shouldPassOverOtherBlocksHoweverLong(ByteOrder order) throws IOException {
        byte[] file = pcapng(order)
                .block(0x0BAD, new byte[1_000_000])
                .link(ETHERNET)
                .block(5, new byte[0])
                .enhanced(0, 1, frame(1, 60))
                .toBytes();
        assertThat(read(file)).containsExactly(seen(1_000, frame(1, 60)));
    }

    @Test
    void shouldReadTimestampsOfEveryResolution() throws IOException {
        CaptureBytes file = pcapng(ByteOrder.BIG_ENDIAN);
        byte[] resolutions = {9, 0, 3, 12, 19, (byte) 0x80, (byte) (0x80 + 10), (byte) (0x80 + 32), (byte) (0x80 + 63)};
        for (byte resolution : resolutions) {
            file.link(ETHERNET, 0, file.options().option(9, resolution).option(0));
        }
        byte[] any = frame(1, 60);
        file.enhanced(0, 1_234_567_890_123L, any)
                .enhanced(1, 1_234, any)
                .enhanced(2, 1_234_567, any)
                .enhanced(3, 1_234_567_890_123_999L, any)
                .enhanced(4, Long.parseUnsignedLong("17500000000999999999"), any)
                .enhanced(5, 7, any)
                .enhanced(6, 7 << 10 | 512, any)
                .enhanced(7, 7L << 32 | 0xffff_ffffL, any)
                .enhanced(8, Long.MIN_VALUE + (1L << 62), any);
        assertThat(read(file.toBytes()).stream().map(found -> found.substring(9, found.indexOf(':'))))
                .containsExactly(
                        "1234567890123",
                        "1234000000000",
                        "1234567000000",
                        "1234567890123",
                        "1750000000",
                        "7000000000",
                        "7500000000",
                        "7999999999",
                        "1500000000");
    }

    @Test
    void shouldReadOffsetFcsLengthAndSnapLengthOfAnInterface() throws IOException {
        CaptureBytes file = pcapng(ByteOrder.LITTLE_ENDIAN);
        byte[] threeSeconds = {3, 0, 0, 0, 0, 0, 0, 0};
        file.link(
                        ETHERNET,
                        100,
                        file.options()
                                .option(2, (byte) 'a')
                                .option(13, (byte) 4)
                                .option(14, threeSeconds))
                .enhanced(0, 1, Arrays.copyOf(frame(1, 60), 64))
                .simple(frame(1, 100), 1_000)
                .simple(Arrays.copyOf(frame(2, 95), 99), 99);
        assertThat(read(file.toBytes()))
                .containsExactly(
                        seen(3 * SECOND_NS + 1_000, frame(1, 60)),
                        "CUT of 996",
                        seen(3 * SECOND_NS + 1_000, frame(2, 95)));
    }

    @Test
    void shouldEndWithAnErrorWhereABlockIsDamaged() throws IOException {
        byte[] any = frame(1, 60);
        assertThat(read(damaged().enhanced(1, 0, any).toBytes()))
                .containsExactly("the block at byte 48 is a packet of interface 1; the section has 1");
        assertThat(read(damaged().ints(6, 31).raw(new byte[40]).toBytes()))
                .containsExactly(
                        "the block at byte 48 claims a length of 31 bytes; accepted: multiples of 4 from 12 on");
        assertThat(read(damaged().ints(6, 8, 0).toBytes()))
                .containsExactly(
                        "the block at byte 48 claims a length of 8 bytes; accepted: multiples of 4 from 12 on");
        assertThat(read(damaged().block(6, new byte[16]).toBytes()))
                .containsExactly("the block at byte 48 is a packet with a body of 16 bytes; accepted: 20 or more");
        assertThat(read(damaged().ints(6, 32, 0, 0, 0, 60, 60, 32).toBytes()))
                .containsExactly(
                        "the block at byte 48 is a packet that claims 60 bytes of a block that has room for 0");
        assertThat(read(damaged().ints(3, 16, 60, 16).toBytes()))
                .containsExactly(
                        "the block at byte 48 is a packet that claims 60 bytes of a block that has room for 0");
        assertThat(read(damaged().ints(7, -4, 0, 0).toBytes()))
                .containsExactly("the file ends at byte 64, within a block that reaches to byte 4294967336");
        assertThat(read(damaged().ints(7, 16, 0, 20).toBytes()))
                .containsExactly("the block that ends at byte 60 claims 16 bytes in front and 20 behind");
        assertThat(read(damaged().enhanced(0, 0, any).without(4)))
                .containsExactly(
                        seen(0, any), "the file ends at byte 136, within the end of a block that begins at byte 136");
        assertThat(read(damaged().enhanced(0, 0, any).without(5)))
                .containsExactly("the file ends at byte 135, within a packet that begins at byte 76");
        assertThat(read(damaged()
                        .ints(0x0A0D0D0A, 28, 0x12345678)
                        .raw(new byte[16])
                        .toBytes()))
                .containsExactly("the block at byte 48 is a section in no byte order");
        CaptureBytes badOption = damaged();
        badOption.link(ETHERNET, 0, badOption.options().shorts(2, 5).ints(0));
        assertThat(read(badOption.toBytes()))
                .containsExactly("an option of the interface at byte 48 claims 5 bytes of 4");
        CaptureBytes badResolution = damaged();
        badResolution.link(ETHERNET, 0, badResolution.options().option(9, (byte) 20));
        assertThat(read(badResolution.toBytes()))
                .containsExactly("the interface at byte 48 has the resolution 20; accepted: 0..19, 128..191");
        assertThat(read(pcapng(ByteOrder.LITTLE_ENDIAN).simple(any, 60).toBytes()))
                .containsExactly("the block at byte 28 is a packet of interface 0; the section has none");
    }

    /** Good up to byte 48. */
    private static CaptureBytes damaged() {
        return pcapng(ByteOrder.LITTLE_ENDIAN).link(ETHERNET);
    }

    @ParameterizedTest
    @MethodSource("orders")
    void shouldReadTheSameAgainAfterRewinding(ByteOrder order) throws IOException {
        for (CaptureBytes file : List.of(
                pcap(order)
                        .packet(1, 2, frame(1, 60))
                        .packet(1, 3, frame(2, 65_536))
                        .packet(1, 4, frame(3, 70)),
                pcapng(order)
                        .link(ETHERNET)
                        .enhanced(0, 1, frame(1, 60))
                        .section(ByteOrder.LITTLE_ENDIAN)
                        .link(ETHERNET)
                        .enhanced(0, 2, frame(2, 60)))) {
            try (PcapReader reader = PcapReader.open(new BytesChannel(file.toBytes(), 77))) {
                List<String> first = new ArrayList<>();
                readPass(reader, first);
                reader.rewind();
                List<String> second = new ArrayList<>();
                readPass(reader, second);
                assertThat(second).hasSizeGreaterThan(1).isEqualTo(first);
            }
        }
    }
}
