package io.weft.tap;

/** The port contract for a TUN, with the kernel at the far end. */
class TunPortContractIT extends NamespaceContractTest {
    @Override
    protected String uri() {
        return "tun:tun0?mtu=9000&offload=" + offload();
    }

    /** The option of the port. */
    String offload() {
        return "on";
    }

    @Override
    protected String farInterface() {
        return "tun0";
    }

    @Override
    protected boolean layer3() {
        return true;
    }
}
