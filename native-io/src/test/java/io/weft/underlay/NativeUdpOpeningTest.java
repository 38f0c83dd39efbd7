package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.FramePool;
import io.weft.nativeio.Errno;
import io.weft.nativeio.NativeException;
import java.net.InetAddress;
import java.util.Collections;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a socket says that cannot be had, or not as it was asked for; and what it does without. */
class NativeUdpOpeningTest {
    private static final UnderlayException.Kind PORT_IN_USE = UnderlayException.Kind.PORT_IN_USE;

    private static UdpSettings loopback() throws Exception {
        return UdpSettings.ipv4().bindTo(InetAddress.getByName("127.0.0.1"), 0);
    }

    private static void assertRefused(UdpSettings settings, UnderlayException.Kind kind, String... words)
            throws Exception {
        int before = OpenSockets.count();
        assertThatThrownBy(() -> Underlay.SYSTEM.open(settings))
                .isInstanceOfSatisfying(
                        UnderlayException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContainingAll(words);
        assertThat(OpenSockets.count()).as("sockets left behind").isEqualTo(before);
    }

    @Test
    void shouldSayWhatHelps() throws Exception {
        assertRefused(
                UdpSettings.ipv4().bindTo(InetAddress.getByName("192.0.2.77"), 0),
                UnderlayException.Kind.NO_SUCH_ADDRESS,
                "192.0.2.77",
                "ip addr");
        assertRefused(
                UdpSettings.ipv6Only().bindTo(InetAddress.getByName("fe80::77"), 0),
                UnderlayException.Kind.NO_SUCH_ADDRESS,
                "fe80:0:0:0:0:0:0:77",
                "fe80::1%eth0");
        assertRefused(
                UdpSettings.ipv4().in(null, "weft-none"),
                UnderlayException.Kind.NO_SUCH_INTERFACE,
                "'weft-none'",
                "there are: ",
                "lo");
        assertRefused(
                UdpSettings.ipv4().in("weft-none", null),
                UnderlayException.Kind.NO_NAMESPACE,
                "'weft-none'",
                "ip netns add weft-none");
    }

    @Test
    void shouldSayThatPortsAreInUse() throws Exception {
        try (UnderlaySocket one = Underlay.SYSTEM.open(loopback())) {
            int port = one.local().getPort();
            assertRefused(
                    loopback().bindTo(one.local().getAddress(), port),
                    PORT_IN_USE,
                    "UDP port " + port + " of 127.0.0.1",
                    "ss -ulpn 'sport = :" + port + "'");
            assertRefused(UdpSettings.ipv4().bindTo(null, port), PORT_IN_USE, "UDP port " + port + " is in use");
        }
    }

    @Test
    void shouldTakePortsOfARangeUntilItIsExhausted() throws Exception {
        InetAddress address = InetAddress.getByName("127.7.7.7");
        UdpSettings range = UdpSettings.ipv4().bindTo(address, 20_000, 20_002);
        try (UnderlaySocket first = Underlay.SYSTEM.open(range);
                UnderlaySocket second = Underlay.SYSTEM.open(range)) {
            assertThat(first.local().getPort()).isEqualTo(20_000);
            assertThat(second.local().getPort()).isEqualTo(20_001);
            try (UnderlaySocket third = Underlay.SYSTEM.open(range)) {
                assertThat(third.local().getPort()).isEqualTo(20_002);
                assertRefused(range, PORT_IN_USE, "all UDP ports 20000..20002 of 127.7.7.7 are in use");
            }
        }
    }

    /** Root is denied nothing, so the answers of the system are made up. */
    @Test
    void shouldSayWhichRightIsMissing() throws Exception {
        NativeException denied = new NativeException("bind", Errno.EACCES);
        assertThat(UnderlayAdvice.notBound(UdpSettings.ipv4().bindTo(null, 53), denied))
                .hasMessageContainingAll("port 53", "CAP_NET_BIND_SERVICE", "+net_bind_service")
                .extracting(UnderlayException::kind)
                .isEqualTo(UnderlayException.Kind.NO_PERMISSION);
        assertThat(UnderlayAdvice.notOnInterface(
                        UdpSettings.ipv4().in(null, "eth0"), new NativeException("SO_BINDTODEVICE", Errno.EPERM)))
                .hasMessageContainingAll("interface eth0", "CAP_NET_RAW", "+net_raw")
                .extracting(UnderlayException::kind)
                .isEqualTo(UnderlayException.Kind.NO_PERMISSION);
        assertThat(UnderlayAdvice.failed(
                        UdpSettings.ipv6Only(), new NativeException("socket(AF_INET6)", Errno.EAFNOSUPPORT)))
                .hasMessageContaining("no IPv6")
                .extracting(UnderlayException::kind)
                .isEqualTo(UnderlayException.Kind.UNSUPPORTED);
        assertThat(UnderlayAdvice.failed(UdpSettings.ipv4(), new NativeException("socket(AF_INET)", Errno.EMFILE)))
                .hasMessageContaining("ulimit -n")
                .extracting(UnderlayException::kind)
                .isEqualTo(UnderlayException.Kind.OTHER);
    }

    @Test
    void shouldNoteWhatTheKernelDoesNotHave() throws Exception {
        Set<Integer> missing = Set.of(UdpSetup.UDP_GRO, UdpSetup.UDP_SEGMENT, IpSetup.IP_RECVERR);
        FramePool pool = new FramePool();
        pool.own();
        try (UdpHost one = new UdpHost(pool, NativeUdpSocket.open(loopback(), missing));
                UdpHost other = new UdpHost(pool, NativeUdpSocket.open(loopback()))) {
            assertThat(other.socket().notes()).isEmpty();
            assertThat(one.socket().notes())
                    .hasSize(3)
                    .anyMatch(note -> note.contains("UDP_GRO"))
                    .anyMatch(note -> note.contains("UDP_SEGMENT"))
                    .anyMatch(note -> note.contains("IP_RECVERR"));
            for (int i = 0; i < 10; i++) {
                one.add(UdpHost.bytes(i, 100), other.peer());
                other.add(UdpHost.bytes(i, 100), one.peer());
            }
            assertThat(one.flush()).isEqualTo(Collections.nCopies(10, SendOutcome.SENT));
            assertThat(other.receive(10)).hasSize(10).allMatch(message -> message.segmentSize() == 0);
            assertThat(other.flush()).isEqualTo(Collections.nCopies(10, SendOutcome.SENT));
            assertThat(one.receive(10)).hasSize(10).allMatch(message -> message.segmentSize() == 0);
            assertThat(one.errorsNow()).isEmpty();
        }
    }

    @Test
    void shouldNoteASmallerBuffer() {
        assertThat(UnderlayAdvice.smallerBuffer("receive", 8 << 20, 212_992, "net.core.rmem_max"))
                .contains("receive buffer of 208 KiB where 8 MiB", "sysctl -w net.core.rmem_max=8388608");
    }

    @Test
    void shouldNoteThatAGroupDoesNotReachASocketOfOneAddress() throws Exception {
        InetAddress group = InetAddress.getByName("239.77.7.7");
        try (UnderlaySocket bound = NativeUdpSocket.open(loopback());
                UnderlaySocket any = NativeUdpSocket.open(UdpSettings.ipv4())) {
            bound.join(group, "lo");
            any.join(group, "lo");
            assertThat(bound.notes())
                    .hasSize(1)
                    .allMatch(note -> note.contains("127.0.0.1") && note.contains("239.77"));
            assertThat(any.notes()).isEmpty();
            assertThatThrownBy(() -> any.join(InetAddress.getByName("10.0.0.1"), null))
                    .isInstanceOf(UnderlayException.class)
                    .hasMessageContainingAll("group is 10.0.0.1", "224.0.0.0");
        }
    }
}
