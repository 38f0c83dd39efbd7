package io.weft;

import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.GROUP;
import static io.weft.SteppedLan.frame;
import static io.weft.SteppedLan.tagged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.bridge.FloodTarget;
import io.weft.bridge.PortSettings;
import io.weft.bridge.PriorityTags;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.port.DropReason;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel's bridge_vlan_aware.sh and bridge_vlan_unaware.sh look at, and Open vSwitch's port modes. */
class VlanTest {
    private final SteppedLan lan = new SteppedLan();

    @AfterEach
    void close() {
        lan.close();
    }

    private static PortSettings vlans(VlanSettings settings) {
        return PortSettings.builder().vlans(settings).build();
    }

    private static PortSettings access(int vlan) {
        return vlans(VlanSettings.access(vlan));
    }

    // ---- unaware: tags are payload's business, VLANs keep stations apart ----

    @Test
    void shouldPassTagsUnchangedThroughPortsWithDefaults() throws Exception {
        lan.port("a").port("b").port("c");
        byte[] sent = tagged(5, 3, frame(BROADCAST, A));
        lan.send("a", sent);
        assertThat(lan.take("b")).containsExactly(sent);
        assertThat(lan.take("c")).containsExactly(sent);
    }

    @Test
    void shouldLearnAStationOnlyInTheVlanItWasSeenIn() throws Exception {
        lan.port("a").port("b").port("c");
        lan.send("b", tagged(5, frame(BROADCAST, B)));
        assertThat(lan.reached("a", tagged(5, frame(B, A)))).containsExactly("b");
        assertThat(lan.reached("a", tagged(6, frame(B, A)))).containsExactly("b", "c");
        assertThat(lan.reached("a", frame(B, A))).containsExactly("b", "c");
    }

    @Test
    void shouldKeepOneAddressInTwoVlansApart() throws Exception {
        lan.port("a").port("b").port("c");
        lan.send("b", tagged(5, frame(BROADCAST, C)));
        lan.send("c", tagged(6, frame(BROADCAST, C)));
        assertThat(lan.reached("a", tagged(5, frame(C, A)))).containsExactly("b");
        assertThat(lan.reached("a", tagged(6, frame(C, A)))).containsExactly("c");
        assertThat(lan.lan.fdb().statistics().moved()).isZero();
    }

    // ---- aware: access and trunk ----

    @Test
    void shouldFloodOnlyToPortsOfTheVlan() throws Exception {
        lan.port("a", access(10)).port("b", access(10)).port("c", access(20));
        lan.port("t", vlans(VlanSettings.trunk(VlanSet.of(10, 30))));
        lan.port("u", vlans(VlanSettings.trunk(VlanSet.of(20, 30))));
        byte[] sent = frame(BROADCAST, A);
        lan.send("a", sent);
        assertThat(lan.take("b")).containsExactly(sent);
        assertThat(lan.take("t")).containsExactly(tagged(10, sent));
        assertThat(lan.take("c")).isEmpty();
        assertThat(lan.take("u")).isEmpty();
        assertThat(lan.reached("a", frame(GROUP, A))).containsExactly("b", "t");
        assertThat(lan.reached("a", frame(C, A))).containsExactly("b", "t");
    }

    @Test
    void shouldTakeTheTagOffForAnAccessPort() throws Exception {
        lan.port("a", access(10)).port("t");
        lan.send("a", frame(BROADCAST, A));
        lan.take("t");
        lan.send("t", tagged(10, 5, frame(A, B)));
        assertThat(lan.take("a")).containsExactly(frame(A, B));
        assertThat(lan.whereIs(10, B)).isEqualTo("t");
    }

    @Test
    void shouldDropTaggedFramesOnAnAccessPortEvenOfItsOwnVlan() throws Exception {
        lan.port("a", access(10)).port("b", access(10));
        assertThat(lan.reached("a", tagged(10, frame(BROADCAST, A)))).isEmpty();
        assertThat(lan.reached("a", tagged(20, frame(BROADCAST, A)))).isEmpty();
        assertThat(lan.dropped("a", DropReason.VLAN_NOT_ALLOWED)).isEqualTo(2);
        assertThat(lan.lan.fdb().stations()).isEmpty();
    }

