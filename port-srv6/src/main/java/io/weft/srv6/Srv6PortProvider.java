package io.weft.srv6;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;

/**
 * Makes {@link Srv6Port}s from {@code srv6:NAME?option=value&...}, NAME being what the switch calls the port.
 *
 * <p>Threads: any; stateless.
 */
public final class Srv6PortProvider implements PortProvider {
    /** For {@code ServiceLoader}. */
    public Srv6PortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of(Srv6Builder.SCHEME);
    }

    @Override
    public String syntax() {
        return "srv6:NAME";
    }

    @Override
    public String summary() {
        return "Ethernet frames or IP packets in segment routing over IPv6, between two ends or many.";
    }

    @Override
    public List<PortOption<?>> options() {
        return Srv6Options.OF_PORT;
    }

    @Override
    public PortDriver create(PortUri uri) {
        return Srv6Options.create(uri);
    }
}
