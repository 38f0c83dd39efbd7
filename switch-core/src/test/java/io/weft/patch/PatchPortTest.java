package io.weft.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.VirtualSwitch;
import io.weft.Wire;
import io.weft.frame.Frame;
import io.weft.frame.FrameArena;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.port.PortProviders;
import io.weft.worker.AttachedDriver;
import io.weft.worker.PortStatus;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Two switches stepped by the test, and patch ports between them.
 *
 * <p>Seen to catch, each broken on a copy of the code: a queue that is not emptied when its end leaves; a headroom that is
 * not restored; a peer that is not told.
 */
class PatchPortTest {
    private static final byte[] HELLO = HexFormat.of().parseHex("ffffffffffff0200000000aa88b5" + "11".repeat(46));
    private static final byte[] REPLY = HexFormat.of().parseHex("0200000000aa0200000000bb88b5" + "22".repeat(50));

    private long nowNs = 1;
    private final VirtualSwitch a =
            VirtualSwitch.builder().name("a").invoker(() -> nowNs).build();
    private final VirtualSwitch b =
            VirtualSwitch.builder().name("b").invoker(() -> nowNs).build();
    private final MemoryPort hostA = new MemoryPort("host");
    private final MemoryPort hostB = new MemoryPort("host");
    private final PatchPort.Pair patch = PatchPort.pair("to-b", "to-a");

    @AfterEach
    void close() {
        a.close();
        b.close();
        assertThat(a.statistics().unaccounted()).isZero();
        assertThat(b.statistics().unaccounted()).isZero();
    }

    private void join() throws PortException {
        a.add(hostA);
        a.add(patch.first());
        b.add(hostB);
        b.add(patch.second());
    }

    private void settle() {
        boolean worked = true;
        while (worked) {
            worked = a.step() | b.step();
        }
    }

