package io.weft.examples.hosts.memory;

import java.nio.ByteBuffer;

/** Destination, source and EtherType: the first 14 bytes. MAC addresses are in the low 48 bits of a long. */
final class EthernetHeader {
    static final int LENGTH = 14;
    static final long BROADCAST = 0xffff_ffff_ffffL;

    static final int TYPE_ARP = 0x0806;
    static final int TYPE_IPV4 = 0x0800;
    static final int TYPE_IPV6 = 0x86dd;

    private EthernetHeader() {}

    static long destination(ByteBuffer frame) {
        return mac(frame, 0);
    }

    static long source(ByteBuffer frame) {
        return mac(frame, 6);
    }

    static int type(ByteBuffer frame) {
        return frame.getShort(12) & 0xffff;
    }

    static void write(ByteBuffer frame, long destination, long source, int type) {
        putMac(frame, 0, destination);
        putMac(frame, 6, source);
        frame.putShort(12, (short) type);
    }

    static long mac(ByteBuffer bytes, int offset) {
        return (long) (bytes.getShort(offset) & 0xffff) << 32 | bytes.getInt(offset + 2) & 0xffff_ffffL;
    }

    static void putMac(ByteBuffer bytes, int offset, long mac) {
        bytes.putShort(offset, (short) (mac >>> 32));
        bytes.putInt(offset + 2, (int) mac);
    }

    /** Whether this may be one station's address: neither a group's nor zero. */
    static boolean isStation(long mac) {
        return mac != 0 && (mac & 1L << 40) == 0;
    }
}
