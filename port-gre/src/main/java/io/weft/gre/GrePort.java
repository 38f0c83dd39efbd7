package io.weft.gre;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.IpFrame;
import io.weft.frame.IpPrefix;
import io.weft.gre.GreSettings.Payload;
import io.weft.port.DropReason;
import io.weft.port.PortContext;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.tunnel.Lane;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteRoutes;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.SendingSockets;
import io.weft.tunnel.TunnelPort;
import io.weft.tunnel.TunnelSettings;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlaySocket;

/**
 * GRE as a port of a switch: Ethernet frames ({@code gretap}, with many remote ends {@code mgretap}, or NVGRE), or IP packets
 * ({@code gre}), behind an IP header at once or in UDP.
 *
 * <p>All ports of a switch with the same local address share a socket, and are told apart by what they carry, by their key, or
 * by their remote ends.
 *
 * <p>Threads: as {@link io.weft.port.PortDriver} says; {@link #transmit} and the control plane's methods are safe from any
 * thread.
 */
public final class GrePort extends TunnelPort {
    private static final int IPV4_HEADER_LENGTH = 20;
    private static final int IPV6_HEADER_LENGTH = 40;
    private static final int UDP_HEADER_LENGTH = 8;
    private static final int FLOW_LABEL = 0xf_ffff;

    private final Underlay underlay;
    private final int flags;
    private final boolean numbered;
    private final boolean nvgre;
    private final boolean ethernet;
    private volatile GreSettings settings;
    private SendingSockets sockets;
    private boolean labels; // known when it is known of which family the underlay is
    private GreListener listener;
    private volatile GreBinding binding; // remote ends may come from any thread
    private final RemoteRoutes routes; // null for Ethernet

    GrePort(GreSettings settings, Underlay underlay) {
        super(settings.tunnel(), longestHeader(settings), settings.payload() != Payload.IP);
        this.settings = settings;
        this.underlay = underlay;
        this.flags = settings.checksum() ? GreHeader.CHECKSUM : 0;
        this.numbered = settings.sequence();
        this.nvgre = settings.payload() == Payload.NVGRE;
        this.ethernet = settings.payload() != Payload.IP;
        this.routes = ethernet ? null : new RemoteRoutes(this);
    }

    /** The longest, since remote ends may have keys of their own. */
    private static int longestHeader(GreSettings settings) {
        return headerLength(settings, 1);
    }

    private static int headerLength(GreSettings settings, long key) {
        return GreHeader.length(
                settings.checksum() ? GreHeader.CHECKSUM : 0,
                sentKey(settings, key),
                settings.sequence() ? 0 : GreHeader.NONE);
    }

    /** As Open vSwitch has it, key 0 is none. */
    private static long sentKey(GreSettings settings, long key) {
        return key == 0 && settings.keylessIsZero() ? GreHeader.NONE : key;
    }

    /**
     * Begins a port of Ethernet in GRE with one remote end. It differs from {@link #mgretap} in what options accept, and in
     * nothing else: a program may {@linkplain #addRemote add} more at run time.
     */
    public static GreBuilder gretap(String name) {
        return new GreBuilder(GreBuilder.GRETAP, name);
    }

    /** Begins a port of Ethernet in GRE with any number of remote ends, which may also be learned. */
    public static GreBuilder mgretap(String name) {
        return new GreBuilder(GreBuilder.MGRETAP, name);
    }

    /** Begins a port of IP in GRE. */
    public static GreBuilder gre(String name) {
        return new GreBuilder(GreBuilder.GRE, name);
    }

    /** What it is to be. */
    public GreSettings settings() {
        return settings;
    }

    @Override
    protected void settled(TunnelSettings newSettings) {
        settings = settings.withIpv6(newSettings.ipv6());
    }

    // ---- sockets ----

