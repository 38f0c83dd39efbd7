package io.weft;

import static io.weft.OffloadLan.CHECKSUM;
import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.OffloadLan.TSO;
import static io.weft.OffloadLan.TSO4;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.frame.MacAddress;
import io.weft.mirror.Mirror;
import io.weft.port.DropReason;
import io.weft.port.PortCapabilities;
import io.weft.port.PortStatistics;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Random switches whose ports have any offloads, and random traffic of super-frames and others: what each port sends, as
 * frames of the wire, is what a bridge without offloads would have made of the frames of the wire that came in.
 */
class SuperFrameModelTest {
    private static final int SWITCHES = 25;
    private static final int ROUNDS = 25;
    private static final int STATIONS = 6;
    private static final PortCapabilities[] ABLE = {NOTHING, CHECKSUM, TSO4, TSO, EVERYTHING};

    private SplittableRandom random;
    private final List<Conversation> talks = new ArrayList<>();
    private int others;

    @Test
    void shouldSendWhatABridgeWithoutOffloadsWould() throws Exception {
        SplittableRandom seeds = TestSeed.random("SuperFrameModelTest");
        long segmented = 0;
        long coalesced = 0;
        for (int i = 0; i < SWITCHES * TestSeed.effort(); i++) {
            random = seeds.split();
            PortStatistics all = check();
            segmented += all.segmented();
            coalesced += all.coalesced();
        }
        assertThat(segmented).isGreaterThan(1_000);
        assertThat(coalesced).isGreaterThan(100);
    }

    private PortStatistics check() throws Exception {
        ReferenceBridge reference = new ReferenceBridge(1_000_000_000_000L);
        Set<String> merging = new HashSet<>();
        List<String> names = new ArrayList<>();
        try (OffloadLan lan = new OffloadLan(1 + random.nextInt(3))) {
            int ports = 3 + random.nextInt(4);
            for (int i = 0; i < ports; i++) {
                String name = "p" + i;
                PortCapabilities capabilities = capabilities();
                PortSettings settings = settings();
                lan.port(name, capabilities, settings);
                reference.add(name, settings, capabilities.maxFrameLength());
                names.add(name);
                if (capabilities.coalescing()) {
                    merging.add(name);
                }
            }
            List<String> sources = List.copyOf(names);
            if (random.nextBoolean()) {
                mirror(lan, reference, names, merging);
            }
            talks.clear();
            for (int i = 0; i < 20; i++) {
                Kind kind = Kind.values()[random.nextInt(4)];
                talks.add(new Conversation(kind, station(), random.nextInt(6) == 0 ? SteppedLan.GROUP : station(), i));
            }
            for (int round = 0; round < ROUNDS; round++) {
                String from = sources.get(random.nextInt(sources.size()));
                OffloadedFrame[] frames = frames();
                lan.send(from, frames);
                for (OffloadedFrame frame : frames) {
                    frame.onTheWire().forEach(bytes -> reference.receive(from, bytes));
                }
                for (String name : names) {
                    String what = name + " in round " + round + ", from " + from + ": " + Arrays.toString(frames);
                    compare(what, lan.port(name).take(), reference.takeSent(name), merging.contains(name));
                }
            }
            PortStatistics all = lan.lan.statistics();
            assertThat(all.rxSegments()).isEqualTo(reference.received());
            assertThat(all.txSegments()).isEqualTo(reference.transmitted());
            assertThat(all.dropped(DropReason.TOO_LONG))
                    .isEqualTo(reference.drops().getOrDefault(DropReason.TOO_LONG, 0L));
            assertThat(all.unaccounted()).isZero();
            return all;
        }
    }

    private void mirror(OffloadLan lan, ReferenceBridge reference, List<String> names, Set<String> merging)
            throws Exception {
        PortCapabilities capabilities = capabilities();
        lan.port("ids", capabilities);
        reference.add("ids", PortSettings.DEFAULT, capabilities.maxFrameLength());
        Mirror.Builder mirror = Mirror.of("m").port("p0").source("p1").destination("p2");
        if (random.nextBoolean()) {
            mirror.segmented();
        }
        lan.lan.mirror(mirror.toPort("ids"));
        reference.addMirror(mirror.toPort("ids"));
        names.add("ids");
        if (capabilities.coalescing()) {
            merging.add("ids");
        }
    }

    private PortCapabilities capabilities() {
        PortCapabilities capabilities = ABLE[random.nextInt(ABLE.length)];
        if (random.nextInt(3) == 0) {
            capabilities = OffloadLan.owned(capabilities);
        }
        if (random.nextInt(3) == 0) {
            return capabilities.withCoalescing();
        }
        boolean cutsNothing =
                capabilities.offloads().size() <= CHECKSUM.offloads().size();
        return cutsNothing && random.nextInt(3) == 0 ? OffloadLan.narrow(capabilities) : capabilities;
    }

