package io.weft.underlay;

import io.weft.nativeio.LibC;
import io.weft.nativeio.NativeException;
import java.util.List;
import java.util.Set;

/**
 * Sets the options of a UDP socket, before it is bound. What an older kernel may lack, and what datagrams can pass without,
 * degrades with a note.
 *
 * <p>Threads: confined.
 */
final class UdpSetup {
    private static final int SO_NO_CHECK = 11;

    static final int IP_TOS = 1;
    private static final int IP_TTL = 2;
    static final int IP_PKTINFO = 8;
    static final int IP_MTU_DISCOVER = 10;
    static final int IP_RECVERR = 11;
    private static final int IP_RECVTOS = 13;
    private static final int IP_MULTICAST_TTL = 33;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int IP_MULTICAST_ALL = 49;

    private static final int IPV6_UNICAST_HOPS = 16;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int IPV6_MULTICAST_LOOP = 19;
    static final int IPV6_MTU_DISCOVER = 23;
    static final int IPV6_RECVERR = 25;
    private static final int IPV6_V6ONLY = 26;
    private static final int IPV6_MULTICAST_ALL = 29;
    private static final int IPV6_RECVPKTINFO = 49;
    static final int IPV6_PKTINFO = 50;
    private static final int IPV6_RECVTCLASS = 66;
    static final int IPV6_TCLASS = 67;

    /** {@link #IP_MTU_DISCOVER} and {@link #IPV6_MTU_DISCOVER}: never DF, or always. */
    private static final int PMTUDISC_DONT = 0;

    private static final int PMTUDISC_DO = 2;

    private static final int UDP_NO_CHECK6_TX = 101;
    private static final int UDP_NO_CHECK6_RX = 102;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    private final UdpDescriptor descriptor;
    private final UdpSettings settings;
    private final Set<Integer> missing;
    private final List<String> notes;
    private boolean segmentation;

    /**
     * For a socket.
     *
     * @param missing optional options that are taken for unknown to the kernel, whether it has them or not
     * @param notes to which it adds what was not granted
     */
    UdpSetup(UdpDescriptor descriptor, UdpSettings settings, Set<Integer> missing, List<String> notes) {
        this.descriptor = descriptor;
        this.settings = settings;
        this.missing = missing;
        this.notes = notes;
    }

    /** Sets all of them. */
    void apply() throws NativeException {
        setBuffer(
                "receive",
                settings.receiveBuffer() != 0 ? settings.receiveBuffer() : UdpSettings.DEFAULT_RECEIVE_BUFFER,
                LibC.SO_RCVBUF,
                LibC.SO_RCVBUFFORCE,
                "net.core.rmem_max");
        setBuffer(
                "send",
                settings.sendBuffer() != 0 ? settings.sendBuffer() : UdpSettings.DEFAULT_SEND_BUFFER,
                LibC.SO_SNDBUF,
                LibC.SO_SNDBUFFORCE,
                "net.core.wmem_max");
        if (settings.ipv6()) {
            setIpv6();
        } else {
            setIpv4();
        }
        setChecksums();
        setOffload();
    }

    /** As large as wanted, or as the kernel grants. */
    private void setBuffer(String which, int wanted, int plain, int forced, String limit) throws NativeException {
        if (!descriptor.takes(LibC.SOL_SOCKET, forced, wanted)) {
            descriptor.set(which + " buffer", LibC.SOL_SOCKET, plain, wanted);
        }
        int granted =
                descriptor.get(which + " buffer", LibC.SOL_SOCKET, plain) / 2; // the kernel doubles what it is told
        if (granted < wanted) {
            notes.add(UnderlayAdvice.smallerBuffer(which, wanted, granted, limit));
        }
    }

