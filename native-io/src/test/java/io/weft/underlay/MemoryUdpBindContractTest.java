package io.weft.underlay;

class MemoryUdpBindContractTest extends UdpBindContractTest {
    MemoryUdpBindContractTest() {
        super(new UdpImplementation.Memory());
    }
}
