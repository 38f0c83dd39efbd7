package io.weft.srv6;

/**
 * Which list of a {@link SegmentPath} a flow takes now: all packets of a flow take the same one as long as no list fails or
 * comes back.
 *
 * <p>Threads: any; workers read without a lock.
 */
final class PathChoice implements SegmentChoice {
    private final SegmentPath path;
    private final boolean[] failed;
    private final long[] failedNs; // when; of the backup last
    private boolean backupFailed;
    private volatile SegmentList[] slots; // each list as often as its weight says

    PathChoice(SegmentPath path) {
        this.path = path;
        this.failed = new boolean[path.lists().size()];
        this.failedNs = new long[failed.length + 1];
        fill();
    }

    SegmentPath path() {
        return path;
    }

    @Override
    public SegmentList choose(int flow) {
        SegmentList[] now = slots;
        return now.length == 1 ? now[0] : now[Integer.remainderUnsigned(spread(flow), now.length)];
    }

    /** Other bits than those by which the flow label and source ports are chosen. */
    private static int spread(int flow) {
        int mixed = flow * 0x9E37_79B1;
        return mixed ^ mixed >>> 15;
    }

    /** Whether a segment is in any of the lists. */
    boolean contains(long high, long low) {
        for (SegmentPath.Weighted one : path.lists()) {
            if (one.list().contains(high, low)) {
                return true;
            }
        }
        return path.backup() != null && path.backup().contains(high, low);
    }

    /** Whether a segment is in any of the lists that are used now. */
    boolean uses(long high, long low) {
        for (SegmentList list : slots) {
            if (list.contains(high, low)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Packets to a segment do not arrive: the lists that it is in are not used any more, as long as there are others.
     *
     * @return whether that is new of any list
     */
    synchronized boolean fail(long high, long low, long nowNs) {
        boolean changed = false;
        for (int i = 0; i < failed.length; i++) {
            if (!failed[i] && path.lists().get(i).list().contains(high, low)) {
                failed[i] = true;
                failedNs[i] = nowNs;
                changed = true;
            }
        }
        if (!backupFailed && path.backup() != null && path.backup().contains(high, low)) {
            backupFailed = true;
            failedNs[failed.length] = nowNs;
            changed = true;
        }
        if (changed) {
            fill();
        }
        return changed;
    }

    /** Those that have failed at a time, or before, are to be tried again. */
    synchronized void restore(long failedBeforeNs) {
        for (int i = 0; i < failed.length; i++) {
            failed[i] &= failedNs[i] - failedBeforeNs > 0;
        }
        backupFailed &= failedNs[failed.length] - failedBeforeNs > 0;
        fill();
    }

    private void fill() {
        int count = 0;
        for (int i = 0; i < failed.length; i++) {
            count += failed[i] ? 0 : path.lists().get(i).weight();
        }
        if (count > 0) {
            slots = listed(count, false);
        } else if (path.backup() != null && !backupFailed) {
            slots = new SegmentList[] {path.backup()};
        } else {
            int all =
                    path.lists().stream().mapToInt(SegmentPath.Weighted::weight).sum();
            slots = listed(all, true); // what fails may come back, and nothing is better
        }
    }

    private SegmentList[] listed(int count, boolean withFailed) {
        SegmentList[] listed = new SegmentList[count];
        int next = 0;
        for (int i = 0; i < failed.length; i++) {
            for (int n = 0; n < path.lists().get(i).weight() && (withFailed || !failed[i]); n++) {
                listed[next++] = path.lists().get(i).list();
            }
        }
        return listed;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
