package io.weft.frame;

import java.nio.ByteBuffer;

/**
 * One Ethernet frame in pooled direct memory, from the destination address on, without FCS.
 *
 * <pre>
 *   slot:   |&lt;-- headroom --&gt;|&lt;------- length -------&gt;|&lt;-- tailroom --&gt;|
 *           0                start                     start + length    slot size
 * </pre>
 *
 * <p>Indexes given to {@code getX} and {@code putX} count from the frame's first byte, in network byte order. They are
 * bounds-checked against the slot, not against the frame: a decoder compares with {@link #length()} once and then reads,
 * and bytes behind the frame's end are those of an older frame, never of another slot.
 *
 * <p><b>Ownership.</b> A frame has one owner at any time. A method that accepts one says "takes ownership" or "borrows
 * for the call"; the owner ends it with {@link #release()}. With assertions on (tests), a double release fails loudly.
 *
 * <p>Threads: confined to the current owner; handing over through a {@link FrameRing} publishes the contents.
 */
public final class Frame {
    /** Bytes free in front of a newly allocated frame, for the headers that tunnels prepend. */
    public static final int HEADROOM = 384;

    /** The longest frame, in bytes from the destination address on, without FCS. */
    public static final int MAX_LENGTH = 65_535;

    /** Value of {@link #ingress()} for a frame that no port received. */
    public static final int NO_PORT = -1;

    /** Value of {@link #mirrored()} for a frame that is no mirror's copy. */
    public static final int NOT_MIRRORED = 0;

    /** {@link #mirrored()}: a mirror's copy of what a port received. */
    public static final int MIRRORED_RECEIVED = 1;

    /** {@link #mirrored()}: a mirror's copy of what a port sent. */
    public static final int MIRRORED_SENT = 2;

    /** {@link #offloadFlags()}: the checksum at {@link #checksumStart()} is partial and must be completed. */
    public static final int OFFLOAD_CHECKSUM_PARTIAL = 1;

    /** {@link #offloadFlags()}: the checksums were verified by whoever received the frame. */
    public static final int OFFLOAD_CHECKSUM_VALID = 2;

    /** {@link #gsoType()}: TCP over IPv4. The values are those of virtio_net_hdr. */
    public static final int GSO_TCPV4 = 1;

    /** {@link #gsoType()}: TCP over IPv6. */
    public static final int GSO_TCPV6 = 4;

    /** {@link #gsoType()}: UDP over IPv4 or IPv6, each segment a datagram. */
    public static final int GSO_UDP_L4 = 5;

    /** ORed into {@link #gsoType()}: TCP with CWR set, which only the first segment keeps (RFC 3168, 6.1.2). */
    public static final int GSO_ECN = 0x80;

    final FramePool pool;
    final boolean large;
    private final FrameArena arena;
    private final int arenaOffset;
    private final ByteBuffer memory; // limit stays at the slot's size: absolute access never fails inside the slot
    private final ByteBuffer window; // position and limit follow the frame, see bytes()

    boolean free = true; // for assertions only

    private int start;
    private int length;

    private int ingress;
    private int endpoint;
    private int egress;
    private int mirrored;
    private int splitHorizonGroup;

    private int offloadFlags;
    private int gsoType;
    private int gsoSize;
    private int headerLength;
    private int checksumStart;
    private int checksumOffset;

    Frame(FramePool pool, FrameArena arena, int arenaOffset, int slotSize, boolean large) {
        this.pool = pool;
        this.large = large;
        this.arena = arena;
        this.arenaOffset = arenaOffset;
        this.memory = arena.memory().slice(arenaOffset, slotSize);
        this.window = memory.duplicate();
    }

    /**
     * Prepares a slot that leaves the free stack. Of what an earlier life may have set, everything is reset that means
     * something by itself: the other offload fields do so only with a flag or a GSO type.
     */
    void reset(int newLength) {
        start = HEADROOM;
        length = newLength;
        ingress = NO_PORT;
        endpoint = 0;
        mirrored = NOT_MIRRORED;
        splitHorizonGroup = 0;
        offloadFlags = 0;
        gsoType = 0;
    }

    /** Gives the frame back to its pool. Any thread that owns it may call this; the frame must not be touched after. */
    public void release() {
        pool.release(this);
    }

    // ---- where the bytes are ----

    /** Length in bytes from the destination address on, without FCS. */
    public int length() {
        return length;
    }

