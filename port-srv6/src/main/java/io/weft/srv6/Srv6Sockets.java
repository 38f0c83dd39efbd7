package io.weft.srv6;

import io.weft.port.PortException;
import io.weft.tunnel.SendingSockets;
import io.weft.tunnel.TunnelAdvice;
import io.weft.tunnel.TunnelSettings;
import io.weft.underlay.Ipv6PacketSettings;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;
import java.util.List;

/**
 * The sockets of SRv6, for whole IPv6 packets.
 *
 * <p>Threads: stateless.
 */
final class Srv6Sockets {
    /** What ports have in common that send by the same one. */
    record SendingKey(InetAddress local, String networkInterface, String netns, int sendBuffer) {
        static SendingKey of(TunnelSettings tunnel) {
            return new SendingKey(tunnel.local(), tunnel.networkInterface(), tunnel.netns(), tunnel.sendBuffer());
        }
    }

    private Srv6Sockets() {}

    /** The one that is received by, for nothing at first; what is passed on is sent by it too. */
    static UnderlaySocket listening(TunnelSettings tunnel, Underlay underlay) throws PortException {
        return open(tunnel, underlay, Ipv6PacketSettings.of(List.of()).withoutErrors());
    }

    /** The one that is sent from. */
    static SendingSockets sending(TunnelSettings tunnel, Underlay underlay) {
        Ipv6PacketSettings settings = Ipv6PacketSettings.sending().from(tunnel.local());
        return new SendingSockets("srv6", 1, index -> open(tunnel, underlay, settings));
    }

    private static UnderlaySocket open(TunnelSettings tunnel, Underlay underlay, Ipv6PacketSettings settings)
            throws PortException {
        try {
            return underlay.open(settings.in(tunnel.netns(), tunnel.networkInterface())
                    .buffers(tunnel.receiveBuffer(), tunnel.sendBuffer()));
        } catch (UnderlayException e) {
            throw TunnelAdvice.notOpened(tunnel, e);
        }
    }
}
