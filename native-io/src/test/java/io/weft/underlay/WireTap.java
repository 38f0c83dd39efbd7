package io.weft.underlay;

import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.LinkQuery;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Sees the packets of a protocol that arrive at an interface, as bytes of the wire from the IP header on.
 *
 * <p>Threads: confined.
 */
final class WireTap implements AutoCloseable {
    private static final int ETHERNET_LENGTH = 14;
    private static final int ADDRESS_LENGTH = 20; // struct sockaddr_ll
    private static final int UDP = 17;

    private final LibC libc = Linux.libc();
    private final NativeMemory buffer = new NativeMemory(70_000);
    private int descriptor = -1;

    /** At an interface of a namespace. */
    WireTap(String netns, String networkInterface) throws IOException {
        try (NamespaceEntry namespace = new NamespaceEntry(netns)) {
            namespace.call(() -> open(networkInterface));
        }
    }

    private void open(String networkInterface) throws NativeException {
        descriptor = NativeException.check(
                "socket", libc.socket(LibC.AF_PACKET, LibC.SOCK_RAW | LibC.CLOEXEC | LibC.O_NONBLOCK, 0));
        NativeMemory address = new NativeMemory(ADDRESS_LENGTH);
        address.bytes().putShort(0, (short) LibC.AF_PACKET).put(3, (byte) 3);
        address.bytes().putInt(4, new LinkQuery(descriptor).index(networkInterface));
        NativeException.check("bind", libc.bind(descriptor, address.address(), ADDRESS_LENGTH));
    }

    /** The UDP datagrams to a port that have come so far, each from its IP header on. */
    List<ByteBuffer> datagrams(int port) {
        return packets(UDP).stream()
                .filter(packet -> udp(packet).getShort(2) == (short) port)
                .toList();
    }

    /** The packets of a protocol that have come so far, each from its IP header on. */
    List<ByteBuffer> packets(int protocol) {
        List<ByteBuffer> all = new ArrayList<>();
        while (true) {
            long length = libc.recv(descriptor, buffer.address(), buffer.bytes().capacity(), 0);
            if (length < 0) {
                if (Linux.errno() != Errno.EAGAIN) {
                    throw new AssertionError(Errno.describe(Linux.errno()));
                }
                return all;
            }
            byte[] bytes = new byte[(int) length - ETHERNET_LENGTH];
            buffer.bytes().get(ETHERNET_LENGTH, bytes);
            ByteBuffer packet = ByteBuffer.wrap(bytes);
            boolean ipv6 = packet.get(0) >>> 4 == 6;
            if (packet.get(ipv6 ? 6 : 9) == (byte) protocol) {
                all.add(packet);
            }
        }
    }

    /** From the UDP header on. */
    static ByteBuffer udp(ByteBuffer packet) {
        int header = packet.get(0) >>> 4 == 6 ? 40 : (packet.get(0) & 0xf) * 4;
        return packet.slice(header, packet.capacity() - header);
    }

    @Override
    public void close() {
        libc.close(descriptor);
    }
}
