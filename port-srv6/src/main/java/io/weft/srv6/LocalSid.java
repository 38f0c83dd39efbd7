package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.frame.IpPrefix;
import io.weft.frame.Ipv6;
import io.weft.route.NextHop;
import io.weft.route.RouteTable;
import io.weft.tunnel.TunnelBinding;
import io.weft.underlay.UnderlayPeer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * A SID as packets meet it: what is done, with what, for whom, and how often it was done (RFC 8986, 6).
 *
 * <p>Threads: immutable but for the counters, which one thread writes and any read.
 */
public final class LocalSid {
    /** How many entries a table of VLANs has, for End.DX2V. */
    public static final int VLANS = 4_096;

    private static final VarHandle PACKETS = counter("packets");
    private static final VarHandle BYTES = counter("bytes");
    private static final VarHandle ERRORS = counter("errors");

    private final SidSpec spec;
    private final SrDomain domain;
    private final SrSource source;
    private final Object target;

    // The spec, taken apart for each packet.
    private final Behaviour behaviour;
    private final Flavours flavours;
    private final boolean container;
    private final boolean compressed;
    private final int prefixLength;
    private final int argumentLength;
    private final int nodeFunctionLength;
    private final long argumentHighMask; // what is behind the prefix
    private final long argumentLowMask;
    private final long blockHighMask;
    private final long blockLowMask;

    private long packets;
    private long bytes;
    private long errors;

    /**
     * A SID.
     *
     * @param domain who may send to it
     * @param source as whom its owner sends what it makes of packets to it
     * @param target by behaviour: End {@code null}; End.X an {@link UnderlayPeer}; End.T, End.DT4, End.DT6 and End.DT46 a {@link
     *     RouteTable}; End.DX4 and End.DX6 a {@link NextHop} by a port or a station; End.B6.Encaps and its reduced form a {@link
     *     SegmentChoice}, as every {@link SegmentList} is; End.DX2, End.DT2U and End.DT2M a {@link TunnelBinding}; End.DX2V an
     *     array of {@value #VLANS} of them by VLAN, 0 for frames without one, {@code null} where there is no port, which is
     *     kept, so that its entries may change while packets come
     * @throws IllegalArgumentException when the target is another
     */
    public LocalSid(SidSpec spec, SrDomain domain, SrSource source, Object target) {
        this.spec = spec;
        this.domain = Objects.requireNonNull(domain, "domain");
        this.source = Objects.requireNonNull(source, "source");
        this.target = target;
        behaviour = spec.behaviour();
        flavours = spec.flavours();
        if (!isTarget(behaviour, target)) {
            throw new IllegalArgumentException("the target of SID '" + spec + "' is "
                    + (target == null ? "none" : target.getClass().getSimpleName()) + "; accepted: "
                    + accepted(behaviour));
        }
        IpPrefix prefix = spec.prefix();
        container = spec.isContainer();
        compressed = flavours.nextCSid();
        prefixLength = prefix.length();
        argumentLength = spec.argumentLength();
        nodeFunctionLength = spec.nodeFunctionLength();
        argumentHighMask = ~IpPrefix.highMask(prefixLength);
        argumentLowMask = ~IpPrefix.lowMask(prefixLength);
        blockHighMask = IpPrefix.highMask(spec.blockLength());
        blockLowMask = IpPrefix.lowMask(spec.blockLength());
    }

    private static boolean isTarget(Behaviour behaviour, Object target) {
        return switch (behaviour) {
            case END -> target == null;
            case END_X -> target instanceof UnderlayPeer peer && !peer.isIpv4() && peer.port() == 0;
            case END_T, END_DT4, END_DT6, END_DT46 -> target instanceof RouteTable;
            case END_DX4, END_DX6 -> target instanceof NextHop.ByPort || target instanceof NextHop.ByStation;
            case END_B6_ENCAPS, END_B6_ENCAPS_RED -> target instanceof SegmentChoice;
            case END_DX2, END_DT2U, END_DT2M -> target instanceof TunnelBinding;
            case END_DX2V -> target instanceof TunnelBinding[] vlans && vlans.length == VLANS;
        };
    }