    @Override
    protected UnderlaySocket connect(PortContext context) throws PortException {
        GreSettings chosen = settings;
        labels = chosen.flowLabel() && chosen.tunnel().ipv6();
        sockets = context.share(GreSockets.SendingKey.of(chosen), () -> GreSockets.sending(chosen, underlay));
        GreListener.Key key = GreListener.Key.of(chosen);
        listener = context.share(key, () -> new GreListener(key, chosen, underlay));
        return sockets.anySocket();
    }

    @Override
    protected void bind(PortHandle handle) throws PortException {
        if (!ethernet) {
            routes.putAll(settings.routes());
        }
        binding = listener.bind(this, handle);
        listener.refilter(); // once more: a remote end that came in the meantime was nobody's yet
        sockets.add(this);
    }

    @Override
    protected void unbind() {
        if (binding != null) {
            listener.unbind(binding);
            binding = null;
        }
        if (sockets != null) {
            sockets.remove(this);
        }
    }

    @Override
    protected void checkRemote(String option, Object value, RemoteSpec remote) {
        GreSettingsCheck.checkAdded(settings, option, value, remote);
    }

    @Override
    protected void claim(RemoteEnd remote) throws PortException {
        listener.claim(this, remote);
    }

    @Override
    protected void remotesChanged() {
        if (binding != null) {
            listener.refilter();
        }
    }

    @Override
    protected Lane[] lanes() {
        return sockets.lanes();
    }

    @Override
    protected int overhead() {
        return overhead(settings.outKey());
    }

    @Override
    protected int overhead(long key) {
        return headerLength(settings, key) + (settings.udp() == null ? 0 : UDP_HEADER_LENGTH);
    }

    @Override
    protected int headerLength(Frame encapsulated) {
        return GreHeader.length(GreHeader.first(encapsulated));
    }

    @Override
    protected int destinationPort(int given) {
        if (settings.udp() == null) {
            return 0;
        }
        return given == 0 ? settings.udp().port() : given;
    }

    // ---- what is carried ----

    @Override
    protected long outKey() {
        return settings.outKey();
    }

    /**
     * Layer 3: has packets to these addresses sent to a remote end, the longest prefix deciding. Others go to the remote end if
     * there is one only, and there never was a route; those to multicast groups go to all; the rest is dropped as {@link
     * DropReason#NO_REMOTE}. A remote end's routes leave with it, and stay when its name gets another address.
     *
     * @throws IllegalArgumentException when the remote end is not one of {@link #remotes} (any more)
     * @throws IllegalStateException for a port that carries Ethernet, and when there are 131,072 routes already
     */
    public void route(IpPrefix network, RemoteEnd remote) {
        if (ethernet) {
            throw new IllegalStateException(this + " carries Ethernet frames; routes are for gre:");
        }
        routes.put(network, remote);
    }

    /** Takes a route away; {@code false} when there was none for exactly these addresses. */
    public boolean removeRoute(IpPrefix network) {
        return !ethernet && routes.remove(network);
    }

    @Override
    protected void departed(RemoteEnd remote) {
        if (!ethernet) {
            routes.departed(remote);
        }
    }

    @Override
    protected void prepare(RemoteEnd remote) {
        if (numbered) {
            remote.attach(new GreNumbers());
        }
    }

    @Override
    protected long admit(Frame frame) {
        if (ethernet) {
            boolean tagged = frame.length() >= Ethernet.VLAN_HEADER_LENGTH && Ethernet.isTag(Ethernet.type(frame));
            return tagged && !tunnel().carryTags() ? refused(DropReason.NO_VNI) : KEY_OF_REMOTE;
        }
        DropReason reason = routes.steer(frame);
        return reason == null ? KEY_OF_REMOTE : refused(reason);
    }

    @Override
    protected boolean needsFlow() {
        return nvgre || labels;
    }

    /** Bits of all of the hash; 0 would mean that there is none. Over IPv4 there is none, lest it part a run's datagrams. */
    @Override
    protected int flowLabel(int flow) {
        return labels ? Math.max(1, (flow ^ flow >>> 12) & FLOW_LABEL) : 0;
    }

