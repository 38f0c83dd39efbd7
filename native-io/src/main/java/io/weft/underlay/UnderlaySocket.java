package io.weft.underlay;

import io.weft.frame.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;

/**
 * A socket for tunnels, which sends and receives datagrams: of UDP, or of an IP protocol of their own. Non-blocking.
 *
 * <p>Threads: each method says who may call it; the socket is one worker's, but for {@link #newSender}.
 */
public interface UnderlaySocket extends AutoCloseable {
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
    UnderlayReceiver receiver();

    /** A sender for one thread; several may send at once. Any thread. */
    UnderlaySender newSender();

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
    int pathMtu(UnderlayPeer peer) throws UnderlayException;

    /** Which of this machine's addresses datagrams to a peer come from; {@code null} when that is not known. Any thread. */
    InetAddress sourceFor(UnderlayPeer peer);

    /**
     * Tells what others, or the kernel itself, have answered to what was sent, and forgets it: some of it when there is a lot.
     * To be called after each {@code receive}, with datagrams or without: answers that nobody reads keep the descriptor ready
     * and take room of the receive buffer. Costs next to nothing while datagrams keep coming. Owner only; allocates nothing.
     */
    void readErrors(UnderlayErrorListener listener);

    /**
     * Has datagrams of these peers only received, ports left aside; of the rest the kernel copies nothing, and they are counted
     * nowhere. Takes the place of what was said before. A socket that cannot (one of UDP), or not for so many, receives all. What waits
     * to be received already stays.
     *
     * @param sources {@code null} for everybody. Any thread
     */
    default void receiveFrom(Collection<UnderlayPeer> sources) {}

    /**
     * Has a socket for whole IPv6 packets receive what goes to these prefixes, and nothing else: in place of what it received before.
     * What waits to be received already stays.
     *
     * @param destinations IPv6 networks, at most {@link Ipv6PacketSettings#MOST_DESTINATIONS}; none for nothing. Any thread
     * @throws IllegalArgumentException if they are others, or more
     * @throws UnsupportedOperationException by a socket of another kind
     */
    default void receiveTo(Collection<IpPrefix> destinations) {
        throw new UnsupportedOperationException("this socket receives what goes to its address");
    }

    @Override
    void close();
}
