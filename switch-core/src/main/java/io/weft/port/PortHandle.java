package io.weft.port;

import io.weft.frame.FramePool;

/**
 * A driver's grip on one of its ports in the switch.
 *
 * <p>Threads: any, where a method does not say otherwise.
 */
public interface PortHandle {
    /** What received frames are stamped with. */
    int index();

    /** The port. */
    Port port();

    /**
     * The owning worker's account of this port: for frames that {@code poll} or an owner's {@code transmit} drops. The
     * core counts frames that {@code poll} returns as received. Worker only; a queue ({@link PortContext#addQueue}) opens
     * an account of its own.
     */
    PortCounters counters();

    /** A new account for frames that another thread counts; that thread is its only writer. */
    PortCounters openCounters();

    /**
     * A way in for frames received by a thread that is not a worker.
     *
     * @param capacity frames that may wait, rounded up to a power of two
     * @param pool owned by the receiving thread
     */
    FrameInbox openInbox(int capacity, FramePool pool);

    /** Says that the port works (again): it may be forwarded and flooded to. */
    void up();

    /** Says that the port does not work for the time being: nothing is sent to it and its FDB entries are flushed. */
    void down(String reason);

    /** Takes the port out of the switch; frames still on their way to it are dropped and counted. */
    void remove();

    /**
     * Adds or replaces a static FDB entry: a station that is behind a remote end of this port and stays there, whatever frames
     * say, until it is forgotten or the port leaves. May wait for a walk through the FDB: not for each frame.
     *
     * @param vlan 0 (untagged)..4094
     * @param mac a station's, neither zero nor a group's
     * @param endpoint the remote end, as {@code poll} stamps frames with it; 0 for none
     * @return whether the entry is there: {@code false} when the FDB is full of entries that were set, when the switch has
     *     none (a wire), or the port has left
     * @throws IllegalArgumentException naming the value that cannot be, and what is accepted
     */
    boolean station(int vlan, long mac, int endpoint);

    /**
     * Removes the FDB entry of a station, whatever its kind, if it is behind this port.
     *
     * @return whether there was one
     * @throws IllegalArgumentException naming the value that cannot be, and what is accepted
     */
    boolean forget(int vlan, long mac);

    /**
     * Forgets the stations that were learned behind one remote end of this port, which does not work any more; those that were
     * set stay. Returns at once: it is done a moment later, and includes what workers learn in the rounds that they are in.
     *
     * @param endpoint 0 for stations behind none
     * @throws IllegalArgumentException when it cannot be, naming what is accepted
     */
    void flush(int endpoint);
}
