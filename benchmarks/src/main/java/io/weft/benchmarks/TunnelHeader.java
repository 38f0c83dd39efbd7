package io.weft.benchmarks;

import io.weft.frame.Frame;

/**
 * What a kind of tunnel has in front of each frame that comes from a remote end.
 *
 * <p>Threads: confined.
 */
interface TunnelHeader {
    /** Bytes of it. */
    int length();

    /**
     * Writes the next one.
     *
     * @param at where it begins in the landing; the frame is behind it
     * @param vlan that stands for the frame's VNI; 0 when there are none
     * @param remoteEnd that it comes from, from 0
     * @param sum of the frame's 16-bit words, not folded
     */
    void write(Frame landing, int at, int vlan, int remoteEnd, int sum);

    /** The address of a remote end, from 0. */
    default String remoteAddress(int remoteEnd) {
        return TunnelTraffic.addressOf(remoteEnd);
    }
}
