package io.weft.websocket;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;

/** Makes client ports from URIs. Threads: any. */
public final class WebSocketClientProvider implements PortProvider {
    @Override
    public List<String> schemes() {
        return List.of("ws", "wss");
    }

    @Override
    public String syntax() {
        return "ws://[USER:PASSWORD@]HOST[:PORT][/PATH], wss://…";
    }

    @Override
    public String summary() {
        return "Ethernet over WebSocket to a server: one port that reconnects for ever";
    }

    @Override
    public List<PortOption<?>> options() {
        return WebSocketOptions.OF_CLIENT;
    }

    @Override
    public PortDriver create(PortUri uri) {
        return new WebSocketClientPort(ClientConfig.of(uri));
    }
}
