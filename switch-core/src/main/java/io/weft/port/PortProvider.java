package io.weft.port;

import java.util.List;

/**
 * Makes drivers of one port type from URIs. Found with {@code ServiceLoader}: name the class in
 * {@code META-INF/services/io.weft.port.PortProvider}.
 *
 * <p>Threads: any; stateless.
 */
public interface PortProvider {
    /** The URI schemes this provider answers to, as {@code tap}, or {@code ws} and {@code wss}. */
    List<String> schemes();

    /** The form of the URI, as {@code tap:NAME}. */
    String syntax();

    /** One sentence that says what the port is. */
    String summary();

    /** All options, in the order they are listed in help and error messages. */
    List<PortOption<?>> options();

    /**
     * A driver for {@code uri}, not yet opened.
     *
     * @throws InvalidPortException naming the part of the URI or the option that is wrong, and what is accepted
     */
    PortDriver create(PortUri uri);
}
