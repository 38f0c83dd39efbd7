package io.weft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSecurity;
import io.weft.bridge.PortSecurity.Violation;
import io.weft.bridge.PortSettings;
import io.weft.bridge.PriorityTags;
import io.weft.bridge.RateLimit;
import io.weft.bridge.StormControl;
import io.weft.bridge.Trace;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.event.SwitchListener;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What {@code trace} foretells is what happens, and foretelling it changes nothing. */
class TraceTest {
    private static final int PORTS = 6;

    private final List<MemoryPort> ports = new ArrayList<>();
    private long nowNs = 1_000_000_000L;

    private VirtualSwitch newSwitch() {
        SwitchListener hearsAll = new SwitchListener() {}; // what somebody hears is not logged
        return VirtualSwitch.builder()
                .invoker(() -> nowNs)
                .workers(1)
                .listener(hearsAll)
                .build();
    }

    @Test
    void shouldForetellWhatHappens() throws Exception {
        SplittableRandom random = TestSeed.random("TraceTest");
        for (int round = 0; round < 40 * TestSeed.effort(); round++) {
            ports.clear();
            try (VirtualSwitch lan = newSwitch()) {
                for (int i = 0; i < PORTS; i++) {
                    MemoryPort port = new MemoryPort("p" + i, random.nextInt(5) == 0 ? 80 : 9_000);
                    ports.add(port);
                    lan.add(port, settings(random));
                }
                if (random.nextBoolean()) {
                    lan.fdb().learningOff(VlanSet.of(random.nextInt(3)));
                }
                run(lan, new RandomFrames(random), random);
            }
        }
    }

    private void run(VirtualSwitch lan, RandomFrames frames, SplittableRandom random) throws Exception {
        for (int i = 0; i < 400; i++) {
            nowNs += random.nextInt(50) == 0 ? 400_000_000_000L : random.nextLong(2_000_000);
            if (random.nextInt(40) == 0) {
                MemoryPort port = ports.get(random.nextInt(PORTS));
                lan.port(port.name()).settings(settings(random));
                lan.step();
            }
            MemoryPort from = ports.get(random.nextInt(PORTS));
            byte[] frame = frames.next();
            Map<DropReason, Long> before = lan.statistics().drops();
            long stations = lan.fdb().statistics().learned();
            Trace trace = lan.trace(frame, from.name());
            assertThat(lan.fdb().statistics().learned()).isEqualTo(stations);
            assertThat(lan.statistics().drops()).isEqualTo(before);
            from.send(frame);
            while (lan.step()) {
                // until nothing is left to do
            }
            assertHappened(trace, drops(before, lan.statistics().drops()));
        }
    }

    private static Map<DropReason, Long> drops(Map<DropReason, Long> before, Map<DropReason, Long> after) {
        Map<DropReason, Long> difference = new EnumMap<>(DropReason.class);
        after.forEach((reason, count) -> {
            if (count > before.getOrDefault(reason, 0L)) {
                difference.put(reason, count - before.getOrDefault(reason, 0L));
            }
        });
        return difference;
    }

    private void assertHappened(Trace trace, Map<DropReason, Long> drops) {
        Map<DropReason, Long> foretold = new EnumMap<>(DropReason.class);
        trace.dropped().forEach(drop -> foretold.merge(drop.reason(), 1L, Long::sum));
        assertThat(drops).as("%n%s", trace).isEqualTo(foretold);
        for (MemoryPort port : ports) {
            byte[] actual = port.receive();
            for (Trace.Sent sent : trace.sent()) {
                if (sent.port().equals(port.name())) {
                    if (!Arrays.equals(actual, sent.frame())) {
                        assertThat(actual).as("%n%s", trace).isEqualTo(sent.frame());
                    }
                    actual = port.receive();
                }
            }
            assertThat(actual)
                    .as("one frame more out of " + port.name() + "%n%s", trace)
                    .isNull();
        }
    }

