package io.weft.fdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How keys and values are packed. */
class FdbValueTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "0, 281474976710655", "4095, 281474976710655", "4095, 0", "1, 1", "4094, 2199023255552"})
    void shouldKeepVlanAndMacApart(int vlan, long mac) {
        long key = FdbKey.of(vlan, mac);
        assertThat(FdbKey.vlan(key)).isEqualTo(vlan);
        assertThat(FdbKey.mac(key)).isEqualTo(mac);
        assertThat(key >>> 60).as("the table's bits").isZero();
    }

    @Test
    void shouldKeepItsFieldsApartAtTheirBoundaries() {
        int[] ports = {0, 1, FdbValue.MAX_PORT - 1, FdbValue.MAX_PORT};
        int[] endpoints = {0, 1, FdbValue.MAX_ENDPOINT - 1, FdbValue.MAX_ENDPOINT};
        int[] times = {0, 1, (1 << 22) - 1, 1 << 22, -1, Integer.MAX_VALUE, Integer.MIN_VALUE};
        for (int port : ports) {
            for (int endpoint : endpoints) {
                for (int time : times) {
                    long value = FdbValue.of(port, endpoint, FdbValue.KIND_DYNAMIC, time);
                    assertThat(FdbValue.port(value)).isEqualTo(port);
                    assertThat(FdbValue.endpoint(value)).isEqualTo(endpoint);
                    assertThat(FdbValue.kind(value)).isEqualTo(FdbValue.KIND_DYNAMIC);
                    assertThat(FdbValue.ageSeconds(value, time)).isZero();
                    assertThat(value & FdbValue.GENERATION_MASK).isZero();
                    assertThat(value)
                            .as("no value is a miss")
                            .isNotEqualTo(Fdb.MISS)
                            .isPositive();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, (1 << 22) - 1, 1 << 22, (1 << 22) + 1, Integer.MAX_VALUE - 5, -3, Integer.MIN_VALUE})
    void shouldKnowItsAgeAcrossEveryWrapOfTheClock(int seen) {
        long value = FdbValue.of(FdbValue.MAX_PORT, FdbValue.MAX_ENDPOINT, FdbValue.KIND_DYNAMIC, seen);
        for (int age : new int[] {0, 1, 300, Fdb.MAX_AGEING_SECONDS, Fdb.MAX_AGEING_SECONDS + 1, (1 << 21) - 1}) {
            assertThat(FdbValue.ageSeconds(value, seen + age)).isEqualTo(age);
        }
    }

    @Test
    void shouldBeYoungerThanNewWhenSeenInASecondTheCallerHasNotReached() {
        long value = FdbValue.of(1, 0, FdbValue.KIND_DYNAMIC, 1_000);
        assertThat(FdbValue.ageSeconds(value, 999)).isEqualTo(-1);
        assertThat(FdbValue.ageSeconds(FdbValue.of(1, 0, FdbValue.KIND_DYNAMIC, 1 << 22), (1 << 22) - 1))
                .isEqualTo(-1);
    }

    @Test
    void shouldTellPlacesApart() {
        SplittableRandom random = TestSeed.random("FdbValueTest");
        for (int i = 0; i < 100_000; i++) {
            int port = random.nextInt(FdbValue.MAX_PORT + 1);
            int endpoint = random.nextInt(FdbValue.MAX_ENDPOINT + 1);
            int otherPort = random.nextBoolean() ? port : port ^ 1 << random.nextInt(14);
            int otherEndpoint = random.nextBoolean() ? endpoint : endpoint ^ 1 << random.nextInt(20);
            long a = FdbValue.of(port, endpoint, FdbValue.KIND_DYNAMIC, random.nextInt());
            long b = FdbValue.of(otherPort, otherEndpoint, FdbValue.KIND_DYNAMIC, random.nextInt()) | 7;
            assertThat(FdbValue.samePlace(a, b)).isEqualTo(port == otherPort && endpoint == otherEndpoint);
        }
    }
}
