package io.weft.bridge;

import io.weft.frame.Frame;
import io.weft.port.Offload;
import java.util.Set;

/**
 * What a port's transport does itself, asked for each frame with pending work: the offloads as bits.
 *
 * <p>Threads: immutable.
 */
final class AcceptedOffloads {
    private final boolean checksum;
    private final long gsoTypes; // a bit for each type
    private final boolean ecn;

    AcceptedOffloads(Set<Offload> offloads) {
        checksum = offloads.contains(Offload.CHECKSUM);
        gsoTypes = bit(offloads, Offload.TSO4, Frame.GSO_TCPV4)
                | bit(offloads, Offload.TSO6, Frame.GSO_TCPV6)
                | bit(offloads, Offload.USO, Frame.GSO_UDP_L4);
        ecn = offloads.contains(Offload.TSO_ECN);
    }

    private static long bit(Set<Offload> offloads, Offload offload, int gsoType) {
        return offloads.contains(offload) ? 1L << gsoType : 0;
    }

    /** Whether the port completes partial checksums. */
    boolean checksum() {
        return checksum;
    }

    /** Whether the port segments super-frames of this type. */
    boolean segments(int gsoType) {
        return (gsoTypes >>> (gsoType & ~Frame.GSO_ECN) & 1) != 0 && (ecn || (gsoType & Frame.GSO_ECN) == 0);
    }
}
