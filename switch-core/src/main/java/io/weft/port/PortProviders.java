package io.weft.port;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/**
 * The port types on the class path.
 *
 * <p>Threads: any.
 */
public final class PortProviders {
    private PortProviders() {}

    /** All providers found, ordered by their first scheme. */
    public static List<PortProvider> all() {
        List<PortProvider> found = new ArrayList<>();
        ServiceLoader.load(PortProvider.class).forEach(found::add);
        found.sort(Comparator.comparing(provider -> provider.schemes().get(0)));
        return found;
    }

    /**
     * A driver for a URI, not yet opened.
     *
     * @throws InvalidPortException when the URI is malformed, no provider answers to its scheme, an option is unknown or
     *     a value is not accepted
     */
    public static PortDriver create(String uri) {
        PortUri parsed = PortUri.parse(uri);
        List<String> known = new ArrayList<>();
        for (PortProvider provider : all()) {
            if (provider.schemes().contains(parsed.scheme())) {
                parsed.requireKnown(provider.options());
                return provider.create(parsed);
            }
            known.addAll(provider.schemes());
        }
        throw new InvalidPortException("no port type '" + parsed.scheme() + "' for '" + parsed
                + "'; found on the class path: " + (known.isEmpty() ? "none" : String.join(", ", known)));
    }
}
