package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.underlay.UnderlayException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TunnelAdviceTest {
    private static final TunnelSettings SETTINGS = new TunnelSettings(
            "vxlan",
            "vx0",
            false,
            List.of(),
            null,
            null,
            null,
            64,
            0,
            false,
            true,
            false,
            1,
            Duration.ofMinutes(5),
            0,
            false,
            false,
            false,
            null,
            List.of(),
            0,
            0);

    @Test
    void shouldSayWhereANameLeads() {
        RemoteSpec remote = new RemoteSpec("vtep2.example.net", 0, -1);
        UnknownHostException reason = new UnknownHostException("vtep2.example.net");
        assertThat(TunnelAdvice.unknownName(SETTINGS, remote, reason))
                .hasCause(reason)
                .hasMessage(
                        "vxlan port 'vx0': option remote_ip is 'vtep2.example.net': no address has this name; accepted:"
                                + " an address, or a name that `getent ahosts vtep2.example.net` finds");
        assertThat(TunnelAdvice.otherFamily(SETTINGS, remote, false, AddressLiteral.parse("fd00::2")))
                .hasMessage("vxlan port 'vx0': option remote_ip is 'vtep2.example.net': the name leads to fd00::2;"
                        + " accepted: a name with an IPv4 address, as the port's other addresses are");
    }

    @Test
    void shouldBlameThePortThatIsInUse() {
        UnderlayException reason =
                new UnderlayException(UnderlayException.Kind.PORT_IN_USE, "the system's answer", null);
        assertThat(TunnelAdvice.notListening(SETTINGS, 4_789, reason))
                .hasCause(reason)
                .hasMessage("vxlan port 'vx0': option dst_port is '4789': the system's answer; accepted: a free port,"
                        + " 1..65535");
        assertThat(TunnelAdvice.notSending(SETTINGS, 50_000, 50_003, 4, reason))
                .hasCause(reason)
                .hasMessage("vxlan port 'vx0': option src_port_range is '50000-50003': the system's answer; accepted: a"
                        + " range with 4 free ports, or fewer src_ports");
    }
}
