package io.weft.vxlan;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static io.weft.tunnel.WireSegments.cut;
import static io.weft.tunnel.WireSegments.flow;
import static io.weft.tunnel.WireSegments.onTheWire;
import static io.weft.tunnel.WireSegments.takeFromWire;
import static io.weft.vxlan.VxlanBytes.packet;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.bridge.PortSettings;
import io.weft.frame.FramePool;
import io.weft.offload.VirtioFrame;
import io.weft.offload.WireFrame;
import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.SuperFramePort;
import io.weft.underlay.MemoryDatagram;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Super-frames and bursts through VXLAN ports: whatever is merged or cut on the way, the frames of the wire stay what they are. */
class VxlanSuperFrameTest {
    private static final String US = "10.0.0.1";
    private static final String PEER = "10.0.0.2";

    private final VxlanLab lab = new VxlanLab();
    private final SuperFramePort left = new SuperFramePort("t");
    private final SuperFramePort right = new SuperFramePort("t");

    @AfterEach
    void assertAllIsAccountedFor() {
        left.letGo();
        right.letGo();
        lab.close();
    }

    private void pair(String options) throws Exception {
        lab.site("1", US).add("t", left, PortSettings.DEFAULT);
        lab.site("2", PEER).add("t", right, PortSettings.DEFAULT);
        lab.site(1).vxlan("vx", "key=1&remote_ip=" + PEER + options);
        lab.site(2).vxlan("vx", "key=1&remote_ip=" + US + options);
    }

    // ---- through two VTEPs ----

    @ParameterizedTest
    @CsvSource({
        "false, false, 60000, 1378",
        "false, true, 60000, 1370",
        "true, false, 60000, 1378",
        "true, true, 50001, 1000",
        "false, false, 3000, 1400",
        "true, false, 1300, 64",
        "false, false, 5, 0",
        "true, true, 1000, 0"
    })
    void shouldGiveTheSameFramesAtTheOtherEnd(boolean udp, boolean ipv6, int payload, int size) throws Exception {
        pair("");
        WireFrame whole = flow(udp, ipv6, payload);
        left.send(whole.partial(size));
        lab.settle();
        List<byte[]> wire = cut(whole, size == 0 ? payload : size);
        assertThat(lab.takeSent())
                .extracting(sent -> VxlanBytes.inner(sent.bytes()))
                .containsExactlyElementsOf(wire);
        List<VirtioFrame> came = right.take();
        assertThat(came.stream().flatMap(frame -> onTheWire(frame).stream())).containsExactlyElementsOf(wire);
        PortStatistics received = lab.site(2).statistics("vx");
        assertThat(received.rxSegments()).isEqualTo(wire.size());
        assertThat(lab.site(1).statistics("vx").txFrames()).isEqualTo(wire.size());
        assertThat(lab.site(2).remote("vx", US).rxFrames()).isEqualTo(wire.size());
    }

    @Test
    void shouldMergeABurstIntoFewSuperFrames() throws Exception {
        pair("");
        WireFrame whole = flow(false, false, 43 * 1_378); // a run of equal ones, and nothing shorter at its end
        left.send(whole.partial(1_378));
        lab.settle();
        List<VirtioFrame> came = right.take();
        assertThat(came).hasSizeLessThanOrEqualTo(2);
        assertThat(came.stream().flatMap(frame -> onTheWire(frame).stream()))
                .containsExactlyElementsOf(cut(whole, 1_378));
    }

    @ParameterizedTest
    @ValueSource(ints = {1_378, 8_800})
    void shouldMergeAllOfOneMessage(int size) throws Exception {
        pair("");
        List<byte[]> wire = cut(flow(false, false, 7 * size), size);
        injectRun(1, wire);
        assertThat(right.take()).isEmpty();
        List<VirtioFrame> came = left.take();
        assertThat(came).hasSize(1);
        assertThat(onTheWire(came.get(0))).containsExactlyElementsOf(wire);
    }

    @Test
    void shouldSendDatagramsOneByOneWithoutChecksums() throws Exception {
        pair("&csum=false&gro=false");
        WireFrame whole = flow(false, false, 30_000);
        left.send(whole.partial(1_300));
        lab.settle();
        assertThat(lab.takeSent()).extracting(MemoryDatagram::checksum).containsOnly(false);
        assertThat(takeFromWire(right)).containsExactlyElementsOf(cut(whole, 1_300));
    }

