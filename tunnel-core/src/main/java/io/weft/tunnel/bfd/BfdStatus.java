package io.weft.tunnel.bfd;

import java.util.Map;

/**
 * What a session is and did, for people and metrics. The figures are of about the same moment.
 *
 * @param state ours
 * @param diagnostic why ours last went down
 * @param remoteState as last heard; {@code DOWN} when nothing is heard
 * @param remoteDiagnostic as last heard
 * @param forwarding whether the tunnel is of use: see {@link BfdSession#isForwarding()}
 * @param transmitIntervalNs how far apart we send at most, before the random part is taken off
 * @param detectionTimeNs after how long a silence the remote end counts as gone; 0 when it was not heard
 * @param sent packets sent
 * @param received packets taken notice of
 * @param refused packets that were not, by reason; every reason is there
 * @param ups how often the session has come up
 * @param downs how often it has left the up state
 */
public record BfdStatus(
        BfdState state,
        BfdDiagnostic diagnostic,
        BfdState remoteState,
        BfdDiagnostic remoteDiagnostic,
        boolean forwarding,
        long transmitIntervalNs,
        long detectionTimeNs,
        long sent,
        long received,
        Map<BfdRefusal, Long> refused,
        long ups,
        long downs) {}
