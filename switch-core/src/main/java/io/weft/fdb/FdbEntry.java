package io.weft.fdb;

import io.weft.frame.MacAddress;
import java.util.Locale;

/**
 * One entry of the FDB, for people and control planes.
 *
 * @param vlan VLAN id, 0 for untagged
 * @param mac the station's address, low 48 bits
 * @param port index of the port it is behind
 * @param endpoint the remote end within that port, 0 for none
 * @param kind how it came and how it ends
 * @param ageSeconds seconds since it was last seen, or set
 */
public record FdbEntry(int vlan, long mac, int port, int endpoint, Kind kind, int ageSeconds) {
    /** How an entry came into the FDB, and whether it ages and moves. */
    public enum Kind {
        /** Learned from a frame: ages, moves with its station, may be evicted. */
        DYNAMIC,
        /** Set by configuration: stays until it is deleted. */
        STATIC,
        /** Learned on a port with sticky learning, or set: stays at its port until it is deleted. */
        STICKY,
        /** Set by a control plane, which owns it: stays until the control plane deletes it. */
        CONTROL,
        /** Learned, and held at its port for a while because the station moved too often. */
        HELD
    }

    static FdbEntry of(long key, long value, int nowSeconds) {
        return new FdbEntry(
                FdbKey.vlan(key),
                FdbKey.mac(key),
                FdbValue.port(value),
                FdbValue.endpoint(value),
                FdbValue.kindOf(value),
                Math.max(0, FdbValue.ageSeconds(value, nowSeconds)));
    }

    @Override
    public String toString() {
        return MacAddress.format(mac) + " vlan " + vlan + " port " + port
                + (endpoint == 0 ? "" : " endpoint " + endpoint) + " "
                + kind.toString().toLowerCase(Locale.ROOT) + " age " + ageSeconds + " s";
    }
}
