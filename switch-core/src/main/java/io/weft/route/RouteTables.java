package io.weft.route;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The route tables that there are, by name. Who forwards keeps the table itself and asks here only when it is configured.
 *
 * <p>Threads: any.
 */
public final class RouteTables {
    /** Tables that there may be unless told otherwise. */
    public static final int DEFAULT_CAPACITY = 4_096;

    /** Tables that there may be at most. */
    public static final int MAX_CAPACITY = 1 << 20;

    private final int capacity;
    private final Map<String, RouteTable> tables = new TreeMap<>();

    /** For {@link #DEFAULT_CAPACITY} tables. */
    public RouteTables() {
        this(DEFAULT_CAPACITY);
    }

    /**
     * Without tables.
     *
     * @param capacity most tables, 1..{@link #MAX_CAPACITY}
     */
    public RouteTables(int capacity) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "capacity of route tables is " + capacity + "; accepted: 1.." + MAX_CAPACITY);
        }
        this.capacity = capacity;
    }

    /**
     * Adds a table.
     *
     * @throws IllegalArgumentException when one has that name
     * @throws IllegalStateException when there are as many as there may be
     */
    public synchronized void add(RouteTable table) {
        if (tables.containsKey(table.name())) {
            throw new IllegalArgumentException("table '" + table.name() + "' is there; accepted: another name");
        }
        if (tables.size() == capacity) {
            throw new IllegalStateException(
                    "there are " + capacity + " route tables; remove some, or allow more (up to " + MAX_CAPACITY + ")");
        }
        tables.put(table.name(), table);
    }

    /**
     * The table with a name.
     *
     * @throws IllegalArgumentException naming those that there are, when it is none of them
     */
    public synchronized RouteTable get(String name) {
        RouteTable table = tables.get(name);
        if (table == null) {
            int shown = 20;
            List<String> some = tables.keySet().stream().limit(shown).toList();
            throw new IllegalArgumentException("table '" + name + "' is unknown; "
                    + (some.isEmpty()
                            ? "there are none yet: add it first"
                            : "accepted: " + String.join(", ", some)
                                    + (tables.size() > shown ? " and " + (tables.size() - shown) + " more" : "")));
        }
        return table;
    }

    /** Removes a table; returns it, or {@code null} when there was none. Who keeps it goes on looking up in it. */
    public synchronized RouteTable remove(String name) {
        return tables.remove(name);
    }

    /** A copy of all, by name. */
    public synchronized List<RouteTable> list() {
        return List.copyOf(tables.values());
    }
}
