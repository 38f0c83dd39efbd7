package io.weft.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.ExpectedFailures;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ExpectedFailures.class)
@Timeout(60)
class EventDispatcherTest {
    private static final int CAPACITY = 4_096; // of each of its queues

    private final EventDispatcher events = new EventDispatcher("dispatcher-test", index -> "port " + index);
    private final Heard heard = new Heard();

    private static final class Heard implements SwitchListener {
        private final List<String> told = new ArrayList<>();
        private final AtomicLong count = new AtomicLong();
        private final AtomicLong lost = new AtomicLong();

        private void add(String event) {
            count.incrementAndGet();
            told.add(event);
        }

        @Override
        public void portAdded(String port) {
            add("added " + port);
        }

        @Override
        public void portRemoved(String port) {
            add("removed " + port);
        }

        @Override
        public void portUp(String port) {
            add("up " + port);
        }

        @Override
        public void portDown(String port, String reason) {
            add("down " + port + " " + reason);
        }

        @Override
        public void learned(Station station) {
            add("learned " + station);
        }

        @Override
        public void moved(Station station) {
            add("moved " + station);
        }

        @Override
        public void aged(Station station) {
            add("aged " + station);
        }

        @Override
        public void evicted(Station station) {
            add("evicted " + station);
        }

        @Override
        public void flushed(Station station) {
            add("flushed " + station);
        }

        @Override
        public void message(String driver, String text) {
            add(driver + ": " + text);
        }

        @Override
        public void lost(long events) {
            lost.addAndGet(events);
        }
    }

    private void change(FdbObserver.Change change, int mac) {
        // Port 3, endpoint 9, packed as FdbValue's Javadoc draws it.
        events.changed(change, FdbKey.of(5, mac), 3L << 49 | 9L << 29);
    }

    @Test
    void shouldTellEveryKindOfEventInOrder() {
        events.add(heard);
        events.portAdded("a");
        events.portDown("a", "unplugged");
        events.portUp("a");
        events.message("driver", "reconnecting");
        events.portRemoved("a");
        for (FdbObserver.Change change : FdbObserver.Change.values()) {
            change(change, 0xab);
        }
        assertThat(events.dispatch()).isTrue();
        String station = "00:00:00:00:00:ab vlan 5 at port 3 endpoint 9";
        assertThat(heard.told)
                .containsExactly(
                        "added a",
                        "down a unplugged",
                        "up a",
                        "driver: reconnecting",
                        "removed a",
                        "learned " + station,
                        "moved " + station,
                        "aged " + station,
                        "evicted " + station,
                        "flushed " + station);
        assertThat(events.dispatch()).isFalse();
    }

    @Test
    void shouldTellOnlyThoseWhoListen() {
        events.portAdded("before");
        events.add(heard);
        events.portAdded("while");
        events.dispatch();
        events.remove(heard);
        events.portAdded("after");
        events.dispatch();
        assertThat(heard.told).containsExactly("added while");
    }

    @Test
    void shouldCountWhatDoesNotFit() {
        events.add(heard);
        for (int i = 0; i < CAPACITY + 100; i++) {
            events.portUp("p");
        }
        for (int i = 0; i < CAPACITY + 11; i++) {
            change(FdbObserver.Change.LEARNED, i + 1);
        }
        events.dispatch();
        assertThat(heard.told).hasSize(2 * CAPACITY);
        assertThat(heard.lost).hasValue(111);
        events.portUp("p");
        events.dispatch();
        assertThat(heard.told).as("there is room again").hasSize(2 * CAPACITY + 1);
        assertThat(heard.lost).as("told once").hasValue(111);
    }

    @Test
    void shouldGoOnWhenAListenerThrows() {
        events.add(new SwitchListener() {
            @Override
            public void portAdded(String port) {
                throw new IllegalStateException("a bug");
            }

            @Override
            public void portRemoved(String port) {
                throw new AssertionError("a failed check");
            }
        });
        events.add(heard);
        events.portAdded("a");
        events.portRemoved("a");
        events.portUp("b");
        events.dispatch();
        assertThat(heard.told).containsExactly("added a", "removed a", "up b");
    }

    /** A MAC flood makes FDB changes faster than any listener hears them: the other events must get through. */
    @Test
    void shouldTellOfPortsDuringAnEndlessStormOfFdbChanges() {
        AtomicLong storm = new AtomicLong();
        events.add(new SwitchListener() {
            @Override
            public void learned(Station station) {
                if (storm.incrementAndGet() < 10_000_000) {
                    change(FdbObserver.Change.LEARNED, 1);
                }
            }
        });
        events.add(heard);
        change(FdbObserver.Change.LEARNED, 1);
        events.dispatch();
        assertThat(storm.get()).as("changes told in one go").isLessThanOrEqualTo(CAPACITY);
        events.portDown("a", "unplugged");
        events.dispatch();
        assertThat(heard.told).contains("down a unplugged");
    }

