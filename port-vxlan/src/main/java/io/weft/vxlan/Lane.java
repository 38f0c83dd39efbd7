package io.weft.vxlan;

import io.weft.underlay.UdpSender;

/**
 * What a worker is about to send from one source port, and to whom.
 *
 * <p>Threads: confined to the worker.
 */
final class Lane {
    final UdpSender sender;
    final VxlanRemote[] remotes;
    final int[] frames; // places in the batch

    Lane(UdpSender sender) {
        this.sender = sender;
        this.remotes = new VxlanRemote[sender.capacity()];
        this.frames = new int[sender.capacity()];
    }
}
