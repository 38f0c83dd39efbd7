package io.weft.underlay;

import io.weft.frame.Frame;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;

/**
 * Sends through a {@link DatagramChannel}, one datagram per call. Nothing allocates but what the JDK does itself: an
 * exception for each datagram that the kernel refuses.
 *
 * <p>Threads: confined; several of one channel may be used at once.
 */
final class ChannelUdpSender implements UnderlaySender {
    private static final int CAPACITY = 256;
    private static final int LONGEST_IPV4 = 65_507; // 65,535 without IP and UDP headers
    private static final int LONGEST_IPV6 = 65_527; // the IP header is not counted there
    private static final int CACHED_PEERS = 256; // a power of two

    /** In what words the JDK says EMSGSIZE, which depend on the user's language; null if that was not found out. */
    private static final String TOO_LONG = wordsForTooLong();

    private final DatagramChannel channel;
    private final boolean ipv6;
    private final ChannelTrafficClass trafficClass;
    private final Frame[] frames = new Frame[CAPACITY];
    private final UnderlayPeer[] peers = new UnderlayPeer[CAPACITY];
    private final int[] trafficClasses = new int[CAPACITY];
    private final SendOutcome[] outcomes = new SendOutcome[CAPACITY];
    private int size;
    private int flushed;

    private final UnderlayPeer[] cachedPeers = new UnderlayPeer[CACHED_PEERS];
    private final InetSocketAddress[] cachedAddresses = new InetSocketAddress[CACHED_PEERS];

    ChannelUdpSender(DatagramChannel channel, boolean ipv6, ChannelTrafficClass trafficClass) {
        this.channel = channel;
        this.ipv6 = ipv6;
        this.trafficClass = trafficClass;
    }

    @Override
    public int capacity() {
        return CAPACITY;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void add(Frame frame, UnderlayPeer to, int newTrafficClass, int flowLabel) {
        if (to.isIpv4() == ipv6) {
            throw new IllegalArgumentException(
                    "peer is " + to + "; accepted: an address of the socket's family, " + (ipv6 ? "IPv6" : "IPv4"));
        }
        frames[size] = frame;
        peers[size] = to;
        trafficClasses[size] = newTrafficClass;
        size++;
    }

    @Override
    public void flush() {
        for (int i = flushed; i < size; i++) {
            outcomes[i] = send(frames[i], peers[i], trafficClasses[i]);
        }
        flushed = size;
    }

    private SendOutcome send(Frame frame, UnderlayPeer peer, int newTrafficClass) {
        if (peer.port() == 0) {
            return SendOutcome.FAILED;
        }
        if (frame.length() > (ipv6 ? LONGEST_IPV6 : LONGEST_IPV4)) {
            return SendOutcome.TOO_LONG;
        }
        ByteBuffer bytes = frame.bytes();
        try {
            InetSocketAddress address = address(peer);
            int sent;
            synchronized (trafficClass) {
                trafficClass.use(newTrafficClass);
                sent = channel.send(bytes, address);
            }
            return sent == 0 && frame.length() > 0 ? SendOutcome.QUEUE_FULL : SendOutcome.SENT;
        } catch (IOException e) {
            return outcome(e);
        }
    }

    /** An address of the JDK's for each peer, made once while no other one takes its place. */
    private InetSocketAddress address(UnderlayPeer peer) {
        long mixed = (peer.high() ^ peer.low() ^ peer.port()) * 0x9e37_79b9_7f4a_7c15L;
        int slot = (int) (mixed >>> 56) & (CACHED_PEERS - 1);
        if (!peer.equals(cachedPeers[slot])) {
            cachedPeers[slot] = peer;
            cachedAddresses[slot] = peer.toSocketAddress();
        }
        return cachedAddresses[slot];
    }

    private static SendOutcome outcome(IOException failure) {
        if (failure instanceof NoRouteToHostException || failure instanceof ConnectException) {
            return SendOutcome.UNREACHABLE;
        }
        String words = String.valueOf(failure.getMessage());
        if (words.equals(TOO_LONG)) {
            return SendOutcome.TOO_LONG;
        }
        // ENETUNREACH and ENETDOWN have no exception of their own.
        return words.contains("unreachable") || words.contains("is down")
                ? SendOutcome.UNREACHABLE
                : SendOutcome.FAILED;
    }

    private static String wordsForTooLong() {
        try (DatagramChannel probe = DatagramChannel.open(StandardProtocolFamily.INET)) {
            probe.send(ByteBuffer.allocateDirect(LONGEST_IPV4 + 1), new InetSocketAddress(loopback(), 9));
            return null; // no datagram is that long, so that it is not sent
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private static Inet4Address loopback() throws UnknownHostException {
        return (Inet4Address) Inet4Address.getByAddress(new byte[] {127, 0, 0, 1});
    }

    @Override
    public SendOutcome outcome(int index) {
        if (index >= flushed) {
            throw new IndexOutOfBoundsException("datagram " + index + " of " + flushed + " that were flushed");
        }
        return outcomes[index];
    }

    @Override
    public void clear() {
        Arrays.fill(frames, 0, size, null);
        Arrays.fill(peers, 0, size, null);
        size = 0;
        flushed = 0;
    }
}
