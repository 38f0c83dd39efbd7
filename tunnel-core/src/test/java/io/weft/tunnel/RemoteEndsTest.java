package io.weft.tunnel;

import static io.weft.tunnel.TunnelLab.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.PortContext;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import io.weft.tunnel.RemoteEnd.Origin;
import io.weft.underlay.MemoryHost;
import io.weft.underlay.MemoryNetwork;
import io.weft.underlay.UdpSettings;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is a remote end of a port, and who gets what is flooded. */
class RemoteEndsTest {
    private static final int OTHERS = 200;

    private final MemoryNetwork network = new MemoryNetwork();
    private final List<String> reports = new ArrayList<>();
    private final List<Integer> flushed = new ArrayList<>();
    private final BareTunnel port = new BareTunnel(settings());
    private RemoteEnds ends;
    private long nowNs;

    private static TunnelSettings settings() {
        return new TunnelSettings(
                "bare",
                "t",
                false,
                List.of(),
                null,
                null,
                null,
                64,
                0,
                false,
                true,
                true,
                1_000,
                Duration.ofSeconds(5),
                0,
                false,
                false,
                false,
                null,
                List.of(),
                0,
                0);
    }

    private static String address(int number) {
        return "10.0.1." + number;
    }

    @BeforeEach
    void open() throws Exception {
        MemoryHost host = network.host(TunnelLab.address("10.0.0.1"));
        network.host(IntStream.range(0, OTHERS)
                .mapToObj(i -> TunnelLab.address(address(i)))
                .toArray(InetAddress[]::new));
        ends = new RemoteEnds(port, context(), host.open(UdpSettings.ipv4()));
        ends.attach(handle(), null);
    }

    private PortContext context() {
        return (PortContext) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {PortContext.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "nanoTime" -> {
                            return nowNs;
                        }
                        case "report" -> {
                            reports.add((String) arguments[0]);
                            return null;
                        }
                        default -> throw new UnsupportedOperationException(method.getName());
                    }
                });
    }

    private PortHandle handle() {
        return (PortHandle) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {PortHandle.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("flush")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    flushed.add((Integer) arguments[0]);
                    return method.getReturnType() == void.class ? null : 0;
                });
    }

    private RemoteEnd named(int number, String name) throws PortException {
        return ends.add(peer(address(number), 0), 7, Origin.CONFIGURED, true, name);
    }

    private RemoteEnd learn(int number) {
        return ends.learn(0, peer(address(number), 0).low());
    }

    private List<String> flooded() {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < ends.floodList().size(); i++) {
            addresses.add(ends.floodList().get(i).peer().address());
        }
        return addresses;
    }

    @Test
    void shouldRefuseASecondRemoteEndOfAnAddress() throws Exception {
        named(2, "one.example.net");
        RemoteEnd three = named(3, "other.example.net");
        assertThatThrownBy(() -> named(2, "alias.example.net"))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("10.0.1.2 of t is endpoint 1 already");
        assertThatThrownBy(() -> ends.move(three, peer(address(2), 0)))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("10.0.1.2 of t is endpoint 1 already");
        assertThat(flooded()).containsExactly(address(2), address(3));
        assertThat(ends.isHere(three)).isTrue();
    }

    @Test
    void shouldHaveWhatWasLearnedGiveWayToAName() throws Exception {
        RemoteEnd three = named(3, "three.example.net");
        learn(4);
        learn(5);
        named(4, "four.example.net");
        ends.move(three, peer(address(5), 0));
        assertThat(flooded()).containsExactlyInAnyOrder(address(4), address(5));
        assertThat(ends.table().size()).isEqualTo(2);
    }

    @Test
    void shouldFloodToAChosenNameWhereverItMoves() throws Exception {
        RemoteEnd two = named(2, "two.example.net");
        RemoteEnd three = named(3, "three.example.net");
        ends.floodTo(List.of(two));
        RemoteEnd moved = ends.move(two, peer(address(4), 0));
        assertThat(flooded()).containsExactly(address(4));
        ends.floodTo(List.of(three, two)); // by what was true before
        assertThat(flooded()).containsExactly(address(3), address(4));
        ends.remove(moved);
        assertThat(flooded()).containsExactly(address(3));
        ends.floodTo(null);
        assertThat(flooded()).containsExactly(address(3));
    }

    @Test
    void shouldNotMoveWhatWasRemoved() throws Exception {
        RemoteEnd two = named(2, "two.example.net");
        ends.remove(two);
        assertThat(ends.move(two, peer(address(3), 0))).isNull();
        assertThat(flooded()).isEmpty();
    }

    @Test
    void shouldMakeOneOfAnAddressThatSeveralThreadsAdd() throws Exception {
        ConcurrentLinkedQueue<String> refusals = new ConcurrentLinkedQueue<>();
        CountDownLatch all = new CountDownLatch(4);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                all.countDown();
                for (int number = 0; number < OTHERS; number++) {
                    try {
                        all.await();
                        ends.add(peer(address(number), 0), 7, Origin.CONTROL, true, null);
                    } catch (PortException e) {
                        refusals.add(e.getMessage());
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(ends.table().size()).isEqualTo(OTHERS);
        assertThat(refusals).hasSize(3 * OTHERS);
    }

    /** As many as there are: neither a copy for each that comes, nor a walk for each that goes. */
    @Test
    void shouldForgetManyInOneGo() throws Exception {
        RemoteEnd kept = named(0, "kept.example.net");
        List<String> all = new ArrayList<>(List.of(address(0)));
        for (int i = 1; i < OTHERS; i++) {
            learn(i);
            all.add(address(i));
            assertThat(flooded()).containsExactlyElementsOf(all);
        }
        FloodList before = ends.floodList();
        reports.clear();
        port.changes = 0;
        nowNs += Duration.ofSeconds(3).toNanos();
        ends.table().find(0, peer(address(9), 0).low()).seen(nowNs);
        nowNs += Duration.ofSeconds(3).toNanos();
        ends.look();
        assertThat(flooded()).containsExactly(address(0), address(9));
        assertThat(ends.table().all()).contains(kept).hasSize(2);
        assertThat(flushed).hasSize(OTHERS - 2).doesNotHaveDuplicates();
        assertThat(port.changes).isEqualTo(1);
        assertThat(reports).hasSize(17);
        assertThat(reports.get(16)).isEqualTo("forgot " + (OTHERS - 2 - 16) + " more remote ends: silent for 5 s");
        assertThat(before.size()).as("what a worker has in hand").isEqualTo(OTHERS);
        assertThat(before.get(OTHERS - 1).peer().address()).isEqualTo(address(OTHERS - 1));
    }
}
