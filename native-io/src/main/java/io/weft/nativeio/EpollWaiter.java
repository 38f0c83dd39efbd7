package io.weft.nativeio;

import io.weft.worker.Waiter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sleeps in {@code epoll_wait} on the worker's descriptors and an eventfd, which is how other threads wake it.
 *
 * <p>The eventfd is watched edge-triggered: each write is reported once, and nobody needs to read it, so that a wake-up
 * is one write for the waker and nothing more for the worker.
 *
 * <p>Threads: as {@link Waiter} says. A {@link #wakeup} that comes late, during or after {@link #close}, does nothing: it
 * never writes to a descriptor that somebody else got meanwhile.
 */
public final class EpollWaiter implements Waiter {
    private static final boolean PACKED = !"aarch64".equals(System.getProperty("os.arch"));

    /** Bytes of a {@code struct epoll_event}: packed on x86-64 only. */
    private static final int EVENT_LENGTH = PACKED ? 12 : 16;

    /** Where its 64 bits of user data are; the events are at 0. */
    private static final int DATA_OFFSET = PACKED ? 4 : 8;

    private static final long WAKEUP_DATA = -1;
    private static final long FOREVER_NS = TimeUnit.DAYS.toNanos(365); // from here on no timer is needed
    private static final long NS_PER_S = TimeUnit.SECONDS.toNanos(1);
    private static final int CLOSED = 1 << 31;

    private final LibC libc = Linux.libc();
    private final Linux.PreciseEpoll preciseEpoll;
    private final int epoll;
    private final int wakeupEvent;
    private final NativeMemory one = new NativeMemory(8);
    private final NativeMemory change = new NativeMemory(EVENT_LENGTH);
    private final NativeMemory timeout = new NativeMemory(16); // struct timespec
    private final NativeMemory epollReadable = new NativeMemory(8); // struct pollfd
    private NativeMemory events = new NativeMemory(64 * EVENT_LENGTH);

    /** Threads inside {@link #wakeup}; {@link #CLOSED} is added by {@link #close}. */
    private final AtomicInteger wakers = new AtomicInteger();

    /**
     * A waiter that watches nothing yet.
     *
     * @throws IOException when this is not a Linux whose libc can be called, or descriptors are used up
     */
    public EpollWaiter() throws IOException {
        this(Linux.preciseEpoll());
    }

    /** With or (null) without {@code epoll_pwait2}. */
    EpollWaiter(Linux.PreciseEpoll preciseEpoll) throws IOException {
        Linux.require();
        this.preciseEpoll = preciseEpoll;
        one.bytes().putLong(0, 1);
        epoll = NativeException.check("epoll_create1", libc.epoll_create1(LibC.CLOEXEC));
        int event = libc.eventfd(0, LibC.EFD_NONBLOCK | LibC.CLOEXEC);
        if (event < 0) {
            NativeException failure = new NativeException("eventfd", Linux.errno());
            libc.close(epoll);
            throw failure;
        }
        wakeupEvent = event;
        try {
            control(LibC.EPOLL_CTL_ADD, wakeupEvent, LibC.EPOLLIN | LibC.EPOLLET, WAKEUP_DATA);
        } catch (NativeException e) {
            close();
            throw e;
        }
        epollReadable.bytes().putInt(0, epoll).putShort(4, (short) LibC.POLLIN);
    }

    @Override
    public void add(int descriptor, int token, boolean readable, boolean writable) throws IOException {
        control(LibC.EPOLL_CTL_ADD, descriptor, interest(readable, writable), token);
    }

    @Override
    public void modify(int descriptor, int token, boolean readable, boolean writable) throws IOException {
        control(LibC.EPOLL_CTL_MOD, descriptor, interest(readable, writable), token);
    }

    @Override
    public void remove(int descriptor) {
        // Fails only for a descriptor that was never added or is closed already; then nothing is watched either.
        libc.epoll_ctl(epoll, LibC.EPOLL_CTL_DEL, descriptor, change.address());
    }

    private static int interest(boolean readable, boolean writable) {
        return (readable ? LibC.EPOLLIN : 0) | (writable ? LibC.EPOLLOUT : 0);
    }

    private void control(int operation, int descriptor, int interest, long data) throws NativeException {
        change.bytes().putInt(0, interest).putLong(DATA_OFFSET, data);
        if (libc.epoll_ctl(epoll, operation, descriptor, change.address()) < 0) {
            throw new NativeException("epoll_ctl for descriptor " + descriptor, Linux.errno());
        }
    }

    @Override
    public int await(long timeoutNs, int[] ready) {
        int capacity = Math.max(1, ready.length); // what does not fit is reported next time
        if (capacity * EVENT_LENGTH > events.bytes().capacity()) {
            events = new NativeMemory(capacity * EVENT_LENGTH);
        }
        int reported = await(timeoutNs, capacity);
        if (reported < 0) {
            int errno = Linux.errno();
            if (errno == Errno.EINTR) {
                return 0; // as a wake-up: the worker looks around and sleeps again
            }
            throw new IllegalStateException("epoll_wait: " + Errno.describe(errno));
        }
        ByteBuffer bytes = events.bytes();
        int tokens = 0;
        for (int i = 0; i < reported; i++) {
            long data = bytes.getLong(i * EVENT_LENGTH + DATA_OFFSET);
            if (data != WAKEUP_DATA && tokens < ready.length) {
                ready[tokens++] = (int) data;
            }
        }
        return tokens;
    }

    private int await(long timeoutNs, int capacity) {
        if (timeoutNs <= 0) {
            return libc.epoll_wait(epoll, events.address(), capacity, 0);
        }
        if (timeoutNs >= FOREVER_NS) {
            return libc.epoll_wait(epoll, events.address(), capacity, -1);
        }
        timeout.bytes().putLong(0, timeoutNs / NS_PER_S).putLong(8, timeoutNs % NS_PER_S);
        if (preciseEpoll != null) {
            return preciseEpoll.epoll_pwait2(epoll, events.address(), capacity, timeout.address(), 0);
        }
        // epoll_wait counts in milliseconds, too coarse for pacing: sleep on the epoll descriptor itself.
        int readable = libc.ppoll(epollReadable.address(), 1, timeout.address(), 0);
        return readable <= 0 ? readable : libc.epoll_wait(epoll, events.address(), capacity, 0);
    }

    @Override
    public void wakeup() {
        if (wakers.getAndIncrement() >= 0) {
            libc.write(wakeupEvent, one.address(), 8); // cannot block nor fail before 2^64 - 1 wake-ups
        }
        wakers.getAndDecrement();
    }

    @Override
    public void close() {
        if ((wakers.getAndUpdate(count -> count | CLOSED) & CLOSED) != 0) {
            return;
        }
        while (wakers.get() != CLOSED) {
            Thread.onSpinWait(); // for as long as a write to an eventfd takes
        }
        libc.close(wakeupEvent);
        libc.close(epoll);
    }
}
