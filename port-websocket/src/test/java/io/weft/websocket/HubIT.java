package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.port.MemoryPort;
import io.weft.port.PortStatistics;
import io.weft.worker.PortStatus;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A hub and three spokes, each a switch with threads of its own and one station behind it. */
class HubIT {
    private static final int SPOKES = 3;
    private static final int DEADLINE_SECONDS = 60;

    private final List<VirtualSwitch> spokes = new ArrayList<>();
    private final List<MemoryPort> stations = new ArrayList<>();
    private final List<BlockingQueue<byte[]>> received = new ArrayList<>();
    private VirtualSwitch hub;
    private int port;

    @AfterEach
    void close() {
        spokes.forEach(VirtualSwitch::close);
        if (hub != null) {
            hub.close();
        }
    }

    private void openHub(int onPort) throws Exception {
        hub = VirtualSwitch.builder().name("hub").workers(2).build();
        WebSocketListener listener =
                WebSocketListener.builder("127.0.0.1", onPort).name("spoke").build();
        hub.add(listener);
        port = listener.localAddress().getPort();
    }

    private void openSpokes() throws Exception {
        for (int i = 0; i < SPOKES; i++) {
            BlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
            MemoryPort station = new MemoryPort("station").onFrame(bytes -> {
                byte[] frame = new byte[bytes.remaining()];
                bytes.get(frame);
                queue.add(frame);
            });
            VirtualSwitch spoke =
                    VirtualSwitch.builder().name("spoke" + i).workers(2).build();
            spokes.add(spoke);
            stations.add(station);
            received.add(queue);
            spoke.add(station);
            spoke.add(WebSocketClientPort.builder(URI.create("ws://127.0.0.1:" + port + "/"))
                    .name("up")
                    .reconnect(Duration.ofMillis(10), Duration.ofMillis(50))
                    .build());
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long for %s", what).isLessThan(deadline);
            LockSupport.parkNanos(200_000);
        }
    }

    private boolean allUp(boolean up) {
        return spokes.stream().allMatch(spoke -> spoke.ports().stream()
                .filter(each -> each.name().equals("up"))
                .allMatch(each -> each.up() == up));
    }

    private byte[] next(int spoke) throws InterruptedException {
        byte[] frame = received.get(spoke).poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertThat(frame).as("a frame at spoke %d", spoke).isNotNull();
        return frame;
    }

    /** Every station sends to all, then to each other one, which is then known. */
    private void talk(int round) throws InterruptedException {
        for (int from = 0; from < SPOKES; from++) {
            byte[] hello = TestLan.frame(0, from + 1, 60, round);
            await("room for a frame", sender(from, hello));
            for (int to = 0; to < SPOKES; to++) {
                if (to != from) {
                    assertThat(next(to)).isEqualTo(hello);
                }
            }
        }
        for (int from = 0; from < SPOKES; from++) {
            for (int to = 0; to < SPOKES; to++) {
                if (to != from) {
                    byte[] frame = TestLan.frame(to + 1, from + 1, 100 + 1_000 * from + to, round);
                    await("room for a frame", sender(from, frame));
                    assertThat(next(to)).isEqualTo(frame);
                }
            }
        }
        assertThat(received).as("known stations' frames go to them alone").allMatch(BlockingQueue::isEmpty);
    }

    private BooleanSupplier sender(int from, byte[] frame) {
        return () -> stations.get(from).send(frame);
    }

    @Test
    void shouldForwardBetweenSpokesAndAccountForEveryFrame() throws Exception {
        openHub(0);
        openSpokes();
        await("the spokes", () -> allUp(true) && hub.ports().size() == SPOKES);
        int rounds = 50;
        for (int round = 0; round < rounds; round++) {
            talk(round);
        }
        await("the hub's account", () -> hub.statistics().unaccounted() == 0);
        for (VirtualSwitch spoke : spokes) {
            await("a spoke's account", () -> spoke.statistics().unaccounted() == 0);
        }
        // Each hello is flooded to the two others, each of the six unicast frames goes to one.
        PortStatistics all = hub.statistics();
        assertThat(all.rxFrames()).isEqualTo(rounds * 9L);
        assertThat(all.txFrames()).isEqualTo(rounds * (6L + 6L));
        assertThat(all.dropped()).isZero();
        assertThat(hub.ports()).extracting(PortStatus::name).allMatch(name -> name.startsWith("spoke-"));
    }

    @Test
    void shouldComeTogetherAgainWhenTheHubIsRestarted() throws Exception {
        openHub(0);
        openSpokes();
        for (int life = 0; life < 3; life++) {
            await("the spokes", () -> allUp(true) && hub.ports().size() == SPOKES);
            talk(life);
            hub.close();
            await("the spokes to notice", () -> allUp(false));
            openHub(port);
        }
        for (VirtualSwitch spoke : spokes) {
            await("a spoke's account", () -> spoke.statistics().unaccounted() == 0);
        }
    }
}
