package io.weft.tunnel;

import io.weft.underlay.UnderlaySender;

/**
 * What a worker is about to send from one source port, and to whom.
 *
 * <p>Threads: confined to the worker.
 */
public final class Lane {
    final UnderlaySender sender;
    final RemoteEnd[] remotes;
    final int[] frames; // places in the batch

    Lane(UnderlaySender sender) {
        this.sender = sender;
        this.remotes = new RemoteEnd[sender.capacity()];
        this.frames = new int[sender.capacity()];
    }
}
