package io.weft.underlay;

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
            if (refusal != null) {
                throw new UnderlayException(refusal, "refused by the test's host", null);
            }
            if (settings.netns() != null) {
                throw new UnderlayException(
                        Kind.NO_NAMESPACE, "network namespace " + settings.netns() + " does not exist", null);
            }
            requireInterface(settings.networkInterface());
            InetAddress local = settings.local();
            if (local != null && !local.isMulticastAddress() && !has(local)) {
                throw new UnderlayException(
                        Kind.NO_SUCH_ADDRESS, local.getHostAddress() + " is not an address of this host", null);
            }
            MemorySocket socket = new MemorySocket(network, this, settings, local, freePort(settings, local));
            sockets.add(socket);
            return socket;
        }
    }

    @Override
    public UnderlaySocket open(RawIpSettings settings) throws UnderlayException {
        throw new UnderlayException(Kind.UNSUPPORTED, "no raw sockets in memory yet", null);
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
            if (socket.port() == port
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

    MemorySocket listener(InetAddress address, int port) {
        boolean ipv6 = address instanceof Inet6Address;
        MemorySocket any = null;
        for (MemorySocket socket : sockets) {
            if (socket.port() == port && socket.settings().ipv6() == ipv6) {
                if (address.equals(socket.boundTo())) {
                    return socket;
                }
                any = socket.boundTo() == null ? socket : any;
            }
        }
        return any;
    }

    void members(InetAddress group, int port, List<MemorySocket> into) {
        for (MemorySocket socket : sockets) {
            boolean hears = socket.boundTo() == null || socket.boundTo().equals(group);
            if (socket.port() == port && hears && socket.isMemberOf(group)) {
                into.add(socket);
            }
        }
    }

    @Override
    public String toString() {
        return addresses.toString();
    }
}
