package io.weft.underlay;

class MemoryUdpSocketContractTest extends UdpSocketContractTest {
    MemoryUdpSocketContractTest() {
        super(new UdpImplementation.Memory());
    }
}
