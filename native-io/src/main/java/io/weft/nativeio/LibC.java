package io.weft.nativeio;

import jnr.ffi.Pointer;
import jnr.ffi.types.intptr_t;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * The functions of libc that Weft calls, under C's names; section 2 of the Linux manual describes each. Addresses are
 * passed as {@code long}, 0 being NULL. A negative result means failure, with the reason in {@link Linux#errno()}.
 *
 * <p>Threads: any; each function is as safe as the kernel makes it.
 */
@SuppressWarnings("MemberName") // C's names
public interface LibC {
    /** {@link #open}: for reading and writing. */
    int O_RDWR = 2;

    /** {@link #open}: calls that would block fail with {@link Errno#EAGAIN}. */
    int O_NONBLOCK = 0x800;

    /** {@link #open}: a program started by this one does not inherit the descriptor. */
    int O_CLOEXEC = 0x80000;

    /** {@link #eventfd}: as {@link #O_NONBLOCK}. */
    int EFD_NONBLOCK = 0x800;

    /** {@link #eventfd}, {@link #epoll_create1}, {@link #socket}: as {@link #O_CLOEXEC}. */
    int CLOEXEC = 0x80000;

    /** {@link #epoll_ctl}: watch a descriptor. */
    int EPOLL_CTL_ADD = 1;

    /** {@link #epoll_ctl}: stop watching. */
    int EPOLL_CTL_DEL = 2;

    /** {@link #epoll_ctl}: watch for something else. */
    int EPOLL_CTL_MOD = 3;

    /** An epoll event: readable. */
    int EPOLLIN = 1;

    /** An epoll event: writable. */
    int EPOLLOUT = 4;

    /** An epoll event is reported once for each time it happens, not for as long as it lasts. */
    int EPOLLET = 1 << 31;

    /** {@link #ppoll}: readable. */
    int POLLIN = 1;

    /** {@link #socket}, {@link #bind}: IPv4. */
    int AF_INET = 2;

    /** {@link #socket}, {@link #bind}: IPv6. */
    int AF_INET6 = 10;

    /** {@link #connect}: to nobody any more. */
    int AF_UNSPEC = 0;

    /** {@link #socket}: each message is a datagram. */
    int SOCK_DGRAM = 2;

    /** {@link #socket}: netlink. */
    int AF_NETLINK = 16;

    /** {@link #socket}: each message is sent and received whole, by a socket of raw type. */
    int SOCK_RAW = 3;

    /** {@link #socket}, {@link #bind}: frames as they are on the wire (packet(7)). */
    int AF_PACKET = 17;

    /** {@link #setsockopt}: options of any socket. */
    int SOL_SOCKET = 1;

    /** {@link #SOL_SOCKET}: bytes that may wait to be sent; the kernel doubles it for its bookkeeping. */
    int SO_SNDBUF = 7;

    /** {@link #SOL_SOCKET}: bytes that may wait to be received; the kernel doubles it for its bookkeeping. */
    int SO_RCVBUF = 8;

    /** {@link #SOL_SOCKET}: as {@link #SO_SNDBUF}, beyond the system's limit; needs CAP_NET_ADMIN. */
    int SO_SNDBUFFORCE = 32;

    /** {@link #SOL_SOCKET}: as {@link #SO_RCVBUF}, beyond the system's limit; needs CAP_NET_ADMIN. */
    int SO_RCVBUFFORCE = 33;

    /** {@link #recvmmsg}: the length of a message is the true one, also of one that was cut. */
    int MSG_TRUNC = 0x20;

    /** {@link #recvmmsg}, {@link #sendmmsg}: does not wait. */
    int MSG_DONTWAIT = 0x40;

    /** {@link #recvmmsg}: receives what became of messages sent, not messages (IP_RECVERR in ip(7)). */
    int MSG_ERRQUEUE = 0x2000;

    /** {@link #setns}: the descriptor is that of a network namespace. */
    int CLONE_NEWNET = 0x40000000;

    // ---- any descriptor ----

    int open(String path, int flags);

    int close(int descriptor);

    /** Returns how many bytes were read, 0 at the end. */
    @ssize_t
    long read(int descriptor, @intptr_t long buffer, @size_t long length);

    /** Returns how many bytes were written. */
    @ssize_t
    long write(int descriptor, @intptr_t long buffer, @size_t long length);

    /** The third argument is an address or a value, as the request wants. */
    int ioctl(int descriptor, @size_t long request, @intptr_t long argument);

    // ---- waiting ----

    int epoll_create1(int flags);

    int epoll_ctl(int epoll, int operation, int descriptor, @intptr_t long event);

    int epoll_wait(int epoll, @intptr_t long events, int capacity, int timeoutMs);

    int eventfd(int initial, int flags);

    int ppoll(@intptr_t long descriptors, @size_t long count, @intptr_t long timeout, @intptr_t long signalMask);

    // ---- sockets ----

    int socket(int family, int type, int protocol);

    @ssize_t
    long send(int descriptor, @intptr_t long buffer, @size_t long length, int flags);

    @ssize_t
    long recv(int descriptor, @intptr_t long buffer, @size_t long length, int flags);

    int bind(int descriptor, @intptr_t long address, int length);

    int connect(int descriptor, @intptr_t long address, int length);

    /** {@code length} is the address of a {@code socklen_t}: the room at {@code address}, then what was written there. */
    int getsockname(int descriptor, @intptr_t long address, @intptr_t long length);

    int setsockopt(int descriptor, int level, int option, @intptr_t long value, int length);

    /** {@code length} as for {@link #getsockname}. */
    int getsockopt(int descriptor, int level, int option, @intptr_t long value, @intptr_t long length);

    /** Returns how many messages were received; {@link MessageVector} lays out the vector. */
    int recvmmsg(int descriptor, @intptr_t long vector, int count, int flags, @intptr_t long timeout);

    /** Returns how many messages were sent, fewer when one failed; {@link MessageVector} lays out the vector. */
    int sendmmsg(int descriptor, @intptr_t long vector, int count, int flags);

    // ---- where and who ----

    /** Moves the calling thread, and only it, into a namespace. */
    int setns(int descriptor, int type);

    /** The account's {@code struct passwd}, valid until the next call by any thread; {@code null} when there is none. */
    Pointer getpwnam(String name);

    String strerror(int errno);
}
