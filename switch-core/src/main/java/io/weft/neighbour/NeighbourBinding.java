package io.weft.neighbour;

import io.weft.frame.MacAddress;
import java.net.InetAddress;

/**
 * A station's IP and MAC address in a VLAN.
 *
 * @param vlan 0..4094; 0 for frames that the bridge put in no VLAN
 * @param address IPv4 or IPv6, unicast
 * @param mac unicast, low 48 bits
 * @param router whether advertisements for it carry the router flag (RFC 4861, 4.4); hosts take a router whose flag is
 *     missing from their list of default routers. Means nothing for IPv4.
 */
public record NeighbourBinding(int vlan, InetAddress address, long mac, boolean router) {
    @Override
    public String toString() {
        return address.getHostAddress() + " is at " + MacAddress.format(mac) + " in VLAN " + vlan
                + (router ? " (router)" : "");
    }
}
