package io.weft.offload;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import java.nio.ByteBuffer;

/**
 * Cuts a super-frame into the frames it stands for, as a network card or Linux would before sending them.
 *
 * <pre>
 *   |  headers  |  payload 0  |  payload 1  |  payload 2  |  rest  |       each payload gsoSize bytes
 *        |             |             |
 *   |  headers' |  payload 0  |   |  headers' |  payload 1  |   ...
 * </pre>
 *
 * <p>Every segment gets all headers with tags, IPv4 options, extension headers and TCP options, and in them:
 *
 * <ul>
 *   <li>IPv4: total length and header checksum made anew, the identification one higher each time (RFC 791, 3.1).
 *   <li>IPv6: the payload length made anew (RFC 8200, 3).
 *   <li>TCP: the sequence number of its first byte; FIN and PSH in the last segment only (RFC 9293, 3.1); CWR in the first
 *       only, since a second one would answer an echo of congestion that was never sent (RFC 3168, 6.1.2). Linux, too, takes
 *       CWR out of the others whether or not the GSO type has the ECN bit, which says only that CWR is set.
 *   <li>UDP: the length made anew; each segment is a datagram.
 *   <li>The checksum of TCP or UDP, complete. It is reckoned from the partial one, not from the addresses: behind a routing
 *       header those are not the ones it covers (RFC 8200, 8.1), and what was wrong on arrival stays wrong on the wire.
 * </ul>
 *
 * <p>A segment is an ordinary frame with {@link Frame#OFFLOAD_CHECKSUM_VALID}, {@link Frame#HEADROOM} and the marks of the
 * super-frame (ingress, endpoint, egress, mirror's, split-horizon group). One is made at a time, so that a segment size of 1 costs no
 * more memory than another.
 *
 * <p>Contract: the super-frame passed {@link OffloadCheck#isSound} when it was received.
 *
 * <p>Threads: confined to the owner of the pool.
 */
public final class Segmenter {
    /** FIN and PSH in the two bytes of data offset and flags: of the last segment only. */
    private static final int LAST_ONLY = 0x0009;

    /** CWR: of the first segment only. */
    private static final int FIRST_ONLY = 0x0080;

    private final FramePool pool;

    private Frame superFrame;
    private ByteBuffer memory;
    private int arenaOffset;
    private int headerLength;
    private int gsoSize;
    private int network;
    private int transport;
    private boolean ipv4;
    private boolean tcp;
    private int offsetAndFlags; // of TCP
    private int ipSum; // of the IPv4 header without length, identification and checksum
    private int transportSum; // of pseudo and transport header without what differs from segment to segment

    private int identification; // of the next segment
    private int sequence; // of the next segment
    private int position; // of the next segment's payload in the super-frame
    private int payloadLeft;
    private int remaining;

    /** A segmenter that takes its segments from {@code pool}. */
    public Segmenter(FramePool pool) {
        this.pool = pool;
    }

    /**
     * Starts on a super-frame, which is borrowed until {@link #next()} has returned {@code null}: it keeps its contents and is
     * not touched after. What is left of an earlier one is forgotten.
     */
    public void begin(Frame newSuperFrame) {
        int etherType = 12;
        while (EtherType.isTag(EtherType.at(newSuperFrame, etherType))) { // tunnels may have pushed any number
            etherType += Ethernet.TAG_LENGTH;
        }
        begin(newSuperFrame, etherType + 2);
    }

    /**
     * Starts on one whose IP packet is inside of another packet, or begins the frame, as {@link OffloadCheck#isSound(Frame, int)} says:
     * what is in front of it each segment has as it is.
     *
     * @param newNetwork where the IP packet begins
     */
    public void begin(Frame newSuperFrame, int newNetwork) {
        superFrame = newSuperFrame;
        memory = newSuperFrame.arena().memory();
        arenaOffset = newSuperFrame.arenaOffset();
        headerLength = newSuperFrame.headerLength();
        gsoSize = newSuperFrame.gsoSize();
        transport = newSuperFrame.checksumStart();
        position = headerLength;
        payloadLeft = newSuperFrame.length() - headerLength;
        remaining = WireFrames.count(newSuperFrame);
        network = newNetwork;
        ipv4 = Ipv4.version(newSuperFrame, newNetwork) == 4;
        tcp = newSuperFrame.gsoType() != Frame.GSO_UDP_L4;
        if (ipv4) {
            beginIpv4();
        }
        if (tcp) {
            beginTcp();
        } else {
            beginUdp();
        }
    }

