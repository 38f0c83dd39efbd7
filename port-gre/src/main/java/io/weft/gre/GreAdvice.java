package io.weft.gre;

import io.weft.nativeio.NativeException;
import io.weft.port.PortException;
import io.weft.tunnel.TunnelAdvice;
import io.weft.underlay.UnderlayException;

/**
 * What to tell the person at the keyboard when GRE's sockets cannot be had.
 *
 * <p>Threads: stateless.
 */
final class GreAdvice {
    private static final String IN_UDP =
            "; or encap=udp, which needs neither privilege nor native calls, if the other end"
                    + " speaks GRE in UDP (RFC 8086), as Weft does";

    private GreAdvice() {}

    /** The socket that is received by was not to be had. */
    static PortException notListening(GreSettings settings, UnderlayException reason) {
        return settings.udp() == null
                ? notRaw(settings, reason)
                : TunnelAdvice.notListening(settings.tunnel(), settings.udp().port(), reason);
    }

    /** A socket to send from was not to be had. */
    static PortException notSending(GreSettings settings, UnderlayException reason) {
        GreSettings.Udp udp = settings.udp();
        return udp == null
                ? notRaw(settings, reason)
                : TunnelAdvice.notSending(
                        settings.tunnel(), udp.firstSourcePort(), udp.lastSourcePort(), udp.sourcePorts(), reason);
    }

    /** Where there are no raw sockets, there are those of UDP. */
    private static PortException notRaw(GreSettings settings, UnderlayException reason) {
        boolean onlyRaw =
                switch (reason.kind()) {
                    case NO_PERMISSION -> true;
                    case UNSUPPORTED -> !(reason.getCause() instanceof NativeException); // or the kernel lacks more
                    default -> false;
                };
        return onlyRaw
                ? TunnelAdvice.blame(settings.tunnel(), "encap", "none", reason, IN_UDP)
                : TunnelAdvice.notOpened(settings.tunnel(), reason);
    }
}
