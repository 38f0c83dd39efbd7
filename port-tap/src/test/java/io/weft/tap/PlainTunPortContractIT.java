package io.weft.tap;

/** The port contract for a TUN without virtio headers. */
class PlainTunPortContractIT extends TunPortContractIT {
    @Override
    String offload() {
        return "off";
    }
}
