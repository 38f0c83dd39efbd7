package io.weft.gre;

import static io.weft.gre.GreBytes.packet;
import static io.weft.gre.GretapTest.access;
import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.PortException;
import io.weft.tunnel.RemoteEnd;
import io.weft.tunnel.RemoteEnd.Origin;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.StationSpec;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two ports of one key, one of which learns its remote ends: a remote end is whose it was given to, whatever came first. */
class GreSharingTest {
    private final GreLab lab = new GreLab();
    private GreSite site;

    @BeforeEach
    void open() throws Exception {
        lab.network.host(GreLab.address("10.0.0.2"), GreLab.address("10.0.0.3"), GreLab.address("10.0.0.4"));
        site = lab.site("1", "10.0.0.1");
        site.memory("h1", access(1)).memory("h2", access(2));
        site.gre("mgretap:learns?key=7&learn_remotes=true&remote_ip=10.0.0.4", access(1));
    }

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    /** Whose frames of a remote end are. */
    private List<Integer> takenFrom(String remote) {
        lab.inject(remote, "10.0.0.1", packet(7, frame(BROADCAST, A)));
        return List.of(site.take("h1").size(), site.take("h2").size());
    }

    private List<String> remotes(String port) {
        return site.port(port).remotes().stream()
                .map(remote -> remote.peer().address())
                .toList();
    }

    @Test
    void shouldGiveARemoteEndThatWasLearnedToAPortThatIsToHaveIt() throws Exception {
        assertThat(takenFrom("10.0.0.2")).containsExactly(1, 0);
        assertThat(takenFrom("10.0.0.3")).containsExactly(1, 0);
        site.gre("gretap:given?key=7&remote_ip=10.0.0.2", access(2));
        assertThat(remotes("learns")).containsExactly("10.0.0.4", "10.0.0.3");
        assertThat(site.messages).anyMatch(text -> text.contains("10.0.0.2") && text.contains("port 'given'"));
        assertThat(takenFrom("10.0.0.2")).containsExactly(0, 1);
        site.port("given").addRemote(new RemoteSpec("10.0.0.3"));
        lab.settle();
        assertThat(remotes("learns")).containsExactly("10.0.0.4");
        assertThat(takenFrom("10.0.0.3")).containsExactly(0, 1);
        site.remove("given");
        assertThat(takenFrom("10.0.0.2")).containsExactly(1, 0);
    }

    @Test
    void shouldNotLeaveFramesToWhoLearnedTheirSenderInTheMeantime() throws Exception {
        site.gre("gretap:given?key=7&remote_ip=10.0.0.2", access(2));
        takenFrom("10.0.0.3");
        site.port("given").addRemote(new RemoteSpec("10.0.0.3")); // and the other one has not forgotten it yet
        assertThat(remotes("learns")).contains("10.0.0.3");
        assertThat(takenFrom("10.0.0.3")).containsExactly(0, 1);
    }

    @Test
    void shouldRefuseARemoteEndThatAnotherPortWasGiven() throws Exception {
        site.gre("gretap:given?key=7&remote_ip=10.0.0.2", access(2));
        GrePort given = site.port("given");
        assertThatThrownBy(() -> given.addRemote(new RemoteSpec("10.0.0.4")))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("gretap port 'given': key 7 is port 'learns'")
                .hasMessageContaining("both have the remote end 10.0.0.4")
                .hasMessageContaining("accepted: another key");
        assertThatThrownBy(() -> given.setStation(StationSpec.parse(A + " dst 10.0.0.4")))
                .isInstanceOf(PortException.class)
                .hasMessageContaining("10.0.0.4");
        assertThat(remotes("given")).containsExactly("10.0.0.2");
        assertThat(takenFrom("10.0.0.4")).containsExactly(1, 0);
        site.gre("gretap:other?key=8&remote_ip=10.0.0.2", access(2));
        site.port("other").addRemote(new RemoteSpec("10.0.0.4")); // of another key, which tells them apart
        assertThat(site.port("learns").removeRemote(site.remote("learns", "10.0.0.4")))
                .isTrue();
        given.addRemote(new RemoteSpec("10.0.0.4"));
        assertThat(takenFrom("10.0.0.4")).containsExactly(0, 1);
    }

    @Test
    void shouldHaveOneRemoteEndOfAnAddressWhetherItWasLearnedOrNot() throws Exception {
        takenFrom("10.0.0.2");
        RemoteEnd given = site.port("learns").addRemote(new RemoteSpec("10.0.0.2"));
        assertThat(remotes("learns")).containsExactly("10.0.0.4", "10.0.0.2");
        assertThat(given.origin()).isEqualTo(Origin.CONTROL);
        assertThat(takenFrom("10.0.0.2")).containsExactly(1, 0);
        site.port("learns").setStation(StationSpec.parse(A + " dst 10.0.0.2 key 9"));
        assertThat(remotes("learns")).containsExactly("10.0.0.4", "10.0.0.2", "10.0.0.2");
        assertThat(site.port("learns").removeRemote(given)).isTrue();
        given = site.port("learns").addRemote(new RemoteSpec("10.0.0.2"));
        assertThatThrownBy(() -> site.port("learns").addRemote(new RemoteSpec("10.0.0.2")))
                .hasMessageContaining("is endpoint " + given.endpoint() + " already");
    }
}
