package io.weft.underlay;

class MemoryUdpRunContractTest extends UdpRunContractTest {
    MemoryUdpRunContractTest() {
        super(new UdpImplementation.Memory());
    }
}
