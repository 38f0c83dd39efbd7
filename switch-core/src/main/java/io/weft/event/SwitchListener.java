package io.weft.event;

import io.weft.port.DropReason;

/**
 * Hears what happens in a switch. All methods do nothing by default.
 *
 * <p>Threads: called by the switch's one event thread (in invoker mode by the thread that steps the switch), never by a
 * worker in the middle of a batch: a listener may take its time, and events beyond a bound are then lost and counted. What
 * a listener throws is logged.
 */
public interface SwitchListener {
    /** A port joined the switch. */
    default void portAdded(String port) {}

    /** A port left the switch. */
    default void portRemoved(String port) {}

    /** A port works again. */
    default void portUp(String port) {}

    /** A port stopped working; it stays in the switch. */
    default void portDown(String port, String reason) {}

    /** A new station was learned, or set. */
    default void learned(Station station) {}

    /** A known station was seen behind another port or endpoint. */
    default void moved(Station station) {}

    /** A station was not seen within the ageing time. */
    default void aged(Station station) {}

    /** A station made room for another in a full FDB. */
    default void evicted(Station station) {}

    /** A station was removed by request, or because its port went down. */
    default void flushed(Station station) {}

    /** A station moved too often and is held where it was; {@code station} names the port it was seen at instead. */
    default void flapping(Station station) {}

    /** Storm control drops frames of a port; told at most once a second for each port. */
    default void storm(String port, DropReason storm) {}

    /** A port received a frame from a station that its security does not accept; told at most once a second for each port. */
    default void violation(Station station) {}

    /** A driver says what it is doing, as "reconnecting to …". */
    default void message(String driver, String text) {}

    /** This many events were lost since the last time because the listeners did not keep up. */
    default void lost(long events) {}
}
