package io.weft.benchmarks;

import io.weft.frame.Frame;
import io.weft.frame.IpPrefix;
import io.weft.frame.Ipv6;
import io.weft.underlay.Ipv6PacketSettings;
import io.weft.underlay.RawIpSettings;
import io.weft.underlay.SendOutcome;
import io.weft.underlay.UdpSettings;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayErrorListener;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySender;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;

/**
 * UDP sockets, raw ones, or those for whole IPv6 packets without a network. The one that listens receives as many datagrams as {@link #offer} said, each written when
 * it is received; what is sent is looked at and forgotten. What a real underlay costs beyond this is its system calls.
 *
 * <p>Threads: confined.
 */
final class NullUnderlay implements Underlay {
    private static final int MTU = 9_000;

    private final TunnelTraffic traffic;
    private final int listeningPort; // 0 for raw sockets
    private final int run;
    private int waiting;
    private long sent;
    private long seen; // so that what is sent has been read
    private Runnable onReadable = () -> {};

    private NullUnderlay(TunnelTraffic traffic, int listeningPort, int run) {
        this.traffic = traffic;
        this.listeningPort = listeningPort;
        this.run = run;
    }

    /**
     * One of UDP.
     *
     * @param listeningPort where datagrams come in
     * @param run datagrams that come as one message; more than 1 as by UDP_GRO
     */
    static NullUnderlay ofUdp(TunnelTraffic traffic, int listeningPort, int run) {
        return new NullUnderlay(traffic, listeningPort, run);
    }

    /** One of raw sockets, each datagram a message. */
    static NullUnderlay ofRaw(TunnelTraffic traffic) {
        return new NullUnderlay(traffic, 0, 1);
    }

    /** One of sockets for whole IPv6 packets, each a message; the headers tell where they come from. */
    static NullUnderlay ofPackets(TunnelTraffic traffic) {
        return new NullUnderlay(traffic, 0, 1);
    }

    /** Another one that receives what was offered. */
    UnderlayReceiver newReceiver() {
        return new Socket(listeningPort, true);
    }

    /** Has more datagrams come in: a multiple of the run. */
    void offer(int datagrams) {
        waiting += datagrams;
        onReadable.run();
    }

    /** Datagrams that have not been received yet. */
    int waiting() {
        return waiting;
    }

    /** Datagrams that were sent. */
    long sent() {
        return sent;
    }

    /** Of all bytes that were looked at. */
    long seen() {
        return seen;
    }

    @Override
    public UnderlaySocket open(UdpSettings settings) {
        return new Socket(settings.firstPort(), settings.firstPort() == listeningPort);
    }

    /** Those who only receive want no ICMP errors. */
    @Override
    public UnderlaySocket open(RawIpSettings settings) {
        return new Socket(0, !settings.errors());
    }

    @Override
    public UnderlaySocket open(Ipv6PacketSettings settings) {
        return new Socket(0, settings.receiving());
    }

    private final class Socket implements UnderlaySocket, UnderlayReceiver, UnderlaySender {
        private static final int CAPACITY = 64;

        private final InetSocketAddress local;
        private final boolean listening;
        private final int datagramLength = traffic.datagramLength();
        private final long[] sources = new long[CAPACITY];
        private int size;

        Socket(int port, boolean listening) {
            local = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            this.listening = listening;
        }

        @Override
        public InetSocketAddress local() {
            return local;
        }

        @Override
        public List<String> notes() {
            return List.of();
        }

        @Override
        public int descriptor() {
            return -1;
        }

        @Override
        public void onReadable(Runnable task) {
            if (listening) {
                onReadable = task;
            }
        }

        @Override
        public UnderlayReceiver receiver() {
            return this;
        }

        @Override
        public UnderlaySender newSender() {
            return new Socket(local.getPort(), false);
        }

        @Override
        public void join(InetAddress group, String networkInterface) {}

        @Override
        public void receiveTo(Collection<IpPrefix> destinations) {}

        @Override
        public int pathMtu(UnderlayPeer peer) {
            return MTU;
        }

        @Override
        public InetAddress sourceFor(UnderlayPeer peer) {
            return null;
        }

        @Override
        public void readErrors(UnderlayErrorListener listener) {}

        @Override
        public void close() {}

        // ---- receiving ----

        @Override
        public int capacity() {
            return CAPACITY;
        }

        @Override
        public int receive(Frame[] landings, int count) {
            int messages = listening ? Math.min(count, waiting / run) : 0;
            for (int i = 0; i < messages; i++) {
                sources[i] = traffic.source();
                for (int j = 0; j < run; j++) {
                    traffic.writeDatagram(landings[i], j * datagramLength);
                }
            }
            waiting -= messages * run;
            return messages;
        }

        @Override
        public int failure() {
            return 0;
        }

        @Override
        public int length(int message) {
            return run * datagramLength;
        }

        @Override
        public boolean isCut(int message) {
            return false;
        }

        @Override
        public int segmentSize(int message) {
            return run > 1 ? datagramLength : 0;
        }

        @Override
        public long sourceHigh(int message) {
            return 0;
        }

        @Override
        public long sourceLow(int message) {
            return sources[message];
        }

        @Override
        public int sourcePort(int message) {
            return listeningPort;
        }

        @Override
        public long destinationHigh(int message) {
            return 0;
        }

        @Override
        public long destinationLow(int message) {
            return 0;
        }

        @Override
        public int trafficClass(int message) {
            return 0;
        }

        @Override
        public long takeOverflow() {
            return 0;
        }

        // ---- sending ----

        @Override
        public int size() {
            return size;
        }

        @Override
        public void add(Frame frame, UnderlayPeer to, int trafficClass, int flowLabel) {
            seen += frame.getLong(0) ^ to.low();
            size++;
        }

        @Override
        public void addPacket(Frame packet) {
            seen += packet.getLong(0) ^ Ipv6.destinationLow(packet, 0);
            size++;
        }

        @Override
        public void flush() {
            sent += size;
        }

        @Override
        public SendOutcome outcome(int index) {
            return SendOutcome.SENT;
        }

        @Override
        public void clear() {
            size = 0;
        }
    }
}
