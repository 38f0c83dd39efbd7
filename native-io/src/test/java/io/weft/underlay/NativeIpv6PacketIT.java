package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpPrefix;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What sockets for whole IPv6 packets get from the kernel, its links and its routers. */
@Timeout(60)
class NativeIpv6PacketIT {
    private static final int ETHERNET = 143;
    private static final int IPV6 = 41;
    private static final int IPV4 = 4;
    private static final int ROUTING = 43;
    private static final String SID = "fc78:2:0:d2::7";
    private static final int PARTIAL = Frame.OFFLOAD_CHECKSUM_PARTIAL;

    private final FramePool pool = new FramePool(4096, 256);

    @BeforeEach
    void own() {
        pool.own();
        TestNetwork.assumeAvailable();
    }

    @AfterEach
    void check() {
        assertThat(pool.inUse()).as("frames not given back").isZero();
    }

    private static UnderlayPeer peer(String address) {
        return UnderlayPeer.of(UdpContract.inet(address), 0);
    }

    private static byte[] packet(int nextHeader, String source, String destination, byte[] payload) {
        UnderlayPeer from = peer(source);
        UnderlayPeer to = peer(destination);
        return MemoryPacket.of(new MemoryDatagram(nextHeader, payload, from, to, 0, 64, 0, true, false, true));
    }

    private UdpHost open(String netns, String... prefixes) throws UnderlayException {
        List<IpPrefix> destinations = Stream.of(prefixes).map(IpPrefix::parse).toList();
        return new UdpHost(
                pool, Underlay.SYSTEM.open(Ipv6PacketSettings.of(destinations).in(netns, null)));
    }

    // ---- errors ----

    @Test
    void shouldTellWhatARouterRefuses() throws Exception {
        byte[] routing = new byte[1400];
        ByteBuffer.wrap(routing).put((byte) ETHERNET).put((byte) 2).put((byte) 4);
        try (TestNetwork network = new TestNetwork();
                UdpHost host = open(network.name("near"))) {
            network.in("far", "ip -6 addr add fd77:2::2/64 dev uplink nodad");
            network.in("far", "ip -6 addr add fd77:2::3/64 dev uplink nodad");
            network.in("far", "ip -6 addr add fd77:2::4/64 dev uplink nodad");
            int[] headers = {ETHERNET, IPV6, IPV4, ROUTING};
            for (int i = 0; i < headers.length; i++) {
                String far = "fd77:2::" + (i + 1);
                byte[] payload = headers[i] == ROUTING ? routing : new byte[1400];
                assertThat(host.isReady(0)).isFalse();
                SendOutcome outcome = host.send(packet(headers[i], "fd77:1::1", far, payload), peer(far));
                assertThat(outcome).isEqualTo(SendOutcome.SENT);
                assertThat(host.errors(1))
                        .as("next header " + headers[i])
                        .containsExactly("tooBig " + far + " 0 mtu " + TestNetwork.NARROW_MTU);
                assertThat(host.socket().pathMtu(peer(far))).isEqualTo(TestNetwork.NARROW_MTU);
            }
        }
    }

    @Test
    void shouldTellThatThereIsNoWayToAPeer() throws Exception {
        try (TestNetwork network = new TestNetwork();
                UdpHost host = open(network.name("near"))) {
            network.in("router", "ip -6 route add unreachable fd77:9::/32");
            host.send(packet(ETHERNET, "fd77:1::1", "fd77:9::1", new byte[60]), peer("fd77:9::1"));
            assertThat(host.errors(1)).containsExactly("unreachable fd77:9::1 0");
            // A host that has the address, but nobody who wants what the packet carries, refuses it.
            host.send(packet(IPV4, "fd77:1::1", "fd77:2::1", new byte[60]), peer("fd77:2::1"));
            assertThat(host.errors(1)).containsExactly("refused fd77:2::1 0");
        }
    }

    // ---- what the kernel leaves to be done ----

    @Test
    void shouldTellWhatIsLeftToBeDoneToWhatTheKernelEncapsulates() throws Exception {
        try (Ipv6PacketHosts hosts = new Ipv6PacketHosts();
                UdpHost host = open(hosts.name("other"), SID + "/128")) {
            String route = "ip -6 route add fd99::/64 encap seg6 mode encap segs " + SID + " dev uplink";
            try {
                hosts.in("one", route);
            } catch (IllegalStateException e) {
                Assumptions.abort("skipped: the kernel cannot encapsulate: " + e.getMessage());
            }
            Frame[] landings = {pool.allocate(Frame.MAX_LENGTH)};
            try (SocketChannel client = channel(hosts.name("one"))) {
                client.configureBlocking(false);
                client.connect(new InetSocketAddress("fd99::1", 5001));
                host.awaitReadable();
                assertThat(host.socket().receiver().receive(landings, 1)).isEqualTo(1);
            }
            Frame packet = landings[0];
            packet.length(host.socket().receiver().length(0));
            int tcp = 40 + 24 + 40;
            assertThat(packet.getByte(6)).isEqualTo(ROUTING);
            assertThat(packet.getShort(tcp + 2)).as("port").isEqualTo(5001);
            assertThat(packet.offloadFlags() & PARTIAL).isEqualTo(PARTIAL);
            assertThat(packet.checksumStart()).isEqualTo(tcp);
            assertThat(packet.checksumOffset()).isEqualTo(16);
            packet.release();
        }
    }

