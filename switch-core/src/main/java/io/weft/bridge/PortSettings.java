package io.weft.bridge;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How the switch treats a port. Made by {@link #builder()}, or from another one by {@link #with}:
 *
 * <pre>{@code
 * PortSettings desk = PortSettings.builder()
 *         .vlans(VlanSettings.access(10))
 *         .security(PortSecurity.sticky(2, PortSecurity.Violation.SHUT_DOWN))
 *         .build();
 * lan.add(driver, desk);
 * lan.port("desk7").change(settings -> settings.isolated(true));
 * }</pre>
 *
 * @param adminUp whether the port shall work at all
 * @param vlans its part in VLANs
 * @param learning whether sources of its frames are learned
 * @param floodUnknownUnicast whether frames to unknown stations are flooded to it
 * @param floodBroadcast whether broadcasts are sent to it
 * @param floodMulticast whether other group frames are sent to it
 * @param isolated isolated ports do not exchange frames with each other
 * @param splitHorizonGroup ports of one group, 1 or more, do not exchange frames; 0 for none. The ports of a listener are
 *     all in it: clients that must not see each other. What a frame says ({@link io.weft.frame.Frame#splitHorizonGroup}) comes on top
 * @param hairpin whether a frame may go back out of the port it came in by (between the remote ends of a multipoint port:
 *     whether they are relayed); never to the very remote end it came from
 * @param security which stations it accepts
 * @param stormControl limits of what it may send to many
 * @param ingressPolicing limit of all that comes in
 * @param egressPolicing limit of all that goes out
 * @param suppressNeighbours whether ARP requests and neighbour solicitations that come in for known addresses are answered
 *     by the switch instead of being flooded
 * @param loopProbeInterval time between probe frames that find a loop; zero for none
 */
public record PortSettings(
        boolean adminUp,
        VlanSettings vlans,
        boolean learning,
        boolean floodUnknownUnicast,
        boolean floodBroadcast,
        boolean floodMulticast,
        boolean isolated,
        int splitHorizonGroup,
        boolean hairpin,
        PortSecurity security,
        StormControl stormControl,
        RateLimit ingressPolicing,
        RateLimit egressPolicing,
        boolean suppressNeighbours,
        Duration loopProbeInterval) {
    /** A trunk of all VLANs that learns and is flooded to, without limits. */
    public static final PortSettings DEFAULT = builder().build();

    private static final Duration SHORTEST_PROBE_INTERVAL = Duration.ofMillis(100);
    private static final Duration LONGEST_PROBE_INTERVAL = Duration.ofHours(1);

    /** Checks the ranges and what conflicts. */
    public PortSettings {
        Objects.requireNonNull(vlans, "vlans");
        Objects.requireNonNull(security, "security");
        Objects.requireNonNull(stormControl, "stormControl");
        Objects.requireNonNull(ingressPolicing, "ingressPolicing");
        Objects.requireNonNull(egressPolicing, "egressPolicing");
        if (splitHorizonGroup < 0) {
            throw new IllegalArgumentException(
                    "splitHorizonGroup is " + splitHorizonGroup + "; accepted: 0 (none) or more");
        }
        if (!loopProbeInterval.isZero()
                && (loopProbeInterval.compareTo(SHORTEST_PROBE_INTERVAL) < 0
                        || loopProbeInterval.compareTo(LONGEST_PROBE_INTERVAL) > 0)) {
            throw new IllegalArgumentException("loopProbeInterval is " + loopProbeInterval.toMillis()
                    + " ms; accepted: 0 (none) or " + SHORTEST_PROBE_INTERVAL.toMillis() + " ms.."
                    + LONGEST_PROBE_INTERVAL.toMillis() + " ms");
        }
        if (suppressNeighbours && vlans.mode() == VlanSettings.Mode.DOT1Q_TUNNEL) {
            throw new IllegalArgumentException("suppressNeighbours conflicts with mode DOT1Q_TUNNEL: what a customer's"
                    + " addresses mean, only the customer knows");
        }
        if (!learning && (security.sticky() || security.maxMacs() > 0)) {
            throw new IllegalArgumentException("learning off conflicts with security "
                    + (security.sticky() ? "sticky" : "maxMacs") + ": both need learning");
        }
    }

    /** Settings to be changed, beginning with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** The same with changes. */
    public PortSettings with(Consumer<Builder> change) {
        Builder builder = new Builder(this);
        change.accept(builder);
        return builder.build();
    }

    /** Settings of a port. Every one has a default; conflicts are found by {@link #build()}. */
    public static final class Builder {
        private boolean adminUp = true;
        private VlanSettings vlans = VlanSettings.TRUNK_ALL;
        private boolean learning = true;
        private boolean floodUnknownUnicast = true;
        private boolean floodBroadcast = true;
        private boolean floodMulticast = true;
        private boolean isolated;
        private int splitHorizonGroup;
        private boolean hairpin;
        private PortSecurity security = PortSecurity.NONE;
        private StormControl stormControl = StormControl.NONE;
        private RateLimit ingressPolicing = RateLimit.NONE;
        private RateLimit egressPolicing = RateLimit.NONE;
        private boolean suppressNeighbours;
        private Duration loopProbeInterval = Duration.ZERO;

        private Builder() {}

        private Builder(PortSettings from) {
            adminUp = from.adminUp;
            vlans = from.vlans;
            learning = from.learning;
            floodUnknownUnicast = from.floodUnknownUnicast;
            floodBroadcast = from.floodBroadcast;
            floodMulticast = from.floodMulticast;
            isolated = from.isolated;
            splitHorizonGroup = from.splitHorizonGroup;
            hairpin = from.hairpin;
            security = from.security;
            stormControl = from.stormControl;
            ingressPolicing = from.ingressPolicing;
            egressPolicing = from.egressPolicing;
            suppressNeighbours = from.suppressNeighbours;
            loopProbeInterval = from.loopProbeInterval;
        }

        /** See {@link PortSettings#adminUp}; default true. */
        public Builder adminUp(boolean up) {
            adminUp = up;
            return this;
        }

        /** See {@link PortSettings#vlans}; default {@link VlanSettings#TRUNK_ALL}. */
        public Builder vlans(VlanSettings settings) {
            vlans = settings;
            return this;
        }

        /** See {@link PortSettings#learning}; default true. */
        public Builder learning(boolean on) {
            learning = on;
            return this;
        }

        /** See {@link PortSettings#floodUnknownUnicast}; default true. */
        public Builder floodUnknownUnicast(boolean on) {
            floodUnknownUnicast = on;
            return this;
        }

        /** See {@link PortSettings#floodBroadcast}; default true. */
        public Builder floodBroadcast(boolean on) {
            floodBroadcast = on;
            return this;
        }

        /** See {@link PortSettings#floodMulticast}; default true. */
        public Builder floodMulticast(boolean on) {
            floodMulticast = on;
            return this;
        }

        /** See {@link PortSettings#isolated}; default false. */
        public Builder isolated(boolean on) {
            isolated = on;
            return this;
        }

        /** See {@link PortSettings#splitHorizonGroup}; default 0, none. */
        public Builder splitHorizonGroup(int group) {
            splitHorizonGroup = group;
            return this;
        }

        /** See {@link PortSettings#hairpin}; default false. */
        public Builder hairpin(boolean on) {
            hairpin = on;
            return this;
        }

        /** See {@link PortSettings#security}; default none. */
        public Builder security(PortSecurity newSecurity) {
            security = newSecurity;
            return this;
        }

        /** See {@link PortSettings#stormControl}; default none. */
        public Builder stormControl(StormControl limits) {
            stormControl = limits;
            return this;
        }

        /** See {@link PortSettings#ingressPolicing}; default none. */
        public Builder ingressPolicing(RateLimit limit) {
            ingressPolicing = limit;
            return this;
        }

        /** See {@link PortSettings#egressPolicing}; default none. */
        public Builder egressPolicing(RateLimit limit) {
            egressPolicing = limit;
            return this;
        }

        /** See {@link PortSettings#suppressNeighbours}; default false. */
        public Builder suppressNeighbours(boolean on) {
            suppressNeighbours = on;
            return this;
        }

        /** See {@link PortSettings#loopProbeInterval}; default zero, none. */
        public Builder loopProbeInterval(Duration interval) {
            loopProbeInterval = interval;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException naming the setting, its value and what is accepted, or the two that conflict
         */
        public PortSettings build() {
            return new PortSettings(
                    adminUp,
                    vlans,
                    learning,
                    floodUnknownUnicast,
                    floodBroadcast,
                    floodMulticast,
                    isolated,
                    splitHorizonGroup,
                    hairpin,
                    security,
                    stormControl,
                    ingressPolicing,
                    egressPolicing,
                    suppressNeighbours,
                    loopProbeInterval);
        }
    }
}
