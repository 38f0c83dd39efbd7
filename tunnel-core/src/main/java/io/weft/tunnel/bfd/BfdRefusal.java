package io.weft.tunnel.bfd;

/** Why a session took no notice of what was received for it (RFC 5880, 6.8.6; RFC 5881, 5). Each is a counter. */
public enum BfdRefusal {
    /** The IP or UDP header makes no sense, or the packet is cut off. */
    MALFORMED,

    /** The IPv4 header's or the UDP checksum is wrong. */
    CHECKSUM,

    /** TTL or hop limit is not 255: it has come from farther than the other end of the tunnel (RFC 5881, 5). */
    TTL,

    /** Less than the 24 bytes of a packet. */
    TRUNCATED,

    /** Another version than 1. */
    VERSION,

    /** The length that the packet says it has is less than the least, or more than there is. */
    LENGTH,

    /** The detect multiplier is 0. */
    DETECT_MULTIPLIER,

    /** The multipoint bit is set, which has no meaning yet. */
    MULTIPOINT,

    /** The sender has no discriminator. */
    MY_DISCRIMINATOR,

    /** It says to have heard us (Init or Up), but not our discriminator. */
    YOUR_DISCRIMINATOR_MISSING,

    /** It is for a session with another discriminator, such as the one from before a restart. */
    YOUR_DISCRIMINATOR_UNKNOWN,

    /** It is authenticated, which we do not do. */
    AUTHENTICATION,

    /** Our session is administratively down. */
    ADMINISTRATIVELY_DOWN
}
