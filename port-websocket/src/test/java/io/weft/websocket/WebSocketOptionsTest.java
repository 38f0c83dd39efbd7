package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.InvalidPortException;
import io.weft.port.PortProvider;
import io.weft.port.PortProviders;
import io.weft.port.PortUri;
import io.weft.websocket.ProxyChoice.HttpProxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebSocketOptionsTest {
    private static ClientConfig client(String uri) {
        return ClientConfig.of(PortUri.parse(uri));
    }

    private static ListenerConfig listener(String uri) {
        return ListenerConfig.of(PortUri.parse(uri));
    }

    // ---- addresses ----

    @Test
    void shouldReadClientAddresses() {
        ClientConfig plain = client("ws://hub");
        assertThat(plain.port()).isEqualTo(80);
        assertThat(plain.hostHeader()).isEqualTo("hub");
        assertThat(plain.name()).isEqualTo("hub/");
        assertThat(plain.user()).isNull();
        ClientConfig full = client("wss://alice:p%40ss%2Bword@hub:8443/lan/7?name=uplink");
        assertThat(full.port()).isEqualTo(8_443);
        assertThat(full.hostHeader()).isEqualTo("hub:8443");
        assertThat(full.address().path()).isEqualTo("/lan/7");
        assertThat(full.user()).isEqualTo("alice");
        assertThat(full.password()).isEqualTo("p@ss+word");
        assertThat(full.name()).isEqualTo("uplink");
        assertThat(full).hasToString("wss://hub:8443/lan/7");
        assertThat(client("wss://[fd00::1]/").hostHeader()).isEqualTo("[fd00::1]");
        assertThat(client("wss://[fd00::1]/").address().host()).isEqualTo("fd00::1");
        assertThat(client("wss://hub/").port()).isEqualTo(443);
    }

    @Test
    void shouldListenOnLoopbackUnlessToldOtherwise() {
        assertThat(listener("ws-listen://:8080/").bindHost()).isEqualTo("127.0.0.1");
        assertThat(listener("ws-listen://0.0.0.0:8080/").bindHost()).isEqualTo("0.0.0.0");
        assertThat(listener("ws-listen://[::]:0").bindHost()).isEqualTo("::");
    }

    @ParameterizedTest
    @CsvSource({
        "ws://, no host",
        "ws:hub, is not a WebSocket address",
        "ws://hub:99999/, is not a WebSocket address",
        "ws://hub:0/, no port",
        "ws://a b/, is not a WebSocket address",
        "ws://hub?ca=/x.pem, accepted: with the scheme wss",
        "ws://hub?insecure=true, accepted: with the scheme wss",
        "wss://hub?insecure=maybe, option insecure is 'maybe'; accepted: true or false",
        "wss://hub?client_cert=/x.pem, only one of client_cert and client_key",
        "wss://hub?ca=/x.pem&insecure=true, options ca and insecure together",
        "ws://hub?user=alice, without a password",
        "ws://hub?password=x, option user is not given",
        "ws://alice:x@hub?password=y, a password before the host",
        "ws://alice:x@hub?password_file=/x, a password and option password_file",
        "ws://hub?user=a:b&password=x, a user name without ':'",
        "ws://hub?idle=10s&ping=10s, option idle is 10s; accepted: longer than ping",
        "ws://hub?reconnect_min=2s&reconnect_max=1s, option reconnect_max is 1000ms; accepted: reconnect_min",
        "ws://hub?queue=1, option queue is '1'; accepted: 16..65536",
        "ws://hub?max_frame=99999, option max_frame is '99999'; accepted: 64..65535",
        "ws://hub?proxy=socks://x:1, option proxy is '(not shown)'; accepted: none",
        "ws://hub?header=no-colon, option header is '(not shown)'; accepted: NAME:VALUE",
        "ws://hub?header=a:b%0d%0ac:d, accepted: NAME:VALUE",
    })
    void shouldSayWhatIsWrongWithAClient(String uri, String message) {
        assertThatThrownBy(() -> client(uri))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "ws-listen://127.0.0.1/, no port",
        "ws-listen://alice:x@127.0.0.1:80/, a user before the host",
        "ws-listen://:8080/?cert=/x.pem, accepted: with the scheme wss-listen",
        "wss-listen://:8443/, no certificate; accepted: with the options cert and key",
        "wss-listen://:8443/?cert=/x.pem, no certificate",
        "ws-listen://:8080/?origin=lab.example, option origin is 'lab.example'; accepted: * or an origin",
        "ws-listen://:8080/?max_clients=0, option max_clients is '0'; accepted: 1..1024",
        "ws-listen://:8080/?auth_frame=yes, option auth_frame is 'yes'; accepted: ignore or refuse",
        "ws-listen://:8080/?handshake_timeout=1, option handshake_timeout is '1'; accepted: a time",
    })
    void shouldSayWhatIsWrongWithAListener(String uri, String message) {
        assertThatThrownBy(() -> listener(uri))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldNotPrintPasswords() {
        assertThat(client("ws://alice:s3cret@hub").toString()).doesNotContain("s3cret");
        assertThatThrownBy(() -> client("ws://alice:s3cret@hub?queue=1"))
                .message()
                .doesNotContain("s3cret");
        assertThatThrownBy(() -> PortProviders.create("ws://hub?user=a&password=s3cret&qeue=1"))
                .hasMessageContainingAll("unknown option 'qeue'", "max_frame")
                .message()
                .doesNotContain("s3cret");
    }

    @Test
    void shouldBeFoundByScheme() {
        assertThat(PortProviders.all().stream().map(PortProvider::schemes).toList())
                .contains(List.of("ws", "wss"), List.of("ws-listen", "wss-listen"));
        assertThat(PortProviders.create("ws://hub/lan")).isInstanceOf(WebSocketClientPort.class);
        assertThat(PortProviders.create("ws-listen://:0/")).isInstanceOf(WebSocketListener.class);
    }

    // ---- builders ----

    @Test
    void shouldMeanTheSameAsClientBuilderAndUri() {
        WebSocketClientPort built = WebSocketClientPort.builder(URI.create("wss://hub:8443/lan"))
                .name("up")
                .user("alice", "a&b=c d%?")
                .ca(Path.of("/etc/ca dir/a+b.pem"))
                .serverName("hub.example")
                .clientCertificate(Path.of("/c.pem"), Path.of("/k.pem"))
                .header("X-Token", "a:b; c")
                .header("X-Other", "d")
                .proxy("http://u:p@proxy:3128")
                .ping(Duration.ofMillis(1_500))
                .idle(Duration.ofMinutes(1))
                .reconnect(Duration.ofSeconds(1), Duration.ofSeconds(9))
                .handshakeTimeout(Duration.ofSeconds(3))
                .queue(64)
                .maxFrame(9_018)
                .build();
        ClientConfig config = built.config();
        assertThat(config.password()).isEqualTo("a&b=c d%?");
        assertThat(config.ca()).isEqualTo(Path.of("/etc/ca dir/a+b.pem"));
        assertThat(config.headers())
                .containsExactly(new HttpHeader("X-Token", "a:b; c"), new HttpHeader("X-Other", "d"));
        assertThat(config.limits())
                .isEqualTo(new ConnectionLimits(9_018, 64, Duration.ofMillis(1_500), Duration.ofMinutes(1), false));
        ClientConfig written = client("wss://hub:8443/lan?name=up&user=alice&password=a%26b=c d%25%3f"
                + "&ca=/etc/ca dir/a+b.pem&server_name=hub.example&client_cert=/c.pem&client_key=/k.pem"
                + "&header=X-Token:a:b; c&header=X-Other:d&proxy=http://u:p@proxy:3128&ping=1500ms&idle=1m"
                + "&reconnect_min=1s&reconnect_max=9s&handshake_timeout=3s&queue=64&max_frame=9018");
        assertThat(config.proxy().proxyFor(true, "hub", Map.of()))
                .isEqualTo(written.proxy().proxyFor(true, "hub", Map.of()));
        assertThat(config).usingRecursiveComparison().isEqualTo(written);
    }

    @Test
    void shouldMeanTheSameAsListenerBuilderAndUri() {
        WebSocketListener built = WebSocketListener.builder("::1", 8_443)
                .path("/lan")
                .name("guest")
                .tls(Path.of("/c.pem"), Path.of("/k.pem"))
                .clientCa(Path.of("/ca.pem"))
                .htpasswd(Path.of("/users"))
                .origin("https://lab.example")
                .origin("*")
                .maxClients(3)
                .refuseAuthFrame()
                .ping(Duration.ZERO)
                .idle(Duration.ZERO)
                .handshakeTimeout(Duration.ofSeconds(3))
                .queue(64)
                .maxFrame(9_018)
                .build();
        assertThat(built.config())
                .isEqualTo(listener("wss-listen://[::1]:8443/lan?name=guest&cert=/c.pem&key=/k.pem&client_ca=/ca.pem"
                        + "&htpasswd=/users&origin=https://lab.example/&origin=*&max_clients=3&auth_frame=refuse&ping=0s"
                        + "&idle=0s&handshake_timeout=3s&queue=64&max_frame=9018"));
    }

    @Test
    void shouldRefuseInABuilderWhatItRefusesInAUri() {
        assertThatThrownBy(
                        () -> WebSocketListener.builder("127.0.0.1", 0).queue(1).build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option queue is '1'; accepted: 16..65536");
        assertThatThrownBy(() -> WebSocketClientPort.builder(URI.create("http://hub/")))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("accepted: ws://HOST:PORT/PATH");
    }

    // ---- origins, proxies, back-off ----

    @ParameterizedTest
    @CsvSource({
        "'', http://127.0.0.1:8080, 127.0.0.1:8080, true",
        "'', HTTP://Hub:8080, hub:8080, true",
        "'', http://evil.example, 127.0.0.1:8080, false",
        "'', http://127.0.0.1:8081, 127.0.0.1:8080, false",
        "'', null, 127.0.0.1:8080, false",
        "https://lab.example, https://lab.example, hub, true",
        "https://lab.example, http://lab.example, hub, false",
        "https://lab.example, https://lab.example.evil, hub, false",
        "https://lab.example, https://hub, hub, false",
        "*, https://evil.example, hub, true",
    })
    void shouldCheckOrigins(String option, String origin, String host, boolean allowed) {
        AllowedOrigins origins = new AllowedOrigins(option.isEmpty() ? List.of() : List.of(option));
        assertThat(origins.allows(origin, host)).isEqualTo(allowed);
        assertThat(origins.allows(null, host)).as("what is no browser").isTrue();
    }

    @Test
    void shouldFindTheProxyInTheEnvironment() {
        ProxyChoice choice = ProxyChoice.parse("environment");
        Map<String, String> variables = Map.of(
                "http_proxy", "proxy:3128",
                "HTTPS_PROXY", "http://u:p@[fd00::1]:81/",
                "HTTP_PROXY", "http://evil:1",
                "no_proxy", "localhost, .lab.example,10.0.0.1");
        assertThat(choice.proxyFor(false, "hub", variables)).isEqualTo(new HttpProxy("proxy", 3_128, null, null));
        assertThat(choice.proxyFor(true, "hub", variables)).isEqualTo(new HttpProxy("fd00::1", 81, "u", "p"));
        assertThat(choice.proxyFor(false, "localhost", variables)).isNull();
        assertThat(choice.proxyFor(false, "a.LAB.example", variables)).isNull();
        assertThat(choice.proxyFor(false, "10.0.0.1", variables)).isNull();
        assertThat(choice.proxyFor(false, "notlab.example", variables)).isNotNull();
        assertThat(choice.proxyFor(false, "hub", Map.of("HTTP_PROXY", "http://evil:1")))
                .isNull();
        assertThat(choice.proxyFor(false, "hub", Map.of("http_proxy", "x", "no_proxy", "*")))
                .isNull();
        assertThat(ProxyChoice.parse("none").proxyFor(false, "hub", variables)).isNull();
        assertThatThrownBy(() -> choice.proxyFor(false, "hub", Map.of("http_proxy", "socks5://x:1")))
                .hasMessageContainingAll("http_proxy", "accepted: http://");
    }

    @Test
    void shouldBackOffTwiceAsLongEveryTimeWithJitter() {
        double[] random = {0};
        ReconnectBackoff backoff = new ReconnectBackoff(Duration.ofMillis(500), Duration.ofSeconds(3), () -> random[0]);
        assertThat(backoff.nextDelayNs()).isEqualTo(500_000_000L);
        random[0] = 0.5;
        assertThat(backoff.nextDelayNs()).isEqualTo(750_000_000L);
        random[0] = 1;
        assertThat(backoff.nextDelayNs()).isEqualTo(1_000_000_000L);
        random[0] = 0;
        assertThat(backoff.nextDelayNs()).isEqualTo(3_000_000_000L);
        assertThat(backoff.nextDelayNs()).isEqualTo(3_000_000_000L);
        backoff.reset();
        assertThat(backoff.nextDelayNs()).isEqualTo(500_000_000L);
    }
}
