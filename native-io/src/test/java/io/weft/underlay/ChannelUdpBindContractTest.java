package io.weft.underlay;

class ChannelUdpBindContractTest extends UdpBindContractTest {
    ChannelUdpBindContractTest() {
        super(new UdpImplementation.Channel());
    }
}
