package io.weft.underlay;

import io.weft.frame.IpPrefix;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;

/**
 * How a socket for whole IPv6 packets is opened, which begin with their IPv6 header: it receives those to some prefixes, whether or
 * not the machine has those addresses, and sends those with any header (segment routing, RFC 8986).
 *
 * @param destinations what it receives until {@link UnderlaySocket#receiveTo} says something else: IPv6 networks, at most
 *     {@link #MOST_DESTINATIONS}; none for nothing
 * @param receiving whether it receives at all; one that only sends need not be shown what comes
 * @param local the source that the machine's routes are looked up with, which {@link UnderlaySocket#sourceFor} tells; it need not be an
 *     address of the machine. {@code null} for the address that the machine chooses for each packet, which takes it a while. What is
 *     sent has the source that its header says; errors are told of packets from this one
 * @param networkInterface the only one to send and receive by; {@code null} for any
 * @param netns network namespace, as a name that {@code ip netns} lists or a path; {@code null} for the program's own
 * @param receiveBuffer bytes that may wait to be received, as the kernel counts them; 0 for {@link
 *     UdpSettings#DEFAULT_RECEIVE_BUFFER}, or what is granted of it
 * @param sendBuffer bytes that may wait to be sent; 0 for {@link UdpSettings#DEFAULT_SEND_BUFFER}, or what is granted of it
 * @param errors whether ICMPv6 errors about what was sent are told ({@link UnderlaySocket#readErrors}): of packets that carry Ethernet
 *     (143), IPv6 (41) or IPv4 (4), behind a routing header or not. All such sockets get those of each
 */
public record Ipv6PacketSettings(
        List<IpPrefix> destinations,
        boolean receiving,
        InetAddress local,
        String networkInterface,
        String netns,
        int receiveBuffer,
        int sendBuffer,
        boolean errors)
        implements IpSettings {
    /** Most prefixes that one socket receives for. */
    public static final int MOST_DESTINATIONS = 256;

    /** Bytes in front of a landing's first that a receiver may write to: of the link's header, and of the kernel's about the packet. */
    public static final int LANDING_HEADROOM = 24;

    /** Checks the prefixes and the family of the address. */
    public Ipv6PacketSettings {
        destinations = checked(destinations);
        UdpSettings.requireFamily(local, true);
    }

    /** One that receives what goes to some prefixes, and sends. */
    public static Ipv6PacketSettings of(Collection<IpPrefix> destinations) {
        return new Ipv6PacketSettings(List.copyOf(destinations), true, null, null, null, 0, 0, true);
    }

    /** One that only sends. */
    public static Ipv6PacketSettings sending() {
        return new Ipv6PacketSettings(List.of(), false, null, null, null, 0, 0, true);
    }

    /** Prefixes that a socket may receive for, without repetitions. */
    static List<IpPrefix> checked(Collection<IpPrefix> destinations) {
        List<IpPrefix> prefixes =
                destinations.stream().map(IpPrefix::network).distinct().toList();
        for (IpPrefix prefix : prefixes) {
            if (prefix.isIpv4()) {
                throw new IllegalArgumentException("destination is " + prefix + "; accepted: an IPv6 network");
            }
        }
        if (prefixes.size() > MOST_DESTINATIONS) {
            throw new IllegalArgumentException("there are " + prefixes.size() + " destinations; accepted: at most "
                    + MOST_DESTINATIONS + ", as one prefix may stand for many addresses");
        }
        return prefixes;
    }

    /** The same in a network namespace, and by one interface; {@code null} for the program's own, and any. */
    public Ipv6PacketSettings in(String newNetns, String newInterface) {
        return new Ipv6PacketSettings(
                destinations, receiving, local, newInterface, newNetns, receiveBuffer, sendBuffer, errors);
    }

    /** The same with another source, or {@code null}. */
    public Ipv6PacketSettings from(InetAddress newLocal) {
        return new Ipv6PacketSettings(
                destinations, receiving, newLocal, networkInterface, netns, receiveBuffer, sendBuffer, errors);
    }

    /** The same with other buffers, in bytes. */
    public Ipv6PacketSettings buffers(int newReceiveBuffer, int newSendBuffer) {
        return new Ipv6PacketSettings(
                destinations, receiving, local, networkInterface, netns, newReceiveBuffer, newSendBuffer, errors);
    }

    /** The same without ICMPv6 errors: for one that only receives. */
    public Ipv6PacketSettings withoutErrors() {
        return new Ipv6PacketSettings(
                destinations, receiving, local, networkInterface, netns, receiveBuffer, sendBuffer, false);
    }

    // ---- what the header says, and not the socket ----

    @Override
    public boolean ipv6() {
        return true;
    }

    @Override
    public int ttl() {
        return 64;
    }

    @Override
    public int trafficClass() {
        return 0;
    }

    @Override
    public boolean dontFragment() {
        return true;
    }

    /** What it is for, for messages. */
    @Override
    public String toString() {
        return "for IPv6 packets"
                + (networkInterface == null ? "" : " on " + networkInterface)
                + (netns == null ? "" : " in " + netns);
    }
}
