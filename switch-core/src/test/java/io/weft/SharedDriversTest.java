package io.weft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.SharedSocket.Host;
import io.weft.SharedSocket.Tunnel;
import io.weft.event.SwitchListener;
import io.weft.frame.FrameBatch;
import io.weft.impairment.ImpairedDriver;
import io.weft.impairment.Impairment;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.worker.AttachedDriver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers that share a driver, in a switch that the test steps: who has it, and when it comes and goes. */
@ExtendWith(ExpectedFailures.class)
class SharedDriversTest {
    private static final byte[] BROADCAST = SteppedLan.frame(SteppedLan.BROADCAST, SteppedLan.A);

    private final Host host = new Host();
    private final List<String> heard = new ArrayList<>();
    private final MemoryPort plain = new MemoryPort("plain");
    private VirtualSwitch lan;

    @BeforeEach
    void open() throws Exception {
        lan = VirtualSwitch.builder()
                .invoker(() -> 0)
                .workers(3)
                .listener(new SwitchListener() {
                    @Override
                    public void portDown(String port, String reason) {
                        heard.add("down " + port + ": " + reason);
                    }

                    @Override
                    public void message(String driver, String text) {
                        heard.add(driver + " " + text);
                    }
                })
                .build();
        lan.add(plain);
    }

