package io.weft.impairment;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.ExpectedFailures;
import io.weft.TestSeed;
import io.weft.VirtualSwitch;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.worker.AttachedDriver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A switch with a plain port and an impaired one, stepped with a virtual clock.
 *
 * <p>Seen to catch, each broken on a copy of the code: a line that forgets when it is free; frames forgotten when the port
 * leaves; a timer for the last frame instead of the first; a loss that is not received.
 */
@ExtendWith(ExpectedFailures.class)
class ImpairedDriverTest {
    private static final long MS = 1_000_000;

    private long nowNs = -5; // wraps from negative to positive soon
    private final VirtualSwitch lan =
            VirtualSwitch.builder().invoker(() -> nowNs).build();
    private final MemoryPort near = new MemoryPort("near");
    private final List<String> seen = new ArrayList<>();
    private final MemoryPort far = new MemoryPort("far").onFrame(bytes -> seen.add(number(bytes) + "@" + ms()));
    private AttachedDriver attached;

    private void impair(Impairment rx, Impairment tx) throws PortException {
        lan.add(near);
        attached = lan.add(new ImpairedDriver(far, rx, tx));
    }

    @AfterEach
    void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    private static Impairment.Builder delay(int ms) {
        return Impairment.builder().delay(Duration.ofMillis(ms)).seed(1);
    }

    static byte[] frame(int number, int length) {
        return ByteBuffer.allocate(length)
                .putShort((short) 0xffff)
                .putInt(0xffff_ffff)
                .putShort((short) 0x0200)
                .putInt(1)
                .putShort((short) 0x88b5)
                .putInt(number)
                .array();
    }

    private static int number(ByteBuffer bytes) {
        return bytes.getInt(bytes.position() + 14);
    }

    private long ms() {
        return (nowNs + 5) / MS;
    }

    private void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    /** Lets the clock run, in steps of a millisecond. */
    private void run(int ms) {
        for (int i = 0; i < ms; i++) {
            nowNs += MS;
            settle();
        }
    }

    private void sendToFar(int from, int to, int length) {
        for (int i = from; i < to; i++) {
            assertThat(near.send(frame(i, length))).isTrue();
            settle();
        }
    }

    private void sendFromFar(int from, int to, int length) {
        for (int i = from; i < to; i++) {
            assertThat(far.send(frame(i, length))).isTrue();
            settle();
        }
    }

    private List<String> atNear() {
        List<String> got = new ArrayList<>();
        for (byte[] frame = near.receive(); frame != null; frame = near.receive()) {
            got.add(number(ByteBuffer.wrap(frame)) + "@" + ms());
        }
        return got;
    }

    private PortStatistics farStatistics() {
        return attached.ports().get(0).statistics();
    }

    // ---- exact cases ----

    @Test
    void shouldPassEverythingAtOnceWithoutImpairment() throws Exception {
        impair(Impairment.NONE, Impairment.NONE);
        sendToFar(0, 100, 60);
        sendFromFar(0, 100, 60);
        assertThat(seen).hasSize(100).startsWith("0@0", "1@0").endsWith("99@0");
        assertThat(atNear()).hasSize(100).startsWith("0@0", "1@0").endsWith("99@0");
        assertThat(farStatistics().dropped()).isZero();
    }

    @Test
    void shouldDelayEachDirectionByItsOwnTime() throws Exception {
        impair(delay(3).build(), delay(5).build());
        sendToFar(1, 2, 60);
        sendFromFar(1, 2, 60);
        run(1);
        sendToFar(2, 3, 1_500);
        assertThat(lan.statistics().unaccounted()).isEqualTo(2); // they wait on the way out
        assertThat(farStatistics().rxFrames()).isZero();
        run(1);
        assertThat(atNear()).isEmpty();
        run(1);
        assertThat(atNear()).containsExactly("1@3");
        run(10);
        assertThat(seen).containsExactly("1@5", "2@6");
        assertThat(farStatistics().txFrames()).isEqualTo(2);
        assertThat(farStatistics().rxFrames()).isEqualTo(1);
    }

