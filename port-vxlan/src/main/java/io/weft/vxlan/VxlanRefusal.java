package io.weft.vxlan;

import io.weft.port.InvalidPortException;
import java.time.Duration;

/**
 * How a value that is not accepted is refused, in the words in which {@link io.weft.port.PortOption} does it: the same from a
 * URI, from the builder and from {@link VxlanSettings}.
 *
 * <p>Threads: stateless.
 */
final class VxlanRefusal {
    private VxlanRefusal() {}

    static InvalidPortException of(String port, String option, Object value, String accepted) {
        return new InvalidPortException(
                "vxlan port '" + port + "': option " + option + " is '" + text(value) + "'; accepted: " + accepted);
    }

    static InvalidPortException missing(String port, String option, String accepted) {
        return new InvalidPortException(
                "vxlan port '" + port + "': option " + option + " is missing; accepted: " + accepted);
    }

    static void range(String port, String option, long value, long from, long to) {
        if (value < from || value > to) {
            throw of(port, option, value, from + ".." + to);
        }
    }

    private static String text(Object value) {
        if (value instanceof Duration time) {
            return time.toMillis() % 1_000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
        }
        return String.valueOf(value);
    }
}
