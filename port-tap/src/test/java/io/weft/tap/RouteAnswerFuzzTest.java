package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.nativeio.Errno;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.RouteNetlink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Any bytes as rtnetlink's answer, little-endian so that the kept inputs mean the same everywhere: it is a link, an
 * acknowledgement or an error by what was received alone, never by what the buffer held before.
 */
class RouteAnswerFuzzTest {
    @FuzzTest
    void shouldNotReadBehindTheAnswer(byte[] input) {
        String answer = read(input, (byte) 0);
        assertThat(read(input, (byte) 0xff)).isEqualTo(answer);
        if (input.length < 16) {
            assertThat(answer).startsWith("errno " + Errno.EBADMSG);
        }
    }

    private static String read(byte[] input, byte behind) {
        ByteBuffer message = ByteBuffer.allocate(input.length + 64).order(ByteOrder.LITTLE_ENDIAN);
        message.put(input);
        while (message.hasRemaining()) {
            message.put(behind);
        }
        try {
            RouteNetlink.check("try", message, input.length);
            if (message.getShort(4) == 2) {
                return "acknowledged";
            }
            RouteSocket.Link link = RouteAnswer.link("try", message);
            return "link " + link.index() + link.up();
        } catch (NativeException e) {
            assertThat(e).hasMessageStartingWith("try");
            return "errno " + e.errno();
        }
    }
}
