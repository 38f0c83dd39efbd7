package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.nativeio.LibC;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel's raw sockets do beyond the contract. */
class NativeRawIpSocketTest {
    private static final int PROTOCOL = 253; // for experiments (RFC 3692)
    private static final int IP_OPTIONS = 4;

    private final FramePool pool = new FramePool();
    private final List<UdpHost> hosts = new ArrayList<>();
    private RawIpNamespace namespace;

    @BeforeEach
    void make() {
        TestNetwork.assumeAvailable();
        pool.own();
        namespace = new RawIpNamespace();
    }

    @AfterEach
    void close() {
        try {
            hosts.forEach(UdpHost::close);
        } finally {
            if (namespace != null) {
                namespace.close();
            }
        }
        assertThat(pool.inUse()).isZero();
    }

    private static UnderlayPeer peer(boolean ipv6, int number) {
        return UnderlayPeer.of(RawIpNamespace.address(ipv6, number), 0);
    }

    private UdpHost host(boolean ipv6, int number) throws UnderlayException {
        RawIpSettings settings = RawIpSettings.of(ipv6, PROTOCOL).bindTo(RawIpNamespace.address(ipv6, number));
        UdpHost host = new UdpHost(pool, namespace.underlay().open(settings));
        hosts.add(host);
        return host;
    }

    @Test
    void shouldFindThePayloadBehindOptions() throws Exception {
        UdpHost other = host(false, 2);
        UdpHost plain = host(false, 1);
        RawIpSettings settings = RawIpSettings.of(false, PROTOCOL).header(64, 0x28, false);
        SocketDescriptor[] opened = new SocketDescriptor[1];
        try (NamespaceEntry entry = new NamespaceEntry(namespace.name())) {
            entry.call(() -> opened[0] = new SocketDescriptor(false, LibC.SOCK_RAW, PROTOCOL));
            new IpSetup(opened[0], settings, Set.of(), new ArrayList<>()).apply();
            NativeMemory options = new NativeMemory(40);
            for (int i = 0; i < 39; i++) {
                options.bytes().put(i, (byte) 1); // no operation; the last one ends them
            }
            opened[0].set("IP_OPTIONS", SocketDescriptor.SOL_IP, IP_OPTIONS, options, 40);
            NativeSender sender =
                    new NativeSender(opened[0], new ErrorQueue(opened[0].number(), false), settings, false);
            int[] lengths = {100, 0, 65_535 - 60, 3000};
            for (int length : lengths) {
                Frame frame = pool.allocate(length);
                frame.putBytes(0, UdpHost.bytes(length, length), 0, length);
                sender.add(frame, peer(false, 2), -1);
                sender.flush();
                assertThat(sender.outcome(0)).isEqualTo(SendOutcome.SENT);
                sender.clear();
                frame.release();
                plain.send(UdpHost.bytes(7, 77), peer(false, 2)); // into landings that may have moved
            }
            List<UdpHost.Message> received = other.receive(8);
            for (int i = 0; i < lengths.length; i++) {
                assertThat(received.get(2 * i).bytes()).isEqualTo(UdpHost.bytes(lengths[i], lengths[i]));
                assertThat(received.get(2 * i).trafficClass()).isEqualTo(0x28);
                assertThat(received.get(2 * i + 1).bytes()).isEqualTo(UdpHost.bytes(7, 77));
            }
        } finally {
            if (opened[0] != null) {
                opened[0].close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSayWhatWasCut(boolean ipv6) throws Exception {
        UdpHost one = host(ipv6, 1);
        UnderlayReceiver receiver = host(ipv6, 2).socket().receiver();
        one.send(UdpHost.bytes(1, 5000), peer(ipv6, 2));
        Frame landing = pool.allocate(100); // a small one
        assertThat(receiver.receive(new Frame[] {landing}, 1)).isEqualTo(1);
        assertThat(receiver.isCut(0)).isTrue();
        assertThat(receiver.length(0)).isEqualTo(landing.capacity());
        landing.length(receiver.length(0));
        assertThat(landing.toByteArray()).isEqualTo(Arrays.copyOf(UdpHost.bytes(1, 5000), landing.capacity()));
        landing.release();
    }

    /** Fragments are put together before the filter sees them, and it is not too long for the kernel at its longest. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFilterBySixtyFourSourcesAndNotByMore(boolean ipv6) throws Exception {
        UdpHost one = host(ipv6, 1);
        UdpHost other = host(ipv6, 2);
        List<UnderlayPeer> sources = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            sources.add(ipv6 ? new UnderlayPeer(i, i, 0, 0) : UnderlayPeer.ofIpv4(0x0a00_0000 + i, 0));
        }
        other.socket().receiveFrom(sources);
        one.send(UdpHost.bytes(1, 5000), peer(ipv6, 2));
        assertThat(other.receiveNow()).isEmpty();
        assertThat(other.isReady(0)).isFalse();
        sources.add(peer(ipv6, 9));
        other.socket().receiveFrom(sources);
        one.send(UdpHost.bytes(2, 5000), peer(ipv6, 2));
        assertThat(other.receiveNow()).extracting(UdpHost.Message::bytes).containsExactly(UdpHost.bytes(2, 5000));
        assertThat(other.socket().receiver().takeOverflow()).isZero();
    }
}
