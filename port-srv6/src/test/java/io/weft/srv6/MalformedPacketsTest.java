package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.srv6.SidProcessor.Verdict;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Malformed packets, and random ones, at SIDs of every behaviour. What must be true of each is {@link EveryBehaviour}'s to say.
 */
class MalformedPacketsTest {
    private static final String TWO = " 0401 0100 0000 [fc00:2::d] [fc00:1::e]";
    private static final String DONE = " 0400 0100 0000 [fc00:2::d] [fc00:1::e]";

    private final EveryBehaviour node = new EveryBehaviour();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0054 2b40 @ 2904" + TWO + "{v6}",
                "0054 2b40 @ 2904" + DONE + "{v6}",
                "0040 2b40 @ 0404" + DONE + "{v4}",
                "003c 2b40 @ 8f04" + DONE + "{tagged}",
                "002c 2940 @ {v6}",
                "0018 0440 @ {v4}",
                "0014 8f40 @ {tagged}",
                "0034 2b40 @ 3c02 0401 0000 0000 [fc00:2::d] 8f01 0406000000000000 000000000000 0000000000",
                "0064 0040 @ 2b00 010400000000 2b05 0401 0000 0000 [fc00:2::d] 0406000000000000 0404000000000000"
                        + "2902 0401 0000 0000 [fc00:2::d] 0000000000000000" // an SRH in an SRH
            })
    void shouldStandEveryTruncationAndEveryLie(String rest) {
        for (int sid = 0; sid < EveryBehaviour.COUNT; sid++) {
            byte[] packet =
                    SidNode.bytes("6b812345" + rest.replace("@", "[fd00::1] [" + EveryBehaviour.address(sid) + "]"));
            node.process(packet);
            for (int length = 0; length < packet.length; length++) {
                byte[] cut = Arrays.copyOf(packet, length);
                assertThat(node.process(cut)).isEqualTo(Verdict.DROP);
                if (length > 40) { // the IPv6 header knows
                    cut[4] = 0;
                    cut[5] = (byte) (length - 40);
                    node.process(cut);
                }
            }
            lie(packet);
        }
    }

    /** Every byte but the addresses has every value that is at an end, and its neighbours. */
    private void lie(byte[] packet) {
        for (int at = 0; at < packet.length; at++) {
            if (at >= 8 && at < 40) {
                continue;
            }
            byte honest = packet[at];
            for (int value :
                    new int[] {0, 1, 2, honest + 1, honest - 1, 0x7f, 0x80, 0xfe, 0xff, 4, 41, 43, 44, 60, 143}) {
                packet[at] = (byte) value;
                node.process(packet);
            }
            packet[at] = honest;
        }
    }

    @Test
    void shouldStandPacketsAsLongAsTheyGet() {
        for (int sid = 0; sid < EveryBehaviour.COUNT; sid++) {
            for (String head : new String[] {
                "60000000 ffd7 2b40 [fd00::1] [%s] 2904" + TWO + "60000000 ff87 3b40 [2001:db8::1] [2001:db8:1::2]",
                "60000000 ffd7 2940 [fd00::1] [%s] 60000000 ffaf 3b40 [2001:db8::1] [2001:db8:1::2]",
                "60000000 ffd7 0440 [fd00::1] [%s] 4500 ffd7 0000 0000 4011 0000 c0000201 cb007102",
                "60000000 ffd7 8f40 [fd00::1] [%s] {tagged}"
            }) {
                node.process(Arrays.copyOf(SidNode.bytes(head.formatted(EveryBehaviour.address(sid))), 65_535));
            }
        }
    }

    /** Packets that are half right: the hop limit falls, and none is longer than it was but in a new header. */
    @Test
    void shouldKeepItsPromisesWithRandomPackets() {
        SplittableRandom random = TestSeed.random("MalformedPacketsTest");
        Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
        for (int i = 0; i < 100_000 * TestSeed.effort(); i++) {
            verdicts.merge(node.process(packet(random)), 1, Integer::sum);
        }
        assertThat(verdicts).containsKeys(Verdict.values()); // else nothing was tried
        assertThat(verdicts.get(Verdict.FORWARD)).isGreaterThan(5_000);
        assertThat(verdicts.get(Verdict.DELIVER)).isGreaterThan(5_000);
    }

    private static byte[] packet(SplittableRandom random) {
        StringBuilder behind = new StringBuilder();
        String next =
                switch (random.nextInt(5)) {
                    case 0 -> "8f";
                    case 1 -> "04";
                    default -> "29";
                };
        String inside =
                switch (next) {
                    case "8f" -> random.nextBoolean() ? "{eth}" : "{tagged}";
                    case "04" -> "{v4}";
                    default ->
                        random.nextBoolean()
                                ? "{v6}"
                                : "60000000 0000 3b%02x [fd00::2] [%s]"
                                        .formatted(random.nextInt(256), destination(random));
                };
        if (random.nextInt(3) > 0) {
            int entries = 1 + random.nextInt(4);
            int left = random.nextInt(entries + 2);
            behind.append(next).append("%02x04%02x%02x000000".formatted(2 * entries, left, entries - 1));
            for (int i = 0; i < entries; i++) {
                behind.append('[').append(destination(random)).append(']');
            }
            next = "2b";
        }
        if (random.nextInt(8) == 0) {
            behind.insert(0, next + "00010400000000");
            next = "00";
        }
        behind.append(inside);
        int length = SidNode.bytes(behind.toString()).length;
        byte[] packet = SidNode.bytes("6%07x%04x%s%02x[fd00::1][%s]"
                        .formatted(random.nextInt(1 << 28), length, next, random.nextInt(256), destination(random))
                + behind);
        if (random.nextInt(10) == 0) {
            packet[random.nextInt(packet.length)] = (byte) random.nextInt();
        }
        return packet;
    }

    private static String destination(SplittableRandom random) {
        return switch (random.nextInt(8)) {
            case 0 -> "fc00:%x::1".formatted(5 + random.nextInt(6));
            case 1 -> "2001:db8:%x::2".formatted(random.nextInt(4));
            case 2 -> "fc00:1:15:%x:%x::".formatted(0x15 + random.nextInt(5), 0x15 + random.nextInt(5));
            default -> EveryBehaviour.address(random.nextInt(EveryBehaviour.COUNT));
        };
    }
}
