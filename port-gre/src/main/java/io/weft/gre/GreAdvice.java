package io.weft.gre;

import io.weft.port.PortException;
import io.weft.tunnel.TunnelAdvice;
import io.weft.underlay.UnderlayException;

/** What to tell the person at the keyboard when GRE's sockets cannot be had. Threads: stateless. */
final class GreAdvice {
    private GreAdvice() {}

    /** The socket that is received by was not to be had. */
    static PortException notListening(GreSettings settings, UnderlayException reason) {
        return TunnelAdvice.notOpened(settings.tunnel(), reason);
    }

    /** A socket to send from was not to be had. */
    static PortException notSending(GreSettings settings, UnderlayException reason) {
        return TunnelAdvice.notOpened(settings.tunnel(), reason);
    }
}