    @Test
    void shouldReceiveTheKernelsSuperFramesWhole() throws Exception {
        try (Ipv6PacketHosts hosts = new Ipv6PacketHosts();
                UdpHost host = open(hosts.name("other"), SID + "/128");
                UnderlaySocket sender = hosts.underlay("one").open(UdpSettings.ipv6Only())) {
            try {
                hosts.in("one", "ip -6 route add fd99::/64 encap seg6 mode encap segs " + SID + " dev uplink");
            } catch (IllegalStateException e) {
                Assumptions.abort("skipped: the kernel cannot encapsulate: " + e.getMessage());
            }
            try (UdpHost source = new UdpHost(pool, sender)) {
                UnderlayPeer to =
                        new UnderlayPeer(peer("fd99::1").high(), peer("fd99::1").low(), 0, 9);
                for (int i = 0; i < 8; i++) {
                    source.add(UdpHost.bytes(i, 1000), to);
                }
                assertThat(source.flush()).containsOnly(SendOutcome.SENT);
            }
            Frame[] landings = {pool.allocate(Frame.MAX_LENGTH)};
            host.awaitReadable();
            assertThat(host.socket().receiver().receive(landings, 1)).isEqualTo(1);
            Frame packet = landings[0];
            int length = host.socket().receiver().length(0);
            assertThat(length).isEqualTo(40 + packet.getShort(4));
            Assumptions.assumeTrue(
                    length > 1500, "skipped: the kernel cuts what it encapsulates (here " + length + " bytes)");
            assertThat(length).isEqualTo(40 + 24 + 40 + 8 + 8 * 1000);
            assertThat(packet.gsoSize()).isEqualTo(1000);
            assertThat(packet.gsoType() & 0x7f).isEqualTo(5); // VIRTIO_NET_HDR_GSO_UDP_L4
            assertThat(packet.headerLength()).isEqualTo(40 + 24 + 40 + 8);
            assertThat(packet.checksumStart()).isEqualTo(40 + 24 + 40);
            packet.release();
        }
    }

    private static SocketChannel channel(String netns) throws IOException {
        List<SocketChannel> made = new ArrayList<>();
        try (NamespaceEntry namespace = new NamespaceEntry(netns)) {
            namespace.call(() -> made.add(SocketChannel.open()));
        }
        return made.get(0);
    }

    // ---- links ----

    @Test
    void shouldReceiveOnceWhatComesByLoopback() throws Exception {
        try (RawIpNamespace namespace = new RawIpNamespace()) {
            namespace.in("ip -6 route add local fc78::/16 dev lo");
            try (UdpHost host = open(namespace.name(), "fc78:1::/32", "fc78:2::/32")) {
                for (int nextHeader : new int[] {ETHERNET, IPV6, IPV4, ROUTING}) {
                    byte[] packet = packet(nextHeader, "fd77::1", SID, new byte[64]);
                    assertThat(host.send(packet, peer(SID))).isEqualTo(SendOutcome.SENT);
                    assertThat(host.receive(1).get(0).bytes()).isEqualTo(packet);
                    assertThat(host.receiveNow()).isEmpty();
                    assertThat(host.errorsNow()).as("answers").isEmpty();
                }
            }
        }
    }

    /** Which it does for an address that a local route makes the machine's, where no raw socket is there for what a packet carries. */
    @Test
    void shouldKeepTheKernelFromAnsweringThatItKnowsNoEthernet() throws Exception {
        try (RawIpNamespace namespace = new RawIpNamespace()) {
            namespace.in("ip -6 route add local fc78::/16 dev lo");
            Ipv6PacketSettings wanted = Ipv6PacketSettings.of(List.of(IpPrefix.parse("fc78::/16")));
            Ipv6PacketSettings sending = Ipv6PacketSettings.sending().from(UdpContract.inet("fd77::1"));
            try (UdpHost source = new UdpHost(pool, Underlay.SYSTEM.open(sending.in(namespace.name(), null)))) {
                try (UdpHost host = new UdpHost(
                        pool, Underlay.SYSTEM.open(wanted.withoutErrors().in(namespace.name(), null)))) {
                    for (int nextHeader : new int[] {ETHERNET, IPV6, IPV4}) {
                        byte[] packet = packet(nextHeader, "fd77::1", SID, new byte[64]);
                        assertThat(source.send(packet, peer(SID))).isEqualTo(SendOutcome.SENT);
                        assertThat(host.receive(1).get(0).bytes()).isEqualTo(packet);
                        assertThat(source.errorsNow()).as("answers").isEmpty();
                    }
                }
                source.send(packet(ETHERNET, "fd77::1", SID, new byte[64]), peer(SID));
                assertThat(source.errors(1)).as("answers").hasSize(1); // now that nobody is there
            }
        }
    }

