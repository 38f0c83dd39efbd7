package io.weft.websocket;

import io.weft.port.InvalidPortException;
import io.weft.port.PortUri;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a WebSocket is: {@code //[user[:password]@][host][:port][/path]}.
 *
 * @param user from the URI, or {@code null}
 * @param password from the URI, or {@code null}
 * @param host a name, an IPv4 address, an IPv6 address without brackets, or empty
 * @param port 0..65535, or -1 when the URI has none
 * @param path as it goes into the request, beginning with {@code /}
 */
record WebSocketAddress(String user, String password, String host, int port, String path) {
    private static final Pattern FORM = Pattern.compile(
            "//(?:([^/@:]*)(?::([^/@]*))?@)?(\\[[0-9a-fA-F:.%]+]|[^/@:\\[\\]\\s]*)(?::([0-9]{1,5}))?(/[^\\s#]*)?");

    /**
     * Reads the target of a port URI.
     *
     * @throws InvalidPortException saying what is accepted
     */
    static WebSocketAddress parse(PortUri uri) {
        Matcher form = FORM.matcher(uri.target());
        int port = -1;
        if (form.matches() && form.group(4) != null) {
            port = Integer.parseInt(form.group(4));
        }
        if (!form.matches() || port > 65_535) {
            throw new InvalidPortException("'" + uri + "' is not a WebSocket address; accepted: " + uri.scheme()
                    + "://HOST:PORT/PATH with a port of 0..65535");
        }
        String host = form.group(3);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        String path = form.group(5) == null ? "/" : form.group(5);
        try {
            return new WebSocketAddress(decode(form.group(1)), decode(form.group(2)), host, port, path);
        } catch (IllegalArgumentException e) {
            // Without the cause, which may quote the password.
            throw new InvalidPortException(
                    "'" + uri + "' has a broken percent escape in its user or password; accepted: %"
                            + " and two hexadecimal digits, %25 for % itself");
        }
    }

    private static String decode(String part) {
        return part == null ? null : URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Host and port as in a Host header or a message; the port is left out when it is {@code defaultPort}. */
    String authority(int defaultPort) {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port < 0 || port == defaultPort ? name : name + ":" + port;
    }
}