    @Test
    void shouldAccountForEveryEventThatManyThreadsPublishWhileAListenerIsSlow() throws Exception {
        events.add(heard);
        CountDownLatch slow = new CountDownLatch(1);
        events.add(new SwitchListener() {
            @Override
            public void portAdded(String port) {
                try {
                    slow.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        events.start();
        events.portAdded("the one that blocks");
        int threads = 3;
        int each = 20_000;
        List<Thread> publishers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int of = t;
            Thread publisher = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    if (i % 100 == 0) {
                        events.portUp("p" + of);
                    } else {
                        change(FdbObserver.Change.MOVED, i + 1);
                    }
                    if (i == each / 2 && of == 0) {
                        slow.countDown(); // from here on it hears again, while the others go on
                    }
                }
            });
            publisher.start();
            publishers.add(publisher);
        }
        for (Thread publisher : publishers) {
            publisher.join();
        }
        events.stop();
        assertThat(heard.count.get() + heard.lost.get()).isEqualTo(1 + threads * each);
        assertThat(heard.lost.get()).as("what did not fit while it was slow").isPositive();
        assertThat(heard.count.get()).isGreaterThan(CAPACITY);
    }

    /** A worker that notices changes at line rate must neither wake the event thread for each nor be answered for each. */
    @Test
    void shouldTellFdbChangesInRoundsAndTheRestAtOnce() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        AtomicLong learned = new AtomicLong();
        events.add(new SwitchListener() {
            @Override
            public void learned(Station station) {
                if (learned.incrementAndGet() == 1) {
                    told.add("learned");
                }
            }

            @Override
            public void portUp(String port) {
                told.add("up after " + learned.get());
            }
        });
        events.start();
        change(FdbObserver.Change.LEARNED, 1);
        assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("learned");
        // Between two rounds, ports are told again and again before a change that was published ahead of them all.
        // Where
        // this machine was busy the round was over by then: again.
        int attempts = 0;
        boolean between = false;
        while (!between && attempts++ < 1_000) {
            long before = learned.get();
            change(FdbObserver.Change.LEARNED, 2);
            between = true;
            for (int i = 0; i < 3; i++) {
                events.portUp("p");
                between &= told.poll(30, TimeUnit.SECONDS).equals("up after " + before);
                awaitEventThreadWaits(); // which it does only when there is nothing that it may tell now
            }
        }
        events.stop();
        assertThat(between).as("told between rounds").isTrue();
        assertThat(learned).hasValue(1 + attempts);
    }

    private static void awaitEventThreadWaits() {
        Thread eventThread = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("dispatcher-test-events"))
                .findFirst()
                .orElseThrow();
        while (eventThread.getState() != Thread.State.WAITING && eventThread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldKeepTheLogShortWhenPortsFlapUnheard() {
        List<String> lines = new ArrayList<>();
        try (LogCapture ignored = LogCapture.of(EventDispatcher.class, lines)) {
            for (int i = 0; i < 1_000; i++) {
                events.portDown("p", "flap");
                events.dispatch();
            }
        }
        assertThat(lines).hasSizeLessThan(500).contains("port p down: flap");
    }

    @Test
    void shouldKeepTheLogShortWhenAListenerAlwaysThrows() {
        List<String> lines = new ArrayList<>();
        events.add(new SwitchListener() {
            @Override
            public void learned(Station station) {
                throw new IllegalStateException("a bug");
            }
        });
        try (LogCapture ignored = LogCapture.of(EventDispatcher.class, lines)) {
            for (int i = 0; i < 4_000; i++) {
                change(FdbObserver.Change.LEARNED, i + 1);
            }
            events.dispatch();
        }
        assertThat(lines).hasSizeLessThan(500).contains("a listener failed");
    }

    @Test
    void shouldTellWhatIsLeftWhenItStops() {
        events.add(heard);
        events.start();
        for (int i = 0; i < 3_000; i++) {
            events.portUp("p");
            change(FdbObserver.Change.MOVED, 1);
        }
        events.stop();
        assertThat(heard.count.get() + heard.lost.get()).isEqualTo(6_000);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("dispatcher-test"));
    }
}
