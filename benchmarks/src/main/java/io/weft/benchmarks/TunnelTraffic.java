package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.offload.InternetChecksum;
import io.weft.underlay.UnderlayPeer;
import java.util.SplittableRandom;

/**
 * Two endless sequences, made in advance: frames from remote stations to local ones, and frames from these to those. They
 * are UDP over IPv4, and each station has an address of its own. Where there are several VLANs, as names of VNIs, local frames
 * have the tag of theirs, and are longer by that.
 *
 * <p>Remote stations are in blocks as long as a run: those of a block are behind one remote end, in one VLAN, and follow each
 * other. The order of the blocks is random, and every station comes once before the sequence repeats. Writing a frame
 * reads three words of the sequence and writes 48 bytes. What follows is written in what comes from remote ends, as a
 * kernel would copy it, so that a checksum over it is right; in local frames it is left as it is.
 *
 * <p>Threads: confined.
 */
final class TunnelTraffic {
    /** Bytes of the shortest frame without a tag. */
    static final int SHORTEST = 64;

    /** Local stations in each VLAN. */
    private static final int LOCAL_STATIONS = 64;

    private static final int SHORTEST_SEQUENCE = 8_192;
    private static final int TAG_LENGTH = 4;
    private static final long TPID = 0x8100L << 16;
    private static final int FIRST_ADDRESS = 0x0A00_0001; // 10.0.0.1, a remote end's
    private static final int FIRST_STATION_ADDRESS = 0x0B00_0000;
    private static final int FIRST_LOCAL_ADDRESS = 0x0C00_0000;

    // Of every frame, from its EtherType on: IPv4, not to be fragmented, of UDP.
    private static final int ETHERNET_LENGTH = 14;
    private static final int UDP_AT = ETHERNET_LENGTH + 20;
    private static final long IPV4 = 0x0800_4500L;
    private static final long FLAGS_TO_PROTOCOL = 0x4000_4011L;
    private static final long PORTS = 0x2710_1389L;
    private static final long UDP_CHECKSUM = 0x5AA5L << 48;
    private static final int WRITTEN = 48;

    private final TunnelHeader header;
    private final boolean tagged;
    private final int frameLength;
    private final long lengthToProtocol;
    private final long portsAndLength;
    private final byte[] payload; // behind what is written into each frame
    private final int remoteStations;
    private final int localStations;
    private final int length;
    private final long[] stations; // MAC address, above the IPv4 header's checksum, which is the same both ways
    private final long[] locals; // MAC address, above the VLAN, 0 for none
    private final long[] addresses; // IPv4 address of the remote station, above that of the local one
    private final int[] remotes;
    private final int[] sums; // of the 16-bit words of what comes from remote ends
    private int inbound;
    private int outbound;

