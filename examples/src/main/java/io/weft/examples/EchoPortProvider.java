package io.weft.examples;

import io.weft.frame.MacAddress;
import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;

/** Gives {@link WriteYourOwnPort} a URI: {@code echo:NAME?mac=02:00:00:00:00:ec}. */
public final class EchoPortProvider implements PortProvider {
    private static final PortOption<Long> MAC = PortOption.of("mac", "a MAC address", MacAddress::parse)
            .defaultValue("02:00:00:00:00:ec")
            .meaning("the address of the station that answers");

    /** Found by {@code ServiceLoader}. */
    public EchoPortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of("echo");
    }

    @Override
    public String syntax() {
        return "echo:NAME";
    }

    @Override
    public String summary() {
        return "a station that sends every frame back to where it came from (the example of a port type)";
    }

    @Override
    public List<PortOption<?>> options() {
        return List.of(MAC);
    }

    @Override
    public PortDriver create(PortUri uri) {
        return new WriteYourOwnPort(uri.target(), uri.get(MAC));
    }
}
