package io.weft.nativeio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.worker.Waiter;
import io.weft.worker.WaiterProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EpollWaiterTest {
    private static final long LONG_NS = TimeUnit.SECONDS.toNanos(50); // longer than a test may take

    /** How the waiter sleeps where epoll_pwait2 exists. */
    @Nested
    class WithEpollPwait2 extends Contract {
        @Override
        EpollWaiter open() throws IOException {
            Assumptions.assumeTrue(Linux.preciseEpoll() != null, "no epoll_pwait2 in this kernel or libc");
            return new EpollWaiter(Linux.preciseEpoll());
        }
    }

    /** How it sleeps on older systems. */
    @Nested
    class WithPpoll extends Contract {
        @Override
        EpollWaiter open() throws IOException {
            return new EpollWaiter(null);
        }
    }

    abstract static class Contract {
        private final List<Integer> opened = new ArrayList<>();
        private final int[] ready = new int[8];
        private EpollWaiter waiter;

        abstract EpollWaiter open() throws IOException;

        @BeforeEach
        void start() throws IOException {
            waiter = open();
        }

        @AfterEach
        void end() {
            if (waiter != null) {
                waiter.close();
            }
            opened.forEach(Linux.libc()::close);
        }

        private int descriptor() throws IOException {
            int descriptor = Descriptors.open();
            opened.add(descriptor);
            return descriptor;
        }

        @Test
        void shouldReturnAtOnceWhenItWasWokenBefore() {
            waiter.wakeup();
            waiter.wakeup();
            assertThat(waiter.await(LONG_NS, ready)).isZero();
        }

        @Test
        void shouldForgetAWakeupThatWasReported() {
            waiter.wakeup();
            waiter.await(LONG_NS, ready);
            long before = System.nanoTime();
            assertThat(waiter.await(2_000_000, ready)).isZero();
            assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(2_000_000);
        }

        @Test
        void shouldBeWokenFromAnyThreadEveryTime() throws Exception {
            SynchronousQueue<Integer> rounds = new SynchronousQueue<>();
            Thread waker = new Thread(() -> {
                try {
                    while (rounds.take() >= 0) {
                        waiter.wakeup();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            waker.start();
            for (int round = 0; round < 2_000; round++) {
                rounds.put(round);
                assertThat(waiter.await(round % 2 == 0 ? LONG_NS : Long.MAX_VALUE, ready))
                        .isZero();
            }
            rounds.put(-1);
            waker.join();
        }

        @Test
        void shouldReportTheTokenOfAReadableDescriptorUntilItIsRead() throws IOException {
            int first = descriptor();
            int second = descriptor();
            waiter.add(first, 7, true, false);
            waiter.add(second, 0, true, false);
            assertThat(waiter.await(0, ready)).isZero();

            Descriptors.makeReadable(second);
            assertThat(waiter.await(LONG_NS, ready)).isEqualTo(1);
            assertThat(ready[0]).isZero();
            assertThat(waiter.await(LONG_NS, ready)).isEqualTo(1);

            Descriptors.drain(second);
            assertThat(waiter.await(0, ready)).isZero();

            Descriptors.makeReadable(first);
            Descriptors.makeReadable(second);
            assertThat(waiter.await(LONG_NS, ready)).isEqualTo(2);
            assertThat(Arrays.copyOf(ready, 2)).containsExactlyInAnyOrder(7, 0);
        }

        @Test
        void shouldReportTokensBesideAWakeup() throws IOException {
            int descriptor = descriptor();
            waiter.add(descriptor, 3, true, false);
            Descriptors.makeReadable(descriptor);
            waiter.wakeup();
            assertThat(waiter.await(LONG_NS, ready)).isEqualTo(1);
            assertThat(ready[0]).isEqualTo(3);
        }

        @Test
        void shouldReportLaterWhatDoesNotFit() throws IOException {
            boolean[] seen = new boolean[200];
            for (int token = 0; token < seen.length; token++) {
                int descriptor = descriptor();
                waiter.add(descriptor, token, true, false);
                Descriptors.makeReadable(descriptor);
            }
            int[] few = new int[3];
            for (int left = seen.length; left > 0; ) {
                int count = waiter.await(LONG_NS, few);
                assertThat(count).isBetween(1, 3);
                for (int i = 0; i < count; i++) {
                    left -= seen[few[i]] ? 0 : 1;
                    seen[few[i]] = true;
                }
            }
            int[] many = new int[300];
            assertThat(waiter.await(LONG_NS, many)).isEqualTo(200);
        }

        @Test
        void shouldWatchForWhatItWasToldLast() throws IOException {
            int descriptor = descriptor();
            waiter.add(descriptor, 1, true, false);
            assertThat(waiter.await(0, ready)).isZero();
            waiter.modify(descriptor, 2, false, true);
            assertThat(waiter.await(LONG_NS, ready)).isEqualTo(1);
            assertThat(ready[0]).isEqualTo(2);
            waiter.modify(descriptor, 2, true, false);
            assertThat(waiter.await(0, ready)).isZero();
        }

        @Test
        void shouldNotReportARemovedOrClosedDescriptor() throws IOException {
            int removed = descriptor();
            waiter.add(removed, 1, true, false);
            Descriptors.makeReadable(removed);
            waiter.remove(removed);
            waiter.remove(removed);

            int closed = Descriptors.open();
            waiter.add(closed, 2, true, false);
            Descriptors.makeReadable(closed);
            Linux.libc().close(closed);
            waiter.remove(closed);

            assertThat(waiter.await(0, ready)).isZero();
        }

        @Test
        void shouldSayWhyADescriptorCannotBeWatched() throws IOException {
            int descriptor = Descriptors.open();
            Linux.libc().close(descriptor);
            assertThatThrownBy(() -> waiter.add(descriptor, 1, true, false))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("descriptor " + descriptor)
                    .hasMessageContaining("EBADF (Bad file descriptor)");
        }

        @Test
        void shouldSleepForTheWholeTimeout() {
            for (long timeoutNs : new long[] {1, 50_000, 900_000, 1_100_000, 3_000_000}) {
                long before = System.nanoTime();
                assertThat(waiter.await(timeoutNs, ready)).isZero();
                assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(timeoutNs);
            }
        }

        @Test
        void shouldLeaveNoDescriptorBehind() throws IOException {
            int before = Descriptors.waiting();
            for (int i = 0; i < 50; i++) {
                EpollWaiter another = open();
                assertThat(Descriptors.waiting()).isEqualTo(before + 2);
                another.close();
                another.close();
            }
            assertThat(Descriptors.waiting()).isEqualTo(before);
        }

        @Test
        void shouldNotWriteToADescriptorThatTookTheEventsPlace() throws IOException {
            EpollWaiter another = open();
            another.close();
            int successor = descriptor();
            int nextSuccessor = descriptor();
            another.wakeup();
            assertThat(Descriptors.drain(successor)).isZero();
            assertThat(Descriptors.drain(nextSuccessor)).isZero();
        }

        @Test
        void shouldSurviveWakeupsWhileItIsClosed() throws Exception {
            for (int round = 0; round < 100; round++) {
                EpollWaiter another = open();
                Thread waker = new Thread(() -> {
                    for (int i = 0; i < 50; i++) {
                        another.wakeup();
                    }
                });
                waker.start();
                another.close();
                int successor = descriptor();
                int nextSuccessor = descriptor();
                waker.join();
                assertThat(Descriptors.drain(successor)).isZero();
                assertThat(Descriptors.drain(nextSuccessor)).isZero();
            }
        }
    }

    @Test
    void shouldBeFoundByTheCore() throws IOException {
        WaiterProvider provider =
                ServiceLoader.load(WaiterProvider.class).iterator().next();
        try (Waiter waiter = provider.open()) {
            assertThat(waiter).isInstanceOf(EpollWaiter.class);
        }
    }

    @Test
    void shouldRefuseOtherMachinesInAPlainSentence() {
        assertThat(Linux.unsuitable("Linux", "amd64")).isNull();
        assertThat(Linux.unsuitable("Linux", "aarch64")).isNull();
        assertThat(Linux.unsuitable("Mac OS X", "aarch64"))
                .isEqualTo("native I/O needs Linux on x86-64 or aarch64; this is Mac OS X on aarch64");
        assertThat(Linux.unsuitable("Linux", "riscv64")).contains("riscv64");
    }
}
