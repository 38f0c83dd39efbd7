package io.weft.websocket;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.weft.frame.FrameBatch;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A WebSocket server: {@code ws-listen://ADDRESS:PORT/PATH} or {@code wss-listen://…}. Each client that is let in becomes a
 * port of the switch, and leaves it when its connection ends.
 *
 * <p>Listens on 127.0.0.1 unless an address is given; {@code 0.0.0.0} or {@code [::]} stands for all of them.
 *
 * <p>Threads: as {@link PortDriver} says; clients come and go on event loops.
 */
public final class WebSocketListener implements PortDriver {
    /**
     * Connections that may be on their way to becoming a client. One more, and the oldest is closed: who opens many and says
     * nothing must not keep the others out.
     */
    private static final int MAX_HANDSHAKES = 128;

    private static final int BACKLOG = 128;

    /** Names tried for a client's port before it is refused: others of the switch may be in the way. */
    private static final int NAME_ATTEMPTS = 16;

    /** At most one report of a refused connection in this time. */
    private static final long REFUSAL_REPORT_NS = 1_000_000_000L;

    private final ListenerConfig config;
    private final AllowedOrigins allowedOrigins;
    private final Set<ServerUpgrade> handshakes = ConcurrentHashMap.newKeySet();
    private volatile Client[] clients =
            new Client[0]; // replaced under the lock of this; an array, since poll() reads it
    private final AtomicLong handshakeNumber = new AtomicLong();
    private final AtomicInteger clientCount = new AtomicInteger();
    private final AtomicInteger nextNumber = new AtomicInteger(1);
    private PortContext context;
    private EventLoops loops;
    private Htpasswd users;
    private SslContext tls;
    private volatile Channel serverChannel;
    private volatile boolean closed;
    private long lastRefusalNs; // guarded by this
    private int untoldRefusals; // guarded by this

    /** A client that was let in. */
    private record Client(WebSocketPort port, WebSocketConnection connection) {}

    WebSocketListener(ListenerConfig config) {
        this.config = config;
        this.allowedOrigins = new AllowedOrigins(config.origins());
    }

    /**
     * A listener to be configured.
     *
     * @param address address to listen on; {@code "127.0.0.1"} for this machine only, {@code "0.0.0.0"} for all addresses
     * @param port 0 for any that is free, see {@link #localAddress()}
     */
    public static WebSocketListenerBuilder builder(String address, int port) {
        return new WebSocketListenerBuilder(address, port);
    }

    /** The address it listens on, once it is in a switch. Any thread. */
    public InetSocketAddress localAddress() {
        Channel channel = serverChannel;
        if (channel == null) {
            throw new IllegalStateException(this + " is not in a switch");
        }
        return (InetSocketAddress) channel.localAddress();
    }

    // ---- the worker's view ----

    @Override
    public void open(PortContext opened) throws PortException {
        context = opened;
        users = config.htpasswd() == null ? null : Htpasswd.open(config.htpasswd(), context::report);
        tls = config.tls() ? Tls.forServer(config) : null;
        InetSocketAddress address =
                new InetSocketAddress(config.bindHost(), config.address().port());
        if (address.isUnresolved()) {
            throw new PortException(this + ": no address for host " + config.bindHost());
        }
        loops = EventLoops.acquire();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannelType())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        initialize(accepted);
                    }
                });
        SocketSettings.applyTo(bootstrap::childOption);
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new PortException(
                    this + ": cannot listen on " + address.getAddress().getHostAddress() + " port " + address.getPort()
                            + ": " + bound.cause().getMessage() + "; who does: ss -ltnp 'sport = :" + address.getPort()
                            + "'",
                    bound.cause());
        }
        serverChannel = bound.channel();
        context.report("listening on " + serverChannel.localAddress());
        checkLater();
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        for (Client client : clients) {
            client.port.resumeIfDrained();
        }
        return 0; // frames come through the inboxes
    }

    @Override
    public void close() {
        closed = true;
        if (loops == null) {
            return;
        }
        if (serverChannel != null) {
            serverChannel.close().awaitUninterruptibly();
        }
        handshakes.forEach(ServerUpgrade::cut);
        WebSocketConnection.endAll(
                Arrays.stream(clients).map(Client::connection).toList());
        loops.release();
    }

    private void checkLater() {
        long intervalNs = Math.min(
                config.limits().checkIntervalNs(), config.handshakeTimeout().toNanos() / 4);
        context.schedule(intervalNs, () -> {
            long nowNs = context.nanoTime();
            for (ServerUpgrade handshake : handshakes) {
                if (nowNs - handshake.startNs() >= config.handshakeTimeout().toNanos()) {
                    handshake.cut();
                }
            }
            for (Client client : clients) {
                client.connection.check();
            }
            checkLater();
        });
    }

    // ---- connections ----

    private void initialize(Channel accepted) {
        if (handshakes.size() >= MAX_HANDSHAKES) {
            handshakes.stream()
                    .min(Comparator.comparingLong(ServerUpgrade::number))
                    .ifPresent(oldest -> {
                        finished(oldest);
                        oldest.cut();
                        refused(
                                accepted.remoteAddress(),
                                "too many connections that are not clients yet; closed the oldest");
                    });
        }
        ServerUpgrade upgrade = new ServerUpgrade(this, handshakeNumber.incrementAndGet(), context.nanoTime());
        ChannelPipeline pipeline = accepted.pipeline();
        if (tls != null) {
            SslHandler handler = tls.newHandler(accepted.alloc());
            handler.setHandshakeTimeoutMillis(config.handshakeTimeout().toMillis());
            pipeline.addLast(handler);
        }
        pipeline.addLast(new HttpServerCodec(Upgrade.httpLimits()));
        pipeline.addLast(upgrade);
        handshakes.add(upgrade);
        if (closed) {
            accepted.close(); // close() may have looked before we were in the list
        }
    }

    /** A connection became a client, was refused and has ended, or was given up. Any thread. */
    void finished(ServerUpgrade upgrade) {
        handshakes.remove(upgrade);
    }

    /**
     * Makes a client a port of the switch.
     *
     * @param user who it is, or {@code null} when nobody asks
     * @return the handler that takes the channel over, or {@code null} when there is no room
     */
    WebSocketConnection admit(Channel channel, String user) {
        if (clientCount.incrementAndGet() > config.maxClients()) {
            clientCount.decrementAndGet();
            refused(
                    channel.remoteAddress(),
                    "there are " + config.maxClients() + " clients already (option max_clients)");
            return null;
        }
        WebSocketConnection connection = closed ? null : join(channel, user);
        if (connection == null) {
            clientCount.decrementAndGet();
        }
        return connection;
    }

    private WebSocketConnection join(Channel channel, String user) {
        String prefix = config.namePrefix() != null
                ? config.namePrefix()
                : "ws" + localAddress().getPort();
        String fault = "";
        for (int i = 0; i < NAME_ATTEMPTS; i++) {
            Client client = newClient(prefix + "-" + nextNumber.getAndIncrement(), channel);
            try {
                client.port.attach(context, loops.memory());
            } catch (PortException e) {
                fault = e.getMessage();
                continue;
            }
            add(client);
            if (closed) {
                client.connection.shutdown(); // close() may have looked before it was in the list
            }
            context.report(client.port.name() + ": " + (user == null ? "" : user + " from ") + channel.remoteAddress()
                    + " joined");
            return client.connection;
        }
        refused(channel.remoteAddress(), fault);
        return null;
    }

    private Client newClient(String name, Channel channel) {
        WebSocketPort port = new WebSocketPort(
                name, config.limits().maxFrameLength(), config.limits().queue(), channel.eventLoop());
        WebSocketConnection connection =
                new WebSocketConnection(true, config.limits(), channel, port, context::nanoTime, reason -> {
                    remove(port);
                    clientCount.decrementAndGet();
                    port.handle().remove();
                    context.report(name + ": " + channel.remoteAddress() + " left: " + reason);
                });
        port.connect(connection); // before it joins: the switch may send to it at once
        return new Client(port, connection);
    }

    private synchronized void add(Client client) {
        Client[] more = Arrays.copyOf(clients, clients.length + 1);
        more[clients.length] = client;
        clients = more;
    }

    private synchronized void remove(WebSocketPort port) {
        clients = Arrays.stream(clients).filter(other -> other.port != port).toArray(Client[]::new);
    }

    /** Reports that somebody was not let in; at most one in a second, with the number of those not told. Any thread. */
    synchronized void refused(SocketAddress peer, String reason) {
        long nowNs = context.nanoTime();
        if (lastRefusalNs != 0 && nowNs - lastRefusalNs < REFUSAL_REPORT_NS) {
            untoldRefusals++;
            return;
        }
        String others = untoldRefusals == 0 ? "" : " (and " + untoldRefusals + " others since the last report)";
        lastRefusalNs = nowNs;
        untoldRefusals = 0;
        context.report("refused " + peer + ": " + reason.strip() + others);
    }

    ListenerConfig config() {
        return config;
    }

    AllowedOrigins allowedOrigins() {
        return allowedOrigins;
    }

    /** The users that may connect, or {@code null} when anyone may. */
    Htpasswd users() {
        return users;
    }

    Executor slowWork() {
        return loops.slowWork();
    }

    @Override
    public String toString() {
        return config.toString();
    }
}
