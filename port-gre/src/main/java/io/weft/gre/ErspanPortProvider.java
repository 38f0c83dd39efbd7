package io.weft.gre;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes {@link ErspanPort}s from {@code erspan:NAME?option=value&...}, NAME being what the switch calls the port.
 *
 * <p>Threads: any; stateless.
 */
public final class ErspanPortProvider implements PortProvider {
    /** For {@code ServiceLoader}. */
    public ErspanPortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of("erspan");
    }

    @Override
    public String syntax() {
        return "erspan:NAME";
    }

    @Override
    public String summary() {
        return "A mirror's output port: sends the copies as ERSPAN over GRE to who reads them, as Wireshark.";
    }

    @Override
    public List<PortOption<?>> options() {
        return ErspanOptions.ALL;
    }

    @Override
    public PortDriver create(PortUri uri) {
        ErspanBuilder builder = ErspanPort.builder(uri.target());
        take(uri, ErspanOptions.REMOTE_IP, builder::remote);
        take(uri, ErspanOptions.LOCAL_IP, builder::local);
        take(uri, ErspanOptions.ERSPAN_VER, builder::version);
        take(uri, ErspanOptions.KEY, builder::sessionId);
        take(uri, ErspanOptions.ERSPAN_IDX, builder::index);
        take(uri, ErspanOptions.ERSPAN_DIR, builder::direction);
        take(uri, ErspanOptions.ERSPAN_HWID, builder::hardwareId);
        take(uri, ErspanOptions.ERSPAN_TIMESTAMP, builder::timestamps);
        take(uri, ErspanOptions.TTL, builder::ttl);
        take(uri, ErspanOptions.TOS, builder::tos);
        take(uri, ErspanOptions.DF_DEFAULT, builder::dfDefault);
        take(uri, ErspanOptions.DEV, builder::dev);
        take(uri, ErspanOptions.NETNS, builder::netns);
        take(uri, ErspanOptions.MTU, builder::mtu);
        take(uri, ErspanOptions.SNDBUF, builder::sndbuf);
        return builder.build();
    }

    /** Only what is given: the builder has the defaults, and tells some of them from values that were given. */
    private static <T> void take(PortUri uri, PortOption<T> option, Consumer<T> setter) {
        if (uri.has(option)) {
            setter.accept(uri.get(option));
        }
    }
}
