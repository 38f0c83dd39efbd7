package io.weft.websocket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The client's side of the upgrade (RFC 6455 4.1): sends the request, checks the response, and hands the channel over to the
 * connection. Offers no extension and no subprotocol, and accepts none.
 *
 * <p>Threads: the event loop.
 */
final class ClientUpgrade extends ChannelInboundHandlerAdapter {
    private final ClientConfig config;
    private final String password;
    private final Result result;
    private final String key = Upgrade.newKey();
    private String failure = "the server closed the connection before the upgrade";
    private boolean accepted;
    private boolean done;

    /** Told once how it ended. */
    interface Result {
        /** The server agreed: the handler that takes the channel over from here. */
        WebSocketConnection upgraded(Channel channel);

        /** It did not, and the channel is closed. */
        void failed(String reason);
    }

    ClientUpgrade(ClientConfig config, String password, Result result) {
        this.config = config;
        this.password = password;
        this.result = result;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        // Waits in the pipeline for the proxy's consent and for TLS, where there is either.
        ctx.writeAndFlush(request()).addListener(written -> {
            if (!written.isSuccess() && !done) {
                failure = Causes.describe(written.cause());
                ctx.close();
            }
        });
        ctx.fireChannelActive();
    }

    private FullHttpRequest request() {
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.GET, config.address().path());
        HttpHeaders headers = request.headers();
        headers.set(HttpHeaderNames.HOST, config.hostHeader());
        headers.set(HttpHeaderNames.UPGRADE, "websocket");
        headers.set(HttpHeaderNames.CONNECTION, "Upgrade");
        headers.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
        headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, Upgrade.VERSION);
        if (config.user() != null) {
            byte[] login = (config.user() + ":" + password).getBytes(StandardCharsets.UTF_8);
            headers.set(
                    HttpHeaderNames.AUTHORIZATION,
                    "Basic " + Base64.getEncoder().encodeToString(login));
        }
        for (HttpHeader header : config.headers()) {
            headers.add(header.name(), header.value());
        }
        return request;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse response) {
            String fault = check(response);
            accepted = fault == null;
            if (!accepted) {
                failure = fault;
                ctx.close();
            }
        }
        if (message instanceof LastHttpContent
                && accepted
                && !done
                && ctx.channel().isActive()) {
            done = true;
            WebSocketConnection connection = result.upgraded(ctx.channel());
            ctx.pipeline().addLast("weft", connection);
            ctx.pipeline().remove(this);
            ctx.pipeline().remove(HttpClientCodec.class); // hands on what came behind the response
        }
        ReferenceCountUtil.release(message);
    }

    /** What is wrong with a response, or {@code null}. */
    private String check(HttpResponse answer) {
        HttpHeaders headers = answer.headers();
        if (answer.decoderResult().isFailure()) {
            return "the server does not speak HTTP";
        }
        HttpResponseStatus status = answer.status();
        if (status.equals(HttpResponseStatus.UNAUTHORIZED)) {
            return config.user() == null
                    ? "401: the server wants a user and a password"
                    : "401: the server does not accept user '" + config.user() + "' with this password";
        }
        if (!status.equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            return "the server answered " + status + " to the upgrade";
        }
        if (!"websocket".equalsIgnoreCase(headers.get(HttpHeaderNames.UPGRADE))
                || !Upgrade.hasToken(headers, HttpHeaderNames.CONNECTION, "upgrade")
                || !Upgrade.accept(key).equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT))) {
            return "the server's response is not that of a WebSocket server";
        }
        if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)
                || headers.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            return "the server chose an extension or subprotocol that was not offered";
        }
        return null;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!done) {
            done = true;
            result.failed(failure);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failure = Causes.describe(cause);
        ctx.close();
    }
}
