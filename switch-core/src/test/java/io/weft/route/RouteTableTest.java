package io.weft.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpAddress;
import io.weft.frame.IpPrefix;
import io.weft.port.MemoryPort;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteTableTest {
    private static final String NO_ADDRESSES = "000000000000 000000000000";
    private static final String IPV4 = // 10.0.0.1 to 10.1.2.3, UDP without data
            NO_ADDRESSES + "0800" + "4500001c 00004000 4011 24c9 0a000001 0a010203" + "0007 0007 0008 0000";
    private static final String IPV6 = // fc00:a::1 to fc00:b::2, no next header
            NO_ADDRESSES + "86dd"
                    + "60000000 0000 3b40 fc00000a000000000000000000000001 fc00000b000000000000000000000002";

    private final RouteTable table = new RouteTable("red");
    private final MemoryPort tun = new MemoryPort("tun0");
    private final MemoryPort lan = new MemoryPort("lan");
    private final NextHop byPort = new NextHop.ByPort(tun);
    private final NextHop byStation = new NextHop.ByStation(lan, 0x0200_0000_0007L);
    private final NextHop byTunnel = new NextHop.ByTunnel("segs fc00:2::d4");

    /** A frame that ends where its slot does, so that reading behind it throws. */
    private static Frame frame(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        Frame frame = new FramePool(1, 0).allocate(FramePool.SMALL_LENGTH);
        frame.consume(FramePool.SMALL_LENGTH - bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    private void route(String network, NextHop nextHop) {
        assertThat(table.put(IpPrefix.parse(network), nextHop)).isNull();
    }

    @Test
    void shouldRouteByTheLongestPrefix() {
        route("10.0.0.0/8", byPort);
        route("10.1.0.0/16", byStation);
        route("10.1.2.3/32", byTunnel);
        route("::/0", byPort);
        route("fc00:b::/32", byTunnel);
        assertThat(table.lookupIpv4(0x0a01_0203)).isSameAs(byTunnel);
        assertThat(table.lookupIpv4(0x0a01_0204)).isSameAs(byStation);
        assertThat(table.lookupIpv4(0x0a02_0204)).isSameAs(byPort);
        assertThat(table.lookupIpv4(0x0b00_0001)).isNull(); // ::/0 is not for IPv4
        assertThat(table.lookup(0, IpAddress.lowOfIpv4(0x0a01_0204))).isSameAs(byStation);
        assertThat(table.lookup(0xfc00_000b_0000_0000L, 2)).isSameAs(byTunnel);
        assertThat(table.lookup(0xfc00_000c_0000_0000L, 2)).isSameAs(byPort);
    }

    @Test
    void shouldRoutePacketsByTheirDestination() {
        route("10.1.0.0/16", byPort);
        route("fc00:b::/32", byTunnel);
        assertThat(table.lookup(frame(IPV4))).isSameAs(byPort);
        assertThat(table.lookup(frame(IPV6))).isSameAs(byTunnel);
        assertThat(table.lookup(frame(IPV4.replace("0a010203", "0a020203")))).isNull();
        assertThat(table.lookup(frame(IPV6.replace("fc00000b", "fc00000c")))).isNull();
        assertThat(table.lookup(frame(IPV4.replace("0800", "0806")))).isNull(); // no packet
    }

    /** The tables of IPv6 are IPv6's, whatever an address says that it stands for. */
    @Test
    void shouldNotLeadFromIpv6ToIpv4Routes() {
        route("10.1.0.0/16", byPort);
        String mapped = IPV6.replace("fc00000b000000000000000000000002", "00000000000000000000ffff0a010203");
        assertThat(mapped).isNotEqualTo(IPV6);
        assertThat(table.lookup(frame(mapped))).isNull();
        assertThat(table.lookupIpv6(0, IpAddress.lowOfIpv4(0x0a01_0203))).isNull();
        route("::/0", byTunnel);
        assertThat(table.lookup(frame(mapped))).isSameAs(byTunnel);
        assertThat(table.lookupIpv6(0, IpAddress.lowOfIpv4(0x0a01_0203))).isSameAs(byTunnel);
    }

    @ParameterizedTest
    @ValueSource(strings = {IPV4, IPV6})
    void shouldNotReadBehindATruncatedPacket(String packet) {
        route("0.0.0.0/0", byPort);
        route("::/0", byPort);
        String hex = packet.replace(" ", "");
        int headers = packet.equals(IPV4) ? 34 : 54;
        for (int length = 0; length <= hex.length() / 2; length++) {
            assertThat(table.lookup(frame(hex.substring(0, 2 * length))))
                    .as("%d bytes", length)
                    .isSameAs(length < headers ? null : byPort);
        }
    }

    @Test
    void shouldForgetTheRoutesByAPortThatGoes() {
        route("10.0.0.0/8", byPort);
        route("fc00:a::/32", byStation);
        route("fc00:b::/32", byTunnel);
        route("fc00:c::/32", byPort);
        assertThat(table.removeBy(tun)).isEqualTo(2);
        assertThat(table.removeBy(tun)).isZero();
        assertThat(table.list())
                .containsExactlyInAnyOrder(
                        Map.entry(IpPrefix.parse("fc00:a::/32"), byStation),
                        Map.entry(IpPrefix.parse("fc00:b::/32"), byTunnel));
        assertThat(table.removeBy(lan)).isEqualTo(1);
        assertThat(table.removeIf(byTunnel::equals)).isEqualTo(1);
        assertThat(table.size()).isZero();
    }

    @Test
    void shouldChangeARoute() {
        IpPrefix network = IpPrefix.parse("10.0.0.0/8");
        route("10.0.0.0/8", byPort);
        assertThat(table.put(network, byTunnel)).isSameAs(byPort);
        assertThat(table.get(network)).isSameAs(byTunnel);
        assertThat(table).hasToString("table red, 1 routes");
        assertThat(table.remove(network)).isSameAs(byTunnel);
        assertThat(table.remove(network)).isNull();
        assertThat(table.get(network)).isNull();
    }

    @Test
    void shouldSayWhatItRefuses() {
        assertThatThrownBy(() -> table.put(IpPrefix.parse("10.0.0.1/8"), byPort))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("route is 10.0.0.1/8; accepted: 10.0.0.0/8");
        RouteTable small = new RouteTable("7", 1);
        small.put(IpPrefix.parse("10.0.0.0/8"), byPort);
        assertThatThrownBy(() -> small.put(IpPrefix.parse("11.0.0.0/8"), byPort))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("table '7': the prefix table is full: it holds 1 prefixes");
        assertThatThrownBy(() -> new RouteTable("red blue"))
                .hasMessage("table is 'red blue'; accepted: 1..63 letters, digits and . _ -");
        for (long mac : new long[] {0, 0x0100_5e00_0001L, -1, 1L << 48}) {
            assertThatThrownBy(() -> new NextHop.ByStation(lan, mac))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("mac is ");
        }
    }

    @ParameterizedTest
    @CsvSource({"port, dev tun0", "station, dev lan lladdr 02:00:00:00:00:07", "tunnel, encap segs fc00:2::d4"})
    void shouldSayWhereItLeads(String kind, String text) {
        NextHop nextHop = kind.equals("port") ? byPort : kind.equals("station") ? byStation : byTunnel;
        assertThat(nextHop).hasToString(text);
    }

    @Test
    void shouldNotAllocateInLookups() {
        route("10.1.0.0/16", byPort);
        route("fc00:b::/32", byTunnel);
        Frame[] packets = {frame(IPV4), frame(IPV6)};
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        int found = 0;
        for (int run = 0; run < 20; run++) { // the first ones compile
            long before = memory.getThreadAllocatedBytes(Thread.currentThread().getId());
            for (int i = 0; i < 10_000; i++) {
                found += table.lookup(packets[i & 1]) instanceof NextHop.ByPort ? 1 : 0;
            }
            least = Math.min(
                    least, memory.getThreadAllocatedBytes(Thread.currentThread().getId()) - before);
        }
        assertThat(found).isEqualTo(20 * 5_000);
        assertThat(least).isLessThan(1_000); // of 10,000 look-ups
    }

    // ---- tables by name ----

    @Test
    void shouldKeepTablesByName() {
        RouteTables tables = new RouteTables(22);
        assertThatThrownBy(() -> tables.get("red"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("table 'red' is unknown; there are none yet: add it first");
        RouteTable blue = new RouteTable("blue");
        tables.add(table);
        tables.add(blue);
        route("10.0.0.0/8", byPort);
        blue.put(IpPrefix.parse("10.0.0.0/8"), byTunnel);
        assertThat(tables.get("red").lookupIpv4(0x0a00_0001)).isSameAs(byPort);
        assertThat(tables.get("blue").lookupIpv4(0x0a00_0001)).isSameAs(byTunnel);
        assertThat(tables.list()).containsExactly(blue, table);
        assertThatThrownBy(() -> tables.add(new RouteTable("red")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("table 'red' is there; accepted: another name");
        assertThatThrownBy(() -> tables.get("green")).hasMessage("table 'green' is unknown; accepted: blue, red");
        for (int i = 0; i < 20; i++) {
            tables.add(new RouteTable("t" + i));
        }
        assertThatThrownBy(() -> tables.add(new RouteTable("green")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("there are 22 route tables");
        assertThatThrownBy(() -> tables.get("green")).hasMessageEndingWith(" and 2 more");
        assertThat(tables.remove("red")).isSameAs(table);
        assertThat(tables.remove("red")).isNull();
        assertThatThrownBy(() -> new RouteTables(0)).hasMessageContaining("accepted: 1..1048576");
    }
}
