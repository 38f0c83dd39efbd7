package io.weft.bridge;

import io.weft.capture.PcapngWriter.Direction;
import io.weft.fdb.Fdb;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbValue;
import io.weft.fdb.Learning;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.offload.WireFrames;
import io.weft.port.DropReason;

/**
 * A learning, VLAN-aware bridge (IEEE 802.1Q): learn the source, look up the destination, send there or flood.
 *
 * <p>The stages, in order; {@link Trace} explains a frame by the same functions:
 *
 * <ol>
 *   <li>the frame is counted; it must have a header, and its port be up;
 *   <li>admission ({@link PortRules#ADMISSION}): ingress policing, loop probes;
 *   <li>its VLAN ({@link VlanRules#classify}), then ingress mirrors;
 *   <li>learning, with the port's security;
 *   <li>destinations 01-80-C2-00-00-00…0F go nowhere (802.1Q 8.6.3);
 *   <li>ARP and neighbour discovery may be answered;
 *   <li>the look-up: one port, or storm control and flooding ({@link EgressRules});
 *   <li>delivery: the tag it leaves with ({@link VlanRules#retag}), egress policing, egress mirrors.
 * </ol>
 *
 * <p>A port with defaults passes by what it does not use after one test of its {@link PortRules#features}. One MAC address in
 * two VLANs is two stations; VLAN 0 stands for untagged frames.
 *
 * <p>Threads: confined; each worker has its own, all with the same FDB.
 */
public final class Bridge implements Forwarder {
    /**
     * Frames of a busy worker for one new station that may push another out of a full FDB: what bounds the price of a MAC
     * flood. A worker whose batches are not full has the time.
     */
    private static final int FRAMES_PER_EVICTION = 256;

    private static final int BUSY_BATCH = FrameBatch.DEFAULT_CAPACITY / 2;

    /** In place of a VLAN: the frame was dropped. */
    private static final int GONE = -1;

    private final Fdb fdb;
    private final int[] buckets = new int[3 * FrameBatch.DEFAULT_CAPACITY];
    private BridgeRules rules = BridgeRules.PLAIN;
    private MirrorCopies mirrors = new MirrorCopies(BridgeRules.PLAIN);
    private EgressBatches egress;
    private long nowNs;
    private int nowSeconds;
    private boolean newcomersWelcome; // in this batch, until one has pushed another out
    private int sinceEviction; // frames
    private int turnedAway; // stations of this batch that were not welcome
    private int newcomers; // stations learned since the table was last touched
    private long mirrored; // mirrors that have seen the frame that is being forwarded

    @SuppressWarnings("unused") // written, so that the loads in Fdb.touch are not left out as useless
    private long touched;

    /** A bridge with this table. */
    public Bridge(Fdb fdb) {
        this.fdb = fdb;
    }

    @Override
    public void configure(BridgeRules newRules) {
        rules = newRules;
        mirrors = new MirrorCopies(newRules);
    }

    @Override
    public void forward(FrameBatch received, EgressBatches newEgress, long newNowNs) {
        egress = newEgress;
        nowNs = newNowNs;
        nowSeconds = (int) (newNowNs / 1_000_000_000L);
        sinceEviction = Math.min(sinceEviction + received.size(), FRAMES_PER_EVICTION);
        newcomersWelcome = sinceEviction == FRAMES_PER_EVICTION || received.size() <= BUSY_BATCH || !fdb.isFull();
        if (fdb.outgrowsCache()) {
            touch(received);
        }
        BridgePort in = null;
        int counted = 0; // frames that came in by this port, one after the other
        long bytes = 0;
        for (int i = 0; i < received.size(); i++) {
            Frame frame = received.get(i);
            if (in == null || in.index != frame.ingress()) {
                if (in != null) {
                    in.counters.received(counted, bytes);
                }
                in = egress.port(frame.ingress());
                counted = 0;
                bytes = 0;
            }
            if (in == null) {
                egress.dropOrphan(frame);
                continue;
            }
            counted++;
            bytes += frame.length();
            if (frame.gsoType() != 0) {
                in.counters.receivedSegments(WireFrames.count(frame));
            }
            int vlan = ingress(frame, in);
            if (vlan >= 0) {
                route(frame, in, vlan);
            }
        }
        if (in != null) {
            in.counters.received(counted, bytes);
        }
        if (turnedAway > 0) {
            fdb.refused(turnedAway);
            turnedAway = 0;
        }
        received.clear();
    }

