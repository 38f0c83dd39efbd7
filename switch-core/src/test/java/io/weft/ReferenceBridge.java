package io.weft;

import io.weft.ReferenceFdb.Entry;
import io.weft.ReferencePort.Bucket;
import io.weft.bridge.FloodTarget;
import io.weft.bridge.PortSecurity.Violation;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.mirror.Mirror;
import io.weft.port.DropReason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the bridge must do, written from {@code docs/design.md}, the Javadoc of {@link io.weft.bridge.Bridge} and of the
 * settings, in the slowest and most obvious way: maps, lists, arrays of bytes.
 */
final class ReferenceBridge {
    private enum Class {
        BROADCAST,
        MULTICAST,
        UNKNOWN_UNICAST,
        KNOWN_UNICAST
    }

    /** A frame on its way through the bridge. */
    private record Passing(byte[] bytes, ReferencePort in, int vlan, Class kind, Set<String> mirroredBy) {
        Passing as(Class newKind) {
            return new Passing(bytes, in, vlan, newKind, mirroredBy);
        }
    }

    final ReferenceFdb fdb;
    private final Map<String, ReferencePort> ports = new LinkedHashMap<>();
    private final Map<DropReason, Long> dropsOfLeft = new EnumMap<>(DropReason.class);
    private final Map<String, Mirror> mirrors = new LinkedHashMap<>();
    private final Map<Integer, List<FloodTarget>> floodLists = new HashMap<>();
    private VlanSet unlearnedVlans = VlanSet.NONE;
    private long nowNs;
    private long received;
    private long copies;
    private long transmitted;

    ReferenceBridge(long nowNs) {
        this.nowNs = nowNs;
        fdb = new ReferenceFdb(nowNs);
    }

    // ---- changes ----

    void time(long newNowNs) {
        nowNs = newNowNs;
        fdb.time(nowNs);
    }

    void add(String name, PortSettings settings, int maxFrameLength) {
        ports.put(name, new ReferencePort(name, settings, maxFrameLength));
    }

    void remove(String name) {
        ReferencePort left = ports.remove(name);
        left.drops.forEach((reason, count) -> dropsOfLeft.merge(reason, count, Long::sum));
        fdb.flush((station, entry) -> entry.port == left);
    }

    ReferencePort port(String name) {
        return ports.get(name);
    }

    void up(String name) {
        ports.get(name).linkUp = true;
    }

    void down(String name) {
        ReferencePort port = ports.get(name);
        boolean was = port.isUp();
        port.linkUp = false;
        flushIfDown(port, was);
    }

    /** Somebody sets a port up that was shut down. */
    void enable(String name) {
        ports.get(name).shutDown = false;
    }

    void change(String name, PortSettings settings) {
        ReferencePort port = ports.get(name);
        boolean was = port.isUp();
        boolean sameVlans = port.settings.vlans().equals(settings.vlans());
        port.configure(settings);
        if (!sameVlans) {
            flushPort(name);
        }
        flushIfDown(port, was);
    }

    private void flushIfDown(ReferencePort port, boolean was) {
        if (was && !port.isUp()) {
            flushPort(port.name);
        }
    }

    int flushPort(String name) {
        ReferencePort port = ports.get(name);
        return fdb.flushLearned((station, entry) -> entry.port == port);
    }

    void learningOff(VlanSet vlans) {
        unlearnedVlans = vlans;
        fdb.flushLearned((station, entry) -> vlans.contains(station.vlan()));
    }

    void floodList(int vlan, List<FloodTarget> targets) {
        floodLists.put(vlan, targets);
    }

    void clearFloodList(int vlan) {
        floodLists.remove(vlan);
    }

    void addMirror(Mirror mirror) {
        ReferencePort output = ports.get(mirror.outputPort());
        if (output != null && !isMirrorOutput(output)) {
            flushPort(output.name); // what is behind it cannot be reached any more
        }
        mirrors.put(mirror.name(), mirror);
    }

    void removeMirror(String name) {
        mirrors.remove(name);
    }

    // ---- a frame comes in ----