    @Test
    void shouldSendNoFasterThanItsRate() throws Exception {
        // 1,000 bytes at 1 Mbit/s take 8 ms
        impair(Impairment.NONE, Impairment.builder().rate(1_000_000).build());
        sendToFar(0, 4, 1_000);
        run(100);
        assertThat(seen).containsExactly("0@8", "1@16", "2@24", "3@32");
        sendToFar(4, 5, 500); // the line has been free for long: no credit
        run(10);
        assertThat(seen).endsWith("4@104");
    }

    @Test
    void shouldAddTheDelayToTheTimeOfSending() throws Exception {
        impair(delay(20).rate(1_000_000).build(), Impairment.NONE);
        sendFromFar(0, 2, 1_000);
        List<String> got = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            run(1);
            got.addAll(atNear());
        }
        assertThat(got).containsExactly("0@28", "1@36");
    }

    @Test
    void shouldDropWhatFindsTheQueueFull() throws Exception {
        impair(delay(5).limit(3).build(), delay(5).limit(10).build());
        sendToFar(0, 15, 60);
        sendFromFar(0, 15, 60);
        assertThat(farStatistics().dropped(DropReason.TX_QUEUE_FULL)).isEqualTo(5);
        assertThat(farStatistics().dropped(DropReason.RX_QUEUE_FULL)).isEqualTo(12);
        assertThat(farStatistics().rxFrames()).isEqualTo(12); // those; the others are still on the line
        assertThat(lan.statistics().unaccounted()).isEqualTo(10);
        run(5);
        assertThat(atNear()).containsExactly("0@5", "1@5", "2@5");
        assertThat(seen).hasSize(10).startsWith("0@5").endsWith("9@5");
        assertThat(farStatistics().rxFrames()).isEqualTo(15);
    }

    @Test
    void shouldLoseEverythingAndCountIt() throws Exception {
        Impairment broken = Impairment.builder().loss(100).build();
        impair(broken, broken);
        sendToFar(0, 20, 60);
        sendFromFar(0, 30, 100);
        assertThat(seen).isEmpty();
        assertThat(atNear()).isEmpty();
        assertThat(farStatistics().dropped(DropReason.IMPAIRMENT)).isEqualTo(20);
        assertThat(farStatistics().dropped(DropReason.RX_IMPAIRMENT)).isEqualTo(30);
        assertThat(farStatistics().rxFrames()).isEqualTo(30);
        assertThat(farStatistics().rxBytes()).isEqualTo(3_000);
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    @Test
    void shouldDoubleEverything() throws Exception {
        Impairment twice = Impairment.builder().duplicate(100).build();
        impair(twice, twice);
        sendToFar(0, 3, 60);
        sendFromFar(0, 300, 60);
        assertThat(seen).containsExactly("0@0", "0@0", "1@0", "1@0", "2@0", "2@0");
        assertThat(farStatistics().txFrames()).isEqualTo(6);
        assertThat(farStatistics().copies()).isEqualTo(3);
        assertThat(atNear()).hasSize(600).startsWith("0@0", "0@0", "1@0");
        assertThat(farStatistics().rxFrames()).isEqualTo(600);
    }

    @Test
    void shouldDoubleBurstsThatAreLongerThanABatch() throws Exception {
        Impairment twice = Impairment.builder().duplicate(100).build();
        impair(twice, twice);
        for (int i = 0; i < 500; i++) {
            near.send(frame(i, 60));
            far.send(frame(i, 60));
        }
        settle();
        assertThat(seen).hasSize(1_000);
        assertThat(atNear()).hasSize(1_000);
        assertThat(farStatistics().dropped()).isZero();
    }

    @Test
    void shouldTurnOverOneBitOfEveryFrame() throws Exception {
        List<byte[]> got = new ArrayList<>();
        far.onFrame(bytes -> {
            byte[] frame = new byte[bytes.remaining()];
            bytes.get(frame);
            got.add(frame);
        });
        impair(Impairment.NONE, Impairment.builder().corrupt(100).seed(3).build());
        sendToFar(0, 50, 60);
        assertThat(got).hasSize(50);
        for (int i = 0; i < 50; i++) {
            byte[] sent = frame(i, 60);
            int different = 0;
            for (int k = 0; k < sent.length; k++) {
                different += Integer.bitCount((sent[k] ^ got.get(i)[k]) & 0xff);
            }
            assertThat(different).as("frame %d", i).isEqualTo(1);
        }
    }

    @Test
    void shouldLetReorderedFramesOvertake() throws Exception {
        impair(Impairment.NONE, delay(10).reorder(30).build());
        sendToFar(0, 20, 60);
        int overtook = seen.size();
        assertThat(overtook).isBetween(1, 19);
        assertThat(seen).allMatch(frame -> frame.endsWith("@0"));
        run(20);
        assertThat(seen).hasSize(20);
        assertThat(seen.subList(overtook, 20)).allMatch(frame -> frame.endsWith("@10"));
    }

    @Test
    void shouldKeepTheDelayWithinTheJitter() throws Exception {
        impair(Impairment.NONE, delay(10).jitter(Duration.ofMillis(4)).build());
        sendToFar(0, 300, 60);
        run(40);
        List<Integer> times = seen.stream()
                .map(frame -> Integer.parseInt(frame.split("@")[1]))
                .toList();
        assertThat(times).hasSize(300).allMatch(ms -> ms >= 6 && ms <= 14);
        assertThat(times).contains(7, 8, 9, 10, 11, 12, 13, 14);
    }

    @Test
    void shouldLoseInBursts() throws Exception {
        // Bad after the first frame, good again after the next: every other frame is lost.
        impair(Impairment.NONE, Impairment.builder().gemodel(100, 100).build());
        sendToFar(0, 10, 60);
        assertThat(seen).containsExactly("0@0", "2@0", "4@0", "6@0", "8@0");
        assertThat(farStatistics().dropped(DropReason.IMPAIRMENT)).isEqualTo(5);
    }

    @Test
    void shouldWaitForNobodyElsesFrames() throws Exception {
        // What waits is kept in the line's own memory: a delay with thousands of frames leaves the pools to the others.
        impair(Impairment.NONE, delay(1_000).limit(20_000).build());
        MemoryPort other = new MemoryPort("other");
        lan.add(other);
        for (int i = 0; i < 15_000; i++) {
            near.send(frame(i, 60));
            settle();
            assertThat(other.receive()).isNotNull();
        }
        assertThat(lan.statistics().dropped()).isZero();
        assertThat(lan.statistics().unaccounted()).isEqualTo(15_000);
        run(1_000);
        assertThat(seen).hasSize(15_000);
    }

    // ---- the same again ----

    private List<String> experiment(long seed, int burst) throws Exception {
        long time = 0;
        long[] clock = {0};
        List<String> log = new ArrayList<>();
        Impairment poor = delay(5).jitter(Duration.ofMillis(3))
                .gemodel(10, 40, 80, 1)
                .duplicate(10)
                .corrupt(10)
                .reorder(10)
                .rate(2_000_000)
                .limit(30)
                .seed(seed)
                .build();
        MemoryPort one = new MemoryPort("one");
        MemoryPort two = new MemoryPort("two").onFrame(bytes -> log.add(clock[0] + ":" + number(bytes)));
        try (VirtualSwitch again =
                VirtualSwitch.builder().invoker(() -> clock[0]).build()) {
            again.add(one.onFrame(bytes -> log.add(clock[0] + " back:" + number(bytes))));
            again.add(new ImpairedDriver(two, poor, poor));
            for (int i = 0; i < 400; i++) {
                one.send(frame(i, 60 + i % 500));
                two.send(frame(i, 60 + i % 300));
                if (i % burst == 0) {
                    clock[0] = time += MS;
                    while (again.step()) {
                        // until nothing is left to do
                    }
                }
            }
            log.add(again.statistics().toString());
        }
        return log;
    }

    @Test
    void shouldDoTheSameAgainWithTheSameSeed() throws Exception {
        long seed = TestSeed.next("ImpairedDriverTest same");
        List<String> first = experiment(seed, 3);
        assertThat(experiment(seed, 3)).isEqualTo(first).hasSizeGreaterThan(300);
        assertThat(experiment(seed + 1_000, 3)).isNotEqualTo(first);
    }

    // ---- statistics ----

    @Test
    void shouldComeNearWhatWasAskedForOnAverage() throws Exception {
        long seed = TestSeed.next("ImpairedDriverTest average");
        // Bad for p / (p + r) = 20 % of the frames, of which three in four are lost: 15 %.
        impair(
                Impairment.builder().loss(30).duplicate(20).seed(seed).build(),
                Impairment.builder().gemodel(5, 20, 75, 0).seed(seed).build());
        int count = 20_000;
        for (int i = 0; i < count; i++) {
            near.send(frame(i, 60));
            far.send(frame(i, 60));
            settle();
            near.receive();
            near.receive();
        }
        long lostIn = farStatistics().dropped(DropReason.RX_IMPAIRMENT);
        long twice = farStatistics().rxFrames() - count;
        assertThat(lostIn).isBetween(count * 27L / 100, count * 33L / 100);
        assertThat(twice).isBetween(count * 12L / 100, count * 16L / 100); // of those that were not lost
        assertThat(farStatistics().dropped(DropReason.IMPAIRMENT)).isBetween(count * 11L / 100, count * 19L / 100);
        int bursts = 0; // 1 / r = 5 frames on average, so fewer than if each loss were by itself
        int expected = 0;
        for (String frame : seen) {
            int number = Integer.parseInt(frame.split("@")[0]);
            bursts += number == expected ? 0 : 1;
            expected = number + 1;
        }
        long lostOut = count - seen.size();
        assertThat(bursts).isLessThan((int) (lostOut * 65 / 100)); // independent loss of 15 % would have 85 %
    }

    // ---- ports that leave, go down or throw ----

    @Test
    void shouldCountWhatWaitsWhenThePortLeaves() throws Exception {
        impair(delay(50).build(), delay(50).build());
        sendToFar(0, 7, 60);
        sendFromFar(0, 9, 60);
        far.send(frame(99, 60)); // still in the port's inbox
        attached.close();
        assertThat(lan.statistics().dropped(DropReason.PORT_DOWN)).isEqualTo(7);
        assertThat(lan.statistics().dropped(DropReason.RX_PORT_DOWN)).isEqualTo(10);
        assertThat(lan.statistics().rxFrames()).isEqualTo(17);
        assertThat(lan.statistics().unaccounted()).isZero();
        run(100);
        assertThat(seen).isEmpty();
    }

    @Test
    void shouldCountWhatWaitsWhenThePortGoesDown() throws Exception {
        impair(delay(50).build(), delay(50).build());
        sendToFar(0, 7, 60);
        sendFromFar(0, 9, 60);
        far.down("unplugged");
        settle();
        assertThat(farStatistics().dropped(DropReason.PORT_DOWN)).isEqualTo(7);
        assertThat(farStatistics().dropped(DropReason.RX_PORT_DOWN)).isEqualTo(9);
        assertThat(lan.statistics().unaccounted()).isZero();
        far.up();
        sendToFar(7, 8, 60);
        run(50);
        assertThat(seen).containsExactly("7@50");
    }

    @Test
    void shouldAccountForEverythingWhenThePortThrows() throws Exception {
        far.onFrame(bytes -> {
            throw new IllegalStateException("thrown on purpose by the test");
        });
        impair(Impairment.NONE, delay(5).duplicate(100).build());
        sendToFar(0, 7, 60);
        run(10);
        assertThat(lan.ports()).hasSize(1);
        assertThat(lan.statistics().unaccounted()).isZero();
        near.send(frame(1, 60));
        settle();
        assertThat(lan.statistics().unaccounted()).isZero();
    }
}
