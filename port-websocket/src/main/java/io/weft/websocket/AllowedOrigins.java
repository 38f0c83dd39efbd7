package io.weft.websocket;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which web pages may connect (RFC 6455 10.2). A browser says in the Origin header where its page came from, whatever the page
 * wants: without this check, any page could reach a server on its visitor's own machine. Other programs send no Origin, and
 * could send any; the check is not for them.
 *
 * <p>Threads: immutable.
 */
final class AllowedOrigins {
    private final Set<String> allowed;

    /** @param origins those of the option; none for "same host and port only" */
    AllowedOrigins(List<String> origins) {
        allowed =
                origins.stream().map(origin -> origin.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }

    /** Returns the value if it can be an origin, without a trailing slash. */
    static String requireOrigin(String text) {
        String origin = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        if (!origin.equals("*") && !origin.matches("[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#\\s]+")) {
            throw new IllegalArgumentException("not an origin");
        }
        return origin;
    }

    /**
     * Whether a request may pass.
     *
     * @param origin the request's Origin header, or {@code null}
     * @param host its Host header, or {@code null}
     */
    boolean allows(String origin, String host) {
        if (origin == null || allowed.contains("*")) {
            return true;
        }
        String given = origin.toLowerCase(Locale.ROOT);
        if (!allowed.isEmpty()) {
            return allowed.contains(given);
        }
        int scheme = given.indexOf("://");
        return host != null && scheme > 0 && given.substring(scheme + 3).equals(host.toLowerCase(Locale.ROOT));
    }
}
