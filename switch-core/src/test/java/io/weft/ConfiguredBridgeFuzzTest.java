package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.bridge.PortSecurity;
import io.weft.bridge.PortSettings;
import io.weft.bridge.PriorityTags;
import io.weft.bridge.RateLimit;
import io.weft.bridge.StormControl;
import io.weft.bridge.Trace;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.port.MemoryPort;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Any bytes as settings and frames: nothing throws, every frame is accounted for, what leaves is what the trace foretold.
 *
 * <p>The input is a list of commands. A command's first byte has the port in its two low bits. With the highest bit set, the
 * next six bytes are settings for the port; else the port receives a frame of as many bytes as the next byte says.
 */
@ExtendWith(ExpectedFailures.class)
class ConfiguredBridgeFuzzTest {
    private static final int PORTS = 4;
    private static final int MOST_COMMANDS = 64;

    private long nowNs;

    @FuzzTest
    void shouldAccountForEveryFrame(byte[] input) throws Exception {
        nowNs = 1_000_000_000L;
        List<MemoryPort> ports = new ArrayList<>();
        try (VirtualSwitch lan = VirtualSwitch.builder()
                .invoker(() -> nowNs)
                .workers(1)
                .fdbCapacity(256)
                .build()) {
            for (int i = 0; i < PORTS; i++) {
                ports.add(new MemoryPort("p" + i));
                lan.add(ports.get(i));
            }
            ByteBuffer commands = ByteBuffer.wrap(input);
            for (int i = 0; i < MOST_COMMANDS && commands.remaining() > 1; i++) {
                run(commands, lan, ports);
            }
        }
    }

    private void run(ByteBuffer commands, VirtualSwitch lan, List<MemoryPort> ports) {
        int command = commands.get() & 0xff;
        MemoryPort port = ports.get(command & 3);
        if (command >= 0x80) {
            byte[] bytes = new byte[6];
            commands.get(bytes, 0, Math.min(6, commands.remaining()));
            change(lan, port.name(), bytes);
            return;
        }
        byte[] frame = new byte[Math.min(commands.get() & 0xff, commands.remaining())];
        commands.get(frame);
        nowNs += 1_000_000;
        Trace trace = lan.trace(frame, port.name());
        assertThat(trace.toString()).isNotEmpty();
        long transmitted = lan.statistics().txFrames();
        port.send(frame);
        while (lan.step()) {
            // until nothing is left to do
        }
        assertThat(lan.statistics().unaccounted()).as("%s", lan.statistics()).isZero();
        assertThat(lan.statistics().txFrames() - transmitted)
                .as("%n%s", trace)
                .isEqualTo(trace.sent().size());
        for (MemoryPort each : ports) {
            while (each.receive() != null) {
                // looked at by TraceTest
            }
        }
    }

    private static void change(VirtualSwitch lan, String port, byte[] bytes) {
        int vlan = 1 + (bytes[0] & 3);
        VlanSet some = (bytes[0] & 4) == 0 ? VlanSet.ALL : VlanSet.of(0, 1, bytes[1] & 0xff);
        VlanSettings vlans =
                switch (bytes[0] >> 3 & 7) {
                    case 0 -> VlanSettings.access(vlan);
                    case 1 -> VlanSettings.trunk(some);
                    case 2 -> VlanSettings.nativeTagged(vlan, some);
                    case 3 -> VlanSettings.nativeUntagged(vlan, some);
                    case 4 -> VlanSettings.tunnel(vlan).withCvlans(some);
                    case 5 -> VlanSettings.access(vlan).withPriorityTags(PriorityTags.values()[bytes[1] & 3]);
                    default -> VlanSettings.TRUNK_ALL;
                };
        int flags = bytes[2];
        PortSecurity.Violation action = PortSecurity.Violation.values()[(bytes[3] & 0xff) % 3];
        try {
            lan.port(port)
                    .settings(PortSettings.builder()
                            .vlans(vlans)
                            .learning((flags & 1) == 0)
                            .floodUnknownUnicast((flags & 2) == 0)
                            .floodBroadcast((flags & 4) == 0)
                            .floodMulticast((flags & 8) == 0)
                            .isolated((flags & 16) != 0)
                            .hairpin((flags & 32) != 0)
                            .suppressNeighbours((flags & 64) != 0)
                            .splitHorizonGroup(bytes[3] >> 4 & 1)
                            .security(new PortSecurity(bytes[4] & 3, (bytes[4] & 4) != 0, (bytes[4] & 8) != 0, action))
                            .stormControl(
                                    (bytes[5] & 1) == 0
                                            ? StormControl.NONE
                                            : StormControl.each(RateLimit.frames(500, 2)))
                            .ingressPolicing((bytes[5] & 2) == 0 ? RateLimit.NONE : RateLimit.frames(500, 3))
                            .egressPolicing((bytes[5] & 4) == 0 ? RateLimit.NONE : RateLimit.bits(1_000_000))
                            .build());
            lan.port(port).enable();
        } catch (IllegalArgumentException conflict) {
            assertThat(conflict).hasMessageMatching("(?s).*(accepted|conflicts).*");
        }
    }
}