    void receive(String name, byte[] frame) {
        ReferencePort in = ports.get(name);
        received++;
        DropReason refusal = admission(in, frame);
        if (refusal != null) {
            in.drop(refusal);
            return;
        }
        int vlan = ReferenceVlans.vlan(in.settings.vlans(), frame);
        Passing passing = new Passing(frame, in, vlan, null, new HashSet<>());
        for (Mirror mirror : mirrors.values()) {
            if (mirror.selectsSource(name)) {
                mirror(mirror, passing, frame);
            }
        }
        if (!isAccepted(in, vlan, ReferenceVlans.mac(frame, 6))) {
            in.drop(DropReason.SECURITY_VIOLATION);
            if (in.settings.security().violation() == Violation.SHUT_DOWN) {
                in.shutDown = true;
                flushPort(name);
            }
            return;
        }
        long destination = ReferenceVlans.mac(frame, 0);
        if (destination >= 0x0180_c200_0000L && destination <= 0x0180_c200_000fL) {
            in.drop(DropReason.RESERVED_MULTICAST);
            return;
        }
        forward(passing, destination);
    }

    private DropReason admission(ReferencePort in, byte[] frame) {
        if (frame.length < 14) {
            return DropReason.RUNT;
        } else if (!in.isUp()) {
            return DropReason.RX_PORT_DOWN;
        } else if (isMirrorOutput(in)) {
            return DropReason.MIRROR_OUTPUT;
        } else if (!in.ingress.take(frame.length, nowNs)) {
            return DropReason.RX_POLICED;
        }
        return ReferenceVlans.refusal(in.settings.vlans(), frame);
    }

    /** Learns a source, as far as that is wanted; whether its frame may go on. */
    private boolean isAccepted(ReferencePort in, int vlan, long source) {
        var security = in.settings.security();
        boolean isStation = source != 0 && (source >> 40) % 2 == 0;
        if (!isStation) {
            // Nobody's address: not one of the stations that a port with security accepts.
            return security.violation() == Violation.FORWARD;
        }
        if (security.locked()) {
            Entry entry = fdb.find(vlan, source);
            return entry != null && entry.isSet() && entry.port == in;
        }
        if (!in.settings.learning() || unlearnedVlans.contains(vlan)) {
            return true;
        }
        var result = fdb.learn(vlan, source, in, security.sticky(), security.maxMacs());
        return result == ReferenceFdb.Result.ACCEPTED || security.violation() == Violation.FORWARD;
    }

    // ---- where it goes ----

    private void forward(Passing frame, long destination) {
        boolean group = (destination >> 40) % 2 == 1;
        if (group) {
            flood(frame.as(destination == 0xffff_ffff_ffffL ? Class.BROADCAST : Class.MULTICAST));
            return;
        }
        Entry known = fdb.find(frame.vlan, destination);
        if (known == null) {
            flood(frame.as(Class.UNKNOWN_UNICAST));
            return;
        }
        DropReason refusal = refusal(frame.as(Class.KNOWN_UNICAST), known.port);
        if (refusal != null) {
            frame.in.drop(refusal);
        } else {
            deliver(frame, known.port);
        }
    }

    private void flood(Passing frame) {
        Bucket storm =
                switch (frame.kind) {
                    case BROADCAST -> frame.in.broadcast;
                    case MULTICAST -> frame.in.multicast;
                    default -> frame.in.unknownUnicast;
                };
        if (!storm.take(frame.bytes.length, nowNs)) {
            frame.in.drop(
                    switch (frame.kind) {
                        case BROADCAST -> DropReason.BROADCAST_STORM;
                        case MULTICAST -> DropReason.MULTICAST_STORM;
                        default -> DropReason.UNKNOWN_UNICAST_STORM;
                    });
            return;
        }
        List<ReferencePort> out = new ArrayList<>();
        DropReason reason = DropReason.NO_EGRESS; // or that of the last port that was passed over
        for (ReferencePort to : candidates(frame.vlan)) {
            boolean back = to == frame.in && !to.settings.hairpin();
            if (to.isUp() && !back) {
                DropReason refusal = refusal(frame, to);
                if (refusal == null) {
                    out.add(to);
                } else {
                    reason = refusal;
                }
            }
        }
        if (out.isEmpty()) {
            frame.in.drop(reason);
            return;
        }
        copies += out.size() - 1;
        out.forEach(to -> deliver(frame, to));
    }