    @Override
    protected void prepend(Frame frame, RemoteEnd remote, long key, int flow) {
        int type = GreHeader.TRANSPARENT_ETHERNET;
        if (!ethernet) {
            type = Ethernet.type(frame);
            frame.consume(Ethernet.HEADER_LENGTH);
        }
        long written = nvgre ? Nvgre.key((int) remote.key(), Nvgre.flowId(flow)) : sentKey(settings, remote.key());
        long number = numbered ? ((GreNumbers) remote.attachment()).sent().take() : GreHeader.NONE;
        GreHeader.prepend(frame, type, flags, written, number);
    }

    @Override
    protected void strip(Frame frame) {
        int first = GreHeader.first(frame);
        frame.consume(GreHeader.length(first));
        if (!ethernet) {
            frame.prepend(Ethernet.HEADER_LENGTH);
            IpFrame.putHeader(frame);
        }
    }

    @Override
    protected boolean sharesHeader(RemoteEnd one, RemoteEnd other, long key) {
        return !numbered && one.key() == other.key();
    }

    // ---- circles ----

    /**
     * Whether the frame is a GRE packet to the same remote end with the same bits and key, as those have that this port sends:
     * then the way to the remote end leads into the tunnel, and each packet would go round for ever, growing.
     */
    @Override
    protected boolean isOwnPacket(Frame encapsulated, RemoteEnd remote) {
        int first = GreHeader.first(encapsulated);
        int header = GreHeader.length(first);
        int ip = ethernet ? behindTags(encapsulated, header) : header;
        boolean ipv6 = settings.tunnel().ipv6();
        int inner = ip + (ipv6 ? IPV6_HEADER_LENGTH : IPV4_HEADER_LENGTH);
        if (encapsulated.length() < inner + UDP_HEADER_LENGTH + GreHeader.MIN_LENGTH) {
            return false;
        }
        int type = ethernet ? encapsulated.getShort(ip - 2) : GreHeader.protocolType(first);
        if (type != (ipv6 ? EtherType.IPV6 : EtherType.IPV4)) {
            return false;
        }
        boolean udp = settings.udp() != null;
        int protocol = encapsulated.getByte(ip + (ipv6 ? 6 : 9));
        if (protocol != (udp ? 17 : 47) || !isTo(encapsulated, ip, ipv6, remote)) {
            return false;
        }
        if (udp && encapsulated.getShort(inner + 2) != remote.peer().port()) {
            return false;
        }
        int gre = udp ? inner + UDP_HEADER_LENGTH : inner;
        if (encapsulated.length() < gre + header || encapsulated.getInt(gre) != first) {
            return false;
        }
        if (!GreHeader.hasKey(first)) {
            return true;
        }
        int key = GreHeader.keyAt(first);
        int different = encapsulated.getInt(gre + key) ^ encapsulated.getInt(key);
        return (nvgre ? Nvgre.vsid(different) : different)
                == 0; // a packet is of another flow than the frame inside of it
    }

    /** Where the payload begins of an Ethernet frame that may have tags: the circle may lead over a trunk. */
    private static int behindTags(Frame frame, int ethernetHeader) {
        int end = ethernetHeader + Ethernet.HEADER_LENGTH;
        for (int tags = 0; tags < EtherType.MAX_TAGS; tags++) {
            if (end + Ethernet.TAG_LENGTH > frame.length() || !Ethernet.isTag(frame.getShort(end - 2))) {
                break;
            }
            end += Ethernet.TAG_LENGTH;
        }
        return end;
    }

    private static boolean isTo(Frame frame, int ip, boolean ipv6, RemoteEnd remote) {
        return ipv6
                ? frame.getLong(ip + 24) == remote.peer().high()
                        && frame.getLong(ip + 32) == remote.peer().low()
                : frame.getInt(ip + 16) == (int) remote.peer().low();
    }
}
