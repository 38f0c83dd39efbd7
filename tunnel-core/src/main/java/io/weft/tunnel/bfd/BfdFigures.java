package io.weft.tunnel.bfd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The numbers of a session that others read.
 *
 * <p>Threads: one writer, the session's worker; any number of readers, who see each number's recent value (opaque reads).
 */
@SuppressWarnings("EnumOrdinal") // a reason's place in the enum is its place among the counters; never stored
final class BfdFigures {
    private static final int SENT = 0;
    private static final int RECEIVED = 1;
    private static final int UPS = 2;
    private static final int DOWNS = 3;
    private static final int TRANSMIT_INTERVAL_NS = 4;
    private static final int DETECTION_TIME_NS = 5;
    private static final int REFUSED = 6;

    private static final BfdRefusal[] REASONS = BfdRefusal.values();
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] values = new long[REFUSED + REASONS.length];

    void sent() {
        increment(SENT);
    }

    void received() {
        increment(RECEIVED);
    }

    void refused(BfdRefusal reason) {
        increment(REFUSED + reason.ordinal());
    }

    void up() {
        increment(UPS);
    }

    void down() {
        increment(DOWNS);
    }

    void transmitIntervalNs(long interval) {
        ELEMENT.setOpaque(values, TRANSMIT_INTERVAL_NS, interval);
    }

    void detectionTimeNs(long time) {
        ELEMENT.setOpaque(values, DETECTION_TIME_NS, time);
    }

    private void increment(int index) {
        ELEMENT.setOpaque(values, index, values[index] + 1);
    }

    private long get(int index) {
        return (long) ELEMENT.getOpaque(values, index);
    }

    BfdStatus status(
            BfdState state,
            BfdDiagnostic diagnostic,
            BfdState remoteState,
            BfdDiagnostic remoteDiagnostic,
            boolean forwarding) {
        Map<BfdRefusal, Long> refused = new EnumMap<>(BfdRefusal.class);
        for (BfdRefusal reason : REASONS) {
            refused.put(reason, get(REFUSED + reason.ordinal()));
        }
        return new BfdStatus(
                state,
                diagnostic,
                remoteState,
                remoteDiagnostic,
                forwarding,
                get(TRANSMIT_INTERVAL_NS),
                get(DETECTION_TIME_NS),
                get(SENT),
                get(RECEIVED),
                Collections.unmodifiableMap(refused),
                get(UPS),
                get(DOWNS));
    }
}
