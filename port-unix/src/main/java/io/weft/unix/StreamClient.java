package io.weft.unix;

import io.weft.frame.FrameBatch;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import java.io.IOException;
import java.util.SplittableRandom;
import jnr.unixsocket.UnixSocketChannel;

/**
 * A connection to somebody else's listening stream socket, as QEMU's {@code -netdev stream,server=on}. Its port stays in
 * the switch while the connection comes and goes: it is down without one, and connecting is tried again with back-off.
 *
 * <p>Threads: as {@link PortDriver} says.
 */
final class StreamClient implements PortDriver {
    private static final int ROUNDS_PER_POLL = 16;

    private final QemuPort settings;
    private final Backoff backoff;

    private PortContext context;
    private StreamPort port;
    private String lastFailure = ""; // so that a server that is away for long is reported once
    private boolean closed;

    StreamClient(QemuPort settings, SplittableRandom random) {
        this.settings = settings;
        this.backoff = new Backoff(
                settings.reconnectMin().toNanos(), settings.reconnectMax().toNanos(), random);
    }

    @Override
    public void open(PortContext portContext) throws PortException {
        context = portContext;
        port = new StreamPort(settings.name(), settings, context, StreamPort.Buffers.of(settings));
        port.attached(context.addPort(port));
        connect();
    }

    private void connect() {
        if (closed) {
            return;
        }
        UnixSocketChannel channel = null;
        try {
            channel = UnixSocketChannel.create();
            channel.configureBlocking(false);
            int answer = SocketIo.connect(channel.getFD(), settings.path());
            if (answer < 0) {
                StreamPort.closeQuietly(channel);
                retryLater("cannot connect to " + settings.path() + ": "
                        + (answer == SocketIo.AGAIN ? "its backlog is full" : SocketIo.describe(answer)));
                return;
            }
            port.attach(channel);
        } catch (IOException e) {
            if (port.isConnected()) {
                port.disconnect();
            } else if (channel != null) {
                StreamPort.closeQuietly(channel);
            }
            retryLater("cannot connect to " + settings.path() + ": " + e.getMessage());
            return;
        }
        lastFailure = "";
        port.handle().up();
        context.report(port.name() + " connected to " + settings.path());
        context.wakeup();
    }

    private void retryLater(String failure) {
        port.handle().down(failure);
        if (!failure.equals(lastFailure)) {
            lastFailure = failure;
            context.report(port.name() + ": " + failure + "; trying again every "
                    + settings.reconnectMin().toMillis() + " to "
                    + settings.reconnectMax().toMillis() + " ms");
        }
        context.schedule(backoff.nextDelayNs(), this::connect);
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        if (!port.isConnected()) {
            return 0;
        }
        if (port.ended() != null) {
            port.disconnect();
            retryLater("disconnected from " + settings.path() + ": " + port.ended());
            return 0;
        }
        port.look();
        int added = 0;
        for (int round = 0; port.hasMore() && added < limit && round < ROUNDS_PER_POLL; round++) {
            added += port.receive(into, limit - added);
        }
        if (added > 0) {
            backoff.reset(); // not on connecting: a server may accept and close at once, again and again
        }
        if (added < limit && port.hasMore()) {
            context.wakeup();
        }
        return added;
    }

    @Override
    public void close() {
        closed = true;
        if (port != null) {
            port.disconnect();
        }
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}
