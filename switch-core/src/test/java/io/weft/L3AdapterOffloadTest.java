package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import io.weft.layer3.L3Adapter;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.Offload;
import io.weft.port.PortCapabilities;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Layer-3 ports with super-frames and with several queues behind an adapter. */
class L3AdapterOffloadTest {
    private static final String ADDRESSES = "02000000009902000000000a";
    private static final String ANSWER_ADDRESSES = "02000000000a020000000099";
    private static final String ZERO = "000000000000000000000000";

    /** An Ethernet header and a TCP segment of IPv4 with {@code payload} bytes. */
    private static byte[] tcp(String addresses, String source, String destination, int payload) {
        byte[] headers = HexFormat.of()
                .parseHex(addresses + "0800" + "4500" + String.format("%04x", 40 + payload) + "000040004006" + "0000"
                        + source + destination + "0001000200000000" + "00000000" + "5010" + "ffff" + "00000000");
        byte[] frame = Arrays.copyOf(headers, headers.length + payload);
        Arrays.fill(frame, headers.length, frame.length, (byte) 7);
        return frame;
    }

    private static byte[] hello() { // an ARP request by which the adapter learns station a
        return HexFormat.of()
                .parseHex("ffffffffffff02000000000a0806" + "0001080006040001" + "02000000000a0a00000a" + "000000000000"
                        + "0a000001");
    }

    @Test
    void shouldPassSuperFramesAsTheyAre() throws Exception {
        PortCapabilities everything = OffloadLan.EVERYTHING.withOffloads(Offload.values());
        try (OffloadLan lan = new OffloadLan().port("a", everything)) {
            OffloadPort behind = new OffloadPort("behind", everything);
            lan.lan.add(L3Adapter.builder(behind)
                    .mac("02:00:00:00:00:99")
                    .address("10.0.0.1")
                    .build());
            int flags = Frame.OFFLOAD_CHECKSUM_PARTIAL;
            lan.send("a", OffloadedFrame.plain(hello()));
            lan.take("a");
            lan.send(
                    "a",
                    new OffloadedFrame(
                            tcp(ADDRESSES, "0a00000a", "0a000001", 30_000), flags, Frame.GSO_TCPV4, 1_448, 54, 34, 16));
            assertThat(behind.take()).singleElement().satisfies(frame -> {
                assertThat(frame.bytes()).isEqualTo(tcp(ZERO, "0a00000a", "0a000001", 30_000));
                assertThat(frame.gsoSize()).isEqualTo(1_448);
                assertThat(frame.checksumStart()).isEqualTo(34);
            });
            behind.send(new OffloadedFrame(
                    tcp(ZERO, "0a000001", "0a00000a", 30_000), flags, Frame.GSO_TCPV4, 1_448, 54, 34, 16));
            lan.settle();
            assertThat(lan.take("a")).singleElement().satisfies(frame -> {
                assertThat(frame.bytes()).isEqualTo(tcp(ANSWER_ADDRESSES, "0a000001", "0a00000a", 30_000));
                assertThat(frame.gsoType()).isEqualTo(Frame.GSO_TCPV4);
                assertThat(frame.flags()).isEqualTo(flags);
            });
            behind.send(new OffloadedFrame(
                    tcp(ZERO, "0a000001", "0a000001", 30_000), flags, Frame.GSO_TCPV4, 1_448, 54, 34, 16));
            lan.settle();
            assertThat(lan.dropped("behind", DropReason.SAME_PORT)).isEqualTo(1);
        }
    }

