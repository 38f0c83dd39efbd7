package io.weft.gre;

import io.weft.port.PortException;
import io.weft.tunnel.SendingSockets;
import io.weft.tunnel.TunnelSettings;
import io.weft.underlay.RawIpSettings;
import io.weft.underlay.UdpSettings;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlaySocket;
import java.net.InetAddress;
import java.util.List;

/** The sockets of a port, as its options have them. Threads: stateless. */
final class GreSockets {
    /**
     * What ports have in common that share what they send from.
     *
     * @param udp {@code null} for a raw socket
     */
    record SendingKey(
            boolean ipv6,
            InetAddress local,
            String networkInterface,
            String netns,
            int ttl,
            int tos,
            boolean dontFragment,
            int sendBuffer,
            GreSettings.Udp udp) {
        static SendingKey of(GreSettings settings) {
            TunnelSettings tunnel = settings.tunnel();
            return new SendingKey(
                    tunnel.ipv6(),
                    tunnel.local(),
                    tunnel.networkInterface(),
                    tunnel.netns(),
                    tunnel.ttl(),
                    tunnel.tos(),
                    tunnel.dontFragment(),
                    tunnel.sendBuffer(),
                    settings.udp());
        }
    }

    private GreSockets() {}

    /** The one that is received by. */
    static UnderlaySocket listening(GreSettings settings, Underlay underlay) throws PortException {
        TunnelSettings tunnel = settings.tunnel();
        try {
            if (settings.udp() == null) {
                return underlay.open(raw(tunnel).withoutErrors());
            }
            return underlay.open(
                    udp(settings).bindTo(tunnel.local(), settings.udp().port()));
        } catch (UnderlayException e) {
            throw GreAdvice.notListening(settings, e);
        }
    }

    /** Those that are sent from: a raw one, which is to receive nothing, or of UDP, each from a source port of its own. */
    static SendingSockets sending(GreSettings settings, Underlay underlay) {
        GreSettings.Udp udp = settings.udp();
        if (udp == null) {
            return new SendingSockets("gre", 1, index -> {
                try {
                    UnderlaySocket socket = underlay.open(raw(settings.tunnel()));
                    socket.receiveFrom(List.of());
                    return socket;
                } catch (UnderlayException e) {
                    throw GreAdvice.notSending(settings, e);
                }
            });
        }
        String ports = udp.firstSourcePort() + "-" + udp.lastSourcePort();
        return new SendingSockets("gre udp source ports " + ports, udp.sourcePorts(), index -> {
            try {
                return underlay.open(SendingSockets.divide(
                        udp(settings),
                        settings.tunnel().local(),
                        udp.firstSourcePort(),
                        udp.lastSourcePort(),
                        udp.sourcePorts(),
                        index));
            } catch (UnderlayException e) {
                throw GreAdvice.notSending(settings, e);
            }
        });
    }

    private static RawIpSettings raw(TunnelSettings tunnel) {
        return RawIpSettings.of(tunnel.ipv6(), RawIpSettings.GRE)
                .bindTo(tunnel.local())
                .in(tunnel.netns(), tunnel.networkInterface())
                .buffers(tunnel.receiveBuffer(), tunnel.sendBuffer())
                .header(tunnel.ttl(), tunnel.tos(), tunnel.dontFragment());
    }

    private static UdpSettings udp(GreSettings settings) {
        GreSettings.Udp udp = settings.udp();
        return settings.tunnel()
                .udp()
                .checksums(udp.checksum(), udp.zeroChecksumReceive())
                .coalescing(udp.coalescing());
    }
}
