package io.weft.bridge;

import io.weft.fdb.Fdb;
import io.weft.fdb.FdbEntry;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbValue;
import io.weft.fdb.Learning;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import java.util.ArrayList;
import java.util.List;

/**
 * Goes the way of a frame through the bridge, by the functions that {@link Bridge} uses, and notes each step instead of taking
 * it. What depends on the moment (limits, moves, a port that goes down) is told as it is now.
 *
 * <p>Threads: confined; made for one frame.
 */
public final class Tracer {
    /** A port as the tracer needs it. */
    public record TracedPort(String name, int index, PortState state, PortRules rules, int maxFrameLength) {}

    private final Fdb fdb;
    private final BridgeRules rules;
    private final List<String> mirrorNames;
    private final List<TracedPort> ports;
    private final long nowNs;
    private final int nowSeconds;
    private final FramePool pool = new FramePool(8, 8);
    private final List<Trace.Step> steps = new ArrayList<>();
    private long mirrored;
    private boolean learned; // whether the frame would teach, or remind, the switch where its source is

    /**
     * A tracer.
     *
     * @param ports in the order in which frames are flooded to them
     * @param mirrorNames by the places of the mirrors in the rules
     */
    public Tracer(Fdb fdb, BridgeRules rules, List<String> mirrorNames, List<TracedPort> ports, long nowNs) {
        this.fdb = fdb;
        this.rules = rules;
        this.mirrorNames = mirrorNames;
        this.ports = ports;
        this.nowNs = nowNs;
        this.nowSeconds = (int) (nowNs / 1_000_000_000L);
    }

    /**
     * Explains a frame.
     *
     * @param bytes from the destination address on, without FCS
     * @param endpoint the remote end within the port that it comes from, 0 for none
     * @param splitHorizonGroup which it is not to be flooded into, 0 for none
     */
    public Trace trace(byte[] bytes, TracedPort in, int endpoint, int splitHorizonGroup) {
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        frame.endpoint(endpoint);
        frame.splitHorizonGroup(splitHorizonGroup);
        DropReason drop = bytes.length < Ethernet.HEADER_LENGTH ? DropReason.RUNT : null;
        if (drop == null) {
            steps.add(new Trace.Received(
                    in.name, bytes.length, Ethernet.source(frame), Ethernet.destination(frame), tags(frame)));
            drop = forward(frame, in);
        }
        if (drop != null) {
            steps.add(new Trace.Dropped(in.name, drop));
        }
        return new Trace(steps);
    }

    /** Why the frame is dropped at its ingress port, or {@code null}. */
    private DropReason forward(Frame frame, TracedPort in) {
        DropReason drop = in.state.isUp() ? admission(frame, in.rules) : DropReason.RX_PORT_DOWN;
        if (drop != null) {
            return drop;
        }
        int vlan = in.rules.vlans.classify(frame);
        if (vlan < 0) {
            return VlanRules.refusal(vlan);
        }
        steps.add(new Trace.Classified(vlan, in.rules.settings.vlans().mode()));
        mirror(frame, in.rules.wide.rxMirrors(), vlan);
        long source = Ethernet.source(frame);
        drop = Ethernet.isLearnable(source) ? learn(FdbKey.of(vlan, source), frame, in) : notLearnable(source, in);
        if (drop != null) {
            return drop;
        }
        long destination = Ethernet.destination(frame);
        if (in.rules.settings.suppressNeighbours() && rules.neighbours.answer(frame, vlan)) {
            steps.add(new Trace.Answered(in.name));
            deliver(frame, in, in, vlan);
            return null;
        }
        if (Ethernet.isReserved(destination)) {
            return DropReason.RESERVED_MULTICAST;
        }
        if (Ethernet.isGroup(destination)) {
            return flood(frame, in, vlan, FrameClass.ofGroup(destination));
        }
        long place = fdb.lookup(FdbKey.of(vlan, destination), nowSeconds);
        // The frame itself may be what teaches the switch where its destination is, when it goes to its own source.
        TracedPort out = destination == source && learned ? in : byIndex(place);
        return out == null
                ? flood(frame, in, vlan, FrameClass.UNKNOWN_UNICAST)
                : known(frame, in, out, place, vlan, destination);
    }

