package io.weft.tunnel.bfd;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** Two sessions and a line between them that delays, reorders and loses, in virtual time. */
final class BfdLink {
    static final long MS = 1_000_000;
    static final long SECOND = 1_000 * MS;

    private final SplittableRandom random;
    private final Frame frame = new FramePool(1, 0).allocate(200);
    private final PriorityQueue<Arrival> line = new PriorityQueue<>(Comparator.comparingLong(Arrival::atNs));
    private final long delayNs;
    private final long jitterNs;
    final End a;
    final End b;
    long now;

    private record Arrival(long atNs, End to, byte[] frame) {}

    /** A line on which everything takes {@code delayNs}, and up to {@code jitterNs} more. */
    BfdLink(SplittableRandom random, BfdSettings ofA, BfdSettings ofB, long delayNs, long jitterNs) {
        this.random = random;
        this.delayNs = delayNs;
        this.jitterNs = jitterNs;
        now = random.nextLong() >>> 1;
        a = new End(ofA);
        b = new End(ofB);
        a.other = b;
        b.other = a;
    }

    /** One of the two ends, and what leaves it. */
    final class End {
        private final BfdEncapsulation encapsulation =
                BfdEncapsulation.openVSwitch(0x0200_0000_0001L, BfdEncapsulation.drawSourcePort(random));
        private End other;
        BfdSession session;
        double loss; // of what it sends
        final List<String> changes = new ArrayList<>();
        final List<Long> sentNs = new ArrayList<>();

        private End(BfdSettings settings) {
            restart(settings);
        }

        /** As after a crash: nothing is left of the session it had. */
        void restart(BfdSettings settings) {
            session = new BfdSession(
                    settings,
                    BfdSession.drawDiscriminator(random),
                    random.split(),
                    now,
                    (changed, before) -> changes.add(before + ">" + changed.state()));
        }

        private void send() {
            session.write(frame, encapsulation.packetOffset());
            encapsulation.put(frame);
            sentNs.add(now);
            if (random.nextDouble() >= loss) {
                line.add(new Arrival(now + delayNs + random.nextLong(jitterNs + 1), other, frame.toByteArray()));
            }
        }

        private void receive(byte[] bytes) {
            frame.length(bytes.length);
            frame.putBytes(0, bytes, 0, bytes.length);
            assertThat(BfdEncapsulation.isBfd(frame, BfdEncapsulation.NO_MAC)).isTrue();
            session.onFrame(frame, now);
        }

        BfdState state() {
            return session.state();
        }
    }

    /** Lets the next thing happen. */
    private void step(long endNs) {
        long next = endNs;
        for (End end : List.of(a, b)) {
            long due = end.session.nextDueNs();
            next = due - next < 0 ? due : next;
        }
        if (!line.isEmpty() && line.peek().atNs() - next < 0) {
            next = line.peek().atNs();
        }
        now = next - now > 0 ? next : now;
        while (!line.isEmpty() && line.peek().atNs() - now <= 0) {
            Arrival arrival = line.remove();
            arrival.to().receive(arrival.frame());
        }
        for (End end : List.of(a, b)) {
            while (end.session.poll(now)) {
                end.send();
            }
            assertThat(end.session.nextDueNs() - now).as("no busy waiting").isPositive();
        }
    }

    void run(long forNs) {
        long end = now + forNs;
        while (now - end < 0) {
            step(end);
        }
    }

    /** Runs until something is so and returns how long that took; fails when it takes longer than {@code mostNs}. */
    long runUntil(BooleanSupplier condition, long mostNs) {
        long begin = now;
        while (!condition.getAsBoolean()) {
            assertThat(now - begin).as("waited in vain").isLessThan(mostNs);
            step(begin + mostNs);
        }
        return now - begin;
    }

    boolean isUp() {
        return a.state() == BfdState.UP && b.state() == BfdState.UP;
    }
}
