package io.weft.srv6;

import io.weft.frame.IpPrefix;
import io.weft.route.PrefixTable;
import java.util.List;

/**
 * An SR domain by the prefixes that its nodes have addresses of.
 *
 * <p>Threads: immutable.
 */
final class SidDomain implements SrDomain {
    private final PrefixTable<IpPrefix> prefixes;

    SidDomain(List<IpPrefix> prefixes) {
        this.prefixes = new PrefixTable<>(Math.max(1, prefixes.size()));
        prefixes.forEach(prefix -> this.prefixes.put(prefix, prefix));
    }

    @Override
    public boolean contains(long high, long low) {
        return prefixes.lookup(high, low) != null;
    }
}
