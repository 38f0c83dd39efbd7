package io.weft.websocket;

import io.weft.frame.Frame;
import io.weft.port.InvalidPortException;
import io.weft.port.PortOption;
import io.weft.port.PortUri;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** The options of WebSocket ports, and how they are read. Threads: stateless. */
final class WebSocketOptions {
    // ---- both ----

    static final PortOption<Duration> PING = PortOption.duration("ping", Duration.ZERO, Duration.ofHours(1))
            .defaultValue("15s")
            .meaning("silence after which the peer is pinged, 0s for never");

    static final PortOption<Duration> IDLE = PortOption.duration("idle", Duration.ZERO, Duration.ofHours(24))
            .defaultValue("45s")
            .meaning("silence after which the connection is given up, 0s for never; longer than ping");

    static final PortOption<Integer> QUEUE = PortOption.integer("queue", 16, 65_536)
            .defaultValue("1024")
            .meaning(
                    "frames that may wait for the peer, rounded up to a power of two; more are dropped as TX_QUEUE_FULL");

    static final PortOption<Integer> MAX_FRAME = PortOption.integer("max_frame", 64, Frame.MAX_LENGTH)
            .defaultValue("65535")
            .meaning("longest frame in bytes from the destination address on, VLAN tags counted, FCS not;"
                    + " a peer that sends a longer one is closed with code 1009");

    static final PortOption<Duration> HANDSHAKE_TIMEOUT = PortOption.duration(
                    "handshake_timeout", Duration.ofMillis(100), Duration.ofMinutes(5))
            .defaultValue("10s")
            .meaning("time for everything up to the end of the upgrade: TCP, TLS, HTTP");

    // ---- client ----

    static final PortOption<String> NAME =
            PortOption.text("name", "a name").meaning("the port's name in the switch; HOST:PORT/PATH unless given");

    static final PortOption<String> USER = PortOption.text("user", "a user name without ':'")
            .meaning("user for HTTP Basic authentication; also USER:PASSWORD@HOST");

    static final PortOption<String> PASSWORD = PortOption.text("password", "a password")
            .meaning("the user's password")
            .secret();

    static final PortOption<Path> PASSWORD_FILE =
            file("password_file").meaning("file whose first line is the user's password");

    static final PortOption<Path> CA =
            file("ca").meaning("PEM file with the certificate authorities to trust; the JDK's unless given (wss)");

    static final PortOption<Boolean> INSECURE = PortOption.flag("insecure")
            .defaultValue("false")
            .meaning("accept any certificate, so that anyone between can read and change frames (wss)");

    static final PortOption<String> SERVER_NAME = PortOption.text("server_name", "a host name")
            .meaning("name to ask for (SNI) and to expect in the certificate; the host unless given (wss)");

    static final PortOption<Path> CLIENT_CERT =
            file("client_cert").meaning("PEM file with this client's certificate chain (wss)");

    static final PortOption<Path> CLIENT_KEY =
            file("client_key").meaning("PEM file with the certificate's PKCS#8 key (wss)");

    static final PortOption<HttpHeader> HEADER = PortOption.of("header", "NAME:VALUE", HttpHeader::parse)
            .meaning("a header to add to the request; may be repeated")
            .secret();

    static final PortOption<ProxyChoice> PROXY = PortOption.of(
                    "proxy", "none, environment or http://[USER:PASSWORD@]HOST:PORT", ProxyChoice::parse)
            .defaultValue("none")
            .meaning("HTTP proxy to connect through; environment reads http_proxy, https_proxy and no_proxy")
            .secret();

    static final PortOption<Duration> RECONNECT_MIN = PortOption.duration(
                    "reconnect_min", Duration.ofMillis(10), Duration.ofHours(1))
            .defaultValue("500ms")
            .meaning(
                    "time before the first attempt to connect again; doubled every time, shortened at random by up to half");

    static final PortOption<Duration> RECONNECT_MAX = PortOption.duration(
                    "reconnect_max", Duration.ofMillis(10), Duration.ofHours(24))
            .defaultValue("30s")
            .meaning("longest time between two attempts to connect");

