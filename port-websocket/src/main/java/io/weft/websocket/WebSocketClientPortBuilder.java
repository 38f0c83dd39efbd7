package io.weft.websocket;

import io.weft.port.InvalidPortException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The options of a client port; each means the same as the URI option of the same name.
 *
 * <p>Threads: confined.
 */
public final class WebSocketClientPortBuilder {
    private final String base;
    private final OptionText options = new OptionText();

    WebSocketClientPortBuilder(URI server) {
        if (server.getRawQuery() != null || server.getRawFragment() != null) {
            throw new InvalidPortException(
                    "'" + server.getPath() + "': a query or fragment; accepted: ws://HOST:PORT/PATH");
        }
        base = server.toString();
        if (!base.startsWith("ws://") && !base.startsWith("wss://")) {
            throw new InvalidPortException(
                    "scheme " + server.getScheme() + "; accepted: ws://HOST:PORT/PATH or wss://HOST:PORT/PATH");
        }
    }

    /** The port's name in the switch. */
    public WebSocketClientPortBuilder name(String name) {
        options.set(WebSocketOptions.NAME, name);
        return this;
    }

    /** User and password for HTTP Basic authentication. */
    public WebSocketClientPortBuilder user(String user, String password) {
        options.set(WebSocketOptions.USER, user);
        options.set(WebSocketOptions.PASSWORD, password);
        return this;
    }

    /** User, and a file whose first line is the password. */
    public WebSocketClientPortBuilder user(String user, Path passwordFile) {
        options.set(WebSocketOptions.USER, user);
        options.set(WebSocketOptions.PASSWORD_FILE, passwordFile);
        return this;
    }

    /** PEM file with the certificate authorities to trust (wss). */
    public WebSocketClientPortBuilder ca(Path pemFile) {
        options.set(WebSocketOptions.CA, pemFile);
        return this;
    }

    /** Accepts any certificate: anyone between can read and change frames (wss). */
    public WebSocketClientPortBuilder insecure() {
        options.set(WebSocketOptions.INSECURE, true);
        return this;
    }

    /** Name to ask for and to expect in the certificate (wss). */
    public WebSocketClientPortBuilder serverName(String hostName) {
        options.set(WebSocketOptions.SERVER_NAME, hostName);
        return this;
    }

    /** This client's certificate chain and PKCS#8 key, in PEM (wss). */
    public WebSocketClientPortBuilder clientCertificate(Path certificateFile, Path keyFile) {
        options.set(WebSocketOptions.CLIENT_CERT, certificateFile);
        options.set(WebSocketOptions.CLIENT_KEY, keyFile);
        return this;
    }

    /** Adds a header to the request. */
    public WebSocketClientPortBuilder header(String name, String value) {
        options.add(WebSocketOptions.HEADER, name + ": " + value);
        return this;
    }

    /** HTTP proxy: {@code none}, {@code environment} or {@code http://[user:password@]host:port}. */
    public WebSocketClientPortBuilder proxy(String proxy) {
        options.set(WebSocketOptions.PROXY, proxy);
        return this;
    }

    /** Silence after which the server is pinged; zero for never. */
    public WebSocketClientPortBuilder ping(Duration silence) {
        options.set(WebSocketOptions.PING, silence);
        return this;
    }

    /** Silence after which the connection is given up; zero for never. */
    public WebSocketClientPortBuilder idle(Duration silence) {
        options.set(WebSocketOptions.IDLE, silence);
        return this;
    }

    /** Shortest and longest time between two attempts to connect. */
    public WebSocketClientPortBuilder reconnect(Duration min, Duration max) {
        options.set(WebSocketOptions.RECONNECT_MIN, min);
        options.set(WebSocketOptions.RECONNECT_MAX, max);
        return this;
    }

    /** Time for TCP, TLS and HTTP together. */
    public WebSocketClientPortBuilder handshakeTimeout(Duration time) {
        options.set(WebSocketOptions.HANDSHAKE_TIMEOUT, time);
        return this;
    }

    /** Frames that may wait for the server. */
    public WebSocketClientPortBuilder queue(int frames) {
        options.set(WebSocketOptions.QUEUE, frames);
        return this;
    }

    /** Longest frame in bytes from the destination address on, VLAN tags counted, FCS not. */
    public WebSocketClientPortBuilder maxFrame(int bytes) {
        options.set(WebSocketOptions.MAX_FRAME, bytes);
        return this;
    }

    /**
     * The port, to be added to a switch.
     *
     * @throws InvalidPortException naming the option that is wrong, its value and what is accepted
     */
    public WebSocketClientPort build() {
        return new WebSocketClientPort(ClientConfig.of(options.uri(base, WebSocketOptions.OF_CLIENT)));
    }
}
