package io.weft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.event.Station;
import io.weft.event.SwitchListener;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.worker.AttachedDriver;
import io.weft.worker.PortStatus;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers and ports that throw, come too late or take each other's names; the switch is stepped by the test. */
@ExtendWith(ExpectedFailures.class)
class FailingDriverTest {
    private static final byte[] BROADCAST =
            HexFormat.of().parseHex("ffffffffffff" + "0200000000aa" + "0806" + "00".repeat(46));

    private final List<String> heard = new ArrayList<>();
    private final SwitchListener listener = new SwitchListener() {
        @Override
        public void portAdded(String port) {
            heard.add("added " + port);
        }

        @Override
        public void portRemoved(String port) {
            heard.add("removed " + port);
        }

        @Override
        public void portDown(String port, String reason) {
            heard.add("down " + port + ": " + reason);
        }

        @Override
        public void message(String driver, String text) {
            heard.add(driver + " " + text);
        }

        @Override
        public void flushed(Station station) {
            heard.add("flushed " + station);
        }
    };
    private final MemoryPort a = new MemoryPort("a");
    private final MemoryPort b = new MemoryPort("b");
    private final VirtualSwitch lan = VirtualSwitch.builder()
            .invoker(() -> 0)
            .workers(2)
            .listener(listener)
            .build();

    private void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    private List<String> ports() {
        return lan.ports().stream().map(PortStatus::name).toList();
    }

    private void assertTakenOut(ScriptedDriver driver) {
        assertThat(ports()).doesNotContain(driver.name());
        assertThat(driver.closed).as("closed once").hasValue(1);
        assertThat(driver.detached).as("detached once").hasValue(1);
        assertThat(heard).contains("removed " + driver.name());
    }

