package io.weft.bridge;

import io.weft.frame.Frame;

/** Answers for stations that it knows. Called by workers: returns at once, allocates nothing, throws nothing. */
public interface NeighbourProxy {
    /**
     * Turns an ARP request or neighbour solicitation for a known address into its answer, in place; leaves any other frame
     * as it is.
     *
     * @param frame of at least an Ethernet header, with the tags it came with
     * @param vlan the frame's
     * @return whether the frame is an answer now, which goes back where it came from
     */
    boolean answer(Frame frame, int vlan);
}
