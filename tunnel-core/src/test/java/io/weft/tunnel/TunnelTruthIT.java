package io.weft.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Scapy;
import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.offload.OffloadCheck;
import io.weft.offload.VirtioFrame;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What tunnels do to packets, held byte for byte against what scapy ({@code tunnels.py}) makes of them. */
@Timeout(300)
class TunnelTruthIT {
    private final FramePool pool = new FramePool(8, 4);
    private final Map<String, Integer> seen = new TreeMap<>();

    @Test
    void shouldDoAsScapySays() throws Exception {
        Scapy.assumeAvailable();
        long seed = TestSeed.next("TunnelTruthIT") & Long.MAX_VALUE;
        byte[] cases = Scapy.run(TunnelTruthIT.class, "tunnels.py", seed, TestSeed.effort());
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(cases));
        while (in.available() > 0) {
            shouldDoAsScapySays(in);
        }
        assertThat(pool.inUse()).isZero();
        System.out.println("TunnelTruthIT: " + seen);
        assertThat(seen).containsOnlyKeys("b1", "e0", "e1", "e2", "m0", "m1", "x0", "x1");
        assertThat(seen.values()).allMatch(count -> count >= 20);
    }

    private void shouldDoAsScapySays(DataInputStream in) throws IOException {
        String name = new String(in.readNBytes(in.readUnsignedShort()), StandardCharsets.UTF_8);
        char what = (char) in.readUnsignedByte();
        int number = in.readInt();
        int flags = in.readUnsignedByte();
        int gsoType = in.readUnsignedByte();
        int gsoSize = in.readUnsignedShort();
        int headerLength = in.readUnsignedShort();
        int checksumStart = in.readUnsignedShort();
        int checksumOffset = in.readUnsignedShort();
        VirtioFrame before = new VirtioFrame(
                in.readNBytes(in.readInt()), flags, gsoType, gsoSize, headerLength, checksumStart, checksumOffset);
        int expected = in.readUnsignedByte();
        byte[] after = in.readNBytes(in.readInt());

        Frame frame = before.received(pool);
        assertThat(OffloadCheck.isSound(frame)).as(name).isTrue();
        int result =
                switch (what) {
                    case 'e' -> Ecn.decapsulate(frame, number);
                    case 'm' -> MssClamp.clamp(frame, number) ? 1 : 0;
                    case 'x' -> PacketTooBig.exceeds(frame, number) ? 1 : 0;
                    default -> PacketTooBig.answer(frame, number) ? 1 : 0;
                };
        assertThat(result).as(name).isEqualTo(expected);
        assertThat(frame.toByteArray()).as(name).isEqualTo(after);
        VirtioFrame metadata = VirtioFrame.of(frame);
        assertThat(metadata.flags()).as(name).isEqualTo(what == 'b' ? 0 : flags);
        assertThat(metadata.gsoType()).as(name).isEqualTo(what == 'b' ? 0 : gsoType);
        seen.merge(what + "" + result, 1, Integer::sum);
        frame.release();
    }
}
