package io.weft.tunnel;

import java.util.Arrays;

/**
 * Whom frames without a known remote end are sent to. One that comes is appended where the array has room for it, behind what
 * readers of the lists before look at, so that a thousand that come do not cost a thousand copies.
 *
 * <p>Threads: readers any, of a list that was published; {@link #with} with the lock of the remote ends, and only of the newest list.
 *
 * @param ends them, and room behind them
 * @param size how many there are
 */
record FloodList(RemoteEnd[] ends, int size) {
    static final FloodList NOBODY = new FloodList(new RemoteEnd[0], 0);

    /** All of an array. */
    static FloodList of(RemoteEnd[] ends) {
        return new FloodList(ends, ends.length);
    }

    /** The same and one more. */
    FloodList with(RemoteEnd remote) {
        RemoteEnd[] room = size < ends.length ? ends : Arrays.copyOf(ends, Math.max(4, 2 * size));
        room[size] = remote;
        return new FloodList(room, size + 1);
    }
}
