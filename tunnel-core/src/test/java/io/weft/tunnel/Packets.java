package io.weft.tunnel;

import io.weft.frame.Frame;
import java.util.HexFormat;

/** Packets as hexadecimal text, with blanks for who reads them, and in frames. */
public final class Packets {
    private Packets() {}

    /** What the text says. */
    public static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    /** Without blanks. */
    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** The same of a frame. */
    public static String hex(Frame frame) {
        return hex(frame.toByteArray());
    }

    /** Gives a frame these bytes and the headroom of a new one; all around them are ones, which who reads too far sees. */
    public static void set(Frame frame, byte[] bytes) {
        frame.prepend(frame.headroom());
        int around = Math.min(Frame.HEADROOM + bytes.length + 64, frame.capacity());
        frame.length(around);
        for (int i = 0; i < around; i++) {
            frame.putByte(i, 0xff);
        }
        frame.consume(Frame.HEADROOM);
        frame.length(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
    }
}
