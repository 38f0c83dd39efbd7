package io.weft.websocket;

import java.nio.ByteBuffer;

/**
 * The header of a WebSocket frame (RFC 6455 5.2).
 *
 * <pre>
 *   byte 0          byte 1                    then
 *   +---+---+----+  +----+-----------------+  +----------------------+--------------+
 *   |FIN|RSV|opc.|  |MASK| payload length  |  | 16 or 64 bits length | masking key  |
 *   | 1 | 3 | 4  |  | 1  | 0..125, 126, 127|  | if 126 or 127        | 32 bits      |
 *   +---+---+----+  +----+-----------------+  +----------------------+--------------+
 * </pre>
 *
 * <p>Threads: stateless.
 */
final class WebSocketHeader {
    static final int OPCODE_CONTINUATION = 0x0;
    static final int OPCODE_TEXT = 0x1;
    static final int OPCODE_BINARY = 0x2;
    static final int OPCODE_CLOSE = 0x8;
    static final int OPCODE_PING = 0x9;
    static final int OPCODE_PONG = 0xA;

    static final int FIN = 0x80;
    static final int RESERVED_BITS = 0x70;
    static final int MASKED = 0x80;
    static final int LENGTH_16 = 126;
    static final int LENGTH_64 = 127;

    /** Bytes of the longest header: 64-bit length and masking key. */
    static final int MAX_LENGTH = 14;

    /** Bytes of payload that a control frame may have (RFC 6455 5.5). */
    static final int MAX_CONTROL_PAYLOAD = 125;

    private WebSocketHeader() {}

    /** Bytes of the header for a payload of {@code payloadLength} bytes. */
    static int length(int payloadLength, boolean masked) {
        int lengthBytes = payloadLength < LENGTH_16 ? 0 : payloadLength <= 0xffff ? 2 : 8;
        return 2 + lengthBytes + (masked ? 4 : 0);
    }

    /** Writes the header of an unfragmented message at the buffer's position, which moves behind it. */
    static void put(ByteBuffer out, int opcode, int payloadLength, boolean masked, int key) {
        int mask = masked ? MASKED : 0;
        out.put((byte) (FIN | opcode));
        if (payloadLength < LENGTH_16) {
            out.put((byte) (mask | payloadLength));
        } else if (payloadLength <= 0xffff) {
            out.put((byte) (mask | LENGTH_16)).putShort((short) payloadLength);
        } else {
            out.put((byte) (mask | LENGTH_64)).putLong(payloadLength);
        }
        if (masked) {
            out.putInt(key);
        }
    }
}
