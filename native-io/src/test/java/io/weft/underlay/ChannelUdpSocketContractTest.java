package io.weft.underlay;

class ChannelUdpSocketContractTest extends UdpSocketContractTest {
    ChannelUdpSocketContractTest() {
        super(new UdpImplementation.Channel());
    }
}
