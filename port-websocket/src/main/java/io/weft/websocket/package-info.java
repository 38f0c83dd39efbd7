/** Ethernet over WebSocket, as client and as server. */
package io.weft.websocket;
