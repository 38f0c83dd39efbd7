package io.weft.packet;

import io.weft.frame.Frame;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;

/**
 * Reads the packets of a capture file, in pcapng or in the older pcap format, one {@link #next} at a time and with bounded
 * memory. What {@code next} found is described by the getters until it is called again.
 *
 * <p>A file that is damaged ends in a {@link PcapFormatException}; everything in front of the damage was read by then.
 *
 * <p>Threads: one at a time.
 */
abstract class PcapReader implements Closeable {
    /** What {@link #next} found. */
    enum Found {
        /** A whole Ethernet frame that {@link #copyTo} gives. */
        FRAME,
        /** A frame of which the file has only the beginning. */
        CUT,
        /** A packet of another kind of link. */
        NOT_ETHERNET,
        /** A frame longer than {@link Frame#MAX_LENGTH}, as a capture of super-frames has. */
        TOO_LONG,
        /** Something that is no packet: call again. */
        NOTHING,
        /** The end of the file. */
        END
    }

    /** The timestamp of a packet that has none. */
    static final long NO_TIMESTAMP = Long.MIN_VALUE;

    static final int LINKTYPE_ETHERNET = 1;

    private static final int GZIP_MAGIC = 0x1f8b;

    final PcapInput input;
    private long timestampNs;
    private long length;
    private int frameOffset; // in the input's buffer
    private long behindPacket; // bytes of the current packet to pass over when it is done with

    PcapReader(PcapInput input) {
        this.input = input;
    }

    /** Opens a file and reads its header. */
    static PcapReader open(Path path) throws IOException {
        return open(FileChannel.open(path));
    }

    /** The same with a channel, which is closed in the end, or when its header is wrong. */
    static PcapReader open(SeekableByteChannel channel) throws IOException {
        try {
            PcapInput input = new PcapInput(channel);
            PcapReader reader = of(input);
            reader.begin();
            return reader;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static PcapReader of(PcapInput input) throws IOException {
        if (!input.has(4)) {
            throw new PcapFormatException("it is no capture file, having only " + (input.has(1) ? "a few" : "0")
                    + " bytes; accepted: pcapng, pcap");
        }
        input.order(ByteOrder.BIG_ENDIAN);
        int magic = input.getInt(0);
        if (magic == PcapngReader.SECTION_HEADER) {
            return new PcapngReader(input);
        }
        if (PcapClassicReader.isMagic(magic)) {
            return new PcapClassicReader(input);
        }
        throw new PcapFormatException("it is no capture file, beginning with 0x" + Integer.toHexString(magic)
                + (magic >>> 16 == GZIP_MAGIC ? ", which is gzip: gunzip it" : "") + "; accepted: pcapng, pcap");
    }

    /** Reads what is in front of the first packet. */
    abstract void begin() throws IOException;

    /** Reads one block, or one packet. */
    abstract Found read() throws IOException;

    /**
     * Reads on until something is found, a packet or not; passes over what was found before.
     *
     * @throws PcapFormatException when the file is damaged or ends in the middle of something
     */
    final Found next() throws IOException {
        long behind = behindPacket;
        behindPacket = 0;
        input.skip(behind, "a packet");
        return read();
    }

    /** Begins again with the first packet. */
    final void rewind() throws IOException {
        behindPacket = 0;
        input.rewind();
        begin();
    }

    /**
     * Tells the getters about a packet whose bytes come next in the input, and what it is.
     *
     * @param capturedLength bytes of it in the file
     * @param originalLength its length, FCS counted; where it is said to be less than is there, what is there counts
     * @param fcsLength bytes at its end that are no part of the frame
     * @param rest bytes from the packet's first one to the next that {@link #read} is to see
     */
    final Found packet(
            long timestampNs, long capturedLength, long originalLength, int fcsLength, int linkType, long rest)
            throws IOException {
        this.timestampNs = timestampNs;
        length = Math.max(0, Math.max(originalLength, capturedLength) - fcsLength);
        frameOffset = -1;
        behindPacket = rest;
        if (linkType != LINKTYPE_ETHERNET) {
            return Found.NOT_ETHERNET;
        }
        if (length > Frame.MAX_LENGTH) {
            return Found.TOO_LONG;
        }
        if (capturedLength < length) {
            return Found.CUT;
        }
        input.require((int) length, "a packet");
        frameOffset = input.buffer().position();
        return Found.FRAME;
    }

    /** Nanoseconds since 1970, or {@link #NO_TIMESTAMP}. */
    final long timestampNs() {
        return timestampNs;
    }

    /** The packet's length in bytes when it was captured, without FCS; at most {@link Integer#MAX_VALUE}. */
    final int length() {
        return (int) Math.min(length, Integer.MAX_VALUE);
    }

    /** Fills a frame of {@link #length()} bytes with the packet that was {@link Found#FRAME found}. */
    final void copyTo(Frame frame) {
        frame.putBytes(0, input.buffer(), frameOffset, length());
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
