package io.weft.underlay;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NativeIpv6PacketSocketContractTest extends Ipv6PacketSocketContractTest {
    private static Ipv6PacketHosts hosts;

    @BeforeAll
    static void make() {
        TestNetwork.assumeAvailable();
        hosts = new Ipv6PacketHosts();
    }

    @AfterAll
    static void remove() {
        if (hosts != null) {
            hosts.close();
        }
    }

    @Override
    protected Underlay one() {
        return hosts.underlay("one");
    }

    @Override
    protected Underlay other() {
        return hosts.underlay("other");
    }

    @Override
    protected UnderlayPeer neighbour() {
        return hosts.linkLocalOfOther();
    }
}
