package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.capture.Tshark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Segmentation, completion and coalescing held against frames that scapy built. */
@Timeout(300)
class ScapyTruthIT {
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
}
