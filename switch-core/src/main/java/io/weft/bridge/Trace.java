package io.weft.bridge;

import io.weft.fdb.FdbEntry;
import io.weft.fdb.Learning;
import io.weft.frame.MacAddress;
import io.weft.port.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the switch would do with a frame, and why: the steps in the order in which they are taken, the last of which says what
 * becomes of the frame. Nothing was changed to find that out: nothing learned, counted, sent or taken from a limit.
 *
 * <p>{@link #toString()} prints one line a step.
 *
 * @param steps at least one
 */
public record Trace(List<Step> steps) {
    /** A step. */
    public sealed interface Step {}

    /** The frame came in. */
    public record Received(String port, int length, long source, long destination, String tags) implements Step {
        @Override
        public String toString() {
            return "received by " + port + ": " + length + " bytes, " + MacAddress.format(source) + " > "
                    + MacAddress.format(destination) + ", " + tags;
        }
    }

    /** The port put the frame into a VLAN. */
    public record Classified(int vlan, VlanSettings.Mode mode) implements Step {
        @Override
        public String toString() {
            return (vlan == 0 ? "no VLAN" : "VLAN " + vlan) + ", by a port of mode "
                    + mode.toString().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Learning came to a result; {@code learning} is {@code null} where nothing is learned. */
    public record Source(long mac, Learning learning, String explanation) implements Step {
        @Override
        public String toString() {
            return "source " + MacAddress.format(mac) + ": " + explanation;
        }
    }

    /** A mirror would get a copy. */
    public record Mirrored(String mirror) implements Step {
        @Override
        public String toString() {
            return "copied by mirror " + mirror;
        }
    }

    /** The destination was looked up; {@code kind} and {@code port} are {@code null} when it is not in the FDB. */
    public record Destination(long mac, FrameClass frameClass, String port, FdbEntry.Kind kind) implements Step {
        @Override
        public String toString() {
            String name = frameClass.toString().toLowerCase(Locale.ROOT).replace('_', ' ');
            return "destination " + MacAddress.format(mac) + " is " + name
                    + (port == null ? "" : ", " + kind.toString().toLowerCase(Locale.ROOT) + " entry at " + port);
        }
    }

    /** A port was considered and does not get the frame. */
    public record NotTo(String port, DropReason reason) implements Step {
        @Override
        public String toString() {
            return "not to " + port + ": " + reason.label();
        }
    }

    /**
     * The frame, or a copy, would leave.
     *
     * @param endpoint the remote end within the port, 0 for none or all, negative for all but one
     * @param frame its bytes as it leaves, without FCS
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody; a copy of its own
    public record Sent(String port, int endpoint, byte[] frame, String tags) implements Step {
        @Override
        public String toString() {
            String to = endpoint == 0 ? "" : endpoint > 0 ? " to endpoint " + endpoint : " to all but " + -endpoint;
            return "sent by " + port + to + ": " + frame.length + " bytes, " + tags;
        }
    }

    /** The frame would become the answer to what it asks, and go back. */
    public record Answered(String port) implements Step {
        @Override
        public String toString() {
            return "answered for a known neighbour, back by " + port;
        }
    }

    /** The frame, or a copy, would be dropped and counted for a port. */
    public record Dropped(String port, DropReason reason) implements Step {
        @Override
        public String toString() {
            return "dropped at " + port + ": " + reason.label() + " (" + reason + ")";
        }
    }

    /** Copies the list. */
    public Trace {
        steps = List.copyOf(steps);
    }

    /** What would leave the switch, in order. */
    public List<Sent> sent() {
        return of(Sent.class);
    }

    /** What would be dropped, in order. */
    public List<Dropped> dropped() {
        return of(Dropped.class);
    }

    /** The steps of a type. */
    public <T extends Step> List<T> of(Class<T> type) {
        List<T> found = new ArrayList<>();
        for (Step step : steps) {
            if (type.isInstance(step)) {
                found.add(type.cast(step));
            }
        }
        return found;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < steps.size(); i++) {
            text.append(String.format("%2d  %s%n", i + 1, steps.get(i)));
        }
        return text.toString();
    }
}
