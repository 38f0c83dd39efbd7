package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.TestSeed;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.offload.Coalescer;
import io.weft.offload.VirtioFrame;
import io.weft.offload.WireFrame;
import io.weft.port.Offload;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames of a TCP stream and of datagrams, merged by us and given to a host of the kernel's own. */
@Timeout(120)
class KernelReceptionIT {
    private static final String MAC = "02:00:00:00:00:01";
    private static final int PEER_PORT = 50_001;
    private static final int OWN_PORT = 50_002;
    private static final int SEQUENCE = Integer.MAX_VALUE - 100_000; // passes the sign on its way
    private static final int ACKNOWLEDGEMENT = 77_777;

    private final SplittableRandom random = TestSeed.random("KernelReceptionIT");
    private final ByteArrayOutputStream stream = new ByteArrayOutputStream();
    private final List<byte[]> datagrams = new ArrayList<>();

    @TempDir
    Path folder;

    @BeforeEach
    void probe() {
        KernelSegments.assumeAvailable();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void shouldBeReceivedAsIfNothingHadBeenMerged(int family) throws Exception {
        String peer = family == 4 ? "10.7.0.2" : "fd07::2";
        String own = family == 4 ? "10.7.0.1" : "fd07::1";
        List<byte[]> frames = frames(peer, own);
        Path in = folder.resolve("in");
        int merged = coalesce(frames, in);
        assertThat(merged).isGreaterThan(frames.size() / 2);

        Path streamOut = folder.resolve("stream");
        Path datagramsOut = folder.resolve("datagrams");
        try (NetworkNamespace host = NetworkNamespace.create("sink")) {
            String wrongChecksums = host.run(
                    KernelSegments.PYTHON,
                    KernelSegments.script("kernel_sink.py", folder).toString(),
                    in.toString(),
                    streamOut.toString(),
                    datagramsOut.toString(),
                    "" + family,
                    peer,
                    "" + PEER_PORT,
                    own,
                    "" + OWN_PORT,
                    MAC,
                    "" + SEQUENCE,
                    "" + ACKNOWLEDGEMENT);
            assertThat(wrongChecksums.strip())
                    .as("those that were wrong, and no others")
                    .isEqualTo("1 1");
        }
        assertThat(Files.readAllBytes(streamOut).length).isEqualTo(stream.size());
        assertThat(Files.readAllBytes(streamOut)).isEqualTo(stream.toByteArray());
        try (DataInputStream received = new DataInputStream(Files.newInputStream(datagramsOut))) {
            for (byte[] datagram : datagrams) {
                assertThat(received.readNBytes(received.readInt())).isEqualTo(datagram);
            }
            assertThat(received.available()).isZero();
        }
    }

    /** Segments and datagrams in turns; one of each comes with a wrong checksum before it comes right. */
    private List<byte[]> frames(String peer, String own) throws Exception {
        WireFrame tcp = new WireFrame();
        tcp.from = InetAddress.getByName(peer).getAddress();
        tcp.to = InetAddress.getByName(own).getAddress();
        tcp.ipv6 = tcp.to.length == 16;
        tcp.sourcePort = PEER_PORT;
        tcp.destinationPort = OWN_PORT;
        tcp.seq = SEQUENCE;
        tcp.ack = ACKNOWLEDGEMENT;
        WireFrame udp = tcp.copy();
        udp.udp = true;
        boolean[] spoilt = new boolean[2];
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            boolean last = random.nextInt(30) == 0;
            WireFrame next = (random.nextInt(4) == 0 ? udp : tcp).copy();
            next.payload = new byte[last ? 1 + random.nextInt(999) : 1_000];
            random.nextBytes(next.payload);
            if (next.udp) {
                datagrams.add(next.payload);
                udp.id++;
            } else {
                next.flags |= last ? 8 : 0;
                stream.write(next.payload);
                tcp.seq += next.payload.length;
                tcp.id++;
            }
            int kind = next.udp ? 1 : 0;
            if (i > 300 && !spoilt[kind]) {
                spoilt[kind] = true;
                WireFrame wrong = next.copy();
                wrong.checksum = wrong.trueChecksum() ^ 0x100;
                frames.add(wrong.bytes());
            }
            frames.add(next.bytes());
        }
        assertThat(frames).hasSize(602);
        return frames;
    }

    /** Writes the records for the kernel, and returns how many frames are in another one. */
    private static int coalesce(List<byte[]> frames, Path in) throws Exception {
        FramePool pool = new FramePool(128, 64);
        Coalescer coalescer = new Coalescer(pool, EnumSet.allOf(Offload.class));
        int merged = 0;
        try (DataOutputStream records = new DataOutputStream(Files.newOutputStream(in))) {
            for (int from = 0; from < frames.size(); from += FrameBatch.DEFAULT_CAPACITY) {
                FrameBatch batch = new FrameBatch();
                frames.subList(from, Math.min(frames.size(), from + FrameBatch.DEFAULT_CAPACITY))
                        .forEach(bytes -> batch.add(VirtioFrame.plain(bytes).received(pool)));
                merged += coalescer.coalesce(batch);
                for (int i = 0; i < batch.size(); i++) {
                    Frame frame = batch.get(i);
                    KernelSegments.write(VirtioFrame.of(frame), records);
                }
                batch.release();
            }
        }
        return merged;
    }
}
