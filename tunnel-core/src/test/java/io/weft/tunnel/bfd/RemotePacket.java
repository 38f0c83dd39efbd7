package io.weft.tunnel.bfd;

import io.weft.frame.Frame;
import java.nio.ByteBuffer;

/** A control packet as some remote end would send it, byte for byte, made without the code under test. */
final class RemotePacket {
    static final int DISCRIMINATOR = 0x0badcafe;

    private final byte[] bytes;

    /** One of a remote end with intervals of one second and multiplier 3 that does not know our discriminator. */
    RemotePacket(BfdState state) {
        bytes = ByteBuffer.allocate(24)
                .put((byte) 0x20)
                .put((byte) (state.code() << 6))
                .put((byte) 3)
                .put((byte) 24)
                .putInt(DISCRIMINATOR)
                .putInt(0)
                .putInt(1_000_000)
                .putInt(1_000_000)
                .putInt(0)
                .array();
    }

    /** As sent by an end that has heard {@code session}. */
    static RemotePacket to(BfdSession session, BfdState state) {
        return new RemotePacket(state).yours(session.discriminator());
    }

    RemotePacket set(int index, int value) {
        bytes[index] = (byte) value;
        return this;
    }

    RemotePacket flags(int flags) {
        bytes[1] |= (byte) flags;
        return this;
    }

    RemotePacket diagnostic(int code) {
        return set(0, 0x20 | code);
    }

    RemotePacket multiplier(int value) {
        return set(2, value);
    }

    RemotePacket yours(int discriminator) {
        return putInt(8, discriminator);
    }

    RemotePacket transmitUs(int value) {
        return putInt(12, value);
    }

    RemotePacket receiveUs(int value) {
        return putInt(16, value);
    }

    RemotePacket putInt(int index, int value) {
        ByteBuffer.wrap(bytes).putInt(index, value);
        return this;
    }

    /** Hands it over, at an offset at which nothing is aligned. */
    BfdRefusal giveTo(BfdSession session, Frame frame, long nowNs) {
        frame.putBytes(5, bytes, 0, bytes.length);
        return session.onPacket(frame, 5, bytes.length, nowNs);
    }

    byte[] bytes() {
        return bytes.clone();
    }
}