    /**
     * The traffic of {@code count} remote stations.
     *
     * @param header of what comes from remote ends
     * @param frameLength bytes of each frame without a tag, {@link #SHORTEST} or more
     * @param count of remote stations
     * @param remoteEnds that they are behind
     * @param vlans that they are in, from 1; there are no tags when there is only one
     * @param run stations in a block; divides {@code count}
     */
    TunnelTraffic(
            TunnelHeader header,
            int frameLength,
            int count,
            int remoteEnds,
            int vlans,
            int run,
            SplittableRandom random) {
        if (count % run != 0) {
            throw new IllegalArgumentException(count + " stations are no whole number of runs of " + run);
        }
        this.header = header;
        this.frameLength = frameLength;
        remoteStations = count;
        localStations = vlans * LOCAL_STATIONS;
        lengthToProtocol = (long) (frameLength - ETHERNET_LENGTH) << 48 | FLAGS_TO_PROTOCOL;
        portsAndLength = PORTS << 16 | frameLength - UDP_AT;
        payload = new byte[frameLength - WRITTEN];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) random.nextInt();
        }
        tagged = vlans > 1;
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
        sums = new int[length];
        int sameInAll = sameInAll();
        for (int i = 0; i < length; i++) {
            int block = (int) blocks[i / run];
            int station = block * run + i % run;
            int local = random.nextInt(LOCAL_STATIONS);
            int stationAddress = FIRST_STATION_ADDRESS + station;
            int localAddress = FIRST_LOCAL_ADDRESS + local;
            stations[i] = macs[station] << 16 | headerChecksum(stationAddress, localAddress);
            locals[i] = macs[count + local] << 16 | (tagged ? 1 + block % vlans : 0);
            addresses[i] = (long) stationAddress << 32 | localAddress;
            remotes[i] = block % remoteEnds;
            sums[i] = sameInAll + words(macs[station]) + words(macs[count + local]);
        }
        outbound = length / 2 / run * run; // what answers is not what came just now
    }

    private int headerChecksum(int source, int destination) {
        long addressing = (long) source << 32 | destination & 0xffff_ffffL;
        return InternetChecksum.checksum(words(IPV4 & 0xffff) + words(lengthToProtocol) + words(addressing));
    }

    /** The sum of what does not differ from frame to frame; an IPv4 header's is 0xffff, with its checksum. */
    private int sameInAll() {
        int sum = words(IPV4 >>> 16) + 0xffff + words(portsAndLength) + words(UDP_CHECKSUM);
        for (int i = 0; i < payload.length; i++) {
            sum += (payload[i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int words(long eight) {
        int sum = 0;
        for (int shift = 0; shift < 64; shift += 16) {
            sum += (int) (eight >>> shift) & 0xffff;
        }
        return sum;
    }

    /** The IPv4 address of a remote end, from 0. */
    static String addressOf(int remoteEnd) {
        return UnderlayPeer.ofIpv4(FIRST_ADDRESS + remoteEnd, 0).address();
    }

    /** The address of a remote end, from 0, as the tunnel has it. */
    String remoteAddress(int remoteEnd) {
        return header.remoteAddress(remoteEnd);
    }

    /** How many stations are remote. */
    int remoteStations() {
        return remoteStations;
    }

    /** How many there are in all, each VLAN's local ones counted. */
    int stations() {
        return remoteStations + localStations;
    }

    /** Frames until the sequence repeats. */
    int length() {
        return length;
    }

    /** The lower half of the IPv4 address that the next datagram comes from, as in {@link UnderlayPeer}; the higher one is 0. */
    long source() {
        return UnderlayPeer.lowOfIpv4(FIRST_ADDRESS + remotes[inbound]);
    }

    /** Bytes of a datagram: the tunnel's header and a frame, in which there is no tag. */
    int datagramLength() {
        return header.length() + frameLength;
    }

    /** Writes the next datagram from a remote end, header and frame, at {@code offset} of what is received into. */
    void writeDatagram(Frame landing, int offset) {
        int i = inbound;
        inbound = i + 1 == length ? 0 : i + 1;
        long local = locals[i];
        header.write(landing, offset, (int) (local & 0xffff), remotes[i], sums[i]);
        int frame = offset + header.length();
        long destination = local >>> 16;
        long source = stations[i] >>> 16;
        landing.putLong(frame, destination << 16 | source >>> 32);
        landing.putLong(frame + 8, source << 32 | IPV4);
        writePacket(landing, frame + 16, stations[i], addresses[i]);
        landing.putBytes(frame + WRITTEN, payload, 0, payload.length);
    }

    /** The remote end, from 0, that the next local frame is for. */
    int remoteEnd() {
        return remotes[outbound];
    }

    /** How long local frames are. */
    int localLength() {
        return tagged ? frameLength + TAG_LENGTH : frameLength;
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

    private void writePacket(Frame frame, int at, long checksum, long sourceAndDestination) {
        frame.putLong(at, lengthToProtocol);
        frame.putLong(at + 8, checksum << 48 | sourceAndDestination >>> 16);
        frame.putLong(at + 16, sourceAndDestination << 48 | portsAndLength);
        frame.putLong(at + 24, UDP_CHECKSUM);
    }
}
