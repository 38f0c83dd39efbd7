package io.weft.websocket;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Writes down what a decoder finds, a line for each. */
final class RecordingSink implements MessageSink {
    final List<String> found = new ArrayList<>();
    final List<byte[]> frames = new ArrayList<>();
    final FramePool pool;

    RecordingSink() {
        this(new FramePool(16, 4));
    }

    RecordingSink(FramePool pool) {
        this.pool = pool;
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }

    @Override
    public Frame allocate(int length) {
        Frame frame = pool.allocate(length);
        if (frame == null) {
            found.add("no memory for " + length);
        }
        return frame;
    }

    @Override
    public void frame(Frame frame) {
        frames.add(frame.toByteArray());
        found.add("frame " + frame.length());
        frame.release();
    }

    @Override
    public void dropped(int length, DropReason reason) {
        found.add(reason + " " + length);
    }

    @Override
    public void authFrame(int length) {
        found.add("auth " + length);
    }

    @Override
    public void text(ByteBuffer payload, int length) {
        found.add("text " + length + " " + StandardCharsets.UTF_8.decode(payload.duplicate()));
    }

    @Override
    public void ping(ByteBuffer payload) {
        found.add("ping " + hex(payload));
    }

    @Override
    public void pong() {
        found.add("pong");
    }

    @Override
    public void close(int code, String reason) {
        found.add("close " + code + " " + reason);
    }
}
