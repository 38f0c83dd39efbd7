package io.weft.underlay;

import io.weft.frame.IpPrefix;
import io.weft.underlay.UnderlayException.Kind;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A host of a {@link MemoryNetwork} network: it has addresses, opens sockets bound to them, and can be switched off.
 *
 * <p>Threads: any.
 */
public final class MemoryHost implements Underlay {
    /** The network interface that every host has. */
    public static final String INTERFACE = "eth0";

    private static final int FIRST_EPHEMERAL = 32_768; // as Linux has it
    private static final int LAST_EPHEMERAL = 60_999;

    private final MemoryNetwork network;
    private final List<MemorySocket> sockets = new ArrayList<>();
    private List<InetAddress> addresses = List.of();
    private List<IpPrefix> locators = List.of();
    private Set<String> interfaces = Set.of(INTERFACE);
    private Kind refusal;
    private boolean down;
    private long sendRoom = -1;
    private int nextEphemeral = FIRST_EPHEMERAL;

    MemoryHost(MemoryNetwork network) {
        this.network = network;
    }

    // ---- knobs ----

    /** Gives it other addresses. Sockets bound to one that is gone stay, and nothing reaches them. */
    public void addresses(InetAddress... newAddresses) {
        synchronized (network) {
            for (InetAddress address : newAddresses) {
                MemoryHost owner = network.owner(address);
                if (owner != null && owner != this) {
                    throw new IllegalArgumentException(address.getHostAddress() + " is already another host's");
                }
            }
            addresses = List.of(newAddresses);
        }
    }

    /**
     * Has what goes to addresses of these prefixes come to it, though they are none of its addresses: as the others' routes say, and a black
     * hole of its own, so that what no socket takes is lost without a word ({@link MemoryNetwork#discarded}).
     */
    public void locators(IpPrefix... newLocators) {
        synchronized (network) {
            locators = List.of(newLocators);
        }
    }

    /** Names of its network interfaces; it has {@link #INTERFACE} at first. */
    public void interfaces(String... names) {
        synchronized (network) {
            interfaces = Set.of(names);
        }
    }

    /** Switches it off, so that what is sent to it or by it is UNREACHABLE, or on again. Sockets stay. */
    public void down(boolean isDown) {
        synchronized (network) {
            down = isDown;
        }
    }

    /** Datagrams that can still be sent before the outcome is QUEUE_FULL; -1 for any number. */
    public void sendRoom(long datagrams) {
        synchronized (network) {
            sendRoom = datagrams;
        }
    }

    /** Refuses to open sockets for this reason; {@code null} to open them again. */
    public void refuseOpens(Kind kind) {
        synchronized (network) {
            refusal = kind;
        }
    }

    /** Has all sockets told that a datagram was too long, which somebody forged: the MTU of the way remains what it is. */
    public void forgeTooBig(UnderlayPeer to, int mtu) {
        forge(to, mtu);
    }

    /** Has all sockets told that a peer was not reached, which somebody forged. */
    public void forgeUnreachable(UnderlayPeer to) {
        forge(to, 0);
    }

    private void forge(UnderlayPeer to, int mtu) {
        List<Runnable> tasks = new ArrayList<>();
        synchronized (network) {
            for (MemorySocket socket : sockets) {
                socket.error(to, mtu, false, tasks);
            }
        }
        tasks.forEach(Runnable::run);
    }

    /** The sockets that are open, in the order they were opened. */
    public List<MemorySocket> sockets() {
        synchronized (network) {
            return List.copyOf(sockets);
        }
    }

    // ---- opening ----

    @Override
    public MemorySocket open(UdpSettings settings) throws UnderlayException {
        synchronized (network) {
            requireOpenable(settings.netns(), settings.networkInterface(), settings.local());
            return open(MemorySocketSettings.of(settings), freePort(settings, settings.local()));
        }
    }

    @Override
    public MemorySocket open(RawIpSettings settings) throws UnderlayException {
        if (settings.protocol() == MemoryDatagram.UDP) {
            throw new UnderlayException(
                    Kind.UNSUPPORTED, "protocol is 17; accepted in memory, where UDP has no headers: any other", null);
        }
        synchronized (network) {
            requireOpenable(settings.netns(), settings.networkInterface(), settings.local());
            return open(MemorySocketSettings.of(settings), 0);
        }
    }

    @Override
    public MemorySocket open(Ipv6PacketSettings settings) throws UnderlayException {
        synchronized (network) {
            requireOpenable(settings.netns(), settings.networkInterface(), null); // any source may be looked up with
            MemorySocket socket = open(MemorySocketSettings.of(settings), 0);
            socket.receiveOnlyTo(settings.receiving() ? settings.destinations() : null);
            return socket;
        }
    }

