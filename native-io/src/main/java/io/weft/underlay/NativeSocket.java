package io.weft.underlay;

import io.weft.nativeio.LinkQuery;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A socket of the Linux kernel, by native calls: what those of UDP and raw ones do alike.
 *
 * <p>Threads: as in {@link UnderlaySocket}.
 */
abstract class NativeSocket implements UnderlaySocket {
    private static final int IP_MULTICAST_IF = 32;
    private static final int IP_ADD_MEMBERSHIP = 35;
    private static final int IP_MREQN_LENGTH = 12; // group, local address, interface
    private static final int IP_MREQN_INTERFACE = 8;
    private static final int IPV6_MULTICAST_IF = 17;
    private static final int IPV6_ADD_MEMBERSHIP = 20;
    private static final int IPV6_MREQ_LENGTH = 20; // group, interface
    private static final int IPV6_MREQ_INTERFACE = 16;

    private final IpSettings settings;
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private SocketDescriptor descriptor;
    private RouteProbe routes;
    private InetSocketAddress local;
    private ErrorQueue errors;
    private UnderlayReceiver receiver;

    NativeSocket(IpSettings settings) {
        this.settings = settings;
    }

    // ---- what each kind does by itself ----

    /** A new descriptor in the calling thread's namespace. */
    abstract SocketDescriptor create() throws IOException;

    /** Sets its options, adding to the notes what was not granted. */
    abstract void setUp(SocketDescriptor created, List<String> into) throws NativeException;

    /** Binds it and returns where it is bound. */
    abstract UnderlayPeer bind(SocketDescriptor created) throws IOException;

    /** The queue of the errors about what is sent. */
    ErrorQueue newErrors(SocketDescriptor bound) throws IOException {
        return new ErrorQueue(bound.number(), settings.ipv6());
    }

    abstract UnderlayReceiver newReceiver(SocketDescriptor bound, ErrorQueue itsErrors) throws IOException;

    abstract UnderlaySender newSender(SocketDescriptor bound, ErrorQueue itsErrors);

    // ---- opening ----

    /**
     * Opens it.
     *
     * @throws UnderlayException saying what failed and what helps; nothing is left behind then
     */
    final void open() throws UnderlayException {
        boolean opened = false;
        try {
            Linux.require();
            if (settings.netns() == null) {
                openHere();
            } else {
                try (NamespaceEntry namespace = new NamespaceEntry(settings.netns())) {
                    namespace.call(this::openHere);
                }
            }
            opened = true;
        } catch (UnderlayException e) {
            throw e;
        } catch (NamespaceEntry.UnreachableException e) {
            throw UnderlayAdvice.unreachable(settings.netns(), e);
        } catch (NativeException e) {
            throw UnderlayAdvice.failed(settings, e);
        } catch (IOException e) {
            throw new UnderlayException(UnderlayException.Kind.UNSUPPORTED, e.getMessage(), e);
        } finally {
            if (!opened) {
                close();
            }
        }
    }

    private void openHere() throws IOException {
        descriptor = create();
        if (settings.networkInterface() != null) {
            try {
                descriptor.bindToInterface(settings.networkInterface());
            } catch (NativeException e) {
                throw UnderlayAdvice.notOnInterface(settings, e);
            }
        }
        setUp(descriptor, notes);
        local = bind(descriptor).toSocketAddress();
        routes = new RouteProbe(settings);
        errors = newErrors(descriptor);
        receiver = newReceiver(descriptor, errors);
    }

    /** The address to bind to, with a port. */
    final UnderlayPeer address(int port) {
        if (settings.local() != null) {
            return UnderlayPeer.of(settings.local(), port);
        }
        return settings.ipv6() ? new UnderlayPeer(0, 0, 0, port) : UnderlayPeer.ofIpv4(0, port);
    }

    // ---- what it is ----

    @Override
    public InetSocketAddress local() {
        return local;
    }

    /** Adds what was not granted. */
    final void note(List<String> more) {
        notes.addAll(more);
    }