    /** In the order help lists them. */
    static final List<PortOption<?>> OF_CLIENT = List.of(
            NAME,
            USER,
            PASSWORD,
            PASSWORD_FILE,
            CA,
            INSECURE,
            SERVER_NAME,
            CLIENT_CERT,
            CLIENT_KEY,
            HEADER,
            PROXY,
            PING,
            IDLE,
            RECONNECT_MIN,
            RECONNECT_MAX,
            HANDSHAKE_TIMEOUT,
            QUEUE,
            MAX_FRAME);

    // ---- server ----

    static final PortOption<String> NAME_PREFIX = PortOption.text("name", "a name")
            .meaning("clients' ports are called NAME-1, NAME-2 and so on; ws and the port number unless given");

    static final PortOption<Path> HTPASSWD = file("htpasswd")
            .meaning(
                    "Apache htpasswd file (bcrypt, apr1 or {SHA}) of the users that may connect, read again when it changes;"
                            + " anyone may unless given");

    static final PortOption<Path> CERT =
            file("cert").meaning("PEM file with the server's certificate chain (wss-listen)");

    static final PortOption<Path> KEY = file("key").meaning("PEM file with the certificate's PKCS#8 key (wss-listen)");

    static final PortOption<Path> CLIENT_CA = file("client_ca")
            .meaning("PEM file with authorities; only clients with a certificate of theirs may connect (wss-listen)");

    static final PortOption<String> ORIGIN = PortOption.of(
                    "origin", "* or an origin as https://lab.example:8443", AllowedOrigins::requireOrigin)
            .meaning("web page origins that may connect, * for all; may be repeated;"
                    + " only pages from this server's own host and port unless given; what is no browser sends none");

    static final PortOption<Integer> MAX_CLIENTS = PortOption.integer("max_clients", 1, 1_024)
            .defaultValue("64")
            .meaning("clients at a time; one more is closed with code 1013");

    static final PortOption<String> AUTH_FRAME = PortOption.choice("auth_frame", "ignore", "refuse")
            .defaultValue("ignore")
            .meaning("what to do about go-websockproxy's authentication frame, which is never forwarded:"
                    + " ignore, or refuse and close with code 1008");

    /** In the order help lists them. */
    static final List<PortOption<?>> OF_LISTENER = List.of(
            NAME_PREFIX,
            HTPASSWD,
            CERT,
            KEY,
            CLIENT_CA,
            ORIGIN,
            MAX_CLIENTS,
            AUTH_FRAME,
            PING,
            IDLE,
            HANDSHAKE_TIMEOUT,
            QUEUE,
            MAX_FRAME);

    private WebSocketOptions() {}

    private static PortOption<Path> file(String name) {
        return PortOption.of(name, "a file", text -> {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("empty");
            }
            return Path.of(text);
        });
    }

    /** Reads the limits of a connection. */
    static ConnectionLimits limits(PortUri uri, boolean refuseAuthFrame) {
        Duration ping = uri.get(PING);
        Duration idle = uri.get(IDLE);
        if (!idle.isZero() && idle.compareTo(ping) <= 0) {
            throw invalid(
                    uri,
                    "option idle is " + seconds(idle) + "; accepted: longer than ping, which is " + seconds(ping)
                            + ", or 0s for never");
        }
        return new ConnectionLimits(uri.get(MAX_FRAME), uri.get(QUEUE), ping, idle, refuseAuthFrame);
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1_000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
    }

    /** Rejects options of TLS where there is none. */
    static void requireTls(PortUri uri, PortOption<?>... options) {
        boolean tls = uri.scheme().startsWith("wss");
        for (PortOption<?> option : options) {
            if (!tls && uri.has(option)) {
                throw invalid(
                        uri,
                        "option " + option.name() + " is for TLS; accepted: with the scheme "
                                + uri.scheme().toLowerCase(Locale.ROOT).replaceFirst("ws", "wss"));
            }
        }
    }

    static InvalidPortException invalid(PortUri uri, String what) {
        return new InvalidPortException(uri.scheme() + " port '" + uri.authorityOrName() + "': " + what);
    }
}
