package io.weft.port;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A port written as a URI.
 *
 * <pre>
 *   uri    = scheme ":" target [ "?" option *( "&amp;" option ) ]
 *   option = name [ "=" value ]
 *   target = name                            as in tap:tap0
 *          | path                            as in qemu:/run/vm1.sock
 *          | "//" [ user "@" ] host [ ":" port ] [ path ]     as in ws://host:8080/lan
 * </pre>
 *
 * <p>Names and values may contain percent escapes; a name may be repeated where the option is a list. A URI says
 * everything that its provider needs; nothing else configures a port made from it.
 *
 * <p>Threads: immutable.
 */
public final class PortUri {
    private static final Pattern FORM =
            Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):([^?]*)(?:\\?(.*))?", Pattern.DOTALL);
    private static final Pattern USER = Pattern.compile("^//[^/]*@");
    private static final Pattern PASSWORD = Pattern.compile("(//[^/@:]*):[^/]*@");

    private final String scheme;
    private final String target;
    private final Map<String, List<String>> options;

    private PortUri(String scheme, String target, Map<String, List<String>> options) {
        this.scheme = scheme;
        this.target = target;
        this.options = options;
    }

    /**
     * Reads a URI.
     *
     * @throws InvalidPortException saying what is missing
     */
    public static PortUri parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new InvalidPortException("'" + withoutPassword(text.split("\\?", 2)[0])
                    + "' is not a port; accepted: TYPE:NAME?OPTION=VALUE&..., as tap:tap0?mtu=9000");
        }
        Map<String, List<String>> options = new LinkedHashMap<>();
        PortUri uri = new PortUri(form.group(1).toLowerCase(Locale.ROOT), form.group(2), options);
        String query = form.group(3);
        if (query != null) {
            for (String option : query.split("&", -1)) {
                int equals = option.indexOf('=');
                String name = equals < 0 ? option : option.substring(0, equals);
                if (name.isEmpty()) {
                    throw new InvalidPortException("'" + uri + "': an option has no name; accepted: name=value&...");
                }
                options.computeIfAbsent(uri.decode(name, name), key -> new ArrayList<>())
                        .add(equals < 0 ? "" : uri.decode(name, option.substring(equals + 1)));
            }
        }
        return uri;
    }

    /** Undoes percent escapes; the message does not quote the part, which may be a password. */
    private String decode(String name, String part) {
        try {
            // "+" stands for itself: URLDecoder would make it a space.
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new InvalidPortException("'" + this + "': option " + name
                    + " has a broken percent escape; accepted: % and two hexadecimal digits, %25 for % itself");
        }
    }

    /** The port type, lower case. */
    public String scheme() {
        return scheme;
    }

    /** What stands between the scheme and the options: {@code tap0}, {@code /run/vm1.sock}, {@code //host:8080/lan}. */
    public String target() {
        return target;
    }

    /** The target without a user and password, for messages. */
    public String authorityOrName() {
        return USER.matcher(target).replaceFirst("//");
    }

    /**
     * The value of an option, or its default.
     *
     * @throws InvalidPortException when its text is not accepted, or it is given more than once
     */
    public <T> T get(PortOption<T> option) {
        List<String> given = options.get(option.name());
        if (given == null) {
            return option.defaultValue();
        }
        if (given.size() > 1) {
            throw new InvalidPortException(scheme + " port '" + authorityOrName() + "': option " + option.name()
                    + " is given " + given.size() + " times; accepted: once");
        }
        return option.read(this, given.get(0));
    }

    /** All values of an option that may be repeated; empty when it is not given. */
    public <T> List<T> getAll(PortOption<T> option) {
        return options.getOrDefault(option.name(), List.of()).stream()
                .map(value -> option.read(this, value))
                .toList();
    }

    /** Whether the option is given. */
    public boolean has(PortOption<?> option) {
        return options.containsKey(option.name());
    }

    /**
     * Checks that only known options are given.
     *
     * @throws InvalidPortException naming the unknown one and listing the known
     */
    public void requireKnown(List<PortOption<?>> known) {
        Set<String> names = new HashSet<>();
        known.forEach(option -> names.add(option.name()));
        for (String given : options.keySet()) {
            if (!names.contains(given)) {
                throw new InvalidPortException(scheme + " port '" + authorityOrName() + "': unknown option '" + given
                        + "'; accepted: "
                        + (known.isEmpty()
                                ? "none"
                                : String.join(
                                        ", ",
                                        known.stream().map(PortOption::name).toList())));
            }
        }
    }

    /** The URI without a password and without options, which may be secret too: for messages. */
    @Override
    public String toString() {
        return scheme + ":" + withoutPassword(target);
    }

    private static String withoutPassword(String target) {
        return PASSWORD.matcher(target).replaceFirst("$1:***@");
    }
}
