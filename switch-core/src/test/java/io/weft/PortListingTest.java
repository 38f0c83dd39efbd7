package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.worker.PortStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ports that come by themselves, as a listener's clients do: who sees them in the list may send to them. */
@Timeout(60)
class PortListingTest {
    private static List<String> names(VirtualSwitch lan) {
        return lan.ports().stream().map(PortStatus::name).toList();
    }

    @Test
    void shouldListAPortWhenEveryWorkerSendsToIt() throws Exception {
        ScriptedDriver busy = new ScriptedDriver("busy");
        ScriptedDriver listener = new ScriptedDriver("listener");
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CompletableFuture<Void> added = new CompletableFuture<>();
        try (VirtualSwitch lan = VirtualSwitch.builder().workers(2).build()) {
            lan.add(busy);
            lan.add(listener);
            busy.context().execute(() -> {
                entered.countDown();
                await(release);
            });
            await(entered);
            try {
                listener.context().execute(() -> {
                    try {
                        listener.context().addPort(new MemoryPort("client"));
                        added.complete(null);
                    } catch (PortException e) {
                        added.completeExceptionally(e);
                    }
                });
                added.get(30, TimeUnit.SECONDS);
                assertThat(names(lan)).containsExactly("busy", "listener");
                assertThat(lan.port("client").status().up())
                        .as("asked for by its name")
                        .isTrue();
            } finally {
                release.countDown();
            }
            while (!names(lan).contains("client")) {
                Thread.onSpinWait();
            }
            assertThat(names(lan)).containsExactly("busy", "listener", "client");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
