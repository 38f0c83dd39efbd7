package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.capture.Tshark;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.offload.Coalescer;
import io.weft.offload.OffloadCheck;
import io.weft.offload.Segments;
import io.weft.offload.VirtioFrame;
import io.weft.port.Offload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Super-frames that the kernel sent, cut by us, read by Wireshark: nothing but what was sent. */
@Timeout(120)
class KernelTransmissionIT {
    private final FramePool pool = new FramePool(256, 128);

    @TempDir
    Path folder;

    @BeforeEach
    void probe() {
        KernelSegments.assumeAvailable();
        NetworkNamespace.assumeProgram("tshark");
    }

    @ParameterizedTest
    @CsvSource({"4, 576, 0x01", "4, 1500, 0x01", "4, 9000, 0x01", "6, 1280, 0x04", "6, 1500, 0x04", "6, 65521, 0x00"})
    void shouldCutAStreamIntoSegments(int family, int mtu, int gsoType) throws Exception {
        byte[] payload = payload();
        List<VirtioFrame> sent = KernelTransmission.of(payload, "tcp", family, mtu, folder);
        assertThat(sent).extracting(VirtioFrame::gsoType).contains(gsoType);
        if (gsoType != 0) {
            assertThat(sent).as("with CWR").extracting(VirtioFrame::gsoType).contains(gsoType | 0x80);
        }
        Path file = capture(sent, 14 + mtu);
        List<String> stream = Tshark.read(file, "-q", "-z", "follow,tcp,raw,0").stream()
                .filter(line -> line.matches("[0-9a-f]+"))
                .toList();
        assertThat(String.join("", stream).equals(HexFormat.of().formatHex(payload)))
                .as("the stream is what was sent")
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"4, 1500", "6, 9000"})
    void shouldCutDatagrams(int family, int mtu) throws Exception {
        byte[] payload = payload();
        List<VirtioFrame> sent = KernelTransmission.of(payload, "udp", family, mtu, folder);
        assertThat(sent).extracting(VirtioFrame::gsoType).contains(5);
        Path file = capture(sent, 14 + mtu);
        List<String> datagrams = Tshark.read(
                file, "-Y", "udp.dstport == 55555", "-T", "fields", "-e", "data.data", "-o", "data.show_as_text:FALSE");
        int rest = payload.length % KernelTransmission.SENT_AT_ONCE;
        assertThat(datagrams.size())
                .isEqualTo(payload.length / KernelTransmission.SENT_AT_ONCE * 41 + (rest + 999) / 1_000);
        assertThat(String.join("", datagrams).equals(HexFormat.of().formatHex(payload)))
                .as("the datagrams are what was sent")
                .isTrue();
    }

    private static byte[] payload() {
        byte[] payload = new byte[2_000_003];
        TestSeed.random("KernelTransmissionIT").nextBytes(payload);
        return payload;
    }

    /** The wire frames of what was sent, after a look at them. */
    private Path capture(List<VirtioFrame> sent, int maxFrameLength) throws Exception {
        List<byte[]> wire = new ArrayList<>();
        for (VirtioFrame one : sent) {
            Frame frame = one.in(pool);
            assertThat(OffloadCheck.isSound(frame)).as(one.toString()).isTrue();
            List<byte[]> frames = Segments.of(frame, pool);
            wire.addAll(frames);
            shouldMergeBack(VirtioFrame.of(frame), frames);
            frame.release();
        }
        assertThat(pool.inUse()).isZero();
        assertThat(wire).allMatch(frame -> frame.length <= maxFrameLength);
        Path file = folder.resolve("wire.pcapng");
        Tshark.write(file, wire);
        assertThat(Tshark.read(file, "-Y", Tshark.BAD).stream().limit(20).collect(Collectors.joining("\n")))
                .isEmpty();
        return file;
    }

    /** A receiver that merges gets the very super-frame that the kernel had sent. */
    private void shouldMergeBack(VirtioFrame superFrame, List<byte[]> frames) {
        boolean merges = superFrame.gsoType() != 0 && (superFrame.gsoType() & 0x80) == 0;
        if (!merges || frames.size() < 2 || frames.size() > FrameBatch.DEFAULT_CAPACITY) {
            return;
        }
        FrameBatch batch = new FrameBatch();
        frames.forEach(bytes -> batch.add(VirtioFrame.plain(bytes).received(pool)));
        new Coalescer(pool, EnumSet.allOf(Offload.class)).coalesce(batch);
        assertThat(batch.size()).as(superFrame.toString()).isOne();
        assertThat(VirtioFrame.of(batch.get(0)).toString()).isEqualTo(superFrame.toString());
        assertThat(batch.get(0).toByteArray()).isEqualTo(superFrame.bytes());
        batch.release();
    }
}
