package io.weft.worker;

import io.weft.fdb.FdbValue;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The ports of a datapath: their names and indexes, and the accounts of those that have left.
 *
 * <p>A port that leaves gives up its name at once and its index when no worker can meet a frame stamped with it any more;
 * an index is used again as late as possible. The accounts of the ports that left last stay open for threads that still
 * count on them.
 *
 * <p>Threads: any.
 */
final class PortRegistry {
    /** Ports that have left whose accounts are kept open. */
    private static final int RETIRING = 256;

    private final Map<String, SwitchPort> byName = new ConcurrentHashMap<>();
    private final Map<Integer, SwitchPort> byIndex = new ConcurrentHashMap<>();
    private final Deque<Integer> freedIndexes = new ArrayDeque<>();
    private final Deque<SwitchPort> retiring = new ArrayDeque<>();
    private PortStatistics retired = PortStatistics.ZERO;
    private int nextIndex;

    /** An index that was never used, else the one whose port left the longest ago. */
    synchronized int takeIndex() throws PortException {
        if (nextIndex <= FdbValue.MAX_PORT) {
            return nextIndex++;
        }
        if (freedIndexes.isEmpty()) {
            throw new PortException("the switch has " + nextIndex + " ports, which is all it can have");
        }
        return freedIndexes.remove();
    }

    /** Fails when a port has this name. */
    void requireFree(String name) throws PortException {
        if (byName.containsKey(name)) {
            throw new PortException("the switch has a port '" + name + "' already; give this one another name");
        }
    }

    void add(SwitchPort port) {
        byName.put(port.port().name(), port);
        byIndex.put(port.index(), port);
    }

    /** The port begins to leave: its name is free. */
    void freeName(SwitchPort port) {
        byName.remove(port.port().name(), port);
    }

    /** The port has left: its index is free, its account is kept. */
    synchronized void retire(SwitchPort port) {
        byIndex.remove(port.index());
        freedIndexes.add(port.index());
        retiring.add(port);
        if (retiring.size() > RETIRING) {
            retired = retired.plus(retiring.remove().statistics());
        }
    }

    /** All ports, those that are leaving included. */
    Collection<SwitchPort> all() {
        return byIndex.values();
    }

    /** The name of the port with an index, also of one that has just left. */
    String name(int index) {
        SwitchPort port = byIndex.get(index);
        if (port == null) {
            port = lastWithIndex(index);
        }
        return port != null ? port.port().name() : "(removed port " + index + ")";
    }

    private synchronized SwitchPort lastWithIndex(int index) {
        return retiring.stream()
                .filter(left -> left.index() == index)
                .reduce((earlier, later) -> later)
                .orElse(null);
    }

    /** The port with a name, or {@code null}. */
    SwitchPort byName(String name) {
        return byName.get(name);
    }

    /** Names of all ports, sorted: for messages. */
    List<String> names() {
        return byName.keySet().stream().sorted().toList();
    }

    /** Those of {@code ports} that are not leaving, in the order of their indexes. */
    List<PortStatus> status(Collection<SwitchPort> ports) {
        return ports.stream()
                .filter(port -> byName.get(port.port().name()) == port)
                .map(port -> new PortStatus(
                        port.port().name(),
                        port.index(),
                        port.state.isUp(),
                        port.state.downReason(),
                        port.rules().settings(),
                        port.port().capabilities(),
                        port.statistics()))
                .sorted(Comparator.comparingInt(PortStatus::index))
                .toList();
    }

    /** What all ports have counted, those that have left included. */
    synchronized PortStatistics statistics() {
        PortStatistics sum = retired;
        for (SwitchPort port : retiring) {
            sum = sum.plus(port.statistics());
        }
        for (SwitchPort port : byIndex.values()) {
            sum = sum.plus(port.statistics());
        }
        return sum;
    }
}