    private static PortStatus port(VirtualSwitch lan, String name) {
        return lan.ports().stream()
                .filter(port -> port.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    // ---- frames ----

    @Test
    void shouldCarryFramesBothWaysAndCountThemOnceInEachSwitch() throws Exception {
        join();
        hostA.send(HELLO);
        settle();
        assertThat(hostB.receive()).isEqualTo(HELLO);
        hostB.send(REPLY);
        settle();
        assertThat(hostA.receive()).isEqualTo(REPLY);
        assertThat(hostA.receive()).isNull();
        for (PortStatus end : new PortStatus[] {port(a, "to-b"), port(b, "to-a")}) {
            assertThat(end.statistics().rxFrames()).isEqualTo(1);
            assertThat(end.statistics().txFrames()).isEqualTo(1);
            assertThat(end.statistics().dropped()).isZero();
        }
        assertThat(port(a, "to-b").statistics().txBytes()).isEqualTo(HELLO.length);
        assertThat(port(b, "to-a").statistics().rxBytes()).isEqualTo(HELLO.length);
        assertThat(port(a, "to-b").statistics().rxBytes()).isEqualTo(REPLY.length);
    }

    @Test
    void shouldJoinAWireAndASwitch() throws Exception {
        a.add(hostA);
        a.add(patch.first());
        try (Wire wire = Wire.invoker(() -> nowNs, patch.second(), hostB)) {
            hostA.send(HELLO);
            settle();
            wire.step();
            wire.step();
            assertThat(hostB.receive()).isEqualTo(HELLO);
        }
    }

    @Test
    void shouldTakeBothEndsInOneSwitch() throws Exception {
        a.add(patch.first());
        a.add(patch.second());
        assertThat(a.ports()).hasSize(2).allMatch(PortStatus::up);
        a.add(hostA);
        hostA.send(HELLO);
        for (int i = 0; i < 500; i++) {
            a.step(); // the broadcast goes round and round, in both directions
        }
        assertThat(port(a, "to-b").statistics().rxFrames()).isGreaterThan(100);
        assertThat(port(a, "to-b").statistics().dropped()).isZero();
        assertThat(hostA.receive()).isEqualTo(HELLO);
    }

    @Test
    void shouldPassTheFrameItselfStampedAnewAndWithItsWholeHeadroom() throws Exception {
        // Tags that the first switch might have pushed: 4 bytes fit if the frame moves within its slot; with so many
        // that a
        // small slot is full, the frame needs another one.
        for (int pushed : new int[] {0, 4, 200, Frame.HEADROOM}) {
            for (int length : new int[] {14, 60, 1_500, FramePool.SMALL_LENGTH, 9_000}) {
                Station from = new Station("from" + pushed + "." + length, frame -> {
                    frame.prepend(pushed);
                    frame.endpoint(7);
                    return frame;
                });
                Station to = new Station("to", UnaryOperator.identity());
                PatchPort.Pair pair = PatchPort.pair("p", "p");
                try (AttachedDriver one = a.add(from);
                        AttachedDriver two = a.add(pair.first());
                        AttachedDriver three = b.add(pair.second());
                        AttachedDriver four = b.add(to)) {
                    from.send(length);
                    settle();
                    assertThat(to.received)
                            .as("%d bytes pushed, %d in all", pushed, length + pushed)
                            .isEqualTo(from.sent);
                    assertThat(to.headroom).isGreaterThanOrEqualTo(Frame.HEADROOM);
                    assertThat(to.endpoint).isZero();
                    boolean copied = pushed + length > FramePool.SMALL_LENGTH && length <= FramePool.SMALL_LENGTH;
                    if (!copied) {
                        assertThat(to.arena).isSameAs(from.arena);
                    }
                    assertThat(one.ports().size()
                                    + two.ports().size()
                                    + three.ports().size()
                                    + four.ports().size())
                            .isEqualTo(4);
                }
            }
        }
    }

    /** A port that sends one frame as a test prepares it, and keeps what the first frame it is sent was like. */
    private static final class Station implements Port, PortDriver {
        private final String name;
        private final UnaryOperator<Frame> preparation;
        private PortContext context;
        private PortHandle handle;
        private int length;
        private byte[] sent;
        private byte[] received;
        private FrameArena arena;
        private int headroom;
        private int endpoint;

        Station(String name, UnaryOperator<Frame> preparation) {
            this.name = name;
            this.preparation = preparation;
        }

        void send(int frameLength) {
            length = frameLength;
            context.wakeup();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public PortCapabilities capabilities() {
            return PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH);
        }

        @Override
        public void open(PortContext newContext) throws PortException {
            context = newContext;
            handle = context.addPort(this);
        }

        @Override
        public int poll(FrameBatch into, int limit) {
            if (length == 0) {
                return 0;
            }
            Frame frame = preparation.apply(context.pool().allocate(length));
            sent = new byte[frame.length()];
            for (int i = 0; i < sent.length; i++) {
                sent[i] = (byte) (i < 6 ? 4 : i < 12 ? 2 : 3 * i);
            }
            frame.putBytes(0, sent, 0, sent.length);
            arena = frame.arena();
            frame.ingress(handle.index());
            into.add(frame);
            length = 0;
            return 1;
        }

        @Override
        public void transmit(FrameBatch frames, PortCounters counters) {
            Frame frame = frames.get(0);
            received = frame.toByteArray();
            arena = frame.arena();
            headroom = frame.headroom();
            endpoint = frame.endpoint();
            counters.transmitted(frame.length());
            frames.release();
        }

        @Override
        public void close() {}
    }

    // ---- full queues and loops ----

    @Test
    void shouldDropAndCountWhatTheOtherSideDoesNotTake() throws Exception {
        join();
        int sent = PatchPort.QUEUE_CAPACITY + 100;
        for (int i = 0; i < sent; i++) {
            hostA.send(HELLO);
            a.step();
        }
        assertThat(port(a, "to-b").statistics().txFrames()).isEqualTo(PatchPort.QUEUE_CAPACITY);
        assertThat(port(a, "to-b").statistics().dropped(DropReason.TX_QUEUE_FULL))
                .isEqualTo(100);
        assertThat(port(a, "to-b").statistics().txBytes()).isEqualTo((long) HELLO.length * PatchPort.QUEUE_CAPACITY);
        assertThat(a.statistics().unaccounted()).isZero();
        settle();
        assertThat(port(b, "to-a").statistics().rxFrames()).isEqualTo(PatchPort.QUEUE_CAPACITY);
    }

    @Test
    void shouldStayBoundedAndAccountedForInAStorm() throws Exception {
        join();
        AttachedDriver[] others = new AttachedDriver[4];
        for (int i = 0; i < 2; i++) {
            PatchPort.Pair another = PatchPort.pair("another" + i, "another" + i);
            others[2 * i] = a.add(another.first());
            others[2 * i + 1] = b.add(another.second());
        }
        hostA.send(HELLO);
        for (int i = 0; i < 300; i++) { // with three links each broadcast becomes two in every turn
            a.step();
            b.step();
        }
        assertThat(a.statistics().dropped(DropReason.TX_QUEUE_FULL)
                        + b.statistics().dropped(DropReason.TX_QUEUE_FULL))
                .isPositive();
        for (AttachedDriver other : others) {
            other.close(); // ends the loops
        }
        settle();
        assertThat(a.statistics().unaccounted()).isZero();
        assertThat(b.statistics().unaccounted()).isZero();
        while (hostB.receive() != null) {
            // from the storm
        }
        byte[] after = HELLO.clone();
        after[20] = 0x77;
        hostA.send(after);
        settle();
        assertThat(hostB.receive()).isEqualTo(after);
    }

    // ---- the link's state ----

    @Test
    void shouldBeDownWhileThePeerIsNotAttached() throws Exception {
        AttachedDriver first = a.add(patch.first());
        assertThat(port(a, "to-b").up()).isFalse();
        assertThat(port(a, "to-b").downReason()).isEqualTo("peer of patch port to-b is not attached: to-a");
        AttachedDriver second = b.add(patch.second());
        assertThat(port(a, "to-b").up()).isTrue();
        assertThat(port(b, "to-a").up()).isTrue();
        second.close();
        assertThat(port(a, "to-b").up()).isFalse();
        b.add(patch.second()); // the same end again
        assertThat(port(a, "to-b").up()).isTrue();
        first.close();
        assertThat(port(b, "to-a").downReason()).isEqualTo("peer of patch port to-a is not attached: to-b");
    }

    @Test
    void shouldTakeBothEndsDownAndUpAgain() throws Exception {
        join();
        patch.second().down("maintenance");
        assertThat(port(b, "to-a").downReason()).isEqualTo("maintenance");
        assertThat(port(a, "to-b").downReason()).isEqualTo("peer of patch port to-b is down: maintenance");
        hostA.send(HELLO);
        settle();
        assertThat(hostB.receive()).isNull();
        patch.first().up(); // had no reason of its own
        assertThat(port(a, "to-b").up()).isFalse();
        patch.second().up();
        assertThat(a.ports()).allMatch(PortStatus::up);
        assertThat(b.ports()).allMatch(PortStatus::up);
        hostA.send(HELLO);
        settle();
        assertThat(hostB.receive()).isEqualTo(HELLO);
    }

    @Test
    void shouldCountWhatWaitsForAnEndThatLeaves() throws Exception {
        a.add(hostA);
        a.add(patch.first());
        AttachedDriver second = b.add(patch.second());
        for (int i = 0; i < 5; i++) {
            hostA.send(HELLO);
            a.step();
        }
        assertThat(port(a, "to-b").statistics().txFrames()).isEqualTo(5);
        second.close();
        assertThat(b.statistics().rxFrames()).isEqualTo(5);
        assertThat(b.statistics().rxBytes()).isEqualTo(5L * HELLO.length);
        assertThat(b.statistics().dropped(DropReason.RX_PORT_DOWN)).isEqualTo(5);
        assertThat(b.statistics().unaccounted()).isZero();
    }

    @Test
    void shouldGiveFramesBackToASwitchThatGoesOn() throws Exception {
        a.add(hostA);
        a.add(patch.first());
        for (int life = 0; life < 30; life++) { // many times more frames than a pool has, were they not given back
            try (AttachedDriver second = b.add(patch.second())) {
                for (int i = 0; i < PatchPort.QUEUE_CAPACITY; i++) {
                    assertThat(hostA.send(HELLO)).isTrue();
                    a.step();
                }
                assertThat(second.ports()).hasSize(1);
            }
        }
        assertThat(a.statistics().txFrames()).isEqualTo(30L * PatchPort.QUEUE_CAPACITY);
        assertThat(b.statistics().dropped(DropReason.RX_PORT_DOWN)).isEqualTo(30L * PatchPort.QUEUE_CAPACITY);
    }

    @Test
    void shouldReleaseFramesOfASwitchThatWasClosed() throws Exception {
        join();
        for (int i = 0; i < 5; i++) {
            hostA.send(HELLO);
            a.step();
        }
        a.close();
        settleB();
        assertThat(port(b, "to-a").statistics().dropped(DropReason.RX_PORT_DOWN))
                .isEqualTo(5);
        assertThat(port(b, "to-a").up()).isFalse();
    }

    private void settleB() {
        while (b.step()) {
            // until nothing is left to do
        }
    }

    @Test
    void shouldBeInOneSwitchOnly() throws Exception {
        join();
        assertThatThrownBy(() -> b.add(patch.first()))
                .isInstanceOf(PortException.class)
                .hasMessage("patch port 'to-b' (peer 'to-a') is in a switch already; remove it there, or make another"
                        + " pair");
        hostA.send(HELLO);
        settle();
        assertThat(hostB.receive()).isEqualTo(HELLO);
    }

    @Test
    void shouldBeFreeAgainWhenASwitchRefusesItsName() throws Exception {
        b.add(new MemoryPort("to-a"));
        a.add(patch.first());
        assertThatThrownBy(() -> b.add(patch.second())).isInstanceOf(PortException.class);
        assertThat(port(a, "to-b").up()).isFalse();
        a.add(patch.second());
        assertThat(a.ports()).allMatch(PortStatus::up);
    }

    // ---- URIs ----

    @Test
    void shouldJoinUrisThatNameEachOther() throws Exception {
        a.add(hostA);
        b.add(hostB);
        try (AttachedDriver first = a.add("patch:east?peer=west")) {
            assertThat(first.ports()).noneMatch(PortStatus::up);
            b.add("patch:west?peer=east");
            assertThat(first.ports()).allMatch(PortStatus::up);
            hostA.send(HELLO);
            settle();
            assertThat(hostB.receive()).isEqualTo(HELLO);
            assertThatThrownBy(() -> b.add("patch:east?peer=west")).hasMessageContaining("in a switch already");
        }
        try (AttachedDriver again = a.add("patch:east?peer=west")) {
            assertThat(again.ports()).allMatch(PortStatus::up);
        }
    }

    @Test
    void shouldSayWhatIsWrongWithAUri() {
        assertThatThrownBy(() -> PortProviders.create("patch:x"))
                .hasMessage("patch port 'x': option peer is missing; accepted: the name of the port at the other end");
        assertThatThrownBy(() -> PortProviders.create("patch:x?peer=x"))
                .hasMessage("patch port 'x': option peer is 'x', the port itself; accepted: another name");
        assertThatThrownBy(() -> PortProviders.create("patch:?peer=x")).hasMessageContaining("patch:NAME?peer=PEER");
        assertThatThrownBy(() -> PortProviders.create("patch:x?pear=y"))
                .hasMessage("patch port 'x': unknown option 'pear'; accepted: peer");
    }
}
