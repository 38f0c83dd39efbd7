package io.weft;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Frames of a few stations that talk in a few VLANs, with every kind of tag in front: what two bridges are given to see
 * whether they do the same. All have a whole Ethernet header; {@link RandomFrames} has worse.
 *
 * <p>Threads: confined.
 */
public final class VlanFrames {
    private static final int[] TPIDS = {0x8100, 0x8100, 0x8100, 0x88a8, 0x88a8};
    private static final int STATIONS = 10;

    private final SplittableRandom random;
    private final int[] vids;
    private int marker;

    /** Frames whose tags say these VLANs. */
    public VlanFrames(SplittableRandom random, int... vids) {
        this.random = random;
        this.vids = vids.clone();
    }

    /** Address of a station; there are {@link #stationCount}. */
    public static long station(int i) {
        return 0x0200_0000_0001L + (long) i * 0x0101;
    }

    /** How many stations there are. */
    public static int stationCount() {
        return STATIONS;
    }

    /** The next frame; its number stands behind its EtherType. */
    public byte[] next() {
        ByteBuffer frame = ByteBuffer.allocate(14 + 3 * 4 + 4 + random.nextInt(100));
        putMac(frame, destination());
        putMac(frame, random.nextInt(40) == 0 ? randomStation() : station(random.nextInt(STATIONS)));
        putTags(frame);
        frame.putShort((short) 0x88b6).putInt(marker++);
        byte[] bytes = new byte[random.nextInt(12) == 0 ? frame.position() : frame.capacity()];
        frame.get(0, bytes);
        return bytes;
    }

    private static void putMac(ByteBuffer frame, long mac) {
        frame.putShort((short) (mac >>> 32)).putInt((int) mac);
    }

    private long destination() {
        int dice = random.nextInt(100);
        if (dice < 70) {
            return station(random.nextInt(STATIONS));
        } else if (dice < 80) {
            return 0xffff_ffff_ffffL;
        } else if (dice < 88) {
            return 0x3333_0000_0000L | random.nextInt() & 0xffff_ffffL;
        } else if (dice < 93) {
            return 0x0180_c200_0000L + random.nextInt(32); // half of them reserved
        }
        return randomStation();
    }

    private long randomStation() {
        return 0x0600_0000_0000L | random.nextInt() & 0xffff_ffffL;
    }

    private void putTags(ByteBuffer frame) {
        int dice = random.nextInt(100);
        int tags = dice < 35 ? 0 : dice < 75 ? 1 : dice < 95 ? 2 : 3;
        for (int i = 0; i < tags; i++) {
            frame.putShort((short) TPIDS[random.nextInt(TPIDS.length)]);
            int priorityAndDei = random.nextInt(3) == 0 ? 0 : random.nextInt(16);
            frame.putShort((short) (priorityAndDei << 12 | vids[random.nextInt(vids.length)]));
        }
    }
}
