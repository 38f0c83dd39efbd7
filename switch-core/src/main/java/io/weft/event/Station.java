package io.weft.event;

import io.weft.fdb.FdbEntry.Kind;
import io.weft.frame.MacAddress;
import java.util.Locale;

/**
 * A station that the FDB knows or knew.
 *
 * @param vlan VLAN id, 0 for untagged
 * @param mac its address, low 48 bits
 * @param port name of the port it is (or was last) behind
 * @param endpoint the remote end within that port, 0 for none
 * @param kind how it came into the FDB
 * @param ageSeconds seconds since it was last seen, or set; 0 in events
 */
public record Station(int vlan, long mac, String port, int endpoint, Kind kind, int ageSeconds) {
    @Override
    public String toString() {
        return MacAddress.format(mac) + (vlan == 0 ? "" : " vlan " + vlan) + " at " + port
                + (endpoint == 0 ? "" : " endpoint " + endpoint)
                + (kind == Kind.DYNAMIC ? "" : " " + kind.toString().toLowerCase(Locale.ROOT));
    }
}
