package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.frame.IpAddress;
import java.util.HexFormat;

/** Packets as hexadecimal text, with blanks for who reads them, and in frames. */
final class Packets {
    private Packets() {}

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static String hex(Frame frame) {
        return hex(frame.toByteArray());
    }

    /** First and last eight bytes of an IPv6 address. */
    static long[] address(String text) {
        return IpAddress.parseIpv6(text);
    }

    /** Gives a frame these bytes and the headroom of a new one; all around them are ones, which who reads too far sees. */
    static void set(Frame frame, byte[] bytes) {
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
