package io.weft.packet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Capture files made by hand, in either byte order, right and wrong ones. */
final class CaptureBytes {
    static final int ETHERNET = 1;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private ByteOrder order;

    CaptureBytes(ByteOrder order) {
        this.order = order;
    }

    /** An Ethernet frame whose bytes differ with {@code number}. */
    static byte[] frame(int number, int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte)
                    (i < 6 ? 0xff : i < 11 ? 2 : i == 11 ? number : i == 12 ? 0x88 : i == 13 ? 0xb5 : i * number);
        }
        return frame;
    }

    // ---- parts ----

    CaptureBytes ints(int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(order);
        for (int value : values) {
            buffer.putInt(value);
        }
        bytes.writeBytes(buffer.array());
        return this;
    }

    CaptureBytes shorts(int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(2 * values.length).order(order);
        for (int value : values) {
            buffer.putShort((short) value);
        }
        bytes.writeBytes(buffer.array());
        return this;
    }

    CaptureBytes raw(byte[] data) {
        bytes.writeBytes(data);
        return this;
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    /** The same without its last bytes. */
    byte[] without(int last) {
        return Arrays.copyOf(toBytes(), bytes.size() - last);
    }

    Path writeTo(Path file) throws IOException {
        return Files.write(file, toBytes());
    }

    // ---- pcap ----

    static CaptureBytes pcap(ByteOrder order, int magic, int linkType) {
        return new CaptureBytes(order).ints(magic).shorts(2, 4).ints(0, 0, 65_535, linkType);
    }

    /** Microseconds. */
    static CaptureBytes pcap(ByteOrder order) {
        return pcap(order, 0xA1B2C3D4, ETHERNET);
    }

    CaptureBytes packet(int seconds, int fraction, byte[] frame) {
        return packet(seconds, fraction, frame, frame.length);
    }

    CaptureBytes packet(int seconds, int fraction, byte[] kept, int originalLength) {
        return ints(seconds, fraction, kept.length, originalLength).raw(kept);
    }

    // ---- pcapng ----

    static CaptureBytes pcapng(ByteOrder order) {
        return new CaptureBytes(order).section(order);
    }

    /** Another section, from here on in this order. */
    CaptureBytes section(ByteOrder newOrder) {
        order = newOrder;
        return ints(0x0A0D0D0A, 28, 0x1A2B3C4D).shorts(1, 0).ints(-1, -1, 28);
    }

    /** With timestamps in microseconds. */
    CaptureBytes link(int linkType) {
        return ints(1, 20).shorts(linkType, 0).ints(0, 20);
    }

    CaptureBytes link(int linkType, int snapLength, CaptureBytes options) {
        int length = 20 + options.bytes.size();
        return ints(1, length)
                .shorts(linkType, 0)
                .ints(snapLength)
                .raw(options.toBytes())
                .ints(length);
    }

    /** Of an interface, with padding. */
    CaptureBytes option(int code, byte... value) {
        return shorts(code, value.length).raw(Arrays.copyOf(value, value.length + 3 & ~3));
    }

    CaptureBytes options() {
        return new CaptureBytes(order);
    }

    /** Any block; the body has a length that is a multiple of 4. */
    CaptureBytes block(int type, byte[] body) {
        return ints(type, 12 + body.length).raw(body).ints(12 + body.length);
    }

    CaptureBytes enhanced(int link, long timestamp, byte[] frame) {
        return enhanced(link, timestamp, frame, frame.length);
    }

    CaptureBytes enhanced(int link, long timestamp, byte[] kept, int originalLength) {
        byte[] padded = Arrays.copyOf(kept, kept.length + 3 & ~3);
        int length = 32 + padded.length;
        return ints(6, length, link, (int) (timestamp >>> 32), (int) timestamp, kept.length, originalLength)
                .raw(padded)
                .ints(length);
    }

    CaptureBytes simple(byte[] kept, int originalLength) {
        byte[] padded = Arrays.copyOf(kept, kept.length + 3 & ~3);
        return ints(3, 16 + padded.length, originalLength).raw(padded).ints(16 + padded.length);
    }

    CaptureBytes obsolete(int link, long timestamp, byte[] frame) {
        byte[] padded = Arrays.copyOf(frame, frame.length + 3 & ~3);
        int length = 32 + padded.length;
        return ints(2, length)
                .shorts(link, 0xffff)
                .ints((int) (timestamp >>> 32), (int) timestamp, frame.length, frame.length)
                .raw(padded)
                .ints(length);
    }
}
