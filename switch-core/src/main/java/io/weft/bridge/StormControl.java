package io.weft.bridge;

import java.util.Objects;

/**
 * How much of each class that is sent to many ports may come in by a port; the rest is dropped and counted, and an event
 * says so.
 *
 * @param broadcast limit of frames to ff:ff:ff:ff:ff:ff
 * @param multicast limit of frames to other group addresses
 * @param unknownUnicast limit of frames to stations that are not in the FDB
 */
public record StormControl(RateLimit broadcast, RateLimit multicast, RateLimit unknownUnicast) {
    /** No limits. */
    public static final StormControl NONE = new StormControl(RateLimit.NONE, RateLimit.NONE, RateLimit.NONE);

    /** Checks that there are three. */
    public StormControl {
        Objects.requireNonNull(broadcast, "broadcast");
        Objects.requireNonNull(multicast, "multicast");
        Objects.requireNonNull(unknownUnicast, "unknownUnicast");
    }

    /** The same limit for each of the classes. */
    public static StormControl each(RateLimit limit) {
        return new StormControl(limit, limit, limit);
    }

    /** The limit of a class; known unicast has none. */
    RateLimit of(FrameClass frameClass) {
        return switch (frameClass) {
            case BROADCAST -> broadcast;
            case MULTICAST -> multicast;
            case UNKNOWN_UNICAST -> unknownUnicast;
            case KNOWN_UNICAST -> RateLimit.NONE;
        };
    }
}
