package io.weft.websocket;

import io.weft.frame.Frame;
import io.weft.port.DropReason;
import java.nio.ByteBuffer;

/** What a {@link MessageDecoder} finds in a byte stream. Threads: called by whoever calls the decoder. */
interface MessageSink {
    /** Memory for an Ethernet frame, or {@code null} when there is none, which the sink has then counted. */
    Frame allocate(int length);

    /** An Ethernet frame; takes ownership. */
    void frame(Frame frame);

    /** Something that should have been a frame is not one. */
    void dropped(int length, DropReason reason);

    /** go-websockproxy's authentication frame: six zero bytes, then {@code AUTH} and a key. */
    void authFrame(int length);

    /** A text message; {@code payload} holds its first 125 bytes at most. Borrowed for the call. */
    void text(ByteBuffer payload, int length);

    /** A ping. Borrowed for the call. */
    void ping(ByteBuffer payload);

    /** A pong. */
    void pong();

    /** A Close frame, the last thing the decoder reports. {@link CloseCode#NONE} when it had no code. */
    void close(int code, String reason);
}
