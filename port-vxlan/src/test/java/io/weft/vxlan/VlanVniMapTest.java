package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VlanVniMapTest {
    @Test
    void shouldMapBothWays() {
        VlanVniMap map = VlanVniMap.parse("10:1010,20-29:2020,4094:16777215,1:0");
        assertThat(map.vni(10)).isEqualTo(1_010);
        assertThat(map.vlan(1_010)).isEqualTo(10);
        for (int i = 0; i < 10; i++) {
            assertThat(map.vni(20 + i)).isEqualTo(2_020 + i);
            assertThat(map.vlan(2_020 + i)).isEqualTo(20 + i);
        }
        assertThat(map.vni(4_094)).isEqualTo(0xff_ffff);
        assertThat(map.vlan(0xff_ffff)).isEqualTo(4_094);
        assertThat(map.vni(1)).isZero();
        assertThat(map.vlan(0)).isEqualTo(1);
        for (int vlan : new int[] {0, 2, 9, 11, 19, 30, 4_093, 4_095}) {
            assertThat(map.vni(vlan)).as("VLAN %d", vlan).isEqualTo(-1);
        }
        for (int vni : new int[] {1, 1_009, 1_011, 2_019, 2_030, 0xff_fffe}) {
            assertThat(map.vlan(vni)).as("VNI %d", vni).isEqualTo(-1);
        }
        assertThat(map.vlans()).containsExactly(1, 10, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 4_094);
    }

    /** Every VLAN, with VNIs that a poor hash would put together, against the obvious way. */
    @ParameterizedTest
    @CsvSource({"1, 0", "4096, 0", "-4096, 16777215", "65536, 7", "1, 16773121"})
    void shouldMapAllVlans(int step, int offset) {
        Map<Integer, Integer> pairs = new HashMap<>();
        for (int vlan = 1; vlan <= 4_094; vlan++) {
            pairs.put(vlan, Math.floorMod((long) vlan * step + offset, 1 << 24) ^ (step == 65_536 ? vlan >> 8 : 0));
        }
        VlanVniMap map = VlanVniMap.of(pairs);
        Map<Integer, Integer> back = new HashMap<>();
        pairs.forEach((vlan, vni) -> {
            assertThat(map.vni(vlan)).isEqualTo(vni);
            assertThat(map.vlan(vni)).isEqualTo(vlan);
            back.put(vni, vlan);
        });
        for (int vni = 0; vni <= 0xff_ffff; vni += 1_021) {
            assertThat(map.vlan(vni)).isEqualTo(back.getOrDefault(vni, -1));
        }
        assertThat(VlanVniMap.parse(map.toString())).isEqualTo(map).hasSameHashCodeAs(map);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10:1010 | 10:1010",
                "10-10:7 | 10:7",
                "11:8,10:7 | 10-11:7",
                "10:7,11:9 | 10:7,11:9",
                "10:7,12:9 | 10:7,12:9",
                "5 - 6:1 | -",
                " 5-6:1 , 007:0003 | 5-7:1",
            })
    void shouldReadAndWriteTheShortestForm(String text, String written) {
        if (written.equals("-")) {
            assertThatThrownBy(() -> VlanVniMap.parse(text)).isInstanceOf(IllegalArgumentException.class);
        } else {
            assertThat(VlanVniMap.parse(text)).hasToString(written);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10:1,10:2 | VLAN 10 is there twice; accepted: each VLAN once",
                "10:1,11:1 | VNI 1 is both of VLAN 10 and of VLAN 11; accepted: each VNI once",
                "10-20:100,30:105 | VNI 105 is both of VLAN 15 and of VLAN 30; accepted: each VNI once",
                "0:1 | VLAN is 0; accepted: 1..4094",
                "4095:1 | VLAN is 4095; accepted: 1..4094",
                "9:16777216 | VNI of VLAN 9 is 16777216; accepted: 0..16777215",
                "9-10:16777215 | VNI of VLAN 10 is 16777216; accepted: 0..16777215",
            })
    void shouldSayWhatIsWrong(String text, String message) {
        assertThatThrownBy(() -> VlanVniMap.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void shouldRefuseToMapNothing() {
        assertThatThrownBy(() -> VlanVniMap.of(Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("VLAN:VNI");
    }
}
