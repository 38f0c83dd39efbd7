package io.weft.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.RejectedExecutionException;

/**
 * The server's side of the upgrade (RFC 6455 4.2). Checks in this order, so that a stranger learns as little as possible:
 * is it HTTP, the path, the Origin, who it is, whether it is a WebSocket request, and whether there is room.
 *
 * <p>Threads: the event loop; the password is checked on another thread, since bcrypt takes its time.
 */
final class ServerUpgrade extends ChannelInboundHandlerAdapter {
    private final WebSocketListener listener;
    private final long number;
    private final long startNs;
    private volatile ChannelHandlerContext context; // cut() is for any thread
    private HttpRequest request;
    private boolean decided;

    /** @param number counts the connections of the listener */
    ServerUpgrade(WebSocketListener listener, long number, long startNs) {
        this.listener = listener;
        this.number = number;
        this.startNs = startNs;
    }

    long number() {
        return number;
    }

    /** When the connection was accepted, on the switch's clock. Any thread. */
    long startNs() {
        return startNs;
    }

    /** Closes a connection whose time is up, unless it has become a client meanwhile. Any thread. */
    void cut() {
        ChannelHandlerContext added = context;
        if (added != null) {
            added.executor().execute(() -> {
                if (!added.isRemoved()) {
                    added.close();
                }
            });
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (decided) {
                return; // refused, or busy with the password: a client waits for the response
            }
            if (message instanceof HttpRequest received) {
                request = received;
                if (received.decoderResult().isFailure()) {
                    refuseUnreadable(received.decoderResult().cause());
                }
            }
            if (message instanceof LastHttpContent && !decided) {
                decide();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void refuseUnreadable(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            refuse(HttpResponseStatus.REQUEST_URI_TOO_LONG, "The request line is too long.");
        } else if (cause instanceof TooLongHttpHeaderException) {
            refuse(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request's headers are too long.");
        } else {
            refuse(HttpResponseStatus.BAD_REQUEST, "This is not an HTTP request.");
        }
    }

    private void decide() {
        decided = true;
        ListenerConfig config = listener.config();
        HttpHeaders headers = request.headers();
        String uri = request.uri();
        int query = uri.indexOf('?');
        if (!request.method().equals(HttpMethod.GET)) {
            refuse(HttpResponseStatus.METHOD_NOT_ALLOWED, "Only GET.");
        } else if (request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0
                || HttpUtil.getContentLength(request, 0L) != 0
                || HttpUtil.isTransferEncodingChunked(request)) {
            refuse(HttpResponseStatus.BAD_REQUEST, "A WebSocket request is HTTP/1.1 and has no body.");
        } else if (!(query < 0 ? uri : uri.substring(0, query))
                .equals(config.address().path())) {
            refuse(HttpResponseStatus.NOT_FOUND, "Nothing here.");
        } else if (!listener.allowedOrigins()
                .allows(headers.get(HttpHeaderNames.ORIGIN), headers.get(HttpHeaderNames.HOST))) {
            refuse(HttpResponseStatus.FORBIDDEN, "Pages of this origin may not connect.");
        } else if (listener.users() == null) {
            upgrade(null); // whatever it sends for Authorization: etherws 1.3 sends None:None
        } else {
            authenticate(headers.get(HttpHeaderNames.AUTHORIZATION));
        }
    }

    // ---- who it is ----

    private void authenticate(String authorization) {
        String[] login = login(authorization);
        if (login == null) {
            refuse(HttpResponseStatus.UNAUTHORIZED, "A user and a password are needed.");
            return;
        }
        try {
            listener.slowWork().execute(() -> {
                boolean valid = listener.users().verify(login[0], login[1]);
                context.executor().execute(() -> authenticated(valid ? login[0] : null));
            });
        } catch (RejectedExecutionException e) {
            refuse(HttpResponseStatus.SERVICE_UNAVAILABLE, "Too many logins at once.");
        }
    }

    private void authenticated(String user) {
        if (!context.channel().isActive()) {
            return;
        }
        if (user == null) {
            refuse(HttpResponseStatus.UNAUTHORIZED, "No such user, or another password.");
        } else {
            upgrade(user);
        }
    }

    /** User and password of a Basic header (RFC 7617), or {@code null}. */
    static String[] login(String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return null;
        }
        try {
            byte[] decoded =
                    Base64.getDecoder().decode(authorization.substring(6).strip());
            String[] login = new String(decoded, StandardCharsets.UTF_8).split(":", 2);
            return login.length == 2 ? login : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    // ---- the answer ----

    private void upgrade(String user) {
        HttpHeaders headers = request.headers();
        String key = headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (!Upgrade.hasToken(headers, HttpHeaderNames.UPGRADE, "websocket")
                || !Upgrade.hasToken(headers, HttpHeaderNames.CONNECTION, "upgrade")) {
            refuse(HttpResponseStatus.UPGRADE_REQUIRED, "This is a WebSocket server.");
            return;
        }
        if (!Upgrade.VERSION.equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            refuse(HttpResponseStatus.UPGRADE_REQUIRED, "WebSocket version 13 is needed.");
            return;
        }
        if (!Upgrade.isKey(key)) {
            refuse(HttpResponseStatus.BAD_REQUEST, "Sec-WebSocket-Key is missing or not 16 bytes in Base64.");
            return;
        }
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        response.headers()
                .set(HttpHeaderNames.UPGRADE, "websocket")
                .set(HttpHeaderNames.CONNECTION, "Upgrade")
                .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, Upgrade.accept(key));
        context.writeAndFlush(response);
        WebSocketConnection connection = listener.admit(context.channel(), user);
        if (connection == null) {
            context.pipeline().remove(HttpServerCodec.class); // what it hands on is ignored here
            context.writeAndFlush(tryAgainLater());
            Farewell.end(context);
        } else {
            context.pipeline().addLast("weft", connection);
            context.pipeline().remove(this);
            context.pipeline().remove(HttpServerCodec.class); // hands on what came behind the request
            listener.finished(this);
        }
    }

    private static ByteBuf tryAgainLater() {
        ByteBuffer payload = ByteBuffer.allocate(WebSocketHeader.MAX_CONTROL_PAYLOAD)
                .putShort((short) CloseCode.TRY_AGAIN_LATER)
                .put("no room for another client".getBytes(StandardCharsets.US_ASCII))
                .flip();
        ByteBuffer frame = ByteBuffer.allocate(WebSocketHeader.MAX_LENGTH + payload.remaining());
        MessageEncoder.forServer().message(WebSocketHeader.OPCODE_CLOSE, payload, frame);
        return Unpooled.wrappedBuffer(frame.flip());
    }

    private void refuse(HttpResponseStatus status, String text) {
        decided = true;
        ByteBuf body = Unpooled.copiedBuffer(text + "\n", StandardCharsets.US_ASCII);
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        if (status.equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Basic realm=\"weft\", charset=\"UTF-8\"");
        } else if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
            response.headers()
                    .set(HttpHeaderNames.UPGRADE, "websocket")
                    .set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, Upgrade.VERSION);
        } else if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET");
        }
        context.writeAndFlush(response);
        listener.refused(context.channel().remoteAddress(), status + ": " + text);
        if (context.pipeline().get(SslHandler.class) != null) {
            context.close(); // TLS says good-bye by itself
        } else {
            Farewell.end(context);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        listener.finished(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!decided) {
            listener.refused(ctx.channel().remoteAddress(), Causes.describe(cause));
        }
        ctx.close();
    }
}
