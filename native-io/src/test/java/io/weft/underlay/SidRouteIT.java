package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.FramePool;
import io.weft.frame.IpPrefix;
import io.weft.underlay.SidRoute.Kind;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What routes there are while the program has them, and what they are good for. */
@Timeout(60)
class SidRouteIT {
    private static final IpPrefix LOCATOR = IpPrefix.parse("fc79:1::/48");

    private RawIpNamespace namespace;

    @BeforeEach
    void make() {
        TestNetwork.assumeAvailable();
        namespace = new RawIpNamespace();
    }

    @AfterEach
    void remove() {
        if (namespace != null) {
            namespace.close();
        }
    }

    private SidRoute route(Kind kind) throws UnderlayException {
        return SidRoute.make(LOCATOR, kind, namespace.name());
    }

    private String routes() {
        return namespace.in("ip -6 route show table all proto 87");
    }

    @Test
    void shouldBeThereUntilTheLastIsClosed() throws Exception {
        for (Kind kind : Kind.values()) {
            SidRoute one = route(kind);
            assertThat(routes()).contains("fc79:1::/48").startsWith(kind == Kind.LOCAL ? "local" : "blackhole");
            SidRoute other = route(kind);
            one.close();
            one.close();
            assertThat(routes()).contains("fc79:1::/48");
            assertThat(other.wasThere()).isFalse();
            other.close();
            assertThat(routes()).isEmpty();
        }
    }

    @Test
    void shouldTakeOverWhatAProgramLeftBehind() throws Exception {
        namespace.in("ip -6 route add blackhole fc79:1::/48 proto 87");
        try (SidRoute route = route(Kind.BLACKHOLE)) {
            assertThat(route.wasThere()).isFalse();
            assertThat(routes()).contains("fc79:1::/48");
        }
        assertThat(routes()).isEmpty();
    }

    /** Makes a route of a kind in a namespace, says so, and waits for its end. */
    public static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            SidRoute route = SidRoute.make(LOCATOR, Kind.valueOf(arguments[1]), arguments[0]);
            System.out.println("made " + route);
            System.in.read();
        }
    }

    /** What another program has left, that ended without a chance to clean up, of the same kind or of another one. */
    @ParameterizedTest
    @CsvSource({"BLACKHOLE, BLACKHOLE", "LOCAL, LOCAL", "LOCAL, BLACKHOLE", "BLACKHOLE, LOCAL"})
    void shouldTakeOverWhatAKilledProgramHad(Kind theirs, Kind ours) throws Exception {
        Process killed = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        namespace.name(),
                        theirs.name())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(killed.inputReader().readLine()).startsWith("made route ");
        } finally {
            killed.destroyForcibly().waitFor();
        }
        assertThat(routes()).contains("fc79:1::/48");
        for (int round = 0; round < 2; round++) {
            try (SidRoute route = route(ours)) {
                assertThat(route.wasThere()).isFalse();
                assertThat(routes().lines()).hasSize(1);
                assertThat(routes()).startsWith(ours == Kind.LOCAL ? "local " : "blackhole ");
            }
            assertThat(routes()).isEmpty();
        }
    }

    /** Two owners in one program want different things: each has its route, and takes that one away. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldHaveBothKindsAtOnce(Kind first) throws Exception {
        Kind second = first == Kind.LOCAL ? Kind.BLACKHOLE : Kind.LOCAL;
        SidRoute one = route(first);
        SidRoute other = route(second);
        assertThat(routes().lines()).hasSize(2);
        assertThat(one.wasThere()).isFalse();
        assertThat(other.wasThere()).isFalse();
        one.close();
        assertThat(routes().lines()).hasSize(1);
        assertThat(routes()).startsWith(second == Kind.LOCAL ? "local" : "blackhole");
        SidRoute again = route(first);
        other.close();
        assertThat(routes().lines()).hasSize(1);
        assertThat(routes()).startsWith(first == Kind.LOCAL ? "local" : "blackhole");
        again.close();
        assertThat(routes()).isEmpty();
    }

    @Test
    void shouldLeaveOthersRoutesAlone() throws Exception {
        namespace.in("ip -6 route add blackhole fc79:1::/48");
        try (SidRoute route = route(Kind.BLACKHOLE)) {
            assertThat(route.wasThere()).isTrue();
        }
        assertThat(namespace.in("ip -6 route show")).contains("blackhole fc79:1::/48");
    }

    @Test
    void shouldSayWhatIsInTheWay() {
        namespace.in("ip -6 route add unreachable fc79:1::/48");
        assertThatThrownBy(() -> route(Kind.BLACKHOLE))
                .isInstanceOf(UnderlayException.class)
                .hasMessageContainingAll("route blackhole fc79:1::/48", "ip -6 route show fc79:1::/48");
        assertThat(namespace.in("ip -6 route show")).contains("unreachable fc79:1::/48");
        assertThatThrownBy(() -> SidRoute.make(LOCATOR, Kind.LOCAL, "weft-none"))
                .isInstanceOf(UnderlayException.class)
                .hasMessageContaining("ip netns add weft-none");
        assertThatThrownBy(() -> SidRoute.make(IpPrefix.parse("10.0.0.0/8"), Kind.LOCAL, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("prefix is 10.0.0.0/8; accepted: an IPv6 network");
    }

    @Test
    void shouldKeepTheKernelSilent() throws Exception {
        FramePool pool = new FramePool(4096, 256);
        pool.own();
        UnderlayPeer to = UnderlayPeer.of(UdpContract.inet("fc78:2:0:d2::7"), 0);
        byte[] packet = MemoryPacket.of(new MemoryDatagram(
                143, new byte[60], UnderlayPeer.of(UdpContract.inet("fd78::1"), 0), to, 0, 64, 0, true, false, true));
        IpPrefix locator = IpPrefix.parse(Ipv6PacketSocketContractTest.OTHER_LOCATOR);
        Ipv6PacketSettings receiving = Ipv6PacketSettings.of(List.of(locator)).withoutErrors();
        try (Ipv6PacketHosts hosts = new Ipv6PacketHosts();
                UdpHost one = new UdpHost(pool, hosts.underlay("one").open(Ipv6PacketSettings.sending()));
                UdpHost other = new UdpHost(pool, hosts.underlay("other").open(receiving))) {
            hosts.in("other", "ip -6 route del blackhole " + locator);
            one.send(packet, to);
            other.receive(1);
            assertThat(one.errors(1)).containsExactly("unreachable fc78:2:0:d2::7 0");
            try (SidRoute route = SidRoute.make(locator, Kind.BLACKHOLE, hosts.name("other"))) {
                assertThat(route.wasThere()).isFalse();
                one.send(packet, to);
                other.receive(1);
                hosts.in(
                        "one", "ping -q -c 1 -w 10 " + Ipv6PacketSocketContractTest.OTHER_ADDRESS); // behind any answer
                assertThat(one.errorsNow()).isEmpty();
            }
        }
    }
}
