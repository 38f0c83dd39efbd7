package io.weft.route;

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

class PrefixTableTest {
    private final PrefixTable<Integer> table = new PrefixTable<>();

    private Integer lookup(String address) {
        long[] halves = IpAddress.parse(address);
        return table.lookup(halves[0], halves[1]);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0, 1",
        "10.1.255.255, 16",
        "10.1.2.3, 24",
        "10.1.2.255, 24",
        "10.1.2.4, 32",
        "11.0.0.0, 0",
        "255.255.255.255, 0",
        "fd00::, 8",
        "fd00:0:0:1::ffff, 64",
        "fd00:0:0:1:8000::, 65",
        "fd00::1:8000:0:0:1, 128",
        "fe80::1, -1"
    })
    void shouldFindTheLongestPrefix(String address, int found) {
        List.of(
                        "0.0.0.0/0=0",
                        "10.0.0.0/9=1",
                        "10.1.0.0/16=16",
                        "10.1.2.0/24=24",
                        "10.1.2.4/32=32",
                        "fd00::/8=8",
                        "fd00:0:0:1::/64=64",
                        "fd00:0:0:1:8000::/65=65",
                        "fd00:0:0:1:8000::1/128=128")
                .forEach(
                        route -> table.put(IpPrefix.parse(route.split("=")[0]), Integer.parseInt(route.split("=")[1])));
        assertThat(lookup(address)).isEqualTo(found < 0 ? null : Integer.valueOf(found));
    }

    @Test
    void shouldKeepTheFamiliesApart() {
        table.put(IpPrefix.parse("::/0"), 6);
        assertThat(lookup("192.0.2.1")).isNull();
        table.put(IpPrefix.parse("0.0.0.0/0"), 4);
        assertThat(lookup("192.0.2.1")).isEqualTo(4);
        assertThat(table.lookupIpv4(0xc000_0201)).isEqualTo(4);
        assertThat(lookup("::c000:201")).isEqualTo(6); // not a mapped one
    }

    @Test
    void shouldIgnoreBitsBehindThePrefix() {
        assertThat(table.put(IpPrefix.parse("10.1.2.3/8"), 1)).isNull();
        assertThat(table.put(IpPrefix.parse("10.9.9.9/8"), 2)).isEqualTo(1);
        assertThat(table.get(0, IpAddress.lowOfIpv4(0x0a00_0000), 8)).isEqualTo(2);
        assertThat(table.list()).containsExactly(Map.entry(IpPrefix.parse("10.0.0.0/8"), 2));
        assertThat(table.remove(IpPrefix.parse("10.255.0.0/8"))).isEqualTo(2);
        assertThat(table.remove(IpPrefix.parse("10.255.0.0/8"))).isNull();
        assertThat(table.size()).isZero();
    }

    @Test
    void shouldRefuseMoreThanItHolds() {
        PrefixTable<String> small = new PrefixTable<>(2);
        small.put(IpPrefix.parse("10.0.0.0/8"), "a");
        small.put(IpPrefix.parse("fd00::/8"), "b");
        assertThatThrownBy(() -> small.put(IpPrefix.parse("11.0.0.0/8"), "c"))
                .hasMessageContaining("full")
                .hasMessageContaining("2 prefixes");
        assertThat(small.put(IpPrefix.parse("10.0.0.0/8"), "d")).isEqualTo("a"); // not a new one
        small.clear();
        assertThat(small.size()).isZero();
        small.put(IpPrefix.parse("11.0.0.0/8"), "c");
        assertThat(small.lookupIpv4(0x0b01_0203)).isEqualTo("c");
        assertThatThrownBy(() -> new PrefixTable<>(0)).hasMessageContaining("1..");
        assertThatThrownBy(() -> small.put(0, IpAddress.lowOfIpv4(1), 33, "x")).hasMessageContaining("0..32");
    }

    @Test
    void shouldSurviveAPrefixThatComesAndGoes() {
        table.put(IpPrefix.parse("10.0.1.0/24"), 1);
        for (int i = 0; i < 10_000; i++) { // markers do not pile up
            IpPrefix flapping = IpPrefix.parse("10.0." + i % 200 + ".128/25");
            assertThat(table.put(flapping, i)).isNull();
            assertThat(table.lookup(flapping.high(), flapping.low())).isEqualTo(i);
            assertThat(table.remove(flapping)).isEqualTo(i);
        }
        assertThat(lookup("10.0.1.129")).isEqualTo(1);
        assertThat(table.size()).isEqualTo(1);
    }

    // ---- against a list ----

    private static IpPrefix randomPrefix(SplittableRandom random) {
        if (random.nextBoolean()) {
            return new IpPrefix(0, IpAddress.lowOfIpv4(clustered(random)), random.nextInt(33));
        }
        long high = random.nextInt(4) == 0 ? random.nextLong() : 0xfd00_0000_0000_0000L | random.nextInt(4);
        long low = random.nextBoolean() ? 0 : random.nextInt(3) == 0 ? random.nextLong() : clustered(random);
        return IpAddress.isIpv4(high, low)
                ? new IpPrefix(high, low, random.nextInt(33))
                : new IpPrefix(high, low, random.nextInt(129));
    }

    /** Few values in the high bits and in the low ones, so that prefixes cover each other. */
    private static int clustered(SplittableRandom random) {
        return random.nextInt(4) << 30 | random.nextInt(4) << 22 | random.nextInt(8) << 8 | random.nextInt(4);
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
    void shouldAnswerAsAListOfAllPrefixesDoes() {
        SplittableRandom random = TestSeed.random("PrefixTableTest");
        Map<IpPrefix, Integer> model = new HashMap<>();
        for (int i = 0; i < 20_000 * TestSeed.effort(); i++) {
            IpPrefix prefix = randomPrefix(random);
            int choice = random.nextInt(8);
            if (choice < 3 && model.size() < 300) {
                assertThat(table.put(prefix, i)).isEqualTo(model.put(prefix.network(), i));
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
        table.forEach(listed::put);
        assertThat(listed).isEqualTo(model);
    }

    // ---- threads ----

    @Test
    void shouldNeverMissAnAddressThatSomePrefixAlwaysCovers() throws Exception {
        // The writer moves the route between /16 and /24, always with one of them there; other prefixes come and go
        // around it.
        table.put(IpPrefix.parse("10.1.0.0/16"), 16);
        AtomicBoolean done = new AtomicBoolean();
        AtomicReference<String> wrong = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            long high6 = 0xfd00_0000_0000_0000L;
            while (!done.get()) {
                Integer found = table.lookup(0, IpAddress.lowOfIpv4(0x0a01_0203));
                if (found == null || (found != 16 && found != 24)) {
                    wrong.set("10.1.2.3 leads to " + found);
                }
                Integer six = table.lookup(high6, 7);
                if (six != null && six != 64) {
                    wrong.set("fd00::7 leads to " + six);
                }
            }
        });
        reader.start();
        SplittableRandom random = TestSeed.random("PrefixTableTest threads");
        for (int i = 0; i < 60_000; i++) {
            table.put(IpPrefix.parse("10.1.2.0/24"), 24);
            table.remove(IpPrefix.parse("10.1.0.0/16"));
            table.put(new IpPrefix(0, IpAddress.lowOfIpv4(0x0b00_0000 + random.nextInt(500)), 32), 1);
            table.remove(0, IpAddress.lowOfIpv4(0x0b00_0000 + random.nextInt(500)), 32);
            table.put(0xfd00_0000_0000_0000L, 0, 64, 64);
            table.put(IpPrefix.parse("10.1.0.0/16"), 16);
            table.remove(IpPrefix.parse("10.1.2.0/24"));
            table.remove(0xfd00_0000_0000_0000L, 0, 64);
        }
        done.set(true);
        reader.join();
        assertThat(wrong.get()).isNull();
    }

    @Test
    void shouldNotAllocateInLookups() {
        for (int i = 0; i < 1_000; i++) {
            table.put(new IpPrefix(0, IpAddress.lowOfIpv4(i << 12), 20 + i % 5), i);
        }
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        int found = 0;
        for (int run = 0; run < 20; run++) { // the first ones compile
            long before = memory.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (int i = 0; i < 10_000; i++) {
                found += table.lookup(0, IpAddress.lowOfIpv4(i << 9)) == null ? 0 : 1;
            }
            least = Math.min(
                    least, memory.getThreadAllocatedBytes(Thread.currentThread().getId()) - before);
        }
        assertThat(found).isPositive();
        assertThat(least).isLessThan(1_000); // of 10,000 look-ups
    }
}
