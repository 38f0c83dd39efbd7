package io.weft.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.VirtualSwitch;
import io.weft.port.DropReason;
import io.weft.port.InvalidPortException;
import io.weft.port.MemoryPort;
import io.weft.port.PortProviders;
import io.weft.worker.AttachedDriver;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WriteYourOwnPortTest {
    private static final String PAYLOAD = "88b5" + "00112233445566778899aabbccddeeff".repeat(3);
    private static final byte[] TO_ECHO = frame("0200000000ec", "0200000000aa");
    private static final byte[] ANSWER = frame("0200000000aa", "0200000000ec");

    private final MemoryPort host = new MemoryPort("host");
    private VirtualSwitch lan;

    private static byte[] frame(String destination, String source) {
        return HexFormat.of().parseHex(destination + source + PAYLOAD);
    }

    @BeforeEach
    void open() throws IOException {
        lan = VirtualSwitch.builder().invoker(System::nanoTime).build();
        lan.add(host);
    }

    @AfterEach
    void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    private byte[] answerTo(byte[] frame) {
        assertThat(host.send(frame)).isTrue();
        settle();
        return host.receive();
    }

    private void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    @Test
    void shouldAnswerWhatIsForItsStationOrForAll() throws IOException {
        lan.add("echo:e0");
        assertThat(answerTo(TO_ECHO)).isEqualTo(ANSWER);
        assertThat(answerTo(frame("ffffffffffff", "0200000000aa"))).isEqualTo(ANSWER);
        assertThat(answerTo(frame("0200000000bb", "0200000000aa"))).isNull();
        assertThat(lan.fdb().stations()).extracting("port").containsExactlyInAnyOrder("host", "e0");
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    @Test
    void shouldTakeItsAddressFromTheUri() throws IOException {
        lan.add("echo:e0?mac=02:00:00:00:01:00");
        assertThat(answerTo(TO_ECHO)).isNull();
        assertThat(answerTo(frame("020000000100", "0200000000aa"))).isEqualTo(frame("0200000000aa", "020000000100"));
        assertThatThrownBy(() -> PortProviders.create("echo:e0?mac=nonsense"))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option mac is 'nonsense'; accepted: a MAC address");
    }

    @Test
    void shouldAnswerEveryFrameOfABurst() throws IOException {
        lan.add("echo:e0");
        int answers = 0;
        for (int i = 0; i < 300; i++) {
            assertThat(host.send(TO_ECHO)).isTrue();
        }
        settle();
        while (host.receive() != null) {
            answers++;
        }
        assertThat(answers + lan.statistics().dropped(DropReason.TX_QUEUE_FULL)).isEqualTo(300);
        assertThat(answers).isPositive();
    }

    @Test
    void shouldReleaseWhatItStillHasWhenItLeaves() throws IOException {
        try (AttachedDriver echo = lan.add("echo:e0")) {
            assertThat(host.send(TO_ECHO)).isTrue();
            lan.step();
        }
        settle();
        assertThat(lan.ports()).hasSize(1);
        assertThat(lan.statistics().unaccounted()).isZero();
    }
}
