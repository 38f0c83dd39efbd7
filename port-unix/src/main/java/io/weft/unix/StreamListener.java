package io.weft.unix;

import io.weft.frame.FrameBatch;
import io.weft.port.DescriptorWatch;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;

/**
 * A listening stream socket: every VM that connects becomes a port {@code NAME-1}, {@code NAME-2}, ... which leaves the
 * switch when the VM disconnects; its number is then free for the next one.
 *
 * <p>One poll gives every VM the same share of the frames asked for, starting with another VM each time, and hands out
 * what is left in further rounds: a VM that sends without pause cannot keep the others waiting.
 *
 * <p>Threads: as {@link PortDriver} says.
 */
final class StreamListener implements PortDriver {
    private static final int BACKLOG = 128;

    /** Rounds over all VMs in one poll; only runts and frames without memory make more than a few. */
    private static final int ROUNDS_PER_POLL = 16;

    private static final long RETRY_ACCEPT_NS = 1_000_000_000L;

    private final QemuPort settings;
    private final SocketPath path;
    private final StreamPort[] ports; // by number - 1
    private final StreamPort[] connected; // the same without gaps, in no order
    private final Deque<StreamPort.Buffers> spareBuffers = new ArrayDeque<>();
    private int connectedCount;
    private int first; // index in connected of the VM that is served first
    private boolean acceptPaused;

    private PortContext context;
    private UnixServerSocketChannel server;
    private DescriptorWatch watch;

    StreamListener(QemuPort settings) {
        this.settings = settings;
        this.path = new SocketPath(settings.path());
        this.ports = new StreamPort[settings.maxVms()];
        this.connected = new StreamPort[settings.maxVms()];
    }

    @Override
    public void open(PortContext portContext) throws PortException {
        context = portContext;
        path.prepare();
        try {
            server = UnixServerSocketChannel.open();
            server.configureBlocking(false);
            server.socket().bind(new UnixSocketAddress(settings.path().toFile()), BACKLOG);
        } catch (IOException e) {
            throw path.bindFailed(e);
        }
        path.bound(settings.permissions());
        watch = context.watch(server.getFD());
        context.report("listening on " + path + " for up to " + ports.length + " VMs");
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        closeEnded();
        if (watch.takeReady() && !acceptPaused) {
            accept();
        }
        for (int i = 0; i < connectedCount; i++) {
            connected[i].look();
        }
        int added = 0;
        boolean more = connectedCount > 0;
        for (int round = 0; more && added < limit && round < ROUNDS_PER_POLL; round++) {
            more = false;
            int share = Math.max(1, (limit - added) / connectedCount);
            for (int i = 0; i < connectedCount && added < limit; i++) {
                StreamPort port = connected[(first + i) % connectedCount];
                if (port.hasMore()) {
                    added += port.receive(into, Math.min(share, limit - added));
                    more |= port.hasMore();
                }
            }
            first = first + 1 < connectedCount ? first + 1 : 0;
        }
        if (more && added < limit) {
            context.wakeup(); // nothing but runts so far: let the others have their turn
        }
        return added;
    }

    private void accept() {
        try {
            for (UnixSocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
                welcome(channel);
            }
            int error = SocketIo.lastError();
            if (error == SocketIo.PROCESS_FILES || error == SocketIo.SYSTEM_FILES) {
                pauseAccepting(error);
            }
        } catch (IOException e) {
            context.report(path + ": a VM could not connect: " + e.getMessage());
        }
    }

    /** Without descriptors the connection stays in the backlog and would wake the worker again at once. */
    private void pauseAccepting(int error) {
        context.report(path + ": a VM could not connect: " + SocketIo.describe(error)
                + "; raise the limit with: ulimit -n, or LimitNOFILE= in a systemd unit");
        acceptPaused = true;
        watch.readable(false);
        context.schedule(RETRY_ACCEPT_NS, () -> {
            acceptPaused = false;
            if (watch != null) {
                watch.readable(true);
                context.wakeup();
            }
        });
    }

    private void welcome(UnixSocketChannel channel) {
        int number = 0;
        while (number < ports.length && ports[number] != null) {
            number++;
        }
        if (number == ports.length) {
            StreamPort.closeQuietly(channel);
            context.report(
                    path + ": refused a VM, since " + ports.length + " are connected; raise max_vms to admit more");
            return;
        }
        StreamPort.Buffers buffers = spareBuffers.isEmpty() ? StreamPort.Buffers.of(settings) : spareBuffers.pop();
        StreamPort port = new StreamPort(settings.name() + "-" + (number + 1), settings, context, buffers);
        try {
            channel.configureBlocking(false);
            port.attached(context.addPort(port));
        } catch (IOException e) {
            StreamPort.closeQuietly(channel);
            spareBuffers.push(buffers);
            context.report(path + ": refused a VM: " + e.getMessage());
            return;
        }
        ports[number] = port;
        connected[connectedCount++] = port;
        try {
            port.attach(channel);
            context.report(port.name() + " connected to " + path + " by " + processOf(channel));
        } catch (PortException e) {
            remove(connectedCount - 1);
            context.report(path + ": refused a VM: " + e.getMessage());
        }
    }

    private static String processOf(UnixSocketChannel channel) {
        try {
            return "process " + channel.getOption(UnixSocketOptions.SO_PEERCRED).getPid();
        } catch (IOException e) {
            return "an unknown process";
        }
    }

    private void closeEnded() {
        for (int i = connectedCount - 1; i >= 0; i--) {
            StreamPort port = connected[i];
            if (port.ended() != null) {
                remove(i);
                context.report(port.name() + " disconnected: " + port.ended());
            }
        }
        if (first >= connectedCount) {
            first = 0;
        }
    }

    /** Disconnects one VM; its port leaves the switch and its number is free. */
    private void remove(int index) {
        StreamPort port = connected[index];
        connected[index] = connected[--connectedCount];
        connected[connectedCount] = null;
        for (int number = 0; number < ports.length; number++) {
            if (ports[number] == port) {
                ports[number] = null;
            }
        }
        port.disconnect();
        port.handle().remove();
        spareBuffers.push(port.buffers());
    }

    @Override
    public void close() {
        while (connectedCount > 0) {
            remove(connectedCount - 1);
        }
        if (watch != null) {
            watch.close();
            watch = null;
        }
        if (server != null) {
            try {
                server.close();
            } catch (IOException e) {
                context.report("closing " + path + ": " + e.getMessage());
            }
            path.remove();
        }
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}
