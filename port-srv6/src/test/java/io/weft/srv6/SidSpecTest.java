package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.IpPrefix;
import io.weft.tunnel.AddressLiteral;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SidSpecTest {
    @Test
    void shouldReadItsParts() {
        assertThat(SidSpec.parse(" fc00:1:0:1::   End.X nh6 fe80::1%2 flavors psp "))
                .isEqualTo(new SidSpec(
                        IpPrefix.parse("fc00:1:0:1::/128"),
                        Behaviour.END_X,
                        Flavours.parse("psp"),
                        new SidTarget(AddressLiteral.parse("fe80::1%2"), null, 0, null, null),
                        48,
                        0,
                        0));
        assertThat(SidSpec.parse("fc00:1:0:d2::/64 End.DT2M arglen 16 oif lan loclen 40"))
                .isEqualTo(new SidSpec(
                        IpPrefix.parse("fc00:1:0:d2::/64"),
                        Behaviour.END_DT2M,
                        Flavours.NONE,
                        new SidTarget(null, "lan", 0, null, null),
                        40,
                        16,
                        0));
        SidSpec uN = SidSpec.parse("fc00:0:1::/48 uN flavors psp,usd");
        assertThat(uN.flavours()).isEqualTo(Flavours.parse("psp,usd,next-csid"));
        assertThat(uN.blockLength()).isEqualTo(32);
        assertThat(uN.nodeFunctionLength()).isEqualTo(16);
        assertThat(uN.argumentLength()).isEqualTo(80);
        assertThat(uN.codePoint()).isEqualTo(48);
        SidSpec binding = SidSpec.parse("fc00:1:0:b6:: End.B6.Encaps srh segs fc00:2::1,fc00:3::1");
        assertThat(binding.target().segments()).isEqualTo(SegmentList.parse("fc00:2::1,fc00:3::1"));
    }

    @Test
    void shouldSayItsStructure() {
        SidSpec sid = SidSpec.parse("fc00:1:0:d2::/64 End.DT46 vrftable 100");
        assertThat(sid.locator()).isEqualTo(IpPrefix.parse("fc00:1::/48"));
        assertThat(sid.argumentLength()).isZero();
        assertThat(sid.nodeFunctionLength()).isZero();
        assertThat(SidSpec.parse("fc00::/32 End").locator()).isEqualTo(IpPrefix.parse("fc00::/32"));
        SidSpec uA = SidSpec.parse("fc00:0:1:e001::/64 uA nh6 fc00:a::1 lblen 32");
        assertThat(uA.nodeFunctionLength()).isEqualTo(32);
        assertThat(uA.argumentLength()).isEqualTo(64);
        assertThat(SidSpec.parse("fc00:0:1:e001::/64 uDT2M arglen 16").argumentLength())
                .isEqualTo(16);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fc00:1:0:d2::/64 End.DT2U | fc00:1:0:d2::/64 End.DT2U",
                "FC00:1::0001 End | fc00:1::1/128 End",
                "fc00:1:0:1:: End.X flavors usp,psp nh6 fe80::1%2 | fc00:1:0:1::/128 End.X nh6 fe80::1%2 flavors psp,usp",
                "fc00:1:0:1:: End.T table red | fc00:1:0:1::/128 End.T table red",
                "fc00:1:0:1:: End.DX2 oif p1 | fc00:1:0:1::/128 End.DX2 oif p1",
                "fc00:1:0:1:: End.DX2V vlan 7 oif p1 | fc00:1:0:1::/128 End.DX2V oif p1 vlan 7",
                "fc00:1:0:1::/64 End.DT2M arglen 16 | fc00:1:0:1::/64 End.DT2M arglen 16",
                "fc00:1:0:1:: End.DX4 nh4 10.0.0.1 | fc00:1:0:1::/128 End.DX4 nh4 10.0.0.1",
                "fc00:1:0:1:: End.DX4 oif tun0 | fc00:1:0:1::/128 End.DX4 oif tun0",
                "fc00:1:0:1:: End.DX6 nh6 fc00:a::1 | fc00:1:0:1::/128 End.DX6 nh6 fc00:a::1",
                "fc00:1:0:1:: End.DT6 vrftable 100 loclen 64 | fc00:1:0:1::/128 End.DT6 table 100 loclen 64",
                "fc00:1:0:1:: End.B6.Encaps.Red segs fc00:2::1 | fc00:1:0:1::/128 End.B6.Encaps.Red segs fc00:2::1",
                "fc00:0:1::/48 uN | fc00:0:1::/48 End flavors next-csid lblen 32 nflen 16",
                "fc00:0:1::/48 End flavors next-csid nflen 8 | fc00:0:1::/48 End flavors next-csid lblen 40 nflen 8",
                "fc00:0:1:e001::/64 uDT4 table 7 lblen 48 loclen 56 | "
                        + "fc00:0:1:e001::/64 End.DT4 table 7 loclen 56 flavors next-csid lblen 48 nflen 16",
            })
    void shouldBeWrittenAsItIsRead(String text, String written) {
        assertThat(SidSpec.parse(text)).hasToString(written);
        assertThat(SidSpec.parse(written)).isEqualTo(SidSpec.parse(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\" | it has no behaviour; accepted: SID[/LENGTH] BEHAVIOUR",
                "fc00::1 | it has no behaviour",
                "fc00::1 End.BM | behaviour is 'End.BM'; accepted: End, End.X,",
                "vtep2 End | 'vtep2' is not an IPv4 or IPv6 address",
                "10.0.0.1 End | SID is 10.0.0.1/32; accepted: an IPv6 unicast address",
                "ff02::1 End | SID is ff02::1/128; accepted: an IPv6 unicast address",
                "fe80::1 End | SID is fe80::1/128; accepted: an IPv6 unicast address",
                "::1 End | SID is ::1/128; accepted:",
                "::/0 End | accepted: an IPv6 unicast address that is not link-local, with a prefix length of 1..128",
                "fc00::/129 End | 'fc00::/129' is not",
                "fc00:1:0:d2::1/64 End | SID is fc00:1:0:d2::1/64; accepted: fc00:1:0:d2::/64, or a longer prefix",
                "fc00::1 End color 7 | 'color' is unknown; accepted: SID[/LENGTH] BEHAVIOUR",
                "fc00::1 End.T table | 'table' has no value; accepted:",
                "fc00::1 End.T table 1 vrftable 2 | 'table' is there twice; accepted: once",
                "fc00::1 End.T table a/b | table is 'a/b'; accepted: the name or number of a table",
                "fc00::1 End.X | End.X needs nh6; accepted: nh6 with an IPv6 address",
                "fc00::1 End.X nh4 10.0.0.1 | nh4 is not for End.X; accepted: nh6",
                "fc00::1 End nh6 fc00::2 | nh6 is not for End; accepted: no parameter",
                "fc00::1 End.X nh6 10.0.0.1 | nh6 is '10.0.0.1'; accepted: an IPv6 address",
                "fc00::1 End.X nh6 router | nh6 is 'router'; accepted: an IPv6 address",
                "fc00::1 End.X nh6 ff02::1 | nh6 is 'ff02::1'; accepted: an IPv6 address of a station",
                "fc00::1 End.X nh6 :: | nh6 is '::'; accepted:",
                "fc00::1 End.X nh6 fe80::1 | nh6 is fe80::1, which every link may have; accepted: fe80::1%N",
                "fc00::1 End.DX4 | End.DX4 needs nh4 or oif",
                "fc00::1 End.DX4 nh4 fc00::2 | nh4 is 'fc00::2'; accepted: an IPv4 address",
                "fc00::1 End.DX4 nh4 224.0.0.1 | nh4 is '224.0.0.1'; accepted: an IPv4 address of a station",
                "fc00::1 End.DX4 nh4 255.255.255.255 | nh4 is '255.255.255.255'",
                "fc00::1 End.DX4 nh4 10.0.0.1 nh6 fc00::2 | nh4 is '10.0.0.1' and nh6 'fc00::2'; accepted: one next hop",
                "fc00::1 End.DX2V | End.DX2V needs vlan",
                "fc00::1 End.DX2V vlan 7 table x | table is not for End.DX2V; accepted: oif, vlan",
                "fc00::1 End.DX2V vlan 0 | vlan is '0'; accepted: 1..4094",
                "fc00::1 End.DX2V vlan 4095 | vlan is '4095'; accepted: 1..4094",
                "fc00::1 End.DT46 | End.DT46 needs table",
                "fc00::1 End.B6.Encaps | End.B6.Encaps needs segs; accepted: segs with 1..16 IPv6 addresses",
                "fc00::1 End.B6.Encaps segs fc00::2,,fc00::3 | segment is ''",
                "fc00::1 End.DT2U flavors psp | flavors is 'psp' with End.DT2U; accepted: next-csid; psp",
                "fc00::1 End flavors pop | flavors is 'pop'; accepted: psp, usp, usd, next-csid",
                "fc00::1 End loclen 0 | loclen is 0; accepted: 1..128 (up to the SID's length)",
                "fc00::/64 End loclen 65 | loclen is 65; accepted: 1..64",
                "fc00::/64 uN loclen 31 | loclen is 31; accepted: 32..64 (from lblen to the SID's length)",
                "fc00::/64 End.DT2M arglen 65 | arglen is 65; accepted: 0..64 (what is behind fc00::/64)",
                "fc00::/64 End.DT2M arglen -1 | arglen is '-1'; accepted: a number of bits, 0..128",
                "fc00::/64 uN arglen 16 | arglen is 16; accepted: 64 (what is behind fc00::/64)",
                "fc00::/64 End lblen 32 | lblen is 32; accepted: only with flavors next-csid",
                "fc00::/64 End nflen 32 | nflen is 32; accepted: only with flavors next-csid",
                "fc00::/48 uN lblen 32 nflen 24 | lblen is 32 and nflen 24; accepted: both together the length of fc00::/48",
                "fc00::/48 uN lblen 20 | lblen is 20; accepted: 8, 16, ... 120",
                "fc00::/32 uN | SID is fc00::/32 with next-csid and lblen 32; accepted: lblen and nflen bits together",
                "fc00::/60 uN | SID is fc00::/60 with next-csid and lblen 32; accepted:",
            })
    void shouldRefuseWithReason(String text, String reason) {
        assertThatThrownBy(() -> SidSpec.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("SID '" + text + "' is refused: ")
                .hasMessageContaining(reason);
    }

    @Test
    void shouldRefuseTheSameFromCode() {
        IpPrefix prefix = IpPrefix.parse("fc00::/64");
        assertThatThrownBy(() -> SidSpec.of(prefix, Behaviour.END_T, Flavours.NONE, SidTarget.NONE))
                .hasMessageStartingWith("End.T needs table");
        assertThatThrownBy(() -> new SidTarget(null, "two words", 0, null, null))
                .hasMessage("oif is 'two words'; accepted: the name of a port, 1..63 characters without blanks");
        assertThatThrownBy(() -> new SidTarget(null, null, -1, null, null)).hasMessageStartingWith("vlan is '-1'");
        assertThat(SidSpec.of(prefix, Behaviour.END, Flavours.NEXT_C_SID, SidTarget.NONE))
                .isEqualTo(SidSpec.parse("fc00::/64 uN"));
        assertThat(SidTarget.NONE).hasToString("");
        assertThat(Set.of(SidParameter.values())).noneMatch(SidTarget.NONE::has);
    }

    // ---- overlaps ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fc00:1:0:1:: End | fc00:1:0:2:: End | false",
                "fc00:1:0:1:: End | fc00:1:0:1:: End.DT4 table 7 | true",
                "fc00:1:0:d2::/64 End.DT2M arglen 16 | fc00:1:0:d2:7::/80 End | true", // an argument of the first
                "fc00:1:0:d2::/64 End | fc00:1:0:d2::/128 End.DT4 table 7 | true",
                "fc00:1:0:d2::/64 End | fc00:1:0:d3::/128 End | false",
                "fc00:0:1::/48 uN | fc00:0:1::/48 uN | true",
                "fc00:0:1::/48 uN | fc00:0:1:e001::/64 uA nh6 fc00:a::1 | false",
                "fc00:0:1::/48 uN | fc00:0:1:e001::/64 End.DT4 table 7 | false",
                "fc00:0:1:e001::/64 uDT4 table 7 | fc00:0:1:e001:2::/80 uN | true", // its argument holds no SIDs
            })
    void shouldKnowWhatOverlaps(String first, String second, boolean overlap) {
        SidSpec a = SidSpec.parse(first);
        SidSpec b = SidSpec.parse(second);
        assertThat(a.overlaps(b)).isEqualTo(overlap);
        assertThat(b.overlaps(a)).isEqualTo(overlap);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepOverlappingSidsOutOfAPlan(boolean wideFirst) {
        SidPlan plan = new SidPlan();
        SidSpec wide = SidSpec.parse("fc00:1:0:d2::/64 End.DT2U");
        SidSpec narrow = SidSpec.parse("fc00:1:0:d2:8000::1 End");
        plan.add(SidSpec.parse("fc00:1:0:d1::/64 End.DT2U"));
        plan.add(SidSpec.parse("fc00:1:0:d3:: End"));
        plan.add(wideFirst ? wide : narrow);
        assertThatThrownBy(() -> plan.add(wideFirst ? narrow : wide))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        wideFirst
                                ? "SID '" + narrow + "' overlaps '" + wide + "'; accepted: a SID that"
                                : "SID '" + wide + "' overlaps '" + narrow + "'; accepted: a SID that");
        assertThat(plan.list()).hasSize(3);
        assertThat(plan.remove(wideFirst ? narrow : wide)).isFalse();
        assertThat(plan.remove(wideFirst ? wide : narrow)).isTrue();
        assertThat(plan.remove(wideFirst ? wide : narrow)).isFalse();
        plan.add(wideFirst ? narrow : wide);
        assertThat(plan.list()).element(1).isEqualTo(wideFirst ? narrow : wide);
    }

    @Test
    void shouldPlanContainersWithSidsInThem() {
        SidPlan plan = new SidPlan();
        plan.add(SidSpec.parse("fc00:0:1:e001::/64 uA nh6 fc00:a::1"));
        plan.add(SidSpec.parse("fc00:0:1::/48 uN"));
        plan.add(SidSpec.parse("fc00:0:1:e002:: End.DT4 table 7"));
        assertThatThrownBy(() -> plan.add(SidSpec.parse("fc00:0:1:e002::/64 End")))
                .hasMessageContaining("overlaps");
        assertThat(plan.overlapping(SidSpec.parse("fc00:0:1:e003:: End"))).isNull();
        assertThat(plan.overlapping(SidSpec.parse("fc00:0:1:e002:: End")).behaviour())
                .isEqualTo(Behaviour.END_DT4);
    }

    @Test
    void shouldPlanOneSidForSeveralVlans() {
        SidPlan plan = new SidPlan();
        SidSpec seven = SidSpec.parse("fc00:1:0:1:: End.DX2V vlan 7 oif p1");
        SidSpec eight = SidSpec.parse("fc00:1:0:1:: End.DX2V vlan 8 oif p2");
        plan.add(seven);
        plan.add(eight);
        for (String other : new String[] {
            "fc00:1:0:1:: End.DX2V vlan 8 oif p3", "fc00:1:0:1:: End.DX2", "fc00:1::/32 End.DX2V vlan 9"
        }) {
            assertThatThrownBy(() -> plan.add(SidSpec.parse(other)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("overlaps");
        }
        assertThat(plan.list()).containsExactly(seven, eight);
        assertThat(plan.remove(seven)).isTrue();
        assertThatThrownBy(() -> plan.add(SidSpec.parse("fc00:1:0:1:: End"))).hasMessageContaining(eight.toString());
        plan.add(seven);
        assertThat(plan.list()).containsExactly(eight, seven);
    }
}
