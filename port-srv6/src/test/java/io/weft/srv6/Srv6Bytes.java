package io.weft.srv6;

import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.TunnelLab;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** IPv6 packets with segment routing headers (RFC 8200, 8754), byte by byte; nothing of it is taken from the code under test. */
final class Srv6Bytes {
    static final int ETHERNET = 143;
    static final int IPV4 = 4;
    static final int IPV6 = 41;
    private static final int ROUTING = 43;

    /**
     * What is in front of a frame or a packet.
     *
     * @param list the SRH's segments as on the wire, the last one first; empty for no SRH
     * @param left segments left
     */
    record Outer(String from, String to, int trafficClass, int flowLabel, int hopLimit, List<String> list, int left) {
        /** By one address, without an SRH. */
        static Outer to(String from, String to) {
            return new Outer(from, to, 0, 0, 64, List.of(), 0);
        }

        /** As a headend sends it, with all segments, in the order of travel. */
        static Outer full(String from, String... segments) {
            return list(from, segments, segments.length);
        }

        /** As a headend sends it without the first one in the list. */
        static Outer reduced(String from, String... segments) {
            return list(from, segments, segments.length - 1);
        }

        private static Outer list(String from, String[] segments, int entries) {
            String[] list = new String[entries];
            for (int i = 0; i < entries; i++) {
                list[i] = segments[segments.length - 1 - i];
            }
            return new Outer(from, segments[0], 0, 0, 64, List.of(list), entries == 0 ? 0 : segments.length - 1);
        }

        Outer trafficClass(int value) {
            return new Outer(from, to, value, flowLabel, hopLimit, list, left);
        }

        Outer flowLabel(int value) {
            return new Outer(from, to, trafficClass, value, hopLimit, list, left);
        }

        Outer hopLimit(int value) {
            return new Outer(from, to, trafficClass, flowLabel, value, list, left);
        }

        /** The same on its way to another segment. */
        Outer at(String destination, int newLeft) {
            return new Outer(from, destination, trafficClass, flowLabel, hopLimit, list, newLeft);
        }

        int length() {
            return 40 + (list.isEmpty() ? 0 : 8 + 16 * list.size());
        }

        /** With something behind it. */
        byte[] around(int next, byte[] payload) {
            ByteBuffer out = ByteBuffer.allocate(length() + payload.length);
            out.putInt(6 << 28 | trafficClass << 20 | flowLabel);
            out.putShort((short) (length() - 40 + payload.length));
            out.put((byte) (list.isEmpty() ? next : ROUTING)).put((byte) hopLimit);
            out.put(address(from)).put(address(to));
            if (!list.isEmpty()) {
                out.put((byte) next).put((byte) (2 * list.size())).put((byte) 4).put((byte) left);
                out.put((byte) (list.size() - 1)).put((byte) 0).putShort((short) 0);
                list.forEach(segment -> out.put(address(segment)));
            }
            return out.put(payload).array();
        }

        byte[] ethernet(byte[] frame) {
            return around(ETHERNET, frame);
        }

        /** Around the packet that a layer-3 port's frame has. */
        byte[] packet(byte[] frame) {
            return around(frame[12] == 8 ? IPV4 : IPV6, InnerFrames.bare(frame));
        }
    }

    private Srv6Bytes() {}

    private static byte[] address(String text) {
        return TunnelLab.address(text).getAddress();
    }

    /** What is behind the headers of a packet that has an SRH, or none, as its first header; a reader of its own. */
    static byte[] inner(byte[] packet) {
        int at = packet[6] == ROUTING ? 48 + 8 * (packet[41] & 0xff) : 40;
        return Arrays.copyOfRange(packet, at, packet.length);
    }
}
