package io.weft.underlay;

import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NativeUdpSocketContractTest extends UdpSocketContractTest {
    NativeUdpSocketContractTest() {
        super(NativeUdpSocket::open);
    }
}
