package io.weft.gre;

import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.TunnelSettings;
import java.util.List;

/**
 * What a GRE port is to be; the URI and the builder both end here.
 *
 * <p>Threads: immutable.
 *
 * @param tunnel what all tunnels have; its scheme says which kind of GRE port this is
 * @param payload what is carried
 * @param inKey the key that is received, 0..4294967295; -1: packets without a key. With NVGRE a VSID, 4096..16777214
 * @param outKey the key that is sent, the same
 * @param keylessIsZero whether packets without a key are those with key 0, as Open vSwitch has it, and key 0 is sent as none; on
 *     Linux they are two tunnels
 * @param checksum whether packets are sent with the GRE checksum (RFC 2784, 2.3); one that comes is always verified
 * @param checksumRequired whether packets without a checksum are dropped
 * @param sequence whether packets are sent with sequence numbers (RFC 2890, 2.2), and late ones dropped
 * @param strict whether reserved bits 6 to 12 must be 0 on receipt (RFC 2784, 2.3 says to ignore them)
 * @param flowLabel whether the flow inside chooses the flow label of an IPv6 underlay (RFC 6438)
 * @param fragments whether packets are accepted that came in fragments
 * @param udp how packets travel in UDP (RFC 8086); {@code null}: behind the IP header at once
 * @param routes layer 3: behind which remote end which addresses are
 */
public record GreSettings(
        TunnelSettings tunnel,
        Payload payload,
        long inKey,
        long outKey,
        boolean keylessIsZero,
        boolean checksum,
        boolean checksumRequired,
        boolean sequence,
        boolean strict,
        boolean flowLabel,
        boolean fragments,
        Udp udp,
        List<RouteSpec> routes) {
    /** In place of a key: there is none. */
    public static final long NO_KEY = -1;

    /** What is carried. */
    public enum Payload {
        /** Ethernet frames: {@code gretap}, {@code mgretap}. */
        ETHERNET,
        /** Ethernet frames, as network virtualization has it (RFC 7637): the key is a VSID and a FlowID. */
        NVGRE,
        /** IPv4 and IPv6 packets: {@code gre}. */
        IP
    }

    /**
     * GRE in UDP.
     *
     * @param port that is listened at and sent to, 1..65535; 4754 is GRE's, and 4755, which is for DTLS, is not accepted
     * @param firstSourcePort the first of the range of source ports
     * @param lastSourcePort the last of it
     * @param sourcePorts how many of them, each with a socket, the flows are spread over, 1..64
     * @param checksum whether datagrams are sent with a UDP checksum
     * @param zeroChecksumReceive whether datagrams over IPv6 without one are received; over IPv4 they always are
     * @param coalescing whether datagrams that came together are received together (UDP_GRO)
     */
    public record Udp(
            int port,
            int firstSourcePort,
            int lastSourcePort,
            int sourcePorts,
            boolean checksum,
            boolean zeroChecksumReceive,
            boolean coalescing) {}

    /**
     * Takes a copy of the list, and checks what can be known before the port is opened.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    public GreSettings(
            TunnelSettings tunnel,
            Payload payload,
            long inKey,
            long outKey,
            boolean keylessIsZero,
            boolean checksum,
            boolean checksumRequired,
            boolean sequence,
            boolean strict,
            boolean flowLabel,
            boolean fragments,
            Udp udp,
            List<RouteSpec> routes) {
        this.tunnel = tunnel;
        this.payload = payload;
        this.inKey = inKey;
        this.outKey = outKey;
        this.keylessIsZero = keylessIsZero;
        this.checksum = checksum;
        this.checksumRequired = checksumRequired;
        this.sequence = sequence;
        this.strict = strict;
        this.flowLabel = flowLabel;
        this.fragments = fragments;
        this.udp = udp;
        this.routes = List.copyOf(routes);
        GreSettingsCheck.check(this);
    }

    /** The same over an underlay of this family. */
    GreSettings withIpv6(boolean ipv6) {
        return new GreSettings(
                tunnel.withIpv6(ipv6),
                payload,
                inKey,
                outKey,
                keylessIsZero,
                checksum,
                checksumRequired,
                sequence,
                strict,
                flowLabel,
                fragments,
                udp,
                routes);
    }
}
