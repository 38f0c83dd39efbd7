package io.weft.tap;

/** The port contract for a TAP without virtio headers. */
class PlainTapPortContractIT extends TapPortContractIT {
    @Override
    String offload() {
        return "off";
    }
}
