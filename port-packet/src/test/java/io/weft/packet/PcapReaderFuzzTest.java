package io.weft.packet;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.packet.PcapReader.Found;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Any bytes as a capture file: it ends, or is refused in words, after no more steps than it has packets; and the same comes
 * out of it however few bytes the disk gives at a time, and again after rewinding. Bytes behind a packet's end do not show.
 */
class PcapReaderFuzzTest {
    private static final int SHORTEST_BLOCK = 12;

    @FuzzTest
    void shouldReadOrRefuseAnyFile(byte[] input) {
        List<String> whole = read(input, Integer.MAX_VALUE);
        assertThat(read(input, 1 + input.length % 7)).isEqualTo(whole);
    }

    private static List<String> read(byte[] input, int atMost) {
        List<String> found = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(new BytesChannel(input, atMost))) {
            readPass(reader, found, input.length);
            List<String> again = new ArrayList<>();
            reader.rewind();
            readPass(reader, again, input.length);
            assertThat(again).isEqualTo(found);
        } catch (IOException e) {
            assertThat(e.getMessage()).hasSizeGreaterThan(20);
            found.add(e.getMessage());
        }
        return found;
    }

    private static void readPass(PcapReader reader, List<String> found, int inputLength) {
        FramePool pool = new FramePool(1, 1);
        int steps = 0;
        try {
            for (Found next = reader.next(); next != Found.END; next = reader.next()) {
                assertThat(++steps).isLessThanOrEqualTo(1 + inputLength / SHORTEST_BLOCK);
                assertThat(reader.length()).isNotNegative();
                String text = next.toString();
                if (next == Found.FRAME) {
                    assertThat(reader.length()).isLessThanOrEqualTo(inputLength);
                    Frame frame = pool.allocate(reader.length());
                    reader.copyTo(frame);
                    text += " " + reader.timestampNs() + " " + reader.length() + " "
                            + Arrays.hashCode(frame.toByteArray());
                    frame.release();
                }
                found.add(text);
            }
        } catch (IOException e) {
            assertThat(e).isInstanceOf(PcapFormatException.class);
            found.add(e.getMessage());
        }
    }
}
