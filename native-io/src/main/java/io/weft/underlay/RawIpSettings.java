package io.weft.underlay;

import java.net.InetAddress;

/**
 * How a raw socket is opened: one that sends and receives what an IP header of one protocol number has behind it.
 *
 * @param ipv6 whether it speaks IPv6; otherwise IPv4
 * @param protocol the protocol, or next header, 1..255
 * @param local the address to send from and receive at, of that family; {@code null} for any
 * @param networkInterface the only one to send and receive by (SO_BINDTODEVICE); {@code null} for any
 * @param netns network namespace, as a name that {@code ip netns} lists or a path; {@code null} for the program's own
 * @param receiveBuffer bytes that may wait to be received, as the kernel counts them; 0 for {@link
 *     UdpSettings#DEFAULT_RECEIVE_BUFFER}, or what is granted of it
 * @param sendBuffer bytes that may wait to be sent; 0 for {@link UdpSettings#DEFAULT_SEND_BUFFER}, or what is granted of it
 * @param ttl time to live, or hop limit, of what is sent, 1..255; also to groups
 * @param trafficClass TOS, or traffic class, of what is sent without another one of its own, 0..255
 * @param dontFragment whether datagrams longer than the path's MTU are refused and not fragmented (DF)
 * @param errors whether ICMP errors about what was sent are told ({@link UnderlaySocket#readErrors}). All raw sockets of an address
 *     get those of each, so that one that only receives had better not have them: unread, they take room
 */
public record RawIpSettings(
        boolean ipv6,
        int protocol,
        InetAddress local,
        String networkInterface,
        String netns,
        int receiveBuffer,
        int sendBuffer,
        int ttl,
        int trafficClass,
        boolean dontFragment,
        boolean errors)
        implements IpSettings {
    /** GRE (RFC 2784). */
    public static final int GRE = 47;

    /** Checks the ranges. */
    public RawIpSettings {
        UdpSettings.require("protocol", protocol, 1, 255);
        UdpSettings.require("ttl", ttl, 1, 255);
        UdpSettings.require("trafficClass", trafficClass, 0, 255);
        UdpSettings.requireFamily(local, ipv6);
    }

    /** A socket with defaults, for any address. */
    public static RawIpSettings of(boolean ipv6, int protocol) {
        return new RawIpSettings(ipv6, protocol, null, null, null, 0, 0, 64, 0, true, true);
    }

    /** The same for an address of the same family, or any for {@code null}. */
    public RawIpSettings bindTo(InetAddress address) {
        return new RawIpSettings(
                ipv6,
                protocol,
                address,
                networkInterface,
                netns,
                receiveBuffer,
                sendBuffer,
                ttl,
                trafficClass,
                dontFragment,
                errors);
    }

    /** The same in a network namespace, and by one interface; {@code null} for the program's own, and any. */
    public RawIpSettings in(String newNetns, String newInterface) {
        return new RawIpSettings(
                ipv6,
                protocol,
                local,
                newInterface,
                newNetns,
                receiveBuffer,
                sendBuffer,
                ttl,
                trafficClass,
                dontFragment,
                errors);
    }

    /** The same with other buffers, in bytes. */
    public RawIpSettings buffers(int newReceiveBuffer, int newSendBuffer) {
        return new RawIpSettings(
                ipv6,
                protocol,
                local,
                networkInterface,
                netns,
                newReceiveBuffer,
                newSendBuffer,
                ttl,
                trafficClass,
                dontFragment,
                errors);
    }

    /** The same with another outer header. */
    public RawIpSettings header(int newTtl, int newTrafficClass, boolean newDontFragment) {
        return new RawIpSettings(
                ipv6,
                protocol,
                local,
                networkInterface,
                netns,
                receiveBuffer,
                sendBuffer,
                newTtl,
                newTrafficClass,
                newDontFragment,
                errors);
    }

    /** Where it is bound, for messages. */
    @Override
    public String toString() {
        String address = local == null ? (ipv6 ? "::" : "0.0.0.0") : local.getHostAddress();
        return address + " of protocol " + protocol
                + (networkInterface == null ? "" : " on " + networkInterface)
                + (netns == null ? "" : " in " + netns);
    }

    /** The same without ICMP errors: for one that only receives. */
    public RawIpSettings withoutErrors() {
        return new RawIpSettings(
                ipv6,
                protocol,
                local,
                networkInterface,
                netns,
                receiveBuffer,
                sendBuffer,
                ttl,
                trafficClass,
                dontFragment,
                false);
    }
}
