package io.weft.srv6;

import java.util.Arrays;

/**
 * Who may send to a SID that several ports share: whoever may to one of them. Which one, the packet's VLAN says later.
 *
 * <p>Threads: any; changes one after the other.
 */
final class SharedDomain implements SrDomain {
    private volatile SrDomain[] parts = {}; // only ever replaced

    @Override
    public boolean contains(long high, long low) {
        for (SrDomain part : parts) {
            if (part.contains(high, low)) {
                return true;
            }
        }
        return false;
    }

    void add(SrDomain part) {
        SrDomain[] more = Arrays.copyOf(parts, parts.length + 1);
        more[parts.length] = part;
        parts = more;
    }

    void remove(SrDomain part) {
        parts = Arrays.stream(parts).filter(other -> other != part).toArray(SrDomain[]::new);
    }
}
