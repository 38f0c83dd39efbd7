package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.IpPrefix;
import io.weft.underlay.Ipv6PacketSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DestinationFilterTest {
    private static final List<IpPrefix> ALL = prefixes("::/0");

    private static List<IpPrefix> prefixes(String... texts) {
        return List.of(texts).stream().map(IpPrefix::parse).toList();
    }

    private static List<SidSpec> sids(int from, int to, String format) {
        return IntStream.range(from, to)
                .mapToObj(i -> SidSpec.parse(format.formatted(i)))
                .toList();
    }

    @Test
    void shouldAskForNothingWithoutSids() {
        assertThat(DestinationFilter.steps(List.of())).containsExactly(List.of());
    }

    @Test
    void shouldGoFromSidsToLocatorsToTheirBeginningsToEverything() {
        List<SidSpec> sids = List.of(
                SidSpec.parse("fc00:1:1:1:: End"),
                SidSpec.parse("fc00:1:1:2:: End"),
                SidSpec.parse("fc00:1:2::/64 End"),
                SidSpec.parse("fc00:2:3::1 End"),
                SidSpec.parse("fc80::/16 End"));
        assertThat(DestinationFilter.steps(sids))
                .containsExactly(
                        prefixes(
                                "fc00:1:1:1::/128",
                                "fc00:1:1:2::/128",
                                "fc00:1:2::/64",
                                "fc00:2:3::1/128",
                                "fc80::/16"),
                        prefixes("fc00:1:1::/48", "fc00:1:2::/48", "fc00:2:3::/48", "fc80::/16"),
                        prefixes("fc00:1::/40", "fc00:2::/40", "fc80::/16"),
                        prefixes("fc00::/24", "fc80::/16"),
                        prefixes("fc00::/8"),
                        ALL);
    }

    @Test
    void shouldLeaveOutWhatNoSocketTakes() {
        int most = Ipv6PacketSettings.MOST_DESTINATIONS;
        assertThat(DestinationFilter.steps(sids(0, most, "fc00:1::%x End")).get(0))
                .hasSize(most);
        assertThat(DestinationFilter.steps(sids(0, most + 1, "fc00:1::%x End")))
                .containsExactly(prefixes("fc00:1::/48"), ALL);
        assertThat(DestinationFilter.steps(sids(0, most + 1, "fc00:1:%x::1 End"))
                        .get(0))
                .isEqualTo(prefixes("fc00:1::/40", "fc00:1:100::/40"));
    }

    /** A kernel that has room for some prefixes is asked for as little as it can be. */
    @Test
    void shouldGoNoFurtherThanTheKernelHasRoom() {
        List<SidSpec> sids = new ArrayList<>(sids(0, 100, "fc00:1:1::%x End"));
        sids.addAll(sids(0, 10, "fc00:2:%x::1 End"));
        assertThat(asked(sids, 110)).hasSize(110);
        assertThat(asked(sids, 109)).hasSize(11).contains(IpPrefix.parse("fc00:1:1::/48"));
        assertThat(asked(sids, 11)).hasSize(11);
        assertThat(asked(sids, 10)).isEqualTo(prefixes("fc00:1::/40", "fc00:2::/40"));
        assertThat(asked(sids, 1)).isEqualTo(prefixes("fc00::/24"));
        assertThatThrownBy(() -> asked(sids, 0)).isInstanceOf(IllegalStateException.class);
    }

    private static Collection<IpPrefix> asked(List<SidSpec> sids, int room) {
        List<Collection<IpPrefix>> taken = new ArrayList<>();
        DestinationFilter.attach(sids, prefixes -> {
            if (prefixes.size() > room) {
                throw new IllegalStateException("no room for " + prefixes.size());
            }
            taken.add(prefixes);
        });
        assertThat(taken).hasSize(1);
        return taken.get(0);
    }
}
