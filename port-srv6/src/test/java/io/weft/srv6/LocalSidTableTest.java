package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.weft.TestSeed;
import io.weft.frame.IpAddress;
import io.weft.frame.IpPrefix;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalSidTableTest {
    private static final long FC00 = 0xfc00_0000_0000_0000L;

    private final LocalSidTable<Integer> table = new LocalSidTable<>();

    private Integer lookup(String address) {
        long[] halves = IpAddress.parseIpv6(address);
        return table.lookup(halves[0], halves[1]);
    }

    @ParameterizedTest
    @CsvSource({
        "fc00:1::, 48",
        "fc00:1:0:ffff:ffff::, 48",
        "fc00:1:0:d2::, 64",
        "fc00:1:0:d2:7::, 64", // an argument
        "fc00:1:0:d2:8000::, 65",
        "fc00:1:0:d2:8000::1, 128",
        "fc00:1:0:d2:8000::2, 65",
        "7fff::, 1",
        "fc00:2::, -1",
        "fe80::1, -1"
    })
    void shouldFindTheLongestPrefix(String address, int found) {
        List.of(
                        "fc00:1::/48=48",
                        "fc00:1:0:d2:8000::1/128=128",
                        "::/1=1",
                        "fc00:1:0:d2::/64=64",
                        "fc00:1:0:d2:8000::/65=65")
                .forEach(sid -> table.put(IpPrefix.parse(sid.split("=")[0]), Integer.parseInt(sid.split("=")[1])));
        assertThat(lookup(address)).isEqualTo(found < 0 ? null : Integer.valueOf(found));
    }

    @Test
    void shouldTakeAnIpv4MappedAddressForAnyOther() {
        table.put(IpPrefix.parse("::/1"), 1);
        assertThat(lookup("::ffff:192.0.2.1")).isEqualTo(1);
    }

    @Test
    void shouldRefuseASidThatIsThere() {
        table.put(IpPrefix.parse("fc00:1:0:d2::/64"), 1);
        assertThatThrownBy(() -> table.put(IpPrefix.parse("fc00:1:0:d2::7/64"), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("SID fc00:1:0:d2::/64 is there; remove it first, or choose another");
        assertThat(lookup("fc00:1:0:d2::")).isEqualTo(1);
        assertThat(table.size()).isEqualTo(1);
        assertThat(table.remove(IpPrefix.parse("fc00:1:0:d2::9/64"))).isEqualTo(1);
        assertThat(table.remove(IpPrefix.parse("fc00:1:0:d2::/64"))).isNull();
        table.put(IpPrefix.parse("fc00:1:0:d2::/64"), 2);
        assertThat(lookup("fc00:1:0:d2::")).isEqualTo(2);
        assertThat(table.get(IpPrefix.parse("fc00:1:0:d2::/64"))).isEqualTo(2);
        assertThat(table.get(IpPrefix.parse("fc00:1:0:d2::/65"))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/8", "::/0", "::ffff:192.0.2.1/32"})
    void shouldRefuseWhatNoSidIs(String prefix) {
        assertThatThrownBy(() -> table.put(IpPrefix.parse(prefix), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("accepted: an IPv6 prefix of 1..128 bits");
        assertThat(table.get(IpPrefix.parse(prefix))).isNull();
        assertThat(table.remove(IpPrefix.parse(prefix))).isNull();
    }

    @Test
    void shouldRefuseMoreThanItHolds() {
        LocalSidTable<String> small = new LocalSidTable<>(2);
        small.put(IpPrefix.parse("fc00:1::/64"), "a");
        small.put(IpPrefix.parse("fc00:2::/64"), "b");
        assertThatThrownBy(() -> small.put(IpPrefix.parse("fc00:3::/64"), "c"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("full")
                .hasMessageContaining("2 SIDs");
        assertThat(small.remove(IpPrefix.parse("fc00:1::/64"))).isEqualTo("a");
        small.put(IpPrefix.parse("fc00:3::/64"), "c");
        assertThat(small.list())
                .containsExactlyInAnyOrder(
                        Map.entry(IpPrefix.parse("fc00:2::/64"), "b"), Map.entry(IpPrefix.parse("fc00:3::/64"), "c"));
        assertThat(small.capacity()).isEqualTo(2);
        assertThatThrownBy(() -> new LocalSidTable<>(0)).hasMessageContaining("accepted: 1..4194304");
        assertThatThrownBy(() -> new LocalSidTable<>(LocalSidTable.MAX_CAPACITY + 1))
                .hasMessageContaining("capacity is 4194305");
    }

    @Test
    void shouldSurviveSidsThatComeAndGo() {
        table.put(IpPrefix.parse("fc00:1::/48"), 48);
        for (int i = 0; i < 10_000; i++) { // markers do not pile up
            int length = i % 2 == 0 ? 64 : 128;
            IpPrefix flapping = new IpPrefix(FC00 | 1L << 32 | i % 300, 0, length);
            table.put(flapping, i);
            assertThat(table.lookup(flapping.high(), 0)).isEqualTo(i);
            assertThat(table.remove(flapping)).isEqualTo(i);
        }
        assertThat(lookup("fc00:1::7")).isEqualTo(48);
        assertThat(table.size()).isEqualTo(1);
    }

    /**
     * SIDs that differ in the bits of two masks only, each with an address that differs from it in one bit: with the masks beside
     * each other as they are, or rotated, in the prefix alone, in all of a half; and too many to fit into one key, also side by side.
     */
    @ParameterizedTest
    @CsvSource({
        "0x000000ff0000ffff, 0x0000000000000000, 128",
        "0x000000ff00000000, 0xffff000000000000, 128",
        "0x00000000000000ff, 0x00000000000000ff, 128",
        "0x0000ffffffff0000, 0x00000000ffffffff, 128",
        "0x00000000000000ff, 0xffff000000000000, 80",
        "0x0000000000000000, 0xffffffffffffffff, 128",
        "0x00000000000000ff, 0xffffffffffffffff, 128",
        "0x0000ffffffffffff, 0x0000ffffffffffff, 128",
        "0x0000ffffffffffff, 0xffff000000000000, 65"
    })
    void shouldTellApartAddressesThatDifferInOneBit(String highBits, String lowBits, int length) {
        SplittableRandom random = TestSeed.random("LocalSidTableTest bits");
        long high = Long.parseUnsignedLong(highBits.substring(2), 16);
        long low = Long.parseUnsignedLong(lowBits.substring(2), 16);
        Map<IpPrefix, Integer> model = new HashMap<>();
        for (int i = 0; i < 500; i++) {
            IpPrefix sid = new IpPrefix(FC00 | random.nextLong() & high, random.nextLong() & low, length).network();
            if (model.putIfAbsent(sid, i) == null) {
                table.put(sid, i);
            }
        }
        shouldTellApart(model, length);
        for (IpPrefix sid : List.copyOf(model.keySet())) {
            if (model.size() > 5) {
                assertThat(table.remove(sid)).isEqualTo(model.remove(sid));
            }
        }
        shouldTellApart(model, length);
    }

    private void shouldTellApart(Map<IpPrefix, Integer> model, int length) {
        assertThat(table.list()).containsExactlyInAnyOrderElementsOf(model.entrySet());
        model.forEach((sid, value) -> {
            assertThat(table.lookup(sid.high(), sid.low())).isEqualTo(value);
            for (int bit = 0; bit < 128; bit++) {
                long high = bit < 64 ? sid.high() ^ Long.MIN_VALUE >>> bit : sid.high();
                long low = bit < 64 ? sid.low() : sid.low() ^ Long.MIN_VALUE >>> bit;
                assertThat(table.lookup(high, low))
                        .as("%s with bit %d of the other value", sid, bit)
                        .isEqualTo(model.get(new IpPrefix(high, low, length).network()));
            }
        });
    }

    // ---- against a list ----

    private static IpPrefix randomPrefix(SplittableRandom random) {
        long high = random.nextInt(4) == 0 ? random.nextLong() : FC00 | (long) random.nextInt(4) << random.nextInt(32);
        long low = random.nextBoolean() ? 0 : random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(4);
        int[] usual = {48, 64, 64, 80, 128, 1 + random.nextInt(128)};
        return new IpPrefix(high | 1L << 63, low, usual[random.nextInt(usual.length)]);
    }

    /** The slow and obvious way. */
    private static Integer longest(Map<IpPrefix, Integer> model, long high, long low) {
        return model.entrySet().stream()
                .filter(entry -> entry.getKey().contains(high, low))
                .max((a, b) -> a.getKey().length() - b.getKey().length())
                .map(Map.Entry::getValue)
                .orElse(null);
    }

    @Test
    void shouldAnswerAsAListOfAllSidsDoes() {
        SplittableRandom random = TestSeed.random("LocalSidTableTest");
        Map<IpPrefix, Integer> model = new HashMap<>();
        for (int i = 0; i < 20_000 * TestSeed.effort(); i++) {
            IpPrefix prefix = randomPrefix(random);
            int choice = random.nextInt(8);
            if (choice < 3 && model.size() < 300) {
                if (model.putIfAbsent(prefix.network(), i) == null) {
                    table.put(prefix, i);
                } else {
                    int value = i;
                    assertThatThrownBy(() -> table.put(prefix, value)).isInstanceOf(IllegalArgumentException.class);
                }
            } else if (choice < 5 && !model.isEmpty()) {
                IpPrefix victim = random.nextBoolean()
                        ? prefix
                        : model.keySet().stream()
                                .skip(random.nextInt(model.size()))
                                .findFirst()
                                .orElseThrow();
                assertThat(table.remove(victim)).isEqualTo(model.remove(victim.network()));
            } else {
                assertThat(table.lookup(prefix.high(), prefix.low()))
                        .as("%s among %s", prefix, model)
                        .isEqualTo(longest(model, prefix.high(), prefix.low()));
                assertThat(table.get(prefix)).isEqualTo(model.get(prefix.network()));
            }
            assertThat(table.size()).isEqualTo(model.size());
        }
        Map<IpPrefix, Integer> listed = new HashMap<>();
        table.list().forEach(entry -> listed.put(entry.getKey(), entry.getValue()));
        assertThat(listed).isEqualTo(model);
    }

    // ---- threads ----

    @Test
    void shouldNeverMissAnAddressThatSomeSidAlwaysCovers() throws Exception {
        // The writer moves the address between a /48 and a /64, always with one of them there; others come and go
        // around it.
        table.put(IpPrefix.parse("fc00:1::/48"), 48);
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<String> wrong = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            while (!done.get()) {
                Integer found = table.lookup(FC00 | 1L << 32 | 7, 9);
                if (found == null || (found != 48 && found != 64)) {
                    wrong.set("fc00:1:0:7::9 leads to " + found);
                }
                Integer other = table.lookup(FC00 | 2L << 32 | 3, 5);
                if (other != null && other != 3) {
                    wrong.set("fc00:2:0:3::5 leads to " + other);
                }
            }
        });
        reader.start();
        SplittableRandom random = TestSeed.random("LocalSidTableTest threads");
        IpPrefix block = IpPrefix.parse("fc00:1::/48");
        IpPrefix sid = IpPrefix.parse("fc00:1:0:7::/64");
        for (int i = 0; i < 60_000; i++) {
            table.put(sid, 64);
            table.remove(block);
            flip(random.nextInt(500), 128);
            flip(random.nextInt(500), 64);
            table.put(block, 48);
            table.remove(sid);
        }
        done.set(true);
        reader.join();
        assertThat(wrong.get()).isNull();
    }

    private void flip(int function, int length) {
        IpPrefix sid = new IpPrefix(FC00 | 2L << 32 | function, length == 128 ? 5 : 0, length);
        if (table.remove(sid) == null) {
            table.put(sid, function);
        }
    }

    @Test
    void shouldNotAllocateInLookups() {
        for (int i = 0; i < 1_000; i++) {
            table.put(new IpPrefix(FC00 | i, 0, i % 2 == 0 ? 64 : 128), i);
        }
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        int found = 0;
        for (int run = 0; run < 20; run++) { // the first ones compile
            long before = memory.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (int i = 0; i < 10_000; i++) {
                found += table.lookup(FC00 | i % 2_000, 0) == null ? 0 : 1;
            }
            least = Math.min(
                    least, memory.getThreadAllocatedBytes(Thread.currentThread().getId()) - before);
        }
        assertThat(found).isEqualTo(20 * 5_000);
        assertThat(least).isLessThan(1_000); // of 10,000 look-ups
    }
}
