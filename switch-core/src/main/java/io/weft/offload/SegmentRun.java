package io.weft.offload;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv4;

/**
 * The segments of one flow that were merged so far: a frame of a batch that grows with each, and what the next one has to
 * look like. Until {@link #finish} the frame's headers are still those of its first segment.
 *
 * <p>Threads: confined.
 */
final class SegmentRun {
    /** What UDP segmentation takes at most in any kernel that has it. */
    static final int MAX_SEGMENTS = 64;

    /** Some versions of Linux raise smaller segment sizes of TCP to this, and would cut such a super-frame elsewhere. */
    static final int MIN_TCP_GSO_SIZE = 8;

    /** {@link #add}: the frame's payload is part of the run. */
    static final int ADDED = 0;

    /** {@link #add}: the frame does not continue this run; it may begin another. */
    static final int UNSUITED = 1;

    /** {@link #add}: the frame has a wrong checksum. */
    static final int WRONG = 2;

    /** {@link #add}: the pool has no large slot. */
    static final int ROOMLESS = 3;

    private static final long IPV4_WITHOUT_LENGTH = 0xffff_0000_ffff_ffffL;
    private static final long IPV6_WITHOUT_LENGTH = 0xffff_ffff_0000_ffffL;
    private static final long WITHOUT_PSH_AND_FIN = ~((long) (TransportSegment.PSH | TransportSegment.FIN) << 16);

    long hosts;
    long flow;

    /** The frame's index in the batch. */
    int slot;

    private Frame frame;
    private int ip;
    private int transport;
    private int payload;
    private int gsoType;
    private int gsoSize;
    private int segments;
    private int lastFlags;
    private boolean headIsRight; // its checksums; looked at when the second segment comes
    private boolean ended;

    // What the next segment has to have in common with the first, eight bytes at a time; read when the second comes.
    private boolean read;
    private long addresses;
    private long addressesAndType;
    private long type;
    private long ipStart; // without the length; with the next IPv4 id
    private long portsAndSequence; // of the next segment; only the ports count for UDP
    private long acknowledgement; // with flags and window

    /** Whether a frame can be the first of several. */
    static boolean canBegin(Frame frame, TransportSegment segment) {
        return segment.gsoType == Frame.GSO_UDP_L4
                || frame.length() - segment.payload >= MIN_TCP_GSO_SIZE
                        && (frame.getByte(segment.transport + 13) & (TransportSegment.PSH | TransportSegment.FIN)) == 0;
    }

    /** Begins with this frame, which is at {@code newSlot} of the batch. */
    void begin(Frame first, TransportSegment segment, int newSlot) {
        frame = first;
        hosts = segment.hosts;
        flow = segment.flow;
        slot = newSlot;
        ip = segment.ip;
        transport = segment.transport;
        payload = segment.payload;
        gsoType = segment.gsoType;
        gsoSize = first.length() - payload;
        segments = 1;
        lastFlags = 0;
        headIsRight = false;
        ended = false;
        read = false;
    }

    /** Whether nothing may be added any more. */
    boolean isEnded() {
        return ended;
    }

    /**
     * Adds a frame if it is the next segment, there is room for it, and its checksums and the first segment's are right. The
     * frame stays the caller's.
     *
     * @param next whose headers {@code segment} has read: {@link TransportSegment#MERGEABLE}
     * @param frames in which the run's frame is
     * @param poolIsDry whether the pool has just been found to have no large slot
     * @return {@link #ADDED}, or why not; nothing has changed then
     */
    int add(
            Frame next,
            TransportSegment segment,
            int maxFrameLength,
            FrameBatch frames,
            FramePool pool,
            boolean poolIsDry) {
        if (!continuesWith(next, segment, maxFrameLength) || poolIsDry && !hasRoomFor(next) || !isHeadRight()) {
            return UNSUITED;
        }
        if (!TransportSegment.hasRightChecksums(next, ip, transport, gsoType)) {
            return WRONG;
        }
        return append(next, frames, pool) ? ADDED : ROOMLESS;
    }

    /** Whether the frame's headers make it the next segment and there is room for it. */
    private boolean continuesWith(Frame next, TransportSegment segment, int maxFrameLength) {
        int added = next.length() - segment.payload;
        if (added > gsoSize
                || frame.length() + added > maxFrameLength
                || segments == MAX_SEGMENTS
                || segment.gsoType != gsoType
                || segment.ip != ip
                || segment.payload != payload
                || next.endpoint() != frame.endpoint()
                || next.splitHorizonGroup() != frame.splitHorizonGroup()) {
            return false;
        }
        if (!read) {
            readFirst();
        }
        return next.getLong(0) == addresses
                && next.getLong(8) == addressesAndType
                && next.getLong(ip - 8) == type
                && (isIpv4() ? isSameIpv4(next) : isSameIpv6(next))
                && (isUdp() ? next.getInt(transport) == (int) (portsAndSequence >>> 32) : isNextTcp(next));
    }

