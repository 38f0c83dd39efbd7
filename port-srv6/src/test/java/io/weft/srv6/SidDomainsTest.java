package io.weft.srv6;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.srv6.Srv6Bytes.Outer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two customers with SIDs at one node (RFC 8754, 5.1): by one's SIDs nobody gets to the other's. */
class SidDomainsTest {
    private static final String RED = "fc00:1::1";
    private static final String BLUE = "fc00:3::1";

    private Srv6Lab lab;

    @BeforeEach
    void open() throws Exception {
        lab = Srv6Lab.of(3);
        lab.site(2)
                .memory("r", Srv6Lab.access(10))
                .memory("b", Srv6Lab.access(20))
                .srv6(
                        "srv6:red?mode=l2&local_ip=fc00:2::1&remote_ip=" + RED + "&sid=fc00:2::a End.DX2"
                                + "&sid=fc00:2::e End&sid=fc00:2::d End flavors usd&sid=fc00:2::6 End.B6.Encaps segs fc00:2::b"
                                + "&sid=fc00:2::8 End.B6.Encaps segs fc00:2::d",
                        Srv6Lab.access(10))
                .srv6(
                        "srv6:blue?mode=l2&local_ip=fc00:2::1&remote_ip=" + BLUE + "&sid=fc00:2::b End.DX2",
                        Srv6Lab.access(20));
    }

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    @Test
    void shouldTakePacketsByWaypointsOfTheirOwn() {
        byte[] frame = frame(BROADCAST, A);
        lab.inject(Outer.full(RED, "fc00:2::e", "fc00:2::a").ethernet(frame));
        assertThat(lab.site(2).take("r")).containsExactly(frame);
        assertThat(lab.site(2).refused()).isZero();
    }

    @Test
    void shouldNotLetSegmentsLeadToAnothersSid() {
        lab.inject(Outer.full(RED, "fc00:2::b").ethernet(frame(BROADCAST, A)));
        lab.inject(Outer.full(RED, "fc00:2::e", "fc00:2::b").ethernet(frame(BROADCAST, A)));
        lab.inject(Outer.reduced(RED, "fc00:2::e", "fc00:2::b").ethernet(frame(BROADCAST, A)));
        lab.inject(Outer.full(RED, "fc00:2::e", "fc00:2::e", "fc00:2::b").ethernet(frame(BROADCAST, A)));
        lab.inject(Outer.to(RED, "fc00:2::d")
                .around(Srv6Bytes.IPV6, Outer.full(RED, "fc00:2::b").ethernet(frame(BROADCAST, A))));
        assertThat(lab.site(2).take("b")).isEmpty();
        assertThat(lab.site(2).take("r")).isEmpty();
        assertThat(lab.site(2).refused(Srv6Counter.OUTSIDE_DOMAIN)).isEqualTo(5);
    }

    /** Behind a header of this node's own, which a SID takes off again. */
    @Test
    void shouldNotLetAPolicyHideWhoSent() {
        lab.inject(Outer.full(RED, "fc00:2::8", "fc00:2::b").ethernet(frame(BROADCAST, A)));
        assertThat(lab.site(2).take("b")).isEmpty();
        assertThat(lab.site(2).refused(Srv6Counter.OUTSIDE_DOMAIN)).isEqualTo(1);
        byte[] frame = frame(BROADCAST, A);
        lab.inject(Outer.full(RED, "fc00:2::8", "fc00:2::a").ethernet(frame));
        assertThat(lab.site(2).take("r")).containsExactly(frame);
    }

    /** What a packet is put into here is from here: the operator has said where that goes. */
    @Test
    void shouldTakeWhatAPolicyOfThisNodeLeadsTo() {
        lab.inject(Outer.full(RED, "fc00:2::6", "fc00:2::a").ethernet(frame(BROADCAST, A)));
        assertThat(lab.site(2).refused(Srv6Counter.OUTSIDE_DOMAIN)).isZero();
        assertThat(lab.site(2).refused(Srv6Counter.UPPER_LAYER)).isEqualTo(1); // End.DX2 takes no IPv6
    }
}
