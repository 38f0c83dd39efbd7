package io.weft.tunnel.bfd;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A VTEP that speaks nothing but BFD: a session behind a socket of the JDK and eight bytes of VXLAN header, with a thread of
 * its own.
 */
final class VxlanSpeaker implements AutoCloseable {
    private static final int VXLAN_LENGTH = 8;

    private final DatagramSocket socket;
    private final InetSocketAddress remote;
    private final BfdEncapsulation encapsulation;
    private final int vni;
    private final long mac;
    private final Queue<Consumer<BfdSession>> commands = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "vxlan-speaker");

    final List<String> changes = new CopyOnWriteArrayList<>();
    final BfdSession session;
    volatile boolean mute;
    volatile byte[] lastFrame = {};
    private volatile boolean closed;
    private volatile Throwable failure;

    /** One that listens at {@code local} and speaks with {@code remote}; {@code mac} is for {@link BfdEncapsulation#isBfd}. */
    VxlanSpeaker(
            InetSocketAddress local,
            InetSocketAddress remote,
            int vni,
            BfdSettings settings,
            BfdEncapsulation encapsulation,
            long mac,
            SplittableRandom random)
            throws IOException {
        this.remote = remote;
        this.vni = vni;
        this.encapsulation = encapsulation;
        this.mac = mac;
        socket = new DatagramSocket(local);
        session = new BfdSession(
                settings,
                BfdSession.drawDiscriminator(random),
                random,
                System.nanoTime(),
                (changed, before) -> changes.add(before + ">" + changed.state()));
        thread.start();
    }

    /** Has the session's thread do something with it, within a second. */
    void tell(Consumer<BfdSession> command) {
        commands.add(command);
    }

    private void run() {
        try {
            Frame frame = new FramePool(1, 0).allocate(0);
            DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
            while (!closed) {
                for (Consumer<BfdSession> command = commands.poll(); command != null; command = commands.poll()) {
                    command.accept(session);
                }
                while (session.poll(System.nanoTime())) {
                    send(frame);
                }
                long waitMs = (session.nextDueNs() - System.nanoTime()) / 1_000_000 + 1;
                socket.setSoTimeout((int) Math.max(1, Math.min(waitMs, 50)));
                try {
                    socket.receive(packet);
                    receive(frame, packet);
                } catch (SocketTimeoutException e) {
                    // time for the session to look at the clock
                }
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            failure = closed ? null : e;
        }
    }

    private void send(Frame frame) throws IOException {
        session.write(frame, encapsulation.packetOffset());
        encapsulation.put(frame);
        if (!mute) {
            byte[] datagram = ByteBuffer.allocate(VXLAN_LENGTH + frame.length())
                    .putInt(0x0800_0000)
                    .putInt(vni << 8)
                    .put(frame.toByteArray())
                    .array();
            try {
                socket.send(new DatagramPacket(datagram, datagram.length, remote));
            } catch (IOException e) {
                // the underlay is down, or refused what was sent before
            }
        }
    }

    private void receive(Frame frame, DatagramPacket packet) {
        ByteBuffer datagram = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
        if (datagram.remaining() > VXLAN_LENGTH && datagram.getInt() == 0x0800_0000 && datagram.getInt() == vni << 8) {
            frame.length(datagram.remaining());
            frame.putBytes(0, packet.getData(), VXLAN_LENGTH, datagram.remaining());
            if (BfdEncapsulation.isBfd(frame, mac)) {
                lastFrame = frame.toByteArray();
                session.onFrame(frame, System.nanoTime());
            }
        }
    }

    /** Throws what its thread died of. */
    void check() {
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
    }

    @Override
    public void close() {
        closed = true;
        socket.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
