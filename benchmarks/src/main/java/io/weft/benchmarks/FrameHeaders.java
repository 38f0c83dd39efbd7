package io.weft.benchmarks;

import io.weft.frame.Frame;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * An endless sequence of Ethernet headers, made in advance: the stations behind one port send to those behind the other.
 *
 * <p>Addresses are random, their order too. The sequence names every station at least once before it repeats, and is long
 * enough for the branch predictor not to know it by heart. Reading it costs one sequential 16-byte load per frame.
 *
 * <p>Threads: confined.
 */
final class FrameHeaders {
    private static final int SHORTEST_SEQUENCE = 8_192;
    private static final int ETHERTYPE_LOCAL_EXPERIMENTAL = 0x88B5;

    /** Between the headers and the place in them, and behind it: two workers' places must not share a cache line. */
    private static final int PADDING = 16;

    private final long[] words; // two per header: its first 16 bytes; then padding, where we are, and padding
    private final int end;
    private final int place;

    private FrameHeaders(long[] headers) {
        end = headers.length;
        place = end + PADDING;
        words = Arrays.copyOf(headers, place + 1 + PADDING);
    }

    /** Distinct random unicast addresses, locally administered. */
    static long[] randomMacs(int count, SplittableRandom random) {
        // An odd multiplier permutes the 40 low bits, so that no address comes twice.
        long multiplier = random.nextLong() | 1;
        long offset = random.nextLong();
        long[] macs = new long[count];
        for (int i = 0; i < count; i++) {
            macs[i] = 0x02L << 40 | ((i + offset) * multiplier & 0xFF_FFFF_FFFFL);
        }
        shuffle(macs, random);
        return macs;
    }

    /** Headers from {@code sources} to {@code destinations}. */
    static FrameHeaders between(long[] sources, long[] destinations, SplittableRandom random) {
        int length = Math.max(SHORTEST_SEQUENCE, Math.max(sources.length, destinations.length));
        long[] from = repeatedAtRandom(sources, length, random);
        long[] to = repeatedAtRandom(destinations, length, random);
        long[] words = new long[2 * length];
        for (int i = 0; i < length; i++) {
            words[2 * i] = to[i] << 16 | from[i] >>> 32;
            words[2 * i + 1] = from[i] << 32 | (long) ETHERTYPE_LOCAL_EXPERIMENTAL << 16;
        }
        return new FrameHeaders(words);
    }

    /** The same headers with a tag: VLAN {@code vid} in front of what was the type. */
    FrameHeaders tagged(int vid) {
        long[] tagged = Arrays.copyOf(words, end);
        for (int i = 1; i < tagged.length; i += 2) {
            tagged[i] = tagged[i] & 0xffff_ffff_0000_0000L | 0x8100_0000L | vid;
        }
        return new FrameHeaders(tagged);
    }

    private static long[] repeatedAtRandom(long[] macs, int length, SplittableRandom random) {
        long[] sequence = new long[length];
        for (int i = 0; i < length; i++) {
            sequence[i] = macs[i % macs.length];
        }
        shuffle(sequence, random);
        return sequence;
    }

    static void shuffle(long[] values, SplittableRandom random) {
        for (int i = values.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            long swapped = values[i];
            values[i] = values[other];
            values[other] = swapped;
        }
    }

    /** Writes the next header over the first 16 bytes of a frame. */
    void write(Frame frame) {
        int at = advance();
        frame.putLong(0, words[at]);
        frame.putLong(8, words[at + 1]);
    }

    /** Moves on and returns where the next header's two words are in {@link #words}. */
    int advance() {
        int at = (int) words[place];
        words[place] = at + 2 == end ? 0 : at + 2;
        return at;
    }

    long word(int index) {
        return words[index];
    }

    /** Headers until the sequence repeats. */
    int length() {
        return end / 2;
    }
}
