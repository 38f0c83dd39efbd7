package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.bridge.PriorityTags;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.port.MemoryPort;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two segments of one switch, kept apart by VLANs, by tunnels or by isolation: whatever their stations send, with addresses
 * that both use, with tags of the other's VLANs, no frame of one comes out of the other. Frames say in their last bytes which
 * segment they were sent in. That the segments themselves are connected is checked too, or nothing would be proved.
 */
class SegmentsTest {
    private static final int FRAMES = 60_000;
    private static final int PORTS = 3; // of each segment
    private static final long[] MARKERS = {0x5e6d_e27a_aaaa_0001L, 0x5e6d_e27b_bbbb_0002L};
    private static final int[] TPIDS = {0x8100, 0x88a8};

    /** What keeps them apart. */
    enum Border {
        ACCESS,
        TRUNK,
        NATIVE,
        TUNNEL,
        MIXED,
        ISOLATED,
        SPLIT_HORIZON
    }

    private final SplittableRandom random = TestSeed.random("SegmentsTest");
    private final List<List<MemoryPort>> segments = List.of(new ArrayList<>(), new ArrayList<>());
    private long nowNs;

    private PortSettings settings(Border border, int segment, int port) {
        int vlan = segment == 0 ? 10 : 20;
        VlanSet own = VlanSet.of(vlan, vlan + 1);
        VlanSettings vlans =
                switch (border) {
                    case ACCESS -> VlanSettings.access(vlan);
                    case TRUNK -> VlanSettings.trunk(own);
                    case NATIVE ->
                        port == 0 ? VlanSettings.nativeTagged(vlan, own) : VlanSettings.nativeUntagged(vlan, own);
                    case TUNNEL -> port == 0 ? VlanSettings.tunnel(vlan).withTpid(0x8100) : VlanSettings.tunnel(vlan);
                    case MIXED ->
                        switch (port) {
                            case 0 -> VlanSettings.access(vlan);
                            case 1 -> VlanSettings.nativeUntagged(vlan, own);
                            default -> VlanSettings.tunnel(vlan).withCvlans(VlanSet.of(0, 10, 20, 30));
                        };
                    case ISOLATED, SPLIT_HORIZON -> VlanSettings.TRUNK_ALL;
                };
        if (vlans.mode() != VlanSettings.Mode.DOT1Q_TUNNEL) {
            vlans = vlans.withPriorityTags(PriorityTags.values()[random.nextInt(4)]);
        }
        return PortSettings.builder()
                .vlans(vlans)
                .hairpin(random.nextInt(4) == 0)
                // With isolation each port is a segment of its own, so there is one in each.
                .isolated(border == Border.ISOLATED)
                .splitHorizonGroup(border == Border.SPLIT_HORIZON ? 1 : 0)
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void shouldNeverLeak(Border border) throws Exception {
        try (VirtualSwitch lan = VirtualSwitch.builder()
                .invoker(() -> nowNs)
                .workers(2)
                .fdbCapacity(64)
                .build()) {
            boolean hub = border == Border.ISOLATED || border == Border.SPLIT_HORIZON;
            MemoryPort uplink = new MemoryPort("uplink"); // sees both, for it belongs to neither
            lan.add(uplink);
            for (int segment = 0; segment < 2; segment++) {
                for (int i = 0; i < (hub ? 1 : PORTS); i++) {
                    MemoryPort port = new MemoryPort("segment" + segment + "-" + i);
                    lan.add(port, settings(border, segment, i));
                    segments.get(segment).add(port);
                }
            }
            long[] arrived = new long[2];
            long seenAtUplink = 0;
            int count = FRAMES * TestSeed.effort() / Border.values().length;
            for (int sent = 0; sent < count; sent++) {
                int segment = random.nextInt(2);
                List<MemoryPort> ports = segments.get(segment);
                if (!hub && random.nextInt(5) == 0) {
                    int tci = random.nextInt(16) << 12 | (segment + 1) * 10;
                    assertThat(uplink.send(ReferenceVlans.withTag(frame(segment), TPIDS[random.nextInt(2)], tci)))
                            .isTrue();
                } else {
                    assertThat(ports.get(random.nextInt(ports.size())).send(frame(segment)))
                            .isTrue();
                }
                nowNs += random.nextLong(100_000_000L);
                while (lan.step()) {
                    // until nothing is left to do
                }
                for (int own = 0; own < 2; own++) {
                    arrived[own] += takeAll(own);
                }
                for (byte[] frame = uplink.receive(); frame != null; frame = uplink.receive()) {
                    seenAtUplink++;
                }
            }
            assertThat(seenAtUplink).as("frames at the uplink").isGreaterThan(count / 40);
            if (!hub) {
                assertThat(arrived[0]).as("within the first segment").isGreaterThan(count / 40);
                assertThat(arrived[1]).as("within the second segment").isGreaterThan(count / 40);
            }
            assertThat(lan.statistics().unaccounted()).isZero();
        }
    }

    private long takeAll(int segment) {
        long count = 0;
        for (MemoryPort port : segments.get(segment)) {
            for (byte[] frame = port.receive(); frame != null; frame = port.receive()) {
                long marker = ByteBuffer.wrap(frame).getLong(frame.length - Long.BYTES);
                if (marker != MARKERS[segment]) {
                    assertThat(marker)
                            .as("out of " + port + " came " + HexFormat.of().formatHex(frame))
                            .isEqualTo(MARKERS[segment]);
                }
                count++;
            }
        }
        return count;
    }

    /** Any frame at all, marked with its segment. */
    private byte[] frame(int segment) {
        byte[] head = new byte[12];
        putMac(head, 0, random.nextInt(4) == 0 ? 0xffff_ffff_ffffL : station());
        putMac(head, 6, random.nextInt(20) == 0 ? random.nextLong() >>> 16 : station());
        ByteBuffer frame = ByteBuffer.allocate(120).put(head);
        int tags = random.nextInt(4);
        for (int i = 0; i < tags; i++) {
            frame.putShort((short) TPIDS[random.nextInt(2)]);
            frame.putShort((short) (random.nextInt(16) << 12 | vid(segment)));
        }
        frame.putShort((short) 0x0800);
        frame.position(frame.position() + random.nextInt(40));
        frame.putLong(MARKERS[segment]);
        byte[] bytes = new byte[frame.position()];
        frame.get(0, bytes);
        return bytes;
    }

    /** One of a few addresses, which stations of both segments use. */
    private long station() {
        return 0x0200_0000_0000L | random.nextInt(6);
    }

    private int vid(int segment) {
        if (random.nextInt(3) == 0) {
            return (segment + 1) * 10 + random.nextInt(2);
        }
        int[] vids = {0, 0, 10, 11, 20, 21, 30, 1, 4_094, 4_095};
        return vids[random.nextInt(vids.length)];
    }

    private static void putMac(byte[] bytes, int offset, long mac) {
        for (int i = 0; i < 6; i++) {
            bytes[offset + i] = (byte) (mac >> 40 - 8 * i);
        }
    }
}
