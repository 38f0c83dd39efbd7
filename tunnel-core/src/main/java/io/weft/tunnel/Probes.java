package io.weft.tunnel;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.port.PortContext;
import io.weft.tunnel.bfd.BfdEncapsulation;
import io.weft.tunnel.bfd.BfdPacket;
import io.weft.tunnel.bfd.BfdSession;
import io.weft.tunnel.bfd.BfdSettings;
import io.weft.underlay.UnderlaySender;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Probes the remote ends of a port with BFD (RFC 5880), inside the tunnel as Open vSwitch does: one that does not answer is
 * taken off the flood list, and nothing is sent to it until it does.
 *
 * <p>Threads: sessions send on the port's worker, and hear on the workers of the listeners; a lock keeps them apart, since
 * a few packets a second are no forwarding path. {@link #add} and {@link #remove}, which the remote ends' own lock may be held
 * for, only ask the worker.
 */
final class Probes {
    private final TunnelPort port;
    private final PortContext context;
    private final BfdSettings settings;
    private final UnderlaySender sender;
    private final SplittableRandom random = new SplittableRandom();
    private final long mac = randomMac(random);
    private final Set<Probe> probes = new HashSet<>();
    private Frame frame; // the one that packets are written in; null before the first
    private boolean leaving; // a session ends on our side: no news of the remote end
    private boolean closed;

    /** For a port's remote ends. */
    Probes(TunnelPort port, PortContext context, BfdSettings settings, UnderlaySender sender) {
        this.port = port;
        this.context = context;
        this.settings = settings;
        this.sender = sender;
    }

    /** A locally administered station's address. */
    private static long randomMac(SplittableRandom random) {
        return random.nextLong() & 0xfcff_ffff_ffffL | 0x0200_0000_0000L;
    }

    /** Begins to probe a remote end, to which nothing is sent until it answers. */
    void add(RemoteEnd remote, RemoteEnds ends) {
        remote.state(RemoteEnd.State.DOWN);
        context.execute(() -> begin(remote, ends));
    }

    private synchronized void begin(RemoteEnd remote, RemoteEnds ends) {
        if (closed || ends.table().get(remote.endpoint()) != remote) {
            return;
        }
        if (frame == null) {
            frame = context.pool().allocate(FramePool.SMALL_LENGTH);
        }
        Probe probe = new Probe(
                this,
                remote,
                new BfdSession(
                        settings,
                        BfdSession.drawDiscriminator(random),
                        random,
                        nanoTime(),
                        (session, before) -> changed(remote, ends, session)),
                BfdEncapsulation.openVSwitch(mac, BfdEncapsulation.drawSourcePort(random)));
        remote.probe = probe;
        probes.add(probe);
        probe.drive();
    }

    private void changed(RemoteEnd remote, RemoteEnds ends, BfdSession session) {
        boolean up = session.isForwarding();
        if (!leaving && up != remote.isUsable()) {
            ends.probed(remote, up, "BFD says " + session.state() + ", " + session.diagnostic());
        }
    }

    /** Probes a remote end no longer. */
    void remove(RemoteEnd remote) {
        context.execute(() -> end(remote));
    }

    private synchronized void end(RemoteEnd remote) {
        Probe probe = remote.probe;
        if (probe != null) {
            probes.remove(probe);
            remote.probe = null;
            leave(probe);
        }
    }

    /** Tells the remote end that this is on purpose, so that it need not wait for the detection time. */
    private void leave(Probe probe) {
        leaving = true;
        probe.session.disable();
        probe.drive();
        probe.end();
        leaving = false;
    }

    /** Ends all; the port's worker only. */
    synchronized void close() {
        probes.forEach(this::leave);
        probes.clear();
        closed = true;
        if (frame != null) {
            frame.release();
            frame = null;
        }
    }

    // ---- for probes, which have the lock ----

    long nanoTime() {
        return context.nanoTime();
    }

    void schedule(Probe probe, long dueNs, long delayNs) {
        context.schedule(delayNs, () -> {
            synchronized (this) {
                if (!closed) {
                    probe.fire(dueNs);
                }
            }
        });
    }

    /** Sends the packet that a session asks for; one that cannot be sent is lost as on the way. */
    void send(Probe probe) {
        if (closed || frame == null) {
            return;
        }
        BfdEncapsulation encapsulation = probe.encapsulation;
        frame.length(encapsulation.packetOffset() + BfdPacket.LENGTH);
        probe.session.write(frame, encapsulation.packetOffset());
        encapsulation.put(frame);
        int length = frame.length();
        port.prepend(frame, probe.remote, port.probeKey(probe.remote), 0);
        sender.add(frame, probe.remote.peer(), -1);
        sender.flush();
        sender.clear();
        frame.consume(frame.length() - length);
    }
}
