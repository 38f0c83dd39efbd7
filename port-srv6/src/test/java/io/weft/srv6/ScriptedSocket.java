package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.underlay.SendOutcome;
import io.weft.underlay.UnderlayErrorListener;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySender;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A socket that keeps what is sent, and does to each packet what a test says. */
final class ScriptedSocket implements UnderlaySocket {
    /** As many as a waypoint answers at once, which is the least that it needs. */
    static final int CAPACITY = 64;

    /** What was handed over, whatever became of it. */
    final List<byte[]> sent = new ArrayList<>();

    /** To whom each went; {@code null}: where its destination leads. */
    final List<UnderlayPeer> gateways = new ArrayList<>();

    /** Ways whose MTU was asked for. */
    final List<UnderlayPeer> asked = new ArrayList<>();

    Function<byte[], SendOutcome> fate = packet -> SendOutcome.SENT;

    /** -1: there is no way to anybody. */
    int mtu = 1_400;

    @Override
    public UnderlaySender newSender() {
        return new UnderlaySender() {
            private final List<Frame> frames = new ArrayList<>();
            private final List<UnderlayPeer> peers = new ArrayList<>();
            private final List<SendOutcome> outcomes = new ArrayList<>();

            @Override
            public int capacity() {
                return CAPACITY;
            }

            @Override
            public int size() {
                return frames.size();
            }

            @Override
            public void add(Frame frame, UnderlayPeer to, int trafficClass, int flowLabel) {
                if (frames.size() == CAPACITY) {
                    throw new IllegalStateException("full");
                }
                frames.add(frame);
                peers.add(to);
            }

            @Override
            public void addPacket(Frame packet) {
                add(packet, null, 0, 0);
            }

            @Override
            public void flush() {
                for (int i = outcomes.size(); i < frames.size(); i++) {
                    sent.add(frames.get(i).toByteArray());
                    gateways.add(peers.get(i));
                    outcomes.add(fate.apply(frames.get(i).toByteArray()));
                }
            }

            @Override
            public SendOutcome outcome(int index) {
                return outcomes.get(index);
            }

            @Override
            public void clear() {
                frames.clear();
                peers.clear();
                outcomes.clear();
            }
        };
    }

    @Override
    public int pathMtu(UnderlayPeer peer) throws UnderlayException {
        asked.add(peer);
        if (mtu < 0) {
            throw new UnderlayException(UnderlayException.Kind.UNSUPPORTED, "no way", null);
        }
        return mtu;
    }

    // ---- what nobody asks of it ----

    @Override
    public InetSocketAddress local() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public void onReadable(Runnable task) {}

    @Override
    public UnderlayReceiver receiver() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void join(InetAddress group, String networkInterface) {
        throw new UnsupportedOperationException();
    }

    @Override
    public InetAddress sourceFor(UnderlayPeer peer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void readErrors(UnderlayErrorListener listener) {}

    @Override
    public void close() {}
}
