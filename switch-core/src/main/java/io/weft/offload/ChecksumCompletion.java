package io.weft.offload;

import io.weft.frame.Frame;

/**
 * Completes the partial checksum that a sender left to the network card (VIRTIO 1.2, 5.1.6.2.1).
 *
 * <pre>
 *   |  Ethernet, IP  |  transport header  ...  field  ...  |  payload  |
 *                    ^ checksumStart           ^ + checksumOffset      ^ length
 *                    |&lt;----------------- summed ------------------&gt;|
 * </pre>
 *
 * <p>The field holds the folded sum of the pseudo header, which is thus part of the sum.
 *
 * <p>Contract: the frame passed {@link OffloadCheck#isSound} when it was received, and is no super-frame.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class ChecksumCompletion {
    private ChecksumCompletion() {}

    /**
     * Writes the checksum into the frame, which is then an ordinary one with {@link Frame#OFFLOAD_CHECKSUM_VALID}. Does
     * nothing to a frame without a partial checksum.
     *
     * <p>A field 6 bytes behind the start is UDP's, where 0 would mean that there is no checksum (RFC 768).
     */
    public static void complete(Frame frame) {
        if ((frame.offloadFlags() & Frame.OFFLOAD_CHECKSUM_PARTIAL) == 0) {
            return;
        }
        int start = frame.checksumStart();
        int offset = frame.checksumOffset();
        int sum = InternetChecksum.sum(frame, start, frame.length() - start);
        boolean udp = offset == OffloadCheck.UDP_CHECKSUM;
        frame.putShort(start + offset, udp ? InternetChecksum.udpChecksum(sum) : InternetChecksum.checksum(sum));
        frame.offload(Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0);
    }
}
