package io.weft.websocket;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;

/** Makes listeners from URIs. Threads: any. */
public final class WebSocketListenerProvider implements PortProvider {
    @Override
    public List<String> schemes() {
        return List.of("ws-listen", "wss-listen");
    }

    @Override
    public String syntax() {
        return "ws-listen://[ADDRESS]:PORT[/PATH], wss-listen://…";
    }

    @Override
    public String summary() {
        return "Ethernet over WebSocket as a server: each client becomes a port; on 127.0.0.1 unless an address is given";
    }

    @Override
    public List<PortOption<?>> options() {
        return WebSocketOptions.OF_LISTENER;
    }

    @Override
    public PortDriver create(PortUri uri) {
        return new WebSocketListener(ListenerConfig.of(uri));
    }
}
