package io.weft.bridge;

import io.weft.capture.PortCapture;
import io.weft.frame.FrameSelector;

/**
 * A mirror as workers see it. Which ports it looks at stands in the ports' rules.
 *
 * @param vlans whose frames are mirrored; {@link VlanSet#ALL} for all
 * @param filter which of them
 * @param snapLength bytes of each frame at most
 * @param segmented whether super-frames are copied as the frames of the wire, and checksums completed
 * @param outputPort index of the port the copies leave by; -1 when they go to a file
 * @param file where they are recorded; {@code null} when they leave by a port
 */
public record ActiveMirror(
        VlanSet vlans, FrameSelector filter, int snapLength, boolean segmented, int outputPort, PortCapture file) {}
