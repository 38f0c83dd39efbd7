package io.weft.bridge;

import io.weft.fdb.Fdb;
import java.util.Objects;

/**
 * Which stations a port accepts.
 *
 * @param maxMacs stations that may be learned behind the port, those with static and control entries not counted; 0 for as
 *     many as the FDB holds
 * @param sticky whether stations learned here stay here: they neither age nor move, until they are deleted
 * @param locked whether only stations with a static, sticky or control-plane entry at this port may send; nothing is learned
 * @param violation what happens to a frame from any other station
 */
public record PortSecurity(int maxMacs, boolean sticky, boolean locked, Violation violation) {
    /** Accepts every station. */
    public static final PortSecurity NONE = new PortSecurity(0, false, false, Violation.FORWARD);

    /** What happens to a frame whose source the port does not accept. */
    public enum Violation {
        /** It is forwarded, and its source not learned. */
        FORWARD,
        /** It is dropped and counted. */
        DROP,
        /** It is dropped, and the port shut down until somebody sets it up again. */
        SHUT_DOWN
    }

    /** Checks the range and that a locked port has an action. */
    public PortSecurity {
        Objects.requireNonNull(violation, "violation");
        if (maxMacs < 0 || maxMacs > Fdb.MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "maxMacs is " + maxMacs + "; accepted: 0 (no limit).." + Fdb.MAX_CAPACITY);
        }
        if (locked && violation == Violation.FORWARD) {
            throw new IllegalArgumentException(
                    "locked conflicts with violation FORWARD: a locked port drops; accepted: DROP or SHUT_DOWN");
        }
        if (locked && (maxMacs != 0 || sticky)) {
            throw new IllegalArgumentException(
                    "locked conflicts with " + (sticky ? "sticky" : "maxMacs") + ": a locked port learns nothing");
        }
    }

    /** At most so many stations; frames of others are forwarded, but not learned. */
    public static PortSecurity maxMacs(int count) {
        return new PortSecurity(count, false, false, Violation.FORWARD);
    }

    /** At most so many stations, which stay; frames of others have this consequence. */
    public static PortSecurity sticky(int count, Violation violation) {
        return new PortSecurity(count, true, false, violation);
    }

    /** Only stations that were set may send; frames of others have this consequence. */
    public static PortSecurity locked(Violation violation) {
        return new PortSecurity(0, false, true, violation);
    }
}
