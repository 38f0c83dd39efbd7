package io.weft.event;

import java.util.List;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/**
 * The event types that a switch adds to Flight Recorder, named {@code io.weft.event.…} as here.
 *
 * <p>What traffic alone can cause often (stations learned, moved, aged, evicted, flushed) is recorded only where a recording
 * asks for it; the rest always is.
 */
final class FlightRecorderEvents {
    /** All types. */
    static final List<Class<? extends Event>> ALL = List.of(
            StationLearned.class,
            StationMoved.class,
            StationAged.class,
            StationEvicted.class,
            StationFlushed.class,
            StationFlapping.class,
            SecurityViolation.class,
            PortAdded.class,
            PortRemoved.class,
            PortUp.class,
            PortDown.class,
            PortStorm.class,
            DriverMessage.class,
            EventsLost.class,
            PortTraffic.class,
            FdbCounters.class);

    private FlightRecorderEvents() {}

    /** A station and where it is. */
    @Category("Weft")
    @StackTrace(false)
    @Enabled(false)
    abstract static class StationEvent extends Event {
        @Label("Switch")
        String switchName;

        @Label("VLAN")
        @Description("VLAN id, 0 for untagged")
        int vlan;

        @Label("MAC Address")
        String mac;

        @Label("Port")
        String port;

        @Label("Endpoint")
        @Description("Remote end within the port, 0 for none")
        int endpoint;

        @Label("Kind")
        @Description("How the station came into the forwarding database")
        String kind;
    }

    /** A port of a switch. */
    @Category("Weft")
    @StackTrace(false)
    abstract static class PortEvent extends Event {
        @Label("Switch")
        String switchName;

        @Label("Port")
        String port;
    }

    @Name("io.weft.event.StationLearned")
    @Label("Station Learned")
    @Description("A new station was learned, or set")
    static final class StationLearned extends StationEvent {}

    @Name("io.weft.event.StationMoved")
    @Label("Station Moved")
    @Description("A known station was seen behind another port or endpoint")
    static final class StationMoved extends StationEvent {}

    @Name("io.weft.event.StationAged")
    @Label("Station Aged")
    @Description("A station was not seen within the ageing time")
    static final class StationAged extends StationEvent {}

    @Name("io.weft.event.StationEvicted")
    @Label("Station Evicted")
    @Description("A station made room for another in a full forwarding database")
    static final class StationEvicted extends StationEvent {}

    @Name("io.weft.event.StationFlushed")
    @Label("Station Flushed")
    @Description("A station was removed by request, or because its port went down")
    static final class StationFlushed extends StationEvent {}

    @Name("io.weft.event.StationFlapping")
    @Label("Station Flapping")
    @Description("A station moved too often and is held; the port is where it was seen instead")
    @Enabled
    static final class StationFlapping extends StationEvent {}

    @Name("io.weft.event.SecurityViolation")
    @Label("Security Violation")
    @Description("A port received a frame from a station that its security does not accept")
    @Enabled
    static final class SecurityViolation extends StationEvent {}

    @Name("io.weft.event.PortAdded")
    @Label("Port Added")
    @Description("A port joined the switch")
    static final class PortAdded extends PortEvent {}

    @Name("io.weft.event.PortRemoved")
    @Label("Port Removed")
    @Description("A port left the switch")
    static final class PortRemoved extends PortEvent {}

    @Name("io.weft.event.PortUp")
    @Label("Port Up")
    @Description("A port works again")
    static final class PortUp extends PortEvent {}

    @Name("io.weft.event.PortDown")
    @Label("Port Down")
    @Description("A port stopped working")
    static final class PortDown extends PortEvent {
        @Label("Reason")
        String reason;
    }

    @Name("io.weft.event.PortStorm")
    @Label("Storm")
    @Description("Storm control drops frames of a port")
    static final class PortStorm extends PortEvent {
        @Label("Drop Reason")
        String reason;
    }

    @Name("io.weft.event.DriverMessage")
    @Label("Driver Message")
    @Description("A driver says what it is doing")
    @Category("Weft")
    @StackTrace(false)
    static final class DriverMessage extends Event {
        @Label("Switch")
        String switchName;

        @Label("Driver")
        String driver;

        @Label("Text")
        String text;
    }

    @Name("io.weft.event.EventsLost")
    @Label("Events Lost")
    @Description("Events came faster than they could be told or recorded")
    @Category("Weft")
    @StackTrace(false)
    static final class EventsLost extends Event {
        @Label("Switch")
        String switchName;

        @Label("Events")
        long events;
    }

    @Name("io.weft.event.PortTraffic")
    @Label("Port Traffic")
    @Description("What a port has counted so far")
    @Period("5 s")
    static final class PortTraffic extends PortEvent {
        @Label("Up")
        boolean up;

        @Label("Received Frames")
        long receivedFrames;

        @Label("Received Bytes")
        @Description("From the destination address on, without FCS")
        @DataAmount
        long receivedBytes;

        @Label("Copied Frames")
        @Description("Copies made of received frames, to flood or mirror them")
        long copiedFrames;

        @Label("Received Segments")
        @Description("Frames of the wire that the received frames stand for")
        long receivedSegments;

        @Label("Segmented Frames")
        @Description("Frames that super-frames became more by being cut")
        long segmentedFrames;

        @Label("Coalesced Frames")
        @Description("Frames that went into super-frames")
        long coalescedFrames;

        @Label("Transmitted Frames")
        long transmittedFrames;

        @Label("Transmitted Bytes")
        @Description("From the destination address on, without FCS")
        @DataAmount
        long transmittedBytes;

        @Label("Transmitted Segments")
        @Description("Frames of the wire that the transmitted frames stand for")
        long transmittedSegments;

        @Label("Ingress Drops")
        @Description("Frames it received that were dropped")
        long ingressDrops;

        @Label("Egress Drops")
        @Description("Frames it was to send that were dropped")
        long egressDrops;
    }

    @Name("io.weft.event.FdbCounters")
    @Label("Forwarding Database")
    @Description("What the forwarding database holds and has counted so far")
    @Category("Weft")
    @StackTrace(false)
    @Period("5 s")
    static final class FdbCounters extends Event {
        @Label("Switch")
        String switchName;

        @Label("Entries")
        long entries;

        @Label("Capacity")
        long capacity;

        @Label("Learned")
        long learned;

        @Label("Moved")
        long moved;

        @Label("Expired")
        long expired;

        @Label("Evicted")
        long evicted;

        @Label("Flushed")
        long flushed;

        @Label("Refused")
        long refused;

        @Label("Flapping")
        long flapping;
    }
}
