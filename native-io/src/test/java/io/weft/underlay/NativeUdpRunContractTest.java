package io.weft.underlay;

import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NativeUdpRunContractTest extends UdpRunContractTest {
    NativeUdpRunContractTest() {
        super(NativeUdpSocket::open);
    }
}
