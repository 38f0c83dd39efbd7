package io.weft.vxlan;

import io.weft.tunnel.SendingSockets;
import io.weft.tunnel.TunnelSettings;
import io.weft.underlay.UdpSettings;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayException;
import java.net.InetAddress;

/** The sockets of a port, as its options have them. Threads: stateless. */
final class VxlanSockets {
    private VxlanSockets() {}

    /** The one that listens at a UDP port. */
    static UdpSettings listening(VxlanSettings settings, Vtep.Key key) {
        return common(settings).bindTo(key.local(), key.port());
    }

    /** What ports have in common that share what they send from. */
    record SendingKey(
            boolean ipv6,
            InetAddress local,
            int firstPort,
            int lastPort,
            int ports,
            String networkInterface,
            String netns,
            int ttl,
            int tos,
            boolean dontFragment,
            boolean checksum,
            int sendBuffer) {
        static SendingKey of(VxlanSettings settings) {
            TunnelSettings tunnel = settings.tunnel();
            return new SendingKey(
                    tunnel.ipv6(),
                    tunnel.local(),
                    settings.firstSourcePort(),
                    settings.lastSourcePort(),
                    settings.sourcePorts(),
                    tunnel.networkInterface(),
                    tunnel.netns(),
                    tunnel.ttl(),
                    tunnel.tos(),
                    tunnel.dontFragment(),
                    settings.checksum(),
                    tunnel.sendBuffer());
        }
    }

    /** Those that are sent from, each from a source port of its own. */
    static SendingSockets sending(VxlanSettings settings, Underlay underlay) {
        String description = "vxlan source ports " + settings.firstSourcePort() + "-" + settings.lastSourcePort();
        return new SendingSockets(description, settings.sourcePorts(), index -> {
            try {
                return underlay.open(SendingSockets.divide(
                        common(settings),
                        settings.tunnel().local(),
                        settings.firstSourcePort(),
                        settings.lastSourcePort(),
                        settings.sourcePorts(),
                        index));
            } catch (UnderlayException e) {
                throw VxlanAdvice.notSending(settings, e);
            }
        });
    }

    private static UdpSettings common(VxlanSettings settings) {
        return settings.tunnel()
                .udp()
                .checksums(settings.checksum(), settings.zeroChecksumReceive())
                .coalescing(settings.coalescing());
    }
}
