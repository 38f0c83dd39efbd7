package io.weft.offload;

import io.weft.frame.Frame;
import io.weft.frame.Ipv6;

/**
 * The way past the IPv6 extension headers that may stand in front of a whole transport header: hop-by-hop options, routing
 * and destination options (RFC 8200, 4). A fragment header is not among them, so that it ends the walk and is found.
 *
 * <p>Threads: stateless.
 */
public final class ExtensionHeaders {
    /** The result of {@link #skip} when the frame ends inside a header, or there are too many. */
    public static final int NONE = -1;

    private ExtensionHeaders() {}

    /**
     * What is behind them, for {@link #type} and {@link #offset}, or {@link #NONE}. Reads nothing outside the frame.
     *
     * @param ipOffset where an IPv6 header begins, which is within the frame as a whole
     */
    public static int skip(Frame frame, int ipOffset) {
        int type = Ipv6.nextHeader(frame, ipOffset);
        int at = ipOffset + Ipv6.HEADER_LENGTH;
        for (int walked = 0; isSkipped(type); walked++) {
            if (walked == Ipv6.MAX_EXTENSION_HEADERS || frame.length() - at < 8) {
                return NONE;
            }
            type = frame.getByte(at);
            at += (frame.getByte(at + 1) + 1) * 8;
        }
        return at > frame.length() ? NONE : at << 8 | type;
    }

    /** The type of the first header that is not skipped: a protocol number. */
    public static int type(int skipped) {
        return skipped & 0xff;
    }

    /** Where that header begins, from the frame's first byte; at most at the frame's end. */
    public static int offset(int skipped) {
        return skipped >>> 8;
    }

    private static boolean isSkipped(int type) {
        return type == Ipv6.HOP_BY_HOP || type == Ipv6.ROUTING || type == Ipv6.DESTINATION_OPTIONS;
    }
}
