package io.weft.underlay;

import io.weft.frame.Frame;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;

/**
 * Receives from a {@link DatagramChannel}, one datagram per call of the JDK. The JDK makes an address object for each
 * datagram whose sender is not the one before's, and this reads its octets, for which another array is made; a run of one
 * sender's allocates nothing.
 *
 * <p>Threads: confined.
 */
final class ChannelUdpReceiver implements UnderlayReceiver {
    private static final int CAPACITY = 64;
    private static final int EIO = 5;
    private static final int EBADF = 9;

    private final DatagramChannel channel;
    private final long destinationHigh;
    private final long destinationLow;
    private final int[] lengths = new int[CAPACITY];
    private final boolean[] cut = new boolean[CAPACITY];
    private final UnderlayPeer[] sources = new UnderlayPeer[CAPACITY];
    private int failure;

    private InetSocketAddress lastAddress;
    private UnderlayPeer lastSource;

    private volatile ChannelWatch watch; // null while nobody wants to be told

    ChannelUdpReceiver(DatagramChannel channel, InetSocketAddress local) {
        this.channel = channel;
        boolean any = local.getAddress().isAnyLocalAddress();
        UnderlayPeer bound = UnderlayPeer.of(local.getAddress(), local.getPort());
        destinationHigh = any ? 0 : bound.high();
        destinationLow = any ? 0 : bound.low();
    }

    void watch(ChannelWatch newWatch) {
        watch = newWatch;
    }

    @Override
    public int capacity() {
        return CAPACITY;
    }

    @Override
    public int receive(Frame[] landings, int count) {
        if (count < 1 || count > CAPACITY) {
            throw new IllegalArgumentException("count is " + count + "; accepted: 1.." + CAPACITY);
        }
        failure = 0;
        int received = 0;
        while (received < count && receive(landings[received], received)) {
            received++;
        }
        ChannelWatch watching = watch;
        if (received < count && failure == 0 && watching != null) {
            watching.arm();
        }
        return received;
    }

    private boolean receive(Frame landing, int message) {
        landing.length(Math.min(landing.capacity(), Frame.MAX_LENGTH));
        ByteBuffer bytes = landing.bytes();
        int start = bytes.position();
        try {
            InetSocketAddress from = (InetSocketAddress) channel.receive(bytes);
            if (from == null) {
                return false;
            }
            sources[message] = source(from);
        } catch (ClosedChannelException e) {
            failure = EBADF;
            return false;
        } catch (IOException e) {
            failure = EIO; // the JDK does not tell the number
            return false;
        }
        lengths[message] = bytes.position() - start;
        cut[message] = !bytes.hasRemaining(); // the JDK throws the rest away silently
        return true;
    }

    @SuppressWarnings(
            "ReferenceEquality") // the JDK hands out the same object for one sender in a row; others cost a little
    private UnderlayPeer source(InetSocketAddress address) {
        if (address != lastAddress) {
            lastSource = UnderlayPeer.of(address.getAddress(), address.getPort());
            lastAddress = address;
        }
        return lastSource;
    }

    @Override
    public int failure() {
        return failure;
    }

    @Override
    public int length(int message) {
        return lengths[message];
    }

    /** Also of a message that fills its landing exactly. */
    @Override
    public boolean isCut(int message) {
        return cut[message];
    }

    @Override
    public int segmentSize(int message) {
        return 0;
    }

    @Override
    public long sourceHigh(int message) {
        return sources[message].high();
    }

    @Override
    public long sourceLow(int message) {
        return sources[message].low();
    }

    @Override
    public int sourcePort(int message) {
        return sources[message].port();
    }

    @Override
    public long destinationHigh(int message) {
        return destinationHigh;
    }

    @Override
    public long destinationLow(int message) {
        return destinationLow;
    }

    @Override
    public int trafficClass(int message) {
        return 0;
    }

    /** Always 0: the JDK does not tell. */
    @Override
    public long takeOverflow() {
        return 0;
    }
}
