package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.event.Station;
import io.weft.event.SwitchListener;
import io.weft.frame.Frame;
import io.weft.port.MemoryPort;
import io.weft.port.PortStatistics;
import io.weft.worker.AttachedDriver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The whole switch against {@link ReferenceBridge}: the same frames must leave by the same ports in the same order, the same
 * stations must be known, the same drops counted for the same reasons, and nothing may be unaccounted for, while ports come,
 * go, break and work again, and time passes.
 */
class BridgeModelTest {
    private static final int FRAMES = 600_000;
    private static final int MAX_PORTS = 9;

    /** Counts stations by what the switch tells about them. */
    private static final class StationCount implements SwitchListener {
        private long stations;
        private long lost;

        @Override
        public void learned(Station station) {
            stations++;
        }

        @Override
        public void aged(Station station) {
            stations--;
        }

        @Override
        public void evicted(Station station) {
            stations--;
        }

        @Override
        public void flushed(Station station) {
            stations--;
        }

        @Override
        public void lost(long events) {
            lost += events;
        }
    }

    private record Attached(MemoryPort port, AttachedDriver driver) {}

    private final Map<String, Attached> attached = new TreeMap<>();
    private ReferenceBridge reference;
    private VirtualSwitch lan;
    private StationCount heard;
    private SplittableRandom random;
    private long nowNs;
    private int nextName;

    @Test
    void shouldDoWhatTheReferenceDoes() throws Exception {
        SplittableRandom seed = TestSeed.random("BridgeModelTest");
        int rounds = 4;
        for (int round = 0; round < rounds; round++) {
            random = seed.split();
            nowNs = random.nextLong(Long.MAX_VALUE / 4);
            reference = new ReferenceBridge();
            attached.clear();
            heard = new StationCount();
            lan = VirtualSwitch.builder()
                    .invoker(() -> nowNs)
                    .fdbCapacity(2_048)
                    .workers(1 + random.nextInt(3))
                    .listener(heard)
                    .build();
            try {
                run(new RandomFrames(random), FRAMES * TestSeed.effort() / rounds);
            } finally {
                lan.close();
            }
            assertThat(lan.statistics().unaccounted()).isZero();
        }
    }

    private void run(RandomFrames frames, int count) throws Exception {
        int sent = 0;
        while (sent < count) {
            change();
            if (attached.isEmpty()) {
                continue;
            }
            String from = any();
            int burst = 1 + random.nextInt(random.nextInt(10) == 0 ? 150 : 12);
            int large = 0;
            for (int i = 0; i < burst; i++) {
                byte[] frame = frames.next();
                large += frame.length > 1_700 ? 1 : 0;
                if (large > 16) {
                    break; // the pools hold no more of them at once
                }
                assertThat(attached.get(from).port.send(frame)).isTrue();
                reference.receive(from, frame, nowSeconds());
                sent++;
            }
            settle();
            assertSameFrames();
            if (random.nextInt(8) == 0) {
                assertThat(lan.statistics().unaccounted()).isZero();
            }
            if (random.nextInt(200) == 0) {
                assertSameState();
            }
        }
        assertSameState();
    }

    private long nowSeconds() {
        return nowNs / 1_000_000_000L;
    }

    private void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    private String any() {
        List<String> names = new ArrayList<>(attached.keySet());
        return names.get(random.nextInt(names.size()));
    }

    /** Now and then a port or the time changes. */
    private void change() throws Exception {
        int dice = random.nextInt(1_000);
        if (attached.size() < 3 || dice < 6 && attached.size() < MAX_PORTS) {
            add();
        } else if (dice < 12) {
            String name = any();
            attached.remove(name).driver.close();
            reference.remove(name);
        } else if (dice < 22) {
            String name = any();
            attached.get(name).port.down("for a while");
            reference.down(name);
        } else if (dice < 40) {
            String name = any();
            attached.get(name).port.up();
            reference.up(name);
        } else if (dice < 300) {
            nowNs += random.nextLong(3_000_000_000L);
        } else if (dice < 302) {
            nowNs += random.nextLong(600_000_000_000L);
        }
    }

    private void add() throws Exception {
        // Names come back: a port that takes the name of one that left is a new port.
        String name = "p" + (random.nextInt(4) == 0 ? random.nextInt(4) : nextName++);
        if (attached.containsKey(name)) {
            return;
        }
        int maxFrameLength = random.nextInt(4) == 0 ? 14 + random.nextInt(100) : Frame.MAX_LENGTH;
        int group = random.nextInt(3) == 0 ? 1 + random.nextInt(2) : 0;
        MemoryPort port = new MemoryPort(name, maxFrameLength);
        attached.put(
                name,
                new Attached(
                        port,
                        lan.add(
                                port,
                                PortSettings.builder().splitHorizonGroup(group).build())));
        reference.add(name, group, maxFrameLength);
    }

    private void assertSameFrames() {
        for (Map.Entry<String, Attached> to : attached.entrySet()) {
            int index = 0;
            for (byte[] expected : reference.takeSent(to.getKey())) {
                byte[] actual = to.getValue().port.receive();
                if (!Arrays.equals(actual, expected)) {
                    assertThat(actual)
                            .as("frame " + index + " out of " + to.getKey())
                            .isEqualTo(expected);
                }
                index++;
            }
            assertThat(to.getValue().port.receive())
                    .as("one frame more out of " + to.getKey())
                    .isNull();
        }
    }

    private void assertSameState() {
        PortStatistics statistics = lan.statistics();
        assertThat(statistics.drops()).isEqualTo(reference.drops());
        assertThat(statistics.rxFrames()).isEqualTo(reference.received());
        assertThat(statistics.copies()).isEqualTo(reference.copies());
        assertThat(statistics.txFrames()).isEqualTo(reference.transmitted());
        assertThat(lan.fdb().stations().stream()
                        .map(station -> station.vlan() + "/" + Long.toHexString(station.mac()) + "@" + station.port()))
                .containsExactlyInAnyOrderElementsOf(reference.stations(nowSeconds()));
        assertThat(lan.fdb().statistics().evicted() + lan.fdb().statistics().refused())
                .as("there is room for all")
                .isZero();
        assertThat(heard.lost).isZero();
        assertThat(heard.stations)
                .as("stations the listener heard of")
                .isEqualTo(lan.fdb().statistics().entries());
        assertThat(lan.ports()).hasSize(attached.size());
    }
}