    private void readFirst() {
        read = true;
        addresses = frame.getLong(0);
        addressesAndType = frame.getLong(8); // in an untagged frame also the first two bytes of the IP header
        type = frame.getLong(ip - 8);
        ipStart = frame.getLong(ip) & (isIpv4() ? IPV4_WITHOUT_LENGTH : IPV6_WITHOUT_LENGTH);
        portsAndSequence = (long) frame.getInt(transport) << 32;
        if (!isUdp()) {
            portsAndSequence |= frame.getInt(transport + 4) & 0xffff_ffffL;
            acknowledgement = frame.getLong(transport + 8) & WITHOUT_PSH_AND_FIN;
        }
        countUp(gsoSize);
    }

    /** Makes the id and the sequence number those of the segment after one with so many bytes. */
    private void countUp(int bytes) {
        if (isIpv4()) {
            ipStart = ipStart & ~0xffff_0000L | ipStart + 0x1_0000L & 0xffff_0000L;
        }
        portsAndSequence = portsAndSequence & ~0xffff_ffffL | portsAndSequence + bytes & 0xffff_ffffL;
    }

    private boolean isIpv4() {
        return transport - ip == Ipv4.HEADER_LENGTH;
    }

    private boolean isUdp() {
        return gsoType == Frame.GSO_UDP_L4;
    }

    private boolean isSameIpv4(Frame next) {
        return (next.getLong(ip) & IPV4_WITHOUT_LENGTH) == ipStart // type of service, id, flags
                && next.getShort(ip + 8) == frame.getShort(ip + 8) // TTL, protocol
                && next.getLong(ip + 12) == frame.getLong(ip + 12);
    }

    private boolean isSameIpv6(Frame next) {
        return (next.getLong(ip) & IPV6_WITHOUT_LENGTH) == ipStart // traffic class, flow label, protocol, hop limit
                && next.getLong(ip + 8) == frame.getLong(ip + 8)
                && next.getLong(ip + 16) == frame.getLong(ip + 16)
                && next.getLong(ip + 24) == frame.getLong(ip + 24)
                && next.getLong(ip + 32) == frame.getLong(ip + 32);
    }

    private boolean isNextTcp(Frame next) {
        if (next.getLong(transport) != portsAndSequence
                || (next.getLong(transport + 8) & WITHOUT_PSH_AND_FIN) != acknowledgement
                || next.getShort(transport + 18) != frame.getShort(transport + 18)) { // urgent pointer
            return false;
        }
        int option = transport + 20;
        for (; option + 8 <= payload; option += 8) {
            if (next.getLong(option) != frame.getLong(option)) {
                return false;
            }
        }
        return option == payload || next.getInt(option) == frame.getInt(option);
    }

    /** Whether the first segment's checksums are right. */
    private boolean isHeadRight() {
        if (!headIsRight) {
            headIsRight = TransportSegment.hasRightChecksums(frame, ip, transport, gsoType);
        }
        return headIsRight;
    }

    /** Whether the next segment fits behind the others without a large slot. */
    private boolean hasRoomFor(Frame next) {
        return frame.length() + next.length() - payload <= frame.capacity();
    }

    private boolean append(Frame next, FrameBatch frames, FramePool pool) {
        int length = frame.length();
        int added = next.length() - payload;
        if (!hasRoomFor(next) && !moveToLargeSlot(frames, pool)) {
            return false;
        }
        frame.putBytes(length, next.arena().memory(), next.arenaOffset() + payload, added);
        frame.length(length + added);
        segments++;
        countUp(added);
        ended = added < gsoSize;
        if (!isUdp()) {
            lastFlags = next.getByte(transport + 13) & (TransportSegment.PSH | TransportSegment.FIN);
            ended |= lastFlags != 0;
        }
        return true;
    }

    private boolean moveToLargeSlot(FrameBatch frames, FramePool pool) {
        Frame large = pool.allocate(Frame.MAX_LENGTH);
        if (large == null) {
            return false;
        }
        int length = frame.length();
        large.putBytes(0, frame.arena().memory(), frame.arenaOffset(), length);
        large.length(length);
        large.ingress(frame.ingress());
        large.endpoint(frame.endpoint());
        large.egress(frame.egress());
        large.splitHorizonGroup(frame.splitHorizonGroup());
        frames.replace(slot, large);
        frame.release();
        frame = large;
        return true;
    }

    /** Makes a super-frame of it if there are several segments. */
    void finish() {
        if (segments > 1) {
            writeHeaders();
        }
        frame = null;
    }

    private void writeHeaders() {
        int end = frame.length();
        if (isIpv4()) {
            frame.putShort(ip + 2, end - ip);
            frame.putShort(ip + 10, 0);
            frame.putShort(ip + 10, InternetChecksum.checksum(TransportSegment.ipv4HeaderSum(frame, ip)));
        } else {
            frame.putShort(ip + 4, end - transport);
        }
        if (isUdp()) {
            frame.putShort(transport + 4, end - transport);
        } else {
            frame.putByte(transport + 13, frame.getByte(transport + 13) | lastFlags);
        }
        int checksumOffset = TransportSegment.checksumOffset(gsoType);
        frame.putShort(
                transport + checksumOffset,
                InternetChecksum.fold(TransportSegment.pseudoHeader(frame, ip, transport, gsoType)));
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, gsoType, gsoSize, payload, transport, checksumOffset);
    }
}
