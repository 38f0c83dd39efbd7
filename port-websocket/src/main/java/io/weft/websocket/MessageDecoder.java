package io.weft.websocket;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.port.DropReason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Takes a byte stream apart into messages (RFC 6455 5), however it is split: payload goes straight into the Ethernet frame's
 * memory, unmasked on the way.
 *
 * <p>Strict where the RFC says "fail": masking, reserved bits and opcodes, lengths not in their shortest form, control frames
 * that are fragmented or over 125 bytes, continuation out of order, invalid close codes. A message may have as many fragments
 * as it has bytes, but only {@link #MAX_EMPTY_FRAGMENTS} that add nothing: a peer cannot send for ever without ending one.
 *
 * <p>Nothing here throws for what a peer sends. After a violation or a Close frame the rest of the stream is ignored.
 *
 * <p>Threads: confined to the connection's event loop.
 */
final class MessageDecoder {
    /** Fragments without payload that one message may have. */
    static final int MAX_EMPTY_FRAGMENTS = 16;

    private static final long AUTH_PREFIX = 0x0000_0000_0000_4155L; // 00-00-00-00-00-00 "AU", in an eight-byte read
    private static final int AUTH_REST = 0x5448; // "TH"
    private static final int AUTH_LENGTH = 11;

    private static final int NO_MESSAGE = -1;

    private final boolean fromClient;
    private final int maxFrameLength;
    private final MessageSink sink;

    // The WebSocket frame that is being read.
    private final ByteBuffer header = ByteBuffer.allocate(WebSocketHeader.MAX_LENGTH);
    private int headerLength = 2;
    private boolean headerComplete;
    private boolean last;
    private int opcode;
    private int payloadLeft;
    private int key; // as it applies to the next payload byte

    // The data message that is being read, over all its fragments.
    private int message = NO_MESSAGE;
    private int messageLength;
    private int emptyFragments;
    private Frame frame; // null while none, or when there was no memory
    private int filled;

    private final ByteBuffer text = ByteBuffer.allocate(WebSocketHeader.MAX_CONTROL_PAYLOAD);
    private final ByteBuffer control = ByteBuffer.allocate(WebSocketHeader.MAX_CONTROL_PAYLOAD);

    private boolean ended;
    private int violation;
    private String violationReason = "";

    /**
     * @param fromClient whether the peer is a client, whose frames must be masked; a server's must not be
     * @param maxFrameLength longest Ethernet frame accepted, in bytes from the destination address on
     */
    MessageDecoder(boolean fromClient, int maxFrameLength, MessageSink sink) {
        this.fromClient = fromClient;
        this.maxFrameLength = maxFrameLength;
        this.sink = sink;
    }

    /**
     * Reads all bytes of {@code in}, a big-endian buffer.
     *
     * @return 0, or the code to close the connection with; {@link #violationReason()} says why
     */
    int decode(ByteBuffer in) {
        while (!ended && (headerComplete || readHeader(in)) && readPayload(in)) {
            endFrame();
            headerComplete = false;
            headerLength = 2;
            header.clear();
        }
        return violation;
    }

    /** What the peer did wrong, for the Close frame and for people. */
    String violationReason() {
        return violationReason;
    }

    /** Gives up a message that was not completed, at the end of the stream. */
    void release() {
        ended = true;
        if (frame != null) {
            frame.release();
            frame = null;
            sink.dropped(filled, DropReason.MALFORMED);
        }
    }

    private boolean fail(int code, String reason) {
        ended = true;
        violation = code;
        violationReason = reason;
        return false;
    }

    // ---- header ----

    /** Whether the header is complete and valid. */
    private boolean readHeader(ByteBuffer in) {
        if (!collectHeader(in) || (headerLength == 2 && !firstTwoBytes())) {
            return false;
        }
        return collectHeader(in) && beginFrame();
    }

    private boolean collectHeader(ByteBuffer in) {
        while (header.position() < headerLength && in.hasRemaining()) {
            header.put(in.get());
        }
        return header.position() == headerLength;
    }

    /** Checks what the first two bytes say and sets {@link #headerLength}; {@code false} after a violation. */
    private boolean firstTwoBytes() {
        int first = header.get(0) & 0xff;
        int second = header.get(1) & 0xff;
        last = (first & WebSocketHeader.FIN) != 0;
        opcode = first & 0xf;
        boolean masked = (second & WebSocketHeader.MASKED) != 0;
        int length = second & 0x7f;
        if ((first & WebSocketHeader.RESERVED_BITS) != 0) {
            return fail(CloseCode.PROTOCOL_ERROR, "reserved bits set, and no extension was agreed on");
        }
        if (masked != fromClient) {
            return fail(
                    CloseCode.PROTOCOL_ERROR,
                    fromClient ? "a client's frame is not masked" : "a server's frame is masked");
        }
        switch (opcode) {
            case WebSocketHeader.OPCODE_CLOSE, WebSocketHeader.OPCODE_PING, WebSocketHeader.OPCODE_PONG -> {
                if (!last) {
                    return fail(CloseCode.PROTOCOL_ERROR, "a control frame is fragmented");
                }
                if (length > WebSocketHeader.MAX_CONTROL_PAYLOAD) {
                    return fail(CloseCode.PROTOCOL_ERROR, "a control frame is longer than 125 bytes");
                }
            }
            case WebSocketHeader.OPCODE_TEXT, WebSocketHeader.OPCODE_BINARY -> {
                if (message != NO_MESSAGE) {
                    return fail(CloseCode.PROTOCOL_ERROR, "a message begins inside another");
                }
            }
            case WebSocketHeader.OPCODE_CONTINUATION -> {
                if (message == NO_MESSAGE) {
                    return fail(CloseCode.PROTOCOL_ERROR, "a continuation without a message");
                }
            }
            default -> {
                return fail(CloseCode.PROTOCOL_ERROR, "reserved opcode " + opcode);
            }
        }
        int lengthBytes = length == WebSocketHeader.LENGTH_16 ? 2 : length == WebSocketHeader.LENGTH_64 ? 8 : 0;
        headerLength = 2 + lengthBytes + (masked ? 4 : 0);
        return true;
    }

    /** Reads length and key from the complete header and prepares for the payload. */
    private boolean beginFrame() {
        long length = header.get(1) & 0x7f;
        if (length == WebSocketHeader.LENGTH_16) {
            length = header.getShort(2) & 0xffff;
            if (length < WebSocketHeader.LENGTH_16) {
                return fail(CloseCode.PROTOCOL_ERROR, "a length is not in its shortest form");
            }
        } else if (length == WebSocketHeader.LENGTH_64) {
            length = header.getLong(2);
            if (length >= 0 && length <= 0xffff) {
                return fail(CloseCode.PROTOCOL_ERROR, "a length is not in its shortest form");
            }
            if (length < 0) {
                return fail(CloseCode.PROTOCOL_ERROR, "a 64-bit length has its highest bit set");
            }
        }
        key = fromClient ? header.getInt(headerLength - 4) : 0;
        if (opcode >= WebSocketHeader.OPCODE_CLOSE) {
            control.clear();
        } else if (!beginFragment(length)) {
            return false;
        }
        payloadLeft = (int) length;
        headerComplete = true;
        return true;
    }

    private boolean beginFragment(long length) {
        if (opcode != WebSocketHeader.OPCODE_CONTINUATION) {
            message = opcode;
            messageLength = 0;
            emptyFragments = 0;
            filled = 0;
            text.clear();
        }
        if (length > maxFrameLength - messageLength) {
            abandonFrame();
            sink.dropped((int) Math.min(messageLength + length, Integer.MAX_VALUE), DropReason.RX_TOO_LONG);
            return fail(CloseCode.TOO_BIG, "a message is longer than " + maxFrameLength + " bytes");
        }
        if (length == 0 && !last && ++emptyFragments > MAX_EMPTY_FRAGMENTS) {
            return fail(CloseCode.POLICY, "a message has more than " + MAX_EMPTY_FRAGMENTS + " empty fragments");
        }
        messageLength += (int) length;
        if (opcode == WebSocketHeader.OPCODE_BINARY) {
            // How long a fragmented message becomes is known when it ends: it gets room for the longest.
            frame = sink.allocate(last ? messageLength : maxFrameLength);
        }
        return true;
    }

    private void abandonFrame() {
        if (frame != null) {
            frame.release();
            frame = null;
        }
    }

    // ---- payload ----

    /** Moves payload bytes to where they belong; whether the frame's payload is complete. */
    private boolean readPayload(ByteBuffer in) {
        int count = Math.min(payloadLeft, in.remaining());
        if (count > 0) {
            int from = in.position();
            if (opcode >= WebSocketHeader.OPCODE_CLOSE) {
                keep(in, from, count, control);
            } else if (message == WebSocketHeader.OPCODE_TEXT) {
                keep(in, from, Math.min(count, text.remaining()), text);
            } else if (frame != null) {
                ByteBuffer target = frame.bytes();
                int to = target.position() + filled;
                if (fromClient) {
                    Masking.copy(in, from, target, to, count, key);
                } else {
                    target.put(to, in, from, count);
                }
                filled += count;
            }
            in.position(from + count);
            key = Masking.rotate(key, count);
            payloadLeft -= count;
        }
        return payloadLeft == 0;
    }

    private void keep(ByteBuffer in, int from, int count, ByteBuffer target) {
        Masking.copy(in, from, target, target.position(), count, key);
        target.position(target.position() + count);
    }

    // ---- end of a frame ----

    private void endFrame() {
        switch (opcode) {
            case WebSocketHeader.OPCODE_PING -> sink.ping(control.flip());
            case WebSocketHeader.OPCODE_PONG -> sink.pong();
            case WebSocketHeader.OPCODE_CLOSE -> endClose(control.flip());
            default -> {
                if (last) {
                    endMessage();
                }
            }
        }
    }

    private void endMessage() {
        int ending = message;
        message = NO_MESSAGE;
        if (ending == WebSocketHeader.OPCODE_TEXT) {
            sink.text(text.flip(), messageLength);
            return;
        }
        Frame complete = frame;
        frame = null;
        if (complete == null) {
            return; // there was no memory for it, which allocate() has counted
        }
        complete.length(filled);
        if (isAuth(complete)) {
            complete.release();
            sink.authFrame(filled);
        } else if (filled < Ethernet.HEADER_LENGTH) {
            complete.release();
            sink.dropped(filled, DropReason.RUNT);
        } else {
            sink.frame(complete);
        }
    }

    private static boolean isAuth(Frame frame) {
        return frame.length() >= AUTH_LENGTH
                && frame.getLong(0) == AUTH_PREFIX
                && frame.getShort(8) == AUTH_REST
                && frame.getByte(10) == ' ';
    }

    private void endClose(ByteBuffer payload) {
        ended = true;
        int code = CloseCode.NONE;
        String reason = "";
        if (payload.remaining() == 1) {
            fail(CloseCode.PROTOCOL_ERROR, "a close code of one byte");
            return;
        }
        if (payload.remaining() >= 2) {
            code = payload.getShort() & 0xffff;
            if (!CloseCode.mayBeSent(code)) {
                fail(CloseCode.PROTOCOL_ERROR, "close code " + code + " must not be sent");
                return;
            }
            try {
                reason = StandardCharsets.UTF_8.newDecoder().decode(payload).toString();
            } catch (CharacterCodingException e) {
                fail(CloseCode.INVALID_TEXT, "a close reason is not UTF-8");
                return;
            }
        }
        sink.close(code, reason);
    }
}
