package io.weft.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Hostile bytes and hostile expressions: nothing but an answer, or an error that speaks. */
class HostileFilterTest {
    private static final String EVERYTHING = "not (ip and tcp and port 1) or arp host 10.0.0.1 or net fd00::/8 or"
            + " ip multicast or ip6 multicast or ip6 proto 60 or icmp6 or ether host 02:00:00:00:00:01 or multicast or"
            + " src and dst portrange 1-1024 or vlan 5-9 or ether proto 0x88cc or greater 60000 or src net 10.0.0.0/8";

    private static final String[] WORDS = {
        "ip", "ip6", "arp", "tcp", "udp", "icmp", "ether", "src", "dst", "host", "net", "port", "portrange", "proto",
        "vlan", "less", "greater", "and", "or", "not", "&&", "||", "!", "(", ")", "10.0.0.1", "10.0.0.0/8", "fd00::/8",
        "::", "02:00:00:00:00:01", "80", "1-5", "0x800", "multicast", "broadcast", "\\tcp", "&", "/", "-", "\\"
    };

    /** Bytes that lead deep into the parser of headers, with chance in between. */
    private static int hostileByte(SplittableRandom random, int index) {
        int[] first = {0x08, 0x81, 0x86, 0x88, 0x91};
        int[] second = {0x00, 0x00, 0xdd, 0xa8, 0x06};
        int[] next = {0, 43, 44, 51, 60, 6, 17, 58, 0x45, 0x4f, 0x60, 0xff};
        return switch (random.nextInt(4)) {
            case 0 -> index % 2 == 0 ? first[random.nextInt(5)] : second[random.nextInt(5)];
            case 1, 2 -> next[random.nextInt(next.length)];
            default -> random.nextInt(256);
        };
    }

    @Test
    void shouldAnswerForAnyBytes() {
        SplittableRandom random = TestSeed.random("HostileFilterTest");
        FramePool pool = new FramePool(1, 0);
        FrameFilter all = FrameFilter.parse(EVERYTHING);
        FrameFilter none = FrameFilter.parse("not (" + EVERYTHING + ")");
        int[] types = {0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8};
        for (int i = 0; i < 200_000 * TestSeed.effort(); i++) {
            int length = random.nextInt(140);
            Frame frame = pool.allocate(FramePool.SMALL_LENGTH);
            frame.consume(FramePool.SMALL_LENGTH - length); // now it ends where its slot does: reading on would throw
            for (int at = 0; at < length; at++) {
                frame.putByte(at, hostileByte(random, at));
            }
            if (length >= 14 && random.nextInt(8) > 0) {
                frame.putShort(12, types[random.nextInt(types.length)]);
            }
            int vlan = random.nextInt(4_095);
            if (all.matches(frame, vlan) == none.matches(frame, vlan)) {
                throw new AssertionError("a condition and its opposite agree");
            }
            frame.release();
        }
    }

    @Test
    void shouldReadOrRefuseAnyExpression() {
        SplittableRandom random = TestSeed.random("HostileFilterTest expressions");
        int read = 0;
        for (int i = 0; i < 200_000 * TestSeed.effort(); i++) {
            StringBuilder expression = new StringBuilder();
            for (int words = 1 + random.nextInt(8); words > 0; words--) {
                expression.append(WORDS[random.nextInt(WORDS.length)]).append(random.nextInt(5) == 0 ? "" : " ");
            }
            if (random.nextInt(4) == 0) {
                expression.insert(random.nextInt(expression.length()), (char) random.nextInt(0x250));
            }
            try {
                FrameFilter filter = FrameFilter.parse(expression.toString());
                assertThat(FrameFilter.parse(filter.toString()))
                        .as("%s from %s", filter, expression)
                        .isEqualTo(filter);
                read++;
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith("filter '").hasMessageContaining("; expected ");
            }
        }
        assertThat(read).as("valid ones among them").isGreaterThan(1_000);
    }

    @Test
    void shouldAllocateNothing() {
        SplittableRandom random = TestSeed.random("HostileFilterTest allocation");
        RandomPackets packets = new RandomPackets(random);
        Frame[] frames = new Frame[256];
        FramePool pool = new FramePool(frames.length, 0);
        for (int i = 0; i < frames.length; i++) {
            byte[] bytes = packets.next();
            frames[i] = pool.allocate(bytes.length);
            frames[i].putBytes(0, bytes, 0, bytes.length);
        }
        FrameFilter filter = FrameFilter.parse("not (" + EVERYTHING + ")");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        count(filter, frames);
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100; i++) {
            count(filter, frames);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).as("bytes for 25,600 frames").isLessThan(25_600);
    }

    private static int count(FrameFilter filter, Frame[] frames) {
        int matches = 0;
        for (Frame frame : frames) {
            matches += filter.matches(frame, 3) ? 1 : 0;
        }
        return matches;
    }
}