    private static PortSettings settings(SplittableRandom random) {
        return PortSettings.builder()
                .adminUp(random.nextInt(12) != 0)
                .vlans(vlans(random))
                .floodUnknownUnicast(random.nextInt(5) != 0)
                .floodBroadcast(random.nextInt(5) != 0)
                .floodMulticast(random.nextInt(5) != 0)
                .isolated(random.nextInt(4) == 0)
                .splitHorizonGroup(random.nextInt(6) == 0 ? 1 : 0)
                .hairpin(random.nextInt(6) == 0)
                .security(security(random))
                .stormControl(
                        random.nextInt(5) == 0 ? StormControl.each(RateLimit.frames(1_000, 2)) : StormControl.NONE)
                .ingressPolicing(random.nextInt(6) == 0 ? RateLimit.bits(10_000_000) : RateLimit.NONE)
                .egressPolicing(random.nextInt(6) == 0 ? RateLimit.frames(2_000, 3) : RateLimit.NONE)
                .build();
    }

    private static PortSecurity security(SplittableRandom random) {
        return switch (random.nextInt(10)) {
            case 0 -> PortSecurity.locked(Violation.DROP);
            case 1 -> PortSecurity.sticky(3, Violation.DROP);
            case 2 -> PortSecurity.maxMacs(2);
            default -> PortSecurity.NONE;
        };
    }

    private static VlanSettings vlans(SplittableRandom random) {
        VlanSet some = random.nextBoolean() ? VlanSet.ALL : VlanSet.of(0, 1, 5);
        return switch (random.nextInt(7)) {
            case 0 -> VlanSettings.access(1);
            case 1 -> VlanSettings.trunk(some);
            case 2 -> VlanSettings.nativeTagged(1, some);
            case 3 -> VlanSettings.nativeUntagged(1, some);
            case 4 -> VlanSettings.tunnel(1).withCvlans(some);
            case 5 -> VlanSettings.access(1).withPriorityTags(PriorityTags.values()[random.nextInt(4)]);
            default -> VlanSettings.TRUNK_ALL;
        };
    }

    @Test
    void shouldExplainAFrameInWords() throws Exception {
        try (VirtualSwitch lan = newSwitch()) {
            lan.add(
                    new MemoryPort("desk"),
                    PortSettings.builder().vlans(VlanSettings.access(10)).build());
            lan.add(
                    new MemoryPort("uplink"),
                    PortSettings.builder()
                            .vlans(VlanSettings.trunk(VlanSet.of(10)))
                            .build());
            lan.add(
                    new MemoryPort("guest"),
                    PortSettings.builder().vlans(VlanSettings.access(20)).build());
            byte[] frame = HexFormat.of().parseHex("ffffffffffff0200000000010806" + "00".repeat(46));
            assertThat(lan.trace(frame, "desk").toString().lines())
                    .containsExactly(
                            " 1  received by desk: 60 bytes, 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, untagged",
                            " 2  VLAN 10, by a port of mode access",
                            " 3  source 02:00:00:00:00:01: new, would be learned",
                            " 4  destination ff:ff:ff:ff:ff:ff is broadcast",
                            " 5  sent by uplink: 64 bytes, tag 10",
                            " 6  not to guest: destination port does not carry the VLAN");
            byte[] tagged = HexFormat.of().parseHex("ffffffffffff0200000000018100001408000000");
            assertThat(lan.trace(tagged, "desk").toString().lines().toList().get(1))
                    .isEqualTo(" 2  dropped at desk: VLAN not allowed on the ingress port (VLAN_NOT_ALLOWED)");
            assertThat(lan.fdb().stations()).isEmpty();
        }
    }

    @Test
    void shouldNameThePortsThereAre() throws Exception {
        try (VirtualSwitch lan = newSwitch()) {
            lan.add(new MemoryPort("desk"));
            assertThatThrownBy(() -> lan.trace(new byte[60], "dusk"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("dusk")
                    .hasMessageContaining("desk");
        }
    }
}
