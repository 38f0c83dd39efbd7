/**
 * Ethernet over WebSocket (RFC 6455): one binary message is one Ethernet frame, from the destination address on, without
 * FCS. It is what etherws, websockproxy, v86, jor1k and go-websockproxy speak.
 *
 * <p>{@link io.weft.websocket.WebSocketClientPort} is one port that keeps its tunnel to a server alive;
 * {@link io.weft.websocket.WebSocketListener} accepts clients and makes each a port of its own. Netty brings sockets, TLS
 * and HTTP; after the upgrade the bytes go through this package's own codec, which copies each frame once, unmasking on the
 * way.
 *
 * <p>The path of a frame, switch to peer: {@code WebSocketPort.transmit} (any worker) puts it into a bounded ring and wakes
 * the event loop once; there {@code WebSocketConnection} writes bursts with {@code MessageEncoder}. Peer to switch:
 * {@code WebSocketConnection.channelRead}, {@code MessageDecoder}, the port's inbox, the worker.
 */
package io.weft.websocket;
