package io.weft.vxlan;

import io.weft.underlay.UnderlaySender;

/**
 * What a worker is about to send from one source port, and to whom.
 *
 * <p>Threads: confined to the worker.
 */
final class Lane {
    final UnderlaySender sender;
    final VxlanRemote[] remotes;
    final int[] frames; // places in the batch

    Lane(UnderlaySender sender) {
        this.sender = sender;
        this.remotes = new VxlanRemote[sender.capacity()];
        this.frames = new int[sender.capacity()];
    }
}
