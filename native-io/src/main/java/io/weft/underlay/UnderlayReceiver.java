package io.weft.underlay;

import io.weft.frame.Frame;

/**
 * Receives datagrams, many with one call, into frames that the caller supplies. A message is one datagram, or several of
 * one peer that came together, all equally long but the last ({@link #segmentSize}).
 *
 * <p>What is told about a message holds until the next call. Nothing allocates.
 *
 * <p>Threads: confined.
 */
public interface UnderlayReceiver {
    /** Messages that one call can receive at most. */
    int capacity();

    /**
     * Receives without waiting.
     *
     * @param landings frames of {@link io.weft.frame.Frame#MAX_LENGTH} bytes, borrowed for the call; a message's payload lies
     *     in its landing from the first byte on, and the caller sets the length. A raw socket's also have {@link
     *     io.weft.frame.Ipv4#HEADER_LENGTH} bytes of headroom, into which it may write
     * @param count how many of them to use, 1..{@link #capacity()}
     * @return messages received, 0..count. Fewer than {@code count} says that nothing more was waiting, or see {@link
     *     #failure()}
     */
    int receive(Frame[] landings, int count);

    /** The error number (errno) that ended the last call early; 0 when there was merely nothing more. */
    int failure();

    /** Bytes of a message. */
    int length(int message);

    /** Whether a message was longer than its landing and was cut. */
    boolean isCut(int message);

    /**
     * Bytes of each datagram that the message consists of, the last of which may be shorter; 0 for one datagram. Of a
     * datagram that was itself made by an encapsulating kernel it may be the size of <em>inner</em> segments: who reads inner
     * headers must hold it against their lengths.
     */
    int segmentSize(int message);

    /** Whether it came in fragments, which the machine has put together again. */
    default boolean isReassembled(int message) {
        return false;
    }

    /** The first half of the sender's address, as in {@link UnderlayPeer}. */
    long sourceHigh(int message);

    /** The second half. */
    long sourceLow(int message);

    /** The sender's port; 0 for a raw socket. */
    int sourcePort(int message);

    /** The first half of the address it was sent to; both are 0 when that is not known. */
    long destinationHigh(int message);

    /** The second half. */
    long destinationLow(int message);

    /** TOS, or traffic class, 0..255; 0 when that is not known. */
    int trafficClass(int message);

    /** Datagrams that the kernel had no room for since the last time this was asked. A system call. */
    long takeOverflow();
}
