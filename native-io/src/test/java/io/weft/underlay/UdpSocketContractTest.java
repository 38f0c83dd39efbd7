package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.weft.frame.Frame;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How every UDP socket moves datagrams. */
abstract class UdpSocketContractTest extends UdpContract {
    UdpSocketContractTest(UdpImplementation udp) {
        super(udp);
    }

    // ---- one datagram ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellWhereADatagramComesFromAndGoesTo(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        assertThat(send(one, peer(other), payload(1, 100))).containsExactly(SendOutcome.SENT);
        Received received = receive(other, 1).get(0);
        assertThat(received.bytes()).isEqualTo(payload(1, 100));
        assertThat(received.from()).isEqualTo(peer(one));
        assertThat(received.destination()).isEqualTo(peer(other).address());
        assertThat(received.segmentSize()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReceiveAtAnyAddress(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket any = other(settings(ipv6));
        assertThat(any.local().getAddress().isAnyLocalAddress()).isTrue();
        UnderlayPeer to =
                UnderlayPeer.of(inet(udp.otherAddress(ipv6)), any.local().getPort());
        send(one, to, payload(1, 100));
        Received received = receive(any, 1).get(0);
        assertThat(received.destination()).isEqualTo(udp.isNative() ? to.address() : "");
        send(any, received.from(), payload(2, 50));
        Received answer = receive(one, 1).get(0);
        assertThat(answer.bytes()).isEqualTo(payload(2, 50));
        assertThat(answer.from().port()).isEqualTo(any.local().getPort());
    }

    @Test
    void shouldFindNothingWhereNothingCame() throws Exception {
        UnderlaySocket one = one(false);
        assertThat(poll(one)).isEmpty();
        assertThat(one.receiver().failure()).isZero();
        UnderlaySender sender = one.newSender();
        sender.flush();
        assertThat(sender.size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCarryTheShortestAndTheLongest(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        byte[] longest = payload(3, ipv6 ? 65_488 : 65_507); // on a way with an MTU of 65,536
        assertThat(send(one, peer(other), new byte[0], payload(1, 1), longest, new byte[0], new byte[0]))
                .containsOnly(SendOutcome.SENT);
        assertThat(payloads(other, 5)).containsExactly(new byte[0], payload(1, 1), longest, new byte[0], new byte[0]);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendTheOthersWhenOneIsTooLong(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        byte[] tooLong = payload(2, Frame.MAX_LENGTH);
        assertThat(send(one, peer(other), payload(1, 100), tooLong, payload(3, 100), tooLong))
                .containsExactly(SendOutcome.SENT, SendOutcome.TOO_LONG, SendOutcome.SENT, SendOutcome.TOO_LONG);
        assertThat(payloads(other, 2)).containsExactly(payload(1, 100), payload(3, 100));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRefuseAPeerOfTheOtherFamilyAndFailForPort0(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySender sender = one.newSender();
        UnderlayPeer wrong = UnderlayPeer.of(inet(udp.address(!ipv6)), 4789);
        assertThatThrownBy(() -> sender.add(frame(payload(1, 100)), wrong, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("peer is " + wrong)
                .hasMessageContaining("accepted");
        assertThat(send(one, UnderlayPeer.of(inet(udp.otherAddress(ipv6)), 0), payload(1, 100)))
                .containsExactly(SendOutcome.FAILED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSetTheTrafficClassOfTheSocketOrTheDatagram(boolean ipv6) throws Exception {
        UnderlaySocket one =
                one(settings(ipv6).bindTo(inet(udp.address(ipv6)), 0).header(64, 0x28, true));
        UnderlaySocket other = other(ipv6);
        UnderlaySender sender = one.newSender();
        int[] classes = {-1, 0xb8, 0, 3, 0xff, -1};
        for (int i = 0; i < classes.length; i++) {
            sender.add(frame(payload(i, 100)), peer(other), classes[i]);
        }
        sender.flush();
        assertThat(outcomes(sender)).containsOnly(SendOutcome.SENT);
        List<Integer> told =
                receive(other, 6).stream().map(Received::trafficClass).toList();
        assertThat(told).isEqualTo(udp.isNative() ? List.of(0x28, 0xb8, 0, 3, 0xff, 0x28) : List.of(0, 0, 0, 0, 0, 0));
    }

    // ---- many ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepTheOrder(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        byte[][] payloads = new byte[64][];
        for (int i = 0; i < payloads.length; i++) {
            payloads[i] = payload(i, i % 5 == 4 ? 200 + i : 700);
        }
        assertThat(send(one, peer(other), payloads)).containsOnly(SendOutcome.SENT);
        assertThat(payloads(other, payloads.length)).containsExactly(payloads);
    }

    @Test
    void shouldFillTheSenderAndUseItAgain() throws Exception {
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(false);
        UnderlaySender sender = one.newSender();
        for (int round = 0; round < 3; round++) {
            byte[][] payloads = new byte[sender.capacity()][];
            List<Frame> frames = new ArrayList<>();
            for (int i = 0; i < payloads.length; i++) {
                payloads[i] = payload(round + i, 60 + i % 3);
                Frame frame = frame(payloads[i]);
                frames.add(frame);
                sender.add(frame, peer(other), -1);
            }
            assertThat(sender.size()).isEqualTo(sender.capacity());
            sender.flush();
            assertThat(outcomes(sender)).containsOnly(SendOutcome.SENT);
            sender.clear();
            assertThat(sender.size()).isZero();
            frames.forEach(Frame::release);
            assertThat(payloads(other, payloads.length)).containsExactly(payloads);
        }
    }

    /** The frame's start is anywhere in its slot: headers were prepended and consumed. */
    @Test
    void shouldSendFramesFromWhereTheyBegin() throws Exception {
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(false);
        Frame longer = frame(payload(1, 300));
        longer.prepend(8);
        longer.putLong(0, 42);
        Frame shorter = frame(payload(2, 300));
        shorter.consume(100);
        byte[][] expected = {longer.toByteArray(), shorter.toByteArray()};
        UnderlaySender sender = one.newSender();
        sender.add(longer, peer(other), -1);
        sender.add(shorter, peer(other), -1);
        sender.flush();
        assertThat(payloads(other, 2)).containsExactly(expected);
    }

    @Test
    void shouldKeepSendersApart() throws Exception {
        List<UnderlaySocket> ones = List.of(one(false), one(false), one(false));
        UnderlaySocket other = other(false);
        for (int i = 0; i < 12; i++) {
            send(ones.get(i % 3), peer(other), payload(i, 500));
        }
        List<Received> received = receive(other, 12);
        for (int i = 0; i < 12; i++) {
            assertThat(received.get(i).from()).isEqualTo(peer(ones.get(i % 3)));
            assertThat(received.get(i).bytes()).isEqualTo(payload(i, 500));
        }
    }

    @Test
    void shouldLeaveWhatThereIsNoLandingFor() throws Exception {
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(false);
        for (int i = 0; i < 5; i++) {
            send(one, peer(other), payload(i, 100 + i));
        }
        UnderlayReceiver receiver = other.receiver();
        assertThat(receiver.receive(landings(), 2)).isEqualTo(2);
        assertThat(receiver.length(0)).isEqualTo(100);
        assertThat(receiver.length(1)).isEqualTo(101);
        assertThat(receiver.receive(landings(), 1)).isEqualTo(1);
        assertThat(receiver.length(0)).isEqualTo(102);
        assertThat(payloads(other, 2)).containsExactly(payload(3, 103), payload(4, 104));
    }

    @Test
    void shouldSendFromSeveralThreadsAtOnce() throws Exception {
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(false);
        int threads = 2;
        int rounds = 40;
        int batch = 16; // of 16 bytes each: all of them fit the buffer that an ordinary user is granted
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch start = new CountDownLatch(threads);
        List<Thread> started = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int number = t;
            List<Frame> frames = new ArrayList<>();
            for (int i = 0; i < rounds * batch; i++) {
                Frame frame = frame(new byte[16]);
                frame.putInt(0, number);
                frame.putInt(4, i);
                frames.add(frame);
            }
            UnderlaySender sender = one.newSender();
            Thread thread = new Thread(() -> {
                try {
                    start.countDown();
                    start.await();
                    for (int i = 0; i < frames.size(); i += batch) {
                        frames.subList(i, i + batch).forEach(frame -> sender.add(frame, peer(other), number));
                        sender.flush();
                        assertThat(outcomes(sender)).containsOnly(SendOutcome.SENT);
                        sender.clear();
                    }
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            started.add(thread);
            thread.start();
        }
        List<Received> received = receive(other, threads * rounds * batch);
        for (Thread thread : started) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
        int[] next = new int[threads];
        for (Received datagram : received) {
            int thread = datagram.bytes()[3];
            int index = (datagram.bytes()[6] & 0xff) << 8 | datagram.bytes()[7] & 0xff;
            assertThat(index).isEqualTo(next[thread]++);
            assertThat(datagram.trafficClass()).isEqualTo(udp.isNative() ? thread : 0);
        }
    }

    // ---- what comes back, and what is lost ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellThatNobodyListensAndGoOn(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        UnderlaySocket gone = other(ipv6);
        gone.close();
        assertThat(send(one, peer(gone), payload(1, 100))).containsExactly(SendOutcome.SENT);
        List<String> told = new ArrayList<>();
        one.readErrors(new UnderlayErrorListener() {
            @Override
            public void unreachable(long high, long low, int port, boolean refused) {
                told.add(new UnderlayPeer(high, low, 0, port) + " " + refused);
            }

            @Override
            public void tooBig(long high, long low, int port, int mtu) {
                told.add("too big");
            }
        });
        assertThat(told).isEqualTo(udp.tellsErrors() ? List.of(peer(gone) + " true") : List.of());
        send(one, peer(gone), payload(2, 100), payload(2, 100));
        assertThat(poll(one)).isEmpty(); // an error that waits is no failure to receive
        assertThat(send(one, peer(other), payload(3, 100), payload(4, 100))).containsOnly(SendOutcome.SENT);
        assertThat(payloads(other, 2)).containsExactly(payload(3, 100), payload(4, 100));
    }

    @Test
    void shouldCountWhatThereIsNoRoomFor() throws Exception {
        assumeTrue(udp.tellsOverflow(), "skipped: it is not told");
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(settings(false)
                .bindTo(inet(udp.otherAddress(false)), 0)
                .buffers(8192, 0)
                .coalescing(false));
        int sent = 200;
        for (int i = 0; i < sent; i++) {
            send(one, peer(other), payload(i, 1000));
        }
        int received = 0;
        for (List<Received> some = poll(other); !some.isEmpty(); some = poll(other)) {
            received += some.size();
        }
        assertThat(received).isBetween(1, sent - 1);
        assertThat(other.receiver().takeOverflow()).isEqualTo(sent - received);
        assertThat(other.receiver().takeOverflow()).isZero();
    }

    @Test
    void shouldRunTheTaskWhenDatagramsComeAfterAnEmptyReceive() throws Exception {
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(false);
        assumeTrue(other.descriptor() < 0, "skipped: it has a descriptor to watch");
        Semaphore run = new Semaphore(0);
        other.onReadable(run::release);
        for (int round = 0; round < 20; round++) {
            assertThat(poll(other)).isEmpty();
            send(one, peer(other), payload(round, 100));
            assertThat(run.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            assertThat(payloads(other, 1)).containsExactly(payload(round, 100));
        }
    }

    @Test
    void shouldAllocateNothingPerDatagram() throws Exception {
        assumeTrue(udp.allocatesNothing(), "skipped: it does");
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(false);
        UnderlaySender sender = one.newSender();
        UnderlayReceiver receiver = other.receiver();
        Frame[] frames = new Frame[32];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = frame(payload(i, i < 16 ? 200 : 300 + i));
        }
        UnderlayPeer to = peer(other);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        threads.getCurrentThreadAllocatedBytes();
        for (int round = 0; round < 2000; round++) {
            moveAll(sender, frames, to, receiver);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int round = 0; round < 200; round++) {
            moveAll(sender, frames, to, receiver);
        }
        long perDatagram = (threads.getCurrentThreadAllocatedBytes() - before) / (200 * frames.length);
        assertThat(perDatagram).as("bytes allocated per datagram").isZero();
    }

    private void moveAll(UnderlaySender sender, Frame[] frames, UnderlayPeer to, UnderlayReceiver receiver) {
        int bytes = 0;
        for (Frame frame : frames) {
            sender.add(frame, to, -1);
            bytes += frame.length();
        }
        sender.flush();
        sender.clear();
        Frame[] landings = landings();
        while (bytes > 0) {
            int received = receiver.receive(landings, landings.length);
            for (int i = 0; i < received; i++) {
                bytes -= receiver.length(i);
            }
        }
    }
}
