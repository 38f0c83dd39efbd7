package io.weft.vxlan;

import io.weft.underlay.UdpSettings;

/** The sockets of a port, as its options have them. Threads: stateless. */
final class VxlanSockets {
    private VxlanSockets() {}

    /** The one that listens at a UDP port. */
    static UdpSettings listening(VxlanSettings settings, Vtep.Key key) {
        return common(settings).bindTo(key.local(), key.port());
    }

    /**
     * One of those that are sent from.
     *
     * @param index of {@link VxlanSettings#sourcePorts}, among which the range is divided
     */
    static UdpSettings sending(VxlanSettings settings, int index) {
        int first = settings.firstSourcePort();
        int count = settings.lastSourcePort() - first + 1;
        int from = first + (int) ((long) count * index / settings.sourcePorts());
        int to = first + (int) ((long) count * (index + 1) / settings.sourcePorts()) - 1;
        return common(settings).bindTo(settings.local(), from, to);
    }

    private static UdpSettings common(VxlanSettings settings) {
        UdpSettings plain = settings.ipv6() ? UdpSettings.ipv6Only() : UdpSettings.ipv4();
        return plain.in(settings.netns(), settings.networkInterface())
                .buffers(settings.receiveBuffer(), settings.sendBuffer())
                .header(settings.ttl(), settings.tos(), settings.dontFragment())
                .checksums(settings.checksum(), settings.zeroChecksumReceive())
                .coalescing(settings.coalescing());
    }
}
