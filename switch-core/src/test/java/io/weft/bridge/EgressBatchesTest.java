package io.weft.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.fdb.Fdb;
import io.weft.fdb.FdbKey;
import io.weft.fdb.FdbObserver;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortCounters;
import io.weft.port.PortStatistics;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One worker's egress by hand: what leaves in which batch, with which endpoint, and what is dropped for which reason. */
class EgressBatchesTest {
    private static final byte[] UNICAST =
            HexFormat.of().parseHex("0200000000bb" + "0200000000aa" + "0800" + "00".repeat(46));
    private static final byte[] BROADCAST =
            HexFormat.of().parseHex("ffffffffffff" + "0200000000aa" + "0806" + "00".repeat(46));
    private static final long B = FdbKey.of(0, 0x0200_0000_00bbL);

    private final FramePool pool = new FramePool(200, 0);
    private final PortCounters orphans = new PortCounters();
    private final EgressBatches egress = new EgressBatches(pool, orphans);
    private final Fdb fdb = new Fdb(64, 300, 1, FdbObserver.NONE);
    private final Bridge bridge = new Bridge(fdb);
    private final List<PortCounters> accounts = new ArrayList<>(List.of(orphans));
    private final List<String> sent = new ArrayList<>(); // "port:frames" for every transmit

    private final class RecordingPort implements Port {
        private final String name;
        private final List<Integer> endpoints = new ArrayList<>();

        RecordingPort(String name) {
            this.name = name;
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
        public void transmit(FrameBatch frames, PortCounters counters) {
            sent.add(name + ":" + frames.size());
            for (int i = 0; i < frames.size(); i++) {
                endpoints.add(frames.get(i).endpoint());
                counters.transmitted(frames.get(i).length());
            }
            frames.release();
        }
    }

    private RecordingPort attach(int index, Handoff handoff) {
        RecordingPort port = new RecordingPort("p" + index);
        PortCounters account = new PortCounters();
        accounts.add(account);
        egress.attach(new BridgePort(index, port, new PortState(), account, handoff));
        return port;
    }

    private Frame frame(byte[] bytes, int ingress, int endpoint) {
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        frame.ingress(ingress);
        frame.endpoint(endpoint);
        return frame;
    }

    private void forward(Forwarder forwarder, Frame... frames) {
        FrameBatch batch = new FrameBatch();
        for (Frame frame : frames) {
            batch.add(frame);
        }
        forwarder.forward(batch, egress, 10);
        assertThat(batch.isEmpty()).isTrue();
    }

    private PortStatistics statistics() {
        return PortStatistics.sum(accounts);
    }

    @AfterEach
    void everyFrameIsAccountedForAndHome() {
        egress.flush();
        assertThat(statistics().unaccounted()).isZero();
        assertThat(pool.inUse()).isZero();
    }

    @Test
    void shouldSendEveryTouchedPortOneBatchAtTheEndOfTheRound() {
        attach(0, null);
        attach(1, null);
        attach(2, null);
        fdb.learn(B, 2, 0, 10);
        forward(bridge, frame(UNICAST, 0, 0), frame(BROADCAST, 0, 0), frame(UNICAST, 0, 0));
        assertThat(sent).isEmpty();
        egress.flush();
        assertThat(sent).containsExactlyInAnyOrder("p1:1", "p2:3");
        egress.flush();
        assertThat(sent).hasSize(2);
    }

    @Test
    void shouldSendAFullBatchAtOnce() {
        attach(0, null);
        attach(1, null);
        for (int i = 0; i < 3; i++) {
            Frame[] burst = new Frame[50];
            for (int j = 0; j < burst.length; j++) {
                burst[j] = frame(BROADCAST, 0, 0);
            }
            forward(bridge, burst);
        }
        assertThat(sent).containsExactly("p1:64", "p1:64");
        egress.flush();
        assertThat(sent).containsExactly("p1:64", "p1:64", "p1:22");
    }

    @Test
    void shouldGiveKnownUnicastItsEndpointAndFloodToAllOfThem() {
        attach(0, null);
        RecordingPort multipoint = attach(1, null);
        fdb.learn(B, 1, 42, 10);
        forward(bridge, frame(UNICAST, 0, 7), frame(BROADCAST, 0, 7));
        egress.flush();
        assertThat(multipoint.endpoints).containsExactly(42, 0);
    }

    @Test
    void shouldLearnTheEndpointAFrameCameFromAndNotSendItBack() {
        RecordingPort other = attach(0, null);
        RecordingPort multipoint = attach(1, null);
        forward(bridge, frame(UNICAST, 1, 99));
        assertThat(fdb.list(10)).singleElement().satisfies(entry -> {
            assertThat(entry.port()).isEqualTo(1);
            assertThat(entry.endpoint()).isEqualTo(99);
        });
        fdb.learn(B, 1, 5, 10);
        forward(bridge, frame(UNICAST, 1, 99));
        egress.flush();
        assertThat(multipoint.endpoints).as("between endpoints of one port").isEmpty();
        assertThat(other.endpoints).containsExactly(0);
        assertThat(statistics().dropped(DropReason.SAME_PORT)).isEqualTo(1);
    }

