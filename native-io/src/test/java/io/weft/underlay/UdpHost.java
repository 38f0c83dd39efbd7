package io.weft.underlay;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NativeMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A socket with what a test needs to send by it and to receive.
 *
 * <p>Threads: confined.
 */
final class UdpHost implements AutoCloseable {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(10); // only ever reached by a failure

    /** A message as it was received. */
    record Message(
            byte[] bytes,
            int segmentSize,
            UnderlayPeer source,
            long destinationHigh,
            long destinationLow,
            int trafficClass,
            boolean reassembled) {
        /** The datagrams that it consists of. */
        List<byte[]> datagrams() {
            int size = segmentSize == 0 ? Math.max(1, bytes.length) : segmentSize;
            List<byte[]> all = new ArrayList<>();
            int from = 0;
            do {
                int length = Math.min(size, bytes.length - from);
                byte[] datagram = new byte[length];
                System.arraycopy(bytes, from, datagram, 0, length);
                all.add(datagram);
                from += size;
            } while (from < bytes.length);
            return all;
        }
    }

    private final FramePool pool;
    private final UnderlaySocket socket;
    private final UnderlaySender sender;
    private final Frame[] landings;
    private final List<Frame> borrowed = new ArrayList<>();
    private final NativeMemory watched = new NativeMemory(8); // struct pollfd: descriptor, events, what happened
    private final NativeMemory timeout = new NativeMemory(16); // struct timespec

    /** With a socket, which it closes, and frames of a pool that the calling thread owns. */
    UdpHost(FramePool pool, UnderlaySocket socket) {
        this.pool = pool;
        this.socket = socket;
        sender = socket.newSender();
        landings = new Frame[socket.receiver().capacity()];
        for (int i = 0; i < landings.length; i++) {
            landings[i] = pool.allocate(Frame.MAX_LENGTH);
        }
    }

    UnderlaySocket socket() {
        return socket;
    }

    UnderlaySender sender() {
        return sender;
    }

    /** Where others find it. */
    UnderlayPeer peer() {
        return UnderlayPeer.of(socket.local().getAddress(), socket.local().getPort());
    }

    /** Bytes that nobody expects by chance. */
    static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    void add(byte[] bytes, UnderlayPeer to, int trafficClass) {
        add(bytes, to, trafficClass, 0);
    }

    void add(byte[] bytes, UnderlayPeer to, int trafficClass, int flowLabel) {
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        borrowed.add(frame);
        sender.add(frame, to, trafficClass, flowLabel);
    }

    void add(byte[] bytes, UnderlayPeer to) {
        add(bytes, to, -1);
    }

    /** Sends what was added and returns what became of each. */
    List<SendOutcome> flush() {
        sender.flush();
        List<SendOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < sender.size(); i++) {
            outcomes.add(sender.outcome(i));
        }
        sender.clear();
        borrowed.forEach(Frame::release);
        borrowed.clear();
        return outcomes;
    }

    SendOutcome send(byte[] bytes, UnderlayPeer to) {
        add(bytes, to);
        return flush().get(0);
    }

    /** What waits to be received. */
    List<Message> receiveNow() {
        List<Message> all = new ArrayList<>();
        int count;
        do {
            count = receiveOnce(all);
        } while (count == landings.length);
        return all;
    }

    /** What one call receives. */
    List<Message> receiveOnce() {
        List<Message> all = new ArrayList<>();
        receiveOnce(all);
        return all;
    }

    private int receiveOnce(List<Message> into) {
        UnderlayReceiver receiver = socket.receiver();
        int count = receiver.receive(landings, landings.length);
        for (int i = 0; i < count; i++) {
            into.add(message(receiver, i));
        }
        return count;
    }

    private Message message(UnderlayReceiver receiver, int index) {
        byte[] bytes = new byte[receiver.length(index)];
        landings[index].getBytes(0, bytes, 0, bytes.length);
        if (receiver.isCut(index)) {
            throw new AssertionError("cut: message of " + bytes.length);
        }
        UnderlayPeer source =
                new UnderlayPeer(receiver.sourceHigh(index), receiver.sourceLow(index), 0, receiver.sourcePort(index));
        return new Message(
                bytes,
                receiver.segmentSize(index),
                source,
                receiver.destinationHigh(index),
                receiver.destinationLow(index),
                receiver.trafficClass(index),
                receiver.isReassembled(index));
    }

    /** Waits for so many datagrams. */
    List<Message> receive(int datagrams) {
        List<Message> all = new ArrayList<>();
        long deadline = System.nanoTime() + DEADLINE_NS;
        while (all.stream().mapToInt(message -> message.datagrams().size()).sum() < datagrams) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("received " + all.size() + " messages, not " + datagrams + " datagrams");
            }
            awaitReadable();
            all.addAll(receiveNow());
        }
        return all;
    }

    /** Waits until the socket's descriptor is ready, or some time has passed; returns whether it is. */
    boolean awaitReadable() {
        return isReady(100);
    }

    /** Whether the socket's descriptor is ready within a time. */
    boolean isReady(int timeoutMs) {
        watched.bytes().putInt(0, socket.descriptor()).putShort(4, (short) LibC.POLLIN);
        timeout.bytes().putLong(0, 0).putLong(8, TimeUnit.MILLISECONDS.toNanos(timeoutMs));
        return Linux.libc().ppoll(watched.address(), 1, timeout.address(), 0) > 0;
    }

    /** Reads the socket's errors until so many have come. */
    List<String> errors(int count) {
        List<String> all = new ArrayList<>();
        long deadline = System.nanoTime() + DEADLINE_NS;
        while (all.size() < count) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("only these errors: " + all);
            }
            awaitReadable();
            all.addAll(errorsNow());
        }
        return all;
    }

    /** The errors that wait. */
    List<String> errorsNow() {
        List<String> all = new ArrayList<>();
        socket.readErrors(new UnderlayErrorListener() {
            @Override
            public void unreachable(long high, long low, int port, boolean refused) {
                all.add((refused ? "refused " : "unreachable ") + UnderlayPeer.format(high, low) + " " + port);
            }

            @Override
            public void tooBig(long high, long low, int port, int mtu) {
                all.add("tooBig " + UnderlayPeer.format(high, low) + " " + port + " mtu " + mtu);
            }
        });
        return all;
    }

    @Override
    public void close() {
        for (Frame landing : landings) {
            landing.release();
        }
        socket.close();
    }
}
