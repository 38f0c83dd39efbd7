package io.weft.underlay;

import io.weft.nativeio.Errno;
import io.weft.nativeio.LinkQuery;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeException;
import java.util.List;

/**
 * What to tell the person at the keyboard when a socket cannot be had: what was tried, what the system answered, and
 * the command that mends it.
 *
 * <p>Threads: stateless.
 */
final class UnderlayAdvice {
    private UnderlayAdvice() {}

    /** The namespace could not be entered. */
    static UnderlayException unreachable(String netns, NamespaceEntry.UnreachableException failure) {
        NativeException reason = failure.reason();
        return new UnderlayException(
                UnderlayException.Kind.NO_NAMESPACE,
                "network namespace '" + netns + "': " + reason.getMessage() + "; " + failure.advice(netns),
                reason);
    }

    /** There is no such interface. */
    static UnderlayException noSuchInterface(String name, String netns, List<String> names, NativeException reason) {
        String there = names.isEmpty() ? "" : "; there are: " + String.join(", ", names);
        return new UnderlayException(
                UnderlayException.Kind.NO_SUCH_INTERFACE,
                "no such interface '" + name + "' " + (netns == null ? "here" : "in namespace '" + netns + "'") + there,
                reason);
    }

    /** The socket cannot be bound to the interface. */
    static UnderlayException notOnInterface(IpSettings settings, NativeException reason) {
        if (reason.errno() == Errno.ENODEV) {
            return noSuchInterface(settings.networkInterface(), settings.netns(), LinkQuery.names(), reason);
        }
        if (isPermission(reason.errno())) {
            return missing("CAP_NET_RAW", "net_raw", "interface " + settings.networkInterface(), reason);
        }
        return failed(settings, reason);
    }

    /** The socket cannot be bound to its address and, of UDP, one of its ports. */
    static UnderlayException notBound(IpSettings settings, NativeException reason) {
        return switch (reason.errno()) {
            case Errno.EADDRNOTAVAIL, Errno.ENODEV, Errno.EINVAL ->
                new UnderlayException(
                        UnderlayException.Kind.NO_SUCH_ADDRESS,
                        settings.local().getHostAddress() + " is none of this machine's addresses"
                                + (settings.netns() == null ? "" : " in namespace '" + settings.netns() + "'")
                                + ", or not yet: see ip addr"
                                + (settings.ipv6()
                                        ? " (a tentative one is still being checked; a link-local one needs its"
                                                + " interface, as fe80::1%eth0)"
                                        : ""),
                        reason);
            default -> settings instanceof UdpSettings udp ? noPort(udp, reason) : failed(settings, reason);
        };
    }

    private static UnderlayException noPort(UdpSettings settings, NativeException reason) {
        return switch (reason.errno()) {
            case Errno.EADDRINUSE ->
                new UnderlayException(UnderlayException.Kind.PORT_IN_USE, portInUse(settings), reason);
            case Errno.EACCES, Errno.EPERM ->
                missing(
                        "CAP_NET_BIND_SERVICE",
                        "net_bind_service",
                        "port " + settings.firstPort() + " (one below net.ipv4.ip_unprivileged_port_start)",
                        reason);
            default -> failed(settings, reason);
        };
    }

    /** The system lets this program have no raw sockets. */
    static UnderlayException noRawSocket(IpSettings settings, NativeException reason) {
        return missing("CAP_NET_RAW", "net_raw", name(settings), reason);
    }

    private static String name(IpSettings settings) {
        return (settings instanceof UdpSettings ? "UDP socket " : "raw socket ") + settings;
    }

    private static String portInUse(UdpSettings settings) {
        int first = settings.firstPort();
        int last = settings.lastPort();
        String where = settings.local() == null ? "" : " of " + settings.local().getHostAddress();
        return first == last
                ? "UDP port " + first + where + " is in use: ss -ulpn 'sport = :" + first
                        + "' shows by whom; the kernel's own tunnels, which ss does not show: ip -d link show"
                : "all UDP ports " + first + ".." + last + where + " are in use: ss -ulpn shows by whom";
    }

    /** There is no way to a peer. */
    static UnderlayException noRoute(UnderlayPeer peer, NativeException reason) {
        return new UnderlayException(
                UnderlayException.Kind.NO_ROUTE,
                "no route to " + peer.address() + ": " + reason.getMessage() + "; ip route get " + peer.address()
                        + " shows why",
                reason);
    }

