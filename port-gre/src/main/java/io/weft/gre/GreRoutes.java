package io.weft.gre;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.IpPrefix;
import io.weft.route.PrefixTable;
import io.weft.tunnel.RemoteEnd;

/**
 * Behind which remote end of a layer-3 tunnel which addresses are. The longest prefix decides.
 *
 * <p>Threads: any.
 */
final class GreRoutes {
    private static final int IPV4_LENGTH = Ethernet.HEADER_LENGTH + 20;
    private static final int IPV6_LENGTH = Ethernet.HEADER_LENGTH + 40;

    private final PrefixTable<RemoteEnd> table = new PrefixTable<>();

    void put(IpPrefix network, RemoteEnd remote) {
        table.put(network, remote);
    }

    boolean remove(IpPrefix network) {
        return table.remove(network) != null;
    }

    /** Removes those that lead to the remote end with this number. */
    void removeAll(int endpoint) {
        if (table.size() > 0) {
            table.forEach((network, remote) -> {
                if (remote.endpoint() == endpoint) {
                    table.remove(network);
                }
            });
        }
    }

    /** The number of the remote end that a packet's destination is behind; 0 for none. */
    int endpoint(Frame packet) {
        RemoteEnd remote = Ethernet.type(packet) == EtherType.IPV4 ? ofIpv4(packet) : ofIpv6(packet);
        return remote == null ? 0 : remote.endpoint();
    }

    /** Whether a packet is for a multicast group, or for all. */
    static boolean isForGroup(Frame packet) {
        if (Ethernet.type(packet) == EtherType.IPV6) {
            return packet.length() >= IPV6_LENGTH && packet.getByte(Ethernet.HEADER_LENGTH + 24) == 0xff;
        }
        int destination = packet.length() >= IPV4_LENGTH ? packet.getInt(Ethernet.HEADER_LENGTH + 16) : 0;
        return destination >>> 28 == 0xe || destination == -1;
    }

    private RemoteEnd ofIpv4(Frame packet) {
        return packet.length() < IPV4_LENGTH ? null : table.lookupIpv4(packet.getInt(Ethernet.HEADER_LENGTH + 16));
    }

    private RemoteEnd ofIpv6(Frame packet) {
        return packet.length() < IPV6_LENGTH
                ? null
                : table.lookup(
                        packet.getLong(Ethernet.HEADER_LENGTH + 24), packet.getLong(Ethernet.HEADER_LENGTH + 32));
    }
}
