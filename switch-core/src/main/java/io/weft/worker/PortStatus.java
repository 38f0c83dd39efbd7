package io.weft.worker;

import io.weft.bridge.PortSettings;
import io.weft.port.PortCapabilities;
import io.weft.port.PortStatistics;

/**
 * A port of a switch at a moment.
 *
 * @param name its name
 * @param index its index in the switch
 * @param up whether it works
 * @param downReason why not; empty while it is up
 * @param settings how the switch treats it
 * @param capabilities its limits
 * @param statistics its counters so far
 */
public record PortStatus(
        String name,
        int index,
        boolean up,
        String downReason,
        PortSettings settings,
        PortCapabilities capabilities,
        PortStatistics statistics) {}
