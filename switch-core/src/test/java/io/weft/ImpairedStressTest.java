package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.impairment.ImpairedDriver;
import io.weft.impairment.Impairment;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.worker.AttachedDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Impaired ports under threads that send, while one of them comes and goes with frames waiting. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ImpairedStressTest {
    @Test
    void shouldAccountForEveryFrameWhileImpairedPortsComeAndGo() throws Exception {
        SplittableRandom random = TestSeed.random("ImpairedStressTest");
        Impairment poor = Impairment.builder()
                .delay(Duration.ofMillis(2))
                .jitter(Duration.ofMillis(1))
                .loss(5)
                .duplicate(20)
                .corrupt(5)
                .reorder(20)
                .rate(200_000_000)
                .limit(300)
                .seed(random.nextLong())
                .build();
        VirtualSwitch lan = VirtualSwitch.builder().name("impaired").workers(3).build();
        List<FutureTask<Void>> senders = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            MemoryPort host = new MemoryPort("host" + i).onFrame(bytes -> {});
            lan.add(i == 0 ? host : new ImpairedDriver(host, poor, i == 1 ? poor : Impairment.NONE));
            RandomFrames frames = new RandomFrames(random.split());
            FutureTask<Void> sender = new FutureTask<>(() -> {
                for (int k = 0; k < 5_000 * TestSeed.effort(); k++) {
                    host.send(frames.next());
                }
                return null;
            });
            senders.add(sender);
            new Thread(sender, "impaired-sender").start();
        }
        RandomFrames frames = new RandomFrames(random.split());
        while (!senders.stream().allMatch(FutureTask::isDone)) {
            MemoryPort port = new MemoryPort("passes").onFrame(bytes -> {});
            try (AttachedDriver attached = lan.add(new ImpairedDriver(port, poor, poor))) {
                for (int i = random.nextInt(50); i > 0; i--) {
                    port.send(frames.next());
                }
                if (random.nextBoolean()) {
                    port.down("passing");
                }
                assertThat(attached.ports()).hasSize(1);
            }
        }
        for (FutureTask<Void> sender : senders) {
            sender.get(60, TimeUnit.SECONDS);
        }
        Eventually.await("what waits to be sent", () -> lan.statistics().unaccounted() == 0);
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
        assertThat(lan.statistics().dropped(DropReason.IMPAIRMENT)).isPositive();
        assertThat(lan.statistics().dropped(DropReason.RX_IMPAIRMENT)).isPositive();
        Eventually.assertNoThreads("impaired-worker");
    }
}
