package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.frame;
import static io.weft.SteppedLan.tagged;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSettings;
import io.weft.port.DropReason;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel's min_max_mtu.sh looks at, here frame lengths: the shortest, the longest a port takes, and tags on top. */
class FrameLengthTest {
    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    @Test
    void shouldSendWhatIsAsLongAsThePortTakesAndNoLonger() throws Exception {
        lan.port("a").port("b", PortSettings.DEFAULT, 1_514).port("c");
        assertThat(lan.reached("a", frame(BROADCAST, A, 1_514))).containsExactly("b", "c");
        assertThat(lan.reached("a", frame(BROADCAST, A, 1_515))).containsExactly("c");
        assertThat(lan.dropped("b", DropReason.TOO_LONG)).isEqualTo(1);
        assertThat(lan.reached("a", frame(BROADCAST, A, 65_535))).containsExactly("c");
    }

    @Test
    void shouldCountTheTagThatAFrameLeavesWith() throws Exception {
        lan.port("a", PortSettings.builder().vlans(VlanSettings.access(10)).build())
                .port("t", PortSettings.DEFAULT, 1_514)
                .port("c", PortSettings.builder().vlans(VlanSettings.access(10)).build(), 1_514);
        assertThat(lan.reached("a", frame(BROADCAST, A, 1_510))).containsExactly("c", "t");
        assertThat(lan.reached("a", frame(BROADCAST, A, 1_511))).containsExactly("c");
        assertThat(lan.reached("t", tagged(10, frame(BROADCAST, B, 1_514))))
                .as("in is not its limit")
                .contains("a", "c");
    }

    @Test
    void shouldForwardTheShortestFrameAndDropRunts() throws Exception {
        lan.port("a").port("b");
        assertThat(lan.reached("a", frame(BROADCAST, A, 14))).containsExactly("b");
        lan.send("a", new byte[13]);
        lan.send("a", new byte[0]);
        byte[] cutTag = Arrays.copyOf(tagged(5, frame(BROADCAST, A)), 17);
        lan.send("a", cutTag);
        assertThat(lan.take("b")).isEmpty();
        assertThat(lan.dropped("a", DropReason.RUNT)).isEqualTo(3);
    }

    @Test
    void shouldNotMakeALongestFrameLonger() throws Exception {
        lan.port("a", PortSettings.builder().vlans(VlanSettings.access(10)).build())
                .port("t");
        assertThat(lan.reached("a", frame(BROADCAST, A, 65_531))).containsExactly("t");
        assertThat(lan.reached("a", frame(BROADCAST, A, 65_532))).isEmpty();
        assertThat(lan.dropped("t", DropReason.TOO_LONG)).isEqualTo(1);
    }
}
