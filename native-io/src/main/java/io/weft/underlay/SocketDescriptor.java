package io.weft.underlay;

import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/**
 * A kernel's socket, of UDP or raw, as its descriptor: what {@link LibC} has for it, with the structs laid out. Options are those of
 * ip(7), ipv6(7), raw(7), udp(7) and socket(7).
 *
 * <p>Threads: confined; the descriptor itself is as safe as the kernel makes it.
 */
final class SocketDescriptor implements AutoCloseable {
    static final int SOL_IP = 0;
    static final int SOL_IPV6 = 41;
    static final int SOL_UDP = 17;

    static final int SO_BINDTODEVICE = 25;
    static final int SO_MEMINFO = 55;

    /** {@link #SO_MEMINFO}: its length in bytes, and the offset of the number of datagrams dropped. */
    private static final int MEMINFO_LENGTH = 36;

    private static final int MEMINFO_DROPS = 32;

    private static final LibC LIBC = Linux.libc();

    private final boolean ipv6;
    private final NativeMemory scratch = new NativeMemory(64);
    private final NativeMemory scratchLength = new NativeMemory(4);
    private int descriptor;

    /**
     * A new one, non-blocking, in the calling thread's namespace.
     *
     * @param type {@link LibC#SOCK_DGRAM} or {@link LibC#SOCK_RAW}
     * @param protocol of IP; 0 for the type's own
     */
    SocketDescriptor(boolean ipv6, int type, int protocol) throws NativeException {
        this.ipv6 = ipv6;
        int family = ipv6 ? LibC.AF_INET6 : LibC.AF_INET;
        descriptor = NativeException.check(
                ipv6 ? "socket(AF_INET6)" : "socket(AF_INET)",
                LIBC.socket(family, type | LibC.CLOEXEC | LibC.O_NONBLOCK, protocol));
    }

    private SocketDescriptor(int descriptor) {
        this.ipv6 = true;
        this.descriptor = descriptor;
    }

    /** One of the link layer's (packet(7)), non-blocking, which receives nothing before it is bound by {@link #bindToPackets}. */
    static SocketDescriptor ofPackets() throws NativeException {
        return new SocketDescriptor(NativeException.check(
                "socket(AF_PACKET)", LIBC.socket(LibC.AF_PACKET, LibC.SOCK_RAW | LibC.CLOEXEC | LibC.O_NONBLOCK, 0)));
    }

    /** The number. */
    int number() {
        return descriptor;
    }

    // ---- options ----

    /** Sets an option; returns whether the kernel has it and takes the value. */
    boolean takes(int level, int option, int value) {
        scratch.bytes().putInt(0, value);
        return LIBC.setsockopt(descriptor, level, option, scratch.address(), 4) == 0;
    }

    /** Sets an option. */
    void set(String what, int level, int option, int value) throws NativeException {
        NativeException.check(what, takes(level, option, value) ? 0 : -1);
    }

    /** Whether the kernel has an option. */
    boolean has(int level, int option) {
        scratchLength.bytes().putInt(0, 4);
        return LIBC.getsockopt(descriptor, level, option, scratch.address(), scratchLength.address()) == 0;
    }

    /** An option's value. */
    int get(String what, int level, int option) throws NativeException {
        NativeException.check(what, has(level, option) ? 0 : -1);
        return scratch.bytes().getInt(0);
    }

    /** Datagrams dropped so far, modulo 2^32; -1 when the kernel does not tell. */
    long drops() {
        scratchLength.bytes().putInt(0, MEMINFO_LENGTH);
        int result =
                LIBC.getsockopt(descriptor, LibC.SOL_SOCKET, SO_MEMINFO, scratch.address(), scratchLength.address());
        return result == 0 && scratchLength.bytes().getInt(0) >= MEMINFO_LENGTH
                ? scratch.bytes().getInt(MEMINFO_DROPS) & 0xffff_ffffL
                : -1;
    }

    /** Sends and receives by one interface only. */
    void bindToInterface(String name) throws NativeException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        NativeMemory terminated = new NativeMemory(text.length + 1);
        terminated.bytes().put(0, text);
        NativeException.check(
                "SO_BINDTODEVICE",
                LIBC.setsockopt(descriptor, LibC.SOL_SOCKET, SO_BINDTODEVICE, terminated.address(), text.length + 1));
    }

    /** Sets an option whose value is a struct. */
    void set(String what, int level, int option, NativeMemory value, int length) throws NativeException {
        NativeException.check(what, takes(level, option, value, length) ? 0 : -1);
    }

    /** Sets an option whose value is a struct; returns whether the kernel has it and takes the value. Any thread. */
    boolean takes(int level, int option, NativeMemory value, int length) {
        try {
            return LIBC.setsockopt(descriptor, level, option, value.address(), length) == 0;
        } finally {
            Reference.reachabilityFence(value); // its memory is freed with it
        }
    }

    // ---- addresses ----

    /** Binds; returns 0, or the error number. */
    int bind(UnderlayPeer local) {
        int length = Sockaddr.length(ipv6);
        Sockaddr.put(scratch.bytes(), 0, ipv6, local);
        return LIBC.bind(descriptor, scratch.address(), length) == 0 ? 0 : Linux.errno();
    }

    /**
     * Binds one of the link layer's to a protocol.
     *
     * @param etherType of what it receives
     * @param index of the interface; 0 for all
     */
    void bindToPackets(int etherType, int index) throws NativeException {
        Sockaddr.putLink(scratch.bytes(), 0, etherType, index);
        NativeException.check("bind", LIBC.bind(descriptor, scratch.address(), Sockaddr.LINK_LENGTH));
    }

    /** Where it is bound. */
    UnderlayPeer local() throws NativeException {
        scratchLength.bytes().putInt(0, Sockaddr.length(ipv6));
        NativeException.check("getsockname", LIBC.getsockname(descriptor, scratch.address(), scratchLength.address()));
        return Sockaddr.peer(scratch.bytes(), 0);
    }

    /** Makes the kernel look for the way to a peer, and keep it. Sends nothing. */
    void connect(UnderlayPeer peer) throws NativeException {
        Sockaddr.put(scratch.bytes(), 0, ipv6, peer);
        NativeException.check("connect", LIBC.connect(descriptor, scratch.address(), Sockaddr.length(ipv6)));
    }

    /** Forgets the way, and the address that the kernel chose for it. */
    void disconnect() {
        scratch.bytes().putShort(0, (short) LibC.AF_UNSPEC);
        LIBC.connect(descriptor, scratch.address(), Sockaddr.length(ipv6));
    }

    @Override
    public void close() {
        if (descriptor >= 0) {
            LIBC.close(descriptor);
            descriptor = -1;
        }
    }
}
