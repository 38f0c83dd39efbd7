package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Scapy;
import io.weft.TestSeed;
import io.weft.capture.Tshark;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpAddress;
import io.weft.frame.Ipv6;
import io.weft.srv6.SrHmacKey.Algorithm;
import io.weft.tunnel.Packets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Packets that scapy made are read here, and made again byte for byte; Wireshark reads what was made here. */
@Timeout(120)
class SegmentListTruthIT {
    private static List<Packet> packets;

    private final Frame frame = new FramePool(1, 0).allocate(1_000);

    @TempDir
    Path folder;

    /** A line of the script's. */
    private record Packet(String[] fields) {
        Encapsulation encapsulation() {
            return Encapsulation.valueOf(fields[0]);
        }

        int number(int field) {
            return Integer.parseInt(fields[field]);
        }

        long keyId() {
            return Long.parseLong(fields[7]);
        }

        SrHmac hmac() {
            return new SrHmac(List.of(new SrHmacKey(keyId(), Algorithm.valueOf(fields[8]), Packets.bytes(fields[9]))));
        }

        SegmentList list() {
            SegmentList list = SegmentList.parse(fields[3]);
            return keyId() == 0 ? list : list.signed(keyId(), false);
        }

        /** Segments as they are in the header; empty when there is none. */
        List<String> listed() {
            List<String> listed = new ArrayList<>(List.of(fields[3].split(",")));
            if (encapsulation().isReduced() && (keyId() == 0 || listed.size() > 1)) {
                listed.remove(0);
            }
            Collections.reverse(listed);
            return listed;
        }

        byte[] whole() {
            return Packets.bytes(fields[11]);
        }
    }

    @BeforeAll
    static void askScapy() throws Exception {
        Scapy.assumeAvailable();
        long seed = TestSeed.random("SegmentListTruthIT").nextLong(1L << 32);
        String printed = new String(Scapy.run(SegmentListTruthIT.class, "srv6.py", seed, 3), StandardCharsets.UTF_8);
        packets = printed.lines().map(line -> new Packet(line.split(" "))).toList();
        assertThat(packets).hasSize(6 * 16 * 2 * 3);
    }

    @Test
    void shouldReadWhatScapyMakes() {
        for (Packet packet : packets) {
            byte[] whole = packet.whole();
            Packets.set(frame, whole);
            assertThat(Ipv6Header.check(frame, 0, whole.length)).isEqualTo(whole.length);
            int word = Ipv6Header.word(frame, 0);
            assertThat(Ipv6Header.trafficClass(word)).isEqualTo(packet.number(4));
            assertThat(Ipv6Header.flowLabel(word)).isEqualTo(packet.number(5));
            assertThat(Ipv6.hopLimit(frame, 0)).isEqualTo(packet.number(6));
            long found = ExtensionHeaders.find(frame, 0, whole.length);
            assertThat(ExtensionHeaders.upperLayerProtocol(found)).isEqualTo(packet.number(1));
            int upperLayer = ExtensionHeaders.upperLayer(found);
            assertThat(Packets.hex(Arrays.copyOfRange(whole, upperLayer, whole.length)))
                    .isEqualTo(packet.fields[10]);
            int srh = ExtensionHeaders.srHeader(found);
            List<String> listed = packet.listed();
            if (listed.isEmpty()) {
                assertThat(srh).isEqualTo(ExtensionHeaders.NONE);
                continue;
            }
            assertThat(srh).isEqualTo(40);
            assertThat(SrHeader.lastEntry(frame, srh)).isEqualTo(listed.size() - 1);
            assertThat(SrHeader.segmentsLeft(frame, srh))
                    .isEqualTo(packet.list().size() - 1);
            List<String> read = new ArrayList<>();
            for (int i = 0; i < listed.size(); i++) {
                read.add(IpAddress.formatIpv6(SrHeader.segmentHigh(frame, srh, i), SrHeader.segmentLow(frame, srh, i)));
            }
            assertThat(read).isEqualTo(listed);
            if (packet.keyId() != 0) {
                assertThat(packet.hmac().verify(frame, 0, srh, true)).isNull();
            }
        }
    }

    private void write(Packet packet) {
        Packets.set(frame, Packets.bytes(packet.fields[10]));
        long[] source = IpAddress.parseIpv6(packet.fields[2]);
        SegmentList list = packet.list();
        list.prepend(
                frame,
                packet.encapsulation(),
                packet.number(1),
                source[0],
                source[1],
                packet.number(4),
                packet.number(5),
                packet.number(6));
        if (list.isSigned()) {
            packet.hmac().sign(frame);
        }
    }

    @Test
    void shouldMakeWhatScapyMakes() {
        for (Packet packet : packets) {
            write(packet);
            assertThat(Packets.hex(frame)).isEqualTo(packet.fields[11]);
        }
    }

    @Test
    void shouldBeReadByWireshark() throws Exception {
        List<byte[]> written = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (Packet packet : packets) {
            write(packet);
            written.add(ByteBuffer.allocate(14 + frame.length())
                    .putLong(0x0200_0000_0002_0200L)
                    .putInt(1)
                    .putShort((short) 0x86dd)
                    .put(frame.toByteArray())
                    .array());
            List<String> listed = packet.listed();
            boolean bare = listed.isEmpty();
            expected.add(String.join(
                    "|",
                    bare ? "" : "" + (packet.list().size() - 1),
                    bare ? "" : "" + (listed.size() - 1),
                    String.join(",", listed)));
        }
        Path file = folder.resolve("srv6.pcapng");
        Tshark.write(file, written);
        assertThat(Tshark.read(file, "-Y", Tshark.BAD)).isEmpty();
        assertThat(Tshark.read(
                        file,
                        "-T",
                        "fields",
                        "-E",
                        "separator=|",
                        "-e",
                        "ipv6.routing.segleft",
                        "-e",
                        "ipv6.routing.srh.last_entry",
                        "-e",
                        "ipv6.routing.srh.addr"))
                .isEqualTo(expected);
    }
}
