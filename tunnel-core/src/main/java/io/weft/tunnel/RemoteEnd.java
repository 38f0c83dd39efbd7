package io.weft.tunnel;

import io.weft.underlay.UnderlayPeer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A remote end of a tunnel: another VTEP (RFC 7348, 1.2), or whoever decapsulates, and what is known of it.
 *
 * <p>Threads: any. Counters are added to by several workers, once for each burst.
 */
public final class RemoteEnd {
    /** How a remote end came to be one. */
    public enum Origin {
        /** By the port's options. */
        CONFIGURED,
        /** By {@link TunnelPort#addRemote}. */
        CONTROL,
        /** It sent something, and the port learns remote ends. */
        LEARNED,
        /** The port's multicast group, to which frames are flooded. */
        GROUP
    }

    /** Whether frames reach it, as far as is known. */
    public enum State {
        /** Nothing is known against it. */
        UP,
        /** ICMP says that datagrams do not reach it; they are sent nevertheless, until something comes from it. */
        UNREACHABLE,
        /** Its probe does not answer: nothing is sent to it. */
        DOWN
    }

    private static final VarHandle RX_FRAMES = counter("rxFrames");
    private static final VarHandle RX_BYTES = counter("rxBytes");
    private static final VarHandle TX_FRAMES = counter("txFrames");
    private static final VarHandle TX_BYTES = counter("txBytes");
    private static final VarHandle TX_DROPPED = counter("txDropped");
    private static final VarHandle ERRORS = counter("errors");
    private static final VarHandle TOO_BIG = counter("tooBig");

    private final int endpoint;
    private final UnderlayPeer peer;
    private final long key;
    private final Origin origin;
    private final boolean flooded;
    private final String name; // null for an address

    private volatile long rxFrames;
    private volatile long rxBytes;
    private volatile long txFrames;
    private volatile long txBytes;
    private volatile long txDropped;
    private volatile long errors;
    private volatile long tooBig;

    private volatile State state = State.UP;
    private volatile int pathMtu;
    private volatile long seenNs;

    // what was told, with its own lock
    private boolean outageTold; // and not its end
    private boolean everTold;
    private long outageToldNs;

    // what the port does now and then only; with the lock of its remote ends
    boolean mtuAsked;
    long mtuAskedNs;
    boolean mtuAskedSoon; // once more, since it was asked a moment ago
    private volatile Object attachment;
    volatile Probe probe; // null for none

    RemoteEnd(int endpoint, UnderlayPeer peer, long key, Origin origin, boolean flooded, String name) {
        this.endpoint = endpoint;
        this.peer = peer;
        this.key = key;
        this.origin = origin;
        this.flooded = flooded;
        this.name = name;
    }

    /**
     * In place of remote ends, for what comes from senders that a tunnel accepts and does not tell apart: nothing is learned behind
     * it, and nothing sent to it.
     */
    public static RemoteEnd unnumbered() {
        return new RemoteEnd(0, new UnderlayPeer(0, 0, 0, 0), -1, Origin.LEARNED, false, null);
    }

    private static VarHandle counter(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(RemoteEnd.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Its number: what the FDB and flood lists call it, 1 and more. */
    public int endpoint() {
        return endpoint;
    }

    /** Its address, and the UDP port it is sent to at; 0 where tunnels have no ports. */
    public UnderlayPeer peer() {
        return peer;
    }

    /** The key (VNI) that it is sent frames with; -1 for none, or when their VLAN says which. */
    public long key() {
        return key;
    }

    /** How it came to be one. */
    public Origin origin() {
        return origin;
    }

    /** The name whose address it is; {@code null} when it was given as an address. */
    public String name() {
        return name;
    }

    /** Whether frames reach it. */
    public State state() {
        return state;
    }

    /** MTU of the way to it, its IP header counted; 0 when it is not known. */
    public int pathMtu() {
        return pathMtu;
    }

    /** Frames that came from it. */
    public long rxFrames() {
        return rxFrames;
    }

    /** Their bytes, without the headers of the tunnel. */
    public long rxBytes() {
        return rxBytes;
    }

    /** Frames that were sent to it, those included that were sent to others too. */
    public long txFrames() {
        return txFrames;
    }

    /** Their bytes, without the headers of the tunnel. */
    public long txBytes() {
        return txBytes;
    }

    /** Frames that could not be sent to it, those included that others were sent. */
    public long txDropped() {
        return txDropped;
    }

    /** Datagrams that ICMP says did not reach it. */
    public long errors() {
        return errors;
    }

    /** Datagrams that ICMP, or the machine itself, says were too long for the way. */
    public long tooBig() {
        return tooBig;
    }

    // ---- the port's side ----

    /** What the tunnel keeps for it: sequence numbers, say. */
    public Object attachment() {
        return attachment;
    }

    /** What the tunnel is to keep for it, before it is known to any worker. */
    public void attach(Object newAttachment) {
        attachment = newAttachment;
    }

    /** Counts frames from it; {@code alone} says that nobody else does at the same time. */
    void received(long frames, long bytes, boolean alone) {
        if (alone) {
            RX_FRAMES.setOpaque(this, (long) RX_FRAMES.getOpaque(this) + frames);
            RX_BYTES.setOpaque(this, (long) RX_BYTES.getOpaque(this) + bytes);
        } else {
            RX_FRAMES.getAndAdd(this, frames);
            RX_BYTES.getAndAdd(this, bytes);
        }
    }

    void transmitted(long frames, long bytes) {
        TX_FRAMES.getAndAdd(this, frames);
        TX_BYTES.getAndAdd(this, bytes);
    }

    void dropped(long frames) {
        TX_DROPPED.getAndAdd(this, frames);
    }

    void failed() {
        ERRORS.getAndAdd(this, 1L);
    }

    void countTooBig() {
        TOO_BIG.getAndAdd(this, 1L);
    }

    void pathMtu(int mtu) {
        pathMtu = mtu;
    }

    void state(State newState) {
        state = newState;
    }

    /** Whether it is to be told that it is not reached: not when that has been told in this interval. */
    synchronized boolean tellsOutage(long nowNs, long intervalNs) {
        if (everTold && nowNs - outageToldNs < intervalNs) {
            return false;
        }
        everTold = true;
        outageTold = true;
        outageToldNs = nowNs;
        return true;
    }

    /** Whether it is to be told that it is reached again: when it was told that it is not. */
    synchronized boolean endsOutage() {
        boolean told = outageTold;
        outageTold = false;
        return told;
    }

    long seenNs() {
        return seenNs;
    }

    void seen(long nowNs) {
        seenNs = nowNs;
    }

    /** Whether it gets what is flooded when nobody says to whom. */
    boolean isFlooded() {
        return flooded;
    }

    /** Whether it is one remote end, which can answer. */
    boolean isProbed() {
        return origin != Origin.GROUP;
    }

    /** Whether frames may be sent to it. */
    public boolean isUsable() {
        return state != State.DOWN;
    }

    boolean hasAddress(long high, long low) {
        return peer.low() == low && peer.high() == high;
    }

    @Override
    public String toString() {
        return (name == null ? "" : name + " = ") + peer + (key < 0 ? "" : " key " + key);
    }
}
