package io.weft.websocket;

import io.weft.port.PortUri;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Everything a listener is configured with, checked. Meanings: {@link WebSocketOptions}. Threads: immutable. */
record ListenerConfig(
        String namePrefix,
        boolean tls,
        WebSocketAddress address,
        Path htpasswd,
        Path cert,
        Path key,
        Path clientCa,
        List<String> origins,
        int maxClients,
        ConnectionLimits limits,
        Duration handshakeTimeout) {
    /** Reads a port URI; its options are known ones. */
    static ListenerConfig of(PortUri uri) {
        boolean tls = uri.scheme().equals("wss-listen");
        WebSocketAddress address = WebSocketAddress.parse(uri);
        if (address.port() < 0 || address.user() != null) {
            throw WebSocketOptions.invalid(
                    uri,
                    (address.user() != null ? "a user before the host" : "no port") + "; accepted: " + uri.scheme()
                            + "://[ADDRESS]:PORT/PATH, port 0 for any that is free");
        }
        WebSocketOptions.requireTls(uri, WebSocketOptions.CERT, WebSocketOptions.KEY, WebSocketOptions.CLIENT_CA);
        if (tls && (!uri.has(WebSocketOptions.CERT) || !uri.has(WebSocketOptions.KEY))) {
            throw WebSocketOptions.invalid(uri, "no certificate; accepted: with the options cert and key");
        }
        return new ListenerConfig(
                uri.get(WebSocketOptions.NAME_PREFIX),
                tls,
                address,
                uri.get(WebSocketOptions.HTPASSWD),
                uri.get(WebSocketOptions.CERT),
                uri.get(WebSocketOptions.KEY),
                uri.get(WebSocketOptions.CLIENT_CA),
                uri.getAll(WebSocketOptions.ORIGIN),
                uri.get(WebSocketOptions.MAX_CLIENTS),
                WebSocketOptions.limits(
                        uri, uri.get(WebSocketOptions.AUTH_FRAME).equals("refuse")),
                uri.get(WebSocketOptions.HANDSHAKE_TIMEOUT));
    }

    /** The address to listen on: loopback unless one is given. */
    String bindHost() {
        return address.host().isEmpty() ? "127.0.0.1" : address.host();
    }

    @Override
    public String toString() {
        return (tls ? "wss-listen://" : "ws-listen://") + address.authority(-1) + address.path();
    }
}