    /**
     * Has the FDB load what the frames' look-ups will need; not those of runts, whose header may reach over the end of the
     * slot when a tunnel has consumed nearly all of a long frame. Stations that are new are looked for in both of their buckets,
     * so when the batch before had many, the second is loaded too. A frame whose port puts it into another VLAN than its tag
     * says has the wrong places loaded, which costs time and nothing else.
     */
    private void touch(FrameBatch received) {
        int count = 0;
        boolean manyNewcomers = newcomers > received.size() / 4; // in the batch before
        newcomers = 0;
        for (int i = 0; i < received.size() && count + 3 <= buckets.length; i++) {
            Frame frame = received.get(i);
            if (frame.length() < Ethernet.VLAN_HEADER_LENGTH) {
                continue;
            }
            int vlan = Ethernet.isTag(Ethernet.type(frame)) ? Ethernet.vid(frame) : 0;
            long station = FdbKey.of(vlan, Ethernet.source(frame));
            buckets[count++] = fdb.bucketOf(station);
            if (manyNewcomers) {
                buckets[count++] = fdb.secondBucketOf(station);
            }
            buckets[count++] = fdb.bucketOf(FdbKey.of(vlan, Ethernet.destination(frame)));
        }
        touched = fdb.touch(buckets, count);
    }

    /** The stages before the look-up; returns the frame's VLAN, or a negative number when they have dropped it. */
    private int ingress(Frame frame, BridgePort in) {
        int features = in.features;
        if (frame.length() < Ethernet.HEADER_LENGTH || !in.state.isUp() || (features & PortRules.ADMISSION) != 0) {
            if (!admit(frame, in)) {
                return GONE;
            }
        }
        int vlan = (features & PortRules.VLANS) == 0 ? VlanRules.outerVid(frame) : in.rules.vlans.classify(frame);
        if (vlan < 0) {
            in.drop(frame, VlanRules.refusal(vlan));
            return GONE;
        }
        mirrored = 0;
        if ((features & PortRules.ADMISSION) != 0) {
            mirror(frame, in, in.rules.wide.rxMirrors(), vlan, Direction.INBOUND);
        }
        long source = Ethernet.source(frame);
        boolean accepted = Ethernet.isLearnable(source)
                ? learn(FdbKey.of(vlan, source), frame, in)
                : acceptNobody(FdbKey.of(vlan, source), frame, in);
        return accepted ? vlan : GONE;
    }

    /** The look-up, and where it leads. */
    private void route(Frame frame, BridgePort in, int vlan) {
        long destination = Ethernet.destination(frame);
        if ((in.features & PortRules.NEIGHBOURS) != 0 && rules.neighbours.answer(frame, vlan)) {
            deliver(frame, in, in, vlan); // to the remote end it came from, by its port's rules for what goes out
            return;
        }
        if (Ethernet.isGroup(destination)) {
            if (Ethernet.isReserved(destination)) {
                in.drop(frame, DropReason.RESERVED_MULTICAST);
            } else {
                flood(frame, in, vlan, FrameClass.ofGroup(destination));
            }
            return;
        }
        long place = fdb.lookup(FdbKey.of(vlan, destination), nowSeconds);
        BridgePort out = place == Fdb.MISS ? null : egress.port(FdbValue.port(place));
        if (out == null) {
            flood(frame, in, vlan, FrameClass.UNKNOWN_UNICAST);
        } else if (out == in) {
            relay(frame, in, place, vlan);
        } else if (((in.features | out.features) & PortRules.ON_THE_WAY_OUT) == 0) {
            frame.endpoint(FdbValue.endpoint(place));
            egress.add(out, frame);
        } else {
            deliverTo(frame, in, out, place, vlan);
        }
    }