    private PortSettings settings() {
        VlanSet some = VlanSet.of(10, 20);
        VlanSettings vlans =
                switch (random.nextInt(8)) {
                    case 0 -> VlanSettings.access(10);
                    case 1 -> VlanSettings.access(20);
                    case 2 -> VlanSettings.trunk(some);
                    case 3 -> VlanSettings.nativeUntagged(10, some);
                    case 4 -> VlanSettings.nativeTagged(20, some);
                    case 5 -> VlanSettings.tunnel(10);
                    default -> VlanSettings.TRUNK_ALL;
                };
        return PortSettings.builder()
                .vlans(vlans)
                .hairpin(random.nextInt(5) == 0)
                .isolated(random.nextInt(5) == 0)
                .build();
    }

    private static String station(int i) {
        return MacAddress.format(VlanFrames.station(i));
    }

    private String station() {
        return station(random.nextInt(STATIONS));
    }

    /** What comes in by one port in one poll: a few flows, in runs and mixed. */
    private OffloadedFrame[] frames() {
        OffloadedFrame[] frames = new OffloadedFrame[1 + random.nextInt(random.nextInt(5) == 0 ? 150 : 20)];
        int[] tags = new int[random.nextInt(4) == 0 ? 2 : random.nextInt(2)];
        Arrays.setAll(tags, i -> random.nextInt(8) << 13 | (random.nextInt(5) == 0 ? 30 : 10 + 10 * random.nextInt(2)));
        int tpid = random.nextInt(3) == 0 ? 0x88a8 : 0x8100;
        Conversation talk = null;
        int size = 1 + random.nextInt(1_400);
        for (int i = 0; i < frames.length; i++) {
            if (talk == null || random.nextInt(4) == 0) {
                talk = talks.get(random.nextInt(talks.size()));
            }
            frames[i] = frame(talk, size);
            for (int tag : tags) {
                frames[i] = frames[i].tagged(tpid, tag);
            }
        }
        return frames;
    }

    private OffloadedFrame frame(Conversation talk, int size) {
        int dice = random.nextInt(100);
        if (dice < 50) {
            return talk.plain(size);
        } else if (dice < 60) {
            return talk.partial(size);
        } else if (dice < 70) {
            return talk.plain(1 + random.nextInt(1_500));
        } else if (dice < 74) {
            return other();
        }
        int gsoSize = random.nextInt(8) == 0 ? 1 + random.nextInt(3_000) : size;
        int payload = 1 + random.nextInt(Math.min(60_000, gsoSize * (1 + random.nextInt(12))));
        return random.nextInt(6) == 0 && !talk.kind.isUdp()
                ? talk.superFrameWithEcn(payload, gsoSize)
                : talk.superFrame(payload, gsoSize);
    }

    /** A frame without IP. */
    private OffloadedFrame other() {
        byte[] frame = SteppedLan.frame(random.nextBoolean() ? SteppedLan.BROADCAST : station(), station());
        return OffloadedFrame.plain(ByteBuffer.wrap(frame)
                .putShort(12, (short) 0x88b5)
                .putInt(14, others++)
                .array());
    }

    // ---- comparing ----

    private static void compare(String what, List<OffloadedFrame> sent, List<byte[]> expected, boolean merging) {
        List<byte[]> got = new ArrayList<>();
        sent.forEach(frame -> got.addAll(frame.onTheWire()));
        if (merging) { // a super-frame may overtake other flows
            assertThat(byFlow(got)).as(what).isEqualTo(byFlow(expected));
        } else {
            assertThat(hex(got)).as(what).isEqualTo(hex(expected));
        }
    }

    private static List<String> hex(List<byte[]> frames) {
        return frames.stream().map(HexFormat.of()::formatHex).toList();
    }

    private static Map<String, List<String>> byFlow(List<byte[]> frames) {
        Map<String, List<String>> flows = new LinkedHashMap<>();
        for (byte[] frame : frames) {
            int ip = OffloadedFrame.ipOffset(frame);
            boolean other = frame[ip - 2] == (byte) 0x88;
            int headers = other ? ip : OffloadedFrame.transportOffset(frame, ip) + 4;
            String flow =
                    HexFormat.of().formatHex(frame, 0, ip) + HexFormat.of().formatHex(frame, headers - 4, headers);
            flows.computeIfAbsent(flow, key -> new ArrayList<>())
                    .add(HexFormat.of().formatHex(frame));
        }
        return flows;
    }
}
