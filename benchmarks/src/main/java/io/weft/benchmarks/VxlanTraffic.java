package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.underlay.UnderlayPeer;
import java.util.SplittableRandom;

/**
 * Two endless sequences, made in advance: frames from remote stations to local ones, and frames from these to those. They
 * are UDP over IPv4 in 64 bytes, and each station has an address of its own. Where there are several VNIs, local frames have
 * the tag of the VLAN that stands for theirs, and are longer by that.
 *
 * <p>Remote stations are in blocks as long as a run: those of a block are behind one remote end, in one VNI, and follow each
 * other. The order of the blocks is random, and every station comes once before the sequence repeats. Writing a frame
 * reads three words of the sequence and writes 48 bytes; the rest is left as it is.
 *
 * <p>Threads: confined.
 */
final class VxlanTraffic {
    /** Bytes of a frame without a tag. */
    static final int LENGTH = 64;

    /** Bytes of the datagram that one is in: a VXLAN header more. */
    static final int DATAGRAM_LENGTH = 8 + LENGTH;

    /** The VNI of VLAN 1, or of all when there are no VLANs; the others follow. */
    static final int FIRST_VNI = 5_000;

    /** Local stations in each VNI. */
    static final int LOCAL_STATIONS = 64;

    private static final int SHORTEST_SEQUENCE = 8_192;
    private static final long VNI_PRESENT = 0x0800_0000_0000_0000L;
    private static final int TAG_LENGTH = 4;
    private static final long TPID = 0x8100L << 16;
    private static final int FIRST_ADDRESS = 0x0A00_0001; // 10.0.0.1, a remote end's
    private static final int FIRST_STATION_ADDRESS = 0x0B00_0000;
    private static final int FIRST_LOCAL_ADDRESS = 0x0C00_0000;

    // Of every frame, from its EtherType on: IPv4 with 50 bytes, not to be fragmented, of UDP; UDP with 30 bytes.
    private static final long IPV4 = 0x0800_4500L;
    private static final long LENGTH_TO_PROTOCOL = 0x0032_0000_4000_4011L;
    private static final long PORTS_AND_LENGTH = 0x2710_1389_001EL;
    private static final long UDP_CHECKSUM = 0x5AA5L << 48;

    private final boolean tagged;
    private final int length;
    private final long[] stations; // MAC address, above the IPv4 header's checksum, which is the same both ways
    private final long[] locals; // MAC address, above the VLAN, 0 for none
    private final long[] addresses; // IPv4 address of the remote station, above that of the local one
    private final int[] remotes;
    private int inbound;
    private int outbound;

    /**
     * The traffic of {@code count} remote stations.
     *
     * @param remoteEnds that they are behind
     * @param vnis that they are in
     * @param run stations in a block; divides {@code count}
     */
    VxlanTraffic(int count, int remoteEnds, int vnis, int run, SplittableRandom random) {
        if (count % run != 0) {
            throw new IllegalArgumentException(count + " stations are no whole number of runs of " + run);
        }
        tagged = vnis > 1;
        long[] blocks = new long[Math.max(count, SHORTEST_SEQUENCE) / run];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = i % (count / run);
        }
        FrameHeaders.shuffle(blocks, random);
        length = blocks.length * run;
        long[] macs = FrameHeaders.randomMacs(count + LOCAL_STATIONS, random);
        stations = new long[length];
        locals = new long[length];
        addresses = new long[length];
        remotes = new int[length];
        for (int i = 0; i < length; i++) {
            int block = (int) blocks[i / run];
            int station = block * run + i % run;
            int local = random.nextInt(LOCAL_STATIONS);
            int stationAddress = FIRST_STATION_ADDRESS + station;
            int localAddress = FIRST_LOCAL_ADDRESS + local;
            stations[i] = macs[station] << 16 | headerChecksum(stationAddress, localAddress);
            locals[i] = macs[count + local] << 16 | (tagged ? 1 + block % vnis : 0);
            addresses[i] = (long) stationAddress << 32 | localAddress;
            remotes[i] = block % remoteEnds;
        }
        outbound = length / 2 / run * run; // what answers is not what came just now
    }

    private static long headerChecksum(int source, int destination) {
        long sum = 0x4500;
        for (long words : new long[] {LENGTH_TO_PROTOCOL, (long) source << 32 | destination & 0xffff_ffffL}) {
            for (int shift = 0; shift < 64; shift += 16) {
                sum += words >>> shift & 0xffff;
            }
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
    }

    /** How the port's options say which VLAN is which VNI; {@code null} when there is one VNI and no VLAN. */
    static String vlanVniMap(int vnis) {
        return vnis == 1 ? null : "1-" + vnis + ":" + FIRST_VNI;
    }

    /** The address of a remote end, from 0. */
    static String addressOf(int remoteEnd) {
        return UnderlayPeer.ofIpv4(FIRST_ADDRESS + remoteEnd, 0).address();
    }

    /** Frames until the sequence repeats. */
    int length() {
        return length;
    }

    /** The lower half of the address that the next datagram comes from, as in {@link UnderlayPeer}; the higher one is 0. */
    long source() {
        return UnderlayPeer.lowOfIpv4(FIRST_ADDRESS + remotes[inbound]);
    }

    /** Writes the next datagram from a remote end, header and frame, at {@code offset} of what is received into. */
    void writeDatagram(Frame landing, int offset) {
        int i = inbound;
        inbound = i + 1 == length ? 0 : i + 1;
        long local = locals[i];
        int vni = FIRST_VNI + Math.max(0, (int) (local & 0xffff) - 1);
        landing.putLong(offset, VNI_PRESENT | (long) vni << 8);
        int frame = offset + 8;
        long destination = local >>> 16;
        long source = stations[i] >>> 16;
        landing.putLong(frame, destination << 16 | source >>> 32);
        landing.putLong(frame + 8, source << 32 | IPV4);
        writePacket(landing, frame + 16, stations[i], addresses[i]);
    }

    /** The remote end, from 0, that the next local frame is for. */
    int remoteEnd() {
        return remotes[outbound];
    }

    /** How long local frames are. */
    int localLength() {
        return tagged ? LENGTH + TAG_LENGTH : LENGTH;
    }

    /** Writes the next frame of a local station. */
    void writeLocal(Frame frame) {
        int i = outbound;
        outbound = i + 1 == length ? 0 : i + 1;
        long source = locals[i] >>> 16;
        frame.putLong(0, stations[i] & ~0xffffL | source >>> 32);
        long swapped = addresses[i] << 32 | addresses[i] >>> 32;
        if (tagged) {
            frame.putLong(8, source << 32 | TPID | locals[i] & 0xffff);
            frame.putInt(16, (int) IPV4);
            writePacket(frame, 16 + TAG_LENGTH, stations[i], swapped);
        } else {
            frame.putLong(8, source << 32 | IPV4);
            writePacket(frame, 16, stations[i], swapped);
        }
    }

    private static void writePacket(Frame frame, int at, long checksum, long sourceAndDestination) {
        frame.putLong(at, LENGTH_TO_PROTOCOL);
        frame.putLong(at + 8, checksum << 48 | sourceAndDestination >>> 16);
        frame.putLong(at + 16, sourceAndDestination << 48 | PORTS_AND_LENGTH);
        frame.putLong(at + 24, UDP_CHECKSUM);
    }
}
