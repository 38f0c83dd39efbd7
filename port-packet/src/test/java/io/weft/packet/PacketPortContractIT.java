package io.weft.packet;

import io.weft.tap.NamespaceContractTest;
import io.weft.tap.NetworkNamespace;

/** The port contract over a veth pair. */
class PacketPortContractIT extends NamespaceContractTest {
    @Override
    protected String uri() {
        return "packet:near?promisc=true";
    }

    @Override
    protected String farInterface() {
        return "far";
    }

    @Override
    protected void prepare(NetworkNamespace namespace) {
        namespace.run("ip", "link", "add", "near", "mtu", "9000", "type", "veth", "peer", "name", "far");
        namespace.run("ip", "link", "set", "far", "mtu", "9000", "up");
        namespace.run("ip", "link", "set", "near", "up");
    }
}