    // ---- stages before the look-up ----

    /** Whether a frame may come in at all; drops it otherwise. */
    private boolean admit(Frame frame, BridgePort in) {
        PortRules portRules = in.rules;
        in.captureReceived(frame);
        if (frame.length() < Ethernet.HEADER_LENGTH) {
            in.drop(frame, DropReason.RUNT);
            return false;
        }
        if (!in.state.isUp()) {
            in.drop(frame, DropReason.RX_PORT_DOWN);
            return false;
        }
        if (portRules.wide.mirrorOutput()) {
            in.drop(frame, DropReason.MIRROR_OUTPUT);
            return false;
        }
        if (portRules.ingressBucket != null && !portRules.ingressBucket.take(frame, nowNs)) {
            in.drop(frame, DropReason.RX_POLICED);
            return false;
        }
        if (portRules.wide.probes() && LoopProbe.isOwn(frame, rules.switchId)) {
            loopFound(in, egress.port(LoopProbe.port(frame)), LoopProbe.secret(frame));
            in.drop(frame, DropReason.LOOP_PROBE);
            return false;
        }
        return true;
    }

    /**
     * A probe has come back. Of the two ports of the loop the one with the higher index is shut down, whichever of their
     * probes comes back first: shutting down both would cut the network behind them off. One that its port has not sent, or
     * whose port has left, says nothing.
     */
    private static void loopFound(BridgePort in, BridgePort sender, long secret) {
        if (sender == null || sender.state.probeSecret() != secret) {
            return;
        }
        BridgePort victim = sender.index > in.index ? sender : in;
        String path = sender == in ? "the same port" : "port " + sender;
        victim.shutDown("loop: a probe sent by " + path + " came back by " + in);
    }

    /** Learns a frame's source, as far as its port's rules let it; {@code false} when the frame was dropped for it. */
    private boolean learn(long station, Frame frame, BridgePort in) {
        if ((in.features & PortRules.STATIONS) != 0) {
            return learnRestricted(station, frame, in);
        }
        // In a full table every further newcomer costs a search for a victim: a flood of them has to go without.
        int maxEntries = newcomersWelcome ? Integer.MAX_VALUE : Fdb.NO_NEWCOMERS;
        Learning learning = fdb.learn(station, in.index, frame.endpoint(), false, maxEntries, nowSeconds);
        if (learning == Learning.LIMITED) {
            turnedAway++; // the port has no limit of its own
            return true;
        }
        return learning == Learning.KNOWN || learned(learning, frame, in);
    }

    /** Lets a frame pass whose source is no station's address, or drops it where only stations may send. */
    private boolean acceptNobody(long source, Frame frame, BridgePort in) {
        if (StationRules.acceptsNobody(in.rules.settings.security())) {
            return true;
        }
        in.alarmViolation(source, nowNs);
        in.drop(frame, DropReason.SECURITY_VIOLATION);
        return false;
    }

    private boolean learned(Learning learning, Frame frame, BridgePort in) {
        if (learning == Learning.LEARNED || learning == Learning.FULL) {
            newcomers++;
            if (fdb.isFull()) {
                newcomersWelcome = false;
                sinceEviction = 0;
            }
        } else if (learning == Learning.FLAPPING) {
            in.drop(frame, DropReason.MAC_FLAPPING);
            return false;
        }
        return true;
    }

