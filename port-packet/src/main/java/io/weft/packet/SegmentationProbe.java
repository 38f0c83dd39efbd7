package io.weft.packet;

import io.weft.nativeio.LibC;
import io.weft.nativeio.LinkQuery;
import io.weft.nativeio.Linux;
import io.weft.nativeio.MessageVector;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;
import io.weft.nativeio.VirtioNetHeader;
import java.nio.ByteBuffer;

/**
 * Finds out whether the kernel takes super-frames of UDP from a packet socket, which came with Linux 6.2 and which nothing
 * else tells: one of them is sent on the loopback interface, to a MAC address that is not there, so that nobody gets it.
 *
 * <p>Threads: stateless.
 */
final class SegmentationProbe {
    private static final int GSO_UDP = 5;
    private static final int NEEDS_CHECKSUM = 1;
    private static final int SEGMENT_LENGTH = 16;
    private static final int ETHERNET_LENGTH = 14;
    private static final int HEADERS_LENGTH = ETHERNET_LENGTH + 20 + 8;
    private static final int FRAME_LENGTH = HEADERS_LENGTH + 2 * SEGMENT_LENGTH;

    private SegmentationProbe() {}

    /** Whether it does; also {@code false} when the namespace's loopback is down, since it cannot be found out then. */
    static boolean takesUdp() {
        return takes(GSO_UDP);
    }

    /** Whether the kernel takes a super-frame of this virtio GSO type, which has the bytes of one of UDP. */
    static boolean takes(int gsoType) {
        int socket;
        try {
            socket = PacketSocket.newSocket();
        } catch (NativeException e) {
            return false;
        }
        try {
            return PacketSocket.enableVirtioHeader(socket) && send(socket, gsoType);
        } catch (NativeException e) {
            return false;
        } finally {
            Linux.libc().close(socket);
        }
    }

    private static boolean send(int socket, int gsoType) throws NativeException {
        int loopback = new LinkQuery(socket).index("lo");
        NativeMemory memory = new NativeMemory(VirtioNetHeader.LENGTH + FRAME_LENGTH);
        putVirtioHeader(memory.bytes(), gsoType);
        putFrame(memory.bytes().slice(VirtioNetHeader.LENGTH, FRAME_LENGTH)); // a slice is in network byte order
        MessageVector vector = new MessageVector(1, 1, PacketSocket.ADDRESS_LENGTH, 0);
        PacketSocket.putAddress(vector.bytes(), vector.nameOffset(0), loopback);
        vector.part(0, memory.address(), VirtioNetHeader.LENGTH + FRAME_LENGTH);
        return vector.send(socket, 0, 1, LibC.MSG_DONTWAIT) == 1;
    }

    private static void putVirtioHeader(ByteBuffer bytes, int gsoType) {
        bytes.put(0, (byte) NEEDS_CHECKSUM)
                .put(1, (byte) gsoType)
                .putShort(2, (short) HEADERS_LENGTH)
                .putShort(4, (short) SEGMENT_LENGTH)
                .putShort(6, (short) (HEADERS_LENGTH - 8))
                .putShort(8, (short) 6);
    }

    private static void putFrame(ByteBuffer frame) {
        frame.putShort((short) 0x0200)
                .putInt(1)
                .putShort((short) 0x0200)
                .putInt(2)
                .putShort((short) 0x0800);
        frame.putShort((short) 0x4500)
                .putShort((short) (FRAME_LENGTH - ETHERNET_LENGTH))
                .putInt(0);
        frame.putShort((short) 0x4011).putShort((short) 0).putInt(0x7f000001).putInt(0x7f000001);
        frame.putShort((short) 9).putShort((short) 9).putShort((short) (8 + 2 * SEGMENT_LENGTH)); // discard to discard
    }
}