    @Test
    void shouldCountTheCopiesThatFoundNoMemoryForThePortsThatMissThem() {
        for (int i = 0; i < 6; i++) {
            attach(i, null);
        }
        List<Frame> hoard = new ArrayList<>();
        Frame flooded = frame(BROADCAST, 0, 0);
        while (pool.inUse() < 198) {
            hoard.add(pool.allocate(60));
        }
        forward(bridge, flooded); // 4 copies wanted, 2 to be had, and the original
        egress.flush();
        assertThat(statistics().copies()).isEqualTo(4);
        assertThat(statistics().txFrames()).isEqualTo(3);
        assertThat(statistics().dropped(DropReason.COPY_POOL_EMPTY)).isEqualTo(2);
        hoard.forEach(Frame::release);
    }

    @Test
    void shouldCountWhatTheWayToAnotherWorkerDoesNotTake() {
        attach(0, null);
        List<Frame> handedOver = new ArrayList<>();
        attach(1, batch -> {
            for (int i = 0; i < 2; i++) {
                handedOver.add(batch.get(i));
            }
            return 2;
        });
        forward(bridge, frame(BROADCAST, 0, 0), frame(BROADCAST, 0, 0), frame(BROADCAST, 0, 0));
        egress.flush();
        assertThat(statistics().dropped(DropReason.TX_QUEUE_FULL)).isEqualTo(1);
        assertThat(handedOver).hasSize(2).allSatisfy(frame -> assertThat(frame.egress())
                .isEqualTo(1));
        assertThat(statistics().unaccounted()).as("on their way").isEqualTo(2);

        egress.detach(1);
        handedOver.forEach(egress::addHandedOver); // back at a worker that has forgotten the port
        assertThat(statistics().dropped(DropReason.PORT_DOWN)).isEqualTo(2);
    }

    /** A tunnel whose peer lies about its header lengths may leave a few bytes at the very end of the slot. */
    @Test
    void shouldNotLookBehindTheSlotOfAShortFrame() {
        Fdb large = new Fdb(Fdb.MAX_CAPACITY, 300, 1, FdbObserver.NONE);
        assertThat(large.outgrowsCache()).isTrue();
        attach(0, null);
        attach(1, null);
        for (int left = 0; left < 20; left += 2) {
            Frame frame = pool.allocate(FramePool.SMALL_LENGTH);
            frame.ingress(0);
            for (int i = 0; i < FramePool.SMALL_LENGTH; i += 2) {
                frame.putShort(i, 0x8100);
            }
            frame.consume(FramePool.SMALL_LENGTH - left);
            forward(new Bridge(large), frame);
        }
        assertThat(statistics().dropped(DropReason.RUNT)).isEqualTo(9);
    }

    @Test
    void shouldSendWhatAPortHasCollectedBeforeItIsDetached() {
        attach(0, null);
        attach(1, null);
        forward(bridge, frame(BROADCAST, 0, 0));
        egress.detach(1);
        assertThat(sent).containsExactly("p1:1");
        assertThat(egress.port(1)).isNull();
        forward(bridge, frame(BROADCAST, 0, 0));
        assertThat(statistics().dropped(DropReason.NO_EGRESS)).isEqualTo(1);
        egress.detach(1);
        assertThat(egress.port(-1)).isNull();
        assertThat(egress.port(1_000_000)).isNull();
    }

    @Test
    void shouldCrossConnectTwoPortsAndNoMore() {
        CrossConnect wire = new CrossConnect();
        attach(0, null);
        forward(wire, frame(BROADCAST, 0, 0));
        assertThat(statistics().dropped(DropReason.NO_EGRESS)).isEqualTo(1);
        RecordingPort other = attach(20, null); // beyond the first sixteen indexes
        byte[] bpdu = HexFormat.of().parseHex("0180c2000000" + "0200000000aa" + "0026" + "424203");
        forward(wire, frame(bpdu, 0, 7), frame(new byte[3], 0, 0), frame(BROADCAST, 20, 0));
        egress.flush();
        assertThat(sent).containsExactlyInAnyOrder("p20:2", "p0:1");
        assertThat(other.endpoints).containsExactly(0, 0);
        attach(2, null);
        forward(wire, frame(BROADCAST, 0, 0), frame(BROADCAST, 9, 0));
        assertThat(statistics().dropped(DropReason.NO_EGRESS)).isEqualTo(2);
        assertThat(statistics().dropped(DropReason.RX_PORT_DOWN))
                .as("from no port")
                .isEqualTo(1);
    }
}
