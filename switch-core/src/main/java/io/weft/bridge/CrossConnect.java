package io.weft.bridge;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;

/**
 * Joins ports without a bridge: what comes in by one of two ports leaves by the other, unseen; nothing is learned, no
 * address is special. With more than two ports attached (a listener that took a second client) frames are refused rather
 * than sent to a guess.
 *
 * <p>Threads: stateless.
 */
public final class CrossConnect implements Forwarder {
    @Override
    public void forward(FrameBatch received, EgressBatches egress, long nowNs) {
        BridgePort[] ports = egress.attached();
        for (int i = 0; i < received.size(); i++) {
            Frame frame = received.get(i);
            BridgePort in = egress.port(frame.ingress());
            if (in == null) {
                egress.dropOrphan(frame);
                continue;
            }
            in.received(frame);
            if (!in.state.isUp()) {
                in.drop(frame, DropReason.RX_PORT_DOWN);
            } else if (ports.length != 2) {
                in.drop(frame, DropReason.NO_EGRESS);
            } else {
                frame.endpoint(0);
                egress.add(ports[0] == in ? ports[1] : ports[0], frame);
            }
        }
        received.clear();
    }
}
