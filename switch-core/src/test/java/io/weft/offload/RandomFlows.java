package io.weft.offload;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Frames of a few TCP and UDP flows as a port may receive them: mostly the next full segment of a flow, and every now and
 * then whatever a receiver that merges must not overlook.
 */
public final class RandomFlows {
    /** A frame on the wire, and the flow it must stay in order with, or {@link #NONE}. */
    public record Sent(int flow, byte[] bytes) {}

    /** What is damaged such that it may look like another flow's, or is no flow's. */
    public static final int NONE = -1;

    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int PSH = 8;
    private static final int URG = 0x20;
    private static final int ECE = 0x40;
    private static final int CWR = 0x80;
    private static final int NS = 0x100;

    private final SplittableRandom random;
    private final Flow[] flows;
    private final int oddness;

    /** Flows of which about one frame in {@code oddness} is not simply the next. */
    public RandomFlows(SplittableRandom random, int flowCount, int oddness) {
        this.random = random;
        this.oddness = oddness;
        flows = new Flow[flowCount];
        for (int i = 0; i < flowCount; i++) {
            flows[i] = new Flow(i);
        }
    }

    /** The next frames, of all flows mixed. */
    public List<Sent> next(int count) {
        List<Sent> sent = new ArrayList<>();
        while (sent.size() < count) {
            Flow flow = flows[random.nextInt(flows.length)];
            int burst = 1 + random.nextInt(random.nextInt(4) == 0 ? 20 : 3);
            for (int i = 0; i < burst && sent.size() < count; i++) {
                byte[] bytes = flow.next();
                sent.add(new Sent(flow.astray ? NONE : flow.number, bytes));
            }
        }
        if (random.nextInt(3) == 0) { // reordered on the way
            for (int i = 0; i < 1 + count / 16; i++) {
                int at = random.nextInt(count);
                sent.add(Math.min(count - 1, at + random.nextInt(4)), sent.remove(at));
            }
        }
        return sent;
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private final class Flow {
        final int number;
        private final WireFrame state = new WireFrame();
        private final boolean counts; // whether its identification does
        private int segmentSize;
        private byte[] last;
        private boolean lastAstray;
        private boolean astray; // whether what next() returned may look like another flow's

        Flow(int number) {
            this.number = number;
            // Some flows differ in one thing only.
            int alike = random.nextInt(3);
            state.destination += alike == 0 ? number << 8 : 0;
            state.sourcePort += alike == 1 ? number : 0;
            state.destinationPort += alike == 2 ? number : 0;
            switch (random.nextInt(6)) {
                case 0 -> state.tags = new int[] {0x8100_0000 | random.nextInt(4_095)};
                case 1 -> state.tags = new int[] {0x88a8_0005, 0x8100_0000 | random.nextInt(65_536)};
                default -> {}
            }
            state.udp = random.nextInt(4) == 0;
            state.ipv6 = random.nextBoolean();
            if (state.ipv6) {
                state.from = new byte[] {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
                state.to = new byte[] {(byte) 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
                state.flowLabel = random.nextInt(1 << 20);
            }
            counts = random.nextInt(8) != 0;
            state.id = random.nextBoolean() ? random.nextInt(65_536) : 65_530;
            state.fragment = random.nextInt(4) == 0 ? 0 : 0x4000;
            state.seq = random.nextBoolean() ? random.nextInt() : -5_000;
            state.ack = random.nextInt();
            if (random.nextBoolean()) {
                state.tcpOptions = ByteBuffer.allocate(12)
                        .putInt(0x0101_080a)
                        .putLong(random.nextLong())
                        .array();
            }
            segmentSize = new int[] {1, 7, 88, 536, 1_220, 1_448, 1_448, 1_448, 8_948}[random.nextInt(9)];
        }

        byte[] next() {
            astray = false;
            state.payload = noise(segmentSize);
            WireFrame frame = state.copy();
            byte[] bytes = null;
            if (random.nextInt(oddness) == 0) {
                bytes = odd(frame);
            } else if (random.nextInt(12) == 0) { // the last of what an application wrote
                frame.flags |= PSH;
                frame.payload = noise(1 + random.nextInt(segmentSize));
            }
            if (bytes == null) {
                bytes = frame.bytes();
            }
            state.seq += frame.payload.length;
            state.id = state.id + (counts ? 1 : 0) & 0xffff;
            last = bytes;
            lastAstray = astray;
            return bytes;
        }

        /** Changes the frame, or gives another in its place; what lasts is changed in the flow's state too. */
        private byte[] odd(WireFrame frame) {
            switch (random.nextInt(42)) {
                case 0 -> frame.payload = new byte[0];
                case 1 -> frame.payload = noise(segmentSize + 1 + random.nextInt(100));
                case 2 -> frame.payload = noise(1 + random.nextInt(segmentSize));
                case 3 -> frame.seq = state.seq += segmentSize; // one was lost
                case 4 -> frame.seq -= segmentSize; // again
                case 5 -> frame.seq += random.nextInt(3) - 1;
                case 6 -> frame.ack = state.ack += 1 + random.nextInt(3_000);
                case 7 -> frame.window = state.window += 1;
                case 8 -> frame.ttl = 63;
                case 9 -> frame.tos = state.tos = 1 + random.nextInt(255);
                case 10 -> frame.tcpOptions = noise(4 * random.nextInt(11));
                case 11 ->
                    frame.tcpOptions = state.tcpOptions = ByteBuffer.allocate(12)
                            .putInt(0x0101_080a)
                            .putLong(random.nextLong())
                            .array();
                case 12 -> frame.flags |= FIN;
                case 13 -> frame.flags |= PSH;
                case 14 -> frame.flags |= SYN;
                case 15 -> frame.flags |= RST;
                case 16 -> {
                    frame.flags |= URG;
                    frame.urgent = random.nextInt(65_536);
                }
                case 17 -> frame.flags |= CWR;
                case 18 -> frame.flags = state.flags ^= ECE;
                case 19 -> frame.flags = state.flags ^= NS << random.nextInt(4);
                case 20 -> frame.flags = random.nextInt(4_096);
                case 21 -> frame.urgent = 1 + random.nextInt(65_535); // without the flag
                case 22 -> frame.checksum = frame.trueChecksum() ^ 1 << random.nextInt(16);
                case 23 -> frame.checksum = random.nextBoolean() ? 0 : 0xffff;
                case 24 -> frame.ipChecksum = random.nextInt(65_536);
                case 25 -> frame.id = random.nextInt(65_536);
                case 26 -> frame.fragment = random.nextInt(65_536);
                case 27 -> frame.padding = 1 + random.nextInt(60);
                case 28 -> frame.ipLength = random.nextInt(2_000);
                case 29 -> frame.udpLength = random.nextInt(2_000);
                case 30 -> frame.dataOffset = random.nextInt(16);
                case 31 ->
                    frame.ipOptions = state.ipv6
                            ? new byte[] {(byte) (state.udp ? 17 : 6), 0, 1, 4, 0, 0, 0, 0}
                            : new byte[] {1, 1, 1, 0};
                case 32 -> {
                    if (last != null) {
                        state.seq -= frame.payload.length;
                        astray = lastAstray;
                        return last.clone(); // twice on the way
                    }
                }
                case 33 -> {
                    astray = true;
                    return arp();
                }
                case 34 -> {
                    astray = true;
                    byte[] bytes = frame.bytes();
                    return Arrays.copyOf(bytes, random.nextInt(bytes.length)); // cut
                }
                case 35 -> { // 0 written as 0xffff, which sums up as well: Linux does so in TCP, too
                    if (segmentSize > 1) {
                        int word = WireFrame.sum(frame.payload, 0, 2, frame.trueChecksum());
                        frame.payload[0] = (byte) (word >>> 8);
                        frame.payload[1] = (byte) word;
                        frame.checksum = 0xffff;
                    }
                }
                case 36 -> frame.ipChecksum = 0xffff;
                case 37 -> { // the last word of the options only, as when a timestamp's echo changes
                    if (state.tcpOptions.length > 0) {
                        frame.tcpOptions = state.tcpOptions = state.tcpOptions.clone();
                        state.tcpOptions[11]++;
                    }
                }
                case 38 -> {
                    astray = true;
                    if (frame.tags.length > 0) {
                        frame.tags = frame.tags.clone();
                        frame.tags[frame.tags.length - 1] ^= 1 << random.nextInt(16); // another VLAN or priority
                    }
                }
                case 39 -> {
                    astray = true;
                    frame.source ^= 1L << random.nextInt(48);
                }
                case 40 -> frame.flowLabel ^= 1 << random.nextInt(20);
                default -> {
                    astray = true;
                    byte[] bytes = frame.bytes();
                    bytes[12 + random.nextInt(Math.min(bytes.length - 12, 70))] ^= (byte) (1 << random.nextInt(8));
                    return bytes;
                }
            }
            return null;
        }

        private byte[] arp() {
            byte[] bytes = noise(60);
            bytes[12] = 8;
            bytes[13] = 6;
            return bytes;
        }
    }
}
