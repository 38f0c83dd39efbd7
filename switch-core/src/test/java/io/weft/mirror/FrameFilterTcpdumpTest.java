package io.weft.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.capture.Tcpdump;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same expressions on the same frames, by Weft and by tcpdump: both must find the same frames. */
class FrameFilterTcpdumpTest {
    private static final int FRAMES = 2_000;

    private static final List<String> PRIMITIVES = List.of(
            "ip",
            "ip6",
            "arp",
            "rarp",
            "tcp",
            "udp",
            "sctp",
            "icmp",
            "igmp",
            "icmp6",
            "broadcast",
            "multicast",
            "ether broadcast",
            "ether multicast",
            "ip multicast",
            "ip6 multicast",
            "ether host 02:00:00:00:00:01",
            "ether src 2:0:0:0:0:1",
            "ether dst 52:54:00:ab:cd:ef",
            "ether src or dst host 52-54-00-AB-CD-EF",
            "ether src and dst 02:00:00:00:00:02",
            "ether dst host ff:ff:ff:ff:ff:ff",
            "ether proto 0x88cc",
            "ether proto 35020",
            "ether proto \\arp",
            "ip proto 47",
            "ip6 proto 44",
            "ip6 proto 58",
            "proto 17",
            "proto \\tcp",
            "ip proto \\udp",
            "host 10.0.0.1",
            "src 10.0.0.1",
            "dst host 10.0.0.2",
            "src and dst 10.0.0.1",
            "dst and src host 10.0.0.1",
            "dst or src host 10.0.0.1",
            "ip host 10.0.0.1",
            "arp host 10.0.0.1",
            "rarp src host 10.0.0.2",
            "ip src 192.168.1.1",
            "host 0.0.0.0",
            "net 10.0.0.0/8",
            "net 10",
            "net 10.1",
            "net 10.1.2",
            "net 10.0.0.1",
            "src net 10.0.0.0/31",
            "dst net 10.1.0.0/16",
            "net 0.0.0.0/0",
            "net 128.0.0.0/1",
            "arp net 10.0.0.0/8",
            "host fd00::1",
            "ip6 host fe80::ff:fe00:1",
            "src fd00::1",
            "dst host ff02::1",
            "src and dst host fd00:0:0:1::2",
            "net fd00::/8",
            "net fd00::/63",
            "net fd00:0:0:1::/64",
            "src net fe80::/10",
            "net fd00::/127",
            "net ::/0",
            "net 8000::/1",
            "host ::",
            "port 53",
            "tcp port 53",
            "udp dst port 53",
            "sctp src port 80",
            "src port 0",
            "src or dst port 22",
            "src and dst port 443",
            "dst port 0xffff",
            "portrange 1-1024",
            "tcp portrange 1024-1024",
            "udp src portrange 1025-65535",
            "less 60",
            "less 82",
            "greater 82",
            "greater 0",
            "less 65535",
            "port 80 or 443",
            "tcp dst port 80 or 443 or udp src port 53 and 22",
            "host 10.0.0.1 and 10.0.0.2",
            "host 10.0.0.1 or fd00::1",
            "net 10 or not 192.168",
            "ether proto 0x0800 or 0x86dd",
            "ip proto 6 or 17",
            "not port 22",
            "!arp&&!(tcp||udp)",
            "not not arp",
            "arp or ip and tcp",
            "arp or (ip and tcp)",
            "ip and tcp or arp",
            "not arp and not rarp and ip6 or tcp");

    @TempDir
    Path directory;

    private final FramePool pool = new FramePool(1, 0);

    @BeforeAll
    static void needTcpdump() {
        Tcpdump.assumeInstalled();
    }

    @Test
    void shouldFindTheFramesThatTcpdumpFinds() throws Exception {
        SplittableRandom random = TestSeed.random("FrameFilterTcpdumpTest");
        List<byte[]> frames = frames(random);
        Path file = write(frames);
        List<String> expressions = new ArrayList<>(PRIMITIVES);
        for (int i = 0; i < 60 * TestSeed.effort(); i++) {
            expressions.add(randomExpression(random, 4));
        }
        int found = 0;
        for (String expression : expressions) {
            FrameFilter filter = FrameFilter.parse(expression);
            BitSet expected = tcpdump(file, expression);
            assertThat(matching(frames, filter)).as(expression).isEqualTo(expected);
            assertThat(tcpdump(file, filter.toString()))
                    .as("tcpdump reads the canonical form '" + filter + "' of '" + expression + "'")
                    .isEqualTo(expected);
            found += expected.isEmpty() ? 0 : 1;
        }
        assertThat(found).as("expressions that find something").isGreaterThan(expressions.size() / 2);
    }

    @Test
    void shouldFindTheSameFramesWhenTheyAreTagged() {
        SplittableRandom random = TestSeed.random("FrameFilterTcpdumpTest tagged");
        List<byte[]> frames = frames(random);
        List<byte[]> tagged = frames.stream().map(frame -> tag(frame, random)).toList();
        for (String expression : PRIMITIVES) {
            if (!expression.contains("less") && !expression.contains("greater")) {
                FrameFilter filter = FrameFilter.parse(expression);
                assertThat(matching(tagged, filter)).as(expression).isEqualTo(matching(frames, filter));
            }
        }
    }

