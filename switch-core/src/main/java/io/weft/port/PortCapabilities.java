package io.weft.port;

import io.weft.frame.Frame;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a port can take.
 *
 * @param maxFrameLength the longest frame in bytes from the destination address on, VLAN tags counted, FCS not:
 *     14..{@link Frame#MAX_LENGTH}. Longer ones are dropped as {@link DropReason#TOO_LONG} before {@code transmit}; of a
 *     super-frame that the port does not segment itself, each segment counts
 * @param headroom bytes that {@code transmit} prepends at most: 0..{@link Frame#HEADROOM}
 * @param concurrentTransmit whether {@code transmit} may be called by several workers at once, because one system call
 *     sends one whole frame, or because it hands over through a ring of its own. Otherwise the core passes frames to the
 *     worker that owns the port. The ports of a driver with several queues need it
 * @param offloads what the port's transport does itself; everything else is done before {@code transmit}
 * @param coalescing whether runs of segments are to be merged into super-frames before {@code transmit}, as far as
 *     {@code offloads} go
 */
public record PortCapabilities(
        int maxFrameLength, int headroom, boolean concurrentTransmit, Set<Offload> offloads, boolean coalescing) {
    /** Checks the ranges. */
    public PortCapabilities {
        if (maxFrameLength < 14 || maxFrameLength > Frame.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "maxFrameLength " + maxFrameLength + " is not within 14.." + Frame.MAX_LENGTH);
        }
        if (headroom < 0 || headroom > Frame.HEADROOM) {
            throw new IllegalArgumentException("headroom " + headroom + " is not within 0.." + Frame.HEADROOM);
        }
        if (!offloads.isEmpty() && !offloads.contains(Offload.CHECKSUM)) {
            throw new IllegalArgumentException("offloads " + offloads + " need " + Offload.CHECKSUM);
        }
        offloads = Collections.unmodifiableSet(
                offloads.isEmpty() ? EnumSet.noneOf(Offload.class) : EnumSet.copyOf(offloads));
    }

    /** A port without offloads. */
    public PortCapabilities(int maxFrameLength, int headroom, boolean concurrentTransmit) {
        this(maxFrameLength, headroom, concurrentTransmit, Set.of(), false);
    }

    /** A port without headers of its own whose {@code transmit} is called by its owner only. */
    public static PortCapabilities ofMaxFrameLength(int maxFrameLength) {
        return new PortCapabilities(maxFrameLength, 0, false);
    }

    /** The same port with {@code transmit} safe from any thread. */
    public PortCapabilities withConcurrentTransmit() {
        return new PortCapabilities(maxFrameLength, headroom, true, offloads, coalescing);
    }

    /** The same port with these headers of its own. */
    public PortCapabilities withHeadroom(int bytes) {
        return new PortCapabilities(maxFrameLength, bytes, concurrentTransmit, offloads, coalescing);
    }

    /** The same port, whose transport does these. */
    public PortCapabilities withOffloads(Offload... newOffloads) {
        return withOffloads(Set.copyOf(Arrays.asList(newOffloads)));
    }

    /** The same port, whose transport does these. */
    public PortCapabilities withOffloads(Set<Offload> newOffloads) {
        return new PortCapabilities(maxFrameLength, headroom, concurrentTransmit, newOffloads, coalescing);
    }

    /** The same port, in front of which runs of segments are merged. */
    public PortCapabilities withCoalescing() {
        return new PortCapabilities(maxFrameLength, headroom, concurrentTransmit, offloads, true);
    }
}
