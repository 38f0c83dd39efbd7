package io.weft.underlay;

import io.weft.frame.IpPrefix;
import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.LinkQuery;
import io.weft.nativeio.NativeException;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * A socket for whole IPv6 packets of the Linux kernel, by native calls; in truth several. It receives by a packet socket (packet(7)) with
 * a filter, where the kernel hands packets to IPv6: each once, whatever becomes of it there, also those that come by loopback, and none
 * that is sent. It sends by a raw socket with headers of its own (IPPROTO_RAW in raw(7)). The kernel tells of ICMPv6 errors, and
 * learns the MTU of ways by them, only where there is a raw socket of the protocol that the packet carries; so there is one for each
 * that segment routing has, which receives nothing. Only those are waited for: what one waits for costs the kernel time with each packet.
 * A socket that receives has them for every address, told of errors or not: where nobody has one, the kernel answers to what goes to an
 * address of the machine, or to one that a local route makes its own, that it does not know the protocol.
 *
 * <p>Threads: as in {@link UnderlaySocket}.
 */
final class NativeIpv6PacketSocket extends NativeSocket {
    private static final int HEADERS_INCLUDED = 255; // IPPROTO_RAW
    private static final int[] COMPANIONS = {143, 41, 4}; // Ethernet, IPv6, IPv4

    static final int IPV6_FREEBIND = 78;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_AUXDATA = 8;
    private static final int PACKET_VNET_HDR = 15;
    private static final int ETHER_TYPE_IPV6 = 0x86dd;

    private final Ipv6PacketSettings settings;
    private final List<SocketDescriptor> companions = new ArrayList<>();
    private final List<SocketDescriptor> takers = new ArrayList<>(); // of what a packet carries, for all addresses
    private SocketDescriptor packets;
    private DescriptorGroup group; // null when there is nothing to wait for but packets

    private NativeIpv6PacketSocket(Ipv6PacketSettings settings) {
        super(settings);
        this.settings = settings;
    }

    /**
     * Opens one.
     *
     * @throws UnderlayException saying what failed and what helps; nothing is left behind then
     */
    static NativeIpv6PacketSocket open(Ipv6PacketSettings settings) throws UnderlayException {
        NativeIpv6PacketSocket socket = new NativeIpv6PacketSocket(settings);
        socket.open();
        return socket;
    }

    // ---- the raw sockets ----

    @Override
    SocketDescriptor create() throws IOException {
        return raw(HEADERS_INCLUDED);
    }

    private SocketDescriptor raw(int protocol) throws IOException {
        try {
            return new SocketDescriptor(true, LibC.SOCK_RAW, protocol);
        } catch (NativeException e) {
            throw permitted(e);
        }
    }

    private IOException permitted(NativeException e) {
        return e.errno() == Errno.EPERM || e.errno() == Errno.EACCES ? UnderlayAdvice.noRawSocket(settings, e) : e;
    }

    @Override
    void setUp(SocketDescriptor created, List<String> into) throws NativeException {
        receiveNothing(created);
        // What ICMPv6 says goes to the companions, and what the kernel itself refuses is told when it is sent.
        new IpSetup(created, settings.withoutErrors(), Set.of(), into).apply();
    }

    /** What a machine's own address gets, or one that a local route makes its own, would fill the buffer. */
    private static void receiveNothing(SocketDescriptor raw) throws NativeException {
        NativeException.check(
                "SO_ATTACH_FILTER", PacketFilter.of(List.of(), true).attach(raw) ? 0 : -1);
    }

    /** One that is bound spares the kernel the choice of a source for each packet, and is told of errors about packets from there. */
    @Override
    UnderlayPeer bind(SocketDescriptor created) throws IOException {
        if (settings.local() != null) {
            created.set("IPV6_FREEBIND", SocketDescriptor.SOL_IPV6, IPV6_FREEBIND, 1);
            int errno = created.bind(address(0));
            if (errno != 0) {
                throw UnderlayAdvice.notBound(settings, new NativeException("bind", errno));
            }
        }
        return address(0);
    }

