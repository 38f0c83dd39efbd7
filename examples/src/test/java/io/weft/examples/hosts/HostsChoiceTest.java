package io.weft.examples.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class HostsChoiceTest {
    private static final HostsChoice.Check POSSIBLE = () -> {};

    private static HostsChoice.Check missing(String reason) {
        return () -> {
            throw new HostException(reason);
        };
    }

    @Test
    void shouldTakeTheMostRealHostsThatArePossible() {
        HostsChoice choice =
                HostsChoice.best(Map.of(HostsKind.VM, POSSIBLE, HostsKind.NETNS, POSSIBLE, HostsKind.MEMORY, POSSIBLE));

        assertThat(choice.kind()).isEqualTo(HostsKind.VM);
        assertThat(choice.explain()).containsExactly("The hosts are virtual machines.");
    }

    @Test
    void shouldSayWhyNotBetterOnes() {
        HostsChoice choice = HostsChoice.best(Map.of(
                HostsKind.VM, missing("qemu is not installed; apt-get install qemu"),
                HostsKind.NETNS, missing("needs root; sudo this"),
                HostsKind.MEMORY, POSSIBLE));

        assertThat(choice.kind()).isEqualTo(HostsKind.MEMORY);
        assertThat(choice.explain())
                .containsExactly(
                        "No virtual machines: qemu is not installed; apt-get install qemu.",
                        "No network namespaces with TAP devices: needs root; sudo this.",
                        "The hosts are tiny hosts inside this process, the best that this machine can do now.");
    }

    @Test
    void shouldNotTakeAnotherKindThanWasAskedFor() throws HostException {
        Map<HostsKind, HostsChoice.Check> checks =
                Map.of(HostsKind.VM, POSSIBLE, HostsKind.NETNS, missing("needs root"), HostsKind.MEMORY, POSSIBLE);

        assertThat(HostsChoice.askedFor(HostsKind.MEMORY, checks).kind()).isEqualTo(HostsKind.MEMORY);
        assertThatThrownBy(() -> HostsChoice.askedFor(HostsKind.NETNS, checks)).hasMessage("needs root");
    }

    @Test
    void shouldNameTheKindsThatAnOptionAccepts() {
        assertThat(HostsKind.fromOption("netns")).isEqualTo(HostsKind.NETNS);
        assertThatThrownBy(() -> HostsKind.fromOption("docker"))
                .hasMessage("--hosts 'docker': accepted are vm, netns, memory");
    }
}
