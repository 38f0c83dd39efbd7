package io.weft.websocket;

import io.weft.frame.Frame;
import java.nio.ByteBuffer;

/**
 * Writes WebSocket frames: a server's are plain, a client's are masked with a fresh key each (RFC 6455 5.1).
 *
 * <p>Threads: confined to the connection's event loop.
 */
final class MessageEncoder {
    private final MaskKeys keys; // null for a server

    private MessageEncoder(MaskKeys keys) {
        this.keys = keys;
    }

    static MessageEncoder forServer() {
        return new MessageEncoder(null);
    }

    static MessageEncoder forClient() {
        return new MessageEncoder(new MaskKeys());
    }

    /** Bytes on the wire of a message with a payload of {@code payloadLength} bytes. */
    int encodedLength(int payloadLength) {
        return WebSocketHeader.length(payloadLength, keys != null) + payloadLength;
    }

    /** Writes an Ethernet frame as one binary message at the buffer's position, which moves; borrows the frame. */
    void binary(Frame frame, ByteBuffer out) {
        put(WebSocketHeader.OPCODE_BINARY, frame.bytes(), out);
    }

    /** Writes a message of another kind; the payload's remaining bytes. */
    void message(int opcode, ByteBuffer payload, ByteBuffer out) {
        put(opcode, payload, out);
    }

    private void put(int opcode, ByteBuffer payload, ByteBuffer out) {
        int length = payload.remaining();
        int key = keys == null ? 0 : keys.next();
        WebSocketHeader.put(out, opcode, length, keys != null, key);
        if (keys == null) {
            out.put(out.position(), payload, payload.position(), length);
        } else {
            Masking.copy(payload, payload.position(), out, out.position(), length, key);
        }
        out.position(out.position() + length);
    }
}
