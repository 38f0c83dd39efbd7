package io.weft.bridge;

import io.weft.neighbour.NeighbourResponder;
import io.weft.neighbour.NeighbourTable;
import java.util.Arrays;
import java.util.Map;

/**
 * What holds for a whole switch; a change replaces it.
 *
 * <p>Threads: immutable.
 */
public final class BridgeRules {
    /** Nothing special. */
    public static final BridgeRules PLAIN = new BridgeRules(
            VlanSet.NONE, Map.of(), new ActiveMirror[0], new NeighbourResponder(new NeighbourTable(1), false), 0);

    final VlanSet unlearnedVlans;
    final NeighbourResponder neighbours;
    final long switchId;

    private final FloodList[] floodLists = new FloodList[4_096];
    private final ActiveMirror[] mirrors;

    /**
     * Rules.
     *
     * @param unlearnedVlans VLANs in which nothing is learned
     * @param floodLists by VLAN, for those that are not flooded to all their ports
     * @param mirrors at most 64, by the places that the ports' rules know them by; {@code null} where there is none
     * @param neighbours who answers ARP and neighbour discovery for stations it knows
     * @param switchId what the switch's own loop probes are known by
     */
    public BridgeRules(
            VlanSet unlearnedVlans,
            Map<Integer, FloodList> floodLists,
            ActiveMirror[] mirrors,
            NeighbourResponder neighbours,
            long switchId) {
        this.unlearnedVlans = unlearnedVlans;
        this.neighbours = neighbours;
        this.switchId = switchId;
        this.mirrors = Arrays.copyOf(mirrors, 64);
        floodLists.forEach((vlan, list) -> this.floodLists[vlan] = list);
    }

    /** Where frames to many go in a VLAN; {@code null} for all its ports. */
    FloodList floodList(int vlan) {
        return floodLists[vlan];
    }

    /** A mirror, or {@code null} when a port's rules know of one that has left, or of one that is about to come. */
    ActiveMirror mirror(int place) {
        return mirrors[place];
    }
}