    @Test
    void shouldTakePriorityTaggedFramesForUntaggedAndKeepThePriorityOnATrunk() throws Exception {
        lan.port("a", access(10)).port("b", access(10)).port("t");
        lan.send("a", tagged(0, 6, frame(BROADCAST, A)));
        assertThat(lan.take("b")).containsExactly(frame(BROADCAST, A));
        assertThat(lan.take("t")).containsExactly(tagged(10, 6, frame(BROADCAST, A)));
    }

    @Test
    void shouldDropWhatATrunkDoesNotCarry() throws Exception {
        lan.port("t", vlans(VlanSettings.trunk(VlanSet.of(10)))).port("b");
        assertThat(lan.reached("t", tagged(11, frame(BROADCAST, A)))).isEmpty();
        assertThat(lan.reached("t", frame(BROADCAST, A))).isEmpty(); // VLAN 0 is not in its list
        assertThat(lan.dropped("t", DropReason.VLAN_NOT_ALLOWED)).isEqualTo(2);
        lan.send("b", frame(BROADCAST, B));
        assertThat(lan.take("t")).isEmpty();
        assertThat(lan.dropped("b", DropReason.VLAN_NOT_CARRIED)).isEqualTo(1);
    }

    // ---- native VLANs, which is what a PVID is; and changing it ----

    @Test
    void shouldPutUntaggedFramesIntoTheNativeVlan() throws Exception {
        lan.port("n", vlans(VlanSettings.nativeUntagged(10, VlanSet.of(20))))
                .port("m", vlans(VlanSettings.nativeTagged(10, VlanSet.of(20))))
                .port("a", access(10))
                .port("t");
        byte[] sent = frame(BROADCAST, A);
        lan.send("n", sent);
        assertThat(lan.take("a")).containsExactly(sent);
        assertThat(lan.take("m")).containsExactly(tagged(10, sent));
        assertThat(lan.take("t")).containsExactly(tagged(10, sent));
        lan.send("t", tagged(10, sent));
        assertThat(lan.take("n")).containsExactly(sent);
        assertThat(lan.take("m")).containsExactly(tagged(10, sent));
        lan.send("t", tagged(20, sent));
        assertThat(lan.take("n")).containsExactly(tagged(20, sent));
        assertThat(lan.take("m")).containsExactly(tagged(20, sent));
    }

    @Test
    void shouldKeepFramesWithoutAVlanFromPortsWhereTheyWouldGetTheNativeOne() throws Exception {
        lan.port("in")
                .port("untagged", vlans(VlanSettings.nativeUntagged(10, VlanSet.ALL)))
                .port("tagged", vlans(VlanSettings.nativeTagged(10, VlanSet.of(0, 20))))
                .port("out");
        byte[] plain = frame(BROADCAST, A);
        lan.send("in", plain);
        assertThat(lan.take("untagged")).isEmpty();
        assertThat(lan.take("tagged")).isEmpty();
        assertThat(lan.take("out")).containsExactly(plain);
    }

    @Test
    void shouldFollowAChangeOfTheNativeVlan() throws Exception {
        lan.port("a", vlans(VlanSettings.nativeUntagged(10, VlanSet.of(20)))).port("b", access(10));
        assertThat(lan.reached("a", frame(B, A))).containsExactly("b");
        assertThat(lan.reached("b", frame(A, B))).containsExactly("a");
        lan.lan.port("a").change(settings -> settings.vlans(VlanSettings.nativeUntagged(30, VlanSet.of(20))));
        assertThat(lan.whereIs(10, A))
                .as("no longer behind the port in that VLAN")
                .isEmpty();
        assertThat(lan.reached("a", frame(B, A))).isEmpty();
        assertThat(lan.reached("b", frame(A, B))).isEmpty();
        lan.lan.port("a").change(settings -> settings.vlans(VlanSettings.nativeUntagged(10, VlanSet.of(20))));
        assertThat(lan.reached("a", frame(B, A))).containsExactly("b");
        assertThat(lan.reached("b", frame(A, B))).containsExactly("a");
    }

