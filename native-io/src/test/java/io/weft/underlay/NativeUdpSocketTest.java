package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.FramePool;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams between two sockets of the kernel on the loopback interface. */
class NativeUdpSocketTest {
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

    private static UdpSettings loopback(boolean ipv6) throws Exception {
        return ipv6
                ? UdpSettings.ipv6Only().bindTo(InetAddress.getByName("::1"), 0)
                : UdpSettings.ipv4().bindTo(InetAddress.getByName("127.0.0.1"), 0);
    }

    private UdpHost host(UdpSettings settings) throws UnderlayException {
        UdpHost host = new UdpHost(pool, UdpSocket.open(settings));
        hosts.add(host);
        return host;
    }

    private static List<SendOutcome> sent(int count) {
        return Collections.nCopies(count, SendOutcome.SENT);
    }

    private static List<byte[]> datagrams(List<UdpHost.Message> messages) {
        List<byte[]> all = new ArrayList<>();
        messages.forEach(message -> all.addAll(message.datagrams()));
        return all;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCarryDatagramsOfAnyLengthInOrder(boolean ipv6) throws Exception {
        UdpHost sender = host(loopback(ipv6));
        UdpHost receiver = host(loopback(ipv6));
        int longest = ipv6 ? 65_488 : 65_507; // IPv4: of any; IPv6: of the MTU, 65,536
        int[] lengths = {0, 1, 1, 0, 8, 1472, 9000, longest, 1, 40, 40, 40, 39, 40, 0, 64};
        List<byte[]> expected = new ArrayList<>();
        for (int i = 0; i < lengths.length; i++) {
            byte[] bytes = UdpHost.bytes(i, lengths[i]);
            expected.add(bytes);
            sender.add(bytes, receiver.peer());
        }
        assertThat(sender.flush()).isEqualTo(sent(lengths.length));
        assertThat(datagrams(receiver.receive(lengths.length)))
                .usingRecursiveComparison()
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendARunAsOneMessage(boolean ipv6) throws Exception {
        UdpHost sender = host(loopback(ipv6));
        UdpHost receiver = host(loopback(ipv6));
        List<byte[]> expected = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            byte[] bytes = UdpHost.bytes(i, i < 39 ? 1400 : 700);
            expected.add(bytes);
            sender.add(bytes, receiver.peer());
        }
        assertThat(sender.flush()).isEqualTo(sent(40));
        List<UdpHost.Message> messages = receiver.receive(40);
        assertThat(messages).hasSize(1);
        UdpHost.Message message = messages.get(0);
        assertThat(message.segmentSize()).isEqualTo(1400);
        assertThat(message.source()).isEqualTo(sender.peer());
        assertThat(message.destinationHigh()).isEqualTo(receiver.peer().high());
        assertThat(message.destinationLow()).isEqualTo(receiver.peer().low());
        assertThat(message.datagrams()).usingRecursiveComparison().isEqualTo(expected);
    }
}
