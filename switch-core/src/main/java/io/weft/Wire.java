package io.weft;

import io.weft.bridge.CrossConnect;
import io.weft.bridge.PortSettings;
import io.weft.event.EventDispatcher;
import io.weft.event.SwitchListener;
import io.weft.neighbour.NeighbourTable;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortProviders;
import io.weft.port.PortStatistics;
import io.weft.worker.Datapath;
import io.weft.worker.DatapathConfig;
import io.weft.worker.IdleStrategy;
import io.weft.worker.NanoClock;
import io.weft.worker.PortStatus;
import java.util.List;

/**
 * A cross-connect: two ports joined without a bridge. What comes in by one leaves by the other; nothing is learned or
 * looked at, so BPDUs and other reserved addresses pass too.
 *
 * <p>Threads: any; a wire made by {@link #invoker} is used by one thread.
 */
public final class Wire implements AutoCloseable {
    private final EventDispatcher events;
    private final Datapath datapath;

    private Wire(DatapathConfig config) {
        events = new EventDispatcher(config.name(), this::portName);
        datapath = new Datapath(config, CrossConnect::new, null, new NeighbourTable(1), events);
        events.counters(reader -> ports().forEach(port -> reader.port(port.name(), port.up(), port.statistics())));
    }

    /** Joins the ports that two URIs describe. */
    public static Wire between(String a, String b) throws PortException {
        return between(PortProviders.create(a), PortProviders.create(b));
    }

    /** Joins the ports of two drivers, with one thread for each. Both drivers are closed when one cannot be opened. */
    public static Wire between(PortDriver a, PortDriver b) throws PortException {
        return join(threads(), List.of(), a, b);
    }

    /** The same with a listener that hears what happens from the beginning. */
    public static Wire between(PortDriver a, PortDriver b, SwitchListener listener) throws PortException {
        return join(threads(), List.of(listener), a, b);
    }

    /** The same without threads: the caller runs {@link #step()}. */
    public static Wire invoker(NanoClock clock, PortDriver a, PortDriver b) throws PortException {
        return join(new DatapathConfig("weft-wire", 2, true, clock, IdleStrategy.SLEEP), List.of(), a, b);
    }

    private static DatapathConfig threads() {
        return new DatapathConfig("weft-wire", 2, false, NanoClock.SYSTEM, IdleStrategy.SLEEP);
    }

    private static Wire join(DatapathConfig config, List<SwitchListener> listeners, PortDriver a, PortDriver b)
            throws PortException {
        Wire wire = new Wire(config);
        listeners.forEach(wire.events::add);
        boolean tookB = false;
        boolean joined = false;
        try {
            wire.datapath.add(a, PortSettings.DEFAULT);
            tookB = true;
            wire.datapath.add(b, PortSettings.DEFAULT);
            joined = true;
        } finally {
            if (!tookB) {
                b.close();
            }
            if (!joined) {
                wire.close();
            }
        }
        return wire;
    }

    private String portName(int index) {
        return datapath.portName(index);
    }

    /** The two ports and their counters. */
    public List<PortStatus> ports() {
        return datapath.ports();
    }

    /** What happened to all frames so far. */
    public PortStatistics statistics() {
        return datapath.statistics();
    }

    /** Adds a listener. */
    public void addListener(SwitchListener listener) {
        events.add(listener);
    }

    /** Invoker mode: runs one round; returns whether anything was done. */
    public boolean step() {
        return datapath.step();
    }

    /** Closes both ports and ends the threads; waits for that. */
    @Override
    public void close() {
        datapath.close(() -> {});
    }
}