    /**
     * Sets the length, as after a read into {@link #bytes()} or to cut the tail.
     *
     * @throws IllegalArgumentException if the slot has no room for it
     */
    public void length(int newLength) {
        if (newLength < 0 || newLength > memory.capacity() - start) {
            throw new IllegalArgumentException(
                    "length " + newLength + " is not within 0.." + (memory.capacity() - start));
        }
        length = newLength;
    }

    /** Bytes that can still be prepended. */
    public int headroom() {
        return start;
    }

    /** The longest frame that fits from the current start on, in bytes. */
    public int capacity() {
        return memory.capacity() - start;
    }

    /**
     * Grows the frame at its front; the new bytes are not cleared.
     *
     * @throws IllegalArgumentException if {@code bytes} exceeds {@link #headroom()}: ports declare what they need in
     *     their capabilities, so this is a programming error
     */
    public void prepend(int bytes) {
        if (bytes < 0 || bytes > start) {
            throw new IllegalArgumentException("prepend of " + bytes + " bytes with a headroom of " + start);
        }
        start -= bytes;
        length += bytes;
    }

    /**
     * Removes bytes from the front, as decapsulation does; they become headroom.
     *
     * @throws IllegalArgumentException if {@code bytes} exceeds {@link #length()}
     */
    public void consume(int bytes) {
        if (bytes < 0 || bytes > length) {
            throw new IllegalArgumentException("consume of " + bytes + " bytes of a frame of " + length);
        }
        start += bytes;
        length -= bytes;
    }

    /**
     * The frame's bytes, position at the first and limit behind the last. The same buffer object every time: borrowed
     * until the next call on this frame, big-endian, direct.
     */
    public ByteBuffer bytes() {
        return window.limit(start + length).position(start);
    }

    /** The arena this frame's slot lies in: with {@link #arenaOffset()}, what native calls need for an address. */
    public FrameArena arena() {
        return arena;
    }

    /** Offset in bytes of the frame's first byte from the beginning of its {@link #arena()}. */
    public int arenaOffset() {
        return arenaOffset + start;
    }

    // ---- bytes, big-endian, index from the frame's first byte ----

    /** The byte at {@code index}, 0..255. */
    public int getByte(int index) {
        return memory.get(start + index) & 0xff;
    }

    /** Two bytes at {@code index} as 0..65535. */
    public int getShort(int index) {
        return memory.getShort(start + index) & 0xffff;
    }

    /** Four bytes at {@code index}. */
    public int getInt(int index) {
        return memory.getInt(start + index);
    }

    /** Eight bytes at {@code index}. */
    public long getLong(int index) {
        return memory.getLong(start + index);
    }

    /** Writes the low 8 bits of {@code value}. */
    public void putByte(int index, int value) {
        memory.put(start + index, (byte) value);
    }

    /** Writes the low 16 bits of {@code value}. */
    public void putShort(int index, int value) {
        memory.putShort(start + index, (short) value);
    }

    /** Writes four bytes. */
    public void putInt(int index, int value) {
        memory.putInt(start + index, value);
    }

    /** Writes eight bytes. */
    public void putLong(int index, long value) {
        memory.putLong(start + index, value);
    }

    /**
     * Copies the frame's bytes from {@code index} on into an array.
     *
     * @throws IndexOutOfBoundsException if the slot or the array ends before {@code count} bytes
     */
    public void getBytes(int index, byte[] destination, int offset, int count) {
        memory.get(start + index, destination, offset, count);
    }

    /** Copies bytes into the frame from {@code index} on; does not change {@link #length()}. */
    public void putBytes(int index, byte[] source, int offset, int count) {
        memory.put(start + index, source, offset, count);
    }

    /** Copies {@code count} bytes of {@code source} from its {@code offset} on; positions do not move. */
    public void putBytes(int index, ByteBuffer source, int offset, int count) {
        memory.put(start + index, source, offset, count);
    }

    /** A copy of the frame's bytes, for tests and traces; allocates. */
    public byte[] toByteArray() {
        byte[] copy = new byte[length];
        getBytes(0, copy, 0, length);
        return copy;
    }

    /** Makes this frame, which is long enough, begin with the same bytes; for what is only looked at. */
    void copyHeadFrom(Frame original) {
        memory.put(start, original.memory, original.start, length);
        ingress = original.ingress;
    }

    /** Makes this frame carry the same bytes, marks and offload metadata as {@code original}. */
    void copyFrom(Frame original) {
        length = original.length;
        memory.put(start, original.memory, original.start, length);
        ingress = original.ingress;
        endpoint = original.endpoint;
        mirrored = original.mirrored;
        splitHorizonGroup = original.splitHorizonGroup;
        offloadFlags = original.offloadFlags;
        gsoType = original.gsoType;
        gsoSize = original.gsoSize;
        headerLength = original.headerLength;
        checksumStart = original.checksumStart;
        checksumOffset = original.checksumOffset;
    }

