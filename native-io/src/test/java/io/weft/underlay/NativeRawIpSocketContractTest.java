package io.weft.underlay;

import java.net.InetAddress;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NativeRawIpSocketContractTest extends RawIpSocketContractTest {
    private static RawIpNamespace namespace;

    @BeforeAll
    static void make() {
        TestNetwork.assumeAvailable();
        namespace = new RawIpNamespace();
    }

    @AfterAll
    static void remove() {
        if (namespace != null) {
            namespace.close();
        }
    }

    @Override
    protected Underlay one() {
        return namespace.underlay();
    }

    @Override
    protected Underlay other() {
        return namespace.underlay();
    }

    @Override
    protected InetAddress address(boolean ipv6) {
        return RawIpNamespace.address(ipv6, 1);
    }

    @Override
    protected InetAddress otherAddress(boolean ipv6) {
        return RawIpNamespace.address(ipv6, 2);
    }
}
