package io.weft.underlay;

import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NativeUdpBindContractTest extends UdpBindContractTest {
    NativeUdpBindContractTest() {
        super(NativeUdpSocket::open);
    }
}
