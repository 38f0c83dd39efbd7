package io.weft;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A frame's bytes with its offload metadata, as a driver receives it or a port is given it; and what it is on the wire, told
 * slowly and plainly, without any of the code under test.
 *
 * @param flags as {@link Frame#offloadFlags()}
 * @param headerLength true or, of a frame that is yet to be received, a hint
 */
record OffloadedFrame(
        byte[] bytes, int flags, int gsoType, int gsoSize, int headerLength, int checksumStart, int checksumOffset) {
    private static final int FIN_AND_PSH = 0x09;
    private static final int CWR = 0x80;

    /** What a frame is now. */
    static OffloadedFrame of(Frame frame) {
        boolean pending = frame.hasPendingOffload();
        return new OffloadedFrame(
                frame.toByteArray(),
                frame.offloadFlags() & Frame.OFFLOAD_CHECKSUM_PARTIAL,
                frame.gsoType(),
                frame.gsoType() == 0 ? 0 : frame.gsoSize(),
                frame.gsoType() == 0 ? 0 : frame.headerLength(),
                pending ? frame.checksumStart() : 0,
                pending ? frame.checksumOffset() : 0);
    }

    /** An ordinary frame. */
    static OffloadedFrame plain(byte[] bytes) {
        return new OffloadedFrame(bytes, 0, 0, 0, 0, 0, 0);
    }

    /** A frame of a pool with these bytes and metadata, or {@code null}. */
    Frame allocate(FramePool pool) {
        Frame frame = pool.allocate(bytes.length);
        if (frame != null) {
            frame.putBytes(0, bytes, 0, bytes.length);
            frame.offload(flags, gsoType, gsoSize, headerLength, checksumStart, checksumOffset);
        }
        return frame;
    }

    boolean isSuperFrame() {
        return gsoType != 0;
    }

    boolean isPartial() {
        return flags != 0;
    }

    /** The same with another tag outside of those it has. */
    OffloadedFrame tagged(int tpid, int tci) {
        return moved(ReferenceVlans.withTag(bytes, tpid, tci), 4);
    }

    /** The same without its outer tag. */
    OffloadedFrame untagged() {
        byte[] less = new byte[bytes.length - 4];
        System.arraycopy(bytes, 0, less, 0, 12);
        System.arraycopy(bytes, 16, less, 12, less.length - 12);
        return moved(less, -4);
    }

    private OffloadedFrame moved(byte[] newBytes, int by) {
        boolean pending = isPartial() || isSuperFrame();
        return new OffloadedFrame(
                newBytes,
                flags,
                gsoType,
                gsoSize,
                isSuperFrame() ? headerLength + by : 0,
                pending ? checksumStart + by : 0,
                checksumOffset);
    }

    /** The same to another station. */
    OffloadedFrame to(String mac) {
        byte[] other = bytes.clone();
        for (int i = 0; i < 6; i++) {
            other[i] = (byte) Integer.parseInt(mac.substring(3 * i, 3 * i + 2), 16);
        }
        return new OffloadedFrame(other, flags, gsoType, gsoSize, headerLength, checksumStart, checksumOffset);
    }

    /** The frames that it stands for, their checksums summed anew. */
    List<byte[]> onTheWire() {
        if (!isSuperFrame()) {
            return List.of(isPartial() ? withChecksums(bytes) : bytes);
        }
        int ip = ipOffset(bytes);
        int transport = transportOffset(bytes, ip);
        boolean udp = gsoType == 5;
        int payload = transport + (udp ? 8 : (bytes[transport + 12] >> 4 & 0xf) * 4);
        List<byte[]> all = new ArrayList<>();
        for (int at = payload; at < bytes.length; at += gsoSize) {
            int end = Math.min(bytes.length, at + gsoSize);
            ByteBuffer segment = ByteBuffer.allocate(payload + end - at);
            segment.put(bytes, 0, payload).put(bytes, at, end - at);
            if (isIpv4(bytes, ip)) {
                segment.putShort(ip + 2, (short) (segment.capacity() - ip));
                segment.putShort(ip + 4, (short) (segment.getShort(ip + 4) + all.size()));
            } else {
                segment.putShort(ip + 4, (short) (segment.capacity() - ip - 40));
            }
            if (udp) {
                segment.putShort(transport + 4, (short) (segment.capacity() - transport));
            } else {
                segment.putInt(transport + 4, segment.getInt(transport + 4) + at - payload);
                int cleared = (at == payload ? 0 : CWR) | (end == bytes.length ? 0 : FIN_AND_PSH);
                segment.put(transport + 13, (byte) (segment.get(transport + 13) & ~cleared));
            }
            all.add(withChecksums(segment.array()));
        }
        return all;
    }

    /** Whether the checksums of a frame of the wire, TCP or UDP, and its lengths are right; no other frame may be asked. */
    static boolean isRight(byte[] frame) {
        int ip = ipOffset(frame);
        int length = isIpv4(frame, ip) ? at(frame, ip + 2) : at(frame, ip + 4) + 40;
        return length == frame.length - ip && Arrays.equals(frame, withChecksums(frame));
    }

    /** A copy whose checksums (IPv4, TCP, UDP) are made anew, from the addresses and all. */
    static byte[] withChecksums(byte[] frame) {
        byte[] right = frame.clone();
        ByteBuffer out = ByteBuffer.wrap(right);
        int ip = ipOffset(right);
        int transport = transportOffset(right, ip);
        boolean ipv4 = isIpv4(right, ip);
        int protocol = right[ipv4 ? ip + 9 : ip + 6];
        if (ipv4) {
            out.putShort(ip + 10, (short) 0);
            out.putShort(ip + 10, (short) ~sum(right, ip, transport));
        }
        int field = transport + (protocol == 17 ? 6 : 16);
        out.putShort(field, (short) 0);
        int addresses = ipv4 ? sum(right, ip + 12, ip + 20) : sum(right, ip + 8, ip + 40);
        int sum = fold(addresses + protocol + right.length - transport + sum(right, transport, right.length));
        int checksum = ~sum & 0xffff;
        out.putShort(field, (short) (protocol == 17 && checksum == 0 ? 0xffff : checksum));
        return right;
    }

    /** Where the IP header begins, behind all tags there may be. */
    static int ipOffset(byte[] frame) {
        int type = 12;
        while (at(frame, type) == 0x8100 || at(frame, type) == 0x88a8) {
            type += 4;
        }
        return type + 2;
    }

    static boolean isIpv4(byte[] frame, int ip) {
        return at(frame, ip - 2) == 0x0800;
    }

    static int transportOffset(byte[] frame, int ip) {
        return ip + (isIpv4(frame, ip) ? (frame[ip] & 0xf) * 4 : 40);
    }

    private static int at(byte[] frame, int index) {
        return (frame[index] & 0xff) << 8 | frame[index + 1] & 0xff;
    }

    static int sum(byte[] frame, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            sum += (frame[i] & 0xff) << ((i - from) % 2 == 0 ? 8 : 0);
        }
        return fold(sum);
    }

    static int fold(int sum) {
        int folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return folded;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OffloadedFrame that
                && Arrays.equals(bytes, that.bytes)
                && List.of(flags, gsoType, gsoSize, headerLength, checksumStart, checksumOffset)
                        .equals(List.of(
                                that.flags,
                                that.gsoType,
                                that.gsoSize,
                                that.headerLength,
                                that.checksumStart,
                                that.checksumOffset));
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return bytes.length + " bytes, flags " + flags + ", gso " + gsoType + "/" + gsoSize + ", headers "
                + headerLength + ", checksum " + checksumStart + "+" + checksumOffset + ", number "
                + Arrays.hashCode(bytes);
    }
}
