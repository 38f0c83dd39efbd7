package io.weft;

import io.weft.bridge.FloodTarget;
import io.weft.bridge.VlanSet;
import io.weft.event.Station;
import io.weft.fdb.Fdb;
import io.weft.fdb.FdbEntry.Kind;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbStatistics;
import io.weft.fdb.FdbValue;
import io.weft.frame.MacAddress;
import io.weft.worker.Datapath;
import io.weft.worker.NanoClock;
import java.time.Duration;
import java.util.List;

/**
 * The forwarding database of a switch, for those who look at it, set entries in it, or own it: a control plane (EVPN, a
 * configuration file, a cloud's database) that knows where stations are need not wait for their frames.
 *
 * <p>Entries that are set neither age nor move, whatever frames say; they are gone when they are deleted or their port leaves
 * the switch. MAC addresses are written as in {@code 02:00:00:00:00:01}.
 *
 * <p>Threads: any. Nothing here makes a worker wait.
 */
public final class FdbControl {
    private final Fdb fdb;
    private final Datapath datapath;
    private final NanoClock clock;

    FdbControl(Fdb fdb, Datapath datapath, NanoClock clock) {
        this.fdb = fdb;
        this.datapath = datapath;
        this.clock = clock;
    }

    // ---- looking ----

    /** The stations that are known, in no order. */
    public List<Station> stations() {
        return fdb.list(nowSeconds()).stream()
                .map(entry -> new Station(
                        entry.vlan(),
                        entry.mac(),
                        datapath.portName(entry.port()),
                        entry.endpoint(),
                        entry.kind(),
                        entry.ageSeconds()))
                .toList();
    }

    /** Counters so far. */
    public FdbStatistics statistics() {
        return fdb.statistics();
    }

    /** Time after which an unseen station is forgotten. */
    public Duration ageingTime() {
        return Duration.ofSeconds(fdb.ageingSeconds());
    }

    /** Entries behind the port with an index. */
    int entriesOfPort(int index) {
        return fdb.entriesOfPort(index);
    }

    // ---- setting ----

    /** Adds or replaces a static entry: a station that is behind a port and stays there. */
    public void set(int vlan, String mac, String port) {
        set(Kind.STATIC, vlan, mac, port, 0);
    }

    /**
     * Adds or replaces an entry.
     *
     * @param kind {@link Kind#STATIC}, {@link Kind#STICKY} or {@link Kind#CONTROL}; {@link Kind#DYNAMIC} for an entry that
     *     ages and moves as if it had been learned now
     * @param endpoint the remote end within the port, 0 for none
     * @throws IllegalArgumentException for a VLAN, address, port or kind that cannot be, naming what is accepted
     * @throws IllegalStateException when the FDB is full of entries that were set
     */
    public void set(Kind kind, int vlan, String mac, String port, int endpoint) {
        if (kind == Kind.HELD) {
            throw new IllegalArgumentException("kind is HELD; accepted: DYNAMIC, STATIC, STICKY and CONTROL");
        }
        FdbValue.requireEndpoint(endpoint);
        if (!datapath.configuration().putEntry(key(vlan, mac), port, endpoint, kind)) {
            throw new IllegalStateException("the FDB is full: its " + fdb.capacity()
                    + " entries were all set and none may go; resize() makes room");
        }
    }

    /** Deletes the entry of a station, whatever its kind; {@code false} when there is none. */
    public boolean delete(int vlan, String mac) {
        return fdb.delete(key(vlan, mac));
    }

    /** Forgets all learned stations; returns how many. */
    public int flush() {
        return fdb.flushAll();
    }

    /** Forgets the learned stations of a VLAN; returns how many. */
    public int flushVlan(int vlan) {
        return fdb.flushVlan(requireVlan(vlan));
    }

    /** Forgets the learned stations behind a port; returns how many. */
    public int flushPort(String port) {
        return fdb.flushPort(datapath.configuration().portIndex(port));
    }

    /** Deletes all entries of a kind: what a control plane does that starts anew. Returns how many. */
    public int flushKind(Kind kind) {
        return fdb.flushKind(kind);
    }

    // ---- limits ----

    /**
     * Changes how many entries there may be, while traffic flows.
     *
     * @throws IllegalArgumentException outside of 1..{@link Fdb#MAX_CAPACITY}, or below the number of entries that were set
     */
    public void resize(int capacity) {
        fdb.resize(capacity, nowSeconds());
    }

    /**
     * Changes the time after which an unseen station is forgotten, in whole seconds.
     *
     * @throws IllegalArgumentException outside of 1 s..{@link Fdb#MAX_AGEING_SECONDS}
     */
    public void ageingTime(Duration time) {
        fdb.ageingSeconds((int) Math.min(Integer.MAX_VALUE, time.toSeconds()));
    }

    /**
     * Turns the detector of flapping stations on: after more than {@code maxMoves} moves within a window a station is held at
     * its port for a while, its frames from other ports are dropped, and an event says so.
     *
     * @param maxMoves moves that are still taken for mobility, 1..1000
     * @param window 1 s..1 h
     * @param holdDown 1 s..1 h
     */
    public void flapDetection(int maxMoves, Duration window, Duration holdDown) {
        require("maxMoves", maxMoves, 1, 1_000);
        require("window in seconds", window.toSeconds(), 1, 3_600);
        require("holdDown in seconds", holdDown.toSeconds(), 1, 3_600);
        fdb.flapDetection(maxMoves, (int) window.toSeconds(), (int) holdDown.toSeconds());
    }

    /** Turns the detector of flapping stations off, as it is at first. */
    public void flapDetectionOff() {
        fdb.flapDetection(0, 0, 0);
    }

    /** Says in which VLANs nothing is learned; at first in none. */
    public void learningOff(VlanSet vlans) {
        datapath.configuration().configure(rules -> rules.unlearnedVlans(vlans));
        fdb.flushVlans(vlans::contains);
    }

    // ---- flooding ----

    /**
     * Says where broadcast, unknown unicast and multicast frames of a VLAN go, in place of all its ports. The ports' own
     * settings hold nevertheless. A port in the list that leaves the switch is passed over
     * until one of its name comes.
     *
     * @param targets empty for nowhere
     */
    public void floodList(int vlan, List<FloodTarget> targets) {
        requireVlan(vlan);
        targets.forEach(target -> datapath.configuration().portIndex(target.port())); // each must be there
        List<FloodTarget> list = List.copyOf(targets);
        datapath.configuration().configure(rules -> rules.floodList(vlan, list));
    }

    /** Has a VLAN flooded to all its ports again. */
    public void clearFloodList(int vlan) {
        requireVlan(vlan);
        datapath.configuration().configure(rules -> rules.floodList(vlan, null));
    }

    private int nowSeconds() {
        return (int) (clock.nanoTime() / 1_000_000_000L);
    }

    private static long key(int vlan, String mac) {
        return FdbKey.ofStation(vlan, MacAddress.parse(mac));
    }

    private static int requireVlan(int vlan) {
        require("VLAN", vlan, 0, FdbKey.MAX_VLAN);
        return vlan;
    }

    private static void require(String name, long value, long from, long to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(name + " is " + value + "; accepted: " + from + ".." + to);
        }
    }
}
