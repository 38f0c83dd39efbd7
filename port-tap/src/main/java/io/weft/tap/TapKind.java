package io.weft.tap;

import io.weft.frame.Ethernet;

/** What a device of the TUN driver carries. */
enum TapKind {
    /** Ethernet frames. */
    TAP("tap", (short) 2, 0),
    /** IP packets, which the port gives an Ethernet header and takes it off. */
    TUN("tun", (short) 1, Ethernet.HEADER_LENGTH);

    private final String scheme;
    private final short flag;
    private final int missing;

    TapKind(String scheme, short flag, int missing) {
        this.scheme = scheme;
        this.flag = flag;
        this.missing = missing;
    }

    /** What it is called in URIs, by {@code ip tuntap} and by the driver. */
    String scheme() {
        return scheme;
    }

    /** IFF_TAP or IFF_TUN. */
    short flag() {
        return flag;
    }

    /** Bytes of a frame's Ethernet header that what the device reads and writes does not have. */
    int missing() {
        return missing;
    }
}
