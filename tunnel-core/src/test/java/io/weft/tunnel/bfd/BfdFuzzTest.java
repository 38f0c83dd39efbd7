package io.weft.tunnel.bfd;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Any sequence of packets, frames, pauses and commands for one session. What it sends is well-formed and keeps to the rates; it
 * always knows when it is next due; everything given to it is counted once.
 */
class BfdFuzzTest {
    private static final long SECOND = 1_000_000_000;
    private static final int DISCRIMINATOR = 0x77777777;
    private static final FramePool POOL = new FramePool(2, 0);

    private long now;
    private long given;
    private long sent;
    private long sentNs;
    private BfdSession session;

    @FuzzTest
    void shouldKeepItsPromises(byte[] input) {
        POOL.own();
        now = 0;
        given = 0;
        sent = 0;
        sentNs = -SECOND;
        session =
                new BfdSession(BfdSettings.DEFAULT, DISCRIMINATOR, new SplittableRandom(1), now, (changed, before) -> {
                    assertThat(changed.state() != before || before == BfdState.UP)
                            .isTrue();
                });
        ByteBuffer bytes = ByteBuffer.wrap(input);
        while (bytes.hasRemaining()) {
            int command = bytes.get() & 0xff;
            switch (command >>> 5) {
                case 0 -> pass(1L << (command & 31));
                case 1 -> pass(session.nextDueNs() - now);
                case 2 -> settle(command, bytes);
                case 3 -> giveFrame(bytes, command & 31);
                default -> givePacket(bytes, command);
            }
            drive();
        }
    }

    private void pass(long timeNs) {
        now += timeNs;
    }

    private void settle(int command, ByteBuffer bytes) {
        switch (command & 3) {
            case 0 -> session.disable();
            case 1 -> session.enable();
            default -> {
                int transmitMs = 50 + (bytes.hasRemaining() ? bytes.get() & 0xff : 0) * 16;
                int receiveMs = 50 + (bytes.hasRemaining() ? bytes.get() & 0xff : 0) * 16;
                session.change(new BfdSettings(
                        Duration.ofMillis(transmitMs), Duration.ofMillis(receiveMs), 1 + (command >>> 2 & 7)));
            }
        }
    }

    /** A packet of the next 24 bytes, or fewer; by the command, with the fields that nobody guesses set right. */
    private void givePacket(ByteBuffer bytes, int command) {
        byte[] packet = new byte[Math.min(24, bytes.remaining())];
        bytes.get(packet);
        if (packet.length == 24 && (command & 1) != 0) {
            packet[0] = (byte) (0x20 | packet[0] & 0x1f);
            packet[1] &= (byte) ~(BfdPacket.AUTHENTICATION | BfdPacket.MULTIPOINT);
            packet[3] = 24;
            ByteBuffer.wrap(packet).putInt(8, (command & 2) != 0 ? DISCRIMINATOR : 0);
        }
        Frame frame = atTheEndOfItsSlot(packet);
        session.onPacket(frame, 0, packet.length, now);
        given++;
        frame.release();
    }

    private void giveFrame(ByteBuffer bytes, int more) {
        byte[] content = new byte[Math.min(42 + more * 3, bytes.remaining())];
        bytes.get(content);
        Frame frame = atTheEndOfItsSlot(content);
        if (BfdEncapsulation.isBfd(frame, 0x0200_0000_0001L)) {
            session.onFrame(frame, now);
            given++;
        }
        assertThat(frame.toByteArray()).isEqualTo(content);
        frame.release();
    }

    /** In a frame behind whose last byte reading on would throw. */
    private static Frame atTheEndOfItsSlot(byte[] content) {
        Frame frame = POOL.allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - content.length);
        frame.putBytes(0, content, 0, content.length);
        return frame;
    }

    private void drive() {
        Frame frame = POOL.allocate(24);
        if (session.poll(now)) {
            session.write(frame, 0);
            sent++;
            assertThat(BfdPacket.check(frame, 0, 24)).isIn(null, BfdRefusal.YOUR_DISCRIMINATOR_MISSING);
            assertThat(BfdPacket.state(frame, 0)).isEqualTo(session.state());
            assertThat(BfdPacket.myDiscriminator(frame, 0)).isEqualTo(DISCRIMINATOR);
            int pollAndFinal = BfdPacket.POLL | BfdPacket.FINAL;
            assertThat(BfdPacket.flags(frame, 0))
                    .isNotEqualTo(pollAndFinal)
                    .matches(flags -> (flags & ~pollAndFinal) == 0);
            assertThat(BfdPacket.yourDiscriminator(frame, 0) == 0 && session.state() == BfdState.UP)
                    .isFalse();
            if (session.state() != BfdState.UP) {
                assertThat(BfdPacket.desiredMinTransmitUs(frame, 0)).isGreaterThanOrEqualTo(1_000_000);
            }
            assertThat(now - sentNs).isGreaterThanOrEqualTo(BfdSession.SPACING_NS);
            sentNs = now;
            assertThat(session.poll(now)).as("one at a time").isFalse();
        }
        frame.release();
        assertThat(session.nextDueNs() - now).as("no busy waiting").isPositive();
        BfdStatus status = session.status();
        assertThat(status.received()
                        + status.refused().values().stream()
                                .mapToLong(Long::longValue)
                                .sum())
                .isEqualTo(given);
        assertThat(status.sent()).isEqualTo(sent);
        assertThat(status.ups() - status.downs()).isEqualTo(status.state() == BfdState.UP ? 1 : 0);
        assertThat(status.detectionTimeNs() > 0 || status.state() != BfdState.UP)
                .isTrue();
    }
}
