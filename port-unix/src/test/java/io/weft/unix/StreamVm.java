package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A VM's end of a stream connection, over the JDK's own unix sockets. */
final class StreamVm implements AutoCloseable {
    final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(1 << 20);

    StreamVm(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
    }

    static StreamVm connect(Path path) throws IOException {
        return new StreamVm(SocketChannel.open(UnixDomainSocketAddress.of(path)));
    }

    /** Writes bytes that must fit into the socket's buffer. */
    void write(byte... bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        channel.write(buffer);
        assertThat(buffer.hasRemaining()).as("the socket took everything").isFalse();
    }

    void send(byte[] frame) throws IOException {
        write(Frames.record(frame));
    }

    /** Everything that has arrived, cut into frames; fails when something is left over. */
    List<byte[]> frames() throws IOException {
        List<byte[]> frames = new ArrayList<>();
        while (channel.read(in) > 0) {
            in.flip();
            while (in.remaining() >= 4 && in.remaining() >= 4 + in.getInt(in.position())) {
                byte[] frame = new byte[in.getInt()];
                in.get(frame);
                frames.add(frame);
            }
            in.compact();
        }
        return frames;
    }

    /** The next frame, or {@code null} when none arrives within {@code timeoutMs}. Not together with {@link #frames}. */
    byte[] receive(long timeoutMs) throws IOException {
        long deadline = System.nanoTime() + timeoutMs * 1_000_000;
        try (Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_READ);
            while (in.position() < 4 || in.position() < 4 + in.getInt(0)) {
                long leftMs = (deadline - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    return null;
                }
                selector.select(leftMs);
                selector.selectedKeys().clear();
                if (channel.read(in) < 0) {
                    return null;
                }
            }
        }
        in.flip();
        byte[] frame = new byte[in.getInt()];
        in.get(frame);
        in.compact();
        return frame;
    }

    /** Bytes of a frame that has arrived in part. */
    int leftOver() {
        return in.position();
    }

    /** Whether the other end has closed the connection. */
    boolean isClosedByPeer() throws IOException {
        try {
            return channel.read(ByteBuffer.allocate(1)) == -1;
        } catch (IOException e) {
            return true; // reset: it closed with our bytes unread
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
