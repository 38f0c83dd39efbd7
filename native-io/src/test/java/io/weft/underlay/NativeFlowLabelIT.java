package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.FramePool;
import io.weft.nativeio.LibC;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeMemory;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** IPv6's flow labels (RFC 6437), as they are on the wire. */
class NativeFlowLabelIT {
    private static final int PROTOCOL = 253; // for experiments (RFC 3692)
    private static final int IPV6_FLOWLABEL_MGR = 32;
    private static final int REQUEST_LENGTH =
            32; // struct in6_flowlabel_req: destination, label, action, share, flags...

    private final FramePool pool = new FramePool();
    private TestNetwork network;
    private InetAddress here;
    private InetAddress there;

    @BeforeAll
    static void assumeNamespaces() {
        TestNetwork.assumeAvailable();
    }

    @BeforeEach
    void make() throws Exception {
        pool.own();
        network = new TestNetwork();
        here = InetAddress.getByName("fd77:1::1");
        there = InetAddress.getByName("fd77:2::1");
    }

    @AfterEach
    void close() {
        network.close();
        assertThat(pool.inUse()).isZero();
    }

    private UdpHost udp(String host, InetAddress address) throws UnderlayException {
        UdpSettings settings = UdpSettings.ipv6Only().bindTo(address, 0).in(network.name(host), null);
        return new UdpHost(pool, Underlay.SYSTEM.open(settings));
    }

    private UdpHost raw(String host, InetAddress address) throws UnderlayException {
        RawIpSettings settings =
                RawIpSettings.of(true, PROTOCOL).bindTo(address).in(network.name(host), null);
        return new UdpHost(pool, Underlay.SYSTEM.open(settings));
    }

    private static int label(ByteBuffer packet) {
        return packet.getInt(0) & 0xf_ffff;
    }

    @Test
    void shouldNotMixLabelsInARun() throws Exception {
        try (UdpHost near = udp("near", here);
                UdpHost far = udp("far", there);
                WireTap tap = new WireTap(network.name("router"), "near")) {
            int[] labels = {0x12345, 0x12345, 0x12345, 0xfffff, 0xfffff, 1};
            for (int i = 0; i < labels.length; i++) {
                near.add(UdpHost.bytes(i, 500), far.peer(), 0x28, labels[i]);
            }
            assertThat(((NativeSender) near.sender()).messages()).isEqualTo(3);
            assertThat(near.flush()).containsOnly(SendOutcome.SENT);
            List<UdpHost.Message> received = far.receive(6);
            assertThat(received).extracting(UdpHost.Message::trafficClass).containsOnly(0x28);
            assertThat(received.stream().flatMap(message -> message.datagrams().stream()))
                    .containsExactly(
                            UdpHost.bytes(0, 500),
                            UdpHost.bytes(1, 500),
                            UdpHost.bytes(2, 500),
                            UdpHost.bytes(3, 500),
                            UdpHost.bytes(4, 500),
                            UdpHost.bytes(5, 500));
            assertThat(tap.datagrams(far.peer().port()).stream()
                            .map(NativeFlowLabelIT::label)
                            .distinct())
                    .containsExactly(0x12345, 0xfffff, 1);
        }
    }

    /** Where somebody has a label for himself, the kernel refuses all that the socket has not leased. */
    @Test
    void shouldSendWithoutALabelThatIsNotToBeHad() throws Exception {
        SocketDescriptor[] holder = new SocketDescriptor[1];
        try (NamespaceEntry namespace = new NamespaceEntry(network.name("near"));
                UdpHost near = udp("near", here);
                UdpHost nearRaw = raw("near", here);
                UdpHost far = udp("far", there);
                UdpHost farRaw = raw("far", there);
                WireTap tap = new WireTap(network.name("router"), "near")) {
            namespace.call(() -> holder[0] = new SocketDescriptor(true, LibC.SOCK_DGRAM, 0));
            NativeMemory request = new NativeMemory(REQUEST_LENGTH);
            Sockaddr.putIpv6(request.bytes(), 0, UnderlayPeer.of(there, 0));
            request.bytes().putInt(16, Integer.reverseBytes(0xabcde));
            request.bytes().put(21, (byte) 1).putShort(22, (short) 1); // for this socket only; make it
            holder[0].set("lease", SocketDescriptor.SOL_IPV6, IPV6_FLOWLABEL_MGR, request, REQUEST_LENGTH);
            for (int i = 0; i < 4; i++) {
                near.add(UdpHost.bytes(i, 500), far.peer(), -1, 0xabcde);
                nearRaw.add(UdpHost.bytes(i, 500), UnderlayPeer.of(there, 0), -1, 0xabcde);
            }
            assertThat(near.flush()).hasSize(4).containsOnly(SendOutcome.SENT);
            assertThat(nearRaw.flush()).hasSize(4).containsOnly(SendOutcome.SENT);
            far.receive(4);
            farRaw.receive(4);
            List<ByteBuffer> seen = tap.datagrams(far.peer().port());
            assertThat(seen).isNotEmpty().noneMatch(packet -> label(packet) == 0xabcde);
        } finally {
            if (holder[0] != null) {
                holder[0].close();
            }
        }
    }
}
