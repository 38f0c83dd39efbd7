package io.weft.worker;

import io.weft.bridge.ActiveMirror;
import io.weft.bridge.BridgeRules;
import io.weft.bridge.FloodList;
import io.weft.bridge.FloodTarget;
import io.weft.bridge.PortRules.SwitchWide;
import io.weft.bridge.VlanSet;
import io.weft.capture.PortCapture;
import io.weft.capture.RunningCapture;
import io.weft.mirror.Mirror;
import io.weft.neighbour.NeighbourResponder;
import io.weft.neighbour.NeighbourTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/**
 * What was configured for a switch as a whole, from which the rules of its bridge and of each port are made.
 *
 * <p>Threads: guarded by the datapath's lock.
 */
public final class SwitchRules {
    private static final int MAX_MIRRORS = 64;

    private final long switchId = new SplittableRandom().nextLong();
    private final Map<Integer, List<FloodTarget>> floodLists = new HashMap<>(); // by VLAN
    private final ConfiguredMirror[] mirrors = new ConfiguredMirror[MAX_MIRRORS]; // each keeps its place
    private int nextPlace;
    private final List<RunningCapture> captures = new ArrayList<>();
    private VlanSet unlearnedVlans = VlanSet.NONE;
    private final NeighbourTable neighbours;

    private record ConfiguredMirror(Mirror mirror, PortCapture file) {}

    SwitchRules(NeighbourTable neighbours) {
        this.neighbours = neighbours;
    }

    /** VLANs in which nothing is learned. */
    public void unlearnedVlans(VlanSet vlans) {
        unlearnedVlans = vlans;
    }

    /** VLANs in which nothing is learned. */
    public VlanSet unlearnedVlans() {
        return unlearnedVlans;
    }

    /** Where frames to many go in a VLAN; {@code null} for all its ports. */
    public void floodList(int vlan, List<FloodTarget> targets) {
        if (targets == null) {
            floodLists.remove(vlan);
        } else {
            floodLists.put(vlan, targets);
        }
    }

    /**
     * Adds a mirror.
     *
     * @param file where it records, {@code null} for a port
     */
    public void addMirror(Mirror mirror, PortCapture file) {
        if (configured().anyMatch(other -> other.mirror.name().equals(mirror.name()))) {
            throw new IllegalArgumentException("there is a mirror '" + mirror.name() + "' already");
        }
        if (configured().count() == MAX_MIRRORS) {
            throw new IllegalArgumentException(
                    "mirror '" + mirror.name() + "' is one too many; accepted: " + MAX_MIRRORS);
        }
        // A worker learns of a mirror from the bridge's rules and from the ports' own, one after the other. Meanwhile a
        // place
        // must not mean another mirror: it is the same for as long as the mirror lives, and the next one gets another.
        while (mirrors[nextPlace] != null) {
            nextPlace = (nextPlace + 1) % MAX_MIRRORS;
        }
        mirrors[nextPlace] = new ConfiguredMirror(mirror, file);
        nextPlace = (nextPlace + 1) % MAX_MIRRORS;
    }

    /** Removes a mirror. */
    public void removeMirror(Mirror mirror) {
        for (int i = 0; i < MAX_MIRRORS; i++) {
            if (mirrors[i] != null && mirrors[i].mirror.equals(mirror)) {
                mirrors[i] = null;
            }
        }
    }

    private Stream<ConfiguredMirror> configured() {
        return Arrays.stream(mirrors).filter(Objects::nonNull);
    }

    /** Names of the mirrors by their places, empty where there is none. */
    List<String> mirrorNames() {
        return Arrays.stream(mirrors)
                .map(configured -> configured == null ? "" : configured.mirror.name())
                .toList();
    }

    /** Whether the bridge's rules name a port, so that its coming and going changes them. */
    boolean name(String port) {
        return configured().anyMatch(configured -> port.equals(configured.mirror.outputPort()))
                || floodLists.values().stream().anyMatch(targets -> targets.stream()
                        .anyMatch(target -> target.port().equals(port)));
    }

    /** Adds a capture. */
    public void addCapture(RunningCapture capture) {
        captures.add(capture);
    }

    /** Removes a capture. */
    public void removeCapture(RunningCapture capture) {
        captures.remove(capture);
    }

    /** A port leaves. */
    void forget(String port) {
        captures.forEach(capture -> capture.forget(port));
    }

    long switchId() {
        return switchId;
    }

    /** The rules of the bridge; {@code portIndex} gives -1 for a port that is not there. */
    BridgeRules bridgeRules(ToIntFunction<String> portIndex) {
        ActiveMirror[] active = Arrays.stream(mirrors)
                .map(configured -> configured == null ? null : active(configured, portIndex))
                .toArray(ActiveMirror[]::new);
        Map<Integer, FloodList> lists = new HashMap<>();
        floodLists.forEach((vlan, targets) -> lists.put(
                vlan,
                new FloodList(targets.stream()
                        .map(target -> new FloodList.Target(portIndex.applyAsInt(target.port()), target.endpoint()))
                        .toList())));
        return new BridgeRules(unlearnedVlans, lists, active, new NeighbourResponder(neighbours, false), switchId);
    }

    private static ActiveMirror active(ConfiguredMirror configured, ToIntFunction<String> portIndex) {
        Mirror mirror = configured.mirror;
        int output = configured.file != null ? -1 : portIndex.applyAsInt(mirror.outputPort());
        return new ActiveMirror(
                mirror.vlans(), mirror.filter(), mirror.snapLength(), mirror.segmented(), output, configured.file);
    }

    /**
     * What they ask of a port.
     *
     * @param probes whether any port sends loop probes
     */
    SwitchWide of(String port, boolean probes) {
        long rxMirrors = 0;
        long txMirrors = 0;
        boolean output = false;
        for (int i = 0; i < MAX_MIRRORS; i++) {
            if (mirrors[i] == null) {
                continue;
            }
            Mirror mirror = mirrors[i].mirror;
            output |= port.equals(mirror.outputPort());
            rxMirrors |= mirror.selectsSource(port) ? 1L << i : 0;
            txMirrors |= mirror.selectsDestination(port) ? 1L << i : 0;
        }
        return new SwitchWide(
                rxMirrors,
                txMirrors,
                output,
                probes,
                !unlearnedVlans.isEmpty(),
                !floodLists.isEmpty(),
                captures.stream()
                        .map(capture -> capture.of(port))
                        .filter(Objects::nonNull)
                        .toList());
    }
}
