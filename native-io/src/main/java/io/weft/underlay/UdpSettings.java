package io.weft.underlay;

import java.net.InetAddress;

/**
 * How a UDP socket is opened.
 *
 * @param ipv6 whether it speaks IPv6, and only that; otherwise IPv4
 * @param local the address to send from and receive at, of that family; {@code null} for any
 * @param firstPort the port to bind; 0 for any
 * @param lastPort with a range, the first free port from {@code firstPort} to this one is bound; otherwise the same
 * @param networkInterface the only one to send and receive by (SO_BINDTODEVICE); {@code null} for any
 * @param netns network namespace, as a name that {@code ip netns} lists or a path; {@code null} for the program's own
 * @param receiveBuffer bytes that may wait to be received, as the kernel counts them; 0 for what a burst of 64 super-frames
 *     needs ({@link #DEFAULT_RECEIVE_BUFFER}), or what is granted of it
 * @param sendBuffer bytes that may wait to be sent; 0 for {@link #DEFAULT_SEND_BUFFER}, or what is granted of it
 * @param ttl time to live, or hop limit, of what is sent, 1..255; also to groups
 * @param trafficClass TOS, or traffic class, of what is sent without another one of its own, 0..255
 * @param dontFragment whether datagrams longer than the path's MTU are refused and not fragmented (DF)
 * @param checksum whether what is sent has a UDP checksum; without one the kernel segments nothing, so that each datagram
 *     is sent by itself
 * @param acceptZeroChecksum whether datagrams over IPv6 without a checksum are received (RFC 6935); over IPv4 they always are
 * @param coalescing whether datagrams that came together may be received together ({@link UnderlayReceiver#segmentSize})
 */
public record UdpSettings(
        boolean ipv6,
        InetAddress local,
        int firstPort,
        int lastPort,
        String networkInterface,
        String netns,
        int receiveBuffer,
        int sendBuffer,
        int ttl,
        int trafficClass,
        boolean dontFragment,
        boolean checksum,
        boolean acceptZeroChecksum,
        boolean coalescing)
        implements IpSettings {
    /** Room for 64 super-frames as single datagrams of an ordinary MTU, which the kernel counts with 2,304 bytes each. */
    public static final int DEFAULT_RECEIVE_BUFFER = 8 << 20;

    /** Room for as many to be sent: a device that takes them one by one is not to stop a batch. */
    public static final int DEFAULT_SEND_BUFFER = 4 << 20;

    /** Checks the ranges. */
    public UdpSettings {
        require("firstPort", firstPort, 0, 65_535);
        require("lastPort", lastPort, firstPort, 65_535);
        require("ttl", ttl, 1, 255);
        require("trafficClass", trafficClass, 0, 255);
        requireFamily(local, ipv6);
    }

    static void requireFamily(InetAddress local, boolean ipv6) {
        if (local != null && local.getAddress().length == 16 != ipv6) {
            throw new IllegalArgumentException(
                    "local is " + local.getHostAddress() + "; accepted: an " + (ipv6 ? "IPv6" : "IPv4") + " address");
        }
    }

    static void require(String name, int value, int from, int to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(name + " is " + value + "; accepted: " + from + ".." + to);
        }
    }

    /** An IPv4 socket with defaults, bound to any address and port. */
    public static UdpSettings ipv4() {
        return new Draft(false).done();
    }

    /** An IPv6 socket with defaults, bound to any address and port. */
    public static UdpSettings ipv6Only() {
        return new Draft(true).done();
    }

    /** The same, bound to an address of the same family, or to any for {@code null}, and a port. */
    public UdpSettings bindTo(InetAddress address, int port) {
        return bindTo(address, port, port);
    }

    /** The same, bound to an address of the same family, or to any for {@code null}, and the first free port of a range. */
    public UdpSettings bindTo(InetAddress address, int first, int last) {
        Draft draft = new Draft(this);
        draft.local = address;
        draft.firstPort = first;
        draft.lastPort = last;
        return draft.done();
    }

    /** The same in a network namespace, and by one interface; {@code null} for the program's own, and any. */
    public UdpSettings in(String newNetns, String newInterface) {
        Draft draft = new Draft(this);
        draft.netns = newNetns;
        draft.networkInterface = newInterface;
        return draft.done();
    }

    /** The same with other buffers, in bytes. */
    public UdpSettings buffers(int newReceiveBuffer, int newSendBuffer) {
        Draft draft = new Draft(this);
        draft.receiveBuffer = newReceiveBuffer;
        draft.sendBuffer = newSendBuffer;
        return draft.done();
    }

    /** The same with another outer header. */
    public UdpSettings header(int newTtl, int newTrafficClass, boolean newDontFragment) {
        Draft draft = new Draft(this);
        draft.ttl = newTtl;
        draft.trafficClass = newTrafficClass;
        draft.dontFragment = newDontFragment;
        return draft.done();
    }

    /** The same with other checksums. */
    public UdpSettings checksums(boolean send, boolean newAcceptZeroChecksum) {
        Draft draft = new Draft(this);
        draft.checksum = send;
        draft.acceptZeroChecksum = newAcceptZeroChecksum;
        return draft.done();
    }

    /** The same, receiving datagrams together or one by one. */
    public UdpSettings coalescing(boolean newCoalescing) {
        Draft draft = new Draft(this);
        draft.coalescing = newCoalescing;
        return draft.done();
    }

    /** Settings that are being changed. */
    private static final class Draft {
        final boolean ipv6;
        InetAddress local;
        int firstPort;
        int lastPort;
        String networkInterface;
        String netns;
        int receiveBuffer;
        int sendBuffer;
        int ttl = 64;
        int trafficClass;
        boolean dontFragment = true;
        boolean checksum = true;
        boolean acceptZeroChecksum;
        boolean coalescing = true;

        Draft(boolean ipv6) {
            this.ipv6 = ipv6;
        }

        Draft(UdpSettings from) {
            ipv6 = from.ipv6;
            local = from.local;
            firstPort = from.firstPort;
            lastPort = from.lastPort;
            networkInterface = from.networkInterface;
            netns = from.netns;
            receiveBuffer = from.receiveBuffer;
            sendBuffer = from.sendBuffer;
            ttl = from.ttl;
            trafficClass = from.trafficClass;
            dontFragment = from.dontFragment;
            checksum = from.checksum;
            acceptZeroChecksum = from.acceptZeroChecksum;
            coalescing = from.coalescing;
        }

        UdpSettings done() {
            return new UdpSettings(
                    ipv6,
                    local,
                    firstPort,
                    lastPort,
                    networkInterface,
                    netns,
                    receiveBuffer,
                    sendBuffer,
                    ttl,
                    trafficClass,
                    dontFragment,
                    checksum,
                    acceptZeroChecksum,
                    coalescing);
        }
    }

    /** Where it is bound, for messages. */
    @Override
    public String toString() {
        String address = local == null ? (ipv6 ? "[::]" : "0.0.0.0") : local.getHostAddress();
        String range = lastPort == firstPort ? "" : "-" + lastPort;
        return address + ":" + firstPort + range
                + (networkInterface == null ? "" : " on " + networkInterface)
                + (netns == null ? "" : " in " + netns);
    }
}
