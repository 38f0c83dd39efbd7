package io.weft.websocket;

import io.weft.port.PortOption;
import io.weft.port.PortUri;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Options on their way into a port URI. The typed builders write one and read it like any other, so that a builder and a URI
 * cannot mean different things, and say the same about a wrong value.
 *
 * <p>Threads: confined.
 */
final class OptionText {
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    void set(PortOption<?> option, Object value) {
        values.put(option.name(), new ArrayList<>(List.of(value.toString())));
    }

    void set(PortOption<?> option, Duration value) {
        set(option, value.toMillis() + "ms");
    }

    void set(PortOption<?> option, Path value) {
        set(option, (Object) value);
    }

    void add(PortOption<?> option, String value) {
        values.computeIfAbsent(option.name(), name -> new ArrayList<>()).add(value);
    }

    PortUri uri(String base, List<PortOption<?>> known) {
        StringBuilder text = new StringBuilder(base);
        char separator = '?';
        for (Map.Entry<String, List<String>> option : values.entrySet()) {
            for (String value : option.getValue()) {
                text.append(separator).append(option.getKey()).append('=').append(encode(value));
                separator = '&';
            }
        }
        PortUri uri = PortUri.parse(text.toString());
        uri.requireKnown(known);
        return uri;
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