    private DropReason admission(Frame frame, PortRules port) {
        if (port.wide.mirrorOutput()) {
            return DropReason.MIRROR_OUTPUT;
        }
        if (port.ingressBucket != null && !port.ingressBucket.has(frame, nowNs)) {
            return DropReason.RX_POLICED;
        }
        return port.wide.probes() && LoopProbe.isOwn(frame, rules.switchId) ? DropReason.LOOP_PROBE : null;
    }

    // ---- the source ----

    private DropReason notLearnable(long source, TracedPort in) {
        steps.add(new Trace.Source(source, null, "not a station's address, never learned"));
        return StationRules.acceptsNobody(in.rules.settings.security()) ? null : DropReason.SECURITY_VIOLATION;
    }

    private DropReason learn(long station, Frame frame, TracedPort in) {
        PortSettings settings = in.rules.settings;
        PortSecurity security = settings.security();
        Learning learning;
        if (security.locked()) {
            boolean set = StationRules.isSet(fdb.lookup(station, nowSeconds), in.index);
            learning = set ? Learning.KNOWN : Learning.LIMITED;
        } else if (!settings.learning() || rules.unlearnedVlans.contains(FdbKey.vlan(station))) {
            steps.add(new Trace.Source(
                    FdbKey.mac(station),
                    null,
                    "not learned, learning is off " + (settings.learning() ? "in this VLAN" : "at this port")));
            return null;
        } else {
            learning = fdb.foresee(station, in.index, frame.endpoint(), in.rules.maxMacs, nowSeconds);
        }
        learned = learning == Learning.LEARNED || learning == Learning.MOVED || learning == Learning.KNOWN;
        steps.add(new Trace.Source(FdbKey.mac(station), learning, explain(learning, station, security)));
        if (StationRules.isViolation(learning) && security.violation() != PortSecurity.Violation.FORWARD) {
            return DropReason.SECURITY_VIOLATION;
        }
        return learning == Learning.FLAPPING ? DropReason.MAC_FLAPPING : null;
    }

    private String explain(Learning learning, long station, PortSecurity security) {
        return switch (learning) {
            case KNOWN -> "known here";
            case LEARNED -> "new, would be learned" + (security.sticky() ? " and stick to the port" : "");
            case MOVED -> "would move here from " + place(station);
            case LIMITED ->
                security.locked()
                        ? "no entry was set for it at this locked port"
                        : "not learned, the port has as many stations as it may";
            case FULL -> "not learned, the FDB is full";
            case PINNED -> "does not move, its entry at " + place(station) + " was set";
            case FLAPPING -> "moved too often, held at " + place(station);
        };
    }

    private String place(long station) {
        TracedPort port = byIndex(fdb.lookup(station, nowSeconds));
        return port == null ? "(nowhere)" : port.name;
    }

    // ---- the destination ----

    private DropReason known(Frame frame, TracedPort in, TracedPort out, long place, int vlan, long destination) {
        steps.add(new Trace.Destination(
                destination,
                FrameClass.KNOWN_UNICAST,
                out.name,
                place == Fdb.MISS ? FdbEntry.Kind.DYNAMIC : FdbValue.kindOf(place)));
        int endpoint = place == Fdb.MISS ? 0 : FdbValue.endpoint(place);
        if (out.index == in.index) {
            if (!StationRules.mayReturn(in.rules, frame.endpoint(), endpoint)) {
                return DropReason.SAME_PORT;
            }
        } else {
            DropReason refusal = refusal(frame, in, out, vlan, FrameClass.KNOWN_UNICAST);
            if (refusal != null) {
                return refusal;
            }
        }
        frame.endpoint(endpoint);
        deliver(frame, in, out, vlan);
        return null;
    }

    private static DropReason refusal(Frame frame, TracedPort in, TracedPort out, int vlan, FrameClass frameClass) {
        if (out.index == in.index) {
            return out.rules.isFlooded(frameClass) ? null : DropReason.FLOODING_OFF;
        }
        DropReason refusal = EgressRules.refusal(in.rules, out.rules, vlan, frameClass);
        return refusal != null || out.rules.vlans.carriesCustomer(frame, in.rules.vlans.readsTag())
                ? refusal
                : DropReason.VLAN_NOT_CARRIED;
    }

