package io.weft.fdb;

/**
 * What has happened in the FDB so far.
 *
 * @param entries entries now
 * @param capacity entries it may hold
 * @param learned new stations
 * @param moved stations seen behind another port or endpoint than before
 * @param expired entries not refreshed within the ageing time
 * @param evicted entries that made room for others
 * @param flushed entries removed by request, or because their port went down
 * @param refused times a station was not learned because no entry could be evicted for it
 * @param flapping times a station moved too often and was held at its port
 */
public record FdbStatistics(
        int entries,
        int capacity,
        long learned,
        long moved,
        long expired,
        long evicted,
        long flushed,
        long refused,
        long flapping) {}
