package io.weft.tunnel;

import io.weft.tunnel.bfd.BfdSettings;
import io.weft.underlay.UdpSettings;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * What every tunnel's port is to be, whatever the protocol.
 *
 * <p>Threads: immutable.
 *
 * @param scheme the kind of port, as in its URI: {@code vxlan}, {@code gretap}; messages and figures begin with it
 * @param name what the switch calls the port
 * @param ipv6 whether the underlay is IPv6; see {@link #isFamilyDecided}
 * @param remotes the remote ends that frames are accepted from and sent to; more may be learned, or come from a control plane
 * @param local the address to send from and receive at; {@code null}: any
 * @param networkInterface the only interface to send and receive by; {@code null}: any
 * @param netns network namespace of the sockets, a name or a path; {@code null}: the program's own
 * @param ttl time to live, or hop limit, of the outer header, 1..255
 * @param tos TOS, or traffic class, of the outer header, 0..255; the ECN bits are the inner header's (RFC 6040)
 * @param tosInherit whether it is copied from the inner header, when that is of IP; {@code tos} is for the rest
 * @param dontFragment whether the outer header forbids fragments (DF)
 * @param learnRemotes whether unknown remotes are accepted, and become remotes
 * @param maxLearnedRemotes how many of those there may be at once, 1..1000000
 * @param remoteAgeing how long a learned remote is kept that is not heard of
 * @param mtu the longest inner IP packet, IP header counted, 68..65450; 0: what the underlay's way has room for
 * @param carryTags whether frames with a VLAN tag of their own are accepted and sent
 * @param tooBigAnswers whether a packet that does not fit is answered with ICMP (fragmentation needed, packet too big)
 * @param clampMss whether the MSS of TCP connections is lowered to what fits
 * @param bfd how remotes are probed; {@code null}: they are not
 * @param stations stations whose remote is known beforehand
 * @param receiveBuffer bytes of datagrams that may wait to be received, 4096..2<sup>30</sup>; 0: the underlay's default
 * @param sendBuffer bytes of datagrams that may wait to be sent, the same
 */
public record TunnelSettings(
        String scheme,
        String name,
        boolean ipv6,
        List<RemoteSpec> remotes,
        InetAddress local,
        String networkInterface,
        String netns,
        int ttl,
        int tos,
        boolean tosInherit,
        boolean dontFragment,
        boolean learnRemotes,
        int maxLearnedRemotes,
        Duration remoteAgeing,
        int mtu,
        boolean carryTags,
        boolean tooBigAnswers,
        boolean clampMss,
        BfdSettings bfd,
        List<StationSpec> stations,
        int receiveBuffer,
        int sendBuffer) {

    /** Takes copies of the lists. */
    public TunnelSettings {
        remotes = List.copyOf(remotes);
        stations = List.copyOf(stations);
    }

    /**
     * Whether anything says which family the underlay is of. Otherwise all remotes are names, or there are none: then it is
     * what the first name leads to, and IPv4 ({@link #ipv6} is {@code false}) as long as there is none.
     */
    public boolean isFamilyDecided() {
        return ipv6 || local != null || !stations.isEmpty() || remotes.stream().anyMatch(remote -> !remote.isName());
    }

    /** A UDP socket as these settings have it, not bound yet. */
    public UdpSettings udp() {
        UdpSettings plain = ipv6 ? UdpSettings.ipv6Only() : UdpSettings.ipv4();
        return plain.in(netns, networkInterface)
                .buffers(receiveBuffer, sendBuffer)
                .header(ttl, tos, dontFragment);
    }

    /** How a value that is not accepted is refused. */
    public Refusal refusal() {
        return new Refusal(scheme, name);
    }

    /** The same over an underlay of this family. */
    public TunnelSettings withIpv6(boolean newIpv6) {
        return new TunnelSettings(
                scheme,
                name,
                newIpv6,
                remotes,
                local,
                networkInterface,
                netns,
                ttl,
                tos,
                tosInherit,
                dontFragment,
                learnRemotes,
                maxLearnedRemotes,
                remoteAgeing,
                mtu,
                carryTags,
                tooBigAnswers,
                clampMss,
                bfd,
                stations,
                receiveBuffer,
                sendBuffer);
    }
}
