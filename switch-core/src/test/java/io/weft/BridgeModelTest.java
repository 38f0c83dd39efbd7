package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.event.Station;
import io.weft.event.SwitchListener;
import io.weft.fdb.FdbEntry.Kind;
import io.weft.fdb.FdbStatistics;
import io.weft.port.PortStatistics;
import io.weft.worker.PortStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The whole switch against {@link ReferenceBridge}: the same frames must leave by the same ports in the same order, the same
 * stations must be known, the same drops counted for the same reasons, and nothing may be unaccounted for, while ports come,
 * go, break and work again, and time passes.
 */
class BridgeModelTest {
    private static final int FRAMES = 160_000;
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

    private ReferenceBridge reference;
    private VirtualSwitch lan;
    private StationCount heard;
    private SplittableRandom random;
    private RandomChanges changes;
    private long nowNs;

    @Test
    void shouldDoWhatTheReferenceDoes() throws Exception {
        SplittableRandom seed = TestSeed.random("BridgeModelTest");
        int rounds = 4;
        for (int round = 0; round < rounds; round++) {
            random = seed.split();
            nowNs = random.nextLong(1L << 58);
            reference = new ReferenceBridge(nowNs);
            heard = new StationCount();
            lan = VirtualSwitch.builder()
                    .invoker(() -> nowNs)
                    .fdbCapacity(2_048)
                    .workers(1 + random.nextInt(3))
                    .listener(heard)
                    .build();
            try {
                RandomFrames frames = new RandomFrames(random);
                changes = new RandomChanges(random, frames, lan, reference);
                run(frames, FRAMES * TestSeed.effort() / rounds);
            } finally {
                lan.close();
            }
            assertThat(lan.statistics().unaccounted()).isZero();
        }
    }

    private void run(RandomFrames frames, int count) throws Exception {
        int sent = 0;
        while (sent < count) {
            if (changes.attached.size() < 3 || random.nextInt(8) == 0) {
                changes.next();
                settle();
                continue;
            }
            passTime();
            String from = changes.anyPort();
            if (!reference.port(from).isUp() && random.nextInt(8) > 0) {
                continue; // what a port that is down receives teaches little
            }
            frames.from(from.charAt(1));
            int burst = 1 + random.nextInt(random.nextInt(10) == 0 ? 150 : 12);
            int large = 0;
            for (int i = 0; i < burst; i++) {
                byte[] frame = frames.next();
                large += frame.length > 1_700 ? 1 : 0;
                if (large > 16) {
                    break; // the pools hold no more of them at once
                }
                assertThat(changes.attached.get(from).port().send(frame)).isTrue();
                reference.receive(from, frame);
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

    private void passTime() {
        int dice = random.nextInt(1_000);
        if (dice < 500) {
            nowNs += random.nextLong(300_000_000L);
        } else if (dice < 800) {
            nowNs += random.nextLong(3_000_000_000L);
        } else if (dice < 803) {
            nowNs += random.nextLong(600_000_000_000L);
        }
        settle();
        reference.time(nowNs);
    }

    private void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    private void assertSameFrames() {
        for (Map.Entry<String, RandomChanges.Attached> to : changes.attached.entrySet()) {
            int index = 0;
            for (byte[] expected : reference.takeSent(to.getKey())) {
                byte[] actual = to.getValue().port().receive();
                if (!Arrays.equals(actual, expected)) {
                    assertThat(actual)
                            .as("frame " + index + " out of " + to.getKey())
                            .isEqualTo(expected);
                }
                index++;
            }
            assertThat(to.getValue().port().receive())
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
        assertThat(lan.fdb().stations().stream().map(BridgeModelTest::describe))
                .containsExactlyInAnyOrderElementsOf(reference.fdb.stations());
        FdbStatistics fdb = lan.fdb().statistics();
        assertThat(fdb.evicted() + fdb.refused()).as("there is room for all").isZero();
        assertThat(List.of(fdb.entries(), fdb.learned(), fdb.moved(), fdb.expired(), fdb.flushed()))
                .as("entries, learned, moved, expired, flushed")
                .isEqualTo(List.of(
                        reference.fdb.size(),
                        reference.fdb.learned,
                        reference.fdb.moved,
                        reference.fdb.expired,
                        reference.fdb.flushed));
        assertThat(heard.lost).isZero();
        assertThat(heard.stations).as("stations the listener heard of").isEqualTo(fdb.entries());
        assertThat(lan.ports()).hasSize(changes.attached.size());
        for (PortStatus port : lan.ports()) {
            ReferencePort expected = reference.port(port.name());
            assertThat(port.statistics().drops())
                    .as("drops of " + expected.name)
                    .isEqualTo(expected.drops);
            assertThat(port.up()).as(expected.name + " is up").isEqualTo(expected.isUp());
        }
    }

    private static String describe(Station station) {
        String age = station.kind() == Kind.DYNAMIC ? "" + station.ageSeconds() : "";
        return station.vlan() + "/" + Long.toHexString(station.mac()) + "@" + station.port() + "#" + station.endpoint()
                + " " + station.kind() + " " + age;
    }
}
