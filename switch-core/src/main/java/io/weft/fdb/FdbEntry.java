package io.weft.fdb;

import io.weft.frame.MacAddress;

/**
 * One entry of the FDB, for people and control planes.
 *
 * @param vlan VLAN id, 0 for untagged
 * @param mac the station's address, low 48 bits
 * @param port index of the port it is behind
 * @param endpoint the remote end within that port, 0 for none
 * @param ageSeconds seconds since it was last seen
 */
public record FdbEntry(int vlan, long mac, int port, int endpoint, int ageSeconds) {
    @Override
    public String toString() {
        return MacAddress.format(mac) + " vlan " + vlan + " port " + port
                + (endpoint == 0 ? "" : " endpoint " + endpoint) + " age " + ageSeconds + " s";
    }
}
