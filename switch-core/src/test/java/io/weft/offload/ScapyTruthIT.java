package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.capture.Tshark;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.port.Offload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Segmentation, completion and coalescing held against frames that scapy built. */
@Timeout(300)
class ScapyTruthIT {
    private final FramePool pool = new FramePool(256, 128);

    @TempDir
    Path folder;

    /** What all the other tests rest on: Wireshark finds nothing wrong with scapy's frames, and would if there were. */
    @Test
    void shouldRestOnFramesThatWiresharkAccepts() throws Exception {
        List<byte[]> frames = new ArrayList<>();
        ScapyCase.all().forEach(one -> frames.addAll(one.frames()));
        List<byte[]> spoilt = new ArrayList<>(frames.subList(0, 500));
        for (int i = 0; i < spoilt.size(); i++) {
            byte[] bytes = spoilt.get(i).clone();
            bytes[bytes.length - 1] ^= 1;
            spoilt.set(i, bytes);
        }
        Path good = folder.resolve("good.pcapng");
        Path bad = folder.resolve("bad.pcapng");
        Tshark.write(good, frames);
        Tshark.write(bad, spoilt);
        assertThat(Tshark.read(good, "-Y", Tshark.BAD)).isEmpty();
        assertThat(Tshark.read(bad, "-Y", Tshark.BAD)).hasSize(spoilt.size());
    }

    @Test
    void shouldBearOutTheMetadata() throws Exception {
        for (ScapyCase one : ScapyCase.all()) {
            Frame frame = one.superFrame().in(pool);
            assertThat(OffloadCheck.isSound(frame)).as(one.name()).isTrue();
            if (frame.gsoType() != 0) {
                assertThat(frame.headerLength()).as(one.name()).isEqualTo(one.trueHeaderLength());
            }
            assertThat(frame.toByteArray())
                    .as(one.name())
                    .isEqualTo(one.superFrame().bytes());
            assertThat(WireFrames.count(frame))
                    .as(one.name())
                    .isEqualTo(one.frames().size());
            assertThat(WireFrames.bytes(frame))
                    .as(one.name())
                    .isEqualTo(one.frames().stream()
                            .mapToLong(bytes -> bytes.length)
                            .sum());
            frame.release();
        }
        assertThat(pool.inUse()).isZero();
    }

    @Test
    void shouldMakeScapysFramesOfSuperFrames() throws Exception {
        List<byte[]> all = new ArrayList<>();
        for (ScapyCase one : ScapyCase.all()) {
            Frame frame = one.superFrame().in(pool);
            assertThat(OffloadCheck.isSound(frame)).isTrue();
            List<byte[]> frames = Segments.of(frame, pool);
            assertThat(frames.toArray()).as(one.name()).isEqualTo(one.frames().toArray());
            frame.release();
            all.addAll(frames);
        }
        assertThat(pool.inUse()).isZero();
        Path file = folder.resolve("segments.pcapng");
        Tshark.write(file, all);
        assertThat(Tshark.read(file, "-Y", Tshark.BAD)).isEmpty();
    }

    @Test
    void shouldMakeScapysSuperFramesOfFrames() throws Exception {
        Coalescer coalescer = new Coalescer(pool, EnumSet.allOf(Offload.class));
        int whole = 0;
        for (ScapyCase one : ScapyCase.all()) {
            List<byte[]> back = new ArrayList<>();
            for (int from = 0; from < one.frames().size(); from += FrameBatch.DEFAULT_CAPACITY) {
                int count = Math.min(FrameBatch.DEFAULT_CAPACITY, one.frames().size() - from);
                FrameBatch batch = new FrameBatch();
                for (byte[] bytes : one.frames().subList(from, from + count)) {
                    batch.add(VirtioFrame.plain(bytes).received(pool));
                }
                int lost = coalescer.coalesce(batch);
                assertThat(batch.size()).as(one.name()).isEqualTo(count - lost);
                if (one.merges()) {
                    assertThat(lost).as(one.name()).isEqualTo(count - 1);
                }
                if (one.merges() && count == one.frames().size()) {
                    whole++;
                    VirtioFrame made = VirtioFrame.of(batch.get(0));
                    assertThat(made.toString()).as(one.name()).isEqualTo(withTrueHeaderLength(one));
                    assertThat(made.bytes())
                            .as(one.name())
                            .isEqualTo(one.superFrame().bytes());
                }
                for (int i = 0; i < batch.size(); i++) {
                    back.addAll(Segments.of(batch.get(i), pool));
                }
                batch.release();
            }
            assertThat(back.toArray()).as(one.name()).isEqualTo(one.frames().toArray());
        }
        assertThat(pool.inUse()).isZero();
        assertThat(whole).isGreaterThan(200);
    }

    private static String withTrueHeaderLength(ScapyCase one) {
        VirtioFrame scapys = one.superFrame();
        return new VirtioFrame(
                        scapys.bytes(),
                        scapys.flags(),
                        scapys.gsoType(),
                        scapys.gsoSize(),
                        one.trueHeaderLength(),
                        scapys.checksumStart(),
                        scapys.checksumOffset())
                .toString();
    }
}
