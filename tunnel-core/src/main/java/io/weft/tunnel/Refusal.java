package io.weft.tunnel;

import io.weft.port.InvalidPortException;
import io.weft.port.PortOption;
import java.time.Duration;
import java.util.function.Function;

/**
 * How a value that is not accepted is refused, in the words in which {@link PortOption} does it: the same from a
 * URI, from the builder and from the settings.
 *
 * <p>Threads: immutable.
 *
 * @param scheme the kind of port, as in its URI
 * @param port what the switch calls the port
 */
public record Refusal(String scheme, String port) {
    /** An option's value is not accepted. */
    public InvalidPortException of(String option, Object value, String accepted) {
        return new InvalidPortException(message(option, value, accepted));
    }

    /** An option is needed and not given. */
    public InvalidPortException missing(String option, String accepted) {
        return plain("option " + option + " is missing; accepted: " + accepted);
    }

    /** No option is to blame. */
    public InvalidPortException plain(String words) {
        return new InvalidPortException(prefix() + words);
    }

    /**
     * Checks a number.
     *
     * @throws InvalidPortException when it is not {@code from..to}
     */
    public void range(String option, long value, long from, long to) {
        if (value < from || value > to) {
            throw of(option, value, from + ".." + to);
        }
    }

    /**
     * Reads a text.
     *
     * @throws InvalidPortException when {@code reader} throws an {@code IllegalArgumentException}
     */
    public <T> T read(String option, String accepted, String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidPortException(message(option, text, accepted), e);
        }
    }

    /**
     * Reads a text that has several parts, as {@link PortOption#explained} does.
     *
     * @throws InvalidPortException when {@code reader} throws an {@code IllegalArgumentException}, whose message is printed
     */
    public <T> T readParts(String option, String accepted, String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidPortException(
                    prefix() + "option " + option + " is '" + text + "'" + PortOption.explanation(e, accepted), e);
        }
    }

    private String message(String option, Object value, String accepted) {
        return prefix() + "option " + option + " is '" + text(value) + "'; accepted: " + accepted;
    }

    private String prefix() {
        return scheme + " port '" + port + "': ";
    }

    private static String text(Object value) {
        if (value instanceof Duration time) {
            return time.toMillis() % 1_000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
        }
        return String.valueOf(value);
    }
}
