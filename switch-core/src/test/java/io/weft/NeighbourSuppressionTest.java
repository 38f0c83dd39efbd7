package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.bridge.RateLimit;
import io.weft.bridge.VlanSettings;
import io.weft.event.SwitchListener;
import io.weft.frame.MacAddress;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import java.net.InetAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of an answer that the switch gives in a station's place: it is a frame that goes out by the asker's port. */
class NeighbourSuppressionTest {
    private static final String ASKS = "0001080006040001 020000000001 0a000001 000000000000 0a000002";
    private static final String REPLIES = "0001080006040002 020000000002 0a000002 020000000001 0a000001";
    private static final String REQUEST = "ffffffffffff 020000000001 0806" + ASKS;
    private static final String REPLY = "020000000001 020000000002 0806" + REPLIES;

    private final MemoryPort asker = new MemoryPort("asker");
    private final MemoryPort other = new MemoryPort("other");
    private VirtualSwitch lan;

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @BeforeEach
    void bind() throws Exception {
        lan = VirtualSwitch.builder()
                .invoker(() -> 1_000_000_000L)
                .listener(new SwitchListener() {})
                .build();
        lan.neighbours().bind(10, InetAddress.getByName("10.0.0.2"), MacAddress.parse("02:00:00:00:00:02"));
        lan.add(other, PortSettings.builder().vlans(VlanSettings.access(10)).build());
    }

    @AfterEach
    void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    private void addAsker(PortSettings.Builder settings) throws Exception {
        lan.add(
                asker,
                settings.vlans(VlanSettings.access(10)).suppressNeighbours(true).build());
    }

    private byte[] ask(String request) {
        asker.send(bytes(request));
        while (lan.step()) {
            // until nothing is left to do
        }
        assertThat(other.receive()).isNull();
        return asker.receive();
    }

    @Test
    void shouldAnswerInsteadOfFlooding() throws Exception {
        addAsker(PortSettings.builder());
        assertThat(ask(REQUEST)).isEqualTo(bytes(REPLY));
        assertThat(lan.statistics().copies()).isZero();
        assertThat(lan.fdb().stations()).hasSize(1); // the asker; the answer teaches nothing
    }

    @Test
    void shouldAnswerWithoutATagByAPortThatSendsWithout() throws Exception {
        addAsker(PortSettings.builder());
        assertThat(ask("ffffffffffff 020000000001 8100a000 0806" + ASKS)).isEqualTo(bytes(REPLY));
    }

    @Test
    void shouldPoliceAnswersLikeAllThatGoesOut() throws Exception {
        addAsker(PortSettings.builder().egressPolicing(RateLimit.frames(1, 1)));
        assertThat(ask(REQUEST)).isEqualTo(bytes(REPLY));
        assertThat(ask(REQUEST)).isNull();
        assertThat(lan.statistics().dropped(DropReason.TX_POLICED)).isEqualTo(1);
        assertThat(lan.trace(bytes(REQUEST), "asker").dropped())
                .singleElement()
                .matches(drop -> drop.reason() == DropReason.TX_POLICED);
    }
}