    /** That a and b still exchange frames. */
    private void assertOthersWork() {
        while (b.receive() != null) {
            // what came before
        }
        a.send(BROADCAST);
        settle();
        assertThat(b.receive()).isEqualTo(BROADCAST);
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    @AfterEach
    void close() {
        lan.close();
        assertThat(lan.ports()).isEmpty();
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    // ---- drivers that throw ----

    static final class Unexpected extends Error {
        private static final long serialVersionUID = 1L;

        Unexpected() {
            super("unexpected");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeOutADriverWhosePollThrows(boolean error) throws Exception {
        lan.add(a);
        lan.add(b);
        ScriptedDriver bad = new ScriptedDriver("bad").onPoll((driver, into, limit) -> {
            Frame frame = driver.context().pool().allocate(60);
            frame.putBytes(0, BROADCAST, 0, 60);
            frame.ingress(driver.handle().index());
            into.add(frame); // received before it failed
            if (error) {
                throw new Unexpected();
            }
            throw new IllegalStateException("unexpected");
        });
        lan.add(bad);
        settle();
        assertTakenOut(bad);
        assertThat(heard)
                .anyMatch(line -> line.startsWith("down bad: its driver failed") && line.contains("unexpected"));
        assertThat(heard).anyMatch(line -> line.startsWith("scripted:bad failed and is taken out"));
        assertThat(lan.statistics().rxFrames()).as("the frame it had received").isEqualTo(1);
        assertOthersWork();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeOutADriverWhoseTransmitThrows(boolean concurrent) throws Exception {
        lan.add(a);
        ScriptedDriver bad = new ScriptedDriver("bad").onTransmit((frames, counters) -> {
            throw new IllegalStateException("unexpected");
        });
        lan.add(concurrent ? bad.withConcurrentTransmit() : bad); // on the other worker than a
        lan.add(b);
        for (int i = 0; i < 100; i++) {
            a.send(BROADCAST);
        }
        settle();
        assertTakenOut(bad);
        assertThat(lan.statistics().txFrames()).as("b got them all").isEqualTo(100);
        assertThat(lan.statistics().dropped(DropReason.TX_ERROR)).isPositive();
        assertThat(lan.statistics().unaccounted()).isZero();
        assertOthersWork();
    }

    @Test
    void shouldTakeOutAMemoryPortWhoseReceiverThrows() throws Exception {
        AtomicInteger received = new AtomicInteger();
        lan.add(a);
        lan.add(b);
        lan.add(new MemoryPort("bad").onFrame(bytes -> {
            if (received.incrementAndGet() == 5) {
                throw new IllegalStateException("unexpected");
            }
        }));
        for (int i = 0; i < 10; i++) {
            a.send(BROADCAST);
        }
        settle();
        assertThat(ports()).containsExactly("a", "b");
        assertThat(received).hasValue(5);
        assertThat(lan.statistics().txFrames()).isEqualTo(15);
        assertThat(lan.statistics().dropped(DropReason.TX_ERROR)).isEqualTo(5);
        assertOthersWork();
    }

    @Test
    void shouldTakeOutADriverWhoseTaskThrows() throws Exception {
        lan.add(a);
        lan.add(b);
        ScriptedDriver bad = new ScriptedDriver("bad");
        lan.add(bad);
        bad.context().execute(() -> {
            throw new Unexpected();
        });
        settle();
        assertTakenOut(bad);
        assertOthersWork();
    }

    @Test
    void shouldCloseADriverWhoseOpenFails() throws Exception {
        lan.add(a);
        lan.add(b);
        ScriptedDriver refused = new ScriptedDriver("refused").onOpen(driver -> {
            throw new PortException("no such device");
        });
        assertThatThrownBy(() -> lan.add(refused))
                .isInstanceOf(PortException.class)
                .hasMessage("no such device");
        assertTakenOutAfterOpen(refused);
        ScriptedDriver broken = new ScriptedDriver("broken").onOpen(driver -> {
            throw new IllegalStateException("a bug");
        });
        assertThatThrownBy(() -> lan.add(broken))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a bug");
        assertTakenOutAfterOpen(broken);
        assertOthersWork();
        lan.add(new MemoryPort("refused")); // its name is free again
    }

    private void assertTakenOutAfterOpen(ScriptedDriver driver) {
        settle();
        assertTakenOut(driver);
        assertThat(driver.polled).as("never polled").hasValue(0);
    }

    @Test
    void shouldSurviveADriverThatThrowsOnTheWayOut() throws Exception {
        lan.add(a);
        lan.add(b);
        ScriptedDriver bad = new ScriptedDriver("bad").onClose(() -> {
            throw new Unexpected();
        });
        lan.add(bad).close();
        settle();
        assertTakenOut(bad);
        assertOthersWork();
    }

    // ---- names ----

    @Test
    void shouldRefuseASecondPortOfTheSameNameAndCloseItsDriver() throws Exception {
        lan.add(a);
        lan.add(b);
        ScriptedDriver second = new ScriptedDriver("a");
        assertThatThrownBy(() -> lan.add(second))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("has a port 'a' already");
        assertThat(second.closed).hasValue(1);
        assertThat(ports()).containsExactly("a", "b");
        assertOthersWork();
    }

    @Test
    void shouldTellTheNameOfAPortThatHasLeft() throws Exception {
        lan.add(b);
        AttachedDriver attached = lan.add(a);
        a.send(BROADCAST);
        settle();
        attached.close();
        settle();
        assertThat(heard).contains("flushed 02:00:00:00:00:aa at a");
    }

    @Test
    void shouldForgetAPortThatTookTheIndexOfAnother() throws Exception {
        lan.add(a);
        lan.add(b);
        int lives = 17_000; // more than there are indexes
        for (int i = 0; i < lives; i++) {
            ScriptedDriver driver = new ScriptedDriver("passing");
            AttachedDriver attached = lan.add(driver);
            if (i % 1_000 == 0) {
                a.send(BROADCAST);
                settle();
                assertThat(attached.ports().get(0).statistics().txFrames()).isEqualTo(1);
            }
            attached.close();
            if (i % 500 == 0) {
                settle();
                heard.clear();
            }
        }
        AttachedDriver last = lan.add(new ScriptedDriver("last"));
        assertThat(last.ports().get(0).index()).as("an index used before").isLessThan(1_000);
        assertThat(last.ports().get(0).statistics().txFrames()).isZero();
        assertThat(lan.statistics().txFrames()).as("of all who left, too").isEqualTo(2L * lives / 1_000);
        assertOthersWork();
    }

    // ---- too late ----

    @Test
    void shouldRefuseAPortThatComesWhenItsDriverIsClosed() throws Exception {
        List<Exception> refused = new ArrayList<>();
        ScriptedDriver driver = new ScriptedDriver("late");
        driver.onClose(() -> {
            try {
                driver.context().addPort(new MemoryPort("later"));
            } catch (PortException e) {
                refused.add(e);
            }
        });
        lan.add(driver).close();
        settle();
        assertThat(refused).singleElement().satisfies(e -> assertThat(e)
                .hasMessageContaining("'later' comes too late"));
        assertThatThrownBy(() -> driver.context().addPort(new MemoryPort("last")))
                .isInstanceOf(PortException.class);
        assertThat(lan.ports()).isEmpty();
    }

    @Test
    void shouldCountWhatIsOfferedToAPortThatHasLeft() throws Exception {
        lan.add(a);
        lan.add(b);
        MemoryPort leaving = new MemoryPort("leaving");
        ScriptedDriver driver = new ScriptedDriver("driver");
        lan.add(driver);
        var handle = driver.context().addPort(leaving);
        var inbox = handle.openInbox(16, new FramePool(16, 0));
        inbox.offer(inbox.allocate(60));
        handle.remove();
        settle();
        inbox.offer(inbox.allocate(60));
        inbox.flush();
        settle();
        var late = handle.openInbox(16, new FramePool(16, 0));
        late.offer(late.allocate(60));
        late.flush();
        settle();
        late.flush();
        assertThat(lan.statistics().dropped(DropReason.RX_PORT_DOWN)).isEqualTo(3);
        assertThat(lan.statistics().rxFrames()).isEqualTo(3);
        assertOthersWork();
    }

    @Test
    void shouldRefuseToAddToAClosedSwitch() {
        lan.close();
        ScriptedDriver driver = new ScriptedDriver("late");
        assertThatThrownBy(() -> lan.add(driver))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(driver.opened).hasValue(0);
        lan.close();
        assertThat(lan.step()).isFalse();
    }

    @Test
    void shouldCloseBothDriversOfAWireThatCannotBeMade() {
        for (boolean first : new boolean[] {true, false}) {
            ScriptedDriver good = new ScriptedDriver("good");
            ScriptedDriver bad = new ScriptedDriver("bad").onOpen(driver -> {
                throw new PortException("no such device");
            });
            assertThatThrownBy(() -> Wire.invoker(() -> 0, first ? bad : good, first ? good : bad))
                    .isInstanceOf(PortException.class);
            assertThat(good.closed).hasValue(1);
            assertThat(bad.closed).hasValue(1);
        }
    }
}