    private Collection<ReferencePort> candidates(int vlan) {
        List<FloodTarget> list = floodLists.get(vlan);
        if (list == null) {
            return ports.values();
        }
        List<ReferencePort> there = new ArrayList<>();
        for (FloodTarget target : list) {
            if (ports.containsKey(target.port())) {
                there.add(ports.get(target.port()));
            }
        }
        return there;
    }

    private DropReason refusal(Passing frame, ReferencePort out) {
        PortSettings from = frame.in.settings;
        PortSettings to = out.settings;
        boolean flooded =
                switch (frame.kind) {
                    case BROADCAST -> to.floodBroadcast();
                    case MULTICAST -> to.floodMulticast();
                    case UNKNOWN_UNICAST -> to.floodUnknownUnicast();
                    case KNOWN_UNICAST -> true;
                };
        if (out == frame.in) {
            return !to.hairpin() ? DropReason.SAME_PORT : flooded ? null : DropReason.FLOODING_OFF;
        } else if (!ReferenceVlans.carries(to.vlans(), frame.vlan)) {
            return DropReason.VLAN_NOT_CARRIED;
        } else if (isMirrorOutput(out)) {
            return DropReason.NO_EGRESS;
        } else if (from.isolated() && to.isolated()) {
            return DropReason.ISOLATED;
        } else if (from.splitHorizonGroup() > 0 && from.splitHorizonGroup() == to.splitHorizonGroup()) {
            return DropReason.SPLIT_HORIZON;
        } else if (!flooded) {
            return DropReason.FLOODING_OFF;
        }
        return ReferenceVlans.carriesCustomer(from.vlans(), to.vlans(), frame.bytes)
                ? null
                : DropReason.VLAN_NOT_CARRIED;
    }

    // ---- how it leaves ----

    private void deliver(Passing frame, ReferencePort out) {
        byte[] leaving =
                ReferenceVlans.leaving(frame.in.settings.vlans(), out.settings.vlans(), frame.bytes, frame.vlan);
        if (!out.egress.take(leaving.length, nowNs)) {
            out.drop(DropReason.TX_POLICED);
            return;
        }
        for (Mirror mirror : mirrors.values()) {
            if (mirror.selectsDestination(out.name)) {
                mirror(mirror, frame, leaving);
            }
        }
        send(out, leaving);
    }

    private void mirror(Mirror mirror, Passing frame, byte[] bytes) {
        if (!mirror.vlans().contains(frame.vlan) || !frame.mirroredBy.add(mirror.name())) {
            return;
        }
        ReferencePort out = ports.get(mirror.outputPort());
        if (out != null) {
            copies++;
            send(out, Arrays.copyOf(bytes, Math.min(bytes.length, mirror.snapLength())));
        }
    }

    private void send(ReferencePort out, byte[] frame) {
        if (frame.length > out.maxFrameLength) {
            out.drop(DropReason.TOO_LONG);
        } else if (!out.isUp()) {
            out.drop(DropReason.PORT_DOWN);
        } else {
            transmitted++;
            out.sent.add(frame);
        }
    }

    boolean isMirrorOutput(ReferencePort port) {
        return mirrors.values().stream().anyMatch(mirror -> port.name.equals(mirror.outputPort()));
    }

    // ---- what came of it ----

    /** The frames sent by a port since the last call, in order. */
    List<byte[]> takeSent(String port) {
        List<byte[]> sent = new ArrayList<>(ports.get(port).sent);
        ports.get(port).sent.clear();
        return sent;
    }

    /** Drops of all ports, those that have left included. */
    Map<DropReason, Long> drops() {
        Map<DropReason, Long> all = new EnumMap<>(dropsOfLeft);
        ports.values().forEach(port -> port.drops.forEach((reason, count) -> all.merge(reason, count, Long::sum)));
        return all;
    }

    Collection<ReferencePort> ports() {
        return ports.values();
    }

    long received() {
        return received;
    }

    long copies() {
        return copies;
    }

    long transmitted() {
        return transmitted;
    }
}
