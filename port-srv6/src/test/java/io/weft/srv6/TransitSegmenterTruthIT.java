package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.capture.Tshark;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.frame.IpPrefix;
import io.weft.offload.ScapyCase;
import io.weft.offload.VirtioFrame;
import io.weft.tap.NetworkNamespace;
import io.weft.tunnel.Packets;
import io.weft.underlay.Ipv6PacketSettings;
import io.weft.underlay.SendOutcome;
import io.weft.underlay.UdpSettings;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySender;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments held against those that scapy and the kernel make. */
@Timeout(300)
class TransitSegmenterTruthIT {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(10); // only ever reached by a failure
    private static final int LONGEST = 65_000; // so that headers fit in front
    private static final String[][] HEADERS = {
        {}, {Encapsulated.TWO_LEFT}, {Encapsulated.PADDING, Encapsulated.NONE_LEFT}
    };

    private final FramePool pool = new FramePool(256, 64);
    private final TransitSegmenter segmenter = new TransitSegmenter(pool);
    private int cut; // packets

    @TempDir
    Path folder;

    @AfterEach
    void shouldKeepNoFrame() {
        assertThat(pool.inUse()).isZero();
    }

    private List<byte[]> send(Frame packet) {
        List<byte[]> sent = new ArrayList<>();
        int count = segmenter.begin(packet);
        assertThat(count).isNotNegative();
        if (count == 0) {
            sent.add(packet.toByteArray());
        }
        cut += count == 0 ? 0 : 1;
        for (int i = 0; i < count; i++) {
            Frame segment = segmenter.next();
            sent.add(segment.toByteArray());
            segment.release();
        }
        packet.release();
        return sent;
    }

    private List<byte[]> check(
            VirtioFrame inside, List<byte[]> segments, int nextHeader, String[] headers, String name) {
        List<byte[]> sent = send(Encapsulated.of(inside, nextHeader, headers).in(pool));
        assertThat(sent.toArray())
                .as(name)
                .isEqualTo(segments.stream()
                        .map(segment -> Encapsulated.of(segment, nextHeader, headers))
                        .toArray());
        return sent;
    }

    @Test
    void shouldCutAsScapyDoes() throws Exception {
        List<byte[]> frames = new ArrayList<>();
        int cases = 0;
        for (ScapyCase one : ScapyCase.all()) {
            if (one.superFrame().bytes().length > LONGEST) {
                continue;
            }
            String[] headers = HEADERS[cases % HEADERS.length];
            cases++;
            List<byte[]> sent =
                    new ArrayList<>(check(one.superFrame(), one.frames(), Ipv6Header.ETHERNET, headers, one.name()));
            int etherType = ByteBuffer.wrap(one.superFrame().bytes()).getShort(12) & 0xffff;
            if (etherType == 0x0800 || etherType == 0x86dd) {
                List<byte[]> packets =
                        one.frames().stream().map(Encapsulated::packet).toList();
                int protocol = Encapsulated.protocol(packets.get(0));
                sent.addAll(check(Encapsulated.packet(one.superFrame()), packets, protocol, headers, one.name()));
            }
            sent.stream().limit(4).map(TransitSegmenterTruthIT::onEthernet).forEach(frames::add);
        }
        assertThat(cases).isPositive();
        Path file = folder.resolve("segments.pcapng");
        Tshark.write(file, frames);
        assertThat(Tshark.read(file, "-Y", Tshark.BAD)).isEmpty();
    }

    private static byte[] onEthernet(byte[] packet) {
        return ByteBuffer.allocate(14 + packet.length)
                .put(Packets.bytes("02000000000a 020000000001 86dd"))
                .put(packet)
                .array();
    }

    /** The same datagrams, once left to a network card by the kernel, and once cut by it: as it makes them, byte for byte. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.9.0.2 encap segs fc00:1::d1",
                "10.9.0.2 encap.red segs fc00:1::d1,fc00:2::d2,fc00:3::d3",
                "fd09::2 encap segs fc00:1::d1,fc00:2::d2",
                "fd09::2 encap.red segs fc00:1::d1",
            })
    void shouldCutAsTheKernelDoes(String way) throws Exception {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("ethtool");
        String[] words = way.split(" ");
        boolean ipv6 = words[0].contains(":");
        try (KernelHeadend kernel = new KernelHeadend()) {
            kernel.sh("sysctl -qw net.ipv6.auto_flowlabels=0", "ip link set b1 address 02:00:00:00:00:02");
            String[] route = ("ip " + (ipv6 ? "-6" : "-4") + " route add " + words[0] + " encap seg6 mode " + words[1]
                            + " segs " + words[3] + " dev b0")
                    .split(" ");
            Assumptions.assumeTrue(
                    kernel.router.succeeds(route), "skipped: this kernel cannot `" + String.join(" ", route) + "`");
            List<byte[]> left = receive(kernel, words[0], ipv6, 1);
            Assumptions.assumeTrue(cut == 1, "skipped: the kernel cuts what it encapsulates");
            assertThat(left).hasSize(4);
            kernel.sh("ethtool -K b0 gso off tso off tx-udp-segmentation off");
            assertThat(left.toArray())
                    .isEqualTo(receive(kernel, words[0], ipv6, 4).toArray());
        }
    }

    /** Sends four datagrams with one call; what has come by so many packets, and is to be sent on. */
    private List<byte[]> receive(KernelHeadend kernel, String to, boolean ipv6, int packets) throws Exception {
        String netns = kernel.router.name();
        InetAddress source = InetAddress.getByName(ipv6 ? "fd00:a::1" : "10.1.0.1");
        UdpSettings settings = (ipv6 ? UdpSettings.ipv6Only() : UdpSettings.ipv4())
                .bindTo(source, 50_001)
                .in(netns, null);
        List<IpPrefix> all = Stream.of("fc00::/16").map(IpPrefix::parse).toList();
        try (UnderlaySocket udp = Underlay.SYSTEM.open(settings);
                UnderlaySocket receiver =
                        Underlay.SYSTEM.open(Ipv6PacketSettings.of(all).in(netns, "b1"))) {
            UnderlaySender sender = udp.newSender();
            Frame[] datagrams = new Frame[4];
            byte[] payload = new byte[1_000];
            for (int i = 0; i < datagrams.length; i++) {
                int length = i == 3 ? 333 : payload.length;
                new Random(i).nextBytes(payload);
                datagrams[i] = pool.allocate(length);
                datagrams[i].putBytes(0, payload, 0, length);
                sender.add(datagrams[i], UnderlayPeer.of(InetAddress.getByName(to), 50_002), -1);
            }
            sender.flush();
            for (int i = 0; i < datagrams.length; i++) {
                assertThat(sender.outcome(i)).as("datagram %d", i).isEqualTo(SendOutcome.SENT);
                datagrams[i].release();
            }
            List<byte[]> sent = new ArrayList<>();
            long end = System.nanoTime() + DEADLINE_NS;
            for (int came = 0; came < packets; ) {
                assertThat(System.nanoTime() - end).as("%d packets came", came).isNegative();
                came += receive(receiver.receiver(), sent);
            }
            return sent;
        }
    }

    private int receive(UnderlayReceiver receiver, List<byte[]> sent) {
        Frame[] landings = new Frame[4];
        Arrays.setAll(landings, i -> pool.allocate(Frame.MAX_LENGTH));
        int came = receiver.receive(landings, landings.length);
        for (int i = 0; i < landings.length; i++) {
            if (i < came) {
                landings[i].length(receiver.length(i));
                sent.addAll(send(landings[i]));
            } else {
                landings[i].release();
            }
        }
        return Math.max(0, came);
    }
}
