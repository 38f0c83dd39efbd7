package io.weft.offload;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv4;
import java.nio.ByteBuffer;

/** Makes super-frames of every shape that is sound, as a sender with offloads would. */
final class SuperFrames {
    /** Where TCP's sequence numbers begin, close to their wrap-around. */
    static final int SEQUENCE = 0xffff_f000;

    /** The IPv4 identification, close to its wrap-around. */
    static final int IPV4_ID = 0xfffe;

    static final int FIN = 1;
    static final int PSH = 8;
    static final int ACK = 0x10;
    static final int CWR = 0x80;

    int[] tags = {}; // TPIDs
    boolean ipv6;
    boolean udp;
    int ipv4OptionLength;
    int[] extensionHeaders = {}; // types
    int tcpOptionLength = 12;
    int tcpFlags = ACK | PSH;
    int payloadLength = 5_000;
    int gsoSize = 1_448;
    boolean ecn;

    /** Bytes of all headers. */
    int headerLength() {
        return transport() + (udp ? 8 : 20 + tcpOptionLength);
    }

    /** Where the IP header begins. */
    int network() {
        return 14 + 4 * tags.length;
    }

    /** Where the transport header begins. */
    int transport() {
        return network() + (ipv6 ? 40 + 16 * extensionHeaders.length : 20 + ipv4OptionLength);
    }

    int gsoType() {
        return (udp ? 5 : ipv6 ? 4 : 1) | (ecn ? 0x80 : 0);
    }

    /** Writes one: payload bytes are 0, 1, 2 and so on with a prime period, so that a shift by a segment is seen. */
    Frame allocate(FramePool pool) {
        byte[] bytes = bytes();
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        // the header length is as wrong as Linux's hint may be
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, gsoType(), gsoSize, bytes.length, transport(), udp ? 6 : 16);
        return frame;
    }

    private byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(headerLength() + payloadLength);
        out.putShort((short) 0x0200).putInt(0xaa).putShort((short) 0x0200).putInt(0xbb);
        for (int tpid : tags) {
            out.putShort((short) tpid).putShort((short) 0xa064);
        }
        out.putShort((short) (ipv6 ? 0x86dd : 0x0800));
        int protocol = udp ? Ipv4.UDP : Ipv4.TCP;
        long pseudo = ipv6 ? putIpv6(out, protocol) : putIpv4(out, protocol);
        int transportLength = out.capacity() - out.position();
        int partial = InternetChecksum.fold(pseudo + protocol + transportLength);
        if (udp) {
            out.putShort((short) 5_000).putShort((short) 5_001).putShort((short) transportLength);
            out.putShort((short) partial);
        } else {
            out.putShort((short) 5_000).putShort((short) 5_001).putInt(SEQUENCE).putInt(0x0102_0304);
            out.put((byte) (5 + tcpOptionLength / 4 << 4)).put((byte) tcpFlags).putShort((short) 501);
            out.putShort((short) partial).putShort((short) 0);
            for (int i = 0; i < tcpOptionLength; i++) {
                out.put((byte) (i % 4 == 3 ? 0x77 : 1));
            }
        }
        for (int i = 0; i < payloadLength; i++) {
            out.put((byte) (i % 251));
        }
        return out.array();
    }

    /** The sum of the addresses is returned. */
    private long putIpv4(ByteBuffer out, int protocol) {
        out.put((byte) (0x45 + ipv4OptionLength / 4)).put((byte) 2);
        out.putShort((short) (out.capacity() - network()))
                .putShort((short) IPV4_ID)
                .putShort((short) 0x4000);
        out.put((byte) 64).put((byte) protocol).putShort((short) 0xdead); // of a super-frame's own header nobody looks
        out.putInt(0x0a00_0001).putInt(0x0a00_0002);
        for (int i = 0; i < ipv4OptionLength; i++) {
            out.put((byte) 1);
        }
        return 0x0a00_0001 + 0x0a00_0002;
    }

    private long putIpv6(ByteBuffer out, int protocol) {
        out.putInt(0x6002_3456).putShort((short) (out.capacity() - network() - 40));
        out.put((byte) (extensionHeaders.length == 0 ? protocol : extensionHeaders[0]))
                .put((byte) 64);
        out.putLong(0x2001_0db8_0000_0000L)
                .putLong(1)
                .putLong(0x2001_0db8_0000_0000L)
                .putLong(0xffff_fffeL);
        for (int i = 0; i < extensionHeaders.length; i++) {
            out.put((byte) (i + 1 == extensionHeaders.length ? protocol : extensionHeaders[i + 1]));
            out.put((byte) 1).putShort((short) 0x010c).putInt(0).putLong(0); // 16 bytes; an option of padding
        }
        return 2 * 0x2001_0db8L + 1 + 0xffff_fffeL;
    }
}
