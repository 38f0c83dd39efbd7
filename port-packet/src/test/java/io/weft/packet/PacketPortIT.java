package io.weft.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.nativeio.NamespaceEntry;
import io.weft.port.DropReason;
import io.weft.port.Offload;
import io.weft.port.OffloadMode;
import io.weft.port.PortCapabilities;
import io.weft.tap.NetworkNamespace;
import io.weft.tap.PacketSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One port at each end of a veth pair, or a port and a host's raw socket, without a switch. */
@Timeout(120)
class PacketPortIT {
    private VethPair wire;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
    }

    @AfterEach
    void end() throws Exception {
        if (wire != null) {
            wire.close();
        }
    }

    private PolledPort near() throws Exception {
        return wire.port(PacketPort.builder("near"));
    }

    private PolledPort far() throws Exception {
        return wire.port(PacketPort.builder("far"));
    }

    // ---- many frames ----

    @Test
    void shouldReceiveAndSendInBatchesAndKeepTheOrder() throws Exception {
        wire = new VethPair();
        PolledPort near = near();
        PolledPort far = far();
        List<byte[]> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            sent.add(TestFrames.broadcast(60 + i * 7, i));
        }
        for (int first = 0; first < 200; first += 50) {
            near.transmit(sent.subList(first, first + 50).toArray(byte[][]::new));
        }
        FrameBatch polled = far.poll(64);
        assertThat(polled.size()).isEqualTo(64);
        assertThat(polled.get(5).ingress()).isEqualTo(PolledPort.INDEX);
        assertThat(far.pool.inUse()).isEqualTo(64); // no slot is held beside those of the frames
        polled.release();
        List<byte[]> rest = far.receive(136);
        assertThat(rest).hasSize(136);
        assertThat(rest).containsExactlyElementsOf(sent.subList(64, 200));
        assertThat(near.statistics().txFrames()).isEqualTo(200);
        assertThat(near.statistics().txBytes())
                .isEqualTo(sent.stream().mapToLong(frame -> frame.length).sum());
    }

    @Test
    void shouldReturnNoMoreThanTheLimit() throws Exception {
        wire = new VethPair();
        PolledPort far = far();
        PacketSocket host = wire.socket("near");
        for (int i = 0; i < 20; i++) {
            host.send(TestFrames.broadcast(60, i));
        }
        for (int[] limitAndCount : new int[][] {{1, 1}, {7, 7}, {64, 12}, {64, 0}}) {
            FrameBatch polled = far.poll(limitAndCount[0]);
            assertThat(polled.size()).isEqualTo(limitAndCount[1]);
            polled.release();
        }
    }

    @Test
    void shouldNotLoseOthersWithAFrameThatIsTooLong() throws Exception {
        wire = new VethPair();
        PolledPort near = near();
        PolledPort far = far();
        byte[] first = TestFrames.broadcast(1_514, 1);
        byte[] tooLong = TestFrames.broadcast(1_515, 2);
        byte[] tooShort = Arrays.copyOf(first, 13);
        byte[] last = TestFrames.broadcast(60, 3);
        near.transmit(tooLong, first, tooLong, tooShort, last, tooLong);
        assertThat(far.receive(2)).containsExactly(first, last);
        assertThat(near.dropped(DropReason.TOO_LONG)).isEqualTo(3);
        assertThat(near.dropped(DropReason.TX_ERROR)).isEqualTo(1);
        assertThat(near.statistics().txFrames()).isEqualTo(2);
    }

    @Test
    void shouldTakeALongerFrameForATag() throws Exception {
        wire = new VethPair();
        PolledPort near = near();
        PolledPort far = far();
        byte[] tagged = TestFrames.tagged(TestFrames.broadcast(1_514, 1), 0x8100, 0x6064);
        near.transmit(tagged);
        assertThat(far.receive(1)).containsExactly(tagged);
    }

    // ---- offloads and tags ----

    @Test
    void shouldCarryASuperFrameWithWhatIsLeftToDo() throws Exception {
        wire = new VethPair();
        PolledPort near = near();
        PolledPort far = far();
        byte[] bytes = TestFrames.tcp(60_000);
        near.transmit(TestFrames.allocate(near.pool, bytes, 0, 1_448));
        FrameBatch polled = far.poll(64);
        assertThat(polled.size()).isEqualTo(1);
        Frame frame = polled.get(0);
        assertThat(frame.toByteArray()).isEqualTo(bytes);
        assertSuperFrame(frame, 0);
        polled.release();
        assertThat(near.statistics().txFrames()).isEqualTo(1);
        assertThat(near.statistics().txSegments()).isEqualTo(42);
        assertThat(near.statistics().txBytes()).isEqualTo(bytes.length);
    }

    private static void assertSuperFrame(Frame frame, int tags) {
        assertThat(frame.offloadFlags() & Frame.OFFLOAD_CHECKSUM_PARTIAL).isNotZero();
        assertThat(frame.gsoType()).isEqualTo(1);
        assertThat(frame.gsoSize()).isEqualTo(1_448);
        assertThat(frame.headerLength()).isEqualTo(TestFrames.TCP_HEADERS + tags);
        assertThat(frame.checksumStart()).isEqualTo(34 + tags);
        assertThat(frame.checksumOffset()).isEqualTo(16);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x8100, 0x88a8})
    void shouldPutTheTagOfASuperFrameBackAndCountFromTheNewStart(int tpid) throws Exception {
        wire = new VethPair();
        PolledPort near = near();
        PolledPort far = far();
        byte[] bytes = TestFrames.tagged(TestFrames.tcp(20_000), tpid, 0xa064);
        near.transmit(TestFrames.allocate(near.pool, bytes, 4, 1_448));
        FrameBatch polled = far.poll(64);
        assertThat(polled.size()).isEqualTo(1);
        assertThat(polled.get(0).toByteArray()).isEqualTo(bytes);
        assertSuperFrame(polled.get(0), 4);
        polled.release();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 8})
    void shouldHaveTheKernelSegmentTaggedSuperFramesRightly(int tags) throws Exception {
        NetworkNamespace.assumeProgram("ethtool");
        wire = new VethPair();
        wire.namespace.run("ethtool", "-K", "near", "tso", "off", "gso", "off", "tx", "off");
        PolledPort near = near();
        PolledPort far = far();
        byte[] bytes = TestFrames.tcp(10_000);
        for (int i = 0; i < tags; i += 4) {
            bytes = TestFrames.tagged(bytes, i == 0 ? 0x8100 : 0x88a8, 0x64 + i);
        }
        near.transmit(TestFrames.allocate(near.pool, bytes, tags, 1_448));
        List<byte[]> segments = far.receive(7);
        int payload = 0;
        for (byte[] segment : segments) {
            int length = segment.length - TestFrames.TCP_HEADERS - tags;
            assertThat(length).isEqualTo(Math.min(1_448, 10_000 - payload));
            assertThat(Arrays.copyOf(segment, 12 + tags)).isEqualTo(Arrays.copyOf(bytes, 12 + tags));
            int header = TestFrames.TCP_HEADERS + tags;
            assertThat(Arrays.copyOfRange(segment, header, segment.length))
                    .isEqualTo(Arrays.copyOfRange(bytes, header + payload, header + payload + length));
            int addresses = TestFrames.sum(ByteBuffer.wrap(segment), 26 + tags, 8, 6 + 20 + length);
            assertThat(TestFrames.sum(ByteBuffer.wrap(segment), 34 + tags, 20 + length, addresses))
                    .as("the TCP checksum")
                    .isEqualTo(0xffff);
            payload += length;
        }
        assertThat(payload).isEqualTo(10_000);
    }

    @Test
    void shouldSendAPartialChecksum() throws Exception {
        wire = new VethPair();
        PolledPort near = near();
        PolledPort far = far();
        near.transmit(TestFrames.allocate(near.pool, TestFrames.tcp(100), 0, 0));
        FrameBatch polled = far.poll(64);
        assertThat(polled.size()).isEqualTo(1);
        assertThat(polled.get(0).offloadFlags() & Frame.OFFLOAD_CHECKSUM_PARTIAL)
                .isNotZero();
        assertThat(polled.get(0).gsoType()).isZero();
        assertThat(polled.get(0).checksumStart()).isEqualTo(34);
        polled.release();
    }

    @Test
    void shouldSayWhatItLeavesToTheInterface() throws Exception {
        wire = new VethPair();
        PortCapabilities on = near().port.capabilities();
        assertThat(on.offloads()).contains(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6, Offload.TSO_ECN);
        assertThat(on.coalescing()).isTrue();
        assertThat(on.concurrentTransmit()).isTrue();
        PortCapabilities csum = wire.port(PacketPort.builder("near").offload(OffloadMode.CSUM))
                .port
                .capabilities();
        assertThat(csum.offloads()).containsExactly(Offload.CHECKSUM);
        assertThat(csum.coalescing()).isFalse();
        PortCapabilities off = wire.port(PacketPort.builder("near").offload(OffloadMode.OFF))
                .port
                .capabilities();
        assertThat(off.offloads()).isEmpty();
        assertThat(off.headroom()).isEqualTo(10); // what is received has the header all the same
    }

    @Test
    void shouldFindOutWhichSuperFramesTheKernelTakes() throws Exception {
        wire = new VethPair();
        boolean[] takes = new boolean[3];
        try (NamespaceEntry entry = new NamespaceEntry(wire.namespace.name())) {
            entry.call(() -> {
                takes[0] = SegmentationProbe.takes(7); // there is no such type
                takes[1] = SegmentationProbe.takesUdp();
            });
            wire.namespace.run("ip", "link", "set", "lo", "down");
            entry.call(() -> takes[2] = SegmentationProbe.takesUdp());
        }
        String release = wire.namespace.run("uname", "-r");
        String[] version = release.split("[.-]");
        boolean since62 = Integer.parseInt(version[0]) * 100 + Integer.parseInt(version[1]) >= 602;
        assertThat(takes[0]).isFalse();
        assertThat(takes[1]).as("Linux %s", release).isEqualTo(since62);
        assertThat(takes[2]).isFalse();
    }

    @Test
    void shouldDropWhatCannotBeUsedWithoutTheVirtioHeader() throws Exception {
        wire = new VethPair();
        PolledPort near = near();
        PolledPort far = wire.port(PacketPort.builder("far"), Set.of(io.weft.packet.PacketSocket.PACKET_VNET_HDR));
        assertThat(far.events).singleElement().asString().contains("no PACKET_VNET_HDR");
        assertThat(far.port.capabilities().offloads()).isEmpty();
        assertThat(far.port.capabilities().headroom()).isZero();
        near.transmit(TestFrames.allocate(near.pool, TestFrames.tcp(100), 0, 0));
        near.transmit(TestFrames.allocate(near.pool, TestFrames.tcp(20_000), 0, 1_448));
        byte[] whole = TestFrames.broadcast(100, 1);
        near.transmit(whole);
        assertThat(far.receive(1)).containsExactly(whole);
        assertThat(far.dropped(DropReason.MALFORMED)).isEqualTo(2);
        assertThat(far.statistics().rxFrames()).isEqualTo(2);
        far.transmit(whole);
        assertThat(near.receive(1)).containsExactly(whole);
    }

    // ---- what is not received ----

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotReceiveWhatThisMachineSends(boolean kernelIgnores) throws Exception {
        wire = new VethPair();
        PolledPort near = wire.port(
                PacketPort.builder("near"),
                kernelIgnores ? Set.of() : Set.of(io.weft.packet.PacketSocket.PACKET_IGNORE_OUTGOING));
        PacketSocket shared = wire.socket("near");
        PolledPort far = far();
        byte[] ours = TestFrames.broadcast(60, 1);
        byte[] theMachines = TestFrames.broadcast(60, 2);
        near.transmit(ours);
        shared.send(theMachines);
        assertThat(far.receive(2)).containsExactly(ours, theMachines);
        byte[] answer = TestFrames.tagged(TestFrames.broadcast(60, 3), 0x8100, 7);
        far.transmit(answer);
        assertThat(near.receive(1)).containsExactly(answer);
        assertThat(near.receive(0)).isEmpty();
        assertThat(near.statistics().rxFrames()).isZero(); // the core counts what poll returns, the port nothing
    }

    @Test
    void shouldCountWhatTheKernelHadNoRoomFor() throws Exception {
        wire = new VethPair();
        PolledPort far = wire.port(PacketPort.builder("far").rcvbuf(4_096));
        PacketSocket host = wire.socket("near");
        int count = 500;
        for (int i = 0; i < count; i++) {
            host.send(TestFrames.broadcast(1_000, i));
        }
        int received = 0;
        for (FrameBatch polled = far.poll(64); !polled.isEmpty(); polled = far.poll(64)) {
            received += polled.size();
            polled.release();
        }
        assertThat(received).isPositive().isLessThan(count);
        assertThat(far.statistics().rxFrames()).isZero();
        far.look();
        assertThat(far.dropped(DropReason.RX_QUEUE_FULL)).isEqualTo(count - received);
        assertThat(far.statistics().rxFrames()).isEqualTo(count - received);
        far.look();
        assertThat(far.dropped(DropReason.RX_QUEUE_FULL)).isEqualTo(count - received); // each once
    }

    @Test
    void shouldCountFramesLongerThanAnyMayBe() throws Exception {
        wire = new VethPair(65_535);
        PolledPort far = far();
        PacketSocket host = wire.socket("near");
        byte[] longest = TestFrames.broadcast(Frame.MAX_LENGTH, 1);
        host.send(longest);
        host.send(TestFrames.broadcast(Frame.MAX_LENGTH + 1, 2));
        host.send(TestFrames.broadcast(Frame.MAX_LENGTH + 14, 3));
        host.send(TestFrames.tagged(TestFrames.broadcast(Frame.MAX_LENGTH - 3, 4), 0x8100, 5)); // with its tag
        byte[] longestTagged = TestFrames.tagged(TestFrames.broadcast(Frame.MAX_LENGTH - 4, 5), 0x8100, 5);
        host.send(longestTagged);
        assertThat(far.receive(2)).containsExactly(longest, longestTagged);
        assertThat(far.dropped(DropReason.RX_TOO_LONG)).isEqualTo(3);
    }

    @Test
    void shouldReadOnAndCountWhenThePoolIsDry() throws Exception {
        wire = new VethPair(9_000);
        PacketSettings settings =
                PacketPort.builder("far").netns(wire.namespace.name()).build().settings();
        PolledPort far = new PolledPort(new PacketPort(settings), new FramePool(4, 1));
        try (far) {
            PacketSocket host = wire.socket("near");
            int[] lengths = {100, 9_014, 200, 5_000, 300};
            for (int length : lengths) {
                host.send(TestFrames.broadcast(length, length));
            }
            FrameBatch polled = far.poll(64);
            assertThat(polled.size()).isEqualTo(4); // the second long frame found no large slot
            assertThat(polled.get(1).length()).isEqualTo(9_014);
            assertThat(far.dropped(DropReason.POOL_EMPTY)).isEqualTo(1);

            host.send(TestFrames.broadcast(60, 1));
            host.send(TestFrames.broadcast(60, 2));
            FrameBatch more = far.poll(64); // three of four small slots are in use
            assertThat(more.size()).isEqualTo(1);
            assertThat(far.dropped(DropReason.POOL_EMPTY)).isEqualTo(2);
            more.release();
            polled.release();

            host.send(TestFrames.broadcast(9_014, 3));
            assertThat(far.receive(1)).containsExactly(TestFrames.broadcast(9_014, 3));
        }
    }

    // ---- how the interface is ----

    @Test
    void shouldBePromiscuousForAsLongAsItIsOpenIfTold() throws Exception {
        wire = new VethPair();
        assertThat(promiscuity()).isEqualTo("0");
        try (PolledPort quiet = wire.port(PacketPort.builder("near").promisc(false))) {
            assertThat(promiscuity()).isEqualTo("0");
        }
        try (PolledPort near = near()) {
            assertThat(promiscuity()).isEqualTo("1");
        }
        assertThat(promiscuity()).isEqualTo("0");
    }

    private String promiscuity() {
        return wire.namespace.run("ip", "-d", "link", "show", "near").replaceAll("(?s).*promiscuity (\\d+).*", "$1");
    }

    @Test
    void shouldGoDownAndUpWithTheInterface() throws Exception {
        wire = new VethPair();
        PolledPort near = near();
        PolledPort far = far();
        near.look();
        assertThat(near.events).isEmpty();

        wire.namespace.run("ip", "link", "set", "near", "down");
        assertThat(near.poll(64).isEmpty()).isTrue();
        assertThat(near.events).containsExactly("down: interface near is down: ip link set near up");
        near.transmit(TestFrames.broadcast(60, 1), TestFrames.broadcast(60, 2));
        assertThat(near.dropped(DropReason.PORT_DOWN)).isEqualTo(2);
        far.look();
        assertThat(far.events).containsExactly("down: interface far has no carrier");
        near.look(); // says it once
        assertThat(near.events).hasSize(1);

        wire.namespace.run("ip", "link", "set", "near", "up");
        near.look();
        far.look();
        assertThat(near.events).hasSize(2).last().isEqualTo("up");
        assertThat(far.events).hasSize(2).last().isEqualTo("up");
        byte[] frame = TestFrames.broadcast(60, 3);
        far.transmit(frame);
        assertThat(near.receive(1)).containsExactly(frame);
        near.transmit(frame);
        assertThat(far.receive(1)).containsExactly(frame);
    }

    @Test
    void shouldOpenOnAnInterfaceThatIsDown() throws Exception {
        wire = new VethPair();
        wire.namespace.run("ip", "link", "set", "near", "down");
        PolledPort near = near();
        assertThat(near.events).containsExactly("down: interface near is down: ip link set near up");
        wire.namespace.run("ip", "link", "set", "near", "up");
        byte[] frame = TestFrames.broadcast(60, 3);
        wire.socket("far").send(frame);
        assertThat(near.receive(1)).containsExactly(frame);
        assertThat(near.events).hasSize(2).last().isEqualTo("up"); // without waiting for the next look
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldGoDownForGoodWithAnInterfaceThatIsDeleted(boolean downBefore) throws Exception {
        wire = new VethPair();
        PolledPort near = near();
        if (downBefore) {
            wire.namespace.run("ip", "link", "set", "near", "down");
            near.poll(64);
            near.events.clear();
        }
        wire.namespace.run("ip", "link", "delete", "near");
        near.poll(64);
        near.look();
        assertThat(near.events).containsExactly("down: interface near is gone");
        assertThat(near.isWatched()).isFalse();
        assertThat(near.poll(64).isEmpty()).isTrue();
        near.transmit(TestFrames.broadcast(60, 1));
        assertThat(near.dropped(DropReason.PORT_DOWN)).isEqualTo(1);
    }

    @Test
    void shouldGoOnWithAnInterfaceThatIsRenamed() throws Exception {
        wire = new VethPair();
        PolledPort near = near();
        wire.namespace.run("ip", "link", "set", "near", "name", "renamed");
        near.look();
        assertThat(near.events).isEmpty();
        byte[] frame = TestFrames.broadcast(60, 3);
        wire.socket("far").send(frame);
        assertThat(near.receive(1)).containsExactly(frame);
    }

    @Test
    void shouldSendPastTheQueueingDisciplineIfTold() throws Exception {
        wire = new VethPair();
        PolledPort near = wire.port(PacketPort.builder("near").qdiscBypass(true));
        PolledPort far = far();
        wire.namespace.run("tc", "qdisc", "replace", "dev", "near", "root", "pfifo", "limit", "10");
        byte[] frame = TestFrames.broadcast(60, 3);
        near.transmit(frame, frame);
        near.transmit(TestFrames.allocate(near.pool, TestFrames.tcp(20_000), 0, 1_448));
        assertThat(far.receive(3)).hasSize(3);
        assertThat(wire.namespace.run("tc", "-s", "qdisc", "show", "dev", "near"))
                .contains("Sent 0 bytes 0 pkt");
    }
}
