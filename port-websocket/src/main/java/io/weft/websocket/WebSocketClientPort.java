package io.weft.websocket;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.weft.frame.FrameBatch;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port that is the client of a WebSocket server: {@code ws://HOST:PORT/PATH} or {@code wss://…}.
 *
 * <p>The port stays in the switch whether there is a connection or not: it goes down when the connection is lost, tries again
 * for ever, less and less often, and comes up when the server is back. Frames for it are meanwhile dropped and counted as
 * {@link io.weft.port.DropReason#PORT_DOWN}.
 *
 * <p>Threads: as {@link PortDriver} says; everything about the connection happens on one event loop.
 */
public final class WebSocketClientPort implements PortDriver {
    /** A connection that lasted this long was a success: the back-off starts from the shortest time again. */
    private static final Duration STABLE = Duration.ofSeconds(10);

    private final ClientConfig config;
    private PortContext context;
    private EventLoops loops;
    private WebSocketPort port;
    private ClientConnector connector;
    private volatile boolean closed;

    // Confined to the event loop.
    private ReconnectBackoff backoff;
    private WebSocketConnection connection;
    private long connectedNs;
    private String lastReport = "";

    WebSocketClientPort(ClientConfig config) {
        this.config = config;
    }

    /**
     * A port to be configured.
     *
     * @param server {@code ws://[user:password@]host[:port][/path]} or {@code wss://…}
     */
    public static WebSocketClientPortBuilder builder(URI server) {
        return new WebSocketClientPortBuilder(server);
    }

    ClientConfig config() {
        return config;
    }

    // ---- the worker's view ----

    @Override
    public void open(PortContext opened) throws PortException {
        context = opened;
        String password = readPassword();
        SslContext tls = config.tls() ? Tls.forClient(config) : null;
        loops = EventLoops.acquire();
        EventLoop loop = loops.next();
        port = new WebSocketPort(
                config.name(), config.limits().maxFrameLength(), config.limits().queue(), loop);
        port.attach(context, loop.submit(loops::memory).syncUninterruptibly().getNow());
        port.handle().down("not connected yet");
        if (config.insecure()) {
            context.report("WARNING: option insecure is on: the certificate of " + config
                    + " is not checked, so anyone between here and there can read and change frames");
        }
        backoff = new ReconnectBackoff(config.reconnectMin(), config.reconnectMax(), () -> ThreadLocalRandom.current()
                .nextDouble());
        connector = new ClientConnector(config, password, tls, loops, loop);
        loop.execute(this::connect);
        checkLater();
    }

    private String readPassword() throws PortException {
        Path file = config.passwordFile();
        if (file == null) {
            return config.password();
        }
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            if (lines.isEmpty() || lines.get(0).isEmpty()) {
                throw new PortException("option password_file: the first line of '" + file + "' is empty");
            }
            return lines.get(0);
        } catch (PortException e) {
            throw e;
        } catch (IOException e) {
            throw new PortException("option password_file: '" + file + "' cannot be read (" + e + ")", e);
        }
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        port.resumeIfDrained();
        return 0; // frames come through the inbox
    }

    @Override
    public void close() {
        closed = true;
        if (loops == null) {
            return;
        }
        if (connector != null) {
            WebSocketConnection open = port.loop()
                    .submit(() -> {
                        connector.cancel();
                        return connection;
                    })
                    .syncUninterruptibly()
                    .getNow();
            WebSocketConnection.endAll(open == null ? List.of() : List.of(open));
        }
        loops.release();
    }

    private void checkLater() {
        context.schedule(config.limits().checkIntervalNs(), () -> {
            port.loop().execute(() -> {
                if (connection != null) {
                    connection.check();
                }
            });
            checkLater();
        });
    }

    // ---- the connection ----

    private void connect() {
        if (closed) {
            return;
        }
        connector.connect(new ClientUpgrade.Result() {
            @Override
            public WebSocketConnection upgraded(Channel channel) {
                connection = new WebSocketConnection(
                        false, config.limits(), channel, port, context::nanoTime, WebSocketClientPort.this::lost);
                port.connect(connection);
                port.handle().up();
                connectedNs = context.nanoTime();
                report("connected to " + config);
                return connection;
            }

            @Override
            public void failed(String reason) {
                retry("cannot connect to " + config + ": " + reason);
            }
        });
        long attempt = connector.attempt();
        context.schedule(
                config.handshakeTimeout().toNanos(), () -> port.loop().execute(() -> connector.giveUp(attempt)));
    }

    private void lost(String reason) {
        connection = null;
        port.handle().down(reason);
        if (context.nanoTime() - connectedNs >= STABLE.toNanos()) {
            backoff.reset();
        }
        retry("connection to " + config + " lost: " + reason);
    }

    private void retry(String why) {
        if (closed) {
            return;
        }
        long delayNs = backoff.nextDelayNs();
        report(why);
        context.schedule(delayNs, () -> port.loop().execute(this::connect));
    }

    /** The same news again and again is told once. */
    private void report(String message) {
        if (!message.equals(lastReport)) {
            lastReport = message;
            context.report(message);
        }
    }

    @Override
    public String toString() {
        return config.toString();
    }
}
