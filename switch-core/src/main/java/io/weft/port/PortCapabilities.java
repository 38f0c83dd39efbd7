package io.weft.port;

import io.weft.frame.Frame;

/**
 * What a port can take.
 *
 * @param maxFrameLength the longest frame in bytes from the destination address on, VLAN tags counted, FCS not:
 *     14..{@link Frame#MAX_LENGTH}. Longer ones are dropped as {@link DropReason#TOO_LONG} before {@code transmit}
 * @param headroom bytes that {@code transmit} prepends at most: 0..{@link Frame#HEADROOM}
 * @param concurrentTransmit whether {@code transmit} may be called by several workers at once, because one system call
 *     sends one whole frame, or because it hands over through a ring of its own. Otherwise the core passes frames to the
 *     worker that owns the port
 */
public record PortCapabilities(int maxFrameLength, int headroom, boolean concurrentTransmit) {
    /** Checks the ranges. */
    public PortCapabilities {
        if (maxFrameLength < 14 || maxFrameLength > Frame.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "maxFrameLength " + maxFrameLength + " is not within 14.." + Frame.MAX_LENGTH);
        }
        if (headroom < 0 || headroom > Frame.HEADROOM) {
            throw new IllegalArgumentException("headroom " + headroom + " is not within 0.." + Frame.HEADROOM);
        }
    }

    /** A port without headers of its own whose {@code transmit} is called by its owner only. */
    public static PortCapabilities ofMaxFrameLength(int maxFrameLength) {
        return new PortCapabilities(maxFrameLength, 0, false);
    }

    /** The same port with {@code transmit} safe from any thread. */
    public PortCapabilities withConcurrentTransmit() {
        return new PortCapabilities(maxFrameLength, headroom, true);
    }
}
