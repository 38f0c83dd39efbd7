package io.weft.tunnel;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DescriptorWatch;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.underlay.UdpSettings;
import io.weft.underlay.UnderlayErrorListener;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The sockets that tunnels are sent from. With UDP each has a source port of its own, over which flows are spread so that the
 * network may spread them too (RFC 7348, 5). Shared by all ports of a switch that send in the same way. Nobody is expected to
 * answer to them: what is polled for are ICMP errors.
 *
 * <p>Threads: as {@link PortDriver} says; {@link #lanes} and {@link #add} by any.
 */
public final class SendingSockets implements PortDriver, UnderlayErrorListener {
    private static final int STRAY_MESSAGES = 4;

    /** Opens one of the sockets. */
    @FunctionalInterface
    public interface Opener {
        /**
         * Opens one.
         *
         * @param index from 0
         * @throws PortException naming the option to blame
         */
        UnderlaySocket open(int index) throws PortException;
    }

    private final String description;
    private final Opener opener;
    private final UnderlaySocket[] sockets;
    private final DescriptorWatch[] watches;
    private final UnderlayReceiver[] strays;
    private final Frame[] landings = new Frame[STRAY_MESSAGES];
    private final CopyOnWriteArrayList<TunnelPort> ports = new CopyOnWriteArrayList<>();
    private final ConcurrentHashMap<Thread, Lane[]> lanes = new ConcurrentHashMap<>();
    private PortContext context;

    /**
     * Some sockets.
     *
     * @param description what they are, for people
     */
    public SendingSockets(String description, int count, Opener opener) {
        this.description = description;
        this.opener = opener;
        sockets = new UnderlaySocket[count];
        watches = new DescriptorWatch[count];
        strays = new UnderlayReceiver[count];
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = opener.open(i);
            strays[i] = sockets[i].receiver();
            if (sockets[i].descriptor() >= 0) {
                watches[i] = context.watch(sockets[i].descriptor());
            } else {
                sockets[i].onReadable(context::wakeup);
            }
        }
        sockets[0].notes().forEach(context::report);
    }

    /**
     * A UDP socket of several that divide a range of source ports among themselves.
     *
     * @param plain how each is opened
     * @param count how many there are
     */
    public static UdpSettings divide(
            UdpSettings plain, InetAddress local, int firstPort, int lastPort, int count, int index) {
        long ports = (long) lastPort - firstPort + 1;
        int from = firstPort + (int) (ports * index / count);
        int to = firstPort + (int) (ports * (index + 1) / count) - 1;
        return plain.bindTo(local, from, to);
    }

    /** Any of the sockets: for what is to be asked about the underlay. */
    public UnderlaySocket anySocket() {
        return sockets[0];
    }

    /** Those by which the calling worker sends, for whichever port. */
    public Lane[] lanes() {
        return lanes.computeIfAbsent(Thread.currentThread(), worker -> {
            Lane[] made = new Lane[sockets.length];
            for (int i = 0; i < made.length; i++) {
                made[i] = new Lane(sockets[i].newSender());
            }
            return made;
        });
    }

    /** Has a port told what is said about its remote ends. */
    public void add(TunnelPort port) {
        ports.add(port);
    }

    /** No longer. */
    public void remove(TunnelPort port) {
        ports.remove(port);
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        for (int i = 0; i < sockets.length; i++) {
            if (watches[i] == null || watches[i].takeReady()) {
                sockets[i].readErrors(this);
                discardStrays(strays[i]);
            }
        }
        return 0;
    }

    /** Somebody sends to where nobody listens: it has to be read, or the descriptor stays ready. */
    private void discardStrays(UnderlayReceiver receiver) {
        int count = 0;
        while (count < landings.length && (landings[count] = context.pool().allocate(Frame.MAX_LENGTH)) != null) {
            count++;
        }
        if (count > 0 && receiver.receive(landings, count) == count) {
            context.wakeup(); // there may be more
        }
        for (int i = count - 1; i >= 0; i--) {
            landings[i].release();
            landings[i] = null;
        }
    }

    @Override
    public void unreachable(long high, long low, int port, boolean refused) {
        for (TunnelPort sender : ports) {
            sender.unreachable(high, low, refused);
        }
    }

    @Override
    public void tooBig(long high, long low, int port, int mtu) {
        for (TunnelPort sender : ports) {
            sender.tooBig(high, low);
        }
    }

    @Override
    public void close() {
        for (DescriptorWatch watch : watches) {
            if (watch != null) {
                watch.close();
            }
        }
        for (UnderlaySocket socket : sockets) {
            if (socket != null) {
                socket.close();
            }
        }
    }

    @Override
    public String toString() {
        return description;
    }
}
