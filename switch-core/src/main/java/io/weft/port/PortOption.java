package io.weft.port;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;

/**
 * An option of a port URI: its name, what it means, its default and how its text is read. Providers declare theirs as
 * constants, list them in {@link PortProvider#options()} and read them with {@link PortUri#get}; help and error messages
 * are made from the same declaration.
 *
 * @param <T> the type of the value
 */
public final class PortOption<T> {
    private static final String ACCEPTED = "; accepted: ";

    private final String name;
    private final String accepted;
    private final String defaultText;
    private final T defaultValue;
    private final String meaning;
    private final boolean secret;
    private final boolean explained;
    private final Function<String, T> reader;

    private PortOption(
            String name,
            String accepted,
            String defaultText,
            T defaultValue,
            String meaning,
            boolean secret,
            boolean explained,
            Function<String, T> reader) {
        this.name = Objects.requireNonNull(name);
        this.accepted = accepted;
        this.defaultText = defaultText;
        this.defaultValue = defaultValue;
        this.meaning = meaning;
        this.secret = secret;
        this.explained = explained;
        this.reader = reader;
    }

    /**
     * An option with a reader of its own.
     *
     * @param accepted what is accepted, for people: "an IPv4 or IPv6 address"
     * @param reader turns the text into the value; throws {@code IllegalArgumentException} for text it does not accept
     */
    public static <T> PortOption<T> of(String name, String accepted, Function<String, T> reader) {
        return new PortOption<>(name, accepted, "", null, "", false, false, reader);
    }

    /** Any text that is not empty. */
    public static PortOption<String> text(String name, String accepted) {
        return of(name, accepted, text -> {
            if (text.isEmpty()) {
                throw new IllegalArgumentException("empty");
            }
            return text;
        });
    }

    /** A whole number within a range. */
    public static PortOption<Integer> integer(String name, int from, int to) {
        return of(name, from + ".." + to, text -> {
            int value = Integer.parseInt(text);
            if (value < from || value > to) {
                throw new IllegalArgumentException("out of range");
            }
            return value;
        });
    }

    /** {@code true}/{@code false}, {@code on}/{@code off}, {@code yes}/{@code no}; an option without "=value" is true. */
    public static PortOption<Boolean> flag(String name) {
        return of(name, "true or false", text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "", "true", "on", "yes", "1" -> true;
            case "false", "off", "no", "0" -> false;
            default -> throw new IllegalArgumentException("neither");
        });
    }

    /** One word of a list. */
    public static PortOption<String> choice(String name, String... words) {
        List<String> all = List.of(words);
        return of(name, String.join(" or ", words), text -> {
            if (!all.contains(text)) {
                throw new IllegalArgumentException("not one of them");
            }
            return text;
        });
    }

    /** A time: a number with the unit {@code ms}, {@code s}, {@code m} or {@code h}. */
    public static PortOption<Duration> duration(String name, Duration from, Duration to) {
        return of(name, "a time as 500ms, 30s, 5m or 1h, from " + format(from) + " to " + format(to), text -> {
            Duration value = parseDuration(text);
            if (value.compareTo(from) < 0 || value.compareTo(to) > 0) {
                throw new IllegalArgumentException("out of range");
            }
            return value;
        });
    }

    private static Duration parseDuration(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        long number = Long.parseLong(text.substring(0, digits));
        return switch (text.substring(digits)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> throw new IllegalArgumentException("no unit");
        };
    }

    private static String format(Duration time) {
        return time.toMillis() % 1_000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
    }

    /** The same option with a default, written as a user would. */
    public PortOption<T> defaultValue(String text) {
        return new PortOption<>(name, accepted, text, reader.apply(text), meaning, secret, explained, reader);
    }

    /** The same option with what it means, a sentence without a full stop. */
    public PortOption<T> meaning(String sentence) {
        return new PortOption<>(name, accepted, defaultText, defaultValue, sentence, secret, explained, reader);
    }

    /** The same option, whose value is never printed. */
    public PortOption<T> secret() {
        return new PortOption<>(name, accepted, defaultText, defaultValue, meaning, true, explained, reader);
    }

    /** The same option, whose values have several parts: the message that its reader throws says which is wrong, and is printed. */
    public PortOption<T> explained() {
        return new PortOption<>(name, accepted, defaultText, defaultValue, meaning, secret, true, reader);
    }

    /** The name as it stands in the URI. */
    public String name() {
        return name;
    }

    /** What is accepted, for people. */
    public String accepted() {
        return accepted;
    }

    /** The default as text, empty when there is none. */
    public String defaultText() {
        return defaultText;
    }

    /** The value when the option is not given; {@code null} when it has no default. */
    public T defaultValue() {
        return defaultValue;
    }

    /** What it means. */
    public String meaning() {
        return meaning;
    }

    /** Whether its value must not be printed. */
    public boolean isSecret() {
        return secret;
    }

    /**
     * Reads a value.
     *
     * @throws InvalidPortException naming the option, the value and what is accepted
     */
    T read(PortUri uri, String text) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            String printed = secret ? "(not shown)" : text;
            throw new InvalidPortException(
                    uri.scheme() + " port '" + uri.authorityOrName() + "': option " + name + " is '" + printed + "'"
                            + (explained && !secret ? explanation(e, accepted) : ACCEPTED + accepted),
                    secret ? null : e); // its message may quote the text
        }
    }

    /**
     * What is said behind a value with several parts: what is wrong, by the message of who read it, and what is accepted: of the part
     * if the message has that, else of the whole.
     */
    public static String explanation(RuntimeException wrong, String accepted) {
        String reason = wrong.getMessage() == null ? "" : ": " + wrong.getMessage();
        return reason.contains(ACCEPTED) ? reason : reason + ACCEPTED + accepted;
    }
}
