package io.weft.port;

/**
 * Work that a port's transport does instead of the switch, so that a frame may reach {@link Port#transmit} with it undone:
 * {@link io.weft.frame.Frame#offloadFlags()} and {@link io.weft.frame.Frame#gsoType()} say what. For ports without it the
 * core completes checksums and cuts super-frames into segments before they get them.
 */
public enum Offload {
    /** Completes the one partial checksum of a frame. The others need it. */
    CHECKSUM,
    /** Segments TCP over IPv4. */
    TSO4,
    /** Segments TCP over IPv6. */
    TSO6,
    /** Segments TCP whose first segment carries CWR and the others do not (RFC 3168, 6.1.2); with TSO4 or TSO6. */
    TSO_ECN,
    /** Segments UDP, over IPv4 and IPv6, each segment a datagram of its own. */
    USO
}
