package io.weft.nativeio;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class VirtioNetHeaderTest {
    private final Frame frame = new FramePool(1, 0).allocate(100);

    /** As C's struct virtio_net_hdr would lie in memory. */
    private static ByteBuffer header(int flags, int type, int headerLength, int size, int start, int offset) {
        ByteBuffer bytes = ByteBuffer.allocate(3 + VirtioNetHeader.LENGTH).order(ByteOrder.nativeOrder());
        bytes.position(3);
        bytes.put((byte) flags).put((byte) type);
        bytes.putShort((short) headerLength).putShort((short) size);
        bytes.putShort((short) start).putShort((short) offset);
        return bytes.order(ByteOrder.BIG_ENDIAN);
    }

    private void assertMetadata(int flags, int type, int size, int headerLength, int start, int offset) {
        assertThat(frame.offloadFlags()).isEqualTo(flags);
        assertThat(frame.gsoType()).isEqualTo(type);
        assertThat(frame.gsoSize()).isEqualTo(size);
        assertThat(frame.headerLength()).isEqualTo(headerLength);
        assertThat(frame.checksumStart()).isEqualTo(start);
        assertThat(frame.checksumOffset()).isEqualTo(offset);
    }

    @Test
    void shouldReadWhatTheKernelSaysOfASuperFrame() {
        VirtioNetHeader.read(header(1, 0x81, 66, 1_448, 34, 16), 3, frame);
        assertMetadata(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0x81, 1_448, 66, 34, 16);
    }

    @Test
    void shouldReadNumbersOf16BitsAsUnsigned() {
        VirtioNetHeader.read(header(1, 5, 0xfffe, 0xfffd, 0xfffc, 0xfffb), 3, frame);
        assertMetadata(Frame.OFFLOAD_CHECKSUM_PARTIAL, 5, 0xfffd, 0xfffe, 0xfffc, 0xfffb);
    }

    @Test
    void shouldReadThatChecksumsWereVerified() {
        VirtioNetHeader.read(header(2, 0, 0, 0, 0, 0), 3, frame);
        assertMetadata(Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0);
    }

    @Test
    void shouldForgetWhatTheSlotSaidBefore() {
        frame.offload(1, 1, 2, 3, 4, 5);
        VirtioNetHeader.read(header(0, 0, 0, 0, 0, 0), 3, frame);
        assertMetadata(0, 0, 0, 0, 0, 0);
        assertThat(frame.hasPendingOffload()).isFalse();
    }

    @Test
    void shouldPrependWhatItReads() {
        int[][] headers = {{0, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 34, 16}, {2, 0, 0, 0, 0, 0}, {1, 4, 86, 1_428, 54, 16}};
        for (int[] values : headers) {
            ByteBuffer header = header(values[0], values[1], values[2], values[3], values[4], values[5]);
            VirtioNetHeader.read(header, 3, frame);
            VirtioNetHeader.prepend(frame);
            assertThat(frame.length()).isEqualTo(110);
            byte[] prepended = new byte[VirtioNetHeader.LENGTH];
            frame.getBytes(0, prepended, 0, prepended.length);
            byte[] original = new byte[VirtioNetHeader.LENGTH];
            header.get(3, original);
            assertThat(prepended).isEqualTo(original);
            frame.consume(VirtioNetHeader.LENGTH);
        }
    }

    @Test
    void shouldCountFromTheFrameWhereTheDeviceCountsFromThePacket() {
        ByteBuffer header = header(1, 1, 52, 1_448, 20, 16);
        VirtioNetHeader.read(header, 3, frame, 14);
        assertMetadata(Frame.OFFLOAD_CHECKSUM_PARTIAL, 1, 1_448, 66, 34, 16);
        frame.putByte(14, 0x45);
        VirtioNetHeader.prepend(frame, 14);
        assertThat(frame.length()).isEqualTo(96);
        assertThat(frame.getByte(10)).isEqualTo(0x45);
        byte[] prepended = new byte[VirtioNetHeader.LENGTH];
        frame.getBytes(0, prepended, 0, prepended.length);
        byte[] original = new byte[VirtioNetHeader.LENGTH];
        header.get(3, original);
        assertThat(prepended).isEqualTo(original);
    }

    @Test
    void shouldNotTellADeviceWithoutEthernetOfMetadataThatMeansNothing() {
        VirtioNetHeader.read(header(0, 0, 0, 0, 0, 0), 3, frame, 14);
        assertMetadata(0, 0, 0, 0, 0, 0);
        frame.putLong(0, -1);
        frame.putLong(8, -1);
        VirtioNetHeader.prepend(frame, 14);
        assertThat(frame.length()).isEqualTo(96);
        byte[] prepended = new byte[VirtioNetHeader.LENGTH];
        frame.getBytes(0, prepended, 0, prepended.length);
        assertThat(prepended).containsOnly(0);
    }

    @Test
    void shouldNotTellTheKernelOfMetadataThatMeansNothing() {
        frame.offload(Frame.OFFLOAD_CHECKSUM_VALID, 0, 77, 78, 79, 80);
        VirtioNetHeader.prepend(frame);
        byte[] prepended = new byte[VirtioNetHeader.LENGTH];
        frame.getBytes(0, prepended, 0, prepended.length);
        assertThat(prepended).containsExactly(2, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
}
