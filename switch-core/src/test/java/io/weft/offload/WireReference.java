package io.weft.offload;

import io.weft.frame.Frame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a frame with offload metadata is on the wire, slowly and plainly, for frames that the coalescer made or was given. */
final class WireReference {
    private WireReference() {}

    /** The frames that this one stands for, with their checksums. */
    static List<byte[]> frames(Frame frame) {
        byte[] bytes = frame.toByteArray();
        if (frame.gsoType() == 0) {
            if ((frame.offloadFlags() & Frame.OFFLOAD_CHECKSUM_PARTIAL) != 0) {
                complete(bytes, frame.checksumStart(), frame.checksumOffset());
            }
            return List.of(bytes);
        }
        int transport = frame.checksumStart();
        int payload = frame.headerLength();
        boolean udp = frame.gsoType() == 5;
        int ip = transport - (frame.gsoType() == 4 || udp && ipVersionBefore(bytes, transport, 40) == 6 ? 40 : 20);
        List<byte[]> segments = new ArrayList<>();
        for (int from = payload; from < bytes.length; from += frame.gsoSize()) {
            int to = Math.min(bytes.length, from + frame.gsoSize());
            byte[] segment = Arrays.copyOf(bytes, payload + to - from);
            System.arraycopy(bytes, from, segment, payload, to - from);
            rewriteHeaders(segment, ip, transport, segments.size(), from - payload, to == bytes.length, udp);
            segments.add(segment);
        }
        return segments;
    }

    private static int ipVersionBefore(byte[] bytes, int transport, int headerLength) {
        int ip = transport - headerLength;
        // With IPv4 there is an address here that begins with neither.
        return ip >= 14 && bytes[ip - 2] == (byte) 0x86 && bytes[ip - 1] == (byte) 0xdd ? bytes[ip] >>> 4 : 4;
    }

    private static void rewriteHeaders(
            byte[] segment, int ip, int transport, int number, int offset, boolean last, boolean udp) {
        ByteBuffer bytes = ByteBuffer.wrap(segment);
        if (transport - ip == 20) {
            bytes.putShort(ip + 2, (short) (segment.length - ip));
            bytes.putShort(ip + 4, (short) (bytes.getShort(ip + 4) + number));
            bytes.putShort(ip + 10, (short) 0);
            bytes.putShort(ip + 10, (short) checksum(Arrays.copyOfRange(segment, ip, transport)));
        } else {
            bytes.putShort(ip + 4, (short) (segment.length - transport));
        }
        int checksumOffset = udp ? 6 : 16;
        if (udp) {
            bytes.putShort(transport + 4, (short) (segment.length - transport));
        } else {
            bytes.putInt(transport + 4, bytes.getInt(transport + 4) + offset);
            if (!last) {
                segment[transport + 13] &= ~(TransportSegment.FIN | TransportSegment.PSH);
            }
        }
        byte[] addresses = Arrays.copyOfRange(segment, transport - ip == 20 ? ip + 12 : ip + 8, transport);
        int pseudo = pseudoHeader(addresses, udp ? 17 : 6, segment.length - transport);
        bytes.putShort(transport + checksumOffset, (short) 0);
        bytes.putShort(transport + checksumOffset, (short)
                checksum(pseudo, Arrays.copyOfRange(segment, transport, segment.length), udp));
    }

    private static void complete(byte[] bytes, int start, int offset) {
        int checksum = checksum(0, Arrays.copyOfRange(bytes, start, bytes.length), offset == 6);
        bytes[start + offset] = (byte) (checksum >>> 8);
        bytes[start + offset + 1] = (byte) checksum;
    }

    static int pseudoHeader(byte[] addresses, int protocol, int length) {
        return sum(addresses) + protocol + length;
    }

    static int checksum(byte[] bytes) {
        return ~fold(sum(bytes)) & 0xffff;
    }

    static int checksum(int pseudoHeader, byte[] bytes, boolean udp) {
        int checksum = ~fold(pseudoHeader + sum(bytes)) & 0xffff;
        return udp && checksum == 0 ? 0xffff : checksum;
    }

    private static int sum(byte[] bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i++) {
            sum += (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
        }
        return sum;
    }

    static int fold(int sum) {
        int folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return folded;
    }
}
