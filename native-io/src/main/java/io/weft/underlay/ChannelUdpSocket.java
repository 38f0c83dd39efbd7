package io.weft.underlay;

import io.weft.underlay.UnderlayException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A UDP socket of the JDK's own, for where native calls are not to be had: one system call per datagram, on any operating
 * system. What the JDK cannot do at all (a network namespace, a socket bound to an interface) is refused; what it does
 * otherwise than asked is told by {@link #notes}.
 *
 * <p>What it never knows: errors that come back (the JDK tells PortUnreachableException only of connected channels, so
 * {@link #readErrors} tells nothing), datagrams that the kernel had no room for, the traffic class of what it received, and
 * the address that a datagram was sent to unless the socket is bound to one.
 *
 * <p>The JDK's sockets for IPv6 speak IPv4 as well. One that is bound to any address therefore has the port of both
 * families, and what comes over IPv4 is received with its IPv4 source.
 *
 * <p>Threads: as {@link UnderlaySocket} says. {@link #onReadable} starts a thread, which {@link #close} ends.
 */
public final class ChannelUdpSocket implements UnderlaySocket {
    private static final String DONT_FRAGMENT = "IP_DONTFRAGMENT"; // of jdk.net.ExtendedSocketOptions, since JDK 19
    private static final int USUAL_TTL = 64;

    private final DatagramChannel channel;
    private final UdpSettings settings;
    private final InetSocketAddress local;
    private final List<String> notes;
    private final ChannelUdpReceiver receiver;
    private final ChannelTrafficClass trafficClass;
    private ChannelWatch watch; // guarded by this

    private ChannelUdpSocket(DatagramChannel channel, UdpSettings settings, List<String> notes) throws IOException {
        this.channel = channel;
        this.settings = settings;
        this.local = (InetSocketAddress) channel.getLocalAddress();
        this.notes = List.copyOf(notes);
        this.receiver = new ChannelUdpReceiver(channel, local);
        this.trafficClass = new ChannelTrafficClass(channel, settings.trafficClass());
    }

    /**
     * Opens and binds one.
     *
     * @param whyNotNative why there is no native socket, which the first note and refusals say
     * @throws UnderlayException saying why it cannot be had; of kind {@link Kind#UNSUPPORTED} for what needs native calls
     */
    public static ChannelUdpSocket open(UdpSettings settings, String whyNotNative) throws UnderlayException {
        if (settings.netns() != null) {
            throw unsupported("network namespace " + settings.netns(), whyNotNative);
        }
        if (settings.networkInterface() != null) {
            throw unsupported("a socket for network interface " + settings.networkInterface() + " only", whyNotNative);
        }
        List<String> notes = new ArrayList<>();
        notes.add("datagrams are sent and received one by one, through the JDK's DatagramChannel: " + whyNotNative);
        DatagramChannel channel = null;
        try {
            channel = DatagramChannel.open(family(settings.ipv6()));
            channel.configureBlocking(false);
            configure(channel, settings, notes);
            bind(channel, settings);
            ChannelUdpSocket socket = new ChannelUdpSocket(channel, settings, notes);
            channel = null;
            return socket;
        } catch (UnderlayException e) {
            throw e;
        } catch (UnsupportedOperationException e) {
            throw new UnderlayException(
                    Kind.UNSUPPORTED, "UDP over " + (settings.ipv6() ? "IPv6" : "IPv4") + " is not to be had here", e);
        } catch (IOException e) {
            throw new UnderlayException(Kind.OTHER, "UDP " + settings + ": " + e.getMessage(), e);
        } finally {
            closeQuietly(channel);
        }
    }

    private static UnderlayException unsupported(String what, String whyNotNative) {
        return new UnderlayException(Kind.UNSUPPORTED, what + " needs native calls: " + whyNotNative, null);
    }

    private static StandardProtocolFamily family(boolean ipv6) {
        return ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    // ---- opening ----

    private static void configure(DatagramChannel channel, UdpSettings settings, List<String> notes)
            throws IOException {
        buffer(channel, StandardSocketOptions.SO_RCVBUF, "receive", settings.receiveBuffer(), notes);
        buffer(channel, StandardSocketOptions.SO_SNDBUF, "send", settings.sendBuffer(), notes);
        channel.setOption(StandardSocketOptions.IP_TOS, settings.trafficClass());
        channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, settings.ttl());
        channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, false);
        if (settings.ttl() != USUAL_TTL) {
            notes.add("ttl " + settings.ttl() + " is used for groups only; other datagrams have the system's");
        }
        if (settings.dontFragment() && !dontFragment(channel)) {
            notes.add("datagrams longer than the path's MTU are fragmented: JDK "
                    + Runtime.version().feature() + " cannot forbid it, JDK 19 and later can");
        }
        if (!settings.checksum()) {
            notes.add("datagrams are sent with UDP checksums, which the JDK cannot switch off");
        }
        if (settings.ipv6() && settings.acceptZeroChecksum()) {
            notes.add("datagrams over IPv6 without a checksum are not received, which the JDK cannot ask for");
        }
        if (settings.ipv6() && settings.local() == null) {
            notes.add("the port is taken for IPv4 as well, as the JDK's sockets for IPv6 speak both");
        }
    }

    private static void buffer(
            DatagramChannel channel, SocketOption<Integer> option, String name, int wanted, List<String> notes)
            throws IOException {
        boolean receive = option == StandardSocketOptions.SO_RCVBUF;
        int bytes =
                wanted != 0 ? wanted : receive ? UdpSettings.DEFAULT_RECEIVE_BUFFER : UdpSettings.DEFAULT_SEND_BUFFER;
        channel.setOption(option, bytes);
        int granted = channel.getOption(option); // Linux counts twice as many, for data of its own, which the JDK hides
        if (granted < bytes) {
            notes.add("a " + name + " buffer of " + granted / 1024 + " KiB where " + bytes / 1024
                    + " KiB was asked for; on Linux the limit is net.core." + (receive ? "rmem_max" : "wmem_max"));
        }
    }

    /** Found by its name, since the JDK that Weft is compiled for has no such constant. */
    @SuppressWarnings("unchecked")
    private static boolean dontFragment(DatagramChannel channel) throws IOException {
        for (SocketOption<?> option : channel.supportedOptions()) {
            if (option.name().equals(DONT_FRAGMENT) && option.type() == Boolean.class) {
                channel.setOption((SocketOption<Boolean>) option, true);
                return true;
            }
        }
        return false;
    }

    private static void bind(DatagramChannel channel, UdpSettings settings) throws IOException {
        InetAddress address = settings.local() != null
                ? settings.local()
                : InetAddress.getByAddress(new byte[settings.ipv6() ? 16 : 4]);
        for (int port = settings.firstPort(); ; port++) {
            try {
                channel.bind(new InetSocketAddress(address, port));
                return;
            } catch (IOException e) {
                Kind kind = bindFailure(address, settings.ipv6(), port, e);
                if (kind != Kind.PORT_IN_USE || port == settings.lastPort()) {
                    throw new UnderlayException(kind, "UDP " + settings + reason(kind, e), e);
                }
            }
        }
    }

    /** The JDK tells an address that is not there from a port that is taken only in words: another port tells, too. */
    private static Kind bindFailure(InetAddress address, boolean ipv6, int port, IOException failure) {
        try (DatagramChannel probe = DatagramChannel.open(family(ipv6))) {
            probe.bind(new InetSocketAddress(address, 0));
        } catch (IOException e) {
            return Kind.NO_SUCH_ADDRESS;
        }
        boolean denied = String.valueOf(failure.getMessage()).contains("denied");
        return denied && port > 0 && port < 1024 ? Kind.NO_PERMISSION : Kind.PORT_IN_USE;
    }

    private static String reason(Kind kind, IOException failure) {
        switch (kind) {
            case NO_SUCH_ADDRESS:
                return ": the address is none of this machine's";
            case NO_PERMISSION:
                return ": ports below 1024 need CAP_NET_BIND_SERVICE";
            default:
                return " is in use: " + failure.getMessage();
        }
    }

    // ---- UnderlaySocket ----

    @Override
    public InetSocketAddress local() {
        return local;
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public synchronized void onReadable(Runnable task) {
        if (watch != null) {
            watch.task(task);
            return;
        }
        try {
            watch = new ChannelWatch(channel, "weft-udp-" + local.getPort(), task);
        } catch (IOException e) {
            throw new UncheckedIOException("no selector for UDP " + settings, e);
        }
        receiver.watch(watch);
    }

    @Override
    public UnderlayReceiver receiver() {
        return receiver;
    }

    @Override
    public UnderlaySender newSender() {
        return new ChannelUdpSender(channel, settings.ipv6(), trafficClass);
    }

    /** Joins, and has datagrams to groups sent by the same interface from then on. */
    @Override
    public void join(InetAddress group, String networkInterface) throws UnderlayException {
        if (!group.isMulticastAddress() || group instanceof Inet4Address == settings.ipv6()) {
            throw new UnderlayException(
                    Kind.OTHER,
                    group.getHostAddress() + " cannot be joined; accepted: an " + (settings.ipv6() ? "IPv6" : "IPv4")
                            + " multicast group",
                    null);
        }
        try {
            NetworkInterface where = networkInterface == null
                    ? NetworkInterface.getByInetAddress(routeSource(UnderlayPeer.of(group, local.getPort())))
                    : NetworkInterface.getByName(networkInterface);
            if (where == null) {
                throw new UnderlayException(
                        Kind.NO_SUCH_INTERFACE,
                        networkInterface == null
                                ? "no network interface is known to lead to group " + group.getHostAddress()
                                : "there is no network interface " + networkInterface,
                        null);
            }
            channel.join(group, where);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, where);
        } catch (UnderlayException e) {
            throw e;
        } catch (IOException e) {
            throw new UnderlayException(
                    Kind.OTHER, "group " + group.getHostAddress() + " cannot be joined: " + e.getMessage(), e);
        }
    }

    /** The MTU of the interface that leads to the peer: what routers behind it allow, the JDK does not tell. */
    @Override
    public int pathMtu(UnderlayPeer peer) throws UnderlayException {
        InetAddress source = routeSource(peer);
        try {
            NetworkInterface way = NetworkInterface.getByInetAddress(source);
            return way == null ? 0 : way.getMTU();
        } catch (IOException e) {
            return 0; // gone in the meantime
        }
    }

    @Override
    public InetAddress sourceFor(UnderlayPeer peer) {
        try {
            InetAddress source = local.getAddress().isAnyLocalAddress() ? routeSource(peer) : local.getAddress();
            return source.isAnyLocalAddress() ? null : source;
        } catch (UnderlayException e) {
            return null;
        }
    }

    /** To connect a UDP socket sends nothing, but looks up the route. */
    private InetAddress routeSource(UnderlayPeer peer) throws UnderlayException {
        try (DatagramChannel probe = DatagramChannel.open(family(settings.ipv6()))) {
            probe.connect(peer.toSocketAddress());
            return ((InetSocketAddress) probe.getLocalAddress()).getAddress();
        } catch (IOException e) {
            throw new UnderlayException(
                    Kind.NO_ROUTE, "there is no route to " + peer.address() + ": " + e.getMessage(), e);
        }
    }

    /** Tells nothing, as the JDK does not of channels that are not connected. */
    @Override
    public void readErrors(UnderlayErrorListener listener) {
        // nothing is known
    }

    @Override
    public synchronized void close() {
        closeQuietly(channel);
        if (watch != null) {
            watch.close();
        }
    }

    private static void closeQuietly(DatagramChannel channel) {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing can be lost by it, and nothing done about it.
        }
    }

    @Override
    public String toString() {
        return "ChannelUdpSocket[" + local + "]";
    }
}
