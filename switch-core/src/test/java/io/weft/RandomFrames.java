package io.weft;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** Frames of every kind that a bridge may meet, good and bad, from a small world of stations. */
final class RandomFrames {
    private static final int[] VIDS = {0, 0, 1, 2, 100, 4_094, 4_095};

    private final SplittableRandom random;
    private final long[] stations = new long[48];
    private int marker;
    private int home = -1;

    RandomFrames(SplittableRandom random) {
        this.random = random;
        for (int i = 0; i < stations.length; i++) {
            stations[i] = random.nextLong() & 0xfeff_ffff_ffffL | 1;
        }
    }

    /** Station {@code i} of the world. */
    long station(int i) {
        return stations[i % stations.length];
    }

    int stationCount() {
        return stations.length;
    }

    /** Has most of the next frames come from the few stations that live at a place; -1 for nowhere. */
    RandomFrames from(int place) {
        home = place;
        return this;
    }

    /** The next frame; no two are the same but for runts. */
    byte[] next() {
        int dice = random.nextInt(10_000);
        int length;
        if (dice < 400) {
            length = random.nextInt(18);
        } else if (dice < 9_900) {
            length = 18 + random.nextInt(100);
        } else if (dice < 9_990) {
            length = 100 + random.nextInt(1_900);
        } else {
            length = random.nextBoolean() ? 65_535 : 2_000 + random.nextInt(63_000);
        }
        ByteBuffer frame = ByteBuffer.allocate(Math.max(length, 32 + 4 * 64));
        putMac(frame, destination());
        putMac(frame, source());
        putTags(frame);
        frame.putShort((short) (random.nextInt(8) == 0 ? random.nextInt(0x600) : 0x0800));
        frame.putInt(marker++);
        byte[] bytes = new byte[length];
        frame.get(0, bytes);
        return bytes;
    }

    private static void putMac(ByteBuffer frame, long mac) {
        frame.putShort((short) (mac >>> 32)).putInt((int) mac);
    }

    private long destination() {
        int dice = random.nextInt(100);
        if (dice < 70) {
            return stations[random.nextInt(stations.length)];
        } else if (dice < 78) {
            return 0xffff_ffff_ffffL;
        } else if (dice < 84) {
            return 0x3333_0000_0000L | random.nextInt() & 0xffff_ffffL;
        } else if (dice < 92) {
            return 0x0180_c200_0000L + random.nextInt(32); // half of them reserved
        } else if (dice < 94) {
            return 0;
        }
        return random.nextLong() & 0xffff_ffff_ffffL;
    }

    private long source() {
        int dice = random.nextInt(100);
        if (dice < 80 && home >= 0) {
            return stations[(6 * home + random.nextInt(6)) % stations.length];
        } else if (dice < 92) {
            return stations[random.nextInt(stations.length)];
        } else if (dice < 94) {
            return 0;
        } else if (dice < 96) {
            return 0xffff_ffff_ffffL;
        }
        return stations[random.nextInt(stations.length)] | 1L << 40; // a group address
    }

    private void putTags(ByteBuffer frame) {
        int dice = random.nextInt(100);
        int tags = dice < 50 ? 0 : dice < 90 ? 1 : dice < 97 ? 2 : 1 + random.nextInt(64);
        for (int i = 0; i < tags; i++) {
            frame.putShort((short) (random.nextInt(3) == 0 ? 0x88a8 : 0x8100));
            int priorityAndDei = random.nextInt(16);
            frame.putShort((short) (priorityAndDei << 12 | VIDS[random.nextInt(VIDS.length)]));
        }
    }
}
