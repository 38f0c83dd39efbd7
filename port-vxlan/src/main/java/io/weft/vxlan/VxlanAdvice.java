package io.weft.vxlan;

import io.weft.port.PortException;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.TunnelAdvice;
import io.weft.underlay.UnderlayException;

/**
 * What to tell the person at the keyboard when the underlay cannot be had: which option is to blame, its value, what the system
 * answered, and what is accepted or helps. The underlay says the last two; it does not know our options.
 *
 * <p>Threads: stateless.
 */
final class VxlanAdvice {
    private VxlanAdvice() {}

    /** The socket that listens at one of the port's {@code dst_port}s was not to be had. */
    static PortException notListening(VxlanSettings settings, int udpPort, UnderlayException reason) {
        return TunnelAdvice.notListening(settings.tunnel(), udpPort, reason);
    }

    /** A socket to send from was not to be had. */
    static PortException notSending(VxlanSettings settings, UnderlayException reason) {
        return TunnelAdvice.notSending(
                settings.tunnel(),
                settings.firstSourcePort(),
                settings.lastSourcePort(),
                settings.sourcePorts(),
                reason);
    }

    /** The multicast group was not to be joined. */
    static PortException notJoined(VxlanSettings settings, UnderlayException reason) {
        return switch (reason.kind()) {
            case NO_ROUTE ->
                blame(
                        settings,
                        "group",
                        AddressLiteral.format(settings.group()),
                        reason,
                        "; an interface is named by option dev");
            case OTHER, UNSUPPORTED -> blame(settings, "group", AddressLiteral.format(settings.group()), reason, "");
            default -> TunnelAdvice.notOpened(settings.tunnel(), reason);
        };
    }

    private static PortException blame(
            VxlanSettings settings, String option, Object value, UnderlayException reason, String accepted) {
        return TunnelAdvice.blame(settings.tunnel(), option, value, reason, accepted);
    }
}
