package io.weft.tunnel.bfd;

import io.weft.frame.Frame;

/**
 * The BFD control packet without authentication (RFC 5880, 4.1), read and written in place.
 *
 * <pre>
 *    0         1            2           3        4           8           12          16          20          24
 *   +---------+------------+-----------+--------+-----------+-----------+-----------+-----------+-----------+
 *   | ver|diag| sta|PFCADM | detect    | length | my        | your      | desired   | required  | required  |
 *   | 3  | 5  | 2  |       | multiplier|        | discrim.  | discrim.  | min TX    | min RX    | min echo  |
 *   +---------+------------+-----------+--------+-----------+-----------+-----------+-----------+-----------+
 *    P: poll  F: final  C: control plane independent  A: authentication  D: demand  M: multipoint
 * </pre>
 *
 * <p>Contract: {@link #check} found no reason to refuse the packet at this offset; after that no getter can fail. The offset is
 * that of the packet's first byte in the frame. Intervals are in microseconds, 0..2<sup>32</sup>-1.
 *
 * <p>Threads: stateless.
 */
public final class BfdPacket {
    /** Bytes of a packet without authentication. */
    public static final int LENGTH = 24;

    /** The version (RFC 5880); 0 was a draft's. */
    public static final int VERSION = 1;

    /** In {@link #flags}: the sender asks for an answer with {@link #FINAL}. */
    public static final int POLL = 0x20;

    /** In {@link #flags}: the answer to a {@link #POLL}. */
    public static final int FINAL = 0x10;

    /** In {@link #flags}: the sender's BFD does not share the fate of its control plane. */
    public static final int CONTROL_PLANE_INDEPENDENT = 0x08;

    /** In {@link #flags}: an authentication section follows. */
    public static final int AUTHENTICATION = 0x04;

    /** In {@link #flags}: the sender wants no periodic packets while both sessions are up. */
    public static final int DEMAND = 0x02;

    /** In {@link #flags}: reserved, always 0. */
    public static final int MULTIPOINT = 0x01;

    /** The least length of a packet with an authentication section (RFC 5880, 6.8.6). */
    private static final int AUTHENTICATED_LENGTH = 26;

    private BfdPacket() {}

    /**
     * What RFC 5880, 6.8.6 has a receiver check before it looks for the session.
     *
     * @param length bytes of the UDP payload, of which the frame has as many from {@code offset} on
     * @return why the packet is to be discarded, or {@code null}
     */
    public static BfdRefusal check(Frame frame, int offset, int length) {
        if (length < LENGTH) {
            return BfdRefusal.TRUNCATED;
        }
        if (frame.getByte(offset) >>> 5 != VERSION) {
            return BfdRefusal.VERSION;
        }
        boolean authenticated = (flags(frame, offset) & AUTHENTICATION) != 0;
        int own = frame.getByte(offset + 3);
        if (own < (authenticated ? AUTHENTICATED_LENGTH : LENGTH) || own > length) {
            return BfdRefusal.LENGTH;
        }
        if (detectMultiplier(frame, offset) == 0) {
            return BfdRefusal.DETECT_MULTIPLIER;
        }
        if ((flags(frame, offset) & MULTIPOINT) != 0) {
            return BfdRefusal.MULTIPOINT;
        }
        if (myDiscriminator(frame, offset) == 0) {
            return BfdRefusal.MY_DISCRIMINATOR;
        }
        if (yourDiscriminator(frame, offset) == 0 && stateCode(frame, offset) > BfdState.DOWN.code()) {
            return BfdRefusal.YOUR_DISCRIMINATOR_MISSING;
        }
        return authenticated ? BfdRefusal.AUTHENTICATION : null;
    }

    /** Why the sender's session last went down. */
    public static BfdDiagnostic diagnostic(Frame frame, int offset) {
        return BfdDiagnostic.of(frame.getByte(offset) & 0x1f);
    }

    /** The sender's state. */
    public static BfdState state(Frame frame, int offset) {
        return BfdState.of(stateCode(frame, offset));
    }

    private static int stateCode(Frame frame, int offset) {
        return frame.getByte(offset + 1) >>> 6;
    }

    /** {@link #POLL}, {@link #FINAL} and so on, ORed. */
    public static int flags(Frame frame, int offset) {
        return frame.getByte(offset + 1) & 0x3f;
    }

    /** How many packets of the sender must be missing before it counts as gone, 1..255. */
    public static int detectMultiplier(Frame frame, int offset) {
        return frame.getByte(offset + 2);
    }

    /** The sender's number for the session, not 0. */
    public static int myDiscriminator(Frame frame, int offset) {
        return frame.getInt(offset + 4);
    }

    /** The receiver's number for the session as the sender knows it, or 0. */
    public static int yourDiscriminator(Frame frame, int offset) {
        return frame.getInt(offset + 8);
    }

    /** How far apart the sender would like to send, in microseconds. */
    public static long desiredMinTransmitUs(Frame frame, int offset) {
        return frame.getInt(offset + 12) & 0xffff_ffffL;
    }

    /** How far apart the sender can receive, in microseconds; 0 if it wants no periodic packets. */
    public static long requiredMinReceiveUs(Frame frame, int offset) {
        return frame.getInt(offset + 16) & 0xffff_ffffL;
    }

    /** Writes a whole packet, without the echo function; the frame's slot has {@link #LENGTH} bytes there. */
    static void put(
            Frame frame,
            int offset,
            BfdState state,
            BfdDiagnostic diagnostic,
            int flags,
            int detectMultiplier,
            int myDiscriminator,
            int yourDiscriminator,
            long desiredMinTransmitUs,
            long requiredMinReceiveUs) {
        frame.putByte(offset, VERSION << 5 | diagnostic.code());
        frame.putByte(offset + 1, state.code() << 6 | flags);
        frame.putByte(offset + 2, detectMultiplier);
        frame.putByte(offset + 3, LENGTH);
        frame.putInt(offset + 4, myDiscriminator);
        frame.putInt(offset + 8, yourDiscriminator);
        frame.putInt(offset + 12, (int) desiredMinTransmitUs);
        frame.putInt(offset + 16, (int) requiredMinReceiveUs);
        frame.putInt(offset + 20, 0);
    }
}
