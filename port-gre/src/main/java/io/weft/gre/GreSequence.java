package io.weft.gre;

/**
 * Which of a remote end's packets are late or repeated by their sequence numbers (RFC 2890, 2.2). Nothing is kept back to be
 * put in order: what was overtaken is late.
 *
 * <p>The first packet is accepted whatever its number. From then on a number is newer than the last accepted one unless it is
 * that or one of the 2<sup>31</sup>-1 before it.
 *
 * <p><b>When the remote end begins again.</b> A peer that was started anew counts from 0, and all it sends looks late, with
 * Linux until it has caught up. Here it is believed after
 *
 * <ul>
 *   <li>{@value #RESTART_RUN} late ones in a row, below {@value #RESTART_BELOW} and each newer than the one before: the last
 *       of them is accepted; or
 *   <li>{@value #SILENCE_NS} ns in which nothing was accepted, late ones or none having come: order across such a gap is of
 *       no use, and this also heals what the first rule does not see.
 * </ul>
 *
 * Both are wrong at times, by a few frames out of order: the first when the beginning of a stream itself comes late.
 *
 * <p>Threads: confined to whoever receives from that remote end.
 */
final class GreSequence {
    /** Late ones in a row that are taken for a new beginning. */
    static final int RESTART_RUN = 4;

    /** What their numbers have to be below. */
    static final int RESTART_BELOW = 64;

    /** How long nothing needs to be accepted for any number to be, in nanoseconds. */
    static final long SILENCE_NS = 1_000_000_000L;

    private boolean started;
    private int last; // the number accepted last
    private long acceptedNs; // when
    private int lateRun; // late ones since then that look like a new beginning
    private int lastLate;

    /**
     * Whether a packet is to be accepted; if so, it is now the last one.
     *
     * @param sequence its number, all 32 bits
     * @param nowNs of any clock that goes forward
     */
    boolean accept(int sequence, long nowNs) {
        if (started && !isNewer(sequence, last) && nowNs - acceptedNs < SILENCE_NS && !isRestart(sequence)) {
            return false;
        }
        started = true;
        last = sequence;
        acceptedNs = nowNs;
        lateRun = 0;
        return true;
    }

    private boolean isRestart(int late) {
        if (late < 0 || late >= RESTART_BELOW) {
            lateRun = 0;
            return false;
        }
        lateRun = lateRun > 0 && late > lastLate ? lateRun + 1 : 1;
        lastLate = late;
        return lateRun == RESTART_RUN;
    }

    /** RFC 2890, 2.2. What is 2<sup>31</sup> away is newer: only 2<sup>31</sup>-1 numbers before the last are not. */
    static boolean isNewer(int sequence, int last) {
        int ahead = sequence - last;
        return ahead > 0 || ahead == Integer.MIN_VALUE;
    }
}
