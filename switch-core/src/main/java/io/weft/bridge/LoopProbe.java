package io.weft.bridge;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;

/**
 * A frame that a switch sends by a port to see whether it comes back, which means a loop.
 *
 * <pre>
 *   0                6                12     14                 22          26         34
 *  +----------------+----------------+------+------------------+-----------+----------+----------------
 *  | 33-33-57-45-46 | the switch's   | 88B5 | switch id        | port      | port's   | zero, up to 60
 *  | -54            | own, 02-...    |      |                  | index     | secret   | bytes
 *  +----------------+----------------+------+------------------+-----------+----------+----------------
 * </pre>
 *
 * <p>0x88B5 is IEEE 802's EtherType for local experiments. The destination is a group address that bridges forward; a probe of
 * another switch is forwarded like any frame, so that loops across switches are found too.
 *
 * <p>The secret is known only to those who receive the port's frames: nobody else can have a port shut down by inventing its
 * probes.
 *
 * <p>Threads: stateless.
 */
public final class LoopProbe {
    /** Bytes of a probe: the shortest Ethernet frame without FCS. */
    public static final int LENGTH = 60;

    private static final long DESTINATION = 0x3333_5745_4654L;
    private static final int ETHER_TYPE = 0x88B5;
    private static final long SOURCE_PREFIX = 0x0200_0000_0000L;

    private LoopProbe() {}

    /** Fills a frame of {@link #LENGTH} bytes. */
    public static void write(Frame frame, long switchId, int portIndex, long secret) {
        for (int i = 0; i < LENGTH; i += 4) {
            frame.putInt(i, 0);
        }
        long source = SOURCE_PREFIX | switchId & 0xff_ffff_ffffL;
        frame.putLong(0, DESTINATION << 16 | source >>> 32);
        frame.putInt(8, (int) source);
        frame.putShort(12, ETHER_TYPE);
        frame.putLong(14, switchId);
        frame.putInt(22, portIndex);
        frame.putLong(26, secret);
    }

    /** Whether a frame of at least an Ethernet header is a probe of this switch, with or without a tag. */
    static boolean isOwn(Frame frame, long switchId) {
        int at = payload(frame);
        return frame.length() >= at + 20
                && frame.getShort(at - 2) == ETHER_TYPE
                && Ethernet.destination(frame) == DESTINATION
                && frame.getLong(at) == switchId;
    }

    /** Index of the port that sent an own probe. */
    static int port(Frame frame) {
        return frame.getInt(payload(frame) + 8);
    }

    /** What proves that the port has sent it. */
    static long secret(Frame frame) {
        return frame.getLong(payload(frame) + 12);
    }

    private static int payload(Frame frame) {
        return Ethernet.isTag(Ethernet.type(frame)) ? Ethernet.VLAN_HEADER_LENGTH : Ethernet.HEADER_LENGTH;
    }
}
