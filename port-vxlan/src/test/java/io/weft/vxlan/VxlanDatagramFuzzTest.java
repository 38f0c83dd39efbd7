package io.weft.vxlan;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.offload.VirtioFrame;
import io.weft.port.DropReason;
import io.weft.tunnel.SuperFramePort;
import io.weft.underlay.MemoryDatagram;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Any messages with any segment sizes at a VTEP with several ports: nothing throws, every datagram is counted, and no frame
 * comes out of a segment that none of a message's datagrams was for. (Whose bytes are in a frame, {@link VxlanIsolationTest}
 * sees.)
 *
 * <p>The input is a list of messages. Each begins with who sends it (two bits) and its length in bytes (14 bits), then its
 * segment size (16 bits), its traffic class (8 bits, only for what is no burst), then the message. The length counts what
 * there is of it; a segment size of 0xffff stands for a single datagram.
 *
 * <p>Which segments a message is for follows from its headers, read here by the rules of RFC 7348 alone: what comes out of a
 * segment's port may only come from a message that has a header with that segment's VNI, at its beginning or at a multiple of
 * its segment size.
 */
class VxlanDatagramFuzzTest {
    private static final String US = "10.0.0.1";
    private static final List<String> SENDERS = List.of("10.0.0.2", "10.0.0.3", "10.0.0.4", US);
    private static final int SINGLE = 0xffff;

    private static final VxlanLab LAB = new VxlanLab();
    private static final SuperFramePort[] OUT = new SuperFramePort[5];

    /** By VLAN: its VNI, and who may send to it. */
    private static final int[] VNI = {-1, 1, 2, 0x0808_08, 0x0808_08};

    private static final List<List<String>> REMOTES = List.of(
            List.of(),
            List.of("10.0.0.2", "10.0.0.3"),
            List.of("10.0.0.2"),
            List.of("10.0.0.2"),
            List.of("10.0.0.3", "10.0.0.4")); // which learns

    private static VxlanSite site;

    @BeforeAll
    static void open() throws Exception {
        LAB.site("others", "10.0.0.2", "10.0.0.3", "10.0.0.4");
        site = LAB.site("1", US);
        for (int vlan = 1; vlan < OUT.length; vlan++) {
            OUT[vlan] = new SuperFramePort("t" + vlan);
            site.add("t" + vlan, OUT[vlan], access(vlan));
        }
        site.vxlan("plain", "key=1&clamp_mss=true&remote_ip=10.0.0.2,10.0.0.3", access(1));
        site.vxlan(
                "map",
                "vlan_vni_map=2:2,3:" + VNI[3] + "&remote_ip=10.0.0.2",
                PortSettings.builder()
                        .vlans(VlanSettings.trunk(VlanSet.of(2, 3)))
                        .build());
        site.vxlan("learning", "key=" + VNI[4] + "&learn_remotes=true&inner_tags=carry&strict=true", access(4));
    }

    private static PortSettings access(int vlan) {
        return PortSettings.builder().vlans(VlanSettings.access(vlan)).build();
    }

    @AfterAll
    static void close() {
        LAB.close();
    }

    @FuzzTest
    void shouldCountAllAndCrossNoSegments(byte[] input) {
        ByteBuffer in = ByteBuffer.wrap(input);
        while (in.remaining() >= 5) {
            int first = in.getShort();
            int segmentSize = in.getShort() & 0xffff;
            int trafficClass = in.get() & 0xff;
            byte[] message = new byte[Math.min(first & 0x3fff, in.remaining())];
            in.get(message);
            receive(SENDERS.get(first >> 14 & 3), message, segmentSize, trafficClass);
        }
    }

    private void receive(String from, byte[] message, int segmentSize, int trafficClass) {
        long before = counted();
        int size = segmentSize == SINGLE || segmentSize == 0 ? message.length : segmentSize;
        if (segmentSize == SINGLE) {
            LAB.network.inject(MemoryDatagram.of(message, VxlanLab.peer(from, 50_000), VxlanLab.peer(US, VxlanLab.PORT))
                    .withTrafficClass(trafficClass));
        } else {
            LAB.network.injectMessage(
                    message, segmentSize, VxlanLab.peer(from, 50_000), VxlanLab.peer(US, VxlanLab.PORT));
        }
        LAB.settle();
        LAB.takeSent();
        site.messages.clear();
        int pieces = Math.max(1, (message.length + size - 1) / Math.max(1, size));
        // One that says that it is one frame may be one; and a super-frame stands for segments of a byte or more.
        assertThat(counted() - before).isBetween(1L, (long) Math.max(pieces, message.length));
        assertThat(site.lan.statistics().unaccounted()).isZero();
        for (int vlan = 1; vlan < OUT.length; vlan++) {
            List<VirtioFrame> came = OUT[vlan].take();
            if (!came.isEmpty()) {
                assertThat(isFor(vlan, from, message, size))
                        .as("VLAN %s from %s", vlan, from)
                        .isTrue();
            }
        }
    }

    private static long counted() {
        return site.refused()
                + site.statistics("plain").rxSegments()
                + site.statistics("map").rxSegments()
                + site.statistics("learning").rxSegments();
    }

    private static boolean isFor(int vlan, String from, byte[] message, int size) {
        if (!REMOTES.get(vlan).contains(from)) {
            return false;
        }
        for (int at = 0; at + 8 <= message.length; at += size) {
            byte[] packet = Arrays.copyOfRange(message, at, at + 8);
            if ((packet[0] & 0x8c) == 0x08 && VxlanBytes.vni(packet) == VNI[vlan]) {
                return true;
            }
        }
        return false;
    }

    /** The drops that can be seen here stay a known set: a new one is to be thought about. */
    @AfterAll
    static void assertDropsAreKnown() {
        assertThat(site.lan.statistics().drops().keySet())
                .isSubsetOf(
                        DropReason.RUNT,
                        DropReason.INVALID_VLAN,
                        DropReason.VLAN_NOT_ALLOWED,
                        DropReason.UNKNOWN_REMOTE,
                        DropReason.INNER_TAG,
                        DropReason.ECN_NOT_CAPABLE,
                        DropReason.RX_TOO_LONG,
                        DropReason.MALFORMED,
                        DropReason.RESERVED_MULTICAST,
                        DropReason.SAME_PORT,
                        DropReason.LOOP_PROBE,
                        DropReason.NO_EGRESS,
                        DropReason.POOL_EMPTY);
    }
}
