package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.frame;
import static io.weft.SteppedLan.serviceTagged;
import static io.weft.SteppedLan.tagged;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.bridge.PriorityTags;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.port.DropReason;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Q-in-Q: customers' frames, with whatever tags they have, under a service tag of the provider (802.1ad). */
class TunnelTest {
    private static final byte[] FRAME = frame(BROADCAST, A);

    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    private static PortSettings vlans(VlanSettings settings) {
        return PortSettings.builder().vlans(settings).build();
    }

    private static PortSettings tunnel(int vlan) {
        return vlans(VlanSettings.tunnel(vlan));
    }

    @Test
    void shouldCarryCustomersTagsUnderAServiceTag() throws Exception {
        lan.port("customer", tunnel(100)).port("far", tunnel(100)).port("core");
        for (byte[] sent : List.of(FRAME, tagged(7, FRAME), tagged(0, FRAME), serviceTagged(9, tagged(7, FRAME)))) {
            lan.send("customer", sent);
            assertThat(lan.take("far")).containsExactly(sent);
            assertThat(lan.take("core")).containsExactly(serviceTagged(100, sent));
        }
        assertThat(lan.whereIs(100, A)).isEqualTo("customer");
    }

    @Test
    void shouldGiveTheServiceTagTheCustomersPriority() throws Exception {
        lan.port("customer", tunnel(100))
                .port("core")
                .port("plain", vlans(VlanSettings.trunk(VlanSet.ALL).withPriorityTags(PriorityTags.NEVER)));
        for (int vlan : new int[] {0, 7}) {
            byte[] sent = tagged(vlan, 5, FRAME);
            lan.send("customer", sent);
            assertThat(lan.take("core")).containsExactly(ReferenceVlans.withTag(sent, 0x88a8, 5 << 13 | 100));
            assertThat(lan.take("plain")).containsExactly(serviceTagged(100, sent));
        }
    }

    @Test
    void shouldGiveTheCustomerTheFrameBackWithoutTheServiceTag() throws Exception {
        lan.port("customer", tunnel(100)).port("other", tunnel(200)).port("core");
        lan.send("core", serviceTagged(100, tagged(7, 3, FRAME)));
        assertThat(lan.take("customer")).containsExactly(tagged(7, 3, FRAME));
        lan.send("core", tagged(100, tagged(7, 3, FRAME))); // an 0x8100 tag outside says the VLAN, too
        assertThat(lan.take("customer")).containsExactly(tagged(7, 3, FRAME));
        assertThat(lan.take("other")).isEmpty();
    }

    @Test
    void shouldKeepCustomersWithTheSameVlansAndAddressesApart() throws Exception {
        lan.port("r1", tunnel(100))
                .port("r2", tunnel(100))
                .port("g1", tunnel(200))
                .port("g2", tunnel(200));
        assertThat(lan.reached("r1", tagged(7, FRAME))).containsExactly("r2");
        assertThat(lan.reached("g1", tagged(7, FRAME))).containsExactly("g2");
        assertThat(lan.reached("r2", tagged(7, frame(A, B)))).containsExactly("r1");
        assertThat(lan.reached("g2", tagged(7, frame(A, B)))).containsExactly("g1");
        // A customer cannot reach the other by writing the other's service tag.
        assertThat(lan.reached("r1", serviceTagged(200, FRAME))).containsExactly("r2");
    }

    @Test
    void shouldAcceptOnlyTheCustomerVlansItHas() throws Exception {
        lan.port("customer", vlans(VlanSettings.tunnel(100).withCvlans(VlanSet.of(7))))
                .port("core");
        assertThat(lan.reached("customer", tagged(7, FRAME))).containsExactly("core");
        assertThat(lan.reached("customer", tagged(8, FRAME))).isEmpty();
        assertThat(lan.reached("customer", FRAME)).isEmpty();
        assertThat(lan.dropped("customer", DropReason.VLAN_NOT_ALLOWED)).isEqualTo(2);
        assertThat(lan.reached("core", serviceTagged(100, tagged(7, FRAME)))).containsExactly("customer");
        assertThat(lan.reached("core", serviceTagged(100, tagged(8, FRAME)))).isEmpty();
        assertThat(lan.reached("core", serviceTagged(100, FRAME))).isEmpty();
        assertThat(lan.dropped("core", DropReason.VLAN_NOT_CARRIED)).isEqualTo(2);
    }

    @Test
    void shouldUseTheTpidItWasTold() throws Exception {
        lan.port("customer", vlans(VlanSettings.tunnel(100).withTpid(0x8100))).port("core");
        lan.send("customer", tagged(7, FRAME));
        assertThat(lan.take("core")).containsExactly(tagged(100, tagged(7, FRAME)));
    }

    @Test
    void shouldForwardBetweenATunnelAndAnAccessPortOfTheServiceVlan() throws Exception {
        lan.port("customer", tunnel(100)).port("desk", vlans(VlanSettings.access(100)));
        lan.send("customer", tagged(7, FRAME));
        assertThat(lan.take("desk")).containsExactly(tagged(7, FRAME));
        lan.send("desk", FRAME);
        assertThat(lan.take("customer")).containsExactly(FRAME);
    }

    @Test
    void shouldNotTakeWhatLooksLikeATagInThePayloadForTheCustomers() throws Exception {
        lan.port("customer", vlans(VlanSettings.tunnel(100).withCvlans(VlanSet.of(7))))
                .port("desk", vlans(VlanSettings.access(100)));
        byte[] untagged = FRAME.clone();
        untagged[16] = (byte) 0x81; // where a tag would be, had the frame one before it
        untagged[17] = 0;
        untagged[18] = 0;
        untagged[19] = 7;
        assertThat(lan.reached("desk", untagged)).isEmpty();
        assertThat(lan.dropped("desk", DropReason.VLAN_NOT_CARRIED)).isEqualTo(1);
    }
}
