package io.weft.gre;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** GRE packets (RFC 2784, 2890), byte by byte; nothing of it is taken from the code under test. */
final class GreBytes {
    static final int ETHERNET = 0x6558;
    static final int IPV4 = 0x0800;
    static final int IPV6 = 0x86dd;
    static final long NO = -1;

    /** Fields of a header; {@link #NO} for none. */
    record Fields(int bits, int type, long key, long sequence, boolean summed) {
        static final Fields PLAIN = new Fields(0, ETHERNET, NO, NO, false);

        Fields bits(int newBits) {
            return new Fields(newBits, type, key, sequence, summed);
        }

        Fields type(int newType) {
            return new Fields(bits, newType, key, sequence, summed);
        }

        Fields key(long newKey) {
            return new Fields(bits, type, newKey, sequence, summed);
        }

        Fields sequence(long newSequence) {
            return new Fields(bits, type, key, newSequence, summed);
        }

        Fields withChecksum() {
            return new Fields(bits, type, key, sequence, true);
        }

        byte[] packet(byte[] payload) {
            ByteBuffer out = ByteBuffer.allocate(16 + payload.length);
            int first = bits | (summed ? 0x8000 : 0) | (key == NO ? 0 : 0x2000) | (sequence == NO ? 0 : 0x1000);
            out.putShort((short) first).putShort((short) type);
            if (summed) {
                out.putInt(0);
            }
            if (key != NO) {
                out.putInt((int) key);
            }
            if (sequence != NO) {
                out.putInt((int) sequence);
            }
            byte[] packet = Arrays.copyOf(out.put(payload).array(), out.position());
            if (summed) {
                ByteBuffer.wrap(packet).putShort(4, (short) ReferenceGre.checksum(packet));
            }
            return packet;
        }
    }

    private GreBytes() {}

    /** A packet without a key, or with one. */
    static byte[] packet(long key, byte[] frame) {
        return Fields.PLAIN.key(key).packet(frame);
    }

    /** What is inside. */
    static byte[] inner(byte[] packet) {
        return Arrays.copyOfRange(packet, ReferenceGre.read(packet, true).headerLength(), packet.length);
    }

    static long key(byte[] packet) {
        return ReferenceGre.read(packet, true).key();
    }

    static long sequence(byte[] packet) {
        return ReferenceGre.read(packet, true).sequence();
    }
}
