package io.weft.event;

import io.weft.port.DropReason;

/**
 * Hears what happens in a switch. All methods do nothing by default.
 *
 * <p>What a listener may rely on:
 *
 * <ul>
 *   <li>It is called by the switch's one event thread (in invoker mode by the thread that steps the switch), one event at a
 *       time, never by a worker in the middle of a batch: it may take its time, and call the switch.
 *   <li>Events of ports, alarms and messages come in the order they happened, and at once.
 *   <li>Events of stations (learned, moved, aged, evicted, flushed, flapping) come in the order they happened, too, but are
 *       told in rounds: the first at once, those that follow up to 50 ms later. The order between the two kinds is not kept.
 *   <li>Up to 4,096 events of each kind wait for a slow listener, or in a storm for the next round. What does not fit is
 *       dropped, and {@link #lost} says how many before long: frames never wait for listeners, and nothing grows. Events
 *       are news, not a journal: who keeps a copy of the FDB or of the ports reads it anew ({@code fdb().stations()}, {@code
 *       ports()}) after {@code lost}.
 *   <li>What a listener throws is logged, and it goes on hearing, as the others do.
 *   <li>When the switch is closed, what waits is still told.
 * </ul>
 *
 * <p>With no listener at all, ports that go up and down, storms and violations are logged.
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

    /** This many events were lost since the last time: the listeners did not keep up, or there was a storm of them. */
    default void lost(long events) {}
}