    @Override
    ErrorQueue newErrors(SocketDescriptor bound) throws IOException {
        List<SocketDescriptor> all = new ArrayList<>(List.of(bound));
        if (settings.errors()) {
            for (int protocol : COMPANIONS) {
                SocketDescriptor companion = raw(protocol);
                companions.add(companion);
                all.add(companion);
                receiveNothing(companion);
                bind(companion);
                companion.takes(SocketDescriptor.SOL_IPV6, IpSetup.IPV6_RECVERR, 1);
            }
        }
        return new CompanionErrors(all);
    }

    @Override
    UnderlaySender newSender(SocketDescriptor bound, ErrorQueue itsErrors) {
        return new NativeSender(bound, itsErrors, settings, false);
    }

    // ---- the packet socket ----

    @Override
    UnderlayReceiver newReceiver(SocketDescriptor bound, ErrorQueue itsErrors) throws IOException {
        try {
            packets = SocketDescriptor.ofPackets();
        } catch (NativeException e) {
            throw permitted(e);
        }
        if (settings.receiving()) {
            for (int protocol : COMPANIONS) {
                SocketDescriptor taker = raw(protocol);
                takers.add(taker);
                receiveNothing(taker);
            }
            List<String> lacking = new ArrayList<>();
            new IpSetup(packets, settings, Set.of(), lacking).setReceiveBuffer();
            note(lacking);
            packets.set("PACKET_VNET_HDR", SOL_PACKET, PACKET_VNET_HDR, 1);
            packets.set("PACKET_AUXDATA", SOL_PACKET, PACKET_AUXDATA, 1);
            filter(settings.destinations()); // before it is bound: nothing else ever comes
            packets.bindToPackets(ETHER_TYPE_IPV6, interfaceIndex(bound));
        }
        if (!companions.isEmpty()) {
            group = new DescriptorGroup();
            group.add(packets.number(), true);
            for (SocketDescriptor companion : companions) {
                group.add(companion.number(), false);
            }
        }
        return new Ipv6PacketReceiver(packets, itsErrors);
    }

    private int interfaceIndex(SocketDescriptor bound) throws NativeException {
        return settings.networkInterface() == null
                ? 0
                : new LinkQuery(bound.number()).index(settings.networkInterface());
    }

    private void filter(List<IpPrefix> destinations) throws NativeException {
        NativeException.check("SO_ATTACH_FILTER", PacketFilter.to(destinations).attach(packets) ? 0 : -1);
    }

    /** What waits to be received already stays. */
    @Override
    public synchronized void receiveTo(Collection<IpPrefix> destinations) {
        List<IpPrefix> prefixes = Ipv6PacketSettings.checked(destinations);
        if (!settings.receiving()) {
            throw new UnsupportedOperationException("this socket only sends");
        }
        if (packets.number() >= 0 && !PacketFilter.to(prefixes).attach(packets)) {
            throw new IllegalStateException("the kernel takes no filter for " + prefixes.size() + " prefixes; sysctl -w"
                    + " net.core.optmem_max=NUMBER raises what it has room for");
        }
    }

    // ---- all together ----

    @Override
    public int descriptor() {
        return group == null ? packets.number() : group.number();
    }

    @Override
    public void join(InetAddress multicast, String networkInterface) {
        throw new UnsupportedOperationException("this socket receives what goes to prefixes, of unicast addresses");
    }

    /** Not while a filter is being attached, whose descriptor may be another one's afterwards. */
    @Override
    public synchronized void close() {
        super.close();
        companions.forEach(SocketDescriptor::close);
        takers.forEach(SocketDescriptor::close);
        if (packets != null) {
            packets.close();
        }
        if (group != null) {
            group.close();
        }
    }
}