    @AfterEach
    void assertNothingIsLeft() {
        lan.close();
        assertThat(host.bound).isEmpty();
        assertThat(host.events.stream().filter(event -> event.startsWith("open")))
                .hasSameSizeAs(host.events.stream()
                        .filter(event -> event.matches("close \\d.*"))
                        .toList());
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    private void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    private Tunnel tunnel(String name, String address) {
        return new Tunnel(host, name, address);
    }

    private void assertOthersWork() {
        MemoryPort other = new MemoryPort("another");
        try (AttachedDriver attached = addUnchecked(other)) {
            plain.send(BROADCAST);
            settle();
            assertThat(other.receive()).isEqualTo(BROADCAST);
        }
    }

    private AttachedDriver addUnchecked(MemoryPort port) {
        try {
            return lan.add(port);
        } catch (PortException e) {
            throw new AssertionError(e);
        }
    }

    // ---- sharing ----

    @Test
    void shouldGiveAllWhoAskUnderOneKeyTheSameDriver() throws Exception {
        Tunnel a = tunnel("a", "1");
        Tunnel b = tunnel("b", "1");
        Tunnel other = tunnel("other", "2");
        lan.add(a);
        lan.add(b);
        lan.add(other);
        assertThat(a.socket).isSameAs(b.socket).isNotSameAs(other.socket);
        assertThat(host.made).hasValue(2);
        assertThat(host.events).containsExactly("open 1", "open 2");
        assertThat(lan.ports()).extracting("name").containsExactly("plain", "a", "b", "other");
    }

    @Test
    void shouldForwardWhatItReceivesAsThePortsOfThoseWhoShareIt() throws Exception {
        Tunnel a = tunnel("a", "1");
        Tunnel b = tunnel("b", "1");
        lan.add(a);
        lan.add(b);
        a.receive(BROADCAST);
        settle();
        assertThat(plain.receive()).isEqualTo(BROADCAST);
        assertThat(a.transmitted).hasValue(0);
        assertThat(b.transmitted).hasValue(1);
        b.receive(SteppedLan.frame(SteppedLan.A, SteppedLan.B));
        settle();
        assertThat(a.transmitted).as("A was learned there").hasValue(1);
        assertThat(lan.ports()).extracting(port -> port.statistics().rxFrames()).containsExactly(0L, 1L, 1L);
    }

    @Test
    void shouldPollItOnAWorkerOfItsOwnChoiceWithThePoolOfThat() throws Exception {
        Tunnel a = tunnel("a", "1");
        lan.add(a);
        assertThat(a.socket.context).isNotSameAs(a.context);
        assertThat(a.socket.context.pool()).isNotSameAs(a.context.pool());
    }

    @Test
    void shouldCountADriverOnceThatAsksTwice() throws Exception {
        List<SharedSocket> shared = new ArrayList<>();
        Tunnel a = tunnel("a", "1").onOpen(tunnel -> shared.add(tunnel.share()));
        AttachedDriver attached = lan.add(a);
        assertThat(shared).containsExactly(a.socket);
        attached.close();
        assertThat(host.events).containsExactly("open 1", "close a", "close 1");
    }

    @Test
    void shouldShareSeveralUnderSeveralKeys() throws Exception {
        List<SharedSocket> second = new ArrayList<>();
        Tunnel a = tunnel("a", "1").onOpen(tunnel -> second.add(tunnel.context.share("two", () -> host.socket("2"))));
        AttachedDriver attached = lan.add(a);
        lan.add(tunnel("b", "1"));
        assertThat(second.get(0)).isNotSameAs(a.socket);
        attached.close();
        assertThat(host.events).containsExactly("open 1", "open 2", "close a", "close 2");
    }

    @Test
    void shouldPollTheQueuesOfASharedDriver() throws Exception {
        QueuedPort queued = new QueuedPort("queue", 2);
        Tunnel a = tunnel("a", "1").onSocketOpen(socket -> socket.context.addQueue(queued.queues.get(1)));
        AttachedDriver attached = lan.add(a);
        settle();
        assertThat(queued.queues.get(1).polledBy).isNotEmpty();
        assertThat(queued.queues.get(1).context.pool()).isNotSameAs(a.socket.context.pool());
        attached.close();
        assertThat(queued.ends).containsExactly("close 1");
        assertThat(host.events).containsExactly("open 1", "close a", "close 1");
    }

    @Test
    void shouldShareThroughAnImpairedDriver() throws Exception {
        Impairment none = Impairment.builder().build();
        Tunnel a = tunnel("a", "1");
        Tunnel b = tunnel("b", "1");
        AttachedDriver impaired = lan.add(new ImpairedDriver(a, none, none));
        AttachedDriver straight = lan.add(b);
        assertThat(a.socket).isSameAs(b.socket);
        a.receive(BROADCAST);
        settle();
        assertThat(plain.receive()).isEqualTo(BROADCAST);
        straight.close();
        assertThat(host.bound).containsExactly("1");
        impaired.close();
        assertThat(host.events).containsExactly("open 1", "close b", "close a", "close 1");
    }

    @Test
    void shouldShareInAWire() throws Exception {
        Tunnel a = tunnel("a", "7");
        Tunnel b = tunnel("b", "7");
        try (Wire wire = Wire.invoker(() -> 0, a, b)) {
            a.receive(BROADCAST);
            while (wire.step()) {
                // until nothing is left to do
            }
            assertThat(b.transmitted).hasValue(1);
        }
        assertThat(host.events).containsExactly("open 7", "close a", "close b", "close 7");
    }

    // ---- who may not ----

    @Test
    void shouldRefuseToShareWhenTheDriverHasBeenOpened() throws Exception {
        Tunnel a = tunnel("a", "1");
        lan.add(a);
        assertThatThrownBy(a::share).isInstanceOf(IllegalStateException.class).hasMessageContaining("too late");
        assertThat(host.made).hasValue(1);
    }

    @Test
    void shouldRefuseToShareWhenTheDriverIsBeingClosed() throws Exception {
        List<Throwable> refused = new ArrayList<>();
        ScriptedDriver driver = new ScriptedDriver("late").onOpen(opened -> {
            throw new PortException("no such device");
        });
        driver.onClose(() -> {
            try {
                driver.context().share("key", () -> host.socket("1"));
            } catch (PortException e) {
                refused.add(e);
            }
        });
        assertThatThrownBy(() -> lan.add(driver)).hasMessage("no such device");
        assertThat(refused).singleElement().satisfies(e -> assertThat(e).hasMessageContaining("too late"));
        assertThat(host.made).hasValue(0);
    }

    @Test
    void shouldRefuseToShareWithAQueue() throws Exception {
        QueuedPort port = new QueuedPort("many", 2);
        lan.add(port);
        assertThatThrownBy(() -> port.queues.get(1).context.share("key", () -> host.socket("1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("queue 1 of many cannot share a driver");
    }

    @Test
    void shouldRefuseASharedDriverToShareAndToAddPorts() throws Exception {
        List<Throwable> refused = new ArrayList<>();
        Tunnel a = tunnel("a", "1").onSocketOpen(socket -> {
            try {
                socket.context.share("key", () -> host.socket("2"));
            } catch (IllegalStateException e) {
                refused.add(e);
            }
            try {
                socket.context.addPort(new MemoryPort("port"));
            } catch (IllegalStateException e) {
                refused.add(e);
            }
        });
        lan.add(a);
        assertThat(refused).hasSize(2).allMatch(e -> e.getMessage().contains("socket:1"));
        assertThat(refused.get(0)).hasMessageContaining("cannot share a driver");
        assertThat(refused.get(1)).hasMessageContaining("cannot add a port");
        assertThat(lan.ports()).hasSize(2);
    }

    @Test
    void shouldRefuseToWaitForItself() {
        Tunnel inner = tunnel("inner", "1");
        Tunnel a = tunnel("a", "1").onSocketOpen(socket -> lan.add(inner));
        assertThatThrownBy(() -> lan.add(a))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is being opened by this thread");
        assertThat(host.events).containsExactly("open 1", "close inner", "close 1", "close a");
        assertOthersWork();
    }

    // ---- leaving ----

    @Test
    void shouldCloseItWhenTheLastHasLeft() throws Exception {
        Tunnel a = tunnel("a", "1");
        Tunnel b = tunnel("b", "1");
        AttachedDriver first = lan.add(a);
        AttachedDriver second = lan.add(b);
        first.close();
        assertThat(host.events).containsExactly("open 1", "close a");
        b.receive(BROADCAST);
        settle();
        assertThat(plain.receive()).as("it is still polled").isEqualTo(BROADCAST);
        second.close();
        assertThat(host.events).containsExactly("open 1", "close a", "close b", "close 1");
        int polled = b.socket.polled.get();
        b.socket.context.wakeup();
        settle();
        assertThat(b.socket.polled).as("polled no more").hasValue(polled);
        second.close();
        assertThat(host.events).hasSize(4);
    }

    @Test
    void shouldBeBoundAgainAtOnce() throws Exception {
        for (int i = 0; i < 100; i++) {
            AttachedDriver attached = lan.add(tunnel("a", "1"));
            plain.send(BROADCAST);
            attached.close();
        }
        assertThat(host.made).hasValue(100);
    }

    @Test
    void shouldCloseThemAllWithTheSwitch() throws Exception {
        lan.add(tunnel("a", "1"));
        lan.add(tunnel("b", "2"));
        lan.add(tunnel("c", "1"));
        lan.close();
        assertThat(host.events)
                .containsExactly("open 1", "open 2", "close a", "close b", "close 2", "close c", "close 1");
    }

    @Test
    void shouldDropWhatItReceivesForAPortThatHasLeft() throws Exception {
        Tunnel a = tunnel("a", "1");
        lan.add(tunnel("b", "1"));
        lan.add(a).close();
        a.receive(BROADCAST);
        settle();
        assertThat(plain.receive()).isNull();
        assertThat(lan.statistics().dropped(DropReason.RX_PORT_DOWN)).isEqualTo(1);
    }

    @Test
    void shouldSurviveOneThatThrowsWhenItIsClosed() throws Exception {
        ScriptedDriver bad = new ScriptedDriver("bad").onClose(() -> {
            throw new IllegalStateException("unexpected");
        });
        Tunnel a = tunnel("a", "1").onOpen(tunnel -> tunnel.context.share("bad", () -> new Portless(bad)));
        lan.add(a).close();
        assertThat(bad.closed).hasValue(1);
        assertThat(host.bound).isEmpty();
        assertOthersWork();
    }

    /** A scripted driver's close, without its port. */
    private record Portless(ScriptedDriver script) implements PortDriver {
        @Override
        public void open(PortContext context) {}

        @Override
        public int poll(FrameBatch into, int limit) {
            return 0;
        }

        @Override
        public void close() {
            script.close();
        }
    }

    // ---- failing ----

    @Test
    void shouldForgetOneThatCannotBeOpened() throws Exception {
        Tunnel refused = tunnel("a", "1").onSocketOpen(socket -> {
            throw new PortException("no such address");
        });
        assertThatThrownBy(() -> lan.add(refused))
                .isInstanceOf(PortException.class)
                .hasMessage("no such address");
        assertThat(host.events).containsExactly("open 1", "close 1", "close a");
        Tunnel broken = tunnel("a", "1").onSocketOpen(socket -> {
            throw new IllegalStateException("a bug");
        });
        assertThatThrownBy(() -> lan.add(broken))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a bug");
        lan.add(tunnel("a", "1"));
        assertThat(host.bound).containsExactly("1");
        assertThat(host.made).hasValue(3);
    }

    @Test
    void shouldLetADriverGoOnWithoutTheOneThatCannotBeOpened() throws Exception {
        host.bound.add("1"); // by another program
        ScriptedDriver driver = new ScriptedDriver("choosy").onOpen(opened -> {
            for (String address : List.of("1", "2")) {
                try {
                    opened.context().share(address, () -> host.socket(address));
                } catch (PortException e) {
                    heard.add(e.getMessage());
                }
            }
        });
        AttachedDriver attached = lan.add(driver);
        assertThat(heard).containsExactly("1 is in use");
        assertThat(host.events).containsExactly("close 1", "open 2");
        attached.close();
        assertThat(host.bound).containsExactly("1");
        host.bound.clear();
        host.events.removeIf("close 1"::equals);
    }

    @Test
    void shouldForgetOneThatCannotBeMade() throws Exception {
        assertThatThrownBy(() -> lan.add(new ScriptedDriver("a")
                        .onOpen(driver -> driver.context().share("key", () -> null))))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> lan.add(new ScriptedDriver("a")
                        .onOpen(driver -> driver.context().share("key", () -> {
                            throw new IllegalArgumentException("what is that");
                        }))))
                .isInstanceOf(IllegalArgumentException.class);
        ScriptedDriver good =
                new ScriptedDriver("a").onOpen(driver -> driver.context().share("key", () -> host.socket("1")));
        lan.add(good);
        assertThat(host.bound).containsExactly("1");
    }

    @Test
    void shouldGiveItBackWhenTheDriverThatSharesItCannotBeOpened() throws Exception {
        Tunnel refused = tunnel("a", "1").onOpen(tunnel -> {
            throw new PortException("no key");
        });
        assertThatThrownBy(() -> lan.add(refused)).hasMessage("no key");
        assertThat(host.events).containsExactly("open 1", "close a", "close 1");
        AttachedDriver good = lan.add(tunnel("good", "1"));
        assertThatThrownBy(() -> lan.add(refused)).hasMessage("no key");
        assertThat(host.bound).containsExactly("1");
        good.close();
        assertThat(host.bound).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"poll", "task", "queue"})
    void shouldTakeAllOutThatShareOneThatThrows(String where) throws Exception {
        QueuedPort queued = new QueuedPort("queue", 2);
        Tunnel a = tunnel("a", "1").onSocketOpen(socket -> socket.context.addQueue(queued.queues.get(1)));
        Tunnel b = tunnel("b", "1");
        Tunnel other = tunnel("other", "2");
        lan.add(a);
        lan.add(b);
        lan.add(other);
        settle();
        Runnable failure = () -> {
            throw new IllegalStateException("unexpected");
        };
        switch (where) {
            case "poll" -> a.socket.onPoll = failure;
            case "task" -> a.socket.context.execute(failure);
            default -> queued.queues.get(1).onPoll = failure;
        }
        a.socket.context.wakeup();
        queued.queues.get(1).context.wakeup();
        settle();
        assertThat(lan.ports()).extracting("name").containsExactly("plain", "other");
        assertThat(host.events).endsWith("close 1").containsOnlyOnce("close 1", "close a", "close b");
        assertThat(queued.ends).containsExactly("close 1");
        assertThat(host.bound).containsExactly("2");
        assertThat(heard)
                .contains(
                        "down a: its driver failed: java.lang.IllegalStateException: unexpected",
                        "down b: its driver failed: java.lang.IllegalStateException: unexpected")
                .anyMatch(line -> line.contains("failed and is taken out"));
        lan.add(tunnel("a", "1"));
        assertOthersWork();
    }

    @Test
    void shouldCloseOneThatFailsWhileItIsOpened() throws Exception {
        Tunnel a = tunnel("a", "1").onSocketOpen(socket -> {
            socket.context.execute(() -> {
                throw new IllegalStateException("unexpected");
            });
            settle(); // the worker runs it before open is done
        });
        assertThatThrownBy(() -> lan.add(a)).isInstanceOf(PortException.class).hasMessageContaining("socket:1 failed");
        assertThat(host.events).containsExactly("open 1", "close 1", "close a");
        lan.add(tunnel("a", "1"));
        assertOthersWork();
    }

    @Test
    void shouldRefuseADriverWhenTheOneItSharesFailsWhileItIsOpened() throws Exception {
        lan.add(tunnel("b", "1"));
        Tunnel a = tunnel("a", "1").onOpen(tunnel -> {
            tunnel.socket.context.execute(() -> {
                throw new IllegalStateException("unexpected");
            });
            settle();
            host.events.add("a is open");
        });
        assertThatThrownBy(() -> lan.add(a))
                .isInstanceOf(PortException.class)
                .hasMessage("driver socket:1, which tunnel:a shares, failed meanwhile");
        assertThat(host.events).containsExactly("open 1", "close b", "a is open", "close a", "close 1");
        assertThat(lan.ports()).extracting("name").containsExactly("plain");
        lan.add(tunnel("a", "1"));
        assertOthersWork();
    }

    @Test
    void shouldGoOnWhenOneThatSharesItFails() throws Exception {
        Tunnel a = tunnel("a", "1");
        Tunnel b = tunnel("b", "1");
        lan.add(a);
        lan.add(b);
        a.context.execute(() -> {
            throw new IllegalStateException("unexpected");
        });
        settle();
        assertThat(host.events).containsExactly("open 1", "close a");
        b.receive(BROADCAST);
        settle();
        assertThat(plain.receive()).isEqualTo(BROADCAST);
    }

    // ---- added by a worker, which cannot wait ----

    @Test
    void shouldRefuseAWorkerToWaitUntilOneIsClosed() throws Exception {
        Tunnel a = tunnel("a", "1");
        AttachedDriver attached = lan.add(a);
        List<String> refused = new ArrayList<>();
        a.socket.onClose = () -> {
            try {
                lan.add(tunnel("b", "1"));
            } catch (PortException e) {
                refused.add(e.getMessage());
            }
        };
        a.context.execute(attached::close);
        settle();
        assertThat(refused).singleElement().satisfies(message -> assertThat(message)
                .contains("[socket, 1] is just being closed, which a worker cannot wait for"));
        assertThat(host.bound).isEmpty();
        assertThat(lan.ports()).extracting("name").containsExactly("plain");
        lan.add(tunnel("b", "1"));
    }
}
