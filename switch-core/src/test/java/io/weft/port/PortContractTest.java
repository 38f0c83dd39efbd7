package io.weft.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.worker.PortStatus;
import java.io.File;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every port does, whatever is behind it. Extend it for a port type by saying what the far end of its medium is.
 *
 * <p>The port under test and a {@link MemoryPort} are in one switch with threads; frames cross it in both directions and
 * must arrive as they were sent, in order, each accounted for. All frames have the EtherType 0x88B5 (IEEE 802 local
 * experimental), and others are ignored, so that a medium with an operating system behind it may chat. For a layer-3 port
 * ({@link Peer#layer3}) they are IPv4 packets of protocol 253 (RFC 3692) behind Ethernet headers with zero addresses.
 */
public abstract class PortContractTest {
    /** Seconds after which something that should have happened has not. */
    private static final int DEADLINE_SECONDS = 20;

    private static final int ETHERTYPE = 0x88B5;
    private static final int MIN_LENGTH = 14;
    private static final int IPV4 = 0x0800;
    private static final int IPV4_HEADER_LENGTH = 20;
    private static final int IP_PROTOCOL = 253;
    private static final long PEER_MAC = 0x0200_0000_0001L;
    private static final long PROBE_MAC = 0x0200_0000_0002L;

    /** A port that was not opened yet, and the far end of its medium. */
    protected interface Peer extends AutoCloseable {
        /** The driver under test; the switch opens and closes it. It has, or soon will have, exactly one port. */
        PortDriver driver();

        /** Called when the driver is open: brings the far end up and returns when frames can pass. */
        default void connect() throws Exception {}

        /** Sends a frame from the far end towards the port. */
        void send(byte[] frame) throws Exception;

        /** The next frame that came to the far end, or {@code null} when none came within {@code timeoutMs}. */
        byte[] receive(long timeoutMs) throws Exception;

        /** Whether the port carries IP packets, {@link io.weft.frame.IpFrame}, and no other frames. */
        default boolean layer3() {
            return false;
        }

        /** The longest frame the medium carries in this test, in bytes from the destination address on. */
        default int maxFrameLength() {
            return 1_514;
        }

        /** The shortest frame the medium carries; shorter ones may be padded or refused on the way. */
        default int minFrameLength() {
            return layer3() ? MIN_LENGTH + IPV4_HEADER_LENGTH : MIN_LENGTH;
        }

        /** Ends the far end. */
        @Override
        void close() throws Exception;
    }

    private final BlockingQueue<byte[]> atProbe = new LinkedBlockingQueue<>();
    private final MemoryPort probe = new MemoryPort("probe").onFrame(this::keep);
    private VirtualSwitch lan;
    private Peer peer;
    private boolean layer3;

    /** A fresh port and far end. Called once or twice in a test. */
    protected abstract Peer newPeer() throws Exception;

    private void keep(ByteBuffer bytes) {
        byte[] frame = new byte[bytes.remaining()];
        bytes.get(frame);
        if (isOurs(frame)) {
            atProbe.add(frame);
        }
    }

    private void connect() throws Exception {
        lan = VirtualSwitch.builder().name("contract").workers(2).build();
        lan.add(probe);
        peer = newPeer();
        layer3 = peer.layer3();
        lan.add(peer.driver());
        peer.connect();
        await("the port to be up", () -> port() != null && port().up());
    }

    @AfterEach
    void disconnect() throws Exception {
        if (peer != null) {
            peer.close();
            peer = null;
        }
        if (lan != null) {
            lan.close();
            lan = null;
        }
    }

    private PortStatus port() {
        return lan.ports().stream()
                .filter(port -> !port.name().equals("probe"))
                .findFirst()
                .orElse(null);
    }

    // ---- frames ----

    private byte[] frame(long destination, long source, int length, int seed) {
        return layer3 ? packet(length, seed) : ethernet(destination, source, length, seed);
    }

    private static byte[] packet(int length, int seed) {
        byte[] frame = ethernet(0, 0, length, seed);
        ByteBuffer.wrap(frame)
                .putShort(12, (short) IPV4)
                .put(14, (byte) 0x45)
                .putShort(16, (short) (length - MIN_LENGTH))
                .put(14 + 9, (byte) IP_PROTOCOL);
        return frame;
    }

    private static byte[] ethernet(long destination, long source, int length, int seed) {
        ByteBuffer frame = ByteBuffer.allocate(length);
        frame.putShort((short) (destination >>> 32)).putInt((int) destination);
        frame.putShort((short) (source >>> 32)).putInt((int) source);
        frame.putShort((short) ETHERTYPE);
        SplittableRandom random = new SplittableRandom(seed);
        while (frame.hasRemaining()) {
            frame.put((byte) random.nextInt());
        }
        return frame.array();
    }

    private static boolean isOurs(byte[] frame) {
        if (frame.length >= MIN_LENGTH + IPV4_HEADER_LENGTH
                && ByteBuffer.wrap(frame).getShort(12) == IPV4
                && frame[14 + 9] == (byte) IP_PROTOCOL) {
            return true;
        }
        int type = frame.length < MIN_LENGTH ? 0 : ByteBuffer.wrap(frame).getShort(12) & 0xffff;
        if (type == 0x8100 && frame.length >= 18) {
            type = ByteBuffer.wrap(frame).getShort(16) & 0xffff;
        }
        return type == ETHERTYPE;
    }

    private byte[] nextAtPeer() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (true) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            byte[] frame = leftMs <= 0 ? null : peer.receive(leftMs);
            if (frame == null || isOurs(frame)) {
                return frame;
            }
        }
    }

    private byte[] nextAtProbe() throws InterruptedException {
        return atProbe.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private void sendFromProbe(byte[] frame) {
        await("the switch to take a frame", () -> probe.send(frame));
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long for %s", what).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private List<Integer> lengths() {
        int longest = Math.min(peer.maxFrameLength(), port().capabilities().maxFrameLength());
        return List.of(peer.minFrameLength(), 60, 61, 64, 590, longest - 1, longest);
    }

    // ---- the contract ----

    @Test
    void shouldDeliverToTheSwitchWhatThePeerSends() throws Exception {
        connect();
        for (int length : lengths()) {
            byte[] sent = frame(PROBE_MAC, PEER_MAC, length, length);
            peer.send(sent);
            assertThat(nextAtProbe()).as("frame of %d bytes", length).isEqualTo(sent);
        }
    }

    @Test
    void shouldDeliverToThePeerWhatTheSwitchSends() throws Exception {
        connect();
        for (int length : lengths()) {
            byte[] sent = frame(PEER_MAC, PROBE_MAC, length, length);
            sendFromProbe(sent);
            assertThat(nextAtPeer()).as("frame of %d bytes", length).isEqualTo(sent);
        }
    }

    @Test
    void shouldPassBroadcastMulticastAndTagsUnchanged() throws Exception {
        connect();
        if (layer3) {
            shouldSendPacketsOnly();
            return;
        }
        byte[] tagged = frame(0xFFFF_FFFF_FFFFL, PEER_MAC, 100, 1);
        ByteBuffer.wrap(tagged)
                .putShort(12, (short) 0x8100)
                .putShort(14, (short) 0xa064)
                .putShort(16, (short) ETHERTYPE);
        for (byte[] sent :
                List.of(frame(0xFFFF_FFFF_FFFFL, PEER_MAC, 60, 2), frame(0x3333_FF00_0001L, PEER_MAC, 86, 3), tagged)) {
            peer.send(sent);
            assertThat(nextAtProbe()).isEqualTo(sent);
            sendFromProbe(sent);
            assertThat(nextAtPeer()).isEqualTo(sent);
        }
    }

    /** A layer-3 port's part of it: what is no packet without tags it counts and does not send. */
    private void shouldSendPacketsOnly() throws Exception {
        byte[] tagged = packet(100, 1);
        ByteBuffer.wrap(tagged).putShort(12, (short) 0x8100).putInt(14, 0x0064_0800);
        byte[] otherVersion = packet(100, 2);
        otherVersion[14] = 0x65;
        byte[] noVersion = packet(100, 3);
        noVersion[14] = 0x05;
        byte[] empty = Arrays.copyOf(packet(100, 4), MIN_LENGTH);
        List<byte[]> refused = List.of(tagged, otherVersion, noVersion, ethernet(0, 0, 60, 5), empty);
        refused.forEach(this::sendFromProbe);
        byte[] after = packet(100, 6);
        ByteBuffer.wrap(after).putShort(0, (short) -1).putInt(2, -1); // addresses mean nothing
        sendFromProbe(after);
        byte[] arrived = nextAtPeer();
        ByteBuffer.wrap(after).putShort(0, (short) 0).putInt(2, 0);
        assertThat(arrived).isEqualTo(after);
        await("the drops to be counted", () -> port().statistics().dropped(DropReason.NOT_IP) == refused.size());
    }

    @Test
    void shouldKeepTheOrderAndAccountForEveryFrame() throws Exception {
        connect();
        int count = 500;
        long rxBefore = port().statistics().rxFrames();
        long txBefore = port().statistics().txFrames();
        for (int burst = 0; burst < count; burst += 20) {
            List<byte[]> toProbe = new ArrayList<>();
            List<byte[]> toPeer = new ArrayList<>();
            for (int i = burst; i < burst + 20; i++) {
                toProbe.add(frame(PROBE_MAC, PEER_MAC, 60 + i, i));
                toPeer.add(frame(PEER_MAC, PROBE_MAC, 60 + i, ~i));
                peer.send(toProbe.get(i - burst));
                sendFromProbe(toPeer.get(i - burst));
            }
            for (int i = 0; i < 20; i++) {
                assertThat(nextAtProbe())
                        .as("frame %d to the switch", burst + i)
                        .isEqualTo(toProbe.get(i));
                assertThat(nextAtPeer()).as("frame %d to the peer", burst + i).isEqualTo(toPeer.get(i));
            }
        }
        await("all frames to be accounted for", () -> lan.statistics().unaccounted() == 0);
        assertThat(port().statistics().rxFrames() - rxBefore).isGreaterThanOrEqualTo(count);
        assertThat(port().statistics().txFrames() - txBefore).isGreaterThanOrEqualTo(count);
        assertThat(port().statistics().rxBytes()).isGreaterThanOrEqualTo(60L * count);
    }

    @Test
    void shouldDropAndCountWhatIsLongerThanItsLimit() throws Exception {
        connect();
        int limit = port().capabilities().maxFrameLength();
        if (limit < io.weft.frame.Frame.MAX_LENGTH) {
            sendFromProbe(frame(PEER_MAC, PROBE_MAC, limit + 1, 1));
            await("the drop to be counted", () -> port().statistics().dropped(DropReason.TOO_LONG) == 1);
        }
        byte[] after = frame(PEER_MAC, PROBE_MAC, 60, 2);
        sendFromProbe(after);
        assertThat(nextAtPeer()).isEqualTo(after);
    }

    @Test
    void shouldSurviveThePeerAndLeaveOtherPortsAlone() throws Exception {
        connect();
        BlockingQueue<byte[]> atOther = new LinkedBlockingQueue<>();
        MemoryPort other = new MemoryPort("other").onFrame(bytes -> {
            byte[] frame = new byte[bytes.remaining()];
            bytes.get(frame);
            if (isOurs(frame)) {
                atOther.add(frame);
            }
        });
        lan.add(other);
        peer.close();
        peer = null;
        for (int i = 0; i < 100; i++) {
            byte[] sent = frame(0xFFFF_FFFF_FFFFL, PROBE_MAC, 60 + i, i);
            sendFromProbe(sent);
            assertThat(atOther.poll(DEADLINE_SECONDS, TimeUnit.SECONDS)).isEqualTo(sent);
        }
        await("all frames to be accounted for", () -> lan.statistics().unaccounted() == 0);
    }

    @Test
    void shouldLeaveNothingBehindAndOpenAgain() throws Exception {
        connect(); // loads classes, libraries and whatever is made once for a process
        disconnect();
        Set<String> threads = threads();
        long descriptors = descriptors();
        connect();
        byte[] sent = frame(PROBE_MAC, PEER_MAC, 60, 1);
        peer.send(sent);
        assertThat(nextAtProbe()).isEqualTo(sent);
        disconnect();
        await("threads " + threads + " only, not " + threads(), () -> threads.containsAll(threads()));
        await("descriptors to be " + descriptors + ", not " + descriptors(), () -> descriptors() <= descriptors);
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(thread ->
                        thread.getName().replaceFirst(" \\(pid \\d+\\)$", "")) // the JDK's, which wait for processes
                .collect(Collectors.toSet());
    }

    private static long descriptors() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }
}