    private DropReason flood(Frame frame, TracedPort in, int vlan, FrameClass frameClass) {
        steps.add(new Trace.Destination(Ethernet.destination(frame), frameClass, null, null));
        TokenBucket bucket = in.rules.stormBucket(frameClass);
        if (bucket != null && !bucket.has(frame, nowNs)) {
            return frameClass.storm();
        }
        DropReason refused = DropReason.NO_EGRESS;
        boolean sent = false;
        for (FloodList.Target target : targets(vlan)) {
            TracedPort out = byIndex(target.port());
            if (out == null
                    || (out.index == in.index
                            && !StationRules.mayReturn(in.rules, frame.endpoint(), target.endpoint()))) {
                continue;
            }
            DropReason refusal = !out.state.isUp()
                    ? DropReason.PORT_DOWN
                    : EgressRules.excludes(frame, out.rules)
                            ? DropReason.SPLIT_HORIZON
                            : refusal(frame, in, out, vlan, frameClass);
            if (refusal != null) {
                steps.add(new Trace.NotTo(out.name, refusal));
                refused = refusal == DropReason.PORT_DOWN ? refused : refusal;
            } else {
                Frame copy = pool.copy(frame);
                copy.endpoint(
                        out.index == in.index
                                ? StationRules.endpointBack(frame.endpoint(), target.endpoint())
                                : target.endpoint());
                deliver(copy, in, out, vlan);
                copy.release();
                sent = true;
            }
        }
        return sent ? null : refused;
    }

    private List<FloodList.Target> targets(int vlan) {
        FloodList list = rules.floodList(vlan);
        return list != null
                ? list.targets()
                : ports.stream()
                        .map(port -> new FloodList.Target(port.index, 0))
                        .toList();
    }

    // ---- the way out ----

    private void deliver(Frame frame, TracedPort in, TracedPort out, int vlan) {
        boolean tagged = in.rules.vlans.readsTag() && Ethernet.isTag(Ethernet.type(frame));
        out.rules.vlans.retag(frame, tagged, vlan, in.rules.vlans.tpid());
        if (out.rules.egressBucket != null && !out.rules.egressBucket.has(frame, nowNs)) {
            steps.add(new Trace.Dropped(out.name, DropReason.TX_POLICED));
            return;
        }
        mirror(frame, out.rules.wide.txMirrors(), vlan);
        send(frame, out);
    }

    private void send(Frame frame, TracedPort out) {
        if (frame.length() > out.maxFrameLength) {
            steps.add(new Trace.Dropped(out.name, DropReason.TOO_LONG));
        } else if (!out.state.isUp()) {
            steps.add(new Trace.Dropped(out.name, DropReason.PORT_DOWN));
        } else {
            steps.add(new Trace.Sent(out.name, frame.endpoint(), frame.toByteArray(), tags(frame)));
        }
    }

    private void mirror(Frame frame, long which, int vlan) {
        for (int i = 0; i < mirrorNames.size(); i++) {
            long bit = 1L << i;
            if ((which & ~mirrored & bit) != 0) {
                ActiveMirror mirror = rules.mirror(i);
                if (mirror.vlans().contains(vlan) && mirror.filter().matches(frame, vlan)) {
                    mirrored |= bit;
                    steps.add(new Trace.Mirrored(mirrorNames.get(i)));
                }
            }
        }
    }

    private TracedPort byIndex(long place) {
        return place == Fdb.MISS ? null : byIndex(FdbValue.port(place));
    }

    private TracedPort byIndex(int index) {
        return ports.stream().filter(port -> port.index == index).findFirst().orElse(null);
    }

    private static String tags(Frame frame) {
        StringBuilder text = new StringBuilder();
        for (int at = 12; at + 6 <= frame.length() && Ethernet.isTag(frame.getShort(at)); at += 4) {
            int tci = frame.getShort(at + 2);
            text.append(text.length() == 0 ? "tag " : ", tag ")
                    .append(tci & 0xfff)
                    .append(frame.getShort(at) == Ethernet.TPID_SERVICE ? " (service)" : "")
                    .append(tci >>> 13 == 0 ? "" : " priority " + (tci >>> 13));
        }
        return text.length() == 0 ? "untagged" : text.toString();
    }
}
