package io.weft.layer3;

import io.weft.frame.Frame;

/**
 * Packets whose station has been asked for: the last one for each address (RFC 1122, 2.3.2.2), and when to ask again.
 *
 * <p>Threads: confined to the worker that owns the adapter.
 */
final class WaitingPackets {
    /** Addresses that are asked for at once. */
    static final int CAPACITY = 64;

    /** How often a station is asked before its packet is given up. */
    static final int TRIES = 3;

    /** Between two tries, and after the last: a second in all. */
    static final long INTERVAL_NS = 1_000_000_000L / TRIES;

    /** What is to be done about an address whose time has come. */
    interface Due {
        /** Whether its station has become known by something else than an answer. */
        boolean isKnown(long high, long low);

        /** Asks for it again. */
        void askAgain(long high, long low);

        /** Takes ownership of a packet that waits no longer: its station is known, or does not answer. */
        void end(Frame packet);
    }

    private final Frame[] packets = new Frame[CAPACITY];
    private final long[] highs = new long[CAPACITY];
    private final long[] lows = new long[CAPACITY];
    private final int[] tries = new int[CAPACITY];
    private final long[] dueNs = new long[CAPACITY];
    private int size; // places below it are taken, in the order in which they were asked for first

    int size() {
        return size;
    }

    /** Where an address waits, or -1. */
    int find(long high, long low) {
        for (int i = 0; i < size; i++) {
            if (lows[i] == low && highs[i] == high) {
                return i;
            }
        }
        return -1;
    }

    /** Has a packet wait in place of the one that does, which is returned. Takes ownership and gives it away. */
    Frame replace(int place, Frame packet) {
        Frame old = packets[place];
        packets[place] = packet;
        return old;
    }

    /**
     * Has a packet wait for an address that has been asked for just now. Takes ownership.
     *
     * @return the packet that has waited longest, when there was no room; else {@code null}
     */
    Frame add(long high, long low, Frame packet, long nowNs) {
        Frame pushedOut = size == CAPACITY ? take(0) : null;
        packets[size] = packet;
        highs[size] = high;
        lows[size] = low;
        tries[size] = 1;
        dueNs[size] = nowNs + INTERVAL_NS;
        size++;
        return pushedOut;
    }

    /** Takes a packet out; the caller owns it. */
    Frame take(int place) {
        Frame packet = packets[place];
        size--;
        for (int i = place; i < size; i++) {
            packets[i] = packets[i + 1];
            highs[i] = highs[i + 1];
            lows[i] = lows[i + 1];
            tries[i] = tries[i + 1];
            dueNs[i] = dueNs[i + 1];
        }
        packets[size] = null;
        return packet;
    }

    /** Does what is due. */
    void run(long nowNs, Due due) {
        for (int i = 0; i < size; i++) {
            if (nowNs - dueNs[i] < 0) {
                continue;
            }
            if (tries[i] == TRIES || due.isKnown(highs[i], lows[i])) {
                due.end(take(i));
                i--;
            } else {
                tries[i]++;
                dueNs[i] = nowNs + INTERVAL_NS;
                due.askAgain(highs[i], lows[i]);
            }
        }
    }

    /** When something is due next; there is something that waits. */
    long nextDueNs() {
        long next = dueNs[0];
        for (int i = 1; i < size; i++) {
            next = dueNs[i] - next < 0 ? dueNs[i] : next;
        }
        return next;
    }
}