    private boolean learnRestricted(long station, Frame frame, BridgePort in) {
        PortSettings settings = in.rules.settings;
        PortSecurity security = settings.security();
        Learning learning;
        if (security.locked()) {
            learning =
                    StationRules.isSet(fdb.lookup(station, nowSeconds), in.index) ? Learning.KNOWN : Learning.LIMITED;
        } else if (!settings.learning() || rules.unlearnedVlans.contains(FdbKey.vlan(station))) {
            return true;
        } else {
            boolean newcomers = security.maxMacs() > 0 || newcomersWelcome;
            int maxEntries = newcomers ? in.rules.maxMacs : Fdb.NO_NEWCOMERS;
            learning = fdb.learn(station, in.index, frame.endpoint(), security.sticky(), maxEntries, nowSeconds);
            if (!newcomers && learning == Learning.LIMITED) {
                turnedAway++; // nothing that the port's security says
                return true;
            }
        }
        if (StationRules.isViolation(learning) && security.violation() != PortSecurity.Violation.FORWARD) {
            in.alarmViolation(station, nowNs);
            in.drop(frame, DropReason.SECURITY_VIOLATION);
            return false;
        }
        return learned(learning, frame, in);
    }

    // ---- one port ----

    /** Sends a frame back by the port it came in by, where that is wanted. */
    private void relay(Frame frame, BridgePort in, long place, int vlan) {
        if (!StationRules.mayReturn(in.rules, frame.endpoint(), FdbValue.endpoint(place))) {
            in.drop(frame, DropReason.SAME_PORT);
            return;
        }
        frame.endpoint(FdbValue.endpoint(place));
        deliver(frame, in, in, vlan);
    }

    private void deliverTo(Frame frame, BridgePort in, BridgePort out, long place, int vlan) {
        DropReason refusal = EgressRules.refusal(in.rules, out.rules, vlan, FrameClass.KNOWN_UNICAST);
        if (refusal == null && !out.rules.vlans.carriesCustomer(frame, in.rules.vlans.readsTag())) {
            refusal = DropReason.VLAN_NOT_CARRIED;
        }
        if (refusal != null) {
            in.drop(frame, refusal);
            return;
        }
        frame.endpoint(FdbValue.endpoint(place));
        deliver(frame, in, out, vlan);
    }

    /** The last stages, for a frame that is to leave by a port: its tag, policing, mirrors. Takes ownership. */
    private void deliver(Frame frame, BridgePort in, BridgePort out, int vlan) {
        int features = in.features | out.features;
        if ((features & PortRules.VLANS) != 0) {
            boolean tagged = in.rules.vlans.readsTag() && Ethernet.isTag(Ethernet.type(frame));
            out.rules.vlans.retag(frame, tagged, vlan, in.rules.vlans.tpid());
        }
        if ((out.features & PortRules.DELIVERY) != 0) {
            TokenBucket bucket = out.rules.egressBucket;
            if (bucket != null && !bucket.take(frame, nowNs)) {
                out.drop(frame, DropReason.TX_POLICED);
                return;
            }
            mirror(frame, in, out.rules.wide.txMirrors(), vlan, Direction.OUTBOUND);
        }
        egress.add(out, frame);
    }

    // ---- many ports ----

    /** Sends copies to all ports that may have the frame but the last, and the original to the last. */
    private void flood(Frame frame, BridgePort in, int vlan, FrameClass frameClass) {
        if ((in.features & PortRules.STORM) != 0 && isStorm(frame, in, frameClass)) {
            return;
        }
        if ((in.features & PortRules.FLOOD_LISTS) != 0 && rules.floodList(vlan) != null) {
            floodTo(rules.floodList(vlan), frame, in, vlan, frameClass);
            return;
        }
        BridgePort last = null;
        DropReason refused = DropReason.NO_EGRESS;
        int copies = 0;
        int source = frame.endpoint();
        frame.endpoint(0); // all remote ends of a multipoint port
        for (BridgePort out : egress.attached()) {
            if (!out.state.isUp()) {
                continue;
            }
            if (out == in && !StationRules.mayReturn(in.rules, source, 0)) {
                continue;
            }
            if (((in.features | out.features) & PortRules.ON_THE_WAY_OUT) != 0) {
                DropReason refusal = floodRefusal(frame, in, out, vlan, frameClass);
                if (refusal != null) {
                    refused = refusal;
                    continue;
                }
            }
            if (last != null) {
                copies++;
                deliverCopy(frame, in, last, vlan, last == in ? StationRules.endpointBack(source, 0) : 0);
            }
            last = out;
        }
        if (last == null) {
            in.drop(frame, refused);
            return;
        }
        if (copies > 0) {
            in.counters.copied(copies);
        }
        if (last == in) {
            frame.endpoint(StationRules.endpointBack(source, 0));
        }
        EgressRules.stampGroup(frame, in);
        deliver(frame, in, last, vlan);
    }

