package io.weft.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.capture.PcapngWriter.Direction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Any names and frames written as pcapng and read again by the draft's rules alone.
 *
 * <p>The input: a byte that says how many bytes the channel takes at a time, then blocks. A block's first byte says what it
 * is: below 32 an interface with a name of as many bytes as the next byte says, repeated so many times plus one; else a
 * frame of as many bytes as the next two say, of which so many plus one times the next are kept at most.
 */
class PcapngFuzzTest {
    private record Packet(int port, long timestampNs, byte[] bytes, int originalLength, int direction) {}

    @FuzzTest
    void shouldReadWhatWasWritten(byte[] input) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(input);
        SlowChannel channel = new SlowChannel(1 + nextByte(in));
        List<String> names = new ArrayList<>();
        List<Packet> packets = new ArrayList<>();
        try (PcapngWriter writer = new PcapngWriter(channel)) {
            while (in.hasRemaining()) {
                int what = nextByte(in);
                if (what < 32) {
                    String name = new String(next(in, nextByte(in)), StandardCharsets.UTF_8).repeat(what + 1);
                    assertThat(writer.addInterface(name, what)).isEqualTo(names.size());
                    names.add(name);
                } else if (!names.isEmpty()) {
                    int length = nextByte(in) << 8 | nextByte(in);
                    byte[] kept = next(in, Math.min(length, (what + 1) * nextByte(in)));
                    Packet packet = new Packet(
                            what % names.size(),
                            0x0123_4567_89AB_CDEFL * length ^ in.remaining(),
                            kept,
                            length,
                            1 + what % 2);
                    writer.write(
                            packet.port(),
                            packet.timestampNs(),
                            ByteBuffer.wrap(kept),
                            length,
                            what % 2 == 0 ? Direction.INBOUND : Direction.OUTBOUND);
                    packets.add(packet);
                }
            }
        }
        read(channel.taken.toByteArray(), names, packets);
    }

    private static int nextByte(ByteBuffer in) {
        return in.hasRemaining() ? in.get() & 0xff : 0;
    }

    /** So many bytes; where the input ends, zeros. */
    private static byte[] next(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes, 0, Math.min(length, in.remaining()));
        return bytes;
    }

    private static void read(byte[] bytes, List<String> names, List<Packet> packets) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(file.getInt(0)).isEqualTo(0x0A0D0D0A);
        int ports = 0;
        int frames = 0;
        int at = 0;
        while (at < file.limit()) {
            int length = file.getInt(at + 4);
            assertThat(length).isGreaterThanOrEqualTo(12).isLessThanOrEqualTo(file.limit() - at);
            assertThat(length % 4).isZero();
            assertThat(file.getInt(at + length - 4)).isEqualTo(length);
            ByteBuffer body = file.slice(at + 8, length - 12).order(ByteOrder.LITTLE_ENDIAN);
            switch (file.getInt(at)) {
                case 1 -> readInterface(body, names.get(ports++));
                case 6 -> readPacket(body, packets.get(frames++));
                default -> assertThat(at).as("section header").isZero();
            }
            at += length;
        }
        assertThat(ports).isEqualTo(names.size());
        assertThat(frames).isEqualTo(packets.size());
    }

    private static void readInterface(ByteBuffer body, String name) {
        assertThat(body.getShort()).as("Ethernet").isEqualTo((short) 1);
        body.position(8);
        assertThat(option(body, 2)).isEqualTo(name.getBytes(StandardCharsets.UTF_8));
        assertThat(option(body, 9)).containsExactly(9);
        assertThat(option(body, 0)).isEmpty();
        assertThat(body.hasRemaining()).isFalse();
    }

    private static void readPacket(ByteBuffer body, Packet packet) {
        assertThat(body.getInt()).isEqualTo(packet.port());
        assertThat((long) body.getInt() << 32 | body.getInt() & 0xFFFF_FFFFL).isEqualTo(packet.timestampNs());
        assertThat(body.getInt()).isEqualTo(packet.bytes().length);
        assertThat(body.getInt()).isEqualTo(packet.originalLength());
        assertThat(padded(body, packet.bytes().length)).isEqualTo(packet.bytes());
        assertThat(option(body, 2)).containsExactly(packet.direction(), 0, 0, 0);
        assertThat(option(body, 0)).isEmpty();
        assertThat(body.hasRemaining()).isFalse();
    }

    private static byte[] option(ByteBuffer body, int code) {
        assertThat(body.getShort()).isEqualTo((short) code);
        return padded(body, body.getShort() & 0xffff);
    }

    private static byte[] padded(ByteBuffer body, int length) {
        byte[] bytes = new byte[length];
        body.get(bytes);
        while ((body.position() & 3) != 0) {
            assertThat(body.get()).as("padding").isZero();
        }
        return bytes;
    }

    /** Takes few bytes at a time, as a full pipe does. */
    private static final class SlowChannel implements WritableByteChannel {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final int atMost;

        SlowChannel(int atMost) {
            this.atMost = atMost;
        }

        @Override
        public int write(ByteBuffer source) {
            byte[] bytes = new byte[Math.min(atMost * 16, source.remaining())];
            source.get(bytes);
            taken.writeBytes(bytes);
            return bytes.length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
