package io.weft.tunnel;

import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DescriptorWatch;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.Reading;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySocket;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A socket that tunnels are received by, shared by all ports of a switch that have its address: what comes in is told apart by
 * its header and by who sent it.
 *
 * <p>Threads: as {@link PortDriver} says.
 *
 * @param <C> why a datagram became no frame of any port: what no port can be blamed for
 */
public abstract class TunnelListener<C extends Enum<C>> implements PortDriver {
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long LOOK_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    private final String kind;
    private final C[] reasons;
    private final C queueFull;
    private final long[] counted;
    private final Runnable look = this::look;
    private UnderlaySocket socket;
    private PortContext context;
    private DescriptorWatch watch;
    private UnderlayReceiver datagrams;
    private TunnelReceiver receiver;

    /**
     * A listener.
     *
     * @param kind what its figures' names begin with
     * @param queueFull the reason for what the kernel dropped
     */
    protected TunnelListener(String kind, Class<C> reasons, C queueFull) {
        this.kind = kind;
        this.reasons = reasons.getEnumConstants();
        this.queueFull = queueFull;
        this.counted = new long[this.reasons.length];
    }

    /** Opens the socket, naming the option to blame when that fails. */
    protected abstract UnderlaySocket openSocket() throws PortException;

    /** Makes what takes frames out of what the socket receives. */
    protected abstract TunnelReceiver newReceiver(UnderlayReceiver newDatagrams, FramePool pool);

    /** The socket. */
    protected final UnderlaySocket socket() {
        return socket;
    }

    /** The worker's clock, in nanoseconds. Any thread. */
    public final long nanoTime() {
        return context.nanoTime();
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        socket = openSocket();
        datagrams = socket.receiver();
        receiver = newReceiver(datagrams, context.pool());
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
            add(queueFull, lost);
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

    // ---- accounts ----

    /** Counts a datagram that became no frame. Worker only. */
    public final void count(C reason) {
        add(reason, 1);
    }

    @SuppressWarnings("EnumOrdinal") // its place in the account; never stored
    private void add(C reason, long amount) {
        int index = reason.ordinal();
        COUNT.setOpaque(counted, index, counted[index] + amount);
    }

    /** Datagrams that became no frame for a reason. Any thread. */
    @SuppressWarnings("EnumOrdinal")
    public final long counted(C reason) {
        return (long) COUNT.getOpaque(counted, reason.ordinal());
    }

    @Override
    public List<Reading> readings() {
        List<Reading> readings = new ArrayList<>();
        for (C reason : reasons) {
            Map<String, String> labels = new LinkedHashMap<>(); // whose order is the same in every run
            labels.put(kind, toString());
            labels.put("reason", reason.name().toLowerCase(Locale.ROOT));
            readings.add(new Reading(
                    kind + "_refused_datagrams",
                    true,
                    "Datagrams that became no frame of any port.",
                    labels,
                    counted(reason)));
        }
        return readings;
    }
}
