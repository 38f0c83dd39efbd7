package io.weft.packet;

import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** A file in memory that gives few bytes at a time, as a slow disk may. */
final class BytesChannel implements SeekableByteChannel {
    private final byte[] bytes;
    private final int atMost;
    private long position;
    private boolean open = true;

    BytesChannel(byte[] bytes, int atMost) {
        this.bytes = bytes;
        this.atMost = atMost;
    }

    @Override
    public int read(ByteBuffer into) {
        if (position >= bytes.length) {
            return -1;
        }
        int count = Math.min(Math.min(atMost, into.remaining()), (int) (bytes.length - position));
        into.put(bytes, (int) position, count);
        position += count;
        return count;
    }

    @Override
    public int write(ByteBuffer from) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
        position = newPosition;
        return this;
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
