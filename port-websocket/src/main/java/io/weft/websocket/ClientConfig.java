package io.weft.websocket;

import io.weft.port.PortUri;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Everything a client port is configured with, checked. Meanings: {@link WebSocketOptions}. Threads: immutable. */
record ClientConfig(
        String name,
        boolean tls,
        WebSocketAddress address,
        String user,
        String password,
        Path passwordFile,
        Path ca,
        boolean insecure,
        String serverName,
        Path clientCert,
        Path clientKey,
        List<HttpHeader> headers,
        ProxyChoice proxy,
        ConnectionLimits limits,
        Duration handshakeTimeout,
        Duration reconnectMin,
        Duration reconnectMax) {
    private static final int PORT = 80;
    private static final int TLS_PORT = 443;

    /** Reads a port URI; its options are known ones. */
    static ClientConfig of(PortUri uri) {
        boolean tls = uri.scheme().equals("wss");
        WebSocketAddress address = WebSocketAddress.parse(uri);
        if (address.host().isEmpty() || address.port() == 0) {
            throw WebSocketOptions.invalid(
                    uri,
                    "no " + (address.port() == 0 ? "port" : "host") + "; accepted: " + uri.scheme()
                            + "://HOST:PORT/PATH");
        }
        WebSocketOptions.requireTls(
                uri,
                WebSocketOptions.CA,
                WebSocketOptions.INSECURE,
                WebSocketOptions.SERVER_NAME,
                WebSocketOptions.CLIENT_CERT,
                WebSocketOptions.CLIENT_KEY);
        if (uri.has(WebSocketOptions.CLIENT_CERT) != uri.has(WebSocketOptions.CLIENT_KEY)) {
            throw WebSocketOptions.invalid(uri, "only one of client_cert and client_key; accepted: both or none");
        }
        if (uri.has(WebSocketOptions.CA) && uri.get(WebSocketOptions.INSECURE)) {
            throw WebSocketOptions.invalid(uri, "options ca and insecure together; accepted: one of them");
        }
        Duration min = uri.get(WebSocketOptions.RECONNECT_MIN);
        Duration max = uri.get(WebSocketOptions.RECONNECT_MAX);
        if (max.compareTo(min) < 0) {
            throw WebSocketOptions.invalid(
                    uri,
                    "option reconnect_max is " + max.toMillis() + "ms; accepted: reconnect_min, " + min.toMillis()
                            + "ms, or more");
        }
        String user = either(uri, "user", address.user(), uri.get(WebSocketOptions.USER));
        String password = either(uri, "password", address.password(), uri.get(WebSocketOptions.PASSWORD));
        Path passwordFile = uri.get(WebSocketOptions.PASSWORD_FILE);
        if (password != null && passwordFile != null) {
            throw WebSocketOptions.invalid(uri, "a password and option password_file; accepted: one of them");
        }
        boolean hasPassword = password != null || passwordFile != null;
        if ((user != null) != hasPassword || (user != null && (user.isEmpty() || user.indexOf(':') >= 0))) {
            throw WebSocketOptions.invalid(
                    uri,
                    user == null || hasPassword
                            ? "option user is " + (user == null ? "not given" : "'" + user + "'")
                                    + "; accepted: a user name without ':', with a password"
                            : "user '" + user
                                    + "' without a password; accepted: with option password or password_file");
        }
        String name = uri.get(WebSocketOptions.NAME);
        return new ClientConfig(
                name != null ? name : address.authority(tls ? TLS_PORT : PORT) + address.path(),
                tls,
                address,
                user,
                password,
                passwordFile,
                uri.get(WebSocketOptions.CA),
                tls && uri.get(WebSocketOptions.INSECURE),
                uri.get(WebSocketOptions.SERVER_NAME),
                uri.get(WebSocketOptions.CLIENT_CERT),
                uri.get(WebSocketOptions.CLIENT_KEY),
                uri.getAll(WebSocketOptions.HEADER),
                uri.get(WebSocketOptions.PROXY),
                WebSocketOptions.limits(uri, false),
                uri.get(WebSocketOptions.HANDSHAKE_TIMEOUT),
                min,
                max);
    }

    private static String either(PortUri uri, String what, String inAddress, String inOption) {
        if (inAddress != null && inOption != null) {
            throw WebSocketOptions.invalid(
                    uri, "a " + what + " before the host and option " + what + "; accepted: one of them");
        }
        return inAddress != null ? inAddress : inOption;
    }

    /** TCP port of the server. */
    int port() {
        return address.port() > 0 ? address.port() : tls ? TLS_PORT : PORT;
    }

    /** The Host header. */
    String hostHeader() {
        return address.authority(tls ? TLS_PORT : PORT);
    }

    /** The name to ask for and to expect in the certificate. */
    String expectedServerName() {
        return serverName != null ? serverName : address.host();
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return (tls ? "wss://" : "ws://") + hostHeader() + address.path();
    }
}
