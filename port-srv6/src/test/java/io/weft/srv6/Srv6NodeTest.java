package io.weft.srv6;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.PortSettings;
import io.weft.port.InvalidPortException;
import io.weft.port.PortException;
import io.weft.underlay.MemoryDatagram;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A waypoint between two ends. */
class Srv6NodeTest {
    private Srv6Lab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        if (lab != null) {
            lab.close();
        }
    }

    private static Srv6NodeBuilder node(String name, String sid) {
        return Srv6Node.builder(name).local("fc00:3::1").domain("fc00::/16").sid(sid);
    }

    private void threeSites(String waypoint) throws Exception {
        lab = Srv6Lab.of(3);
        lab.site(1)
                .memory("h")
                .srv6("srv6:s?mode=l2&local_ip=fc00:1::d1&remote_ip=fc00:2::d2&srv6_segs=" + waypoint + ",fc00:2::d2");
        lab.site(2).memory("h").srv6("srv6:s?mode=l2&local_ip=fc00:2::d2&remote_ip=fc00:1::d1");
    }

    @Test
    void shouldSendOnToTheNextSegment() throws Exception {
        threeSites("fc00:3::e");
        lab.site(3)
                .add("n", node("n", "fc00:3::e End").underlay(lab.site(3).host).build(), PortSettings.DEFAULT);
        lab.takeSent();
        byte[] frame = frame(BROADCAST, A);
        lab.site(1).send("h", frame);
        assertThat(lab.site(2).take("h")).containsExactly(frame);
        List<MemoryDatagram> sent = lab.takeSent();
        assertThat(sent).hasSize(2);
        assertThat(sent.get(0).ttl()).isEqualTo(64);
        assertThat(sent.get(1).ttl()).isEqualTo(63);
        assertThat(lab.site(3).lan.metrics().value("weft_srv6_sent_on_packets_total", "3", "srv6"))
                .isEqualTo(1);
    }

    @Test
    void shouldLeaveNothingBehindWhenItIsClosed() throws Exception {
        threeSites("fc00:3::e");
        lab.site(3)
                .add("n", node("n", "fc00:3::e End").underlay(lab.site(3).host).build(), PortSettings.DEFAULT);
        lab.site(3).remove("n");
        assertThat(lab.site(3).host.sockets()).isEmpty();
        lab.site(3)
                .add("n", node("n", "fc00:3::e End").underlay(lab.site(3).host).build(), PortSettings.DEFAULT);
        lab.site(1).send("h", frame(BROADCAST, A));
        assertThat(lab.site(2).take("h")).hasSize(1);
    }

    @Test
    void shouldRefuseASidThatAnotherOneOverlaps() throws Exception {
        lab = Srv6Lab.of(3);
        Srv6Site site = lab.site(3);
        site.add("n", node("n", "fc00:3:e::/64 End").underlay(site.host).build(), PortSettings.DEFAULT);
        assertThatThrownBy(() -> site.add(
                        "m", node("m", "fc00:3:e::7 End").underlay(site.host).build(), PortSettings.DEFAULT))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("fc00:3:e::7")
                .hasMessageContaining("overlaps 'fc00:3:e::/64 End'");
    }

    @Test
    void shouldRefuseWhatIsAPorts() {
        assertThatThrownBy(() -> node("n", "fc00:3::e End.DX2").build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessage(
                        "srv6-node port 'n': option sid is 'fc00:3::e/128 End.DX2'; accepted: End, End.X, End.T,"
                                + " End.B6.Encaps, End.B6.Encaps.Red; what takes packets out of their headers is a port's (srv6:)");
        assertThatThrownBy(() -> Srv6Node.builder("n")
                        .local("fc00:3::1")
                        .sid("fc00:3::e End")
                        .build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option sr_domain is missing");
    }
}