    private void setIpv4() throws NativeException {
        int level = UdpDescriptor.SOL_IP;
        descriptor.set("IP_TTL", level, IP_TTL, settings.ttl());
        descriptor.set("IP_MULTICAST_TTL", level, IP_MULTICAST_TTL, settings.ttl());
        descriptor.set("IP_TOS", level, IP_TOS, settings.trafficClass());
        descriptor.set("IP_MTU_DISCOVER", level, IP_MTU_DISCOVER, discovery());
        descriptor.set("IP_MULTICAST_LOOP", level, IP_MULTICAST_LOOP, 0);
        descriptor.takes(level, IP_MULTICAST_ALL, 0); // what others on this machine have joined is none of ours
        setOptional(level, IP_PKTINFO, "IP_PKTINFO", "the addresses that datagrams were sent to are not known");
        setOptional(level, IP_RECVTOS, "IP_RECVTOS", "the TOS, and so congestion marks, of datagrams is not known");
        setOptional(level, IP_RECVERR, "IP_RECVERR", "what ICMP answers to datagrams is not known");
    }

    private void setIpv6() throws NativeException {
        int level = UdpDescriptor.SOL_IPV6;
        descriptor.set("IPV6_V6ONLY", level, IPV6_V6ONLY, 1);
        descriptor.set("IPV6_UNICAST_HOPS", level, IPV6_UNICAST_HOPS, settings.ttl());
        descriptor.set("IPV6_MULTICAST_HOPS", level, IPV6_MULTICAST_HOPS, settings.ttl());
        descriptor.set("IPV6_TCLASS", level, IPV6_TCLASS, settings.trafficClass());
        descriptor.set("IPV6_MTU_DISCOVER", level, IPV6_MTU_DISCOVER, discovery());
        descriptor.set("IPV6_MULTICAST_LOOP", level, IPV6_MULTICAST_LOOP, 0);
        descriptor.takes(level, IPV6_MULTICAST_ALL, 0); // Linux 4.20
        setOptional(
                level, IPV6_RECVPKTINFO, "IPV6_RECVPKTINFO", "the addresses that datagrams were sent to are not known");
        setOptional(
                level, IPV6_RECVTCLASS, "IPV6_RECVTCLASS", "the traffic class, and so congestion marks, is not known");
        setOptional(level, IPV6_RECVERR, "IPV6_RECVERR", "what ICMPv6 answers to datagrams is not known");
    }

    private int discovery() {
        return settings.dontFragment() ? PMTUDISC_DO : PMTUDISC_DONT;
    }

    private void setChecksums() throws NativeException {
        if (settings.ipv6()) {
            if (!settings.checksum()) {
                descriptor.set("UDP_NO_CHECK6_TX", UdpDescriptor.SOL_UDP, UDP_NO_CHECK6_TX, 1);
            }
            if (settings.acceptZeroChecksum()) {
                descriptor.set("UDP_NO_CHECK6_RX", UdpDescriptor.SOL_UDP, UDP_NO_CHECK6_RX, 1);
            }
        } else if (!settings.checksum()) {
            descriptor.set("SO_NO_CHECK", LibC.SOL_SOCKET, SO_NO_CHECK, 1);
        }
    }

    private void setOffload() {
        if (settings.coalescing()) {
            setOptional(UdpDescriptor.SOL_UDP, UDP_GRO, "UDP_GRO (Linux 5.0)", "datagrams are received one by one");
        }
        if (settings.checksum()) {
            segmentation = !missing.contains(UDP_SEGMENT) && descriptor.has(UdpDescriptor.SOL_UDP, UDP_SEGMENT);
            if (!segmentation) {
                notes.add("the kernel has no UDP_SEGMENT (Linux 4.18): datagrams are sent one by one");
            }
        }
    }

    private void setOptional(int level, int option, String name, String without) {
        if (missing.contains(option) || !descriptor.takes(level, option, 1)) {
            notes.add("the kernel has no " + name + ": " + without);
        }
    }

    /** Whether runs of datagrams can be sent as one message, as far as is known before any is sent. */
    boolean segmentation() {
        return segmentation;
    }
}
