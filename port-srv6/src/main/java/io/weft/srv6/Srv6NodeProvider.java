package io.weft.srv6;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;

/**
 * Makes {@link Srv6Node}s from {@code srv6-node:NAME?option=value&...}, NAME being for messages and figures.
 *
 * <p>Threads: any; stateless.
 */
public final class Srv6NodeProvider implements PortProvider {
    /** For {@code ServiceLoader}. */
    public Srv6NodeProvider() {}

    @Override
    public List<String> schemes() {
        return List.of(Srv6NodeBuilder.SCHEME);
    }

    @Override
    public String syntax() {
        return "srv6-node:NAME";
    }

    @Override
    public String summary() {
        return "A waypoint of segment routing over IPv6: packets to its SIDs are sent on to their next segment.";
    }

    @Override
    public List<PortOption<?>> options() {
        return Srv6Options.OF_NODE;
    }

    @Override
    public PortDriver create(PortUri uri) {
        return Srv6Options.createNode(uri);
    }
}
