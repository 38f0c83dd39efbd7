package io.weft.underlay;

import io.weft.nativeio.LibC;
import io.weft.nativeio.NativeException;

/**
 * Sets the options of a socket that are UDP's only, or that only UDP's sockets need, before it is bound: beside those of
 * {@link IpSetup}.
 *
 * <p>Threads: confined.
 */
final class UdpSetup {
    private static final int SO_NO_CHECK = 11;

    static final int IP_PKTINFO = 8;
    private static final int IP_RECVTOS = 13;
    private static final int IPV6_V6ONLY = 26;

    private static final int UDP_NO_CHECK6_TX = 101;
    private static final int UDP_NO_CHECK6_RX = 102;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    private final SocketDescriptor descriptor;
    private final UdpSettings settings;
    private final IpSetup ip;
    private boolean segmentation;

    /** For a socket. */
    UdpSetup(SocketDescriptor descriptor, UdpSettings settings, IpSetup ip) {
        this.descriptor = descriptor;
        this.settings = settings;
        this.ip = ip;
    }

    /** Sets all of them, and those of any socket. */
    void apply() throws NativeException {
        ip.apply();
        if (settings.ipv6()) {
            descriptor.set("IPV6_V6ONLY", SocketDescriptor.SOL_IPV6, IPV6_V6ONLY, 1);
        } else {
            setIpv4();
        }
        setChecksums();
        setOffload();
    }

    /** What a raw socket reads in the IP header. */
    private void setIpv4() {
        int level = SocketDescriptor.SOL_IP;
        ip.setOptional(level, IP_PKTINFO, "IP_PKTINFO", "the addresses that datagrams were sent to are not known");
        ip.setOptional(level, IP_RECVTOS, "IP_RECVTOS", "the TOS, and so congestion marks, of datagrams is not known");
    }

    private void setChecksums() throws NativeException {
        if (settings.ipv6()) {
            if (!settings.checksum()) {
                descriptor.set("UDP_NO_CHECK6_TX", SocketDescriptor.SOL_UDP, UDP_NO_CHECK6_TX, 1);
            }
            if (settings.acceptZeroChecksum()) {
                descriptor.set("UDP_NO_CHECK6_RX", SocketDescriptor.SOL_UDP, UDP_NO_CHECK6_RX, 1);
            }
        } else if (!settings.checksum()) {
            descriptor.set("SO_NO_CHECK", LibC.SOL_SOCKET, SO_NO_CHECK, 1);
        }
    }

    private void setOffload() {
        if (settings.coalescing()) {
            ip.setOptional(
                    SocketDescriptor.SOL_UDP, UDP_GRO, "UDP_GRO (Linux 5.0)", "datagrams are received one by one");
        }
        if (settings.checksum()) {
            segmentation = !ip.isMissing(UDP_SEGMENT) && descriptor.has(SocketDescriptor.SOL_UDP, UDP_SEGMENT);
            if (!segmentation) {
                ip.note("the kernel has no UDP_SEGMENT (Linux 4.18): datagrams are sent one by one");
            }
        }
    }

    /** Whether runs of datagrams can be sent as one message, as far as is known before any is sent. */
    boolean segmentation() {
        return segmentation;
    }
}
