package io.weft.layer3;

import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.MacAddress;
import io.weft.port.DescriptorWatch;
import io.weft.port.FrameInbox;
import io.weft.port.Port;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.port.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Joins a layer-3 port ({@code tun:}, {@code gre:}) to a switch, without a gateway: to the stations on the switch, what is behind
 * the port is one more station on their link, with the adapter's MAC address.
 *
 * <pre>{@code
 * lan.add(L3Adapter.builder(driver).address("10.0.0.1").address("fd00::1").build());
 * }</pre>
 *
 * <p>It answers ARP requests and neighbour solicitations for its addresses and for all in the prefixes behind it. An untagged IPv4
 * or IPv6 packet to its MAC address leaves by the layer-3 port, without the Ethernet header. A packet that comes from there goes
 * to the station that has its destination address, which the adapter has heard of by ARP, neighbour discovery or packets, or asks
 * for while the last packet to each address waits: 64 at most, for a second. IP multicast goes to the group's MAC address.
 * It is no router: it changes no TTL, knows no next hop, and what it does not find on the link is dropped
 * ({@code NO_NEIGHBOUR}).
 *
 * <p>The switch's port to it belongs in one VLAN, untagged. Only MAC addresses are changed, so that super-frames and partial
 * checksums pass as they do between the two ports.
 *
 * <p>Threads: as {@link PortDriver}.
 */
public final class L3Adapter implements PortDriver {
    private static final int AGEINGS = 8; // looks at the stations in an ageing time

    private final PortDriver driver;
    private final long mac;
    private final boolean groups;
    private final OwnAddresses own;
    private final int stationLimit;
    private final long ageingNs;
    private final Runnable timer = this::timerFired;
    private final Runnable ageing = this::age;
    private PortContext context;
    private StationTable stations;
    private volatile L3Port port; // null while there is none
    private volatile Resolver resolver;
    private boolean driverFirst; // the owner's, like what follows
    private boolean timerSet;
    private long timerDueNs;

    L3Adapter(L3AdapterBuilder builder, long mac, OwnAddresses own) {
        this.driver = builder.driver;
        this.mac = mac;
        this.own = own;
        this.groups = builder.groups;
        this.stationLimit = builder.stations;
        this.ageingNs = builder.ageing.toNanos();
    }

    /** An adapter for a driver of one layer-3 port, which is closed with the adapter. */
    public static L3AdapterBuilder builder(PortDriver driver) {
        return new L3AdapterBuilder(Objects.requireNonNull(driver, "driver"));
    }

    /** The MAC address, low 48 bits. */
    public long mac() {
        return mac;
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        stations = new StationTable(stationLimit, ageingNs);
        driver.open(new AdapterContext());
        context.schedule(ageingNs / AGEINGS, ageing);
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        int before = into.size();
        int end = before + limit;
        driverFirst = !driverFirst; // so that neither can keep the other from its turn, were it by a flood of requests
        if (driverFirst) {
            driver.poll(into, limit);
        }
        if (into.size() < end) {
            pollResolver(into, end - into.size());
        }
        if (!driverFirst && into.size() < end) {
            driver.poll(into, end - into.size());
        }
        return into.size() - before;
    }

    private void pollResolver(FrameBatch into, int room) {
        Resolver resolving = resolver;
        if (resolving != null) {
            long nowNs = context.nanoTime();
            resolving.poll(into, room, nowNs);
            if (resolving.hasWaiting()) {
                setTimer(resolving.nextDueNs(), nowNs);
            }
        }
    }

    private void setTimer(long dueNs, long nowNs) {
        if (!timerSet || timerDueNs - dueNs > 0) {
            timerSet = true;
            timerDueNs = dueNs;
            context.schedule(Math.max(0, dueNs - nowNs), timer);
        }
    }

    private void timerFired() {
        if (timerSet && timerDueNs - context.nanoTime() <= 0) { // else it is one that an earlier one has overtaken
            timerSet = false;
        }
        context.wakeup();
    }