    @Test
    void shouldDropTheSegmentsThatDoNotFit() throws Exception {
        pair("");
        WireFrame whole = flow(true, false, 4_500);
        left.send(whole.partial(1_450)); // 28 bytes too long, but for the last
        lab.settle();
        assertThat(lab.site(1).dropped("vx", DropReason.TOO_LONG)).isEqualTo(3);
        assertThat(takeFromWire(right)).hasSize(1);
    }

    // ---- bursts of all sorts ----

    private void injectRun(int vni, List<byte[]> frames) {
        byte[][] packets = frames.stream().map(frame -> packet(vni, frame)).toArray(byte[][]::new);
        inject(packets[0].length, packets);
        lab.settle();
    }

    private void inject(int segmentSize, byte[]... packets) {
        lab.network.injectMessage(
                InnerFrames.concat(packets),
                segmentSize,
                VxlanLab.peer(PEER, 50_000),
                VxlanLab.peer(US, VxlanLab.PORT));
    }

    @Test
    void shouldTakeMixedBurstsApartInOrder() throws Exception {
        pair("");
        SplittableRandom random = TestSeed.random("VxlanSuperFrameTest");
        for (int round = 0; round < 20; round++) {
            List<byte[]> expected = new ArrayList<>();
            long refused = lab.site(1).refused();
            long wrong = 0;
            int messages = 1 + random.nextInt(6);
            for (int message = 0; message < messages; message++) {
                int size = 100 + random.nextInt(1_200);
                byte[][] packets = new byte[1 + random.nextInt(30)][];
                WireFrame flow = flow(random.nextBoolean(), false, size + 20);
                for (int i = 0; i < packets.length; i++) {
                    WireFrame next = flow.copy();
                    next.seq += i * (size + 20);
                    next.id += i;
                    if (flow.udp) {
                        next.payload = Arrays.copyOf(flow.payload, size + 32); // as long as with TCP's header
                    }
                    next.sourcePort += random.nextInt(8) == 0 ? 1 : 0;
                    byte[] bytes = next.bytes();
                    boolean bad = random.nextInt(10) == 0;
                    packets[i] = packet(bad ? 99 : 1, bytes);
                    if (bad) {
                        wrong++;
                    } else {
                        expected.add(bytes);
                    }
                }
                inject(packets[0].length, packets);
            }
            lab.settle();
            assertThat(takeFromWire(left)).containsExactlyElementsOf(expected);
            assertThat(lab.site(1).refused(VtepCounter.UNKNOWN_VNI)).isEqualTo(refused + wrong);
        }
    }

    @Test
    void shouldGoOnWhereAPollHadNoRoom() throws Exception {
        pair("");
        int count = 0;
        List<byte[]> expected = new ArrayList<>();
        for (int message = 0; message < 40; message++) {
            byte[][] packets = new byte[60][];
            for (int i = 0; i < packets.length; i++) {
                byte[] frame = frame(BROADCAST, A, 60, ++count); // these do not merge
                expected.add(frame);
                packets[i] = packet(1, frame);
            }
            inject(68, packets);
        }
        lab.settle();
        assertThat(takeFromWire(left)).containsExactlyElementsOf(expected);
        assertThat(lab.site(1).statistics("vx").rxFrames()).isEqualTo(2_400);
    }

    @Test
    void shouldForgetTheRestOfABurstWhenItsPortLeaves() throws Exception {
        pair("");
        byte[][] packets = IntStream.range(0, 900)
                .mapToObj(i -> packet(1, frame(BROADCAST, A, 60, i)))
                .toArray(byte[][]::new);
        inject(68, packets);
        lab.site(1).lan.step(); // some of it
        lab.site(1).remove("vx");
        int before = left.take().size();
        assertThat(before).isLessThan(900);
        lab.site(1).vxlan("vx", "key=1&remote_ip=" + PEER);
        inject(68, packet(1, frame(BROADCAST, A, 60, 1_000)));
        lab.settle();
        assertThat(takeFromWire(left)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 1_378, 1_500})
    void shouldTakeAKernelsInnerSegmentSizeForThat(int size) throws Exception {
        pair("");
        WireFrame whole = flow(true, false, 9_000);
        inject(size, packet(1, whole.partial(size).bytes()));
        lab.settle();
        List<VirtioFrame> came = left.take();
        assertThat(came).hasSize(1);
        assertThat(came.get(0).gsoSize()).isEqualTo(size);
        assertThat(onTheWire(came.get(0))).containsExactlyElementsOf(cut(whole, size));
    }

