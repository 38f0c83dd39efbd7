package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.frame;
import static io.weft.SteppedLan.tagged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.fdb.FdbEntry.Kind;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.MacAddress;
import io.weft.impairment.ImpairedDriver;
import io.weft.impairment.Impairment;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A port with several remote ends: what goes from one to another, and what its driver does to their stations. */
class RemoteEndsTest {
    private static final PortSettings HAIRPIN =
            PortSettings.builder().hairpin(true).build();

    private final SteppedLan lan = new SteppedLan();
    private final Multipoint tunnel = new Multipoint("tunnel");

    @AfterEach
    void close() {
        lan.close();
    }

    /** Receives what the test says, from the end that it says, and notes the ends it was to send to. */
    private static final class Multipoint implements Port, PortDriver {
        final List<Integer> sentTo = new ArrayList<>();
        PortHandle handle;

        private record Received(int endpoint, byte[] bytes) {}

        private final String name;
        private final Queue<Received> received = new ArrayDeque<>();
        private PortContext context;

        Multipoint(String name) {
            this.name = name;
        }

        void receive(int endpoint, byte[] bytes) {
            received.add(new Received(endpoint, bytes));
            context.wakeup();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public PortCapabilities capabilities() {
            return PortCapabilities.ofMaxFrameLength(1_514);
        }

        @Override
        public void open(PortContext newContext) throws PortException {
            context = newContext;
            handle = context.addPort(this);
        }

        @Override
        public int poll(FrameBatch into, int limit) {
            int count = 0;
            for (Received next = received.poll(); next != null; next = received.poll()) {
                Frame frame = context.pool().allocate(next.bytes.length);
                frame.putBytes(0, next.bytes, 0, next.bytes.length);
                frame.ingress(handle.index());
                frame.endpoint(next.endpoint);
                into.add(frame);
                count++;
            }
            return count;
        }

        @Override
        public void transmit(FrameBatch frames, PortCounters counters) {
            for (int i = 0; i < frames.size(); i++) {
                counters.transmitted(frames.get(i).length());
                sentTo.add(frames.get(i).endpoint());
            }
            frames.release();
        }

        @Override
        public void close() {}
    }

    private void receive(int endpoint, byte[] bytes) {
        tunnel.receive(endpoint, bytes);
        lan.settle();
    }

    private List<Integer> sentTo() {
        List<Integer> ends = List.copyOf(tunnel.sentTo);
        tunnel.sentTo.clear();
        return ends;
    }

    private static long mac(String mac) {
        return MacAddress.parse(mac);
    }

    // ---- from one end to another ----

    @Test
    void shouldRelayBetweenRemoteEndsOnlyWhereHairpinIsOn() throws Exception {
        lan.port("local").lan.add(tunnel);
        receive(1, frame(BROADCAST, A));
        receive(2, frame(BROADCAST, B));
        receive(1, frame(B, A));
        assertThat(sentTo()).isEmpty();
        assertThat(lan.dropped("tunnel", DropReason.SAME_PORT)).isEqualTo(1);
        lan.lan.port("tunnel").change(settings -> settings.hairpin(true));
        receive(1, frame(B, A));
        receive(2, frame(A, B));
        assertThat(sentTo()).containsExactly(2, 1);
        assertThat(lan.dropped("tunnel", DropReason.SAME_PORT)).isEqualTo(1);
    }

    @Test
    void shouldNeverSendBackToTheEndAFrameCameFrom() throws Exception {
        lan.port("local").lan.add(tunnel, HAIRPIN);
        receive(1, frame(BROADCAST, A));
        receive(1, frame(BROADCAST, B));
        assertThat(sentTo()).as("flooded to all but 1").containsExactly(-1, -1);
        receive(1, frame(B, A));
        assertThat(sentTo()).isEmpty();
        assertThat(lan.dropped("tunnel", DropReason.SAME_PORT)).isEqualTo(1);
    }

