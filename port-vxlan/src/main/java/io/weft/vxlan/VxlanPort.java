package io.weft.vxlan;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.port.DropReason;
import io.weft.port.PortContext;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.tunnel.Lane;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteEnd.Origin;
import io.weft.tunnel.RemoteEnds;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.SendingSockets;
import io.weft.tunnel.TunnelPort;
import io.weft.tunnel.TunnelSettings;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A segment of VXLAN (RFC 7348) as a port of a switch, which so becomes a VTEP: frames that leave by it go, encapsulated in
 * UDP, to the VTEP that their station was learned behind, or to all of them.
 *
 * <p>All ports of a switch with the same local address and UDP port share a socket, and are told apart by their VNI, or by
 * their remote ends. With {@code vlan_vni_map} one port carries many VNIs, each of which is a VLAN in the switch.
 *
 * <p>Threads: as {@link io.weft.port.PortDriver} says; {@link #transmit} and the control plane's methods are safe from any
 * thread.
 */
public final class VxlanPort extends TunnelPort {
    private final Underlay underlay;
    private final List<Vtep> vteps = new ArrayList<>();
    private final List<Binding> bindings = new ArrayList<>();
    private volatile VxlanSettings settings;
    private SendingSockets sockets;

    VxlanPort(VxlanSettings settings) {
        this(settings, Underlay.SYSTEM);
    }

    /** Over sockets of another kind. */
    VxlanPort(VxlanSettings settings, Underlay underlay) {
        super(settings.tunnel(), VxlanHeader.LENGTH, true);
        this.settings = settings;
        this.underlay = underlay;
    }

    /** Begins a port with this name. */
    public static VxlanBuilder builder(String name) {
        return new VxlanBuilder(name);
    }

    /** What it is to be. */
    public VxlanSettings settings() {
        return settings;
    }

    @Override
    protected boolean isFamilyDecided() {
        return settings.isFamilyDecided();
    }

    @Override
    protected void settled(TunnelSettings newSettings) {
        settings = settings.withIpv6(newSettings.ipv6());
    }

    // ---- sockets ----

    @Override
    protected UnderlaySocket connect(PortContext context) throws PortException {
        VxlanSettings chosen = settings;
        sockets = context.share(VxlanSockets.SendingKey.of(chosen), () -> VxlanSockets.sending(chosen, underlay));
        for (int port : chosen.listenPorts()) {
            Vtep.Key key = new Vtep.Key(
                    tunnel().ipv6(), listeningAddress(), port, tunnel().networkInterface(), tunnel().netns());
            vteps.add(context.share(key, () -> new Vtep(key, chosen, underlay)));
        }
        return sockets.anySocket();
    }

    /** What is sent to a group does not come in at a socket that is bound to an address. */
    private InetAddress listeningAddress() {
        return settings.group() == null ? tunnel().local() : null;
    }

    @Override
    protected void configure(RemoteEnds into) throws PortException {
        if (settings.group() == null) {
            return;
        }
        for (Vtep vtep : vteps) {
            try {
                vtep.join(settings.group(), tunnel().networkInterface());
            } catch (UnderlayException e) {
                throw VxlanAdvice.notJoined(settings, e);
            }
        }
        into.add(UnderlayPeer.of(settings.group(), destinationPort(0)), settings.outKey(), Origin.GROUP, true, null);
    }

    @Override
    protected void bind(PortHandle handle) throws PortException {
        for (Vtep vtep : vteps) {
            bindings.add(vtep.bind(this, handle));
        }
        sockets.add(this);
    }

    @Override
    protected void unbind() {
        for (int i = 0; i < bindings.size(); i++) {
            vteps.get(i).unbind(bindings.get(i));
        }
        bindings.clear();
        if (sockets != null) {
            sockets.remove(this);
        }
    }

    @Override
    protected void checkRemote(String option, Object value, RemoteSpec remote) {
        VxlanSettingsCheck.checkAdded(settings, option, value, remote);
    }

    @Override
    protected void claim(RemoteEnd remote) throws PortException {
        for (Vtep vtep : vteps) {
            vtep.claim(this, remote);
        }
    }

    @Override
    protected Lane[] lanes() {
        return sockets.lanes();
    }

    @Override
    protected int overhead() {
        return VxlanHeader.OVERHEAD;
    }

    @Override
    protected int destinationPort(int given) {
        return given == 0 ? settings.listenPorts().get(0) : given;
    }

    /** What is flooded gets to those that a group led here by that group. */
    @Override
    protected boolean floodsToLearned() {
        return settings.group() == null;
    }

    // ---- VNIs ----

    boolean isStrict() {
        return settings.strict();
    }

    @Override
    protected long outKey() {
        return settings.outKey();
    }

    /** The VNIs whose frames are for this port. */
    int[] incomingVnis() {
        VlanVniMap map = settings.vlanVniMap();
        return map == null
                ? new int[] {settings.inKey()}
                : Arrays.stream(map.vlans()).map(map::vni).toArray();
    }

    /** Where VLANs say which VNI a frame has, probes are in the lowest: both ends have it if their maps agree. */
    @Override
    protected long probeKey(RemoteEnd remote) {
        return remote.key() >= 0
                ? KEY_OF_REMOTE
                : Arrays.stream(incomingVnis()).min().orElseThrow();
    }

    /** Takes the tag off that says which VNI a frame is for, if tags do. */
    @Override
    protected long admit(Frame frame) {
        VlanVniMap map = settings.vlanVniMap();
        boolean tagged = frame.length() >= Ethernet.VLAN_HEADER_LENGTH && Ethernet.isTag(Ethernet.type(frame));
        if (map == null) {
            return tagged && !tunnel().carryTags() ? refused(DropReason.NO_VNI) : KEY_OF_REMOTE;
        }
        if (!tagged) {
            return refused(DropReason.NO_VNI);
        }
        int vni = map.vni(Ethernet.vid(frame));
        if (vni < 0) {
            return refused(DropReason.NO_VNI);
        }
        Ethernet.popTag(frame);
        return vni;
    }

    /** Puts the tag on that says which VNI a frame came with, if tags do. */
    @Override
    protected void restoreTag(Frame frame, long vni) {
        VlanVniMap map = settings.vlanVniMap();
        if (map != null) {
            Ethernet.pushTag(frame, Ethernet.TPID_CUSTOMER, map.vlan((int) vni));
        }
    }

    // ---- the header ----

    @Override
    protected void prepend(Frame frame, RemoteEnd remote, long key, int flow) {
        VxlanHeader.prepend(frame, (int) (key == KEY_OF_REMOTE ? remote.key() : key));
    }

    @Override
    protected void strip(Frame frame) {
        frame.consume(VxlanHeader.LENGTH);
    }

    @Override
    protected boolean sharesHeader(RemoteEnd one, RemoteEnd other, long key) {
        return key != KEY_OF_REMOTE || one.key() == other.key();
    }

    @Override
    protected long keyOf(Frame encapsulated) {
        return VxlanHeader.vni(encapsulated.getLong(0));
    }
}
