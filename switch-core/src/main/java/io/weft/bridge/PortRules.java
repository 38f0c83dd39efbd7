package io.weft.bridge;

import io.weft.capture.PortCapture;
import java.util.List;

/**
 * {@link PortSettings} made ready for the data path, with what the whole switch asks of the port (mirrors, captures). All
 * workers have the same; a change replaces it.
 *
 * <p>{@link #features} says in one word which of the stages concern the port at all: a port with defaults pays for one test.
 *
 * <p>Threads: immutable, but for the buckets: those of ingress are the owner's or shared, that of egress is shared.
 */
public final class PortRules {
    /** VLANs are filtered or tags changed. */
    static final int VLANS = 1;

    /** Frames are policed, looked at or counted before all else: policing, mirrors, captures, loop probes. */
    static final int ADMISSION = 1 << 1;

    /** Learning is restricted: off, sticky, limited, locked, or off in some VLANs. */
    static final int STATIONS = 1 << 2;

    /** ARP and neighbour discovery are answered. */
    static final int NEIGHBOURS = 1 << 3;

    /** What is sent to many is limited. */
    static final int STORM = 1 << 4;

    /** Frames of some classes, or from some ports, do not leave here, or may go back. */
    static final int EGRESS = 1 << 5;

    /** Frames are policed or mirrored when they leave. */
    static final int DELIVERY = 1 << 6;

    /** Some VLANs have flood lists. */
    static final int FLOOD_LISTS = 1 << 7;

    /** What concerns a frame between two ports after the look-up. */
    static final int ON_THE_WAY_OUT = VLANS | EGRESS | DELIVERY;

    final PortSettings settings;
    final SwitchWide wide;
    final VlanRules vlans;
    final TokenBucket ingressBucket;
    final TokenBucket egressBucket;
    final TokenBucket[] stormBuckets; // by FrameClass
    final PortCapture[] captures;
    final int features;
    final int maxMacs;

    /**
     * What the whole switch asks of a port.
     *
     * @param rxMirrors mirrors that see what it receives, by their place in the switch's list
     * @param txMirrors mirrors that see what it sends
     * @param mirrorOutput whether it is a mirror's output, and takes no part in forwarding
     * @param probes whether loop probes may come back to it
     * @param restrictedVlans whether learning is off in some VLANs
     * @param floodLists whether some VLANs have flood lists
     * @param captures that record it
     */
    public record SwitchWide(
            long rxMirrors,
            long txMirrors,
            boolean mirrorOutput,
            boolean probes,
            boolean restrictedVlans,
            boolean floodLists,
            List<PortCapture> captures) {
        /** Nothing. */
        public static final SwitchWide NOTHING = new SwitchWide(0, 0, false, false, false, false, List.of());
    }

    /** Rules of a port with the defaults. */
    public PortRules() {
        this(PortSettings.DEFAULT, SwitchWide.NOTHING, false, null);
    }

    /**
     * Rules.
     *
     * @param shared whether several workers may receive by the port, so that they share its buckets
     * @param previous whose buckets go on where their limits stay the same; {@code null} for a new port
     */
    @SuppressWarnings("EnumOrdinal") // the order of the array; never stored
    public PortRules(PortSettings settings, SwitchWide wide, boolean shared, PortRules previous) {
        this.settings = settings;
        this.wide = wide;
        vlans = settings.vlans().equals(VlanSettings.TRUNK_ALL)
                ? VlanRules.TRANSPARENT
                : new VlanRules(settings.vlans());
        PortSettings old = previous == null ? null : previous.settings;
        ingressBucket = old != null && old.ingressPolicing().equals(settings.ingressPolicing())
                ? previous.ingressBucket
                : TokenBucket.of(settings.ingressPolicing(), shared);
        egressBucket = old != null && old.egressPolicing().equals(settings.egressPolicing())
                ? previous.egressBucket
                : TokenBucket.of(settings.egressPolicing(), true);
        stormBuckets = new TokenBucket[FrameClass.values().length];
        for (FrameClass frameClass : FrameClass.values()) {
            RateLimit limit = settings.stormControl().of(frameClass);
            stormBuckets[frameClass.ordinal()] =
                    old != null && old.stormControl().of(frameClass).equals(limit)
                            ? previous.stormBuckets[frameClass.ordinal()]
                            : TokenBucket.of(limit, shared);
        }
        captures = wide.captures.isEmpty() ? null : wide.captures.toArray(PortCapture[]::new);
        maxMacs = settings.security().maxMacs() == 0
                ? Integer.MAX_VALUE
                : settings.security().maxMacs();
        features = features();
    }

    private int features() {
        PortSecurity security = settings.security();
        boolean allFlooded = settings.floodBroadcast() && settings.floodMulticast() && settings.floodUnknownUnicast();
        return when(!vlans.isTransparent(), VLANS)
                | when(
                        ingressBucket != null
                                || wide.rxMirrors != 0
                                || captures != null
                                || wide.mirrorOutput
                                || wide.probes,
                        ADMISSION)
                | when(!settings.learning() || wide.restrictedVlans || !security.equals(PortSecurity.NONE), STATIONS)
                | when(settings.suppressNeighbours(), NEIGHBOURS)
                | when(!settings.stormControl().equals(StormControl.NONE), STORM)
                | when(
                        !allFlooded
                                || settings.isolated()
                                || settings.splitHorizonGroup() != 0
                                || settings.hairpin()
                                || wide.mirrorOutput,
                        EGRESS)
                | when(egressBucket != null || wide.txMirrors != 0, DELIVERY)
                | when(wide.floodLists, FLOOD_LISTS);
    }

    private static int when(boolean condition, int feature) {
        return condition ? feature : 0;
    }

    /** The bucket of a class, or {@code null}. */
    @SuppressWarnings("EnumOrdinal") // the order of the array; never stored
    TokenBucket stormBucket(FrameClass frameClass) {
        return stormBuckets[frameClass.ordinal()];
    }

    /** Whether frames of a class are flooded to the port. */
    boolean isFlooded(FrameClass frameClass) {
        return switch (frameClass) {
            case BROADCAST -> settings.floodBroadcast();
            case MULTICAST -> settings.floodMulticast();
            case UNKNOWN_UNICAST -> settings.floodUnknownUnicast();
            case KNOWN_UNICAST -> true;
        };
    }

    /** What the whole switch asks of the port. */
    public SwitchWide wide() {
        return wide;
    }

    /** The settings it was made from. */
    public PortSettings settings() {
        return settings;
    }
}
