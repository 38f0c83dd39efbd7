package io.weft.tap;

import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import jnr.ffi.LibraryLoader;
import jnr.ffi.types.intptr_t;
import jnr.ffi.types.ssize_t;

/**
 * The host's side of a device: sends and receives raw frames through an AF_PACKET socket, VLAN tags included (packet(7)).
 *
 * <p>Threads: confined.
 */
public final class PacketSocket implements AutoCloseable {
    private static final int AF_PACKET = 17;
    private static final int ETH_P_ALL = 3;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_AUXDATA = 8;
    private static final int VLAN_VALID = 0x10;
    private static final int BUFFER_LENGTH = 70_000;

    private static final LibC LIBC = Linux.libc();
    private static final PacketLibC PACKETS =
            LibraryLoader.create(PacketLibC.class).load("c");

    /** What only these tests need of libc. */
    @SuppressWarnings("MemberName")
    public interface PacketLibC {
        int bind(int descriptor, @intptr_t long address, int length);

        int setsockopt(int descriptor, int level, int option, @intptr_t long value, int length);

        @ssize_t
        long recvmsg(int descriptor, @intptr_t long header, int flags);
    }

    private final NativeMemory buffer = new NativeMemory(BUFFER_LENGTH);
    private final NativeMemory control = new NativeMemory(64);
    private final NativeMemory vector = new NativeMemory(16);
    private final NativeMemory header = new NativeMemory(56);
    private final NativeMemory readable = new NativeMemory(8);
    private final NativeMemory timeout = new NativeMemory(16);
    private final int descriptor;

    private PacketSocket(int interfaceIndex) throws NativeException {
        descriptor = NativeException.check(
                "socket(AF_PACKET)", LIBC.socket(AF_PACKET, LibC.SOCK_RAW | LibC.CLOEXEC | LibC.O_NONBLOCK, 0));
        NativeMemory one = new NativeMemory(4);
        one.bytes().putInt(0, 1);
        NativeException.check(
                "PACKET_AUXDATA", PACKETS.setsockopt(descriptor, SOL_PACKET, PACKET_AUXDATA, one.address(), 4));
        NativeMemory address = new NativeMemory(20);
        address.bytes()
                .putShort(0, (short) AF_PACKET)
                .putShort(2, Short.reverseBytes((short) ETH_P_ALL))
                .putInt(4, interfaceIndex);
        NativeException.check("bind", PACKETS.bind(descriptor, address.address(), 20));
    }

    /** On a device of a namespace. */
    public static PacketSocket open(NetworkNamespace namespace, String device) throws IOException {
        PacketSocket[] opened = new PacketSocket[1];
        try (NamespaceEntry entry = new NamespaceEntry(namespace.name())) {
            entry.call(() -> {
                try (RouteSocket links = new RouteSocket()) {
                    opened[0] = new PacketSocket(links.find(device).index());
                }
            });
        }
        return opened[0];
    }

    /** Sends a frame. */
    public void send(byte[] frame) throws NativeException {
        buffer.bytes().put(0, frame);
        NativeException.check("send", (int) LIBC.send(descriptor, buffer.address(), frame.length, 0));
    }

    /** The next frame, or {@code null} when none came in time. */
    public byte[] receive(long timeoutMs) throws NativeException {
        timeout.bytes()
                .putLong(0, TimeUnit.MILLISECONDS.toSeconds(timeoutMs))
                .putLong(8, TimeUnit.MILLISECONDS.toNanos(timeoutMs % 1_000));
        readable.bytes().putInt(0, descriptor).putShort(4, (short) LibC.POLLIN);
        if (NativeException.check("ppoll", LIBC.ppoll(readable.address(), 1, timeout.address(), 0)) == 0) {
            return null;
        }
        vector.bytes().putLong(0, buffer.address()).putLong(8, BUFFER_LENGTH);
        header.bytes()
                .putLong(16, vector.address())
                .putLong(24, 1)
                .putLong(32, control.address())
                .putLong(40, 64);
        int length = NativeException.check("recvmsg", (int) PACKETS.recvmsg(descriptor, header.address(), 0));
        byte[] frame = new byte[length];
        buffer.bytes().get(0, frame);
        return withTag(frame);
    }

    /** The kernel takes the outer tag off and tells it beside the frame. */
    private byte[] withTag(byte[] frame) {
        ByteBuffer auxiliary = control.bytes();
        boolean present = header.bytes().getLong(40) >= 36 && auxiliary.getInt(12) == PACKET_AUXDATA;
        if (!present || (auxiliary.getInt(16) & VLAN_VALID) == 0) {
            return frame;
        }
        byte[] tagged = Arrays.copyOf(frame, frame.length + 4);
        System.arraycopy(frame, 12, tagged, 16, frame.length - 12);
        ByteBuffer.wrap(tagged).putShort(12, auxiliary.getShort(34)).putShort(14, auxiliary.getShort(32));
        return tagged;
    }

    @Override
    public void close() {
        LIBC.close(descriptor);
    }
}
