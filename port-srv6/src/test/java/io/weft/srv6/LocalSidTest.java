package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.route.NextHop;
import io.weft.route.RouteTable;
import io.weft.tunnel.TunnelBinding;
import io.weft.underlay.UnderlayPeer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalSidTest {
    private static final SrDomain ALL = (high, low) -> true;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fc00:1::e End | a string | none",
                "fc00:1::e End.X nh6 fc00:2::1 | | an UnderlayPeer with an IPv6 address, without a port",
                "fc00:1::e End.X nh6 fc00:2::1 | ipv4 | an UnderlayPeer with an IPv6 address, without a port",
                "fc00:1::e End.T table t | | a RouteTable",
                "fc00:1::e End.DT46 table t | a string | a RouteTable",
                "fc00:1::e End.DX4 oif p | tunnel | a NextHop by a port or a station",
                "fc00:1::e End.DX6 oif p | table | a NextHop by a port or a station",
                "fc00:1::e End.B6.Encaps segs fc00:2::1 | | a SegmentList or another SegmentChoice",
                "fc00:1::e End.DX2 | vlans | a TunnelBinding",
                "fc00:1::e End.DT2M | | a TunnelBinding",
                "fc00:1::e End.DX2V vlan 7 | short | an array of 4096 TunnelBindings"
            })
    void shouldRefuseTheTargetOfAnotherBehaviour(String spec, String target, String accepted) {
        assertThatThrownBy(() -> new LocalSid(SidSpec.parse(spec), ALL, SidNode.SOURCE, target(target)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the target of SID '" + SidSpec.parse(spec) + "' is ")
                .hasMessageEndingWith("accepted: " + accepted);
    }

    private static Object target(String name) {
        return name == null
                ? null
                : switch (name) {
                    case "ipv4" -> UnderlayPeer.ofIpv4(0x0a00_0001, 0);
                    case "tunnel" -> new NextHop.ByTunnel("x");
                    case "table" -> new RouteTable("t");
                    case "vlans" -> new TunnelBinding[LocalSid.VLANS];
                    case "short" -> new TunnelBinding[LocalSid.VLANS - 1];
                    default -> name;
                };
    }

    @Test
    void shouldHaveACounterForEveryRefusal() {
        assertThat(Arrays.stream(SrRefusal.values()).map(Srv6Counter::of).map(Enum::name))
                .containsExactlyElementsOf(
                        Arrays.stream(SrRefusal.values()).map(Enum::name).toList());
    }
}
