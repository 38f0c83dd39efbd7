package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.port.PortContext;
import io.weft.tunnel.bfd.BfdEncapsulation;
import io.weft.tunnel.bfd.BfdPacket;
import io.weft.tunnel.bfd.BfdSession;
import io.weft.tunnel.bfd.BfdSettings;
import io.weft.tunnel.bfd.BfdState;
import io.weft.underlay.UnderlayPeer;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a probe asks of the worker's timers, in virtual time. */
class ProbeTimerTest {
    private static final long MS = 1_000_000;

    private final FramePool pool = new FramePool(4, 0);
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(Comparator.comparingLong(Timer::atNs));
    private final SplittableRandom random = new SplittableRandom(1);
    private long now = 5;

    private record Timer(long atNs, Runnable task) {}

    private PortContext context() {
        return (PortContext) Proxy.newProxyInstance(
                ProbeTimerTest.class.getClassLoader(),
                new Class<?>[] {PortContext.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "nanoTime" -> now;
                    case "pool" -> pool;
                    case "schedule" -> timers.add(new Timer(now + (long) arguments[0], (Runnable) arguments[1]));
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private void run(long untilNs) {
        while (!timers.isEmpty() && timers.peek().atNs() <= untilNs) {
            Timer timer = timers.remove();
            now = timer.atNs();
            timer.task().run();
        }
        now = untilNs;
    }

    @Test
    void shouldNotLeaveTimersBehindWhateverIsAskedOfIt() throws Exception {
        Probes probes = new Probes(
                null, context(), BfdSettings.DEFAULT, null); // which has nothing to write packets in, and sends none
        UnderlayPeer peer = UnderlayPeer.of(InetAddress.getByName("192.0.2.1"), 4_789);
        RemoteEnd remote = new RemoteEnd(1, peer, 7, RemoteEnd.Origin.CONFIGURED, true, null);
        BfdSession session = new BfdSession(BfdSettings.DEFAULT, 1, random, now, (changed, before) -> {});
        Probe probe = new Probe(probes, remote, session, BfdEncapsulation.openVSwitch(0x0200_0000_0001L, 50_000));
        probe.drive();
        BfdEncapsulation theirs = BfdEncapsulation.openVSwitch(0x0200_0000_0002L, 50_001);
        Frame frame = pool.allocate(theirs.packetOffset() + BfdPacket.LENGTH);
        for (int i = 0; i < 1_000; i++) { // each a Poll, which is answered out of turn
            frame.putInt(theirs.packetOffset(), 0x2000_0318 | (BfdState.DOWN.code() << 6 | BfdPacket.POLL) << 16);
            frame.putInt(theirs.packetOffset() + 4, 2);
            frame.putInt(theirs.packetOffset() + 8, 0);
            frame.putInt(theirs.packetOffset() + 12, 1_000_000);
            frame.putInt(theirs.packetOffset() + 16, 1_000_000);
            frame.putInt(theirs.packetOffset() + 20, 0);
            theirs.put(frame);
            assertThat(probe.take(frame)).isTrue();
            run(now + 15 * MS);
        }
        assertThat(session.status().received()).isEqualTo(1_000);
        run(now + 10_000 * MS);
        assertThat(timers).as("for the next thing that is due").hasSize(1);
        frame.release();
    }
}
