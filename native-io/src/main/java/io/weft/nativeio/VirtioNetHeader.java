package io.weft.nativeio;

import io.weft.frame.Frame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header that Linux puts in front of a frame where {@code IFF_VNET_HDR} or {@code PACKET_VNET_HDR} is on: what is left
 * to be done to the frame (VIRTIO 1.2, 5.1.6). This is the form of 10 bytes, without the number of buffers.
 *
 * <pre>
 *   0       1          2                4          6              8
 *   flags   GSO type   header length    GSO size   checksum start checksum offset     each in the machine's byte order
 * </pre>
 *
 * <p>It is copied to and from the frame's metadata as it is; {@code io.weft.offload.OffloadCheck} says whether a frame bears
 * it out. A device without Ethernet headers (a TUN) counts from the packet behind that header, a frame from its own first
 * byte: what the device's packets miss is added, and taken away.
 *
 * <p>Threads: stateless.
 */
public final class VirtioNetHeader {
    /** Bytes of it. */
    public static final int LENGTH = 10;

    private static final int NEEDS_CHECKSUM = 1;
    private static final int DATA_VALID = 2;
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private VirtioNetHeader() {}

    /**
     * Sets a frame's offload metadata from the header that lies at {@code offset}.
     *
     * @param memory in network byte order, with {@link #LENGTH} bytes from there on
     */
    public static void read(ByteBuffer memory, int offset, Frame frame) {
        read(memory, offset, frame, 0);
    }

    /**
     * The same for a device whose packets miss the first bytes of a frame.
     *
     * @param missing bytes of the Ethernet header that the device does not have, or 0
     */
    public static void read(ByteBuffer memory, int offset, Frame frame, int missing) {
        long head = memory.getLong(offset);
        int tail = memory.getShort(offset + 8);
        if (head == 0) {
            frame.offload(0, 0, 0, 0, 0, 0);
            return;
        }
        int flags = (int) (head >>> 56);
        frame.offload(
                ((flags & NEEDS_CHECKSUM) != 0 ? Frame.OFFLOAD_CHECKSUM_PARTIAL : 0)
                        | ((flags & DATA_VALID) != 0 ? Frame.OFFLOAD_CHECKSUM_VALID : 0),
                (int) (head >>> 48) & 0xff,
                number((int) (head >>> 16)),
                number((int) (head >>> 32)) + missing,
                number((int) head) + missing,
                number(tail));
    }

    /** Prepends the header that says what a frame's offload metadata does, in the headroom. */
    public static void prepend(Frame frame) {
        prepend(frame, 0);
    }

    /**
     * The same for a device whose packets miss the first bytes of a frame: they are taken off, and the header lies in front
     * of what is left.
     *
     * @param missing bytes of the Ethernet header that the device does not have, or 0
     */
    public static void prepend(Frame frame, int missing) {
        int offloadFlags = frame.offloadFlags();
        int gsoType = frame.gsoType();
        frame.consume(missing);
        if ((offloadFlags | gsoType) == 0) {
            frame.prepend(LENGTH);
            frame.putLong(0, 0);
            frame.putShort(8, 0);
            return;
        }
        boolean partial = (offloadFlags & Frame.OFFLOAD_CHECKSUM_PARTIAL) != 0;
        int flags = partial ? NEEDS_CHECKSUM : (offloadFlags & Frame.OFFLOAD_CHECKSUM_VALID) != 0 ? DATA_VALID : 0;
        frame.prepend(LENGTH);
        frame.putByte(0, flags);
        frame.putByte(1, gsoType);
        frame.putShort(2, gsoType == 0 ? 0 : number(frame.headerLength() - missing));
        frame.putShort(4, gsoType == 0 ? 0 : number(frame.gsoSize()));
        frame.putShort(6, partial ? number(frame.checksumStart() - missing) : 0);
        frame.putShort(8, partial ? number(frame.checksumOffset()) : 0);
    }

    /** The 16 bits of a number in the machine's byte order, read or to be written in network byte order. */
    private static int number(int bits) {
        return (LITTLE ? Short.reverseBytes((short) bits) : (short) bits) & 0xffff;
    }
}