    @Test
    void shouldFloodWhatCameFromAnEndToOtherEndsOnlyWhereHairpinIsOn() throws Exception {
        lan.port("local").lan.add(tunnel);
        receive(1, frame(BROADCAST, A));
        receive(2, frame(C, A));
        assertThat(lan.take("local")).hasSize(2);
        assertThat(sentTo()).isEmpty();
        lan.lan.port("tunnel").change(settings -> settings.hairpin(true));
        receive(1, frame(BROADCAST, A));
        receive(2, frame(C, A));
        assertThat(lan.take("local")).hasSize(2);
        assertThat(sentTo()).as("all ends but that").containsExactly(-1, -2);
        lan.send("local", frame(BROADCAST, B));
        assertThat(sentTo()).as("all ends").containsExactly(0);
    }

    // ---- stations that are set ----

    @Test
    void shouldSendToTheEndOfAStationThatWasSet() throws Exception {
        lan.port("local").lan.add(tunnel);
        assertThat(tunnel.handle.station(0, mac(B), 7)).isTrue();
        assertThat(lan.whereIs(0, B)).isEqualTo("tunnel endpoint 7 static");
        lan.send("local", frame(B, A));
        assertThat(sentTo()).containsExactly(7);
        receive(3, frame(A, B)); // it does not move
        assertThat(lan.whereIs(0, B)).isEqualTo("tunnel endpoint 7 static");
        assertThat(tunnel.handle.station(0, mac(B), 8)).isTrue();
        assertThat(lan.whereIs(0, B)).isEqualTo("tunnel endpoint 8 static");
        assertThat(tunnel.handle.station(20, mac(B), 9)).isTrue();
        lan.send("local", tagged(20, frame(B, A)));
        assertThat(sentTo()).containsExactly(9);
    }

    @Test
    void shouldForgetOnlyStationsOfItsOwnPort() throws Exception {
        lan.port("local").lan.add(tunnel);
        tunnel.handle.station(0, mac(B), 7);
        lan.send("local", frame(B, A));
        assertThat(tunnel.handle.forget(0, mac(A))).as("behind the other port").isFalse();
        assertThat(lan.whereIs(0, A)).isEqualTo("local");
        assertThat(tunnel.handle.forget(1, mac(B))).as("in another VLAN").isFalse();
        assertThat(tunnel.handle.forget(0, mac(B))).isTrue();
        assertThat(tunnel.handle.forget(0, mac(B))).isFalse();
        assertThat(lan.whereIs(0, B)).isEmpty();
        receive(1, frame(BROADCAST, C));
        assertThat(tunnel.handle.forget(0, mac(C))).as("learned").isTrue();
        assertThat(lan.whereIs(0, C)).isEmpty();
    }

    @Test
    void shouldSayThatTheFdbIsFullOfWhatWasSet() throws Exception {
        lan.port("local").lan.add(tunnel);
        lan.lan.fdb().resize(2);
        assertThat(tunnel.handle.station(0, mac(A), 1)).isTrue();
        assertThat(tunnel.handle.station(0, mac(B), 1)).isTrue();
        assertThat(tunnel.handle.station(0, mac(C), 1)).isFalse();
        assertThat(tunnel.handle.station(0, mac(B), 2)).as("it has a place").isTrue();
        assertThat(tunnel.handle.forget(0, mac(A))).isTrue();
        assertThat(tunnel.handle.station(0, mac(C), 1)).isTrue();
    }

    @Test
    void shouldForgetThemWithThePortAndTakeNoneAfterwards() throws Exception {
        lan.port("local");
        var attached = lan.lan.add(tunnel);
        tunnel.handle.station(0, mac(B), 7);
        attached.close();
        assertThat(lan.whereIs(0, B)).isEmpty();
        assertThat(tunnel.handle.station(0, mac(B), 7)).isFalse();
        assertThat(tunnel.handle.forget(0, mac(B))).isFalse();
        tunnel.handle.flush(7);
        assertThat(lan.whereIs(0, B)).isEmpty();
    }

