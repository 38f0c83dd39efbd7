package io.weft.tap;

import io.weft.nativeio.NativeException;
import io.weft.nativeio.RouteNetlink;
import java.nio.ByteBuffer;

/**
 * What the kernel answers to one rtnetlink request: a link. Its fields are where {@link RouteSocket} shows them.
 *
 * <p>Threads: stateless.
 */
final class RouteAnswer {
    private static final int HEADER_LENGTH = RouteNetlink.HEADER_LENGTH;
    private static final int LINK_LENGTH = 16;

    private static final short RTM_NEWLINK = 16;

    private static final int IFF_UP = 1;

    private RouteAnswer() {}

    /** The link that an answer, which was checked, tells of. */
    static RouteSocket.Link link(String attempt, ByteBuffer message) throws NativeException {
        RouteNetlink.require(attempt, message, RTM_NEWLINK, LINK_LENGTH);
        return new RouteSocket.Link(
                message.getInt(HEADER_LENGTH + 4), (message.getInt(HEADER_LENGTH + 8) & IFF_UP) != 0);
    }
}
