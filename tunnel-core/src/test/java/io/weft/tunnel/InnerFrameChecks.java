package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.Icmpv6;
import io.weft.frame.Ipv6;
import io.weft.offload.InternetChecksum;
import io.weft.offload.OffloadCheck;
import io.weft.offload.VirtioFrame;
import java.util.Arrays;

/** What must hold for any frame, whatever is in it. Metadata that the frame does not bear out are left off. */
final class InnerFrameChecks {
    private static final int TAIL = 64;

    private final FramePool pool = new FramePool(4, 4);

    /** Makes the calling thread the one that checks. */
    InnerFrameChecks own() {
        pool.own();
        return this;
    }

    /** Does everything that a tunnel does to a frame, each to a copy of its own; says whether it may be answered. */
    boolean check(VirtioFrame claimed, int mtu) {
        Frame frame = claimed.in(pool);
        boolean sound = OffloadCheck.isSound(frame);
        VirtioFrame original = sound ? VirtioFrame.of(frame) : VirtioFrame.plain(claimed.bytes());
        frame.release();
        for (int outer = -1; outer < 4; outer++) {
            checkEcn(original, outer);
        }
        checkClamp(original, mtu);
        Frame asked = original.in(pool);
        boolean exceeds = PacketTooBig.exceeds(asked, mtu);
        assertThat(asked.toByteArray()).isEqualTo(original.bytes());
        asked.release();
        boolean answered = checkAnswer(original, mtu);
        assertThat(answered && original.gsoType() == 0 && !exceeds)
                .as("answers to frames that fit")
                .isFalse();
        assertThat(pool.inUse()).isZero();
        return answered;
    }

    private void checkEcn(VirtioFrame original, int outer) {
        Frame frame = original.in(pool);
        int before = Ecn.inner(frame);
        int checksum = ipv4HeaderSum(frame);
        int result = Ecn.decapsulate(frame, outer);
        if (result == Ecn.MARKED) {
            assertThat(before & 3).isNotZero();
            assertThat(Ecn.inner(frame)).isEqualTo(before & ~3 | outer).isNotEqualTo(before);
            assertThat(ipv4HeaderSum(frame) % 0xffff).isEqualTo(checksum % 0xffff);
        } else {
            assertThat(frame.toByteArray()).isEqualTo(original.bytes());
            assertThat(result == Ecn.DISCARD).isEqualTo(outer == 3 && before >= 0 && (before & 3) == 0);
        }
        frame.release();
    }

    /** 0 when there is no IPv4 header. */
    private static int ipv4HeaderSum(Frame frame) {
        int ip = InnerPacket.offset(frame);
        return ip == InnerPacket.NONE || InnerPacket.isIpv6(frame, ip) ? 0 : InternetChecksum.sum(frame, ip, 20);
    }

    private void checkClamp(VirtioFrame original, int mtu) {
        Frame frame = original.in(pool);
        boolean clamped = MssClamp.clamp(frame, mtu);
        byte[] after = frame.toByteArray();
        int changed = 0;
        for (int i = 0; i < after.length; i++) {
            changed += after[i] == original.bytes()[i] ? 0 : 1;
        }
        assertThat(changed).isBetween(clamped ? 1 : 0, clamped ? 4 : 0);
        assertThat(MssClamp.clamp(frame, mtu)).isFalse();
        frame.release();
    }

    private boolean checkAnswer(VirtioFrame original, int mtu) {
        byte[] answer = answer(original, mtu, 0xa5);
        assertThat(answer(original, mtu, 0x5a))
                .as("what is behind the frame's end does not matter")
                .isEqualTo(answer);
        if (answer == null) {
            return false;
        }
        Frame frame = VirtioFrame.plain(answer).in(pool);
        assertThat(PacketTooBig.answer(frame, 68)).as("errors are answered").isFalse();
        assertThat(PacketTooBig.answer(frame, 1_280)).as("errors are answered").isFalse();
        int ip = EtherType.offset(frame) + 2;
        boolean ipv6 = InnerPacket.isIpv6(frame, ip);
        int length = InnerPacket.length(frame, ip);
        assertThat(frame.length()).isEqualTo(ip + length);
        assertThat(length).isLessThanOrEqualTo(ipv6 ? 1_280 : 576);
        assertThat(Arrays.copyOfRange(answer, 12, ip)).isEqualTo(Arrays.copyOfRange(original.bytes(), 12, ip));
        assertThat(Arrays.copyOfRange(answer, 0, 6)).isEqualTo(Arrays.copyOfRange(original.bytes(), 6, 12));
        assertThat(Arrays.copyOfRange(answer, 6, 12)).isEqualTo(Arrays.copyOfRange(original.bytes(), 0, 6));
        assertThat(Ethernet.isLearnable(Ethernet.source(frame))).isTrue();
        int headers = ipv6 ? 48 : 28;
        assertThat(Arrays.copyOfRange(answer, ip + headers, answer.length))
                .isEqualTo(Arrays.copyOfRange(original.bytes(), ip, ip + length - headers));
        if (ipv6) {
            assertThat(Icmpv6.hasValidChecksum(frame, ip + 40, ip, length - Ipv6.HEADER_LENGTH))
                    .isTrue();
            assertThat(frame.getInt(ip + 44)).isEqualTo(mtu);
        } else {
            assertThat(InternetChecksum.sum(frame, ip, 20)).isEqualTo(0xffff);
            assertThat(InternetChecksum.sum(frame, ip + 20, length - 20)).isEqualTo(0xffff);
            assertThat(frame.getInt(ip + 24)).isEqualTo(mtu);
        }
        frame.release();
        return true;
    }

    /** The answer to a frame with room behind it, filled with {@code poison}; {@code null} for none. */
    private byte[] answer(VirtioFrame original, int mtu, int poison) {
        byte[] bytes = original.bytes();
        Frame frame = pool.allocate(Math.min(Frame.MAX_LENGTH, bytes.length + TAIL));
        frame.length(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        for (int i = bytes.length; i < Math.min(frame.capacity(), bytes.length + TAIL); i++) {
            frame.putByte(i, poison);
        }
        frame.offload(
                original.flags(),
                original.gsoType(),
                original.gsoSize(),
                original.headerLength(),
                original.checksumStart(),
                original.checksumOffset());
        frame.ingress(7);
        frame.endpoint(9);
        boolean answered = PacketTooBig.answer(frame, mtu);
        assertThat(frame.ingress()).isEqualTo(7);
        assertThat(frame.endpoint()).isEqualTo(9);
        byte[] after = frame.toByteArray();
        VirtioFrame metadata = VirtioFrame.of(frame);
        frame.release();
        if (!answered) {
            assertThat(after).isEqualTo(bytes);
            assertThat(metadata.toString()).isEqualTo(original.toString());
            return null;
        }
        assertThat(metadata.toString()).isEqualTo(VirtioFrame.plain(after).toString());
        return after;
    }
}
