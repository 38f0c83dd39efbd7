package io.weft.examples.hosts.memory;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * ARP for IPv4 over Ethernet (RFC 826), 28 bytes after the Ethernet header: hardware type 1, protocol 0x0800, lengths 6
 * and 4, operation, sender MAC and IP, target MAC and IP.
 */
final class ArpPacket {
    static final int LENGTH = 28;
    static final int REQUEST = 1;
    static final int REPLY = 2;

    private static final int START = EthernetHeader.LENGTH;

    private ArpPacket() {}

    /** Whether the frame, of type ARP, has one that we can read; after that no accessor fails. */
    static boolean isReadable(ByteBuffer frame) {
        return frame.limit() >= START + LENGTH
                && frame.getShort(START) == 1
                && (frame.getShort(START + 2) & 0xffff) == EthernetHeader.TYPE_IPV4
                && frame.get(START + 4) == 6
                && frame.get(START + 5) == 4
                && EthernetHeader.isStation(senderMac(frame));
    }

    static int operation(ByteBuffer frame) {
        return frame.getShort(START + 6) & 0xffff;
    }

    static long senderMac(ByteBuffer frame) {
        return EthernetHeader.mac(frame, START + 8);
    }

    static byte[] senderIp(ByteBuffer frame) {
        return bytes(frame, START + 14, 4);
    }

    static byte[] targetIp(ByteBuffer frame) {
        return bytes(frame, START + 24, 4);
    }

    /** A frame to everyone that asks who has the target's address. */
    static ByteBuffer request(long senderMac, byte[] senderIp, byte[] targetIp) {
        return packet(EthernetHeader.BROADCAST, REQUEST, senderMac, senderIp, 0, targetIp);
    }

    /** A frame to the one who asked. */
    static ByteBuffer reply(long senderMac, byte[] senderIp, long targetMac, byte[] targetIp) {
        return packet(targetMac, REPLY, senderMac, senderIp, targetMac, targetIp);
    }

    private static ByteBuffer packet(
            long destination, int operation, long senderMac, byte[] senderIp, long targetMac, byte[] targetIp) {
        ByteBuffer frame = ByteBuffer.allocate(START + LENGTH);
        EthernetHeader.write(frame, destination, senderMac, EthernetHeader.TYPE_ARP);
        frame.putShort(START, (short) 1);
        frame.putShort(START + 2, (short) EthernetHeader.TYPE_IPV4);
        frame.put(START + 4, (byte) 6);
        frame.put(START + 5, (byte) 4);
        frame.putShort(START + 6, (short) operation);
        EthernetHeader.putMac(frame, START + 8, senderMac);
        frame.put(START + 14, senderIp);
        EthernetHeader.putMac(frame, START + 18, targetMac);
        frame.put(START + 24, targetIp);
        return frame;
    }

    static byte[] bytes(ByteBuffer frame, int offset, int length) {
        byte[] bytes = new byte[length];
        frame.get(offset, bytes);
        return bytes;
    }

    /** Whether these bytes are all zero: the address of a sender that has none yet. */
    static boolean isUnspecified(byte[] ip) {
        return Arrays.equals(ip, new byte[ip.length]);
    }
}
