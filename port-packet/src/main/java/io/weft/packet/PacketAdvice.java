package io.weft.packet;

import io.weft.nativeio.Errno;
import io.weft.nativeio.LinkQuery;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeException;
import io.weft.port.PortException;
import java.util.List;

/**
 * What to tell the person at the keyboard when an interface cannot be used: what was tried, what the system answered, and
 * the command that mends it.
 *
 * <p>Threads: stateless.
 */
final class PacketAdvice {
    private PacketAdvice() {}

    /** The socket could not be had. */
    static PortException notOpened(String port, NativeException reason) {
        return failed(
                port,
                reason,
                switch (reason.errno()) {
                    case Errno.EPERM, Errno.EACCES ->
                        "that needs CAP_NET_RAW: run as root, or as root start the program with it: setpriv --reuid USER"
                                + " --init-groups --inh-caps +net_raw --ambient-caps +net_raw COMMAND (a systemd service:"
                                + " AmbientCapabilities=CAP_NET_RAW; a container: --cap-add NET_RAW)";
                    case Errno.EAFNOSUPPORT -> "load the driver, as root: modprobe af_packet";
                    case Errno.EMFILE, Errno.ENFILE -> "too many open files: see ulimit -n";
                    default -> "see man 7 packet";
                });
    }

    /** There is no such interface in the calling thread's namespace. */
    static PortException noSuchInterface(String port, String netns, NativeException reason) {
        List<String> names = LinkQuery.names();
        String there = names.isEmpty() ? "" : "; there are: " + String.join(", ", names);
        return failed(
                port,
                reason,
                "no such interface " + (netns == null ? "here" : "in namespace '" + netns + "'") + there
                        + " (one in another namespace: option netns)");
    }

    /** The interface is of a kind whose frames have no Ethernet header. */
    static PortException notEthernet(String port, int hardwareType) {
        return new PortException("packet port '" + port + "': the interface is no Ethernet but "
                + hardware(hardwareType)
                + "; accepted: a NIC, or a veth, tap, bridge, bond, macvlan or VLAN interface");
    }

    private static String hardware(int type) {
        return switch (type) {
            case LinkQuery.ARPHRD_LOOPBACK -> "the loopback";
            case 512 -> "PPP";
            case 768, 769, 776, 778, 823 -> "an IP tunnel";
            case 801, 802, 803 -> "a wireless monitor";
            case 0xfffe -> "a layer 3 interface without a link layer, as TUN or WireGuard are";
            default -> "hardware type " + type;
        };
    }

    /** The namespace could not be entered. */
    static PortException unreachable(String port, String netns, NamespaceEntry.UnreachableException failure) {
        NativeException reason = failure.reason();
        return new PortException(
                "packet port '" + port + "': option netns is '" + netns + "': " + reason.getMessage() + "; "
                        + failure.advice(netns),
                reason);
    }

    /** Something else that was asked of the system failed. */
    static PortException failed(String port, NativeException reason, String advice) {
        return new PortException("packet port '" + port + "': " + reason.getMessage() + "; " + advice, reason);
    }

    /** A buffer became smaller than it was asked to be. */
    static String smallerBuffer(String option, int asked, int granted, String limit) {
        return "option " + option + " is '" + asked + "', but the kernel grants " + granted
                + ": more needs CAP_NET_ADMIN, or as root: sysctl -w " + limit + "=" + asked;
    }
}
