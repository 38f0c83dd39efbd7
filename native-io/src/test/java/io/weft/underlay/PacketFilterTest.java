package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.IpPrefix;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the filter's programs do, by an interpreter of the few instructions that they consist of. */
class PacketFilterTest {
    private static final int NETWORK_HEADER = -0x10_0000; // linux/filter.h
    private static final int PACKET_TYPE = -0x1000 + 4;

    /** Runs a program on a packet, from its IP header on, as the kernel does. */
    private static boolean passes(ByteBuffer program, ByteBuffer packet) {
        return passes(program, packet, 0);
    }

    private static boolean passes(ByteBuffer program, ByteBuffer packet, int type) {
        int[] memory = new int[16];
        int accumulator = 0;
        int instructions = program.capacity() / 8;
        for (int at = 0; at < instructions; at++) {
            int operand = program.getInt(8 * at + 4);
            switch (program.getShort(8 * at)) {
                case 0x20 -> accumulator = operand == PACKET_TYPE ? type : packet.getInt(operand - NETWORK_HEADER);
                case 0x54 -> accumulator &= operand;
                case 0x60 -> accumulator = memory[operand];
                case 0x02 -> memory[operand] = accumulator;
                case 0x15 -> at += program.get(8 * at + (accumulator == operand ? 2 : 3)) & 0xff;
                case 0x06 -> {
                    assertThat(operand).isIn(0, -1);
                    return operand != 0;
                }
                default -> throw new AssertionError("instruction " + program.getShort(8 * at));
            }
        }
        throw new AssertionError("ran past its end");
    }

    private static boolean passes(Collection<UnderlayPeer> sources, UnderlayPeer from) {
        boolean ipv6 = !from.isIpv4();
        ByteBuffer packet = ByteBuffer.allocate(40);
        if (ipv6) {
            packet.putLong(8, from.high()).putLong(16, from.low());
            packet.putLong(24, 0x2001_0db8_0000_0000L).putLong(32, 9);
        } else {
            packet.putInt(12, (int) from.low()).putInt(16, 0xc000_0209);
        }
        return passes(PacketFilter.of(sources, ipv6).bytes(), packet);
    }

    private static UnderlayPeer peer(String address) throws Exception {
        return UnderlayPeer.of(InetAddress.getByName(address), 0);
    }

    private static boolean passesTo(List<IpPrefix> destinations, long high, long low, int type) {
        ByteBuffer packet = ByteBuffer.allocate(40);
        packet.putLong(8, 5).putLong(16, 6).putLong(24, high).putLong(32, low);
        return passes(PacketFilter.to(destinations).bytes(), packet, type);
    }

    @Test
    void shouldCompareTheDestinationAsPrefixesDo() {
        SplittableRandom random = new SplittableRandom(7);
        for (int length = 0; length <= 128; length++) {
            IpPrefix prefix = new IpPrefix(random.nextLong() | 1L << 62, random.nextLong(), length).network();
            IpPrefix other = new IpPrefix(random.nextLong() | 1L << 62, random.nextLong(), 128);
            List<IpPrefix> both = List.of(other, prefix);
            long anyHigh = prefix.high() | random.nextLong() & ~IpPrefix.highMask(length);
            long anyLow = prefix.low() | random.nextLong() & ~IpPrefix.lowMask(length);
            assertThat(passesTo(both, anyHigh, anyLow, 0)).as("of " + prefix).isTrue();
            assertThat(passesTo(both, other.high(), other.low(), 0)).isTrue();
            assertThat(passesTo(both, anyHigh, anyLow, 3))
                    .as("another machine's")
                    .isFalse();
            for (int bit = 0; bit < length; bit++) {
                long high = bit < 64 ? anyHigh ^ 1L << 63 - bit : anyHigh;
                long low = bit < 64 ? anyLow : anyLow ^ 1L << 127 - bit;
                assertThat(passesTo(both, high, low, 0))
                        .as("bit " + bit + " beside " + prefix)
                        .isFalse();
            }
        }
        assertThat(passesTo(List.of(), 1, 2, 0)).isFalse();
    }

    @Test
    void shouldCompareTheSourceAndNothingElse() throws Exception {
        List<UnderlayPeer> sources = List.of(peer("192.0.2.1"), peer("2001:db8:1:2:3:4:5:6"), peer("255.255.255.255"));
        assertThat(passes(sources, peer("192.0.2.1"))).isTrue();
        assertThat(passes(sources, peer("255.255.255.255"))).isTrue();
        assertThat(passes(sources, peer("192.0.2.2"))).isFalse();
        assertThat(passes(sources, peer("192.0.2.9"))).isFalse(); // where it goes to
        assertThat(passes(sources, peer("2001:db8:1:2:3:4:5:6"))).isTrue();
        assertThat(passes(sources, peer("2001:db8::9"))).isFalse();
        for (String almost : List.of(
                "3001:db8:1:2:3:4:5:6", "2001:db8:1:3:3:4:5:6", "2001:db8:1:2:3:5:5:6", "2001:db8:1:2:3:4:5:7")) {
            assertThat(passes(sources, peer(almost))).as(almost).isFalse();
        }
    }

    @Test
    void shouldPassNothingFromNobody() throws Exception {
        for (List<UnderlayPeer> sources : List.of(List.<UnderlayPeer>of(), List.of(peer("::1")))) {
            assertThat(passes(sources, peer("127.0.0.1"))).isFalse();
        }
        assertThat(passes(List.of(peer("127.0.0.1")), peer("::1"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldHaveRoomForSixtyFourAddresses(boolean ipv6) {
        SplittableRandom random = new SplittableRandom(1);
        List<UnderlayPeer> sources = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            sources.add(
                    ipv6
                            ? new UnderlayPeer(random.nextLong(2), random.nextLong(), 0, 0)
                            : UnderlayPeer.ofIpv4(random.nextInt(), 0));
        }
        sources.add(new UnderlayPeer(sources.get(3).high(), sources.get(3).low(), 7, 99)); // again
        for (UnderlayPeer source : sources) {
            assertThat(passes(sources, source)).isTrue();
            assertThat(passes(sources, new UnderlayPeer(source.high(), source.low() ^ 1, 0, 0)))
                    .isFalse();
        }
        sources.add(ipv6 ? new UnderlayPeer(5, 5, 0, 0) : UnderlayPeer.ofIpv4(5, 0));
        assertThat(PacketFilter.of(sources, ipv6)).isNull();
    }
}
