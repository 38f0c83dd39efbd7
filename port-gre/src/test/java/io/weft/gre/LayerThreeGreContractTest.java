package io.weft.gre;

import io.weft.port.PortContractTest;

/** A layer-3 port over a network in memory, under a switch with threads. */
class LayerThreeGreContractTest extends PortContractTest {
    @Override
    protected Peer newPeer() {
        return GrePortContractTest.peer("gre:l?remote_ip=10.0.0.2&key=100", 1_500 - 28 + 14);
    }
}
