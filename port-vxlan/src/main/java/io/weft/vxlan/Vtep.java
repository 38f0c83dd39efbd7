package io.weft.vxlan;

import io.weft.frame.FrameBatch;
import io.weft.port.DescriptorWatch;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.port.Reading;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySocket;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A listening socket of VXLAN (RFC 7348), shared by all ports of a switch that have the same address and UDP port: what comes
 * in is told apart by its VNI and by who sent it.
 *
 * <p>Threads: as {@link PortDriver} says; {@link #bind}, {@link #unbind} and {@link #join} by any.
 */
final class Vtep implements PortDriver {
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VtepCounter[] COUNTERS = VtepCounter.values();
    private static final long LOOK_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    /**
     * What ports have in common that share one.
     *
     * @param local {@code null} for any address
     * @param networkInterface {@code null} for any
     * @param netns {@code null} for the program's own
     */
    record Key(boolean ipv6, InetAddress local, int port, String networkInterface, String netns) {}

    private final Key key;
    private final VxlanSettings settings; // of the port that came first
    private final Underlay underlay;
    private final long[] counted = new long[COUNTERS.length];
    private final Set<InetAddress> groups = new HashSet<>();
    private final Runnable look = this::look;
    private UnderlaySocket socket;
    private PortContext context;
    private DescriptorWatch watch;
    private UnderlayReceiver datagrams;
    private VxlanReceiver receiver;
    private volatile VniTable table = VniTable.EMPTY;

    Vtep(Key key, VxlanSettings settings, Underlay underlay) {
        this.key = key;
        this.settings = settings;
        this.underlay = underlay;
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        try {
            socket = underlay.open(VxlanSockets.listening(settings, key));
        } catch (UnderlayException e) {
            throw VxlanAdvice.notListening(settings, key.port(), e);
        }
        datagrams = socket.receiver();
        receiver = new VxlanReceiver(this, datagrams, context.pool());
        socket.notes().forEach(context::report);
        if (socket.descriptor() >= 0) {
            watch = context.watch(socket.descriptor());
        } else {
            socket.onReadable(context::wakeup);
        }
        context.schedule(LOOK_INTERVAL_NS, look);
    }

    /** Asks now and then what the kernel had no room for: a system call, and so not for each poll. */
    private void look() {
        long lost = datagrams.takeOverflow();
        if (lost > 0) {
            add(VtepCounter.QUEUE_FULL, lost);
        }
        context.schedule(LOOK_INTERVAL_NS, look);
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        int added = receiver.receive(into, limit);
        if (receiver.hasMore() && added < limit) {
            context.wakeup(); // fewer than asked for would say that there is no more
        }
        return added;
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        if (receiver != null) {
            receiver.close();
        }
        if (socket != null) {
            socket.close();
        }
    }

    // ---- ports ----

    /**
     * Has a port receive what comes for its VNIs.
     *
     * @throws PortException when another port takes the same frames, or wants the socket to be another one
     */
    synchronized Binding bind(VxlanPort port, PortHandle handle) throws PortException {
        VxlanConflicts.check(port, settings, table.bindings());
        Binding binding = new Binding(port, handle, handle.openCounters(), port.incomingVnis());
        table = table.with(binding);
        return binding;
    }

    synchronized void unbind(Binding binding) {
        table = table.without(binding);
    }

    /** Receives what is sent to a multicast group. */
    synchronized void join(InetAddress group, String networkInterface) throws UnderlayException {
        if (!groups.contains(group)) {
            socket.join(group, networkInterface);
            groups.add(group);
        }
    }

    Binding[] ports(int vni) {
        return table.find(vni);
    }

    // ---- accounts ----

    /** Counts a datagram that became no frame. Worker only. */
    void count(VtepCounter counter) {
        add(counter, 1);
    }

    @SuppressWarnings("EnumOrdinal") // its place in the account; never stored
    private void add(VtepCounter counter, long amount) {
        int index = counter.ordinal();
        COUNT.setOpaque(counted, index, counted[index] + amount);
    }

    @SuppressWarnings("EnumOrdinal")
    long counted(VtepCounter counter) {
        return (long) COUNT.getOpaque(counted, counter.ordinal());
    }

    @Override
    public List<Reading> readings() {
        List<Reading> readings = new ArrayList<>();
        for (VtepCounter counter : COUNTERS) {
            Map<String, String> labels = new LinkedHashMap<>(); // whose order is the same in every run
            labels.put("vtep", toString());
            labels.put("reason", counter.reading());
            readings.add(new Reading(
                    "vtep_refused_datagrams",
                    true,
                    "Datagrams that became no frame of any port.",
                    labels,
                    counted(counter)));
        }
        return readings;
    }

    @Override
    public String toString() {
        String address = key.local() == null ? "*" : key.local().getHostAddress();
        return "vtep " + (key.ipv6() && key.local() != null ? "[" + address + "]" : address) + ":" + key.port();
    }
}
