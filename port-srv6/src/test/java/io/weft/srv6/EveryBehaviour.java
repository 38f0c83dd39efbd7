package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv6;
import io.weft.srv6.SidProcessor.Verdict;
import java.util.Arrays;
import java.util.List;

/** A node with a SID of every behaviour and flavour, and what must be true of whatever comes to it. */
final class EveryBehaviour {
    /** The SIDs, the last byte of whose addresses, or of whose prefixes, is their number from 0 on. */
    private static final List<String> SIDS = List.of(
            "fc00:1:: End",
            "fc00:1::1 End flavors psp",
            "fc00:1::2 End flavors usp",
            "fc00:1::3 End flavors psp,usp,usd",
            "fc00:1::4 End.X nh6 fe80::1%2 flavors psp",
            "fc00:1::5 End.X nh6 fc00:2::1 flavors usd",
            "fc00:1::6 End.T table t",
            "fc00:1::7 End.T table t flavors usd,psp",
            "fc00:1::8 End.DX2",
            "fc00:1::9 End.DX2V vlan 7",
            "fc00:1::a End.DT2U",
            "fc00:1:0:b::/64 End.DT2M arglen 16",
            "fc00:1::c End.DX4 oif p",
            "fc00:1::d End.DX6 oif p",
            "fc00:1::e End.DT4 table t",
            "fc00:1::f End.DT6 table t",
            "fc00:1::10 End.DT46 table t",
            "fc00:1::11 End.B6.Encaps segs fc00:1::1,fc00:7::2",
            "fc00:1::12 End.B6.Encaps.Red segs fc00:1::4,fc00:7::2",
            "fc00:1::13 End.B6.Encaps.Red segs fc00:7::1",
            "fc00:1::14 End.B6.Encaps segs fc00:1::11,fc00:1::12,fc00:1::14,fc00:7::2",
            "fc00:1:15::/48 uN",
            "fc00:1:16::/48 uA nh6 fe80::1%2",
            "fc00:1:17::/48 uB6.Encaps segs fc00:1:15:16::,fc00:7::2",
            "fc00:1:18::/48 uDT46 table t",
            "fc00:1:19::/48 uN flavors next-csid,psp,usd");

    /** How many SIDs there are. */
    static final int COUNT = SIDS.size();

    private static final FramePool POOL = new FramePool(1, 1);

    final SidNode node = new SidNode(
            new SrHmac(List.of(new SrHmacKey(5, SrHmacKey.Algorithm.SHA256, new byte[] {1, 2, 3}))),
            false,
            SIDS.toArray(String[]::new));

    /** The address of a SID. */
    static String address(int index) {
        return SIDS.get(index).split("[ /]")[0];
    }

    /**
     * Processes a packet, in a slot whose end is that of the packet, so that reading behind it throws.
     *
     * @return the outcome
     */
    Verdict process(byte[] packet) {
        POOL.own();
        Frame frame = POOL.allocate(packet.length > FramePool.SMALL_LENGTH ? Frame.MAX_LENGTH : FramePool.SMALL_LENGTH);
        frame.consume(frame.length() - packet.length);
        frame.putBytes(0, packet, 0, packet.length);
        Verdict verdict = node.processor.process(frame);
        check(packet, frame, verdict);
        frame.release();
        return verdict;
    }

    private void check(byte[] packet, Frame frame, Verdict verdict) {
        SidProcessor processor = node.processor;
        assertThat(processor.counter() == null).isEqualTo(verdict != Verdict.DROP);
        switch (verdict) {
            case FORWARD -> checkForwarded(packet, frame);
            case DELIVER -> {
                boolean isFrame = processor.payload() == Ipv6Header.ETHERNET;
                assertThat(processor.binding() == null).isEqualTo(!isFrame);
                assertThat(processor.nextHop() == null).isEqualTo(isFrame);
                assertThat(ExposedPacket.check(frame, 0, processor.payload())).isNull();
            }
            default -> {
                if (processor.answer() != IcmpError.NONE) {
                    checkAnswer(frame);
                }
            }
        }
    }

    private static void checkForwarded(byte[] packet, Frame frame) {
        assertThat(Ipv6Header.check(frame, 0, frame.length())).isEqualTo(frame.length());
        assertThat(Ipv6.isMulticast(Ipv6.destinationHigh(frame, 0))).isFalse();
        if (Ipv6.sourceHigh(frame, 0) == SidNode.SOURCE.high() && Ipv6.sourceLow(frame, 0) == SidNode.SOURCE.low()) {
            assertThat(Ipv6.hopLimit(frame, 0)).isBetween(1, SidNode.SOURCE.hopLimit());
        } else {
            assertThat(frame.length()).isLessThanOrEqualTo(packet.length);
            boolean isSame =
                    Arrays.equals(Arrays.copyOfRange(packet, 8, 24), Arrays.copyOfRange(frame.toByteArray(), 8, 24));
            // What USD laid bare may be from the same source, too.
            if (isSame && frame.length() > packet.length - Ipv6Header.LENGTH) {
                assertThat(Ipv6.hopLimit(frame, 0)).isBetween(1, (packet[7] & 0xff) - 1);
            }
        }
    }

    /** The pointer is within the packet, and the error is a packet with a checksum. */
    private void checkAnswer(Frame frame) {
        long answer = node.processor.answer();
        assertThat(node.processor.answering()).isEqualTo(SidNode.SOURCE);
        assertThat(IcmpError.pointer(answer)).isBetween(0, frame.length());
        int before = frame.length();
        boolean made = IcmpError.make(frame, answer, SidNode.SOURCE);
        assertThat(frame.length()).isEqualTo(made ? Math.min(before + 48, 1_280) : before);
    }
}
