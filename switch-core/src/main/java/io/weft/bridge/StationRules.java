package io.weft.bridge;

import io.weft.fdb.Fdb;
import io.weft.fdb.FdbValue;
import io.weft.fdb.Learning;

/** Which stations a port accepts, and whether a frame may go back to where it came from. Threads: stateless. */
final class StationRules {
    private StationRules() {}

    /** Whether a station's entry was set (or is sticky) at a port: it may send by that port although it is locked. */
    static boolean isSet(long place, int port) {
        return place != Fdb.MISS && FdbValue.port(place) == port && FdbValue.isPinned(place);
    }

    /** Whether learning came to a station that the port's security does not accept. */
    static boolean isViolation(Learning learning) {
        return learning == Learning.LIMITED || learning == Learning.PINNED;
    }

    /**
     * Whether frames may come in whose source, zero or a group address, is no station's: not by a port that refuses stations,
     * whose security they would get around.
     */
    static boolean acceptsNobody(PortSecurity security) {
        return security.violation() == PortSecurity.Violation.FORWARD;
    }

    /**
     * Whether a frame may leave by the port it came in by.
     *
     * @param from the remote end it came from, 0 for none
     * @param to the remote end it would go to, 0 for all
     */
    static boolean mayReturn(PortRules port, int from, int to) {
        return port.settings.hairpin() && (from == 0 || to != from);
    }

    /**
     * What a frame that goes back by its port is to be stamped with: all remote ends do not include the one it came from
     * ({@link io.weft.frame.Frame#endpoint()}).
     */
    static int endpointBack(int from, int to) {
        return to == 0 ? -from : to;
    }
}
