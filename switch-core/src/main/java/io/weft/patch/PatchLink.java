package io.weft.patch;

import io.weft.port.PortException;
import io.weft.port.PortHandle;

/**
 * What two patch ports share: who is attached, and whether the link works.
 *
 * <p>Threads: any. Changes are made under the link's lock, inside of which a switch may take its own; no switch calls the
 * link with a lock of its own held. The data path reads {@link End#queue} only.
 */
final class PatchLink {
    private final End first;
    private final End second;

    /** One end. */
    static final class End {
        final String name;

        /** What waits for this end, or {@code null} while it is in no switch. */
        volatile PatchQueue queue;

        private boolean claimed;
        private String downReason; // null: this end has nothing against the link

        private End(String name) {
            this.name = name;
        }
    }

    PatchLink(String first, String second) {
        this.first = new End(first);
        this.second = new End(second);
    }

    End first() {
        return first;
    }

    End second() {
        return second;
    }

    End peerOf(End end) {
        return end == first ? second : first;
    }

    /** Reserves an end for a switch. */
    synchronized void claim(End end) throws PortException {
        if (end.claimed) {
            throw new PortException("patch port '" + end.name + "' (peer '" + peerOf(end).name
                    + "') is in a switch already; remove it there, or make another pair");
        }
        end.claimed = true;
    }

    /** The end is in a switch: frames may come. */
    synchronized void attach(End end, PatchQueue queue) {
        end.queue = queue;
        update();
    }

    /** The end is in no switch any more, or never came into one. */
    synchronized void detach(End end) {
        end.queue = null;
        end.claimed = false;
        update();
    }

    synchronized void down(End end, String reason) {
        end.downReason = reason;
        update();
    }

    synchronized void up(End end) {
        end.downReason = null;
        update();
    }

    private void update() {
        update(first, second);
        update(second, first);
    }

    private static void update(End end, End peer) {
        if (end.queue == null) {
            return;
        }
        PortHandle handle = end.queue.handle();
        if (end.downReason != null) {
            handle.down(end.downReason);
        } else if (peer.queue == null) {
            handle.down("peer of patch port " + end.name + " is not attached: " + peer.name);
        } else if (peer.downReason != null) {
            handle.down("peer of patch port " + end.name + " is down: " + peer.downReason);
        } else {
            handle.up();
        }
    }
}