    private void requireOpenable(String netns, String networkInterface, InetAddress local) throws UnderlayException {
        if (refusal != null) {
            throw new UnderlayException(refusal, "refused by the test's host", null);
        }
        if (netns != null) {
            throw new UnderlayException(Kind.NO_NAMESPACE, "network namespace " + netns + " does not exist", null);
        }
        requireInterface(networkInterface);
        if (local != null && !local.isMulticastAddress() && !has(local)) {
            throw new UnderlayException(
                    Kind.NO_SUCH_ADDRESS, local.getHostAddress() + " is not an address of this host", null);
        }
    }

    private MemorySocket open(MemorySocketSettings settings, int port) {
        MemorySocket socket = new MemorySocket(network, this, settings, port);
        sockets.add(socket);
        return socket;
    }

    private int freePort(UdpSettings settings, InetAddress local) throws UnderlayException {
        if (settings.firstPort() == 0) {
            for (int tries = FIRST_EPHEMERAL; tries <= LAST_EPHEMERAL; tries++) {
                int port = nextEphemeral;
                nextEphemeral = port == LAST_EPHEMERAL ? FIRST_EPHEMERAL : port + 1;
                if (isFree(settings.ipv6(), local, port)) {
                    return port;
                }
            }
        } else {
            for (int port = settings.firstPort(); port <= settings.lastPort(); port++) {
                if (isFree(settings.ipv6(), local, port)) {
                    return port;
                }
            }
        }
        throw new UnderlayException(Kind.PORT_IN_USE, "UDP " + settings + " is in use", null);
    }

    /** A socket bound to any address and one bound to an address of the same family and port exclude each other. */
    private boolean isFree(boolean ipv6, InetAddress local, int port) {
        for (MemorySocket socket : sockets) {
            InetAddress other = socket.boundTo();
            if (!socket.settings().isRaw()
                    && socket.port() == port
                    && socket.settings().ipv6() == ipv6
                    && (other == null || local == null || other.equals(local))) {
                return false;
            }
        }
        return true;
    }

    // ---- for the network and the sockets; with its lock ----

    void requireInterface(String name) throws UnderlayException {
        if (name != null && !interfaces.contains(name)) {
            throw new UnderlayException(Kind.NO_SUCH_INTERFACE, "there is no network interface " + name, null);
        }
    }

    boolean has(InetAddress address) {
        return addresses.contains(address);
    }

    /** The length of the longest of its locators that an address begins with, or -1. */
    int locator(UnderlayPeer address) {
        int longest = -1;
        for (IpPrefix prefix : locators) {
            longest = prefix.contains(address.high(), address.low()) ? Math.max(longest, prefix.length()) : longest;
        }
        return longest;
    }

    /** Its first address of a family, or {@code null}. */
    InetAddress first(boolean ipv6) {
        for (InetAddress address : addresses) {
            if (address instanceof Inet6Address == ipv6) {
                return address;
            }
        }
        return null;
    }

    boolean isDown() {
        return down;
    }

    boolean takeSendRoom() {
        if (sendRoom == 0) {
            return false;
        }
        sendRoom -= sendRoom > 0 ? 1 : 0;
        return true;
    }

    void remove(MemorySocket socket) {
        sockets.remove(socket);
    }

    /** Adds the sockets that a datagram to one of its addresses is for: one of UDP, any number of raw ones. */
    void listeners(UnderlayPeer to, int protocol, List<MemorySocket> into) {
        InetAddress address = to.toSocketAddress().getAddress();
        MemorySocket one = null; // the one bound to the address before one bound to any
        for (MemorySocket socket : sockets) {
            if (socket.receivesTo(to)) {
                if (protocol != MemoryDatagram.UDP) {
                    into.add(socket);
                }
                continue;
            }
            if (!has(address) || !socket.isAt(address, protocol)) {
                continue;
            }
            if (protocol != MemoryDatagram.UDP) {
                into.add(socket);
            } else if (socket.port() == to.port() && (one == null || socket.boundTo() != null)) {
                one = socket;
            }
        }
        if (one != null) {
            into.add(one);
        }
    }

    /** Adds the sockets that have joined the group a datagram is sent to. */
    void members(UnderlayPeer to, int protocol, List<MemorySocket> into) {
        InetAddress group = to.toSocketAddress().getAddress();
        for (MemorySocket socket : sockets) {
            if (socket.port() == to.port() && socket.isAt(group, protocol) && socket.isMemberOf(group)) {
                into.add(socket);
            }
        }
    }

    /**
     * Tells what another host has answered to a datagram: the socket that has sent it, and every raw one that could have, for
     * the answer does not say which it was.
     */
    void answered(MemorySocket sender, MemoryDatagram datagram, int mtu, boolean refused, List<Runnable> tasks) {
        if (datagram.protocol() == MemoryDatagram.UDP) {
            sender.error(datagram.to(), mtu, refused, tasks);
            return;
        }
        InetAddress source = datagram.from().toSocketAddress().getAddress();
        for (MemorySocket socket : sockets) {
            if (socket.settings().isPackets() || socket.isAt(source, datagram.protocol())) {
                socket.error(datagram.to(), mtu, refused, tasks);
            }
        }
    }

    @Override
    public String toString() {
        return addresses.toString();
    }
}
