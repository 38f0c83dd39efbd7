package io.weft.vxlan;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DescriptorWatch;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayErrorListener;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The sockets that VXLAN is sent from, each with a source port of its own, over which flows are spread so that the network
 * may spread them too (RFC 7348, 5). Shared by all ports of a switch that send in the same way. Nobody is expected to answer
 * to them: what is polled for are ICMP errors.
 *
 * <p>Threads: as {@link PortDriver} says; {@link #lanes} and {@link #add} by any.
 */
final class SourcePorts implements PortDriver, UnderlayErrorListener {
    private static final int STRAY_MESSAGES = 4;

    /** What ports have in common that share them. */
    record Key(
            boolean ipv6,
            InetAddress local,
            int firstPort,
            int lastPort,
            int ports,
            String networkInterface,
            String netns,
            int ttl,
            int tos,
            boolean dontFragment,
            boolean checksum,
            int sendBuffer) {
        static Key of(VxlanSettings settings) {
            return new Key(
                    settings.ipv6(),
                    settings.local(),
                    settings.firstSourcePort(),
                    settings.lastSourcePort(),
                    settings.sourcePorts(),
                    settings.networkInterface(),
                    settings.netns(),
                    settings.ttl(),
                    settings.tos(),
                    settings.dontFragment(),
                    settings.checksum(),
                    settings.sendBuffer());
        }
    }

    private final VxlanSettings settings; // of the port that came first
    private final Underlay underlay;
    private final UnderlaySocket[] sockets;
    private final DescriptorWatch[] watches;
    private final UnderlayReceiver[] strays;
    private final Frame[] landings = new Frame[STRAY_MESSAGES];
    private final CopyOnWriteArrayList<VxlanPort> ports = new CopyOnWriteArrayList<>();
    private final ConcurrentHashMap<Thread, Lane[]> lanes = new ConcurrentHashMap<>();
    private PortContext context;

    SourcePorts(VxlanSettings settings, Underlay underlay) {
        this.settings = settings;
        this.underlay = underlay;
        sockets = new UnderlaySocket[settings.sourcePorts()];
        watches = new DescriptorWatch[sockets.length];
        strays = new UnderlayReceiver[sockets.length];
    }

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        for (int i = 0; i < sockets.length; i++) {
            try {
                sockets[i] = underlay.open(VxlanSockets.sending(settings, i));
            } catch (UnderlayException e) {
                throw VxlanAdvice.notSending(settings, e);
            }
            strays[i] = sockets[i].receiver();
            if (sockets[i].descriptor() >= 0) {
                watches[i] = context.watch(sockets[i].descriptor());
            } else {
                sockets[i].onReadable(context::wakeup);
            }
        }
        sockets[0].notes().forEach(context::report);
    }

    /** Any of the sockets: for what is to be asked about the underlay. */
    UnderlaySocket anySocket() {
        return sockets[0];
    }

    /** Those by which the calling worker sends, for whichever port. */
    Lane[] lanes() {
        return lanes.computeIfAbsent(Thread.currentThread(), worker -> {
            Lane[] made = new Lane[sockets.length];
            for (int i = 0; i < made.length; i++) {
                made[i] = new Lane(sockets[i].newSender());
            }
            return made;
        });
    }

    /** Has a port told what is said about its remote ends. */
    void add(VxlanPort port) {
        ports.add(port);
    }

    void remove(VxlanPort port) {
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
        for (VxlanPort sender : ports) {
            sender.unreachable(high, low, refused);
        }
    }

    @Override
    public void tooBig(long high, long low, int port, int mtu) {
        for (VxlanPort sender : ports) {
            sender.tooBig(high, low, mtu);
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
        return "vxlan source ports " + settings.firstSourcePort() + "-" + settings.lastSourcePort();
    }
}
