package io.weft.websocket;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.NetUtil;
import io.weft.websocket.ProxyChoice.HttpProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.RejectedExecutionException;

/**
 * One attempt after the other to reach the server: name, TCP to one of its addresses (or to the proxy), TLS, upgrade.
 *
 * <p>Threads: the event loop; names are looked up on another thread, since the system's resolver blocks.
 */
final class ClientConnector {
    private final ClientConfig config;
    private final String password;
    private final SslContext tls;
    private final EventLoops loops;
    private final EventLoop loop;

    private Channel channel; // of the attempt under way
    private ClientUpgrade.Result result;
    private long attempt;
    private boolean pending;

    ClientConnector(ClientConfig config, String password, SslContext tls, EventLoops loops, EventLoop loop) {
        this.config = config;
        this.password = password;
        this.tls = tls;
        this.loops = loops;
        this.loop = loop;
    }

    /** The number of the latest attempt. */
    long attempt() {
        return attempt;
    }

    /** Starts an attempt; {@code told} hears once how it ended, unless {@link #cancel} comes first. */
    void connect(ClientUpgrade.Result told) {
        attempt++;
        pending = true;
        channel = null;
        result = told;
        HttpProxy proxy;
        try {
            proxy = config.proxy().proxyFor(config.tls(), config.address().host(), System.getenv());
        } catch (IllegalArgumentException e) {
            failed(attempt, e.getMessage());
            return;
        }
        String host = proxy == null ? config.address().host() : proxy.host();
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        long current = attempt;
        if (literal != null) {
            resolved(current, proxy, addressOf(literal));
            return;
        }
        try {
            loops.slowWork().execute(() -> lookUp(current, proxy, host));
        } catch (RejectedExecutionException e) {
            failed(current, "too many names to look up at once");
        }
    }

    private static InetAddress[] addressOf(byte[] literal) {
        try {
            return new InetAddress[] {InetAddress.getByAddress(literal)};
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes", e);
        }
    }

    private void lookUp(long current, HttpProxy proxy, String host) {
        InetAddress[] addresses = new InetAddress[0];
        String failure = "";
        try {
            addresses = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            failure = "no address for host " + host;
        }
        InetAddress[] found = addresses;
        String fault = failure;
        loop.execute(() -> {
            if (found.length > 0) {
                resolved(current, proxy, found);
            } else {
                failed(current, fault);
            }
        });
    }

    private void resolved(long current, HttpProxy proxy, InetAddress[] addresses) {
        if (current == attempt && pending) {
            connectTo(current, proxy, addresses, 0);
        }
    }

    private void connectTo(long current, HttpProxy proxy, InetAddress[] addresses, int index) {
        SocketAddress target = proxy == null
                ? new InetSocketAddress(addresses[index], config.port())
                : InetSocketAddress.createUnresolved(config.address().host(), config.port()); // the proxy looks it up
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(loops.channelType())
                .resolver(NoopAddressResolverGroup.INSTANCE)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        config.handshakeTimeout().toMillis())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        initialize(opened, current, proxy, addresses[index]);
                    }
                });
        SocketSettings.applyTo(bootstrap::option);
        ChannelFuture connecting = bootstrap.connect(target);
        channel = connecting.channel();
        connecting.addListener(done -> {
            if (done.isSuccess() || current != attempt || !pending) {
                return;
            }
            if (index + 1 < addresses.length) {
                connectTo(current, proxy, addresses, index + 1);
            } else {
                failed(current, Causes.describe(done.cause()));
            }
        });
    }

    private void initialize(Channel opened, long current, HttpProxy proxy, InetAddress proxyAddress) {
        ChannelPipeline pipeline = opened.pipeline();
        if (proxy != null) {
            InetSocketAddress address = new InetSocketAddress(proxyAddress, proxy.port());
            HttpProxyHandler handler = proxy.user() == null
                    ? new HttpProxyHandler(address)
                    : new HttpProxyHandler(address, proxy.user(), proxy.password());
            handler.setConnectTimeoutMillis(config.handshakeTimeout().toMillis());
            pipeline.addLast(handler);
        }
        if (tls != null) {
            SslHandler handler = tls.newHandler(opened.alloc(), config.expectedServerName(), config.port());
            handler.setHandshakeTimeoutMillis(config.handshakeTimeout().toMillis());
            pipeline.addLast(handler);
        }
        pipeline.addLast(new HttpClientCodec(Upgrade.httpLimits(), false, false));
        pipeline.addLast(new ClientUpgrade(config, password, new ClientUpgrade.Result() {
            @Override
            public WebSocketConnection upgraded(Channel connected) {
                pending = false;
                channel = null; // the connection's from here on
                return result.upgraded(connected);
            }

            @Override
            public void failed(String reason) {
                ClientConnector.this.failed(current, reason);
            }
        }));
    }

    private void failed(long current, String reason) {
        if (current == attempt && pending) {
            pending = false;
            result.failed(reason);
        }
    }

    /** Ends an attempt that takes too long, if it is still under way. */
    void giveUp(long overdue) {
        if (overdue == attempt && pending) {
            failed(overdue, "no connection within " + config.handshakeTimeout().toMillis() + " ms");
            if (channel != null) {
                channel.close();
            }
        }
    }

    /** Ends the attempt under way, and tells nobody. */
    void cancel() {
        pending = false;
        if (channel != null) {
            channel.close();
        }
    }
}