    /**
     * Starts on any frame with pending offload, to copy it as the frames of the wire that it stands for: a super-frame's
     * segments, or one frame with its checksum complete. Borrows as {@link #begin}.
     */
    public void beginFinished(Frame frame) {
        if (frame.gsoType() != 0) {
            begin(frame);
        } else {
            superFrame = frame;
            remaining = 1;
        }
    }

    private void beginIpv4() {
        identification = superFrame.getShort(network + 4);
        ipSum = InternetChecksum.fold((long) superFrame.getShort(network)
                + InternetChecksum.sum(superFrame, network + 6, 4)
                + InternetChecksum.sum(superFrame, network + 12, Ipv4.headerLength(superFrame, network) - 12));
    }

    private void beginTcp() {
        sequence = superFrame.getInt(transport + 4);
        offsetAndFlags = superFrame.getShort(transport + 12);
        transportSum = InternetChecksum.fold(pseudoHeader(OffloadCheck.TCP_CHECKSUM)
                + InternetChecksum.sum(superFrame, transport, 4)
                + InternetChecksum.sum(superFrame, transport + 8, 4)
                + superFrame.getShort(transport + 14)
                + InternetChecksum.sum(superFrame, transport + 18, headerLength - transport - 18));
    }

    private void beginUdp() {
        transportSum = InternetChecksum.fold(
                pseudoHeader(OffloadCheck.UDP_CHECKSUM) + InternetChecksum.sum(superFrame, transport, 4));
    }

    /** Where segments come from. */
    public FramePool pool() {
        return pool;
    }

    /** The partial checksum less the length in it, which is that of the super-frame. */
    private long pseudoHeader(int checksumOffset) {
        return superFrame.getShort(transport + checksumOffset) + (~(superFrame.length() - transport) & 0xffffL);
    }

    /** Segments of the super-frame that {@link #next()} has not returned. */
    public int remaining() {
        return remaining;
    }

    /**
     * The next segment, which the caller owns; or {@code null} when there is none left, or when the pool is dry:
     * {@link #remaining()} tells them apart.
     */
    public Frame next() {
        if (remaining == 0) {
            superFrame = null;
            return null;
        }
        if (superFrame.gsoType() == 0) {
            return nextFinished();
        }
        int payload = Math.min(gsoSize, payloadLeft);
        Frame segment = pool.allocate(headerLength + payload);
        if (segment == null) {
            return null;
        }
        // The sum is over the super-frame's bytes and taken first: see InternetChecksum for why not in one loop.
        long sum = transportSum + (long) InternetChecksum.sum(superFrame, position, payload);
        segment.putBytes(0, memory, arenaOffset, headerLength);
        segment.putBytes(headerLength, memory, arenaOffset + position, payload);
        if (ipv4) {
            putIpv4(segment);
        } else {
            segment.putShort(network + 4, segment.length() - network - Ipv6.HEADER_LENGTH);
        }
        if (tcp) {
            putTcp(segment, sum);
        } else {
            putUdp(segment, sum);
        }
        segment.offload(Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0);
        segment.ingress(superFrame.ingress());
        segment.endpoint(superFrame.endpoint());
        segment.egress(superFrame.egress());
        segment.mirrored(superFrame.mirrored());
        segment.splitHorizonGroup(superFrame.splitHorizonGroup());
        position += payload;
        payloadLeft -= payload;
        remaining--;
        return segment;
    }

    private Frame nextFinished() {
        Frame copy = pool.copy(superFrame);
        if (copy != null) {
            ChecksumCompletion.complete(copy);
            remaining = 0;
        }
        return copy;
    }

    private void putIpv4(Frame segment) {
        int length = segment.length() - network;
        segment.putShort(network + 2, length);
        segment.putShort(network + 4, identification);
        segment.putShort(network + 10, InternetChecksum.checksum((long) ipSum + length + identification));
        identification = (identification + 1) & 0xffff;
    }

    private void putTcp(Frame segment, long payloadSum) {
        int flags = offsetAndFlags;
        if (position != headerLength) {
            flags &= ~FIRST_ONLY;
        }
        if (remaining > 1) {
            flags &= ~LAST_ONLY;
        }
        segment.putInt(transport + 4, sequence);
        segment.putShort(transport + 12, flags);
        long sum = payloadSum + (sequence & 0xffff_ffffL) + flags + (segment.length() - transport);
        segment.putShort(transport + OffloadCheck.TCP_CHECKSUM, InternetChecksum.checksum(sum));
        sequence += gsoSize;
    }

    private void putUdp(Frame segment, long payloadSum) {
        int length = segment.length() - transport;
        segment.putShort(transport + 4, length);
        segment.putShort(
                transport + OffloadCheck.UDP_CHECKSUM,
                InternetChecksum.udpChecksum(payloadSum + 2L * length)); // in the pseudo header and in UDP's own
    }
}