    private static String accepted(Behaviour behaviour) {
        return switch (behaviour) {
            case END -> "none";
            case END_X -> "an UnderlayPeer with an IPv6 address, without a port";
            case END_T, END_DT4, END_DT6, END_DT46 -> "a RouteTable";
            case END_DX4, END_DX6 -> "a NextHop by a port or a station";
            case END_B6_ENCAPS, END_B6_ENCAPS_RED -> "a SegmentList or another SegmentChoice";
            case END_DX2, END_DT2U, END_DT2M -> "a TunnelBinding";
            case END_DX2V -> "an array of " + VLANS + " TunnelBindings";
        };
    }

    private static VarHandle counter(String name) {
        try {
            return MethodHandles.lookup().findVarHandle(LocalSid.class, name, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // ---- configuration ----

    /** The SID as configured. */
    public SidSpec spec() {
        return spec;
    }

    /** Who may send to it. */
    public SrDomain domain() {
        return domain;
    }

    /** As whom its owner sends what it makes of packets to it. */
    public SrSource source() {
        return source;
    }

    /** What it was made with. */
    public Object target() {
        return target;
    }

    // ---- for packets ----

    Behaviour behaviour() {
        return behaviour;
    }

    Flavours flavours() {
        return flavours;
    }

    /** Whether SIDs in lists may be compressed ones, so that destinations are not the lists' segments. */
    boolean isCompressed() {
        return compressed;
    }

    /** Whether the destination of a packet holds a further SID (RFC 9800, 4.1: DA.Argument is not 0). */
    boolean holdsNext(long high, long low) {
        return container && ((high & argumentHighMask) | (low & argumentLowMask)) != 0;
    }

    /** The first half of a destination in which the next SID has come to the front (RFC 9800, 4.1.1, N05 and N06). */
    long nextHigh(long high, long low) {
        return (high & blockHighMask) | (shiftedHigh(high, low, nodeFunctionLength) & ~blockHighMask);
    }

    /** Its second half. */
    long nextLow(long low) {
        long shifted = nodeFunctionLength >= 64 ? 0 : low << nodeFunctionLength;
        return (low & blockLowMask) | (shifted & ~blockLowMask);
    }

    private static long shiftedHigh(long high, long low, int bits) {
        return bits >= 64 ? low << (bits - 64) : high << bits | low >>> (64 - bits);
    }

    /** The argument that a packet brings, its last 64 bits where it is longer; 0 where the SID has none or it holds SIDs. */
    long argument(Frame frame) {
        if (argumentLength == 0 || container) {
            return 0;
        }
        long high = Ipv6.destinationHigh(frame, 0) & argumentHighMask;
        long low = Ipv6.destinationLow(frame, 0) & argumentLowMask;
        int behind = 128 - prefixLength - argumentLength;
        return behind >= 64 ? high >>> (behind - 64) : behind == 0 ? low : high << (64 - behind) | low >>> behind;
    }

    UnderlayPeer gateway() {
        return (UnderlayPeer) target;
    }

    RouteTable table() {
        return (RouteTable) target;
    }

    NextHop nextHop() {
        return (NextHop) target;
    }

    SegmentChoice segments() {
        return (SegmentChoice) target;
    }

    TunnelBinding binding() {
        return (TunnelBinding) target;
    }

    TunnelBinding binding(int vlan) {
        return ((TunnelBinding[]) target)[vlan];
    }

    // ---- counters ----

    /** Counts a packet with which was done what the SID says; one thread. */
    void processed(int length) {
        PACKETS.setOpaque(this, packets + 1);
        BYTES.setOpaque(this, bytes + length);
    }

    /** Counts one that was dropped; the same thread. */
    void failed() {
        ERRORS.setOpaque(this, errors + 1);
    }

    /** Packets that came to the SID and were delivered, or sent or passed on to the next one. */
    public long packets() {
        return (long) PACKETS.getOpaque(this);
    }

    /** Their bytes as they came to it, IPv6 header counted. */
    public long bytes() {
        return (long) BYTES.getOpaque(this);
    }

    /** Packets that came to the SID and were dropped. */
    public long errors() {
        return (long) ERRORS.getOpaque(this);
    }

    /** The SID as configured. */
    @Override
    public String toString() {
        return spec.toString();
    }
}
