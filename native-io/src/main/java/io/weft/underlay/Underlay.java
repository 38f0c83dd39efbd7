package io.weft.underlay;

import io.weft.nativeio.Linux;
import java.io.IOException;

/**
 * What sockets for tunnels are had from: this machine's kernel, or something else in tests.
 *
 * <p>Threads: any.
 */
public interface Underlay {
    /** This machine's. */
    Underlay SYSTEM = new Underlay() {
        @Override
        public UnderlaySocket open(UdpSettings settings) throws UnderlayException {
            try {
                Linux.require();
            } catch (IOException e) {
                return ChannelUdpSocket.open(settings, e.getMessage());
            }
            return NativeUdpSocket.open(settings);
        }

        @Override
        public UnderlaySocket open(RawIpSettings settings) throws UnderlayException {
            return NativeRawIpSocket.open(settings);
        }

        @Override
        public UnderlaySocket open(Ipv6PacketSettings settings) throws UnderlayException {
            return NativeIpv6PacketSocket.open(settings);
        }

        @Override
        public String toString() {
            return "the machine's underlay";
        }
    };

    /**
     * Opens a UDP socket: by native calls, or by the JDK's channels where those are not to be had, which a note says.
     *
     * @throws UnderlayException saying why it cannot be had; nothing is left behind then
     */
    UnderlaySocket open(UdpSettings settings) throws UnderlayException;

    /**
     * Opens a raw socket, by native calls. Its peers have port 0, and its datagrams begin behind the IP header.
     *
     * @throws UnderlayException saying why it cannot be had; nothing is left behind then
     */
    UnderlaySocket open(RawIpSettings settings) throws UnderlayException;

    /**
     * Opens a socket for whole IPv6 packets, by native calls. Its peers have port 0, and its datagrams begin with the IPv6 header, as
     * {@link Ipv6PacketSettings} and {@link UnderlaySocket#receiveTo} say.
     *
     * <p>What is sent goes as it is, with the header's source, hop limit, traffic class and flow label; the peer that it is sent to says
     * only where the way leads: the header's destination, or a neighbour (a link-local one with its interface) that is to have the packet
     * in spite of it (End.X). Of two equal ways a sender's flow label may choose one. What is longer than the MTU of the interface is {@link
     * SendOutcome#TOO_LONG}; longer than a router allows, only the router says.
     *
     * <p>What is received lies in the landing from the IPv6 header on, without what the link may have put behind it; there may be
     * less than the header says. Into the landing's headroom ({@link Ipv6PacketSettings#LANDING_HEADROOM} bytes) more may be written. The landing's
     * offload metadata counts from the IPv6 header on and says what is left to be done to the innermost packet, as when the kernel
     * of this machine has encapsulated a super-frame: nobody has held it against the packet's bytes yet. Packets in fragments come as
     * fragments.
     *
     * @throws UnderlayException saying why it cannot be had; nothing is left behind then
     */
    UnderlaySocket open(Ipv6PacketSettings settings) throws UnderlayException;
}
