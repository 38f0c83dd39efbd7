package io.weft.tunnel;

import java.util.Arrays;

/**
 * Whom frames without a known remote end are sent to. One that comes is appended where the array has room for it, behind what
 * readers of the lists before look at, so that a thousand that come do not cost a thousand copies.
 *
 * <p>Threads: readers any, of a list that was published; {@link #with} with the lock of the remote ends, and only of the newest list.
 */
final class FloodList {
    static final FloodList NOBODY = of(new RemoteEnd[0]);

    private final RemoteEnd[] ends; // and room behind them
    private final int size;

    private FloodList(RemoteEnd[] ends, int size) {
        this.ends = ends;
        this.size = size;
    }

    /** All of an array, which is the list's from now on. */
    static FloodList of(RemoteEnd[] ends) {
        return new FloodList(ends, ends.length);
    }

    /** The same and one more. */
    FloodList with(RemoteEnd remote) {
        RemoteEnd[] room = size < ends.length ? ends : Arrays.copyOf(ends, Math.max(4, 2 * size));
        room[size] = remote;
        return new FloodList(room, size + 1);
    }

    /** How many there are. */
    int size() {
        return size;
    }

    /** The one at a place from 0 on. */
    RemoteEnd get(int place) {
        return ends[place];
    }
}
