package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.PortException;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.TunnelAdvice;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which option is blamed for what the underlay answers. */
class VxlanAdviceTest {
    private static final VxlanSettings SETTINGS = VxlanPort.builder("vx0")
            .vni(1)
            .local("10.0.0.1")
            .remote("10.0.0.2:8472")
            .group("239.1.1.1")
            .dev("eth7")
            .netns("blue")
            .dstPort(4_790, 8_472)
            .srcPortRange(50_000, 50_003)
            .settings();

    private static final RemoteSpec REMOTE = SETTINGS.tunnel().remotes().get(0);

    private static UnderlayException answer(Kind kind) {
        return new UnderlayException(kind, "the system's answer", null);
    }

    @Test
    void shouldBlameThePortThatIsInUse() {
        UnderlayException reason = answer(Kind.PORT_IN_USE);
        assertThat(VxlanAdvice.notListening(SETTINGS, 8_472, reason))
                .isInstanceOf(PortException.class)
                .hasCause(reason)
                .hasMessage("vxlan port 'vx0': option dst_port is '8472': the system's answer; accepted: a free port,"
                        + " 1..65535");
        assertThat(VxlanAdvice.notSending(SETTINGS, reason))
                .hasMessage("vxlan port 'vx0': option src_port_range is '50000-50003': the system's answer; accepted: a"
                        + " range with 4 free ports, or fewer src_ports");
    }

    @ParameterizedTest
    @CsvSource({
        "NO_SUCH_ADDRESS, local_ip, 10.0.0.1, '; accepted: an address of this machine, or none for any'",
        "NO_SUCH_INTERFACE, dev, eth7, ''",
        "NO_NAMESPACE, netns, blue, ''",
    })
    void shouldBlameWhatTheMachineDoesNotHave(Kind kind, String option, String value, String accepted) {
        String message = "vxlan port 'vx0': option " + option + " is '" + value + "': the system's answer" + accepted;
        assertThat(VxlanAdvice.notListening(SETTINGS, 4_790, answer(kind))).hasMessage(message);
        assertThat(VxlanAdvice.notSending(SETTINGS, answer(kind))).hasMessage(message);
        assertThat(VxlanAdvice.notJoined(SETTINGS, answer(kind))).hasMessage(message);
        assertThat(TunnelAdvice.notReached(SETTINGS.tunnel(), REMOTE, answer(kind)))
                .hasMessage(message);
    }

    @Test
    void shouldBlameWhatHasNoRoute() {
        assertThat(TunnelAdvice.notReached(SETTINGS.tunnel(), REMOTE, answer(Kind.NO_ROUTE)))
                .hasMessage("vxlan port 'vx0': option remote_ip is '10.0.0.2:8472': the system's answer");
        assertThat(VxlanAdvice.notJoined(SETTINGS, answer(Kind.NO_ROUTE)))
                .hasMessage(
                        "vxlan port 'vx0': option group is '239.1.1.1': the system's answer; an interface is named by"
                                + " option dev");
        assertThat(VxlanAdvice.notJoined(SETTINGS, answer(Kind.OTHER)))
                .hasMessage("vxlan port 'vx0': option group is '239.1.1.1': the system's answer");
    }

    @ParameterizedTest
    @EnumSource(names = {"NO_PERMISSION", "UNSUPPORTED", "OTHER"})
    void shouldRepeatWhatNoOptionIsToBlameFor(Kind kind) {
        String message = "vxlan port 'vx0': the system's answer";
        assertThat(VxlanAdvice.notListening(SETTINGS, 4_790, answer(kind))).hasMessage(message);
        assertThat(VxlanAdvice.notSending(SETTINGS, answer(kind))).hasMessage(message);
    }

    @Test
    void shouldNotBlameAnAddressThatWasNotGiven() {
        VxlanSettings any = VxlanPort.builder("vx1").vni(1).settings();
        assertThat(VxlanAdvice.notListening(any, 4_789, answer(Kind.NO_SUCH_ADDRESS)))
                .hasMessage("vxlan port 'vx1': the system's answer");
    }
}
