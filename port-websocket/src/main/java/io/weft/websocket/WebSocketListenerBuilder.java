package io.weft.websocket;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The options of a listener; each means the same as the URI option of the same name.
 *
 * <p>Threads: confined.
 */
public final class WebSocketListenerBuilder {
    private final String authority;
    private final OptionText options = new OptionText();
    private String path = "/";
    private boolean tls;

    WebSocketListenerBuilder(String address, int port) {
        authority = (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
    }

    /** Path that clients ask for; default {@code /}. */
    public WebSocketListenerBuilder path(String newPath) {
        path = newPath;
        return this;
    }

    /** Clients' ports are called {@code prefix-1}, {@code prefix-2} and so on. */
    public WebSocketListenerBuilder name(String prefix) {
        options.set(WebSocketOptions.NAME_PREFIX, prefix);
        return this;
    }

    /** Speaks TLS with this certificate chain and PKCS#8 key, in PEM: a {@code wss-listen} port. */
    public WebSocketListenerBuilder tls(Path certificateFile, Path keyFile) {
        tls = true;
        options.set(WebSocketOptions.CERT, certificateFile);
        options.set(WebSocketOptions.KEY, keyFile);
        return this;
    }

    /** Lets only clients with a certificate of these authorities in. */
    public WebSocketListenerBuilder clientCa(Path pemFile) {
        options.set(WebSocketOptions.CLIENT_CA, pemFile);
        return this;
    }

    /** Lets only the users of an Apache htpasswd file in. */
    public WebSocketListenerBuilder htpasswd(Path file) {
        options.set(WebSocketOptions.HTPASSWD, file);
        return this;
    }

    /** Adds a web page origin that may connect; {@code *} for all. */
    public WebSocketListenerBuilder origin(String origin) {
        options.add(WebSocketOptions.ORIGIN, origin);
        return this;
    }

    /** Clients at a time. */
    public WebSocketListenerBuilder maxClients(int clients) {
        options.set(WebSocketOptions.MAX_CLIENTS, clients);
        return this;
    }

    /** Closes clients that send go-websockproxy's authentication frame, instead of ignoring it. */
    public WebSocketListenerBuilder refuseAuthFrame() {
        options.set(WebSocketOptions.AUTH_FRAME, "refuse");
        return this;
    }

    /** Silence after which a client is pinged; zero for never. */
    public WebSocketListenerBuilder ping(Duration silence) {
        options.set(WebSocketOptions.PING, silence);
        return this;
    }

    /** Silence after which a client is given up; zero for never. */
    public WebSocketListenerBuilder idle(Duration silence) {
        options.set(WebSocketOptions.IDLE, silence);
        return this;
    }

    /** Time for TLS and HTTP together. */
    public WebSocketListenerBuilder handshakeTimeout(Duration time) {
        options.set(WebSocketOptions.HANDSHAKE_TIMEOUT, time);
        return this;
    }

    /** Frames that may wait for each client. */
    public WebSocketListenerBuilder queue(int frames) {
        options.set(WebSocketOptions.QUEUE, frames);
        return this;
    }

    /** Longest frame in bytes from the destination address on, VLAN tags counted, FCS not. */
    public WebSocketListenerBuilder maxFrame(int bytes) {
        options.set(WebSocketOptions.MAX_FRAME, bytes);
        return this;
    }

    /**
     * The listener, to be added to a switch.
     *
     * @throws io.weft.port.InvalidPortException naming the option that is wrong, its value and what is accepted
     */
    public WebSocketListener build() {
        String base = (tls ? "wss-listen" : "ws-listen") + "://" + authority + path;
        return new WebSocketListener(ListenerConfig.of(options.uri(base, WebSocketOptions.OF_LISTENER)));
    }
}
