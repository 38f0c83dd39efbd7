package io.weft.websocket;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;

/**
 * Which HTTP proxy a client goes through.
 *
 * <p>Threads: immutable.
 */
final class ProxyChoice {
    private static final ProxyChoice NONE = new ProxyChoice(null, false);
    private static final ProxyChoice ENVIRONMENT = new ProxyChoice(null, true);

    private final HttpProxy fixed;
    private final boolean environment;

    /** A proxy; user and password are {@code null} when it wants none. */
    record HttpProxy(String host, int port, String user, String password) {}

    private ProxyChoice(HttpProxy fixed, boolean environment) {
        this.fixed = fixed;
        this.environment = environment;
    }

    /** Reads the option's value; throws {@code IllegalArgumentException} for what it does not accept. */
    static ProxyChoice parse(String text) {
        return switch (text) {
            case "none" -> NONE;
            case "environment" -> ENVIRONMENT;
            default -> new ProxyChoice(parseProxy(text), false);
        };
    }

    private static HttpProxy parseProxy(String text) {
        try {
            // The environment's variables often leave the scheme out.
            URI uri = new URI(text.contains("://") ? text : "http://" + text);
            if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null || uri.getPort() == 0) {
                throw new IllegalArgumentException("not an http proxy");
            }
            String[] login = uri.getUserInfo() == null
                    ? new String[0]
                    : uri.getUserInfo().split(":", 2);
            String host = uri.getHost();
            return new HttpProxy(
                    host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                    uri.getPort() < 0 ? 80 : uri.getPort(),
                    login.length > 0 ? login[0] : null,
                    login.length > 1 ? login[1] : login.length > 0 ? "" : null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /**
     * The proxy for a server, or {@code null} for none.
     *
     * @param variables the process's environment
     * @throws IllegalArgumentException when the environment names a proxy that cannot be one
     */
    HttpProxy proxyFor(boolean tls, String host, Map<String, String> variables) {
        if (!environment) {
            return fixed;
        }
        // HTTP_PROXY in capitals is not read: a CGI program's peer could set it.
        String name = tls ? "https_proxy" : "http_proxy";
        String value = variables.getOrDefault(name, tls ? variables.getOrDefault("HTTPS_PROXY", "") : "");
        String exceptions = variables.getOrDefault("no_proxy", variables.getOrDefault("NO_PROXY", ""));
        if (value.isBlank() || isExcepted(host.toLowerCase(Locale.ROOT), exceptions)) {
            return null;
        }
        try {
            return parseProxy(value.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "environment variable " + name
                            + " is not an HTTP proxy; accepted: http://[USER:PASSWORD@]HOST:PORT",
                    e);
        }
    }

    private static boolean isExcepted(String host, String exceptions) {
        for (String item : exceptions.toLowerCase(Locale.ROOT).split("[,\\s]+")) {
            String domain = item.startsWith("*.") ? item.substring(2) : item.startsWith(".") ? item.substring(1) : item;
            if (domain.equals("*") || host.equals(domain) || (!domain.isEmpty() && host.endsWith("." + domain))) {
                return true;
            }
        }
        return false;
    }
}