    /** What is to be joined is no group, or one of the other family. */
    static UnderlayException noGroup(UnderlayPeer group, boolean ipv6) {
        return new UnderlayException(
                UnderlayException.Kind.OTHER,
                "group is " + group.address() + "; accepted: a multicast address of "
                        + (ipv6 ? "IPv6, as ff05::1" : "IPv4, 224.0.0.0 to 239.255.255.255"),
                null);
    }

    /** A group cannot be joined. */
    static UnderlayException notJoined(
            IpSettings settings, UnderlayPeer group, String networkInterface, NativeException reason) {
        return switch (reason.errno()) {
            case Errno.ENODEV, Errno.ENETUNREACH, Errno.EHOSTUNREACH ->
                new UnderlayException(
                        UnderlayException.Kind.NO_ROUTE,
                        "no route to the group " + group.address() + ": name an interface, or give the group one: ip"
                                + " route add " + group.address() + " dev INTERFACE",
                        reason);
            case Errno.ENOBUFS, Errno.ENOMEM ->
                new UnderlayException(
                        UnderlayException.Kind.OTHER,
                        "group " + group.address() + ": too many groups for one socket; as root: sysctl -w"
                                + " net.ipv4.igmp_max_memberships=NUMBER",
                        reason);
            default ->
                failed(
                        name(settings) + ": group " + group.address()
                                + (networkInterface == null ? "" : " on " + networkInterface),
                        reason);
        };
    }

    /** A route cannot be made. */
    static UnderlayException notRouted(String what, NativeException reason) {
        return isPermission(reason.errno())
                ? missing("CAP_NET_ADMIN", "net_admin", what, reason)
                : failed(what, reason);
    }

    /** Another route is in the way of one. */
    static UnderlayException otherRoute(String what, String prefix, NativeException reason) {
        return new UnderlayException(
                UnderlayException.Kind.OTHER,
                what + ": there is another one to " + prefix
                        + " by which the kernel would send packets on, or answer them: ip -6" + " route show " + prefix
                        + "; delete it, or choose another prefix",
                reason);
    }

    /** Something else that was asked of the system failed. */
    static UnderlayException failed(IpSettings settings, NativeException reason) {
        return failed(name(settings), reason);
    }

    private static UnderlayException failed(String what, NativeException reason) {
        UnderlayException.Kind kind =
                switch (reason.errno()) {
                    case Errno.EPERM, Errno.EACCES -> UnderlayException.Kind.NO_PERMISSION;
                    case Errno.EAFNOSUPPORT, Errno.ENOPROTOOPT, Errno.EOPNOTSUPP -> UnderlayException.Kind.UNSUPPORTED;
                    default -> UnderlayException.Kind.OTHER;
                };
        String advice =
                switch (reason.errno()) {
                    case Errno.EAFNOSUPPORT -> "; the kernel has no IPv6, or not for this program";
                    case Errno.EMFILE, Errno.ENFILE -> "; too many open files: see ulimit -n";
                    default -> "";
                };
        return new UnderlayException(kind, what + ": " + reason.getMessage() + advice, reason);
    }

    private static boolean isPermission(int errno) {
        return errno == Errno.EPERM || errno == Errno.EACCES;
    }

    private static UnderlayException missing(String capability, String name, String what, NativeException reason) {
        return new UnderlayException(
                UnderlayException.Kind.NO_PERMISSION,
                what + ": " + reason.getMessage() + "; that needs " + capability
                        + ": run as root, or as root start the program with it: setpriv --reuid USER --init-groups"
                        + " --inh-caps +" + name + " --ambient-caps +" + name + " COMMAND",
                reason);
    }

    /** A buffer became smaller than it should be. */
    static String smallerBuffer(String which, int wanted, int granted, String limit) {
        return "a " + which + " buffer of " + bytes(granted) + " where " + bytes(wanted)
                + " is wanted: more needs CAP_NET_ADMIN, or as root: sysctl -w " + limit + "=" + wanted;
    }

    private static String bytes(int count) {
        if (count >= 1 << 20 && count % (1 << 20) == 0) {
            return (count >> 20) + " MiB";
        }
        return count >= 1 << 10 ? (count >> 10) + " KiB" : count + " bytes";
    }
}