    @Override
    public List<String> notes() {
        return List.copyOf(notes);
    }

    @Override
    public int descriptor() {
        return descriptor.number();
    }

    @Override
    public void onReadable(Runnable task) {
        throw new UnsupportedOperationException("this socket has a descriptor to watch");
    }

    @Override
    public UnderlayReceiver receiver() {
        return receiver;
    }

    @Override
    public UnderlaySender newSender() {
        return newSender(descriptor, errors);
    }

    @Override
    public void readErrors(UnderlayErrorListener listener) {
        errors.read(listener);
    }

    // ---- ways ----

    @Override
    public int pathMtu(UnderlayPeer peer) throws UnderlayException {
        return routes.mtu(peer);
    }

    @Override
    public InetAddress sourceFor(UnderlayPeer peer) {
        if (settings.local() != null) {
            return settings.local();
        }
        UnderlayPeer source = routes.source(peer);
        return source == null ? null : source.toSocketAddress().getAddress();
    }

    @Override
    public void join(InetAddress group, String networkInterface) throws UnderlayException {
        UnderlayPeer to = UnderlayPeer.of(group, 0);
        if (!to.isMulticast() || to.isIpv4() == settings.ipv6()) {
            throw UnderlayAdvice.noGroup(to, settings.ipv6());
        }
        String by = networkInterface != null ? networkInterface : settings.networkInterface();
        int index = by == null ? to.scopeId() : index(by);
        try {
            if (settings.ipv6()) {
                joinIpv6(to, index);
            } else {
                joinIpv4(to, index);
            }
        } catch (NativeException e) {
            throw UnderlayAdvice.notJoined(settings, to, by, e);
        }
        boolean hears = settings.local() == null || settings.local().isMulticastAddress() || isRawIpv6();
        if (!hears) {
            notes.add("bound to " + settings.local().getHostAddress()
                    + ", a socket receives nothing that is sent to group " + group.getHostAddress());
        }
    }

    /** Whose membership counts also when it is bound to an address. */
    private boolean isRawIpv6() {
        return settings instanceof RawIpSettings && settings.ipv6();
    }

    private int index(String name) throws UnderlayException {
        try {
            return new LinkQuery(descriptor.number()).index(name);
        } catch (NativeException e) {
            throw UnderlayAdvice.noSuchInterface(name, settings.netns(), List.of(), e);
        }
    }

    private void joinIpv4(UnderlayPeer group, int index) throws NativeException {
        NativeMemory request = new NativeMemory(IP_MREQN_LENGTH);
        Sockaddr.putIpv4(request.bytes(), 0, group);
        request.bytes().putInt(IP_MREQN_INTERFACE, index);
        descriptor.set("IP_ADD_MEMBERSHIP", SocketDescriptor.SOL_IP, IP_ADD_MEMBERSHIP, request, IP_MREQN_LENGTH);
        if (index != 0) {
            request.bytes().putInt(0, 0);
            descriptor.set("IP_MULTICAST_IF", SocketDescriptor.SOL_IP, IP_MULTICAST_IF, request, IP_MREQN_LENGTH);
        }
    }

    private void joinIpv6(UnderlayPeer group, int index) throws NativeException {
        NativeMemory request = new NativeMemory(IPV6_MREQ_LENGTH);
        Sockaddr.putIpv6(request.bytes(), 0, group);
        request.bytes().putInt(IPV6_MREQ_INTERFACE, index);
        descriptor.set(
                "IPV6_ADD_MEMBERSHIP", SocketDescriptor.SOL_IPV6, IPV6_ADD_MEMBERSHIP, request, IPV6_MREQ_LENGTH);
        if (index != 0) {
            descriptor.set("IPV6_MULTICAST_IF", SocketDescriptor.SOL_IPV6, IPV6_MULTICAST_IF, index);
        }
    }

    @Override
    public void close() {
        if (routes != null) {
            routes.close();
        }
        if (descriptor != null) {
            descriptor.close();
        }
    }
}
