package io.weft.underlay;

import io.weft.nativeio.Linux;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A UDP socket for tunnels. Non-blocking.
 *
 * <p>Threads: each method says who may call it; the socket is one worker's, but for {@link #newSender}.
 */
public interface UdpSocket extends AutoCloseable {
    /** Makes sockets: of the kernel, or something else in tests. */
    @FunctionalInterface
    interface Opener {
        /**
         * Opens one.
         *
         * @throws UnderlayException saying why it cannot be had
         */
        UdpSocket open(UdpSettings settings) throws UnderlayException;
    }

    /**
     * Opens one by native calls, or by the JDK's channels where those are not to be had, which a note says.
     *
     * @throws UnderlayException saying why it cannot be had; nothing is left behind then
     */
    static UdpSocket open(UdpSettings settings) throws UnderlayException {
        try {
            Linux.require();
        } catch (IOException e) {
            return ChannelUdpSocket.open(settings, e.getMessage());
        }
        return NativeUdpSocket.open(settings);
    }

    /** Where it is bound. Any thread. */
    InetSocketAddress local();

    /** What the caller should know about how it was opened, as "a receive buffer of 208 KiB where 8 MiB was asked for". */
    List<String> notes();

    /**
     * The descriptor to watch for datagrams and for what {@link #readErrors} tells; -1 when there is none, and
     * {@link #onReadable} is to be used.
     */
    int descriptor();

    /**
     * Runs a task, on a thread of the socket's own, when datagrams have come after a {@code receive} that found none.
     *
     * @throws UnsupportedOperationException when there is a {@link #descriptor} to watch
     */
    void onReadable(Runnable task);

    /** A receiver; the socket has one. Confined to the thread that uses it. */
    UdpReceiver receiver();

    /** A sender for one thread; several may send at once. Any thread. */
    UdpSender newSender();

    /**
     * Joins a multicast group.
     *
     * @param networkInterface where; {@code null} for where the route to the group leads
     * @throws UnderlayException when that cannot be done. Before any datagram is received
     */
    void join(InetAddress group, String networkInterface) throws UnderlayException;

    /**
     * The MTU of the way to a peer, IP header counted, as far as is known now.
     *
     * @return 0 when it is not known
     * @throws UnderlayException of kind {@link UnderlayException.Kind#NO_ROUTE} when there is no way. Any thread
     */
    int pathMtu(UdpPeer peer) throws UnderlayException;

    /** Which of this machine's addresses datagrams to a peer come from; {@code null} when that is not known. Any thread. */
    InetAddress sourceFor(UdpPeer peer);

    /**
     * Tells what others, or the kernel itself, have answered to what was sent, and forgets it: some of it when there is a lot.
     * To be called after each {@code receive}, with datagrams or without: answers that nobody reads keep the descriptor ready
     * and take room of the receive buffer. Costs next to nothing while datagrams keep coming. Owner only; allocates nothing.
     */
    void readErrors(UdpErrorListener listener);

    @Override
    void close();
}
