package io.weft;

import io.weft.fdb.FdbEntry.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/** The forwarding database in the slowest way: a map. It is never full. */
final class ReferenceFdb {
    private static final long SWEEP_INTERVAL_NS = 1_000_000_000L;

    record Station(int vlan, long mac) {}

    static final class Entry {
        ReferencePort port;
        int endpoint;
        Kind kind;
        long seen;

        boolean isSet() {
            return kind != Kind.DYNAMIC;
        }
    }

    /** What came of learning. */
    enum Result {
        ACCEPTED,
        TOO_MANY,
        BELONGS_ELSEWHERE
    }

    private final Map<Station, Entry> entries = new HashMap<>();
    private long ageingSeconds = 300;
    private long nowNs;
    private long sweepDueNs;
    long learned;
    long moved;
    long expired;
    long flushed;

    ReferenceFdb(long nowNs) {
        this.nowNs = nowNs;
        sweepDueNs = nowNs + SWEEP_INTERVAL_NS;
    }

    /** Time has passed. Once a second expired entries are taken out; nobody finds them anyway. */
    void time(long newNowNs) {
        nowNs = newNowNs;
        if (nowNs >= sweepDueNs) {
            sweepDueNs = nowNs + SWEEP_INTERVAL_NS;
            int before = entries.size();
            entries.values().removeIf(this::isExpired);
            expired += before - entries.size();
        }
    }

    void ageingSeconds(long seconds) {
        ageingSeconds = seconds;
    }

    private long seconds() {
        return nowNs / 1_000_000_000L;
    }

    private boolean isExpired(Entry entry) {
        return !entry.isSet() && seconds() - entry.seen > ageingSeconds;
    }

    /** The entry that counts for a station, or {@code null}. */
    Entry find(int vlan, long mac) {
        Entry entry = entries.get(new Station(vlan, mac));
        return entry == null || isExpired(entry) ? null : entry;
    }

    /** A station was seen behind a port that may hold {@code max} entries but static and control ones, 0 for any number. */
    Result learn(int vlan, long mac, ReferencePort port, boolean sticky, int max) {
        Entry entry = entries.get(new Station(vlan, mac));
        boolean here = entry != null && entry.port == port && entry.endpoint == 0;
        if (entry != null && entry.isSet()) {
            return here ? Result.ACCEPTED : Result.BELONGS_ELSEWHERE;
        }
        boolean newToPort = entry == null || entry.port != port;
        if (newToPort && max > 0 && count(port) >= max) {
            return Result.TOO_MANY;
        }
        if (!here) {
            countArrival(entry);
        }
        put(vlan, mac, port, 0, sticky ? Kind.STICKY : Kind.DYNAMIC);
        return Result.ACCEPTED;
    }

    /** Somebody sets an entry. */
    void set(Kind kind, int vlan, long mac, ReferencePort port, int endpoint) {
        Entry entry = entries.get(new Station(vlan, mac));
        if (entry == null || entry.port != port || entry.endpoint != endpoint) {
            countArrival(entry);
        }
        put(vlan, mac, port, endpoint, kind);
    }

    private void countArrival(Entry before) {
        if (before == null) {
            learned++;
        } else if (isExpired(before)) {
            expired++;
            learned++;
        } else {
            moved++;
        }
    }

    private void put(int vlan, long mac, ReferencePort port, int endpoint, Kind kind) {
        Entry entry = new Entry();
        entry.port = port;
        entry.endpoint = endpoint;
        entry.kind = kind;
        entry.seen = seconds();
        entries.put(new Station(vlan, mac), entry);
    }

    private long count(ReferencePort port) {
        return entries.values().stream()
                .filter(entry -> entry.port == port && entry.kind != Kind.STATIC && entry.kind != Kind.CONTROL)
                .count();
    }

    /** Removes the entries chosen; returns how many. */
    int flush(BiPredicate<Station, Entry> which) {
        int before = entries.size();
        entries.entrySet().removeIf(entry -> which.test(entry.getKey(), entry.getValue()));
        flushed += before - entries.size();
        return before - entries.size();
    }

    /** Removes the learned entries chosen; returns how many. */
    int flushLearned(BiPredicate<Station, Entry> which) {
        return flush((station, entry) -> !entry.isSet() && which.test(station, entry));
    }

    int size() {
        return entries.size();
    }

    int sizeOfSet() {
        return (int) entries.values().stream().filter(Entry::isSet).count();
    }

    /** Stations known now as "vlan/mac@port#endpoint KIND age". */
    List<String> stations() {
        List<String> known = new ArrayList<>();
        entries.forEach((station, entry) -> {
            if (!isExpired(entry)) {
                known.add(station.vlan + "/" + Long.toHexString(station.mac) + "@" + entry.port.name + "#"
                        + entry.endpoint + " " + entry.kind + " " + (entry.isSet() ? "" : seconds() - entry.seen));
            }
        });
        return known;
    }
}