    @Test
    void shouldFindNothingInCutFramesThatTcpdumpDoesNotFind() throws Exception {
        SplittableRandom random = TestSeed.random("FrameFilterTcpdumpTest cut");
        List<byte[]> frames = frames(random).stream()
                .map(frame -> Arrays.copyOf(frame, 1 + random.nextInt(frame.length)))
                .toList();
        Path file = write(frames);
        for (String expression : PRIMITIVES) {
            if (expression.contains("not") || expression.contains("!")) {
                continue; // tcpdump never shows a frame that it would have to read behind the end of
            }
            BitSet found = matching(frames, FrameFilter.parse(expression));
            if (!expression.contains(" or ")) { // and gives up on the alternatives, too
                found.andNot(tcpdump(file, expression));
                assertThat(found).as(expression).isEqualTo(new BitSet());
            }
        }
    }

    @Test
    void shouldTakeTheBridgesVlanWhereTcpdumpTakesTheTag() throws Exception {
        SplittableRandom random = TestSeed.random("FrameFilterTcpdumpTest vlan");
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame : frames(random)) {
            ByteBuffer tagged = ByteBuffer.allocate(frame.length + 4);
            int vid = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(4);
            if (vid == 0) {
                frames.add(frame);
            } else {
                tagged.put(frame, 0, 12).putInt(0x8100_0000 | random.nextInt(16) << 12 | vid);
                frames.add(tagged.put(frame, 12, frame.length - 12).array());
            }
        }
        Path file = write(frames);
        for (String expression : List.of("vlan", "vlan 1", "vlan 3", "vlan 1000", "not vlan", "not vlan 2")) {
            BitSet found = new BitSet();
            FrameFilter filter = FrameFilter.parse(expression);
            for (int i = 0; i < frames.size(); i++) {
                byte[] bytes = frames.get(i);
                int vlan = ByteBuffer.wrap(bytes).getShort(12) == (short) 0x8100 ? bytes[15] : 0;
                found.set(i, matches(filter, bytes, vlan));
            }
            assertThat(found).as(expression).isEqualTo(tcpdump(file, expression));
        }
    }

    // ---- frames and expressions ----

    private static List<byte[]> frames(SplittableRandom random) {
        RandomPackets packets = new RandomPackets(random);
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            frames.add(packets.next());
        }
        return frames;
    }

    private static byte[] tag(byte[] frame, SplittableRandom random) {
        int tags = random.nextInt(5);
        ByteBuffer tagged = ByteBuffer.allocate(frame.length + 4 * tags).put(frame, 0, 12);
        int[] tpids = {0x8100, 0x88a8, 0x9100};
        for (int i = 0; i < tags; i++) {
            tagged.putShort((short) tpids[random.nextInt(3)]).putShort((short) random.nextInt());
        }
        return tagged.put(frame, 12, frame.length - 12).array();
    }

    private static String randomExpression(SplittableRandom random, int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return PRIMITIVES.get(random.nextInt(PRIMITIVES.size()));
        }
        String left = randomExpression(random, depth - 1);
        return switch (random.nextInt(6)) {
            case 0 -> "not (" + left + ")";
            case 1 -> "! " + left;
            case 2 -> left + " and " + randomExpression(random, depth - 1);
            case 3 -> left + " || " + randomExpression(random, depth - 1);
            case 4 -> "(" + left + ") && (" + randomExpression(random, depth - 1) + ")";
            default -> left + " or (" + randomExpression(random, depth - 1) + ")";
        };
    }

    private BitSet matching(List<byte[]> frames, FrameFilter filter) {
        BitSet found = new BitSet();
        for (int i = 0; i < frames.size(); i++) {
            found.set(i, matches(filter, frames.get(i), 0));
        }
        return found;
    }

    private boolean matches(FrameFilter filter, byte[] bytes, int vlan) {
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        boolean matches = filter.matches(frame, vlan);
        frame.release();
        return matches;
    }

    // ---- tcpdump ----

    private Path write(List<byte[]> frames) throws IOException {
        return Tcpdump.write(directory.resolve("frames.pcapng"), frames);
    }

    /** The numbers of the frames that tcpdump finds; an expression that can match nothing is an error to it. */
    private BitSet tcpdump(Path file, String expression) throws Exception {
        Path found = directory.resolve("found.pcap");
        Tcpdump.Result result = Tcpdump.run(directory, "-r", file.toString(), "-w", found.toString(), expression);
        if (result.errors().contains("rejects all packets")) {
            return new BitSet();
        }
        assertThat(result.exitValue()).as("%s: %s", expression, result.errors()).isZero();
        return numbers(found);
    }

    private static BitSet numbers(Path pcap) throws IOException {
        BitSet found = new BitSet();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(pcap)).order(ByteOrder.nativeOrder());
        assertThat(bytes.getInt(0)).isEqualTo(0xa1b2_c3d4);
        for (int at = 24; at < bytes.limit(); at += 16 + bytes.getInt(at + 8)) {
            found.set(bytes.getInt(at) * 1_000_000 + bytes.getInt(at + 4));
        }
        return found;
    }
}
