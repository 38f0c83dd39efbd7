package io.weft.gre;

import java.nio.ByteBuffer;

/** The Ethernet and IPv4 headers that a dissector needs around a GRE packet; nothing of it is taken from the code under test. */
final class OuterIp {
    private OuterIp() {}

    /** From 192.0.2.1 to 192.0.2.2. */
    static byte[] around(byte[] gre) {
        ByteBuffer packet = ByteBuffer.allocate(34 + gre.length);
        packet.putLong(0x0200_0000_0002_0200L).putInt(1).putShort((short) 0x0800);
        packet.putInt(0x4500 << 16 | 20 + gre.length).putInt(0x4000).putInt(64 << 24 | 47 << 16);
        packet.putInt(0xc000_0201).putInt(0xc000_0202).put(gre);
        int sum = 0;
        for (int at = 14; at < 34; at += 2) {
            sum += packet.getShort(at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return packet.putShort(24, (short) ~((sum & 0xffff) + (sum >>> 16))).array();
    }
}
