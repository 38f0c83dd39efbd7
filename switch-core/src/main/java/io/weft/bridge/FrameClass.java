package io.weft.bridge;

import io.weft.frame.Ethernet;
import io.weft.port.DropReason;

/** What kind of destination a frame has, which decides how it is flooded and limited (RFC 7432's BUM, and the rest). */
public enum FrameClass {
    /** To all stations. */
    BROADCAST(DropReason.BROADCAST_STORM),
    /** To a group. */
    MULTICAST(DropReason.MULTICAST_STORM),
    /** To a station that is not in the FDB. */
    UNKNOWN_UNICAST(DropReason.UNKNOWN_UNICAST_STORM),
    /** To a station in the FDB. */
    KNOWN_UNICAST(null);

    private final DropReason storm;

    FrameClass(DropReason storm) {
        this.storm = storm;
    }

    /** The class of a group address. */
    static FrameClass ofGroup(long destination) {
        return destination == Ethernet.BROADCAST ? BROADCAST : MULTICAST;
    }

    /** Why a frame of the class is dropped when there are too many; {@code null} for known unicast, which has no limit. */
    public DropReason storm() {
        return storm;
    }
}
