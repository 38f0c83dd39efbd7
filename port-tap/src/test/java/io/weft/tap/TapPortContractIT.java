package io.weft.tap;

/** The port contract for a TAP, with the kernel at the far end. */
class TapPortContractIT extends NamespaceContractTest {
    @Override
    protected String uri() {
        return "tap:eth0?mtu=9000&offload=" + offload();
    }

    /** The option of the port. */
    String offload() {
        return "on";
    }

    @Override
    protected String farInterface() {
        return "eth0";
    }
}
