package io.weft.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.weft.TestSeed;
import io.weft.frame.MacAddress;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bindings as the control plane sets them and the path of frames finds them. */
class NeighbourTableTest {
    private static final long MAC = 0x0200_0000_00aaL;

    private static InetAddress ip(String text) throws UnknownHostException {
        return InetAddress.getByName(text);
    }

    private static InetAddress ipv4(int address) throws UnknownHostException {
        return InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(address).array());
    }

    @Test
    void shouldFindWhatWasBoundInItsVlan() throws Exception {
        NeighbourTable table = new NeighbourTable();
        assertThat(table.lookupIpv4(10, 0x0a00_0001)).isEqualTo(NeighbourBindings.MISS);
        table.bind(10, ip("10.0.0.1"), MAC);
        table.bind(11, ip("10.0.0.1"), MAC + 1);
        table.bind(10, ip("fd00::1"), MAC + 2);
        table.bind(new NeighbourBinding(0, ip("fe80::1"), MAC + 3, true));
        assertThat(table.lookupIpv4(10, 0x0a00_0001)).isEqualTo(MAC);
        assertThat(table.lookupIpv4(11, 0x0a00_0001)).isEqualTo(MAC + 1);
        assertThat(table.lookupIpv4(0, 0x0a00_0001)).isEqualTo(NeighbourBindings.MISS);
        assertThat(table.lookupIpv4(10, 0x0a00_0002)).isEqualTo(NeighbourBindings.MISS);
        assertThat(table.lookupIpv6(10, 0xfd00L << 48, 1)).isEqualTo(MAC + 2);
        assertThat(table.lookupIpv6(11, 0xfd00L << 48, 1)).isEqualTo(NeighbourBindings.MISS);
        assertThat(table.lookupIpv6(10, 0xfd01L << 48, 1)).isEqualTo(NeighbourBindings.MISS);
        long router = table.lookupIpv6(0, 0xfe80L << 48, 1);
        assertThat(NeighbourBindings.mac(router)).isEqualTo(MAC + 3);
        assertThat(NeighbourBindings.isRouter(router)).isTrue();
        assertThat(NeighbourBindings.isRouter(MAC)).isFalse();
        assertThat(table.size()).isEqualTo(4);
        assertThat(table.list())
                .containsExactlyInAnyOrder(
                        new NeighbourBinding(10, ip("10.0.0.1"), MAC, false),
                        new NeighbourBinding(11, ip("10.0.0.1"), MAC + 1, false),
                        new NeighbourBinding(10, ip("fd00::1"), MAC + 2, false),
                        new NeighbourBinding(0, ip("fe80::1"), MAC + 3, true));
    }

    @Test
    void shouldNotTakeIpv4ForIpv6() throws Exception {
        NeighbourTable table = new NeighbourTable();
        table.bind(10, ip("10.0.0.1"), MAC);
        assertThat(table.lookupIpv6(10, 0, 0x0a00_0001)).isEqualTo(NeighbourBindings.MISS);
        assertThat(table.lookupIpv6(10, 0, 0xffff_0a00_0001L)).isEqualTo(NeighbourBindings.MISS);
        table.bind(10, ip("200.0.0.1"), MAC + 1); // the sign must not spread
        assertThat(table.lookupIpv4(10, 0xc800_0001)).isEqualTo(MAC + 1);
    }

    @Test
    void shouldReplaceAndRemove() throws Exception {
        NeighbourTable table = new NeighbourTable(1);
        table.bind(1, ip("10.0.0.1"), MAC);
        table.bind(1, ip("10.0.0.1"), MAC + 1); // full, but not a new one
        assertThat(table.lookupIpv4(1, 0x0a00_0001)).isEqualTo(MAC + 1);
        assertThat(table.unbind(2, ip("10.0.0.1"))).isFalse();
        assertThat(table.unbind(1, ip("10.0.0.1"))).isTrue();
        assertThat(table.unbind(1, ip("10.0.0.1"))).isFalse();
        assertThat(table.lookupIpv4(1, 0x0a00_0001)).isEqualTo(NeighbourBindings.MISS);
        assertThat(table.size()).isZero();
        table.bind(1, ip("10.0.0.2"), MAC);
        table.clear();
        assertThat(table.size()).isZero();
        assertThat(table.list()).isEmpty();
        assertThat(table.lookupIpv4(1, 0x0a00_0002)).isEqualTo(NeighbourBindings.MISS);
        table.bind(1, ip("10.0.0.3"), MAC);
        assertThat(table.lookupIpv4(1, 0x0a00_0003)).isEqualTo(MAC);
    }

    @Test
    void shouldSayThatItIsFull() throws Exception {
        NeighbourTable table = new NeighbourTable(1_000);
        for (int i = 0; i < 1_000; i++) {
            table.bind(1, ipv4(0x0a00_0000 + i), MAC);
        }
        assertThatThrownBy(() -> table.bind(1, ip("10.1.0.0"), MAC))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("full")
                .hasMessageContaining("1000");
        assertThat(table.size()).isEqualTo(table.capacity()).isEqualTo(1_000);
        assertThat(new NeighbourTable().capacity()).isEqualTo(65_536);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, (1 << 20) + 1})
    void shouldBoundTheCapacity(int capacity) {
        assertThatThrownBy(() -> new NeighbourTable(capacity))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("" + capacity)
                .hasMessageContaining("1..1048576");
    }

    @ParameterizedTest
    @CsvSource({
        "4095, 10.0.0.1, 02:00:00:00:00:01, VLAN 4095",
        "-1, 10.0.0.1, 02:00:00:00:00:01, VLAN -1",
        "1, 0.0.0.0, 02:00:00:00:00:01, 0.0.0.0",
        "1, 0.1.2.3, 02:00:00:00:00:01, 0.1.2.3",
        "1, 127.0.0.1, 02:00:00:00:00:01, 127.0.0.1",
        "1, 224.0.0.1, 02:00:00:00:00:01, 224.0.0.1",
        "1, 240.0.0.1, 02:00:00:00:00:01, 240.0.0.1",
        "1, 255.255.255.255, 02:00:00:00:00:01, 255.255.255.255",
        "1, ::, 02:00:00:00:00:01, 0:0:0:0:0:0:0:0",
        "1, ::1, 02:00:00:00:00:01, 0:0:0:0:0:0:0:1",
        "1, ff02::1, 02:00:00:00:00:01, ff02",
        "1, 10.0.0.1, 00:00:00:00:00:00, 00:00:00:00:00:00",
        "1, 10.0.0.1, 01:00:5e:00:00:01, 01:00:5e:00:00:01"
    })
    void shouldRefuseWhatCannotBeAStation(int vlan, String address, String mac, String named) {
        NeighbourTable table = new NeighbourTable();
        assertThatThrownBy(() -> table.bind(vlan, ip(address), MacAddress.parse(mac)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(named);
        assertThat(table.size()).isZero();
    }

    @Test
    void shouldBehaveLikeAMapThroughManyChanges() throws Exception {
        SplittableRandom random = TestSeed.random("NeighbourTableTest");
        NeighbourTable table = new NeighbourTable(300);
        Map<Long, Long> model = new HashMap<>();
        for (int i = 0; i < 100_000; i++) {
            int vlan = random.nextInt(3);
            int address = 0x0a00_0000 + random.nextInt(200);
            long key = (long) vlan << 32 | address;
            if (random.nextInt(20_000) == 0) {
                table.clear();
                model.clear();
            } else if (random.nextInt(2) == 0) {
                assertThat(table.unbind(vlan, ipv4(address))).isEqualTo(model.remove(key) != null);
            } else if (model.size() < 300 || model.containsKey(key)) {
                long mac = MAC + random.nextInt(1_000);
                table.bind(vlan, ipv4(address), mac);
                model.put(key, mac);
            }
            long expected = model.getOrDefault(key, NeighbourBindings.MISS);
            assertThat(table.lookupIpv4(vlan, address)).isEqualTo(expected);
            assertThat(table.size()).isEqualTo(model.size());
        }
        assertThat(table.list()).hasSize(model.size());
        for (NeighbourBinding binding : table.list()) {
            int address = ByteBuffer.wrap(binding.address().getAddress()).getInt();
            assertThat(model).containsEntry((long) binding.vlan() << 32 | address, binding.mac());
        }
    }

    /** A reader never sees another station's address, and never misses a binding that nobody touches. */
    @Test
    void shouldBeReadWhileItChanges() throws Exception {
        NeighbourTable table = new NeighbourTable();
        for (int i = 0; i < 64; i++) {
            table.bind(1, ipv4(0x0a00_0000 + i), MAC + i); // these stay
        }
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<String> wrong = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            while (!stop.get()) {
                for (int i = 0; i < 1_024; i++) {
                    long found = table.lookupIpv4(1, 0x0a00_0000 + i);
                    if (found != MAC + i && (found != NeighbourBindings.MISS || i < 64)) {
                        wrong.compareAndSet(null, "station " + i + " was " + found);
                    }
                }
            }
        });
        reader.start();
        try {
            SplittableRandom random = TestSeed.random("NeighbourTableTest read");
            for (int i = 0; i < 300_000 * TestSeed.effort(); i++) {
                int station = 64 + random.nextInt(960);
                if (random.nextBoolean()) {
                    table.bind(1, ipv4(0x0a00_0000 + station), MAC + station);
                } else {
                    table.unbind(1, ipv4(0x0a00_0000 + station));
                }
            }
        } finally {
            stop.set(true);
            reader.join();
        }
        assertThat(wrong).hasValue(null);
    }

    @Test
    void shouldLookUpWithoutAllocating() throws Exception {
        NeighbourTable table = new NeighbourTable();
        table.bind(1, ip("10.0.0.1"), MAC);
        table.bind(1, ip("fd00::1"), MAC);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = lookUp(table);
        long before = threads.getCurrentThreadAllocatedBytes();
        sum += lookUp(table);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
        assertThat(sum).isEqualTo(2 * 10_000 * (2 * MAC - 1));
    }

    private static long lookUp(NeighbourTable table) {
        long sum = 0;
        for (int i = 0; i < 10_000; i++) {
            sum += table.lookupIpv4(1, 0x0a00_0001) + table.lookupIpv6(1, 0xfd00L << 48, 1) + table.lookupIpv4(1, i);
        }
        return sum;
    }
}
