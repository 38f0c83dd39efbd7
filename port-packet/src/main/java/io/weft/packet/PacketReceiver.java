package io.weft.packet;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.nativeio.Errno;
import io.weft.nativeio.FrameAddress;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.MessageVector;
import io.weft.nativeio.NativeMemory;
import io.weft.nativeio.VirtioNetHeader;
import io.weft.offload.OffloadCheck;
import io.weft.port.DropReason;
import io.weft.port.PortCounters;
import io.weft.port.PortHandle;
import java.nio.ByteBuffer;

/**
 * Receives frames from a packet socket, many with one call, each with what is left to be done to it and with the VLAN tag
 * that the kernel took off.
 *
 * <p>Each message lands in a large slot, so that none is ever cut. A frame that fits in a small slot is copied there, which
 * costs a few tens of nanoseconds; a longer one, as a super-frame, goes on in the slot itself. The slots that are left are
 * given back before the call returns: between two polls a port holds no memory of the pool, and because the pool is a stack
 * the same warm slots come again. How many to offer follows what came the last time: one for a ping, some tens in a stream
 * of ordinary frames, eight in one of super-frames.
 *
 * <p>Threads: worker.
 */
final class PacketReceiver {
    private static final int CAPACITY = FrameBatch.DEFAULT_CAPACITY;
    private static final int LEAST_OFFERED = 4;

    /** Bytes after which a poll ends, so that what came is sent on while it is in some cache, and nobody waits for long. */
    private static final int BURST_BYTES = 512 * 1024;

    private static final int LANDING_LENGTH = FramePool.LARGE_SLOT - Frame.HEADROOM;

    // struct tpacket_auxdata behind its control header
    private static final int AUXDATA_LENGTH = 20;
    private static final int STATUS = MessageVector.CONTROL_HEADER_LENGTH;
    private static final int VLAN_TCI = STATUS + 16;
    private static final int VLAN_TPID = STATUS + 18;
    private static final int STATUS_CHECKSUM_NOT_READY = 1 << 3;
    private static final int STATUS_VLAN_VALID = 1 << 4;
    private static final int STATUS_VLAN_TPID_VALID = 1 << 6;

    private static final int PACKET_OUTGOING = 4;

    private final int descriptor;
    private final int headerLength;
    private final boolean ignoresOutgoing;
    private final FramePool pool;
    private final PortHandle handle;
    private final MessageVector vector;
    private final ByteBuffer told; // the vector's memory
    private final Frame[] landings = new Frame[CAPACITY];
    private NativeMemory scratch; // where the pool has no large slot left
    private ByteBuffer scratchBytes; // in network byte order
    private int offered = LEAST_OFFERED;
    private int failure;
    private boolean more;

    PacketReceiver(PacketSocket socket, FramePool pool, PortHandle handle) {
        this.descriptor = socket.descriptor();
        this.headerLength = socket.virtioHeader() ? VirtioNetHeader.LENGTH : 0;
        this.ignoresOutgoing = socket.ignoresOutgoing();
        this.pool = pool;
        this.handle = handle;
        this.vector = new MessageVector(
                CAPACITY,
                1,
                ignoresOutgoing ? 0 : PacketSocket.ADDRESS_LENGTH,
                MessageVector.CONTROL_HEADER_LENGTH + AUXDATA_LENGTH);
        this.told = vector.bytes();
    }

    /**
     * Adds up to {@code limit} frames; fewer when nothing more waits, when they have many bytes, or when {@link #failure()}
     * says so.
     */
    int receive(FrameBatch into, int limit) {
        int before = into.size();
        int taken = 0; // messages, not frames, so that a dry pool does not keep the worker here
        int bytes = 0;
        failure = 0;
        more = true;
        while (taken < limit && bytes < BURST_BYTES) {
            int ready = offer(Math.min(offered, limit - taken));
            int received = vector.receive(descriptor, ready, LibC.MSG_DONTWAIT | LibC.MSG_TRUNC);
            int errno = received < 0 ? Linux.errno() : 0;
            land(received, into);
            takeBack(ready);
            if (errno == Errno.EINVAL) {
                drop(0, DropReason.MALFORMED); // the kernel had a super-frame that no virtio header can describe
                taken++;
            } else if (errno != 0) {
                failure = errno == Errno.EAGAIN || errno == Errno.EINTR ? 0 : errno;
                more = false;
                break;
            } else {
                taken += received;
                bytes += adapt(received);
                if (received < ready) {
                    more = false;
                    break;
                }
            }
        }
        return into.size() - before;
    }

