package io.weft.underlay;

import java.net.InetAddress;

class MemoryRawIpSocketContractTest extends RawIpSocketContractTest {
    private final MemoryNetwork network = new MemoryNetwork();
    private final MemoryHost one = network.host(address(false), address(true));
    private final MemoryHost other = network.host(otherAddress(false), otherAddress(true));

    MemoryRawIpSocketContractTest() {
        network.mtu(9000);
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
    protected InetAddress address(boolean ipv6) {
        return UdpContract.inet(ipv6 ? "2001:db8::1" : "192.0.2.1");
    }

    @Override
    protected InetAddress otherAddress(boolean ipv6) {
        return UdpContract.inet(ipv6 ? "2001:db8::2" : "192.0.2.2");
    }
}
