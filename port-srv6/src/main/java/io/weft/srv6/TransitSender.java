package io.weft.srv6;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.frame.FramePool;
import io.weft.frame.Ipv6;
import io.weft.tunnel.AnswerLimit;
import io.weft.underlay.SendOutcome;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlaySender;
import io.weft.underlay.UnderlaySocket;

/**
 * Sends packets on to their next segment, and tells senders of those that go no further, as often as the limit allows (RFC 4443,
 * 2.4 f).
 *
 * <p>Threads: the listener's worker.
 */
final class TransitSender {
    private static final int ANSWERS = 64;
    private static final int ANSWERS_PER_SECOND = 1_000;

    private final Srv6Listener listener;
    private final UnderlaySocket socket;
    private final UnderlaySender sender;
    private final TransitSegmenter segmenter;
    private final FrameBatch waiting;
    private final UnderlayPeer[] gateways; // of each that waits; null where its destination leads
    private final SrSource[] answering; // of each that waits; null where nobody is to be told
    private final FrameBatch errors = new FrameBatch(ANSWERS);
    private final AnswerLimit answers = new AnswerLimit(ANSWERS_PER_SECOND, ANSWERS);

    TransitSender(Srv6Listener listener, UnderlaySocket socket, FramePool pool) {
        this.listener = listener;
        this.socket = socket;
        this.sender = socket.newSender();
        this.segmenter = new TransitSegmenter(pool);
        this.waiting = new FrameBatch(sender.capacity());
        this.gateways = new UnderlayPeer[sender.capacity()];
        this.answering = new SrSource[sender.capacity()];
    }

    /**
     * Sends a packet on, at the end of the poll or before; takes ownership.
     *
     * @param gateway to whom; {@code null}: where its destination leads
     * @param source who tells its sender when it cannot be sent; {@code null}: nobody does
     */
    void add(Frame packet, UnderlayPeer gateway, SrSource source) {
        int segments = packet.hasPendingOffload() ? segmenter.begin(packet) : 0;
        if (segments == 0) {
            enqueue(packet, gateway, source);
            return;
        }
        if (segments == TransitSegmenter.UNSOUND) {
            listener.count(Srv6Counter.OFFLOAD);
        } else {
            for (Frame segment = next(); segment != null; segment = next()) {
                enqueue(segment, gateway, source);
            }
            if (segmenter.remaining() > 0) {
                listener.count(Srv6Counter.NEXT_POOL_EMPTY);
            }
        }
        packet.release();
    }

    /** The next one; what waits to be sent may have all the memory that there is. */
    private Frame next() {
        Frame segment = segmenter.next();
        if (segment == null && segmenter.remaining() > 0 && !waiting.isEmpty()) {
            flush();
            segment = segmenter.next();
        }
        return segment;
    }

    private void enqueue(Frame packet, UnderlayPeer gateway, SrSource source) {
        if (sender.size() == sender.capacity()) {
            flush();
        }
        gateways[waiting.size()] = gateway;
        answering[waiting.size()] = source;
        waiting.add(packet);
        if (gateway == null) {
            sender.addPacket(packet);
        } else {
            int word = Ipv6Header.word(packet, 0);
            sender.add(packet, gateway, Ipv6Header.trafficClass(word), Ipv6Header.flowLabel(word));
        }
    }

    /**
     * Makes an ICMPv6 error of a packet, and sends it to who has sent the packet at the end of the poll, unless there were too many of
     * late.
     *
     * @param answer as {@link SidProcessor#answer} has it
     * @param source who says it
     * @return whether it took ownership
     */
    boolean answer(Frame packet, long answer, SrSource source) {
        return mayAnswer() && isMade(packet, answer, source);
    }

    private boolean mayAnswer() {
        return errors.remaining() > 0 && answers.take(listener.nanoTime());
    }

    private boolean isMade(Frame packet, long answer, SrSource source) {
        if (!IcmpError.make(packet, answer, source)) {
            return false;
        }
        errors.add(packet);
        return true;
    }

    /** Sends what waits. */
    void flush() {
        if (!waiting.isEmpty()) {
            sendOn();
        }
        if (!errors.isEmpty()) {
            sendErrors();
        }
    }

    private void sendOn() {
        sender.flush();
        int sent = 0;
        for (int i = 0; i < waiting.size(); i++) {
            Frame packet = waiting.get(i);
            SendOutcome outcome = sender.outcome(i);
            if (outcome == SendOutcome.SENT) {
                sent++;
            } else {
                listener.count(counter(outcome));
            }
            if (!isAnswered(packet, outcome, gateways[i], answering[i])) {
                packet.release();
            }
        }
        sender.clear();
        waiting.clear();
        listener.sentOn(sent);
    }

    /** Makes the answer of a packet that could not be sent on, where its sender can do something about it; takes ownership if it does. */
    private boolean isAnswered(Frame packet, SendOutcome outcome, UnderlayPeer gateway, SrSource source) {
        boolean isCause = outcome == SendOutcome.TOO_LONG || outcome == SendOutcome.UNREACHABLE;
        if (!isCause || source == null || !mayAnswer()) {
            return false;
        }
        if (outcome == SendOutcome.UNREACHABLE) {
            return isMade(packet, IcmpError.of(IcmpError.DESTINATION_UNREACHABLE, 0, 0), source);
        }
        UnderlayPeer to = gateway != null
                ? gateway
                : new UnderlayPeer(Ipv6.destinationHigh(packet, 0), Ipv6.destinationLow(packet, 0), 0, 0);
        try {
            int mtu = socket.pathMtu(to);
            return mtu > 0 && isMade(packet, IcmpError.of(IcmpError.PACKET_TOO_BIG, 0, mtu), source);
        } catch (UnderlayException noWay) {
            return false;
        }
    }

    /** What they are about has been counted, and nobody is told that they did not arrive. */
    private void sendErrors() {
        for (int i = 0; i < errors.size(); i++) {
            sender.addPacket(errors.get(i));
        }
        sender.flush();
        sender.clear();
        errors.release();
    }

    private static Srv6Counter counter(SendOutcome outcome) {
        return switch (outcome) {
            case TOO_LONG -> Srv6Counter.NEXT_TOO_LONG;
            case QUEUE_FULL -> Srv6Counter.NEXT_QUEUE_FULL;
            case UNREACHABLE -> Srv6Counter.NEXT_UNREACHABLE;
            default -> Srv6Counter.NEXT_ERROR;
        };
    }
}