    /** Turns the first {@code count} messages into frames. */
    private void land(int count, FrameBatch into) {
        for (int i = 0; i < count; i++) {
            Frame frame = land(i);
            if (frame != null) {
                frame.ingress(handle.index());
                into.add(frame);
            }
        }
    }

    /** Decides how many messages to offer the next time; returns the bytes of those that came. */
    private int adapt(int received) {
        int bytes = 1;
        for (int i = 0; i < received; i++) {
            bytes += Math.min(vector.length(i), Frame.MAX_LENGTH);
        }
        int affordable = (int) ((long) BURST_BYTES * received / bytes);
        offered = Math.max(LEAST_OFFERED, Math.min(CAPACITY, Math.min(2 * received, affordable)));
        return bytes;
    }

    /** Whether there may be more than the last call took. */
    boolean hasMore() {
        return more;
    }

    /** Why the last call ended early; 0 when there was nothing more. */
    int failure() {
        return failure;
    }

    /** Puts large slots under up to {@code count} messages and returns how many there are, at least 1. */
    private int offer(int count) {
        for (int i = 0; i < count; i++) {
            Frame landing = pool.allocate(Frame.MAX_LENGTH);
            landings[i] = landing;
            if (landing == null) {
                if (i == 0) {
                    offerScratch();
                }
                return Math.max(1, i);
            }
            vector.part(i, FrameAddress.of(landing) - headerLength, headerLength + LANDING_LENGTH);
        }
        return count;
    }

    private void offerScratch() {
        if (scratch == null) {
            scratch = new NativeMemory(headerLength + LANDING_LENGTH);
            scratchBytes = scratch.bytes().duplicate();
        }
        vector.part(0, scratch.address(), headerLength + LANDING_LENGTH);
    }

    private void takeBack(int count) {
        for (int i = count - 1; i >= 0; i--) {
            if (landings[i] != null) {
                landings[i].release();
                landings[i] = null;
            }
        }
    }

    /** Turns a message into a frame, or counts why not and returns {@code null}. */
    private Frame land(int message) {
        int length = vector.length(message) - headerLength;
        if (!ignoresOutgoing
                && told.get(vector.nameOffset(message) + PacketSocket.ADDRESS_PACKET_TYPE) == PACKET_OUTGOING) {
            return null; // sent on the interface by this machine: never ours
        }
        if (length > Frame.MAX_LENGTH) {
            return drop(length, DropReason.RX_TOO_LONG);
        }
        Frame landing = landings[message];
        ByteBuffer memory = landing != null ? landing.arena().memory() : scratchBytes;
        int offset = landing != null ? landing.arenaOffset() : headerLength;
        Frame frame;
        if (length <= FramePool.SMALL_LENGTH) {
            frame = pool.allocate(length);
            if (frame == null) {
                return drop(length, DropReason.POOL_EMPTY);
            }
            frame.putBytes(0, memory, offset, length);
        } else if (landing != null) {
            frame = landing;
            frame.length(length);
            landings[message] = null;
        } else {
            return drop(length, DropReason.POOL_EMPTY);
        }
        if (headerLength > 0) {
            VirtioNetHeader.read(memory, offset - headerLength, frame);
        }
        DropReason reason = complete(frame, message);
        if (reason != null) {
            frame.release();
            return drop(length, reason);
        }
        return frame;
    }

    /**
     * Puts the VLAN tag back that the kernel took off, and checks that what is left to be done can be; returns why the frame
     * is none, or {@code null}.
     */
    private DropReason complete(Frame frame, int message) {
        int control = vector.controlOffset(message);
        int status = vector.controlLength(message) >= MessageVector.CONTROL_HEADER_LENGTH + AUXDATA_LENGTH
                ? told.getInt(control + STATUS)
                : 0;
        if ((status & STATUS_VLAN_VALID) != 0) {
            int tpid = (status & STATUS_VLAN_TPID_VALID) != 0
                    ? told.getShort(control + VLAN_TPID) & 0xffff
                    : Ethernet.TPID_CUSTOMER;
            Ethernet.pushTag(frame, tpid, told.getShort(control + VLAN_TCI) & 0xffff);
            if (frame.length() > Frame.MAX_LENGTH) {
                return DropReason.RX_TOO_LONG;
            }
        }
        boolean sound = headerLength > 0 ? OffloadCheck.isSound(frame) : (status & STATUS_CHECKSUM_NOT_READY) == 0;
        return sound ? null : DropReason.MALFORMED;
    }

    private Frame drop(int length, DropReason reason) {
        PortCounters counters = handle.counters();
        counters.received(length);
        counters.dropped(reason);
        return null;
    }
}