    @Test
    void shouldNotSendToAStationWhosePortLeftItsVlan() throws Exception {
        lan.port("a", access(10)).port("b", access(10)).port("c", access(10));
        lan.lan.fdb().set(10, B, "b"); // a set entry stays although the port goes
        lan.lan.port("b").change(settings -> settings.vlans(VlanSettings.access(20)));
        assertThat(lan.reached("a", frame(B, A))).isEmpty();
        assertThat(lan.dropped("a", DropReason.VLAN_NOT_CARRIED)).isEqualTo(1);
        assertThat(lan.whereIs(10, B)).isEqualTo("b static");
    }

    // ---- priority tags ----

    @Test
    void shouldSendPriorityTagsThatEndSystemsKnow() throws Exception {
        lan.port("trunk").port("desk", vlans(VlanSettings.access(10).withPriorityTags(PriorityTags.IF_NONZERO)));
        byte[] plain = frame(BROADCAST, A);
        lan.send("trunk", ReferenceVlans.withTag(plain, 0x88a8, 5 << 13 | 10));
        assertThat(lan.take("desk")).containsExactly(tagged(0, 5, plain));
    }

    @Test
    void shouldSendPriorityTagsAsTold() throws Exception {
        lan.port("t");
        for (PriorityTags tags : PriorityTags.values()) {
            lan.port(tags.toString(), vlans(VlanSettings.access(10).withPriorityTags(tags)));
        }
        byte[] plain = frame(BROADCAST, A);
        lan.send("t", tagged(10, 0, plain));
        assertThat(lan.take("NEVER")).containsExactly(plain);
        assertThat(lan.take("IF_NONZERO")).containsExactly(plain);
        assertThat(lan.take("ALWAYS")).containsExactly(tagged(0, 0, plain));
        assertThat(lan.take("AS_RECEIVED")).containsExactly(plain);
        lan.send("t", tagged(10, 3, plain));
        assertThat(lan.take("NEVER")).containsExactly(plain);
        assertThat(lan.take("IF_NONZERO")).containsExactly(tagged(0, 3, plain));
        assertThat(lan.take("ALWAYS")).containsExactly(tagged(0, 3, plain));
        assertThat(lan.take("AS_RECEIVED")).containsExactly(plain);
    }

    // ---- learning off in a VLAN ----

    @Test
    void shouldLearnNothingInVlansWhereLearningIsOff() throws Exception {
        lan.port("a").port("b").port("c");
        lan.send("b", tagged(5, frame(BROADCAST, B)));
        lan.send("b", tagged(6, frame(BROADCAST, B)));
        lan.lan.fdb().learningOff(VlanSet.of(5));
        assertThat(lan.whereIs(5, B)).isEmpty();
        lan.send("b", tagged(5, frame(BROADCAST, B)));
        assertThat(lan.reached("a", tagged(5, frame(B, A)))).containsExactly("b", "c");
        assertThat(lan.reached("a", tagged(6, frame(B, A)))).containsExactly("b");
        lan.lan.fdb().learningOff(VlanSet.NONE);
        lan.send("b", tagged(5, frame(BROADCAST, B)));
        assertThat(lan.reached("a", tagged(5, frame(B, A)))).containsExactly("b");
    }

    // ---- flood lists ----

    @Test
    void shouldFloodAVlanToItsListOnly() throws Exception {
        lan.port("a").port("b").port("c");
        lan.lan.fdb().floodList(5, List.of(FloodTarget.of("c")));
        assertThat(lan.reached("a", tagged(5, frame(BROADCAST, A)))).containsExactly("c");
        assertThat(lan.reached("a", tagged(6, frame(BROADCAST, A)))).containsExactly("b", "c");
        lan.remove("c");
        assertThat(lan.reached("a", tagged(5, frame(BROADCAST, A)))).isEmpty();
        lan.port("c");
        assertThat(lan.reached("a", tagged(5, frame(BROADCAST, A)))).containsExactly("c");
        lan.lan.fdb().clearFloodList(5);
        assertThat(lan.reached("a", tagged(5, frame(BROADCAST, A)))).containsExactly("b", "c");
        assertThatThrownBy(() -> lan.lan.fdb().floodList(5, List.of(FloodTarget.of("d"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'d'")
                .hasMessageContaining("[a, b, c]");
    }
}
