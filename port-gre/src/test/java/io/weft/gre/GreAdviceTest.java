package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.nativeio.Errno;
import io.weft.nativeio.NativeException;
import io.weft.port.PortException;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which option is blamed for what the underlay answers. */
class GreAdviceTest {
    private static final String IN_UDP =
            "; or encap=udp, which needs neither privilege nor native calls, if the other end"
                    + " speaks GRE in UDP (RFC 8086), as Weft does";

    private static final GreSettings RAW = GrePort.gretap("g0")
            .local("10.0.0.1")
            .remote("10.0.0.2")
            .dev("eth7")
            .netns("blue")
            .settings();

    private static final GreSettings UDP = GrePort.mgretap("g0")
            .encapUdp(true)
            .dstPort(4_790)
            .srcPortRange(50_000, 50_003)
            .local("10.0.0.1")
            .dev("eth7")
            .netns("blue")
            .settings();

    private static UnderlayException answer(Kind kind) {
        return new UnderlayException(kind, "the system's answer", null);
    }

    @Test
    void shouldSayWhatHelpsWithoutPrivilege() {
        UnderlayException reason = answer(Kind.NO_PERMISSION);
        String message = "gretap port 'g0': option encap is 'none': the system's answer" + IN_UDP;
        assertThat(GreAdvice.notListening(RAW, reason))
                .isInstanceOf(PortException.class)
                .hasCause(reason)
                .hasMessage(message);
        assertThat(GreAdvice.notSending(RAW, reason)).hasMessage(message);
        assertThat(GreAdvice.notListening(UDP, reason)).hasMessage("mgretap port 'g0': the system's answer");
        assertThat(GreAdvice.notSending(UDP, reason)).hasMessage("mgretap port 'g0': the system's answer");
    }

    @Test
    void shouldSayWhatHelpsWithoutNativeCallsButNotWithoutTheFamily() {
        assertThat(GreAdvice.notListening(RAW, answer(Kind.UNSUPPORTED)))
                .hasMessage("gretap port 'g0': option encap is 'none': the system's answer" + IN_UDP);
        NativeException noFamily = new NativeException("socket", Errno.EAFNOSUPPORT);
        assertThat(GreAdvice.notListening(
                        RAW, new UnderlayException(Kind.UNSUPPORTED, "the system's answer", noFamily)))
                .hasMessage("gretap port 'g0': the system's answer");
    }

    @Test
    void shouldBlameThePortThatIsInUse() {
        assertThat(GreAdvice.notListening(UDP, answer(Kind.PORT_IN_USE)))
                .hasMessage("mgretap port 'g0': option dst_port is '4790': the system's answer; accepted: a free port,"
                        + " 1..65535");
        assertThat(GreAdvice.notSending(UDP, answer(Kind.PORT_IN_USE)))
                .hasMessage(
                        "mgretap port 'g0': option src_port_range is '50000-50003': the system's answer; accepted: a"
                                + " range with 4 free ports, or fewer src_ports");
    }

    @ParameterizedTest
    @CsvSource({
        "NO_SUCH_ADDRESS, local_ip, 10.0.0.1, '; accepted: an address of this machine, or none for any'",
        "NO_SUCH_INTERFACE, dev, eth7, ''",
        "NO_NAMESPACE, netns, blue, ''",
    })
    void shouldBlameWhatTheMachineDoesNotHave(Kind kind, String option, String value, String accepted) {
        String message = " port 'g0': option " + option + " is '" + value + "': the system's answer" + accepted;
        assertThat(GreAdvice.notListening(RAW, answer(kind))).hasMessage("gretap" + message);
        assertThat(GreAdvice.notSending(RAW, answer(kind))).hasMessage("gretap" + message);
        assertThat(GreAdvice.notListening(UDP, answer(kind))).hasMessage("mgretap" + message);
        assertThat(GreAdvice.notSending(UDP, answer(kind))).hasMessage("mgretap" + message);
    }

    @ParameterizedTest
    @EnumSource(names = {"OTHER", "NO_ROUTE"})
    void shouldRepeatWhatNoOptionIsToBlameFor(Kind kind) {
        assertThat(GreAdvice.notListening(RAW, answer(kind))).hasMessage("gretap port 'g0': the system's answer");
        assertThat(GreAdvice.notSending(UDP, answer(kind))).hasMessage("mgretap port 'g0': the system's answer");
    }
}
