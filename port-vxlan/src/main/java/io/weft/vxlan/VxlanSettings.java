package io.weft.vxlan;

import io.weft.tunnel.TunnelSettings;
import java.net.InetAddress;
import java.util.List;

/**
 * What a VXLAN port is to be; the URI and the builder both end here.
 *
 * <p>Threads: immutable.
 *
 * @param tunnel what all tunnels have; the family is the group's, too
 * @param inKey the VNI that is received, 0..16777215; -1 with a map
 * @param outKey the VNI that is sent, 0..16777215; -1 with a map
 * @param vlanVniMap which VLAN is which VNI; {@code null}: one VNI, whatever the VLAN
 * @param listenPorts the UDP ports that are listened at, 1..65535; the first is also sent to
 * @param firstSourcePort the first of the range of source ports
 * @param lastSourcePort the last of it
 * @param sourcePorts how many of them, each with a socket, the flows are spread over, 1..64
 * @param checksum whether datagrams are sent with a UDP checksum
 * @param zeroChecksumReceive whether datagrams over IPv6 without one are received (RFC 6935); over IPv4 they always are
 * @param strict whether reserved bits of the VXLAN header must be 0 on receipt (RFC 7348, 5 says to ignore them)
 * @param group the multicast group that floods are sent to and received from; {@code null}: none
 * @param coalescing whether datagrams that came together are received together (UDP_GRO)
 */
public record VxlanSettings(
        TunnelSettings tunnel,
        int inKey,
        int outKey,
        VlanVniMap vlanVniMap,
        List<Integer> listenPorts,
        int firstSourcePort,
        int lastSourcePort,
        int sourcePorts,
        boolean checksum,
        boolean zeroChecksumReceive,
        boolean strict,
        InetAddress group,
        boolean coalescing) {

    /**
     * Takes a copy of the list, and checks what can be known before the port is opened.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    public VxlanSettings(
            TunnelSettings tunnel,
            int inKey,
            int outKey,
            VlanVniMap vlanVniMap,
            List<Integer> listenPorts,
            int firstSourcePort,
            int lastSourcePort,
            int sourcePorts,
            boolean checksum,
            boolean zeroChecksumReceive,
            boolean strict,
            InetAddress group,
            boolean coalescing) {
        this.tunnel = tunnel;
        this.inKey = inKey;
        this.outKey = outKey;
        this.vlanVniMap = vlanVniMap;
        this.listenPorts = List.copyOf(listenPorts);
        this.firstSourcePort = firstSourcePort;
        this.lastSourcePort = lastSourcePort;
        this.sourcePorts = sourcePorts;
        this.checksum = checksum;
        this.zeroChecksumReceive = zeroChecksumReceive;
        this.strict = strict;
        this.group = group;
        this.coalescing = coalescing;
        VxlanSettingsCheck.check(this);
    }

    /** Whether anything says which family the underlay is of; see {@link TunnelSettings#isFamilyDecided}. */
    public boolean isFamilyDecided() {
        return group != null || tunnel.isFamilyDecided();
    }

    /** The same over an underlay of this family. */
    VxlanSettings withIpv6(boolean ipv6) {
        return new VxlanSettings(
                tunnel.withIpv6(ipv6),
                inKey,
                outKey,
                vlanVniMap,
                listenPorts,
                firstSourcePort,
                lastSourcePort,
                sourcePorts,
                checksum,
                zeroChecksumReceive,
                strict,
                group,
                coalescing);
    }
}