    private void age() {
        Resolver resolving = resolver;
        if (resolving != null) {
            resolving.age(context.nanoTime());
            context.wakeup(); // it may have questions to send
        }
        context.schedule(ageingNs / AGEINGS, ageing);
    }

    private void detach() {
        Resolver resolving = resolver;
        resolver = null;
        port = null;
        if (resolving != null) {
            resolving.discard();
        }
    }

    @Override
    public List<Reading> readings() {
        List<Reading> readings = new ArrayList<>(driver.readings());
        L3Port attached = port;
        Resolver resolving = resolver;
        if (attached != null && resolving != null) {
            Map<String, String> labels = Map.of("port", attached.name());
            readings.add(new Reading(
                    "l3_adapter_stations", false, "Stations whose MAC address is known.", labels, stations.size()));
            readings.add(new Reading(
                    "l3_adapter_waiting_packets",
                    false,
                    "Packets that wait for a station to answer.",
                    labels,
                    resolving.waitingCount()));
            readings.add(new Reading(
                    "l3_adapter_requests",
                    true,
                    "ARP requests and neighbour solicitations sent.",
                    labels,
                    resolving.requests()));
            readings.add(new Reading(
                    "l3_adapter_answers", true, "ARP replies and advertisements sent.", labels, resolving.answers()));
        }
        return readings;
    }

    @Override
    public void close() {
        driver.close();
    }

    /** {@code l3:} and what the driver says of itself. */
    @Override
    public String toString() {
        return "l3:" + driver + " (" + MacAddress.format(mac) + ")";
    }

    /** The driver's context, with the adapter's port in place of the driver's. */
    private final class AdapterContext implements PortContext {
        @Override
        public PortHandle addPort(Port newPort) throws PortException {
            if (port != null) {
                throw new PortException("driver " + driver + " has more than one port: " + port.name() + " and "
                        + newPort.name() + "; a layer-3 adapter is for one");
            }
            L3Port adapted = new L3Port(newPort, mac, groups, own, stations, context, L3Adapter.this::detach);
            PortHandle handle = context.addPort(adapted);
            port = adapted;
            resolver = new Resolver(adapted, handle, context, mac, own, stations);
            context.wakeup(); // for what the switch has sent by it meanwhile
            return new AdapterHandle(handle, newPort);
        }

        @Override
        public FramePool pool() {
            return context.pool();
        }

        @Override
        public long nanoTime() {
            return context.nanoTime();
        }

        @Override
        public void addQueue(PortDriver queue) throws PortException {
            context.addQueue(queue);
        }

        @Override
        public <D extends PortDriver> D share(Object key, Supplier<D> maker) throws PortException {
            return context.share(key, maker);
        }

        @Override
        public DescriptorWatch watch(int descriptor) throws PortException {
            return context.watch(descriptor);
        }

        @Override
        public void wakeup() {
            context.wakeup();
        }

        @Override
        public void execute(Runnable task) {
            context.execute(task);
        }

        @Override
        public void schedule(long delayNs, Runnable task) {
            context.schedule(delayNs, task);
        }

        @Override
        public void report(String message) {
            context.report(message);
        }
    }

    /** The handle of the adapter's port, for the driver, which knows its own port only. */
    private record AdapterHandle(
            PortHandle handle, @Override Port port) implements PortHandle {
        @Override
        public int index() {
            return handle.index();
        }

        @Override
        public PortCounters counters() {
            return handle.counters();
        }

        @Override
        public PortCounters openCounters() {
            return handle.openCounters();
        }

        @Override
        public FrameInbox openInbox(int capacity, FramePool pool) {
            return handle.openInbox(capacity, pool);
        }

        @Override
        public void up() {
            handle.up();
        }

        @Override
        public void down(String reason) {
            handle.down(reason);
        }

        @Override
        public void remove() {
            handle.remove();
        }

        @Override
        public boolean station(int vlan, long station, int endpoint) {
            return handle.station(vlan, station, endpoint);
        }

        @Override
        public boolean forget(int vlan, long station) {
            return handle.forget(vlan, station);
        }

        @Override
        public void flush(int endpoint) {
            handle.flush(endpoint);
        }
    }
}
