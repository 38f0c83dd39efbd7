package io.weft.underlay;

class ChannelUdpRunContractTest extends UdpRunContractTest {
    ChannelUdpRunContractTest() {
        super(new UdpImplementation.Channel());
    }
}
