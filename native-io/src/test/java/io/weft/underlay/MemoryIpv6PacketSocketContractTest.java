package io.weft.underlay;

import io.weft.frame.IpPrefix;

class MemoryIpv6PacketSocketContractTest extends Ipv6PacketSocketContractTest {
    private final MemoryNetwork network = new MemoryNetwork();
    private final MemoryHost one = network.host(UdpContract.inet(ADDRESS));
    private final MemoryHost other = network.host(UdpContract.inet(OTHER_ADDRESS));

    MemoryIpv6PacketSocketContractTest() {
        one.locators(IpPrefix.parse(LOCATOR));
        other.locators(IpPrefix.parse(OTHER_LOCATOR));
    }

    @Override
    protected Underlay one() {
        return one;
    }

    @Override
    protected Underlay other() {
        return other;
    }

    @Override
    protected UnderlayPeer neighbour() {
        return UnderlayPeer.of(UdpContract.inet(OTHER_ADDRESS), 0);
    }
}
