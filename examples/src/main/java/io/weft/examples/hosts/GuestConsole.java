package io.weft.examples.hosts;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads what the guest's init script says on its serial console: lines with {@code WEFT-GUEST}, a word, and
 * {@code key=value} pairs. {@code bin/guest-image} has the script.
 */
final class GuestConsole {
    private static final String MARKER = "WEFT-GUEST ";

    private GuestConsole() {}

    /**
     * The event that a line of the console tells, if it tells one.
     *
     * @param address of the guest whose console it is
     */
    static Optional<HostEvent> event(String line, HostAddress address) {
        int marker = line.indexOf(MARKER); // firmware and kernel may have left something before it
        if (marker < 0) {
            return Optional.empty();
        }
        String[] words = line.substring(marker + MARKER.length()).strip().split(" +");
        Map<String, String> values = values(words);
        try {
            return switch (words[0]) {
                case "booted" -> Optional.of(new HostEvent.Booted(required(values, "kernel")));
                case "up" -> Optional.of(new HostEvent.Up(address));
                case "waiting" -> Optional.of(new HostEvent.Waiting(required(values, "for")));
                case "reply4" -> Optional.of(reply(IpVersion.IPV4, values));
                case "reply6" -> Optional.of(reply(IpVersion.IPV6, values));
                case "ping4" -> Optional.of(new HostEvent.Pinged(result(IpVersion.IPV4, values)));
                case "ping6" -> Optional.of(new HostEvent.Pinged(result(IpVersion.IPV6, values)));
                case "error" ->
                    Optional.of(new HostEvent.Failed(
                            String.join(" ", words).substring("error".length()).strip()));
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // cut or garbled on the way; QemuHost keeps such lines for its error message
        }
    }

    private static HostEvent.Reply reply(IpVersion version, Map<String, String> values) {
        return new HostEvent.Reply(
                version, Integer.parseInt(required(values, "seq")), PingOutput.rttNs(required(values, "rtt_ms")));
    }

    private static PingResult result(IpVersion version, Map<String, String> values) {
        return PingOutput.result(
                version,
                Integer.parseInt(required(values, "sent")),
                Integer.parseInt(required(values, "received")),
                values.getOrDefault("rtt_ms", "0/0/0"));
    }

    private static Map<String, String> values(String[] words) {
        Map<String, String> values = new HashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                values.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return values;
    }

    private static String required(Map<String, String> values, String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(key);
        }
        return value;
    }
}