    // ---- where it came from and goes to ----

    /** Index of the port that received this frame, or {@link #NO_PORT}. */
    public int ingress() {
        return ingress;
    }

    /** Stamps the ingress port; a driver does this for every frame that its {@code poll} adds. */
    public void ingress(int portIndex) {
        ingress = portIndex;
    }

    /**
     * The remote end within a multipoint port: on receipt the one it came from, before transmit the one it goes to.
     * Opaque to the core; 0 means "none" on receipt and "all of them" on transmit. A negative number on transmit means all
     * but one, that which the frame came from: what a hub relays.
     */
    public int endpoint() {
        return endpoint;
    }

    /** See {@link #endpoint()}; on receipt 0..2<sup>20</sup>-1. */
    public void endpoint(int newEndpoint) {
        endpoint = newEndpoint;
    }

    /** Index of the port that is to transmit this frame; set by the core when a frame changes workers. */
    public int egress() {
        return egress;
    }

    /** See {@link #egress()}. */
    public void egress(int portIndex) {
        egress = portIndex;
    }

    /**
     * Whether the frame is a mirror's copy on its way to the mirror's output port, and of what: {@link #MIRRORED_RECEIVED},
     * {@link #MIRRORED_SENT} or {@link #NOT_MIRRORED}. For ports that tell whoever reads the copies (ERSPAN).
     */
    public int mirrored() {
        return mirrored;
    }

    /** See {@link #mirrored()}. */
    public void mirrored(int what) {
        mirrored = what;
    }

    /**
     * The split-horizon group that the frame comes from; 0 for none. On receipt a tunnel by which a site has several ways says so, and
     * the frame is not flooded to ports of that group, besides those of its ingress port's, lest what came from the site is flooded back
     * into it (Arg.FE2 in RFC 8986, 4.12). Before transmit of a flooded frame it is the same, or else its ingress port's group, so that
     * a tunnel can tell it to the other end; of a frame to a station that is known it says nothing.
     */
    public int splitHorizonGroup() {
        return splitHorizonGroup;
    }

    /** See {@link #splitHorizonGroup()}; a driver may set it for what its {@code poll} adds, the core does when it floods. */
    public void splitHorizonGroup(int group) {
        splitHorizonGroup = group;
    }

    // ---- offload metadata: what a virtio_net_hdr says (VIRTIO 1.2, 5.1.6) ----

    /** {@link #OFFLOAD_CHECKSUM_PARTIAL}, {@link #OFFLOAD_CHECKSUM_VALID}, or 0 for an ordinary frame. */
    public int offloadFlags() {
        return offloadFlags;
    }

    /** What kind of super-frame it is, {@link #GSO_TCPV4} and so on; 0 for none. */
    public int gsoType() {
        return gsoType;
    }

    /** Payload bytes of each segment that a super-frame stands for. */
    public int gsoSize() {
        return gsoSize;
    }

    /** Bytes of all headers (Ethernet to transport) of a super-frame; a hint. */
    public int headerLength() {
        return headerLength;
    }

    /** Where a partial checksum starts to sum, in bytes from the frame's first. */
    public int checksumStart() {
        return checksumStart;
    }

    /** Where a partial checksum is stored, in bytes from {@link #checksumStart()}. */
    public int checksumOffset() {
        return checksumOffset;
    }

    /** Sets all offload metadata; see the getters for units. */
    public void offload(int flags, int newGsoType, int newGsoSize, int newHeaderLength, int start, int offset) {
        offloadFlags = flags;
        gsoType = newGsoType;
        gsoSize = newGsoSize;
        headerLength = newHeaderLength;
        checksumStart = start;
        checksumOffset = offset;
    }

    /** Moves what the offload metadata counts from the frame's first byte, since a header in front of it came or went. */
    void shiftOffload(int bytes) {
        headerLength += bytes;
        checksumStart += bytes;
    }

    /** Whether the frame needs checksum completion or segmentation before a port without offloads may send it. */
    public boolean hasPendingOffload() {
        return ((offloadFlags & OFFLOAD_CHECKSUM_PARTIAL) | gsoType) != 0;
    }

    @Override
    public String toString() {
        return "Frame[" + length + " bytes from port " + ingress + (endpoint == 0 ? "" : " endpoint " + endpoint) + "]";
    }
}
