package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.frame.FramePool;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That the buffer a socket has by itself holds what it is made for: a burst of 64 super-frames. */
@EnabledOnOs(OS.LINUX)
class NativeUdpBurstTest {
    private static final int SUPER_FRAMES = 64;
    private static final int DATAGRAMS = 45; // of each
    private static final int LENGTH = 1472; // of each of those: a packet of 1,500 bytes

    private final FramePool pool = new FramePool();

    @BeforeEach
    void own() {
        pool.own();
    }

    @AfterEach
    void checkPool() {
        assertThat(pool.inUse()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldHoldABurst(boolean asRuns) throws Exception {
        UdpSettings settings = UdpSettings.ipv4().bindTo(InetAddress.getByName("127.0.0.1"), 0);
        try (UdpHost one = new UdpHost(pool, NativeUdpSocket.open(settings.checksums(asRuns, false)));
                UdpHost other = new UdpHost(pool, NativeUdpSocket.open(settings))) {
            String less = String.join("; ", other.socket().notes());
            assumeTrue(!less.contains("receive buffer"), "skipped: " + less);
            for (int i = 0; i < SUPER_FRAMES; i++) {
                for (int j = 0; j < DATAGRAMS; j++) {
                    one.add(UdpHost.bytes(i * DATAGRAMS + j, LENGTH), other.peer());
                }
                int messages = ((NativeSender) one.sender()).messages();
                assertThat(messages).isEqualTo(asRuns ? 2 : DATAGRAMS); // 65,485 bytes have room for 44
                assertThat(one.flush()).containsOnly(SendOutcome.SENT);
            }
            List<byte[]> received = new ArrayList<>();
            other.receiveNow().forEach(message -> received.addAll(message.datagrams()));
            assertThat(other.socket().receiver().takeOverflow()).isZero();
            assertThat(received).hasSize(SUPER_FRAMES * DATAGRAMS);
            for (int i = 0; i < received.size(); i++) {
                assertThat(received.get(i)).isEqualTo(UdpHost.bytes(i, LENGTH));
            }
        }
    }
}
