package io.weft.nativeio;

import java.nio.ByteBuffer;

/**
 * An array of {@code struct mmsghdr} in native memory, for {@code recvmmsg} and {@code sendmmsg}: many messages with one
 * system call. Each message has one or more parts, which lie where the caller says, and, where there is room for them, an
 * address and control messages of its own, which lie here.
 *
 * <pre>
 *   mmsghdr of message i, at 64 * i                          iovec of a part     cmsghdr
 *    0 name   8 its length  16 parts       24 how many        0 address            0 length, header counted (8 bytes)
 *   32 control 40 its length 48 flags  56 bytes moved         8 length             8 level   12 type   16 data
 * </pre>
 *
 * <p>A message stays as it was set up: only what changes between two calls is written again. All numbers are in the
 * machine's byte order, but for what is inside a socket address.
 *
 * <p>Threads: confined.
 */
public final class MessageVector {
    /** Bytes of a {@code struct cmsghdr}, behind which a control message's data begins. */
    public static final int CONTROL_HEADER_LENGTH = 16;

    private static final int STRIDE = 64; // sizeof(struct mmsghdr) on 64-bit Linux
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int PARTS = 16;
    private static final int PART_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int LENGTH = 56;

    private static final int PART_STRIDE = 16; // sizeof(struct iovec)
    private static final int PART_LENGTH = 8;

    private static final LibC LIBC = Linux.libc();

    private final int capacity;
    private final int partsPerMessage;
    private final int nameCapacity;
    private final int controlCapacity;
    private final int partsOffset;
    private final int namesOffset;
    private final int nameStride;
    private final int controlsOffset;
    private final int controlStride;
    private final ByteBuffer bytes;
    private final long address;

    /**
     * A vector of messages, each with {@code partsPerMessage} parts that are not set yet.
     *
     * @param capacity messages in it, at least 1
     * @param partsPerMessage most parts that a message may have, at least 1
     * @param nameCapacity bytes for each message's socket address, 0 for none
     * @param controlCapacity bytes for each message's control messages, headers and padding counted, 0 for none
     */
    public MessageVector(int capacity, int partsPerMessage, int nameCapacity, int controlCapacity) {
        if (capacity < 1 || partsPerMessage < 1 || nameCapacity < 0 || controlCapacity < 0) {
            throw new IllegalArgumentException("a vector of " + capacity + " messages of " + partsPerMessage
                    + " parts, with " + nameCapacity + " and " + controlCapacity + " bytes beside");
        }
        this.capacity = capacity;
        this.partsPerMessage = partsPerMessage;
        this.nameCapacity = nameCapacity;
        this.controlCapacity = controlCapacity;
        nameStride = aligned(nameCapacity);
        controlStride = aligned(controlCapacity);
        partsOffset = capacity * STRIDE;
        namesOffset = partsOffset + capacity * partsPerMessage * PART_STRIDE;
        controlsOffset = namesOffset + capacity * nameStride;
        NativeMemory memory = new NativeMemory(controlsOffset + capacity * controlStride);
        bytes = memory.bytes();
        address = memory.address();
        for (int message = 0; message < capacity; message++) {
            setUp(message);
        }
    }

    private static int aligned(int length) {
        return (length + 7) & ~7;
    }

    private void setUp(int message) {
        int header = message * STRIDE;
        bytes.putLong(header + PARTS, address + partsOffset + (long) message * partsPerMessage * PART_STRIDE);
        parts(message, partsPerMessage);
        if (nameCapacity > 0) {
            bytes.putLong(header + NAME, address + nameOffset(message));
            nameLength(message, nameCapacity);
        }
        if (controlCapacity > 0) {
            bytes.putLong(header + CONTROL, address + controlOffset(message));
            controlLength(message, controlCapacity);
        }
    }

    /** Messages in it. */
    public int capacity() {
        return capacity;
    }

    /** The whole memory, in the machine's byte order: for what lies at the offsets told below. */
    public ByteBuffer bytes() {
        return bytes;
    }

    // ---- what a message consists of ----

    /** Says where the only, or the first, part of a message lies. */
    public void part(int message, long partAddress, int length) {
        part(message, 0, partAddress, length);
    }

    /** Says where a part of a message lies. */
    public void part(int message, int part, long partAddress, int length) {
        int offset = partsOffset + (message * partsPerMessage + part) * PART_STRIDE;
        bytes.putLong(offset, partAddress);
        bytes.putLong(offset + PART_LENGTH, length);
    }

    /** How many parts a message has, of those there is room for. */
    public void parts(int message, int count) {
        bytes.putLong(message * STRIDE + PART_COUNT, count);
    }

    /**
     * Makes a message of parts of other messages, which follow each other in memory: for a vector of one part per message,
     * of which one message is to consist of the parts of several.
     *
     * @param firstPart the first of them, counted over the whole vector
     */
    public void parts(int message, int firstPart, int count) {
        bytes.putLong(message * STRIDE + PARTS, address + partsOffset + (long) firstPart * PART_STRIDE);
        parts(message, count);
    }

    /** Where a message's socket address lies in {@link #bytes()}. */
    public int nameOffset(int message) {
        return namesOffset + message * nameStride;
    }

    /** Bytes of the socket address that a message came with. */
    public int nameLength(int message) {
        return bytes.getInt(message * STRIDE + NAME_LENGTH);
    }

    /** Bytes of the socket address that a message is to be sent to; 0 for where the socket is connected to. */
    public void nameLength(int message, int length) {
        bytes.putInt(message * STRIDE + NAME_LENGTH, length);
    }

    /** Where a message's control messages lie in {@link #bytes()}. */
    public int controlOffset(int message) {
        return controlsOffset + message * controlStride;
    }

    /** Bytes of the control messages that a message came with. */
    public int controlLength(int message) {
        return (int) bytes.getLong(message * STRIDE + CONTROL_LENGTH);
    }

    /** Bytes of the control messages that a message is to be sent with. */
    public void controlLength(int message, int length) {
        bytes.putLong(message * STRIDE + CONTROL_LENGTH, length);
    }

    /** Bytes that were moved; with {@link LibC#MSG_TRUNC} the true length of a message that was cut. */
    public int length(int message) {
        return bytes.getInt(message * STRIDE + LENGTH);
    }

    /** The flags that a message came with. */
    public int flags(int message) {
        return bytes.getInt(message * STRIDE + FLAGS);
    }

    // ---- the calls ----

    /**
     * Receives into the first {@code count} messages.
     *
     * @param flags as for {@code recvmsg}
     * @return how many were received, or a negative number with the reason in {@link Linux#errno()}. An error after the
     *     first message is told by the next call
     */
    public int receive(int descriptor, int count, int flags) {
        if (nameCapacity > 0) {
            for (int message = 0; message < count; message++) {
                nameLength(message, nameCapacity);
            }
        }
        if (controlCapacity > 0) {
            for (int message = 0; message < count; message++) {
                controlLength(message, controlCapacity);
            }
        }
        return LIBC.recvmmsg(descriptor, address, count, flags, 0);
    }

    /**
     * Sends {@code count} messages from {@code first} on.
     *
     * @param flags as for {@code sendmsg}
     * @return how many were sent: fewer than {@code count} when the next of them failed, whose error is told when it is the
     *     first of another call; or a negative number with the reason in {@link Linux#errno()}
     */
    public int send(int descriptor, int first, int count, int flags) {
        return LIBC.sendmmsg(descriptor, address + (long) first * STRIDE, count, flags);
    }
}
