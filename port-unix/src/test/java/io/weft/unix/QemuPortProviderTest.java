package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.InvalidPortException;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortProviders;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QemuPortProviderTest {
    @Test
    void shouldBeFoundByItsScheme() {
        assertThat(PortProviders.all()).hasAtLeastOneElementOfType(QemuPortProvider.class);
        assertThat(PortProviders.create("qemu:/run/vm.sock")).hasToString("qemu:/run/vm.sock");
        assertThat(PortProviders.create("qemu:/run/vm.sock?role=connect")).isInstanceOf(StreamClient.class);
        assertThat(PortProviders.create("qemu:/run/vm.sock?mode=dgram&peer=/run/guest.sock"))
                .isInstanceOf(DatagramPort.class)
                .hasToString("qemu:/run/vm.sock?mode=dgram&peer=/run/guest.sock");
    }

    @Test
    void shouldExplainEveryOption() {
        PortProvider provider = new QemuPortProvider();
        for (PortOption<?> option : provider.options()) {
            assertThat(option.meaning()).as(option.name()).isNotEmpty();
            assertThat(option.accepted()).as(option.name()).isNotEmpty();
        }
        assertThat(provider.options())
                .extracting(PortOption::name)
                .containsExactly(
                        "mode",
                        "role",
                        "peer",
                        "name",
                        "max_vms",
                        "permissions",
                        "max_frame",
                        "queue",
                        "reconnect_min",
                        "reconnect_max");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mode=tcp|option mode is 'tcp'; accepted: stream or dgram",
                "role=server|option role is 'server'; accepted: listen or connect",
                "max_vms=0|option max_vms is '0'; accepted: 1..4096",
                "max_vms=many|option max_vms is 'many'; accepted: 1..4096",
                "permissions=0999|option permissions is '0999'; accepted: an octal file mode as 0600 or 0660",
                "permissions=rw|option permissions is 'rw'; accepted: an octal file mode as 0600 or 0660",
                "max_frame=63|option max_frame is '63'; accepted: 64..65535",
                "max_frame=65536|option max_frame is '65536'; accepted: 64..65535",
                "queue=1000|option queue is '1000'; accepted: 131072..67108864",
                "name=|option name is ''; accepted: a name",
                "mtu=1500|unknown option 'mtu'; accepted: mode, role, peer, name, max_vms,",
                "role=connect&reconnect_min=5|option reconnect_min is '5'; accepted: a time as 500ms",
                "mode=dgram|option peer is missing; with mode=dgram it is the path of the VM's own socket",
                "mode=dgram&peer=/x&role=listen|option role has no meaning with mode=dgram",
                "mode=dgram&peer=/x&max_vms=2|option max_vms has no meaning with mode=dgram",
                "peer=/x|option peer has no meaning with role=listen",
                "reconnect_max=1s|option reconnect_max has no meaning with role=listen",
                "role=connect&permissions=0600|option permissions has no meaning with role=connect",
                "role=connect&reconnect_min=2s&reconnect_max=1s|reconnect_min is PT2S and reconnect_max PT1S; accepted: 0 <",
            })
    void shouldSayWhatIsAccepted(String options, String message) {
        assertThatThrownBy(() -> PortProviders.create("qemu:/run/vm.sock?" + options))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("'/run/vm.sock'")
                .hasMessageContaining(message);
    }

    @Test
    void shouldRefuseAnEmptyPath() {
        assertThatThrownBy(() -> PortProviders.create("qemu:"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("accepted: the path of a socket file");
    }

    @Test
    void shouldMeanTheSameByUriAndByBuilder() {
        assertThat(QemuPort.listen("/run/lan.sock").build()).hasToString("qemu:/run/lan.sock");
        assertThat(QemuPort.connect("/run/lan.sock").build()).hasToString("qemu:/run/lan.sock?role=connect");
        assertThat(QemuPort.datagram("/run/a", "/run/b").build()).hasToString("qemu:/run/a?mode=dgram&peer=/run/b");
        assertThat(QemuPortProvider.PERMISSIONS.defaultValue()).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void shouldCheckWhatTheBuilderIsGiven() {
        QemuPort.Builder builder = QemuPort.listen("/run/lan.sock");
        assertThatThrownBy(() -> builder.maxVms(0)).hasMessageContaining("option max_vms is 0; accepted: 1..4096");
        assertThatThrownBy(() -> builder.maxFrameLength(65_536)).hasMessageContaining("accepted: 64..65535");
        assertThatThrownBy(() -> builder.queueBytes(1)).hasMessageContaining("option queue is 1; accepted: ");
        assertThatThrownBy(() -> builder.reconnect(Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessageContaining("0 < reconnect_min <= reconnect_max");
        assertThatThrownBy(() -> QemuPort.datagram("/run/a", "")).isInstanceOf(InvalidPortException.class);
    }
}
