package io.weft.unix;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

/** Ethernet frames as bytes. */
final class Frames {
    private Frames() {}

    /** A frame whose payload counts up. */
    static byte[] of(String destination, String source, int length) {
        byte[] frame = new byte[length];
        byte[] header = HexFormat.of().parseHex(destination + source + "88b5");
        System.arraycopy(header, 0, frame, 0, Math.min(length, header.length));
        for (int i = header.length; i < length; i++) {
            frame[i] = (byte) i;
        }
        return frame;
    }

    /** A broadcast frame of a VM, told apart by its number. */
    static byte[] fromVm(int vm, int number, int length) {
        byte[] frame = of("ffffffffffff", String.format("0200000001%02x", vm), length);
        ByteBuffer.wrap(frame).putInt(14, number);
        return frame;
    }

    /** QEMU's stream format: a length of 4 bytes, then the frame. */
    static byte[] record(byte[] frame) {
        return ByteBuffer.allocate(4 + frame.length)
                .putInt(frame.length)
                .put(frame)
                .array();
    }

    static byte[] records(List<byte[]> frames) {
        ByteBuffer all = ByteBuffer.allocate(
                frames.stream().mapToInt(frame -> 4 + frame.length).sum());
        frames.forEach(frame -> all.putInt(frame.length).put(frame));
        return all.array();
    }
}