    @Test
    void shouldSetNothingInAWire() throws Exception {
        Multipoint other = new Multipoint("other");
        try (Wire wire = Wire.invoker(() -> 0, tunnel, other)) {
            assertThat(tunnel.handle.station(0, mac(B), 7)).isFalse();
            assertThat(tunnel.handle.forget(0, mac(B))).isFalse();
            tunnel.handle.flush(7);
            tunnel.receive(1, frame(B, A));
            while (wire.step()) {
                // until nothing is left to do
            }
            assertThat(other.sentTo).containsExactly(0);
        }
    }

    @Test
    void shouldSayWhichValueCannotBe() throws Exception {
        lan.lan.add(tunnel);
        assertThatThrownBy(() -> tunnel.handle.station(4_095, mac(B), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("VLAN is 4095; accepted: 0..4094");
        assertThatThrownBy(() -> tunnel.handle.station(0, mac(BROADCAST), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MAC address is ff:ff:ff:ff:ff:ff; accepted");
        assertThatThrownBy(() -> tunnel.handle.forget(0, 1L << 48))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MAC address is 0x1000000000000");
        assertThatThrownBy(() -> tunnel.handle.station(0, mac(B), 1 << 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("endpoint is 1048576; accepted: 0 (none)..1048575");
        assertThatThrownBy(() -> tunnel.handle.flush(-1)).hasMessageContaining("endpoint is -1");
        assertThat(lan.lan.fdb().stations()).isEmpty();
    }

    // ---- an end that goes ----

    @Test
    void shouldForgetWhatWasLearnedBehindOneEnd() throws Exception {
        lan.port("local").lan.add(tunnel);
        Multipoint second = new Multipoint("second");
        lan.lan.add(second);
        receive(1, frame(BROADCAST, A));
        receive(2, frame(BROADCAST, B));
        second.receive(1, frame(BROADCAST, C));
        lan.settle();
        tunnel.handle.station(0, mac("02:00:00:00:00:0d"), 1);
        lan.lan.fdb().set(Kind.CONTROL, 0, "02:00:00:00:00:0e", "tunnel", 1);
        tunnel.handle.flush(1);
        assertThat(lan.whereIs(0, A)).isEmpty();
        assertThat(lan.whereIs(0, B)).isEqualTo("tunnel endpoint 2");
        assertThat(lan.whereIs(0, C)).isEqualTo("second endpoint 1");
        assertThat(lan.whereIs(0, "02:00:00:00:00:0d")).isEqualTo("tunnel endpoint 1 static");
        assertThat(lan.lan.fdb().stations()).hasSize(4);
        lan.send("local", frame(A, "02:00:00:00:00:0f"));
        assertThat(sentTo()).as("flooded again").contains(0);
    }

    @Test
    void shouldDoAllThatThroughAnImpairedDriver() throws Exception {
        Impairment none = Impairment.builder().build();
        PortHandle[] handle = new PortHandle[1];
        ScriptedDriver driver = new ScriptedDriver("worse");
        lan.lan.add(new ImpairedDriver(driver.onOpen(opened -> handle[0] = opened.handle()), none, none));
        assertThat(handle[0].station(0, mac(B), 7)).isTrue();
        lan.lan.fdb().set(Kind.DYNAMIC, 0, A, "worse", 7);
        handle[0].flush(7);
        assertThat(lan.whereIs(0, A)).isEmpty();
        assertThat(lan.whereIs(0, B)).isEqualTo("worse endpoint 7 static");
        assertThat(handle[0].forget(0, mac(B))).isTrue();
    }

    /** While workers go on learning: what they learn in the rounds that they are in is forgotten, too. */
    @Test
    void shouldForgetThemInASwitchWithThreads() throws Exception {
        try (VirtualSwitch threaded = VirtualSwitch.builder().workers(2).build()) {
            ScriptedDriver driver = new ScriptedDriver("tunnel");
            threaded.add(driver);
            for (int i = 0; i < 100; i++) {
                threaded.fdb().set(Kind.DYNAMIC, 0, MacAddress.format(mac(A) + i), "tunnel", i % 2);
            }
            driver.handle().flush(1);
            Eventually.await(
                    "half of them to go", () -> threaded.fdb().stations().size() == 50);
            assertThat(threaded.fdb().stations()).allMatch(station -> station.endpoint() == 0);
        }
    }
}