    @Test
    void shouldReceiveByAllQueuesInOrderAndWithThreads() throws Exception {
        int count = 2_000;
        BlockingQueue<byte[]> atA = new LinkedBlockingQueue<>();
        BlockingQueue<byte[]> atBehind = new LinkedBlockingQueue<>();
        MemoryPort a = new MemoryPort("a").onFrame(bytes -> {
            byte[] frame = new byte[bytes.remaining()];
            bytes.get(frame);
            atA.add(frame);
        });
        QueuedPort behind = new QueuedPort("behind", 3).onFrame(atBehind::add);
        try (VirtualSwitch lan = VirtualSwitch.builder().workers(4).build()) {
            lan.add(a);
            lan.add(L3Adapter.builder(behind)
                    .mac("02:00:00:00:00:99")
                    .address("10.0.0.1")
                    .build());
            // Nobody knows station a yet: the first packet of a queue waits, and a answers.
            behind.send(2, tcp(ZERO, "0a000001", "0a00000a", 9));
            assertThat(next(atA)).startsWith(HexFormat.of().parseHex("ffffffffffff0200000000990806"));
            assertThat(a.send(hello())).isTrue();
            List<byte[]> answers = List.of(next(atA), next(atA)); // its packet, and the reply to its own request
            assertThat(answers)
                    .anyMatch(frame -> Arrays.equals(frame, tcp(ANSWER_ADDRESSES, "0a000001", "0a00000a", 9)));
            int[] next = new int[3];
            for (int i = 0; i < count; i++) {
                behind.send(i % 3, tcp(ZERO, "0a000001", "0a00000a", 10 + i));
                while (!a.send(tcp(ADDRESSES, "0a00000a", "0a000001", 10 + i % 1_000))) {
                    Thread.onSpinWait();
                }
                if (i % 20 == 19) {
                    for (int j = 0; j < 20; j++) {
                        byte[] frame = next(atA);
                        int payload = frame.length - 54 - 10;
                        assertThat(frame).isEqualTo(tcp(ANSWER_ADDRESSES, "0a000001", "0a00000a", 10 + payload));
                        assertThat(payload).isGreaterThanOrEqualTo(next[payload % 3]); // each queue keeps its order
                        next[payload % 3] = payload + 1;
                        assertThat(next(atBehind)).startsWith(HexFormat.of().parseHex(ZERO + "0800"));
                    }
                }
            }
            Eventually.await("the books to balance", () -> lan.statistics().unaccounted() == 0);
            assertThat(lan.statistics().dropped()).isZero();
        }
    }

    @Test
    void shouldReceiveBySocketsThatTunnelsShare() throws Exception {
        SharedSocket.Host host = new SharedSocket.Host();
        SharedSocket.Tunnel plain = new SharedSocket.Tunnel(host, "plain", "1");
        SharedSocket.Tunnel behind = new SharedSocket.Tunnel(host, "behind", "1");
        MemoryPort a = new MemoryPort("a");
        try (VirtualSwitch lan =
                VirtualSwitch.builder().invoker(() -> 1_000_000_000L).workers(4).build()) {
            lan.add(a);
            lan.add(plain);
            lan.add(L3Adapter.builder(behind)
                    .mac("02:00:00:00:00:99")
                    .address("10.0.0.1")
                    .build());
            behind.receive(tcp(ZERO, "0a000001", "0a00000a", 9)); // waits
            settle(lan);
            assertThat(a.receive()).startsWith(HexFormat.of().parseHex("ffffffffffff0200000000990806"));
            a.send(hello());
            settle(lan);
            assertThat(List.of(a.receive(), a.receive()))
                    .anyMatch(frame -> Arrays.equals(frame, tcp(ANSWER_ADDRESSES, "0a000001", "0a00000a", 9)));
            behind.receive(tcp(ZERO, "0a000001", "0a00000a", 10));
            byte[] ethernet = tcp("02000000000a" + "02000000000b", "0a000001", "0a00000a", 11);
            plain.receive(ethernet); // by the same socket, for a port that is none of the adapter's
            settle(lan);
            assertThat(a.receive()).isEqualTo(tcp(ANSWER_ADDRESSES, "0a000001", "0a00000a", 10));
            assertThat(a.receive()).isEqualTo(ethernet);
            assertThat(lan.statistics().unaccounted()).isZero();
        }
    }

    private static void settle(VirtualSwitch lan) {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    private static byte[] next(BlockingQueue<byte[]> frames) throws InterruptedException {
        byte[] frame = frames.poll(20, TimeUnit.SECONDS);
        assertThat(frame).isNotNull();
        return frame;
    }
}
