package io.weft.layer3;

import io.weft.frame.Ethernet;
import io.weft.frame.IpAddress;
import io.weft.frame.IpPrefix;
import io.weft.neighbour.NeighbourBindings;
import io.weft.route.PrefixTable;
import java.util.ArrayList;
import java.util.List;

/**
 * The addresses that an adapter answers for: its own, the link-local one that its MAC address makes, and those of the prefixes
 * behind it.
 *
 * <p>Threads: immutable.
 */
final class OwnAddresses implements NeighbourBindings {
    private static final long LINK_LOCAL = 0xfe80_0000_0000_0000L;

    private final long mac;
    private final PrefixTable<Boolean> prefixes = new PrefixTable<>();
    private final List<IpPrefix> hosts = new ArrayList<>();

    /** Those of these prefixes; one that is a single address may be the sender of a request. */
    OwnAddresses(long mac, List<IpPrefix> given) {
        this.mac = mac;
        given.forEach(this::add);
        add(new IpPrefix(LINK_LOCAL, interfaceId(mac), 128));
    }

    private void add(IpPrefix prefix) {
        prefixes.put(prefix, true);
        if (prefix.isHost()) {
            hosts.add(prefix);
        }
    }

    /** The modified EUI-64 of a MAC address (RFC 4291, appendix A). */
    private static long interfaceId(long mac) {
        return (mac >>> 24 << 40 | 0xff_fe00_0000L | mac & 0xff_ffffL) ^ 1L << 57;
    }

    /** Whether an address is behind the adapter, or its own. */
    boolean cover(long high, long low) {
        return prefixes.lookup(high, low) != null;
    }

    /** The IPv4 address to ask for another one from; 0, as in a probe (RFC 5227, 1.1), when there is none. */
    int senderIpv4(int target) {
        IpPrefix nearest = nearest(0, IpAddress.lowOfIpv4(target));
        return nearest == null ? 0 : (int) nearest.low();
    }

    /** The IPv6 address to ask for another one from. */
    IpPrefix senderIpv6(long high, long low) {
        return nearest(high, low);
    }

    /** The address that has the most first bits in common with another of its family, or {@code null}. */
    private IpPrefix nearest(long high, long low) {
        IpPrefix best = null;
        int most = -1;
        for (int i = 0; i < hosts.size(); i++) {
            IpPrefix host = hosts.get(i);
            if (host.isIpv4() == IpAddress.isIpv4(high, low)) {
                int common = host.high() == high
                        ? 64 + Long.numberOfLeadingZeros(host.low() ^ low)
                        : Long.numberOfLeadingZeros(host.high() ^ high);
                if (common > most) {
                    most = common;
                    best = host;
                }
            }
        }
        return best;
    }

    /** Whether an address can be a station's: not zero, a loopback's, a group's, or reserved. */
    static boolean isStation(long high, long low) {
        if (IpAddress.isIpv4(high, low)) {
            int first = (int) low >>> 24;
            return first != 0 && first != 127 && first < 224;
        }
        return high >>> 56 != 0xff && (high != 0 || low >>> 1 != 0);
    }

    // ---- for the responder ----

    @Override
    public boolean isEmpty() {
        return false;
    }

    @Override
    public long lookupIpv4(int vlan, int address) {
        return value(0, IpAddress.lowOfIpv4(address));
    }

    @Override
    public long lookupIpv6(int vlan, long high, long low) {
        return IpAddress.isIpv4(high, low) ? MISS : value(high, low); // a mapped address is on no link
    }

    private long value(long high, long low) {
        return isStation(high, low) && cover(high, low) ? mac & Ethernet.BROADCAST : MISS;
    }
}