    /** The same for the targets that a control plane has set. */
    private void floodTo(FloodList list, Frame frame, BridgePort in, int vlan, FrameClass frameClass) {
        FloodList.Target last = null;
        DropReason refused = DropReason.NO_EGRESS;
        int copies = 0;
        int source = frame.endpoint();
        for (int i = 0; i < list.targets().size(); i++) {
            FloodList.Target target = list.targets().get(i);
            BridgePort out = egress.port(target.port());
            if (out == null
                    || !out.state.isUp()
                    || (out == in && !StationRules.mayReturn(in.rules, source, target.endpoint()))) {
                continue;
            }
            DropReason refusal = floodRefusal(frame, in, out, vlan, frameClass);
            if (refusal != null) {
                refused = refusal;
                continue;
            }
            if (last != null) {
                copies++;
                deliverCopy(frame, in, egress.port(last.port()), vlan, endpoint(last, in, source));
            }
            last = target;
        }
        if (last == null) {
            in.drop(frame, refused);
            return;
        }
        in.counters.copied(copies);
        frame.endpoint(endpoint(last, in, source));
        EgressRules.stampGroup(frame, in);
        deliver(frame, in, egress.port(last.port()), vlan);
    }

    private static int endpoint(FloodList.Target target, BridgePort in, int source) {
        return target.port() == in.index ? StationRules.endpointBack(source, target.endpoint()) : target.endpoint();
    }

    private static DropReason floodRefusal(
            Frame frame, BridgePort in, BridgePort out, int vlan, FrameClass frameClass) {
        if (EgressRules.excludes(frame, out.rules)) {
            return DropReason.SPLIT_HORIZON;
        }
        if (out == in) {
            return out.rules.isFlooded(frameClass) ? null : DropReason.FLOODING_OFF;
        }
        DropReason refusal = EgressRules.refusal(in.rules, out.rules, vlan, frameClass);
        return refusal != null || out.rules.vlans.carriesCustomer(frame, in.rules.vlans.readsTag())
                ? refusal
                : DropReason.VLAN_NOT_CARRIED;
    }

    private void deliverCopy(Frame frame, BridgePort in, BridgePort out, int vlan, int endpoint) {
        Frame copy = egress.copyFor(out, frame);
        if (copy != null) {
            copy.endpoint(endpoint);
            EgressRules.stampGroup(copy, in);
            deliver(copy, in, out, vlan);
        }
    }

    private boolean isStorm(Frame frame, BridgePort in, FrameClass frameClass) {
        TokenBucket bucket = in.rules.stormBucket(frameClass);
        if (bucket == null || bucket.take(frame, nowNs)) {
            return false;
        }
        in.alarmStorm(frameClass.storm(), nowNs);
        in.drop(frame, frameClass.storm());
        return true;
    }

    // ---- mirrors ----

    /** Gives mirrors that have not seen a frame yet their copies; borrows it. */
    private void mirror(Frame frame, BridgePort in, long which, int vlan, Direction direction) {
        long remaining = which & ~mirrored;
        if (remaining != 0) {
            mirrored |= mirrors.copy(frame, in, remaining, vlan, direction, egress);
        }
    }
}
