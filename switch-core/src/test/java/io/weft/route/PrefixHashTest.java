package io.weft.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import java.util.BitSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixHashTest {
    /** 65,536 prefixes that differ in 16 bits only fall into about as many slots of 262,144 as random ones do (58,000). */
    @ParameterizedTest
    @ValueSource(ints = {0, 8, 16, 32, 48})
    void shouldSpreadPrefixesThatDifferInAFewBits(int shift) {
        long seed = TestSeed.random("PrefixHashTest").nextLong();
        BitSet narrow = new BitSet();
        BitSet inHigh = new BitSet();
        BitSet inLow = new BitSet();
        for (long i = 0; i < 65_536; i++) {
            narrow.set(PrefixHash.of(0xfc00_0000_0000_0000L ^ i << shift, seed) & 0x3ffff);
            inHigh.set(PrefixHash.of(0xfc00_0000_0000_0000L ^ i << shift, 1, seed) & 0x3ffff);
            inLow.set(PrefixHash.of(0xfc00_0000_0000_0001L, i << shift, seed) & 0x3ffff);
        }
        assertThat(narrow.cardinality()).isGreaterThan(50_000);
        assertThat(inHigh.cardinality()).isGreaterThan(50_000);
        assertThat(inLow.cardinality()).isGreaterThan(50_000);
    }
}
