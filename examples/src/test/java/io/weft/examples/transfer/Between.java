package io.weft.examples.transfer;

/** What lies between two hosts. */
enum Between {
    /** One switch, with both. */
    ONE_SWITCH(false),
    /** Two switches of this JVM, joined by a patch. */
    PATCH(false),
    /** Two switches joined by a WebSocket. */
    WEBSOCKET(false),
    /** Two switches joined by a unix stream socket, as QEMU's virtual machines are. */
    QEMU(false),
    /** As {@link #PATCH}, but the hosts are in VLAN 10 and the patch is a trunk. */
    PATCH_TRUNK(true),
    /** As {@link #WEBSOCKET}, but the hosts are in VLAN 10 and the connection is a trunk. */
    WEBSOCKET_TRUNK(true);

    private final boolean tagged;

    Between(boolean tagged) {
        this.tagged = tagged;
    }

    /** Whether frames have a VLAN tag on the way. */
    boolean tagged() {
        return tagged;
    }
}
