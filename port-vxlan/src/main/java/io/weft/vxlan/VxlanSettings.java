package io.weft.vxlan;

import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.tunnel.TunnelSettings;
import io.weft.tunnel.bfd.BfdSettings;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * What a VXLAN port is to be; the URI and the builder both end here.
 *
 * <p>Threads: immutable.
 *
 * @param name what the switch calls the port
 * @param ipv6 whether the underlay is IPv6; see {@link #isFamilyDecided}
 * @param remotes the remote ends that frames are accepted from and sent to; more may be learned, or come from a control plane
 * @param local the address to send from and receive at; {@code null}: any
 * @param inKey the VNI that is received, 0..16777215; -1 with a map
 * @param outKey the VNI that is sent, 0..16777215; -1 with a map
 * @param vlanVniMap which VLAN is which VNI; {@code null}: one VNI, whatever the VLAN
 * @param listenPorts the UDP ports that are listened at, 1..65535; the first is also sent to
 * @param firstSourcePort the first of the range of source ports
 * @param lastSourcePort the last of it
 * @param sourcePorts how many of them, each with a socket, the flows are spread over, 1..64
 * @param ttl time to live, or hop limit, of the outer header, 1..255
 * @param tos TOS, or traffic class, of the outer header, 0..255; the ECN bits are the inner header's (RFC 6040)
 * @param tosInherit whether it is copied from the inner header, when that is of IP; {@code tos} is for the rest
 * @param dontFragment whether the outer header forbids fragments (DF)
 * @param checksum whether datagrams are sent with a UDP checksum
 * @param zeroChecksumReceive whether datagrams over IPv6 without one are received (RFC 6935); over IPv4 they always are
 * @param strict whether reserved bits of the VXLAN header must be 0 on receipt (RFC 7348, 5 says to ignore them)
 * @param group the multicast group that floods are sent to and received from; {@code null}: none
 * @param networkInterface the only interface to send and receive by; {@code null}: any
 * @param learnRemotes whether unknown remotes are accepted, and become remotes
 * @param maxLearnedRemotes how many of those there may be at once, 1..1000000
 * @param remoteAgeing how long a learned remote is kept that is not heard of
 * @param mtu the longest inner IP packet, IP header counted, 68..65450; 0: what the underlay's way has room for
 * @param carryTags whether frames with a VLAN tag of their own are accepted and sent (RFC 7348, 6.1 says to discard them)
 * @param tooBigAnswers whether a packet that does not fit is answered with ICMP (fragmentation needed, packet too big)
 * @param clampMss whether the MSS of TCP connections is lowered to what fits
 * @param bfd how remotes are probed; {@code null}: they are not
 * @param coalescing whether datagrams that came together are received together (UDP_GRO)
 * @param stations stations whose remote is known beforehand
 * @param receiveBuffer bytes of datagrams that may wait to be received, 4096..2<sup>30</sup>; 0: the underlay's default
 * @param sendBuffer bytes of datagrams that may wait to be sent, the same
 * @param netns network namespace of the sockets, a name or a path; {@code null}: the program's own
 */
public record VxlanSettings(
        String name,
        boolean ipv6,
        List<RemoteSpec> remotes,
        InetAddress local,
        int inKey,
        int outKey,
        VlanVniMap vlanVniMap,
        List<Integer> listenPorts,
        int firstSourcePort,
        int lastSourcePort,
        int sourcePorts,
        int ttl,
        int tos,
        boolean tosInherit,
        boolean dontFragment,
        boolean checksum,
        boolean zeroChecksumReceive,
        boolean strict,
        InetAddress group,
        String networkInterface,
        boolean learnRemotes,
        int maxLearnedRemotes,
        Duration remoteAgeing,
        int mtu,
        boolean carryTags,
        boolean tooBigAnswers,
        boolean clampMss,
        BfdSettings bfd,
        boolean coalescing,
        List<StationSpec> stations,
        int receiveBuffer,
        int sendBuffer,
        String netns) {

    /**
     * Takes copies of the lists, and checks what can be known before the port is opened.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    public VxlanSettings(
            String name,
            boolean ipv6,
            List<RemoteSpec> remotes,
            InetAddress local,
            int inKey,
            int outKey,
            VlanVniMap vlanVniMap,
            List<Integer> listenPorts,
            int firstSourcePort,
            int lastSourcePort,
            int sourcePorts,
            int ttl,
            int tos,
            boolean tosInherit,
            boolean dontFragment,
            boolean checksum,
            boolean zeroChecksumReceive,
            boolean strict,
            InetAddress group,
            String networkInterface,
            boolean learnRemotes,
            int maxLearnedRemotes,
            Duration remoteAgeing,
            int mtu,
            boolean carryTags,
            boolean tooBigAnswers,
            boolean clampMss,
            BfdSettings bfd,
            boolean coalescing,
            List<StationSpec> stations,
            int receiveBuffer,
            int sendBuffer,
            String netns) {
        this.name = name;
        this.ipv6 = ipv6;
        this.remotes = List.copyOf(remotes);
        this.local = local;
        this.inKey = inKey;
        this.outKey = outKey;
        this.vlanVniMap = vlanVniMap;
        this.listenPorts = List.copyOf(listenPorts);
        this.firstSourcePort = firstSourcePort;
        this.lastSourcePort = lastSourcePort;
        this.sourcePorts = sourcePorts;
        this.ttl = ttl;
        this.tos = tos;
        this.tosInherit = tosInherit;
        this.dontFragment = dontFragment;
        this.checksum = checksum;
        this.zeroChecksumReceive = zeroChecksumReceive;
        this.strict = strict;
        this.group = group;
        this.networkInterface = networkInterface;
        this.learnRemotes = learnRemotes;
        this.maxLearnedRemotes = maxLearnedRemotes;
        this.remoteAgeing = remoteAgeing;
        this.mtu = mtu;
        this.carryTags = carryTags;
        this.tooBigAnswers = tooBigAnswers;
        this.clampMss = clampMss;
        this.bfd = bfd;
        this.coalescing = coalescing;
        this.stations = List.copyOf(stations);
        this.receiveBuffer = receiveBuffer;
        this.sendBuffer = sendBuffer;
        this.netns = netns;
        VxlanSettingsCheck.check(this);
    }

    /**
     * Whether anything says which family the underlay is of. Otherwise all remotes are names, or there are none: then it is
     * what the first name leads to, and IPv4 ({@link #ipv6} is {@code false}) as long as there is none.
     */
    public boolean isFamilyDecided() {
        return ipv6
                || local != null
                || group != null
                || !stations.isEmpty()
                || remotes.stream().anyMatch(remote -> !remote.isName());
    }

    /** What of it all tunnels have. */
    public TunnelSettings tunnel() {
        return new TunnelSettings(
                "vxlan",
                name,
                ipv6,
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

    /** The same over an underlay of this family. */
    VxlanSettings withIpv6(boolean newIpv6) {
        return new VxlanSettings(
                name,
                newIpv6,
                remotes,
                local,
                inKey,
                outKey,
                vlanVniMap,
                listenPorts,
                firstSourcePort,
                lastSourcePort,
                sourcePorts,
                ttl,
                tos,
                tosInherit,
                dontFragment,
                checksum,
                zeroChecksumReceive,
                strict,
                group,
                networkInterface,
                learnRemotes,
                maxLearnedRemotes,
                remoteAgeing,
                mtu,
                carryTags,
                tooBigAnswers,
                clampMss,
                bfd,
                coalescing,
                stations,
                receiveBuffer,
                sendBuffer,
                netns);
    }
}
