package io.weft.vxlan;

import io.weft.port.PortException;
import io.weft.underlay.UnderlayException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * What to tell the person at the keyboard when the underlay cannot be had: which option is to blame, its value, what the system
 * answered, and what is accepted or helps. The underlay says the last two; it does not know our options.
 *
 * <p>Threads: stateless.
 */
final class VxlanAdvice {
    private VxlanAdvice() {}

    /** The socket that listens at one of the port's {@code dst_port}s was not to be had. */
    static PortException notListening(VxlanSettings settings, int udpPort, UnderlayException reason) {
        return reason.kind() == UnderlayException.Kind.PORT_IN_USE
                ? blame(settings, "dst_port", udpPort, reason, "; accepted: a free port, 1..65535")
                : notOpened(settings, reason);
    }

    /** A socket to send from was not to be had. */
    static PortException notSending(VxlanSettings settings, UnderlayException reason) {
        return reason.kind() == UnderlayException.Kind.PORT_IN_USE
                ? blame(
                        settings,
                        "src_port_range",
                        settings.firstSourcePort() + "-" + settings.lastSourcePort(),
                        reason,
                        "; accepted: a range with " + settings.sourcePorts() + " free ports, or fewer src_ports")
                : notOpened(settings, reason);
    }

    /** The multicast group was not to be joined. */
    static PortException notJoined(VxlanSettings settings, UnderlayException reason) {
        return switch (reason.kind()) {
            case NO_ROUTE ->
                blame(settings, "group", format(settings.group()), reason, "; an interface is named by option dev");
            case OTHER, UNSUPPORTED -> blame(settings, "group", format(settings.group()), reason, "");
            default -> notOpened(settings, reason);
        };
    }

    /** There is no way to a remote. */
    static PortException notReached(VxlanSettings settings, RemoteSpec remote, UnderlayException reason) {
        return reason.kind() == UnderlayException.Kind.NO_ROUTE
                ? blame(settings, "remote_ip", remote, reason, "")
                : notOpened(settings, reason);
    }

    /** A remote's name leads nowhere. */
    static PortException unknownName(VxlanSettings settings, RemoteSpec remote, UnknownHostException reason) {
        return new PortException(
                prefix(settings, "remote_ip", remote) + "no address has this name; accepted: an address, or a name that"
                        + " `getent ahosts " + remote.host() + "` finds",
                reason);
    }

    /** A remote's name leads to addresses of the other family only. */
    static PortException otherFamily(VxlanSettings settings, RemoteSpec remote, boolean ipv6, InetAddress found) {
        return new PortException(prefix(settings, "remote_ip", remote) + "the name leads to " + format(found)
                + "; accepted: a name with an " + (ipv6 ? "IPv6" : "IPv4")
                + " address, as the port's other addresses are");
    }

    private static PortException notOpened(VxlanSettings settings, UnderlayException reason) {
        return switch (reason.kind()) {
            case NO_SUCH_ADDRESS ->
                settings.local() == null
                        ? plain(settings, reason)
                        : blame(
                                settings,
                                "local_ip",
                                format(settings.local()),
                                reason,
                                "; accepted: an address of this machine, or none for any");
            case NO_SUCH_INTERFACE -> blame(settings, "dev", settings.networkInterface(), reason, "");
            case NO_NAMESPACE -> blame(settings, "netns", settings.netns(), reason, "");
            default -> plain(settings, reason);
        };
    }

    private static PortException plain(VxlanSettings settings, UnderlayException reason) {
        return new PortException("vxlan port '" + settings.name() + "': " + reason.getMessage(), reason);
    }

    private static PortException blame(
            VxlanSettings settings, String option, Object value, UnderlayException reason, String accepted) {
        return new PortException(prefix(settings, option, value) + reason.getMessage() + accepted, reason);
    }

    private static String prefix(VxlanSettings settings, String option, Object value) {
        return "vxlan port '" + settings.name() + "': option " + option + " is '" + value + "': ";
    }

    private static String format(InetAddress address) {
        return AddressLiteral.format(address);
    }
}
