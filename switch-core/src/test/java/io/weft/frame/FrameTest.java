package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
    /** An ARP request with a customer tag: VLAN 100, priority 5. */
    private static final byte[] ARP = HexFormat.of()
            .parseHex("ffffffffffff" + "0200000000aa" + "8100a064" + "0806" + "0001080006040001" + "0200000000aa"
                    + "0a000001" + "000000000000" + "0a000002");

    private final FramePool pool = new FramePool(8, 2);

    private Frame frame(byte[] bytes) {
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    // ---- bytes ----

    @Test
    void shouldReadWhatWasWrittenInNetworkByteOrder() {
        Frame frame = frame(ARP);
        assertThat(frame.getByte(0)).isEqualTo(0xff);
        assertThat(frame.getShort(12)).isEqualTo(0x8100);
        assertThat(frame.getShort(14)).isEqualTo(0xa064);
        assertThat(frame.getInt(12)).isEqualTo(0x8100_a064);
        assertThat(frame.getLong(6)).isEqualTo(0x0200_0000_00aa_8100L);
        assertThat(frame.toByteArray()).isEqualTo(ARP);
    }

    @Test
    void shouldWriteEveryWidthWithoutTouchingItsNeighbours() {
        Frame frame = pool.allocate(32);
        byte[] background = new byte[32];
        Arrays.fill(background, (byte) 0xa5);
        frame.putBytes(0, background, 0, 32);
        frame.putByte(1, 0x1ff);
        frame.putShort(3, 0x1_1234);
        frame.putInt(6, 0x1122_3344);
        frame.putLong(11, 0x0102_0304_0506_0708L);
        assertThat(HexFormat.of().formatHex(frame.toByteArray()))
                .isEqualTo("a5ff" + "a51234" + "a511223344" + "a50102030405060708" + "a5".repeat(13));
    }

    @Test
    void shouldCopyBytesFromBuffersWithoutMovingTheirPositions() {
        ByteBuffer source =
                ByteBuffer.allocateDirect(64).put(5, ARP).position(3).limit(60);
        Frame frame = pool.allocate(ARP.length);
        frame.putBytes(0, source, 5, ARP.length);
        assertThat(frame.toByteArray()).isEqualTo(ARP);
        assertThat(source.position()).isEqualTo(3);
        assertThat(source.limit()).isEqualTo(60);

        byte[] middle = new byte[6];
        frame.getBytes(6, middle, 1, 4);
        assertThat(middle).containsExactly(0, 2, 0, 0, 0, 0);
    }

    @Test
    void shouldShowTheFrameAndNothingElseInItsWindow() {
        Frame frame = frame(ARP);
        ByteBuffer bytes = frame.bytes();
        assertThat(bytes.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
        assertThat(bytes.isDirect()).isTrue();
        assertThat(bytes.remaining()).isEqualTo(ARP.length);
        byte[] seen = new byte[ARP.length];
        bytes.get(seen);
        assertThat(seen).isEqualTo(ARP);

        frame.consume(14);
        assertThat(frame.bytes().remaining()).isEqualTo(ARP.length - 14);
        assertThat(frame.bytes().get(frame.bytes().position())).isEqualTo((byte) 0xa0);
        frame.prepend(20);
        assertThat(frame.bytes().remaining()).isEqualTo(ARP.length + 6);
    }

    @Test
    void shouldPointNativeCallsAtItsFirstByte() {
        Frame frame = frame(ARP);
        assertThat(frame.arena().memory().get(frame.arenaOffset() + 13)).isEqualTo((byte) 0x00);
        frame.consume(12);
        assertThat(frame.arena().memory().getShort(frame.arenaOffset())).isEqualTo((short) 0x8100);
        frame.prepend(18);
        assertThat(frame.arena().memory().getShort(frame.arenaOffset() + 18)).isEqualTo((short) 0x8100);
    }

    // ---- headroom ----

    @Test
    void shouldPrependIntoTheHeadroomAndConsumeItAgain() {
        Frame frame = frame(ARP);
        assertThat(frame.headroom()).isEqualTo(Frame.HEADROOM);
        frame.prepend(Frame.HEADROOM);
        assertThat(frame.headroom()).isZero();
        assertThat(frame.length()).isEqualTo(ARP.length + Frame.HEADROOM);
        for (int i = 0; i < Frame.HEADROOM; i++) {
            frame.putByte(i, 0xee);
        }
        frame.consume(Frame.HEADROOM);
        assertThat(frame.toByteArray()).as("the frame behind a full headroom").isEqualTo(ARP);
        assertThat(frame.headroom()).isEqualTo(Frame.HEADROOM);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Frame.HEADROOM + 1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void shouldRefuseToPrependMoreThanTheHeadroom(int bytes) {
        Frame frame = frame(ARP);
        assertThatThrownBy(() -> frame.prepend(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(bytes))
                .hasMessageContaining(String.valueOf(Frame.HEADROOM));
        assertThat(frame.toByteArray()).isEqualTo(ARP);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 47, Integer.MAX_VALUE})
    void shouldRefuseToConsumeMoreThanTheFrame(int bytes) {
        Frame frame = frame(ARP);
        assertThat(ARP).hasSize(46);
        assertThatThrownBy(() -> frame.consume(bytes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(bytes));
        assertThat(frame.toByteArray()).isEqualTo(ARP);
    }

    @Test
    void shouldConsumeAllOfAFrame() {
        Frame frame = frame(ARP);
        frame.consume(ARP.length);
        assertThat(frame.length()).isZero();
        assertThat(frame.bytes().remaining()).isZero();
        assertThat(frame.headroom()).isEqualTo(Frame.HEADROOM + ARP.length);
        frame.prepend(ARP.length);
        assertThat(frame.toByteArray()).isEqualTo(ARP);
    }

    // ---- length ----

    @Test
    void shouldTakeAnyLengthThatTheSlotHolds() {
        Frame frame = pool.allocate(0);
        assertThat(frame.capacity()).isEqualTo(FramePool.SMALL_LENGTH);
        frame.length(FramePool.SMALL_LENGTH);
        assertThat(frame.bytes().remaining()).isEqualTo(FramePool.SMALL_LENGTH);
        assertThatThrownBy(() -> frame.length(FramePool.SMALL_LENGTH + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0.." + FramePool.SMALL_LENGTH);
        assertThatThrownBy(() -> frame.length(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(frame.length()).isEqualTo(FramePool.SMALL_LENGTH);

        frame.prepend(56);
        assertThat(frame.capacity()).isEqualTo(FramePool.SMALL_LENGTH + 56);
        assertThat(frame.length()).isEqualTo(FramePool.SMALL_LENGTH + 56);
    }

    @Test
    void shouldNeverReachOutOfItsSlot() {
        Frame[] neighbours = {pool.allocate(0), pool.allocate(0), pool.allocate(0)};
        for (Frame frame : neighbours) {
            frame.length(FramePool.SMALL_LENGTH);
            frame.prepend(Frame.HEADROOM);
        }
        for (int i = 0; i < neighbours.length; i++) {
            for (int at = 0; at < FramePool.SMALL_SLOT; at++) {
                neighbours[i].putByte(at, i + 1);
            }
        }
        for (int i = 0; i < neighbours.length; i++) {
            byte[] all = neighbours[i].toByteArray();
            for (byte b : all) {
                assertThat(b).isEqualTo((byte) (i + 1));
            }
        }
        Frame frame = neighbours[1];
        assertThatThrownBy(() -> frame.getByte(FramePool.SMALL_SLOT)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> frame.getLong(FramePool.SMALL_SLOT - 7)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> frame.putInt(FramePool.SMALL_SLOT - 3, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> frame.getByte(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> frame.putBytes(FramePool.SMALL_SLOT - 1, new byte[2], 0, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldHoldTheLongestFrameWithAllHeadroom() {
        Frame frame = pool.allocate(Frame.MAX_LENGTH);
        frame.putByte(Frame.MAX_LENGTH - 1, 0x77);
        frame.prepend(Frame.HEADROOM);
        assertThat(frame.length()).isEqualTo(Frame.MAX_LENGTH + Frame.HEADROOM);
        assertThat(frame.getByte(frame.length() - 1)).isEqualTo(0x77);
    }

    // ---- metadata ----

    @Test
    void shouldCopyBytesAndMetadata() {
        Frame original = frame(ARP);
        original.ingress(7);
        original.endpoint(99);
        original.mirrored(Frame.MIRRORED_SENT);
        original.splitHorizonGroup(5);
        original.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 1, 1448, 66, 34, 16);
        original.consume(4);
        Frame copy = pool.copy(original);
        assertThat(copy.toByteArray()).isEqualTo(original.toByteArray());
        assertThat(copy.headroom()).as("a copy has all headroom again").isEqualTo(Frame.HEADROOM);
        assertThat(copy.ingress()).isEqualTo(7);
        assertThat(copy.endpoint()).isEqualTo(99);
        assertThat(copy.mirrored()).isEqualTo(Frame.MIRRORED_SENT);
        assertThat(copy.splitHorizonGroup()).isEqualTo(5);
        assertThat(copy.offloadFlags()).isEqualTo(Frame.OFFLOAD_CHECKSUM_PARTIAL);
        assertThat(copy.gsoType()).isEqualTo(1);
        assertThat(copy.gsoSize()).isEqualTo(1448);
        assertThat(copy.headerLength()).isEqualTo(66);
        assertThat(copy.checksumStart()).isEqualTo(34);
        assertThat(copy.checksumOffset()).isEqualTo(16);

        copy.putByte(0, 0);
        assertThat(original.getByte(0)).as("the copy is another slot").isEqualTo(0xff);
    }

    @Test
    void shouldForgetItsFormerLife() {
        Frame frame = frame(ARP);
        frame.ingress(3);
        frame.endpoint(4);
        frame.mirrored(Frame.MIRRORED_RECEIVED);
        frame.splitHorizonGroup(2);
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 5, 6, 7, 8, 9);
        frame.prepend(50);
        frame.release();
        Frame next = pool.allocate(20);
        assertThat(next).isSameAs(frame);
        assertThat(next.length()).isEqualTo(20);
        assertThat(next.headroom()).isEqualTo(Frame.HEADROOM);
        assertThat(next.ingress()).isEqualTo(Frame.NO_PORT);
        assertThat(next.endpoint()).isZero();
        assertThat(next.mirrored()).isEqualTo(Frame.NOT_MIRRORED);
        assertThat(next.splitHorizonGroup()).isZero();
        assertThat(next.offloadFlags()).isZero();
        assertThat(next.gsoType()).isZero();
        assertThat(next.hasPendingOffload()).isFalse();
    }

    @Test
    void shouldKnowWhichOffloadsArePending() {
        Frame frame = frame(ARP);
        frame.offload(Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0);
        assertThat(frame.hasPendingOffload()).as("verified checksum").isFalse();
        frame.offload(Frame.OFFLOAD_CHECKSUM_VALID | Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, 34, 16);
        assertThat(frame.hasPendingOffload()).as("partial checksum").isTrue();
        frame.offload(0, 4, 1428, 86, 0, 0);
        assertThat(frame.hasPendingOffload()).as("super-frame").isTrue();
    }
}
