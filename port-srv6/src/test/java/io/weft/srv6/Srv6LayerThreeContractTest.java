package io.weft.srv6;

import io.weft.port.PortContractTest;

/** A layer-3 port over a network in memory, under a switch with threads; a cross-connect, which leaves packets as they are. */
class Srv6LayerThreeContractTest extends PortContractTest {
    @Override
    protected Peer newPeer() {
        return Srv6PortContractTest.peer("srv6:l?mode=l3&sid=fc00:1::1 End.DX4 oif l", true, 1_500 - 64 + 14);
    }
}
