package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.underlay.UnderlayException.Kind;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where every UDP socket is bound, why it cannot be, and what it knows of its way. */
abstract class UdpBindContractTest extends UdpContract {
    UdpBindContractTest(UdpImplementation udp) {
        super(udp);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSayWhereItIsBound(boolean ipv6) throws Exception {
        InetAddress address = inet(udp.address(ipv6));
        UnderlaySocket one = one(ipv6);
        assertThat(one.local().getAddress()).isEqualTo(address);
        assertThat(one.local().getPort()).isPositive();
        UnderlaySocket any = one(settings(ipv6));
        assertThat(any.local().getAddress().isAnyLocalAddress()).isTrue();
        assertThat(any.local().getAddress().getAddress()).hasSize(ipv6 ? 16 : 4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNotShareAPort(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        int port = one.local().getPort();
        InetAddress address = inet(udp.address(ipv6));
        assertRefused(Kind.PORT_IN_USE, () -> udp.openOne(settings(ipv6).bindTo(address, port)));
        assertRefused(Kind.PORT_IN_USE, () -> udp.openOne(settings(ipv6).bindTo(null, port)));
        one.close();
        UnderlaySocket any = one(settings(ipv6).bindTo(null, port));
        assertThat(any.local().getPort()).isEqualTo(port);
        assertRefused(Kind.PORT_IN_USE, () -> udp.openOne(settings(ipv6).bindTo(address, port)));
        any.close();
        any.close();
        assertThat(one(settings(ipv6).bindTo(address, port)).local().getPort()).isEqualTo(port);
    }

    @Test
    void shouldNotShareAPortOfAnAddressThatNoInterfaceHas() throws Exception {
        UnderlaySocket other = other(false);
        assertRefused(
                Kind.PORT_IN_USE,
                () -> udp.openOther(settings(false)
                        .bindTo(inet(udp.otherAddress(false)), other.local().getPort())));
    }

    @Test
    void shouldHaveOnePortAtSeveralAddresses() throws Exception {
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(settings(false)
                .bindTo(inet(udp.otherAddress(false)), one.local().getPort()));
        assertThat(send(one, peer(other), payload(1, 100))).containsExactly(SendOutcome.SENT);
        assertThat(payloads(other, 1)).containsExactly(payload(1, 100));
        assertThat(poll(one)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeTheFirstFreePortOfARange(boolean ipv6) throws Exception {
        InetAddress address = inet(udp.address(ipv6));
        int taken = one(ipv6).local().getPort();
        int last = Math.min(taken + 20, 65_535);
        UnderlaySocket next = one(settings(ipv6).bindTo(address, taken, last));
        assertThat(next.local().getPort()).isBetween(taken + 1, last);
        assertThat(next.local().getAddress()).isEqualTo(address);
        assertRefused(
                Kind.PORT_IN_USE,
                () -> udp.openOne(settings(ipv6)
                        .bindTo(address, next.local().getPort(), next.local().getPort())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.177", "2001:db8::177"})
    void shouldRefuseAnAddressOfAnothersMachine(String text) {
        InetAddress address = inet(text);
        assertRefused(
                Kind.NO_SUCH_ADDRESS,
                () -> udp.openOne(settings(address.getAddress().length == 16).bindTo(address, 0)));
        assertRefused(
                Kind.NO_SUCH_ADDRESS,
                () -> udp.openOne(settings(address.getAddress().length == 16).bindTo(address, 20_000, 20_010)));
    }

    @Test
    void shouldRefuseAnInterfaceOrNamespaceThatIsNotThere() {
        assertRefused(udp.unknownInterface(), () -> udp.openOne(settings(false).in(null, "weft-none")));
        assertRefused(udp.unknownNamespace(), () -> udp.openOne(settings(false).in("weft-none", null)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReceiveWhatIsSentToAGroupItHasJoined(boolean ipv6) throws Exception {
        assumeTrue(udp.reachesGroups(ipv6), "skipped: no route to groups by " + udp.multicastInterface());
        InetAddress group = inet(ipv6 ? "ff15::7ef7" : "239.87.1.1");
        UnderlaySocket member = other(settings(ipv6));
        member.join(group, udp.multicastInterface());
        UnderlaySocket stranger = other(settings(ipv6));
        UnderlaySocket sender = one(settings(ipv6));
        sender.join(group, udp.multicastInterface());
        UnderlayPeer to = UnderlayPeer.of(group, member.local().getPort());
        UnderlayPeer toStranger = UnderlayPeer.of(group, stranger.local().getPort());
        assertThat(to.isMulticast()).isTrue();
        assertThat(send(sender, to, payload(1, 100), payload(2, 100))).containsOnly(SendOutcome.SENT);
        send(sender, toStranger, payload(3, 100));
        for (Received received : receive(member, 2)) {
            // Not the address: the kernel sends to groups from one that others could answer to, if there is any.
            assertThat(received.from().port()).isEqualTo(sender.local().getPort());
            assertThat(received.destination()).isEqualTo(udp.isNative() ? to.address() : "");
        }
        assertThat(poll(stranger)).isEmpty();
    }

    @Test
    void shouldRefuseToJoinWhatCannotBeJoined() throws Exception {
        UnderlaySocket one = one(settings(false));
        assertRefused(Kind.NO_SUCH_INTERFACE, () -> one.join(inet("239.87.1.1"), "weft-none"));
        assertRefused(Kind.OTHER, () -> one.join(inet(udp.address(false)), udp.multicastInterface()));
        assertRefused(Kind.OTHER, () -> one.join(inet("ff15::7ef7"), udp.multicastInterface()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKnowTheWayToAPeer(boolean ipv6) throws Exception {
        UnderlaySocket any = one(settings(ipv6));
        UnderlaySocket other = other(ipv6);
        assertThat(any.sourceFor(peer(other))).isIn(inet(udp.address(ipv6)), inet(udp.otherAddress(ipv6)));
        assertThat(any.pathMtu(peer(other))).isBetween(65_535, 65_536); // no IPv4 packet is longer than 65,535
        UnderlaySocket bound = one(ipv6);
        assertThat(bound.sourceFor(peer(other))).isEqualTo(inet(udp.address(ipv6)));
    }
}