    /** A TUN device's packets have no header of the link's. */
    @Test
    void shouldReceiveFromLinksWithoutHeaders() throws Exception {
        try (RawIpNamespace namespace = new RawIpNamespace()) {
            int[] tun = {-1};
            try (NamespaceEntry entry = new NamespaceEntry(namespace.name())) {
                entry.call(() -> tun[0] = openTun("weft-tun"));
            }
            try (UdpHost host = open(namespace.name(), "fc78:2::/32")) {
                namespace.in("ip link set weft-tun up");
                for (int length : new int[] {0, 5, 1400}) {
                    byte[] packet = packet(ETHERNET, "fd77::9", SID, UdpHost.bytes(length, length));
                    NativeMemory memory = new NativeMemory(packet.length);
                    memory.bytes().put(0, packet);
                    assertThat(Linux.libc().write(tun[0], memory.address(), packet.length))
                            .isEqualTo(packet.length);
                    assertThat(host.receive(1).get(0).bytes()).isEqualTo(packet);
                }
            } finally {
                Linux.libc().close(tun[0]);
            }
        }
    }

    private static int openTun(String name) throws NativeException {
        int descriptor = NativeException.check("open /dev/net/tun", Linux.libc().open("/dev/net/tun", LibC.O_RDWR));
        NativeMemory request = new NativeMemory(40); // struct ifreq
        request.bytes().put(0, name.getBytes(StandardCharsets.US_ASCII)).putShort(16, (short) 0x1001); // IFF_TUN, no PI
        NativeException.check("TUNSETIFF", Linux.libc().ioctl(descriptor, 0x4004_54ca, request.address()));
        return descriptor;
    }

    @Test
    void shouldReceiveByOneInterfaceOnly() throws Exception {
        try (Ipv6PacketHosts hosts = new Ipv6PacketHosts()) {
            hosts.in("other", "ip -6 route del blackhole " + Ipv6PacketSocketContractTest.OTHER_LOCATOR);
            hosts.in("other", "ip -6 route add local " + Ipv6PacketSocketContractTest.OTHER_LOCATOR + " dev lo");
            List<IpPrefix> wanted = List.of(IpPrefix.parse(Ipv6PacketSocketContractTest.OTHER_LOCATOR));
            try (UdpHost loopback = new UdpHost(
                            pool,
                            Underlay.SYSTEM.open(Ipv6PacketSettings.of(wanted).in(hosts.name("other"), "lo")));
                    UdpHost any = open(hosts.name("other"), Ipv6PacketSocketContractTest.OTHER_LOCATOR);
                    UdpHost one = open(hosts.name("one"))) {
                one.send(packet(ETHERNET, "fd78::1", SID, new byte[1]), peer(SID));
                any.receive(1);
                any.send(packet(ETHERNET, "fd78::1", SID, new byte[2]), peer(SID));
                assertThat(loopback.receive(1).get(0).bytes()).hasSize(42);
                assertThat(any.receive(1).get(0).bytes()).hasSize(42);
                assertThat(loopback.receiveNow()).isEmpty();
            }
        }
    }

    // ---- opening ----

    @Test
    void shouldSayWhatCannotBeHad() {
        Ipv6PacketSettings settings = Ipv6PacketSettings.of(List.of());
        assertThatThrownBy(() -> Underlay.SYSTEM.open(settings.in(null, "weft-none")))
                .isInstanceOf(UnderlayException.class)
                .hasMessageContainingAll("no such interface 'weft-none'", "there are: ", "lo");
        assertThatThrownBy(() -> Underlay.SYSTEM.open(settings.in("weft-none", null)))
                .isInstanceOf(UnderlayException.class)
                .hasMessageContaining("ip netns add weft-none");
        assertThatThrownBy(() -> Underlay.SYSTEM.open(settings.from(UdpContract.inet("fe80::7"))))
                .isInstanceOf(UnderlayException.class)
                .hasMessageContaining("fe80:0:0:0:0:0:0:7");
    }

    @Test
    void shouldLeaveNothingReadyBehind() throws Exception {
        try (Ipv6PacketHosts hosts = new Ipv6PacketHosts();
                UdpHost host = open(hosts.name("other"), SID + "/128");
                UdpHost one = open(hosts.name("one"))) {
            for (int i = 0; i < 200; i++) {
                one.send(packet(ETHERNET, "fd78::1", SID, new byte[i]), peer(SID));
                one.send(packet(IPV4, "fd78::1", "fd78::2", new byte[60]), peer("fd78::2"));
            }
            host.receive(200);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (one.isReady(0) && System.nanoTime() < deadline) {
                one.receiveNow();
                one.errorsNow();
            }
            assertThat(one.isReady(0)).isFalse();
            assertThat(host.isReady(0)).isFalse();
        }
    }
}
