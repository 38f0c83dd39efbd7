package io.weft.mirror;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Untagged frames from a small world of stations, so that a filter with one of its addresses finds some of them. All
 * headers are complete and such that tcpdump and Weft are meant to agree on them.
 */
final class RandomPackets {
    static final long[] MACS = {
        0x0200_0000_0001L, 0x0200_0000_0002L, 0x5254_00ab_cdefL, 0xffff_ffff_ffffL, 0x0180_c200_000eL, 0x3333_0000_0001L
    };
    static final int[] IPV4 = {0x0a00_0001, 0x0a00_0002, 0x0a01_0203, 0xc0a8_0101, 0xe000_0001, 0xffff_ffff, 0};
    static final long[][] IPV6 = {
        {0xfd00_0000_0000_0000L, 1},
        {0xfd00_0000_0000_0001L, 2},
        {0xfe80_0000_0000_0000L, 0x0000_00ff_fe00_0001L},
        {0xff02_0000_0000_0000L, 1},
        {0, 0}
    };
    static final int[] PORTS = {0, 22, 53, 80, 443, 1023, 1024, 1025, 8_080, 65_535};
    private static final int[] PROTOCOLS = {1, 2, 6, 6, 6, 17, 17, 17, 47, 58, 132};

    private final SplittableRandom random;

    RandomPackets(SplittableRandom random) {
        this.random = random;
    }

    byte[] next() {
        ByteBuffer frame = ByteBuffer.allocate(256);
        putMac(frame);
        putMac(frame);
        switch (random.nextInt(10)) {
            case 0 -> putArp(frame.putShort((short) 0x0806));
            case 1 -> putArp(frame.putShort((short) 0x8035));
            case 2 -> putNoise(frame.putShort((short) 0x88cc));
            case 3 -> putNoise(frame.putShort((short) random.nextInt(1_501))); // a length
            case 4, 5, 6 -> putIpv4(frame.putShort((short) 0x0800));
            default -> putIpv6(frame.putShort((short) 0x86dd));
        }
        return Arrays.copyOf(frame.array(), frame.position());
    }

    private void putMac(ByteBuffer frame) {
        long mac = MACS[random.nextInt(MACS.length)];
        frame.putShort((short) (mac >>> 32)).putInt((int) mac);
    }

    private void putNoise(ByteBuffer frame) {
        byte[] noise = new byte[8 + random.nextInt(64)];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (byte) random.nextInt();
        }
        frame.put(noise);
    }

    private void putArp(ByteBuffer frame) {
        frame.putInt(0x0001_0800).putShort((short) 0x0604).putShort((short) (1 + random.nextInt(4)));
        putMac(frame);
        frame.putInt(ipv4());
        putMac(frame);
        frame.putInt(ipv4());
    }

    private int ipv4() {
        return IPV4[random.nextInt(IPV4.length)];
    }

    private void putIpv4(ByteBuffer frame) {
        int words = random.nextInt(3) == 0 ? 6 + random.nextInt(10) : 5;
        int version = random.nextInt(20) == 0 ? random.nextInt(16) : 4; // neither of us asks for it
        int fragment = random.nextInt(4) == 0 ? random.nextInt() & 0xffff : random.nextInt(2) << 14;
        frame.put((byte) (version << 4 | words)).put((byte) 0).putShort((short) random.nextInt());
        frame.putShort((short) random.nextInt()).putShort((short) fragment);
        frame.put((byte) 64)
                .put((byte) PROTOCOLS[random.nextInt(PROTOCOLS.length)])
                .putShort((short) 0);
        frame.putInt(ipv4()).putInt(ipv4());
        for (int i = 5; i < words; i++) {
            frame.putInt(random.nextInt());
        }
        putPorts(frame);
    }

    private void putIpv6(ByteBuffer frame) {
        boolean fragment = random.nextInt(5) == 0;
        int protocol = PROTOCOLS[random.nextInt(PROTOCOLS.length)];
        frame.putInt(6 << 28 | random.nextInt() >>> 4).putShort((short) random.nextInt());
        frame.put((byte) (fragment ? 44 : protocol)).put((byte) 255);
        for (int i = 0; i < 2; i++) {
            long[] ip = IPV6[random.nextInt(IPV6.length)];
            frame.putLong(ip[0]).putLong(ip[1]);
        }
        if (fragment) { // never the first one: tcpdump does not look for ports behind any fragment header
            int offset = 1 + random.nextInt(8_191);
            frame.put((byte) protocol).put((byte) 0).putShort((short) (offset << 3 | random.nextInt(2)));
            frame.putInt(random.nextInt());
        }
        putPorts(frame);
    }

    private void putPorts(ByteBuffer frame) {
        frame.putShort((short) PORTS[random.nextInt(PORTS.length)]);
        frame.putShort((short) PORTS[random.nextInt(PORTS.length)]);
        putNoise(frame);
    }
}
