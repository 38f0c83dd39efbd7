package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.FramePool;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageDecoderTest {
    private static final int MAX = 2_000;
    private static final int FIN = 0x80;

    private final RecordingSink sink = new RecordingSink();

    private MessageDecoder fromClient() {
        return new MessageDecoder(true, MAX, sink);
    }

    private MessageDecoder fromServer() {
        return new MessageDecoder(false, MAX, sink);
    }

    private static ByteBuffer wire(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return ByteBuffer.wrap(all.toByteArray());
    }

    private static ByteBuffer wire(String hex) {
        return ByteBuffer.wrap(RawPeer.hex(hex));
    }

    private static byte[] masked(int first, byte[] payload) {
        return RawPeer.message(first, payload, true);
    }

    private static byte[] ethernet(int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) (i * 7 + 2);
        }
        return frame;
    }

    // ---- RFC 6455 5.7 ----

    @Test
    void shouldReadTheTextExamplesOfTheRfc() {
        assertThat(fromServer().decode(wire("81 05 48 65 6c 6c 6f"))).isZero();
        assertThat(fromClient().decode(wire("81 85 37 fa 21 3d 7f 9f 4d 51 58")))
                .isZero();
        assertThat(fromServer().decode(wire("01 03 48 65 6c 80 02 6c 6f"))).isZero();
        assertThat(sink.found).containsExactly("text 5 Hello", "text 5 Hello", "text 5 Hello");
    }

    @Test
    void shouldReadThePingExamplesOfTheRfc() {
        assertThat(fromServer().decode(wire("89 05 48 65 6c 6c 6f"))).isZero();
        assertThat(fromClient().decode(wire("8a 85 37 fa 21 3d 7f 9f 4d 51 58")))
                .isZero();
        assertThat(sink.found).containsExactly("ping 48656c6c6f", "pong");
    }

    @Test
    void shouldReadTheBinaryExamplesOfTheRfc() {
        byte[] small = ethernet(256);
        byte[] large = ethernet(65_536);
        RecordingSink big = new RecordingSink();
        assertThat(fromServer().decode(wire(RawPeer.hex("82 7e 01 00"), small))).isZero();
        assertThat(sink.frames).singleElement().isEqualTo(small);
        // 64 KiB is one byte more than a frame can have.
        MessageDecoder decoder = new MessageDecoder(false, 65_535, big);
        assertThat(decoder.decode(wire(RawPeer.hex("82 7f 00 00 00 00 00 01 00 00"), large)))
                .isEqualTo(1009);
        assertThat(big.found).containsExactly("RX_TOO_LONG 65536");
    }

    // ---- every way to split ----

    /** A stream with everything in it that is allowed. */
    private static byte[] conversation() {
        return wire(
                        masked(FIN | RawPeer.BINARY, ethernet(60)),
                        masked(RawPeer.BINARY, Arrays.copyOf(ethernet(300), 100)),
                        masked(FIN | RawPeer.PING, new byte[] {1, 2, 3}),
                        masked(0, Arrays.copyOfRange(ethernet(300), 100, 101)),
                        masked(0, new byte[0]),
                        masked(FIN, Arrays.copyOfRange(ethernet(300), 101, 300)),
                        masked(FIN | RawPeer.TEXT, "ping:7".getBytes()),
                        masked(FIN | RawPeer.BINARY, ethernet(13)),
                        masked(FIN | RawPeer.BINARY, new byte[0]),
                        masked(FIN | RawPeer.PONG, new byte[125]),
                        masked(FIN | RawPeer.BINARY, ethernet(MAX)),
                        masked(FIN | RawPeer.CLOSE, RawPeer.hex("03e8 627965")))
                .array();
    }

    private static final List<String> CONVERSATION = List.of(
            "frame 60",
            "ping 010203",
            "frame 300",
            "text 6 ping:7",
            "RUNT 13",
            "RUNT 0",
            "pong",
            "frame 2000",
            "close 1000 bye");

    @Test
    void shouldReadTheSameHoweverTheStreamIsSplit() {
        byte[] stream = conversation();
        for (int piece : new int[] {1, 2, 3, 7, 13, 64, 100, 1_000, stream.length}) {
            RecordingSink each = new RecordingSink();
            MessageDecoder decoder = new MessageDecoder(true, MAX, each);
            for (int from = 0; from < stream.length; from += piece) {
                ByteBuffer in = ByteBuffer.wrap(stream, from, Math.min(piece, stream.length - from));
                assertThat(decoder.decode(in)).isZero();
                assertThat(in.hasRemaining()).isFalse();
            }
            assertThat(each.found).as("pieces of %d", piece).isEqualTo(CONVERSATION);
            assertThat(each.frames.get(0)).isEqualTo(ethernet(60));
            assertThat(each.frames.get(1)).isEqualTo(ethernet(300));
            assertThat(each.frames.get(2)).isEqualTo(ethernet(MAX));
            assertThat(each.pool.inUse()).isZero();
        }
    }

    @Test
    void shouldSurviveAnEndAfterEveryByte() {
        byte[] stream = conversation();
        for (int length = 0; length < stream.length; length++) {
            RecordingSink each = new RecordingSink();
            MessageDecoder decoder = new MessageDecoder(true, MAX, each);
            assertThat(decoder.decode(ByteBuffer.wrap(stream, 0, length))).isZero();
            decoder.release();
            List<String> whole = new ArrayList<>(each.found);
            whole.removeIf(line -> line.startsWith("MALFORMED"));
            assertThat(whole).as("after %d bytes", length).isEqualTo(CONVERSATION.subList(0, whole.size()));
            assertThat(each.found.size() - whole.size()).isLessThanOrEqualTo(1);
            assertThat(each.pool.inUse()).isZero();
        }
    }

    @Test
    void shouldCountAMessageThatIsCutShort() {
        MessageDecoder decoder = fromClient();
        decoder.decode(ByteBuffer.wrap(masked(FIN | RawPeer.BINARY, ethernet(60)), 0, 40));
        decoder.release();
        assertThat(sink.found).containsExactly("MALFORMED 34");
    }

    @Test
    void shouldReadFromDirectBuffersAtAnyOffset() {
        for (int offset = 0; offset < 9; offset++) {
            byte[] stream = masked(FIN | RawPeer.BINARY, ethernet(1_514 + offset));
            ByteBuffer direct = ByteBuffer.allocateDirect(offset + stream.length);
            direct.position(offset).put(stream).position(offset);
            assertThat(fromClient().decode(direct)).isZero();
            assertThat(sink.frames.get(offset)).isEqualTo(ethernet(1_514 + offset));
        }
    }

    @Test
    void shouldReadRandomConversationsInRandomPieces() {
        long seed = System.nanoTime();
        System.out.println("MessageDecoderTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int run = 0; run < 300; run++) {
            RecordingSink each = new RecordingSink();
            MessageDecoder decoder = new MessageDecoder(true, MAX, each);
            List<byte[]> sent = new ArrayList<>();
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int message = 0; message < 5; message++) {
                byte[] frame = new byte[14 + random.nextInt(MAX - 13)];
                random.nextBytes(frame);
                sent.add(frame);
                int from = 0;
                int opcode = RawPeer.BINARY;
                do {
                    int to = random.nextBoolean() ? frame.length : from + random.nextInt(frame.length - from) + 1;
                    to = Math.min(to, frame.length);
                    int fin = to == frame.length ? FIN : 0;
                    stream.writeBytes(masked(fin | opcode, Arrays.copyOfRange(frame, from, to)));
                    opcode = 0;
                    from = to;
                } while (from < frame.length);
            }
            byte[] bytes = stream.toByteArray();
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(bytes.length - at, 1 + random.nextInt(3_000));
                assertThat(decoder.decode(ByteBuffer.wrap(bytes, at, count)))
                        .as("seed %d", seed)
                        .isZero();
                at += count;
            }
            assertThat(each.frames)
                    .as("seed %d", seed)
                    .usingElementComparator(Arrays::compare)
                    .isEqualTo(sent);
        }
    }

    // ---- what breaks the protocol ----

    @ParameterizedTest
    @CsvSource({
        "a client's frame is not masked, 82 0e 0000000000000000000000000000",
        "reserved bits, c2 80 00000000",
        "reserved bits, a2 80 00000000",
        "reserved bits, 92 80 00000000",
        "reserved opcode 3, 83 80 00000000",
        "reserved opcode 7, 87 80 00000000",
        "reserved opcode 11, 8b 80 00000000",
        "reserved opcode 15, 8f 80 00000000",
        "a control frame is fragmented, 09 80 00000000",
        "a control frame is fragmented, 08 80 00000000",
        "longer than 125, 89 fe 007e 00000000",
        "longer than 125, 8a ff 0000000000000001 00000000",
        "longer than 125, 88 fe 0000 00000000",
        "a continuation without a message, 80 80 00000000",
        "a continuation without a message, 00 81 00000000 00",
        "a message begins inside another, 02 81 00000000 00 82 80 00000000",
        "a message begins inside another, 02 81 00000000 00 81 80 00000000",
        "shortest form, 82 fe 0000 00000000",
        "shortest form, 82 fe 007d 00000000",
        "shortest form, 82 ff 0000000000000000 00000000",
        "shortest form, 82 ff 000000000000ffff 00000000",
        "highest bit, 82 ff 8000000000000000 00000000",
        "highest bit, 82 ff ffffffffffffffff 00000000",
        "close code of one byte, 88 81 00000000 03",
    })
    void shouldFailWith1002(String reason, String hex) {
        MessageDecoder decoder = fromClient();
        assertThat(decoder.decode(wire(hex))).isEqualTo(1002);
        assertThat(decoder.violationReason()).contains(reason);
        // Nothing behind it counts, and a second look changes nothing.
        assertThat(decoder.decode(wire(masked(FIN | RawPeer.BINARY, ethernet(60)))))
                .isEqualTo(1002);
        decoder.release();
        assertThat(sink.frames).isEmpty();
        assertThat(sink.pool.inUse()).isZero();
    }

    @Test
    void shouldFailWhenAServerMasks() {
        assertThat(fromServer().decode(wire(masked(FIN | RawPeer.BINARY, ethernet(60)))))
                .isEqualTo(1002);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535})
    void shouldRefuseInvalidCloseCodes(int code) {
        byte[] payload = {(byte) (code >> 8), (byte) code};
        assertThat(fromClient().decode(wire(masked(FIN | RawPeer.CLOSE, payload))))
                .isEqualTo(1002);
        assertThat(sink.found).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
    void shouldAcceptCloseCodes(int code) {
        byte[] payload = {(byte) (code >> 8), (byte) code};
        assertThat(fromClient().decode(wire(masked(FIN | RawPeer.CLOSE, payload))))
                .isZero();
        assertThat(sink.found).containsExactly("close " + code + " ");
    }

    @Test
    void shouldAcceptACloseWithoutACodeAndIgnoreWhatFollows() {
        MessageDecoder decoder = fromClient();
        assertThat(decoder.decode(
                        wire(masked(FIN | RawPeer.CLOSE, new byte[0]), masked(FIN | RawPeer.BINARY, ethernet(60)))))
                .isZero();
        assertThat(sink.found).containsExactly("close 1005 ");
    }

    @Test
    void shouldRefuseACloseReasonThatIsNotUtf8() {
        assertThat(fromClient().decode(wire(masked(FIN | RawPeer.CLOSE, RawPeer.hex("03e8 c328")))))
                .isEqualTo(1007);
    }

    // ---- too much ----

    @Test
    void shouldRefuseAMessageThatIsTooLongBeforeItComes() {
        assertThat(fromClient().decode(wire("82 fe 07d1"))).isZero();
        MessageDecoder decoder = fromClient();
        assertThat(decoder.decode(wire("82 fe 07d1 00000000"))).isEqualTo(1009);
        assertThat(sink.found).containsExactly("RX_TOO_LONG 2001");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"82 ff 0000000000010000 00000000", "82 ff 7fffffffffffffff 00000000", "81 fe ffff 00000000"})
    void shouldRefuseHugeLengths(String hex) {
        assertThat(fromClient().decode(wire(hex))).isEqualTo(1009);
        assertThat(sink.found).singleElement().asString().startsWith("RX_TOO_LONG ");
    }

    @Test
    void shouldCapTheSumOfFragments() {
        MessageDecoder decoder = fromClient();
        assertThat(decoder.decode(wire(masked(RawPeer.BINARY, ethernet(1_500)), masked(0, ethernet(500)))))
                .isZero();
        assertThat(decoder.decode(wire(masked(0, new byte[1])))).isEqualTo(1009);
        decoder.release();
        assertThat(sink.found).containsExactly("RX_TOO_LONG 2001");
        assertThat(sink.pool.inUse()).isZero();
    }

    @Test
    void shouldBoundFragmentsThatAddNothing() {
        MessageDecoder decoder = fromClient();
        assertThat(decoder.decode(wire(masked(RawPeer.BINARY, ethernet(20))))).isZero();
        for (int i = 0; i < MessageDecoder.MAX_EMPTY_FRAGMENTS; i++) {
            assertThat(decoder.decode(wire(masked(0, new byte[0])))).isZero();
        }
        assertThat(decoder.decode(wire(masked(0, new byte[0])))).isEqualTo(1008);
        decoder.release();
        assertThat(sink.pool.inUse()).isZero();
    }

    @Test
    void shouldTakeAMessageInOneByteFragments() {
        MessageDecoder decoder = fromClient();
        byte[] frame = ethernet(MAX);
        assertThat(decoder.decode(wire(masked(RawPeer.BINARY, new byte[] {frame[0]}))))
                .isZero();
        for (int i = 1; i < MAX; i++) {
            byte[] one = {frame[i]};
            assertThat(decoder.decode(wire(masked(i == MAX - 1 ? FIN : 0, one))))
                    .isZero();
        }
        assertThat(sink.frames).singleElement().isEqualTo(frame);
    }

    @Test
    void shouldSkipWhatThereIsNoMemoryFor() {
        RecordingSink dry = new RecordingSink(new FramePool(1, 0));
        io.weft.frame.Frame taken = dry.pool.allocate(60);
        MessageDecoder decoder = new MessageDecoder(true, MAX, dry);
        assertThat(decoder.decode(wire(
                        masked(FIN | RawPeer.BINARY, ethernet(60)),
                        masked(RawPeer.BINARY, ethernet(60)),
                        masked(FIN, ethernet(60)))))
                .isZero();
        taken.release();
        assertThat(decoder.decode(wire(masked(FIN | RawPeer.BINARY, ethernet(60)))))
                .isZero();
        assertThat(dry.found).containsExactly("no memory for 60", "no memory for 2000", "frame 60");
    }

    // ---- what is no frame ----

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})
    void shouldCountRunts(int length) {
        assertThat(fromClient().decode(wire(masked(FIN | RawPeer.BINARY, new byte[length]))))
                .isZero();
        assertThat(sink.found).containsExactly("RUNT " + length);
    }

    @Test
    void shouldRecogniseGoWebsockproxysAuthentication() {
        byte[] auth = wire(new byte[6], "AUTH secret".getBytes()).array();
        byte[] shortest = wire(new byte[6], "AUTH ".getBytes()).array();
        byte[] other = wire(new byte[6], "AUTHsecret ".getBytes()).array();
        assertThat(fromClient()
                        .decode(wire(
                                masked(FIN | RawPeer.BINARY, auth),
                                masked(FIN | RawPeer.BINARY, shortest),
                                masked(FIN | RawPeer.BINARY, other))))
                .isZero();
        assertThat(sink.found).containsExactly("auth 17", "auth 11", "frame 17");
    }

    @Test
    void shouldKeepTheBeginningOfALongTextOnly() {
        byte[] text = new byte[1_000];
        Arrays.fill(text, (byte) 'x');
        assertThat(fromClient().decode(wire(masked(FIN | RawPeer.TEXT, text)))).isZero();
        assertThat(sink.found).containsExactly("text 1000 " + "x".repeat(125));
    }
}
