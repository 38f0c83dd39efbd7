package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.underlay.UnderlayException.Kind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;

/**
 * What the contract tests of UDP sockets rest on: sockets of the implementation under test, which are closed after each
 * test, and the ways to send to them and receive from them.
 */
abstract class UdpContract {
    private static final long PATIENCE_NS = 10_000_000_000L;

    /** A datagram that came, or a message of several when they are not taken apart. */
    record Received(byte[] bytes, UnderlayPeer from, String destination, int trafficClass, int segmentSize) {}

    final FramePool pool = new FramePool(4096, 256);
    private final List<UnderlaySocket> opened = new ArrayList<>();
    private final Frame[] landings = new Frame[8];

    final UdpImplementation udp;

    UdpContract(UdpImplementation udp) {
        this.udp = udp;
    }

    // ---- sockets ----

    static UdpSettings settings(boolean ipv6) {
        return ipv6 ? UdpSettings.ipv6Only() : UdpSettings.ipv4();
    }

    static InetAddress inet(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // an address, not a name
        }
    }

    /** At the first host's address, any port. */
    UnderlaySocket one(boolean ipv6) throws UnderlayException {
        return one(settings(ipv6).bindTo(inet(udp.address(ipv6)), 0));
    }

    UnderlaySocket one(UdpSettings settings) throws UnderlayException {
        return keep(udp.openOne(settings));
    }

    /** At the second host's address, any port. */
    UnderlaySocket other(boolean ipv6) throws UnderlayException {
        return other(settings(ipv6).bindTo(inet(udp.otherAddress(ipv6)), 0));
    }

    UnderlaySocket other(UdpSettings settings) throws UnderlayException {
        return keep(udp.openOther(settings));
    }

    private UnderlaySocket keep(UnderlaySocket socket) {
        opened.add(socket);
        return socket;
    }

    @AfterEach
    void closeSockets() {
        opened.forEach(UnderlaySocket::close);
    }

    /** Where a socket is, as a peer. */
    static UnderlayPeer peer(UnderlaySocket socket) {
        return UnderlayPeer.of(socket.local().getAddress(), socket.local().getPort());
    }

    // ---- datagrams ----

    /** A payload that shows its number, in every byte as far as it has any. */
    static byte[] payload(int number, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (number * 31 + i * 7);
        }
        return bytes;
    }

    Frame frame(byte[] bytes) {
        Frame frame = pool.allocate(bytes.length);
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    /** Sends datagrams to one peer with one flush. */
    List<SendOutcome> send(UnderlaySocket from, UnderlayPeer to, byte[]... payloads) {
        UnderlaySender sender = from.newSender();
        List<Frame> frames = new ArrayList<>();
        for (byte[] payload : payloads) {
            Frame frame = frame(payload);
            frames.add(frame);
            sender.add(frame, to, -1);
        }
        sender.flush();
        List<SendOutcome> outcomes = outcomes(sender);
        sender.clear();
        frames.forEach(Frame::release);
        return outcomes;
    }

    static List<SendOutcome> outcomes(UnderlaySender sender) {
        List<SendOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < sender.size(); i++) {
            outcomes.add(sender.outcome(i));
        }
        return outcomes;
    }

    /** Datagrams, taken out of the messages they came in, until there are as many as asked for. */
    List<Received> receive(UnderlaySocket at, int datagrams) {
        List<Received> all = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE_NS;
        while (all.size() < datagrams && System.nanoTime() < end) {
            for (Received message : poll(at)) {
                int size = message.segmentSize == 0 ? message.bytes.length : message.segmentSize;
                int offset = 0;
                do {
                    int next = Math.min(offset + size, message.bytes.length);
                    byte[] datagram = Arrays.copyOfRange(message.bytes, offset, next);
                    all.add(new Received(
                            datagram, message.from, message.destination, message.trafficClass, message.segmentSize));
                    offset = next;
                } while (offset < message.bytes.length);
            }
        }
        assertThat(all).as("datagrams received").hasSize(datagrams);
        return all;
    }

    /** The payloads of datagrams. */
    List<byte[]> payloads(UnderlaySocket at, int datagrams) {
        return receive(at, datagrams).stream().map(Received::bytes).toList();
    }

    /** Messages as they come, until they have as many bytes as asked for. */
    List<Received> messages(UnderlaySocket at, int bytes) {
        List<Received> all = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE_NS;
        int seen = 0;
        while (seen < bytes && System.nanoTime() < end) {
            for (Received message : poll(at)) {
                all.add(message);
                seen += message.bytes.length;
            }
        }
        assertThat(seen).as("bytes received").isEqualTo(bytes);
        return all;
    }

    /** What waits, with one call. */
    List<Received> poll(UnderlaySocket at) {
        UnderlayReceiver receiver = at.receiver();
        int count = Math.min(landings.length, receiver.capacity());
        int received = receiver.receive(landings(), count);
        assertThat(receiver.failure()).as("errno").isZero();
        List<Received> messages = new ArrayList<>();
        for (int i = 0; i < received; i++) {
            messages.add(message(receiver, i));
        }
        return messages;
    }

    Frame[] landings() {
        for (int i = 0; i < landings.length; i++) {
            landings[i] = landings[i] == null ? pool.allocate(Frame.MAX_LENGTH) : landings[i];
        }
        return landings;
    }

    private Received message(UnderlayReceiver receiver, int index) {
        assertThat(receiver.isCut(index)).as("message cut").isFalse();
        landings[index].length(receiver.length(index));
        UnderlayPeer from =
                new UnderlayPeer(receiver.sourceHigh(index), receiver.sourceLow(index), 0, receiver.sourcePort(index));
        boolean told = receiver.destinationHigh(index) != 0 || receiver.destinationLow(index) != 0;
        return new Received(
                landings[index].toByteArray(),
                from,
                told ? UnderlayPeer.format(receiver.destinationHigh(index), receiver.destinationLow(index)) : "",
                receiver.trafficClass(index),
                receiver.segmentSize(index));
    }

    static void assertRefused(Kind kind, ThrowingCallable opening) {
        assertThatThrownBy(opening).isInstanceOfSatisfying(UnderlayException.class, e -> assertThat(e.kind())
                .as(e.getMessage())
                .isEqualTo(kind));
    }
}
