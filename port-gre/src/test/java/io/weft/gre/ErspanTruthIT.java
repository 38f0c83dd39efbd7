package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Scapy;
import io.weft.TestSeed;
import io.weft.capture.Tshark;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.gre.ErspanHeader.Granularity;
import io.weft.tunnel.Packets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** ERSPAN packets that scapy made are made here byte for byte, and Wireshark reads them. */
@Timeout(120)
class ErspanTruthIT {
    /**
     * What scapy made.
     *
     * @param id index of type II, hardware id of type III
     * @param granularity -1 for type II
     */
    private record Case(
            int session,
            int id,
            boolean egress,
            boolean cut,
            int granularity,
            long timeNs,
            long sequence,
            String mirrored,
            String packet) {
        static Case read(String line) {
            String[] word = line.split(" ");
            return new Case(
                    Integer.parseInt(word[0]),
                    Integer.parseInt(word[1]),
                    word[2].equals("1"),
                    word[3].equals("1"),
                    Integer.parseInt(word[4]),
                    Long.parseLong(word[5]),
                    Long.parseLong(word[6]),
                    word[7],
                    word[8]);
        }
    }

    private static List<Case> cases;

    private final Frame frame = new FramePool(1, 0).allocate(1_000);

    @TempDir
    Path folder;

    @BeforeAll
    static void askScapy() throws Exception {
        Scapy.assumeAvailable();
        long seed = TestSeed.random("ErspanTruthIT").nextLong(1L << 32);
        String printed = new String(Scapy.run(ErspanTruthIT.class, "erspan.py", seed, 50), StandardCharsets.UTF_8);
        cases = printed.lines().map(Case::read).toList();
        assertThat(cases).hasSize(4 * 50);
    }

    private void write(Case one) {
        Packets.set(frame, Packets.bytes(one.mirrored));
        int type = ErspanHeader.TYPE_2;
        if (one.granularity < 0) {
            ErspanHeader.prepend2(frame, one.session, one.id, one.cut);
        } else {
            type = ErspanHeader.TYPE_3;
            Granularity granularity = Granularity.values()[one.granularity];
            ErspanHeader.prepend3(frame, one.session, one.id, one.egress, one.cut, granularity, one.timeNs);
        }
        GreHeader.prepend(frame, type, 0, GreHeader.NONE, one.sequence);
    }

    @Test
    void shouldMakeWhatScapyMakes() {
        for (Case one : cases) {
            write(one);
            assertThat(Packets.hex(frame)).as(one.toString()).isEqualTo(one.packet);
        }
    }

    @Test
    void shouldBeReadByWireshark() throws Exception {
        List<byte[]> packets = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (Case one : cases) {
            write(one);
            packets.add(OuterIp.around(frame.toByteArray()));
            expected.add(expected(one));
        }
        Path file = folder.resolve("erspan.pcapng");
        Tshark.write(file, packets);
        List<String> whole = Tshark.read(file, "-Y", "erspan.truncated == 0 && (" + Tshark.BAD + ")");
        assertThat(whole).isEmpty();
        List<String> options = new ArrayList<>(List.of("-T", "fields", "-E", "separator=|", "-E", "occurrence=l"));
        for (String field : List.of(
                "gre.sequence_number",
                "erspan.version",
                "erspan.spanid",
                "erspan.index",
                "erspan.hw",
                "erspan.direction",
                "erspan.truncated",
                "erspan.encap",
                "erspan.gra",
                "erspan.timestamp",
                "erspan.pid5.timestamp",
                "erspan.p",
                "erspan.ft",
                "erspan.bso",
                "erspan.vlan",
                "erspan.cos",
                "vlan.id",
                "vlan.priority",
                "eth.src",
                "udp.srcport")) {
            options.addAll(List.of("-e", field));
        }
        assertThat(Tshark.read(file, options.toArray(String[]::new))).isEqualTo(expected);
    }

    private static String expected(Case one) {
        boolean tagged = one.mirrored.startsWith("8100", 24);
        boolean type2 = one.granularity < 0;
        int tci = tagged ? Integer.parseInt(one.mirrored.substring(28, 32), 16) : 0;
        boolean seconds = one.granularity == 2;
        long unit = one.granularity == 0 ? 100_000 : 100;
        return String.join(
                "|",
                Long.toString(one.sequence),
                type2 ? "1" : "2",
                Integer.toString(one.session),
                type2 ? Integer.toString(one.id) : "",
                type2 ? "" : Integer.toString(one.id),
                type2 ? "" : one.egress ? "1" : "0",
                one.cut ? "1" : "0",
                !type2 ? "" : tagged ? "3" : "0",
                type2 ? "" : Integer.toString(one.granularity),
                type2 ? "" : Long.toString(seconds ? one.timeNs % 1_000_000_000 : one.timeNs / unit & 0xffff_ffffL),
                seconds ? Long.toString(one.timeNs / 1_000_000_000) : "",
                type2 ? "" : "1",
                type2 ? "" : "0",
                type2 ? "" : "0",
                Integer.toString(tci & 0xfff),
                Integer.toString(tci >>> 13),
                tagged ? Integer.toString(tci & 0xfff) : "",
                tagged ? Integer.toString(tci >>> 13) : "",
                "02:00:00:00:00:01",
                "50000");
    }
}
