package io.weft.examples.hosts.memory;

import static io.weft.examples.hosts.memory.LinuxFrames.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.examples.hosts.HostEvent;
import io.weft.examples.hosts.HostException;
import io.weft.examples.hosts.IpVersion;
import io.weft.examples.hosts.PingPlan;
import io.weft.examples.hosts.PingResult;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** A host with a plan, at {@link LinuxFrames#OUR_ADDRESS}, with a clock that the test moves. */
class MemoryHostPingsTest {
    private static final long TICK_NS = 10_000_000;

    private final List<String> sent = new ArrayList<>();
    private final List<HostEvent> events = new ArrayList<>();
    private long nowNs = Long.MAX_VALUE - 5 * TICK_NS; // so that the clock wraps around, as nanoTime may

    private MemoryHost pinger(int count, Duration peerWait) {
        PingPlan plan = PingPlan.of(LinuxFrames.LINUX_ADDRESS).withCount(count).withPeerWait(peerWait);
        MemoryHost host =
                new MemoryHost(LinuxFrames.OUR_ADDRESS, Optional.of(plan), frame -> sent.add(LinuxFrames.hex(frame)));
        host.start((self, event) -> events.add(event));
        return host;
    }

    private void letTimePass(MemoryHost host, Duration time) {
        for (long ns = 0; ns < time.toNanos(); ns += TICK_NS) {
            nowNs += TICK_NS;
            host.tick(nowNs);
        }
    }

    @Test
    void shouldPingOverBothIpVersionsBackToBack() {
        Pair pair = new Pair(frame -> true);

        pair.run(Duration.ofSeconds(3));

        assertThat(pair.result(IpVersion.IPV4)).isEqualTo(new PingResult(IpVersion.IPV4, 3, 3, 2_000, 2_000, 2_000));
        assertThat(pair.result(IpVersion.IPV6)).isEqualTo(new PingResult(IpVersion.IPV6, 3, 3, 2_000, 2_000, 2_000));
        assertThat(events.stream().filter(event -> event instanceof HostEvent.Reply))
                .containsExactly(
                        new HostEvent.Reply(IpVersion.IPV4, 1, 2_000),
                        new HostEvent.Reply(IpVersion.IPV4, 2, 2_000),
                        new HostEvent.Reply(IpVersion.IPV4, 3, 2_000),
                        new HostEvent.Reply(IpVersion.IPV6, 1, 2_000),
                        new HostEvent.Reply(IpVersion.IPV6, 2, 2_000),
                        new HostEvent.Reply(IpVersion.IPV6, 3, 2_000));
        assertThat(events).noneMatch(event -> event instanceof HostEvent.Waiting);
        assertThat(pair.left.ignoredFrames()).isZero();
        assertThat(pair.right.ignoredFrames()).isZero();
    }

    @Test
    void shouldCountALostReplyAndGoOn() {
        int[] replies = {0};
        Pair pair = new Pair(frame -> !(isEchoReply(frame) && ++replies[0] == 2));

        pair.run(Duration.ofSeconds(6));

        assertThat(pair.result(IpVersion.IPV4).received()).isEqualTo(2);
        assertThat(pair.result(IpVersion.IPV4).ok()).isFalse();
        assertThat(pair.result(IpVersion.IPV6).ok()).isTrue();
    }

    @Test
    void shouldAskAgainUntilThePeerIsThere() {
        MemoryHost host = pinger(1, Duration.ofSeconds(10));
        letTimePass(host, Duration.ofMillis(1_600));

        assertThat(sent).hasSizeBetween(3, 4).allMatch(frame -> frame.startsWith("ffffffffffff5254000000010806"));
        assertThat(events).containsOnlyOnce(new HostEvent.Waiting("10.0.0.2"));

        sent.clear();
        host.receive(frame(LinuxFrames.ARP_REPLY), nowNs);
        assertThat(sent).singleElement().satisfies(frame -> assertThat(
                        IcmpEcho.isRequest(frame(frame), IpPacket.readIpv4(frame(frame))))
                .isTrue());
    }

    @Test
    void shouldGiveUpOnAPeerThatIsNeverThere() {
        MemoryHost host = pinger(5, Duration.ofSeconds(2));

        letTimePass(host, Duration.ofSeconds(5));

        assertThat(events)
                .contains(
                        new HostEvent.Pinged(new PingResult(IpVersion.IPV4, 4, 0, 0, 0, 0)),
                        new HostEvent.Pinged(new PingResult(IpVersion.IPV6, 4, 0, 0, 0, 0)));
        assertThat(sent.get(sent.size() - 1)).as("solicited-node multicast").startsWith("3333ff000002");
    }

    @Test
    void shouldTakeOnlyThePeersAnswersToItsOwnRequests() {
        MemoryHost host = pinger(1, Duration.ofSeconds(1));
        letTimePass(host, Duration.ofMillis(10));
        host.receive(frame(LinuxFrames.ARP_REPLY), nowNs);
        ByteBuffer request = frame(sent.get(sent.size() - 1));
        IpPacket packet = IpPacket.readIpv4(request);
        long ignoredBefore = host.ignoredFrames();

        host.receive(changed(reply(request, packet), 4, 0x7777), nowNs); // another's identifier
        host.receive(changed(reply(request, packet), 6, 2), nowNs); // a sequence number not sent yet
        host.receive(changed(reply(request, packet), 6, 0), nowNs);
        assertThat(events).noneMatch(event -> event instanceof HostEvent.Reply);
        assertThat(host.ignoredFrames()).isEqualTo(ignoredBefore + 3);

        host.receive(reply(request, packet), nowNs + 7);
        host.receive(reply(request, packet), nowNs + 8);
        assertThat(events.stream().filter(event -> event instanceof HostEvent.Reply))
                .containsExactly(new HostEvent.Reply(IpVersion.IPV4, 1, 7));
        assertThat(host.ignoredFrames()).as("the duplicate").isEqualTo(ignoredBefore + 4);
    }

    @Test
    void shouldLetWaitersGoWhenItIsClosed() {
        MemoryHost host = pinger(1, Duration.ofSeconds(1));
        host.close();
        host.close();

        assertThatThrownBy(() -> host.pingResult(IpVersion.IPV6).get())
                .hasCauseInstanceOf(HostException.class)
                .hasMessageContaining("us: it was closed");
    }

    @Test
    void shouldNotLockUpWhenTwoHostsPingEachOtherFromTwoThreads() throws Exception {
        MemoryHost[] hosts = new MemoryHost[2];
        PingPlan toLinux = PingPlan.of(LinuxFrames.LINUX_ADDRESS).withCount(2);
        PingPlan toUs = PingPlan.of(LinuxFrames.OUR_ADDRESS).withCount(2);
        hosts[0] = new MemoryHost(
                LinuxFrames.OUR_ADDRESS, Optional.of(toLinux), frame -> hosts[1].receive(frame, System.nanoTime()));
        hosts[1] = new MemoryHost(
                LinuxFrames.LINUX_ADDRESS, Optional.of(toUs), frame -> hosts[0].receive(frame, System.nanoTime()));
        CountDownLatch done = new CountDownLatch(2);
        for (MemoryHost host : hosts) {
            host.start((self, event) -> {});
            host.pingResult(IpVersion.IPV6).thenRun(done::countDown);
            Thread ticker = new Thread(() -> {
                while (!host.pingResult(IpVersion.IPV6).isDone()) {
                    host.tick(System.nanoTime());
                    Thread.onSpinWait();
                }
            });
            ticker.setDaemon(true);
            ticker.start();
        }

        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(hosts[0].pingResult(IpVersion.IPV4).get().ok()).isTrue();
        assertThat(hosts[1].pingResult(IpVersion.IPV6).get().ok()).isTrue();
        hosts[0].close();
        hosts[1].close();
    }

    private static boolean isEchoReply(ByteBuffer frame) {
        IpPacket packet = EthernetHeader.type(frame) == EthernetHeader.TYPE_IPV4 ? IpPacket.readIpv4(frame) : null;
        return packet != null && IcmpEcho.isReply(frame, packet);
    }

    private static ByteBuffer reply(ByteBuffer request, IpPacket packet) {
        return IcmpEcho.reply(request, packet, LinuxFrames.LINUX_ADDRESS.macBits());
    }

    /** With another 16-bit value in its ICMP header, and the checksum to it. */
    private static ByteBuffer changed(ByteBuffer reply, int icmpField, int value) {
        IpPacket packet = IpPacket.readIpv4(reply);
        reply.putShort(packet.icmpOffset() + icmpField, (short) value);
        packet.writeChecksum(reply);
        return reply;
    }

    /** Two hosts joined by a wire that takes 1 µs in each direction and may lose frames; the left one pings. */
    private final class Pair {
        final MemoryHost left;
        final MemoryHost right;

        Pair(Predicate<ByteBuffer> passes) {
            MemoryHost[] ends = new MemoryHost[2];
            left = new MemoryHost(
                    LinuxFrames.OUR_ADDRESS,
                    Optional.of(PingPlan.of(LinuxFrames.LINUX_ADDRESS).withCount(3)),
                    frame -> pass(frame, passes, ends[1]));
            right = new MemoryHost(LinuxFrames.LINUX_ADDRESS, Optional.empty(), frame -> pass(frame, passes, ends[0]));
            ends[0] = left;
            ends[1] = right;
            left.start((host, event) -> events.add(event));
            right.start((host, event) -> {});
        }

        private void pass(ByteBuffer frame, Predicate<ByteBuffer> passes, MemoryHost to) {
            nowNs += 1_000;
            if (passes.test(frame)) {
                to.receive(frame, nowNs);
            }
        }

        void run(Duration time) {
            letTimePass(left, time);
        }

        PingResult result(IpVersion version) {
            return left.pingResult(version).getNow(null);
        }
    }
}
