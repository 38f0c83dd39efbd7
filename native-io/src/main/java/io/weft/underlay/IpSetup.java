package io.weft.underlay;

import io.weft.nativeio.LibC;
import io.weft.nativeio.NativeException;
import java.util.List;
import java.util.Set;

/**
 * Sets the options that all sockets of the underlay have, before one is bound. What an older kernel may lack, and what
 * datagrams can pass without, degrades with a note.
 *
 * <p>Threads: confined.
 */
final class IpSetup {
    static final int IP_TOS = 1;
    private static final int IP_TTL = 2;
    static final int IP_MTU_DISCOVER = 10;
    static final int IP_RECVERR = 11;
    static final int IP_RECVFRAGSIZE = 25;
    private static final int IP_MULTICAST_TTL = 33;
    private static final int IP_MULTICAST_LOOP = 34;
    private static final int IP_MULTICAST_ALL = 49;

    private static final int IPV6_UNICAST_HOPS = 16;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int IPV6_MULTICAST_LOOP = 19;
    static final int IPV6_MTU_DISCOVER = 23;
    static final int IPV6_RECVERR = 25;
    private static final int IPV6_MULTICAST_ALL = 29;
    private static final int IPV6_FLOWINFO_SEND = 33;
    private static final int IPV6_RECVPKTINFO = 49;
    static final int IPV6_PKTINFO = 50;
    private static final int IPV6_RECVTCLASS = 66;
    static final int IPV6_TCLASS = 67;
    static final int IPV6_RECVFRAGSIZE = 77;

    /** {@link #IP_MTU_DISCOVER} and {@link #IPV6_MTU_DISCOVER}: never DF, or always. */
    private static final int PMTUDISC_DONT = 0;

    private static final int PMTUDISC_DO = 2;

    private final SocketDescriptor descriptor;
    private final IpSettings settings;
    private final Set<Integer> missing;
    private final List<String> notes;

    /**
     * For a socket.
     *
     * @param missing optional options that are taken for unknown to the kernel, whether it has them or not
     * @param notes to which it adds what was not granted
     */
    IpSetup(SocketDescriptor descriptor, IpSettings settings, Set<Integer> missing, List<String> notes) {
        this.descriptor = descriptor;
        this.settings = settings;
        this.missing = missing;
        this.notes = notes;
    }

    /** Sets all of them. */
    void apply() throws NativeException {
        setReceiveBuffer();
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
    }

    /** Sets the one option that the socket has which only receives. */
    void setReceiveBuffer() throws NativeException {
        setBuffer(
                "receive",
                settings.receiveBuffer() != 0 ? settings.receiveBuffer() : UdpSettings.DEFAULT_RECEIVE_BUFFER,
                LibC.SO_RCVBUF,
                LibC.SO_RCVBUFFORCE,
                "net.core.rmem_max");
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
        int level = SocketDescriptor.SOL_IP;
        descriptor.set("IP_TTL", level, IP_TTL, settings.ttl());
        descriptor.set("IP_MULTICAST_TTL", level, IP_MULTICAST_TTL, settings.ttl());
        descriptor.set("IP_TOS", level, IP_TOS, settings.trafficClass());
        descriptor.set("IP_MTU_DISCOVER", level, IP_MTU_DISCOVER, discovery());
        descriptor.set("IP_MULTICAST_LOOP", level, IP_MULTICAST_LOOP, 0);
        descriptor.takes(level, IP_MULTICAST_ALL, 0); // what others on this machine have joined is none of ours
        if (settings.errors()) {
            setOptional(level, IP_RECVERR, "IP_RECVERR", "what ICMP answers to datagrams is not known");
        }
        setOptional(
                level, IP_RECVFRAGSIZE, "IP_RECVFRAGSIZE (Linux 4.10)", "whether datagrams were fragmented is unknown");
    }

    private void setIpv6() throws NativeException {
        int level = SocketDescriptor.SOL_IPV6;
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
        if (settings.errors()) {
            setOptional(level, IPV6_RECVERR, "IPV6_RECVERR", "what ICMPv6 answers to datagrams is not known");
        }
        setOptional(level, IPV6_FLOWINFO_SEND, "IPV6_FLOWINFO_SEND", "flow labels are the kernel's own");
        setOptional(
                level,
                IPV6_RECVFRAGSIZE,
                "IPV6_RECVFRAGSIZE (Linux 4.10)",
                "whether datagrams were fragmented is unknown");
    }

    private int discovery() {
        return settings.dontFragment() ? PMTUDISC_DO : PMTUDISC_DONT;
    }

    /** Sets an option to 1, or notes what is done without it. */
    void setOptional(int level, int option, String name, String without) {
        if (isMissing(option) || !descriptor.takes(level, option, 1)) {
            notes.add("the kernel has no " + name + ": " + without);
        }
    }

    /** Whether an option is to be taken for unknown to the kernel. */
    boolean isMissing(int option) {
        return missing.contains(option);
    }

    void note(String text) {
        notes.add(text);
    }
}
