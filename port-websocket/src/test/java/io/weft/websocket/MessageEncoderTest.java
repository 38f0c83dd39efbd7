package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MessageEncoderTest {
    private final FramePool pool = new FramePool();

    private Frame frame(int length) {
        Frame frame = pool.allocate(length);
        for (int i = 0; i < length; i++) {
            frame.putByte(i, i * 31 + 5);
        }
        return frame;
    }

    /** Into a buffer full of 0xa5, so that a byte never written shows. */
    private static byte[] encode(MessageEncoder encoder, Frame frame, int offset) {
        ByteBuffer out = ByteBuffer.allocateDirect(offset + encoder.encodedLength(frame.length()) + 8);
        while (out.hasRemaining()) {
            out.put((byte) 0xa5);
        }
        encoder.binary(frame, out.position(offset));
        assertThat(out.position()).isEqualTo(offset + encoder.encodedLength(frame.length()));
        byte[] wire = new byte[out.position() - offset];
        out.get(offset, wire);
        assertThat(out.get(out.position())).isEqualTo((byte) 0xa5);
        return wire;
    }

    @Test
    void shouldWriteAServersFramePlain() {
        byte[] wire = encode(MessageEncoder.forServer(), frame(60), 0);
        assertThat(wire).startsWith(0x82, 60).hasSize(62);
        assertThat(Arrays.copyOfRange(wire, 2, 62)).isEqualTo(frame(60).toByteArray());
    }

    @Test
    void shouldWriteEveryFormOfLength() {
        MessageEncoder encoder = MessageEncoder.forServer();
        assertThat(encode(encoder, frame(125), 0)).startsWith(0x82, 125).hasSize(127);
        assertThat(encode(encoder, frame(126), 0)).startsWith(0x82, 126, 0, 126).hasSize(130);
        assertThat(encode(encoder, frame(65_535), 0))
                .startsWith(0x82, 126, 0xff, 0xff)
                .hasSize(65_539);
        ByteBuffer out = ByteBuffer.allocate(65_550);
        encoder.message(RawPeer.BINARY, ByteBuffer.allocate(65_536), out);
        assertThat(Arrays.copyOf(out.array(), 10)).isEqualTo(RawPeer.hex("82 7f 0000000000010000"));
    }

    @Test
    void shouldMaskEveryLengthSoThatADecoderReadsIt() {
        MessageEncoder encoder = MessageEncoder.forClient();
        RecordingSink sink = new RecordingSink();
        MessageDecoder decoder = new MessageDecoder(true, 65_535, sink);
        for (int length = 14; length < 400; length++) {
            byte[] wire = encode(encoder, frame(length), length % 9);
            assertThat(wire[1] & 0x80).isEqualTo(0x80);
            assertThat(decoder.decode(ByteBuffer.wrap(wire))).isZero();
            assertThat(sink.frames.get(length - 14)).isEqualTo(frame(length).toByteArray());
        }
    }

    @Test
    void shouldMaskEachFrameWithAnotherKey() {
        MessageEncoder encoder = MessageEncoder.forClient();
        Frame frame = frame(60);
        Set<Integer> keys = new HashSet<>();
        int count = 5_000; // more than one block of keys
        for (int i = 0; i < count; i++) {
            keys.add(ByteBuffer.wrap(encode(encoder, frame, 0)).getInt(2));
        }
        // Birthday: among 5,000 of 2^32 keys one pair is alike in 0.3 % of runs, ten pairs never.
        assertThat(keys).hasSizeGreaterThan(count - 10);
    }

    @Test
    void shouldMaskLikeTheObviousLoop() {
        SplittableRandom random = new SplittableRandom(7);
        for (int length = 0; length < 200; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            int key = random.nextInt();
            for (int consumed = 0; consumed < 5; consumed++) {
                byte[] expected = bytes.clone();
                for (int i = 0; i < length; i++) {
                    expected[i] ^= (byte) Masking.keyByte(key, i + consumed);
                }
                ByteBuffer target = ByteBuffer.allocate(length + 3);
                Masking.copy(ByteBuffer.wrap(bytes), 0, target, 3, length, Masking.rotate(key, consumed));
                assertThat(Arrays.copyOfRange(target.array(), 3, length + 3)).isEqualTo(expected);
            }
        }
    }
}
