package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.FramePool;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of ICMP to what was sent, which the kernel tells to whichever call comes next. */
class NativeUdpErrorsTest {
    private final FramePool pool = new FramePool();
    private final List<UdpHost> hosts = new ArrayList<>();

    @BeforeEach
    void own() {
        pool.own();
    }

    @AfterEach
    void close() {
        hosts.forEach(UdpHost::close);
        assertThat(pool.inUse()).isZero();
    }

    private UdpHost host(boolean ipv6) throws Exception {
        UdpSettings settings = ipv6 ? UdpSettings.ipv6Only() : UdpSettings.ipv4();
        InetAddress address = InetAddress.getByName(ipv6 ? "::1" : "127.0.0.1");
        UdpHost host = new UdpHost(pool, NativeUdpSocket.open(settings.bindTo(address, 0)));
        hosts.add(host);
        return host;
    }

    /** A port where nobody listens any more. */
    private static UnderlayPeer nobody(boolean ipv6) throws Exception {
        UdpSettings settings = ipv6 ? UdpSettings.ipv6Only() : UdpSettings.ipv4();
        InetAddress address = InetAddress.getByName(ipv6 ? "::1" : "127.0.0.1");
        try (UnderlaySocket gone = NativeUdpSocket.open(settings.bindTo(address, 0))) {
            return UnderlayPeer.of(address, gone.local().getPort());
        }
    }

    /** What comes back over the loopback is there before the call that sent ends. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendToOthersWhileAnAnswerIsPending(boolean ipv6) throws Exception {
        UdpHost one = host(ipv6);
        UdpHost other = host(ipv6);
        UnderlayPeer nobody = nobody(ipv6);
        for (int i = 0; i < 100; i++) {
            one.add(UdpHost.bytes(i, 20), nobody);
            one.add(UdpHost.bytes(i, 20 + i), other.peer());
        }
        assertThat(one.flush()).containsOnly(SendOutcome.SENT);
        List<UdpHost.Message> received = other.receive(100);
        for (int i = 0; i < 100; i++) {
            assertThat(received.get(i).bytes()).isEqualTo(UdpHost.bytes(i, 20 + i));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReceiveWhileAnAnswerIsPending(boolean ipv6) throws Exception {
        UdpHost one = host(ipv6);
        UdpHost other = host(ipv6);
        UnderlayPeer nobody = nobody(ipv6);
        for (int i = 0; i < 100; i++) {
            other.send(UdpHost.bytes(i, 20 + i), one.peer());
            one.send(UdpHost.bytes(i, 20), nobody);
            List<UdpHost.Message> received = one.receiveNow();
            assertThat(one.socket().receiver().failure()).isZero();
            assertThat(received).hasSize(1);
            assertThat(received.get(0).bytes()).isEqualTo(UdpHost.bytes(i, 20 + i));
        }
    }

    @Test
    void shouldNotKeepTheDescriptorReadyWhenErrorsAreRead() throws Exception {
        UdpHost one = host(false);
        UnderlayPeer nobody = nobody(false);
        assertThat(one.isReady(0)).isFalse();
        for (int i = 0; i < 5; i++) {
            one.send(UdpHost.bytes(i, 20), nobody);
        }
        assertThat(one.isReady(0)).isTrue();
        assertThat(one.receiveNow()).isEmpty();
        assertThat(one.errorsNow()).hasSize(5).containsOnly("refused 127.0.0.1 " + nobody.port());
        assertThat(one.receiveNow()).isEmpty();
        assertThat(one.isReady(0)).isFalse();
        assertThat(one.errorsNow()).isEmpty();
    }

    @Test
    void shouldReadAFloodOfErrorsInParts() throws Exception {
        UdpHost one = host(false);
        UnderlayPeer nobody = nobody(false);
        for (int i = 0; i < 150; i++) {
            one.send(UdpHost.bytes(i, 20), nobody);
        }
        List<Integer> parts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            parts.add(one.errorsNow().size());
        }
        assertThat(parts).containsExactly(64, 64, 22, 0);
    }

    /** While datagrams keep coming the queue is looked at only when a call has failed; and then it is. */
    @Test
    void shouldReadErrorsWhileDatagramsKeepComing() throws Exception {
        UdpHost one = host(false);
        UdpHost other = host(false);
        UnderlayPeer nobody = nobody(false);
        int count = one.socket().receiver().capacity();
        for (int i = 0; i < count + 1; i++) {
            other.send(UdpHost.bytes(i, 20), one.peer());
        }
        one.send(UdpHost.bytes(1, 20), nobody);
        assertThat(one.receiveOnce()).hasSize(count);
        assertThat(one.errorsNow()).containsExactly("refused 127.0.0.1 " + nobody.port());
        assertThat(one.receiveNow()).hasSize(1);
    }

    @Test
    void shouldCountWhatThereIsNoRoomForAsOftenAsItHappens() throws Exception {
        UdpHost one = host(false);
        UdpHost other = new UdpHost(
                pool,
                NativeUdpSocket.open(UdpSettings.ipv4()
                        .bindTo(InetAddress.getByName("127.0.0.1"), 0)
                        .buffers(16_384, 0)));
        hosts.add(other);
        UnderlayReceiver receiver = other.socket().receiver();
        assertThat(receiver.takeOverflow()).isZero();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 100; i++) {
                one.send(UdpHost.bytes(i, 1000), other.peer());
            }
            int received = other.receiveNow().size();
            assertThat(received).isBetween(1, 99);
            assertThat(receiver.takeOverflow()).isEqualTo(100 - received);
            assertThat(receiver.takeOverflow()).isZero();
        }
    }
}