    @Test
    void shouldTakeAKernelsTcpSuperFrameForThat() throws Exception {
        pair("");
        WireFrame whole = flow(false, false, 40_000);
        inject(0, packet(1, whole.partial(1_410).bytes()));
        lab.settle();
        List<VirtioFrame> came = left.take();
        assertThat(came).hasSize(1);
        assertThat(onTheWire(came.get(0))).containsExactlyElementsOf(cut(whole, 1_410)); // an inner MTU of 1,450
    }

    // ---- limits ----

    @Test
    void shouldLoseNothingUncountedWhenThereIsNoMemory() throws Exception {
        pair("");
        left.hold();
        int count = 0;
        for (int round = 0; round < 3; round++) {
            for (int message = 0; message < 60; message++) {
                byte[][] packets = new byte[40][];
                for (int i = 0; i < packets.length; i++) {
                    packets[i] = packet(1, frame(BROADCAST, A, 60, ++count));
                }
                inject(68, packets);
            }
            for (int i = 0; i < 5_000; i++) {
                lab.site(1).lan.step(); // without memory it may go on for ever
            }
        }
        PortStatistics statistics = lab.site(1).statistics("vx");
        assertThat(count).isGreaterThan(FramePool.DEFAULT_SMALL);
        assertThat(statistics.dropped(DropReason.POOL_EMPTY)).isPositive();
        assertThat(left.take()).hasSize((int) (statistics.rxFrames() - statistics.dropped()));
        left.letGo();
        lab.settle();
        statistics = lab.site(1).statistics("vx");
        assertThat(statistics.rxFrames()).isEqualTo(count);
        injectRun(1, List.of(frame(BROADCAST, A)));
        assertThat(left.take()).isNotEmpty();
    }

    @Test
    void shouldFloodToMoreThanASenderHoldsAtOnce() throws Exception {
        VxlanSite site = lab.site("1", US).add("t", left, PortSettings.DEFAULT);
        int remotes = 10_000;
        InetAddress[] addresses = IntStream.range(0, remotes)
                .mapToObj(i -> VxlanLab.address("10.1." + i / 250 + "." + (1 + i % 250)))
                .toArray(InetAddress[]::new);
        lab.site("2", PEER).host.addresses(addresses);
        site.vxlan("vx", "key=1");
        VxlanPort port = site.vxlan("vx");
        for (InetAddress address : addresses) {
            port.addRemote(new RemoteSpec(address.getHostAddress()));
        }
        lab.takeSent();
        byte[] flooded = frame(BROADCAST, A);
        left.send(VirtioFrame.plain(flooded));
        left.send(VirtioFrame.plain(flooded));
        lab.settle();
        List<MemoryDatagram> sent = lab.takeSent();
        assertThat(sent).hasSize(2 * remotes);
        assertThat(sent.stream().map(MemoryDatagram::to).distinct()).hasSize(remotes);
        assertThat(sent).allMatch(datagram -> Arrays.equals(datagram.bytes(), packet(1, flooded)));
        assertThat(site.statistics("vx").txFrames()).isEqualTo(2);
        String last = addresses[remotes - 1].getHostAddress();
        lab.inject(last, US, 1, frame(A, B));
        lab.takeSent();
        left.send(VirtioFrame.plain(frame(B, A)));
        lab.settle();
        assertThat(lab.takeSent())
                .extracting(datagram -> datagram.to().address())
                .containsExactly(last);
        assertThat(port.removeRemote(site.remote("vx", last))).isTrue();
        lab.inject(last, US, 1, frame(A, B));
        assertThat(site.dropped("vx", DropReason.UNKNOWN_REMOTE)).isEqualTo(1);
    }
}
