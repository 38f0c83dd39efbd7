package io.weft.tunnel;

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
public final class TunnelAdvice {
    private TunnelAdvice() {}

    /** There is no way to a remote. */
    public static PortException notReached(TunnelSettings settings, RemoteSpec remote, UnderlayException reason) {
        return reason.kind() == UnderlayException.Kind.NO_ROUTE
                ? blame(settings, "remote_ip", remote, reason, "")
                : notOpened(settings, reason);
    }

    /** A remote's name leads nowhere. */
    static PortException unknownName(TunnelSettings settings, RemoteSpec remote, UnknownHostException reason) {
        return new PortException(
                prefix(settings, "remote_ip", remote) + "no address has this name; accepted: an address, or a name that"
                        + " `getent ahosts " + remote.host() + "` finds",
                reason);
    }

    /** A remote's name leads to addresses of the other family only. */
    static PortException otherFamily(TunnelSettings settings, RemoteSpec remote, boolean ipv6, InetAddress found) {
        return new PortException(prefix(settings, "remote_ip", remote) + "the name leads to "
                + AddressLiteral.format(found) + "; accepted: a name with an " + (ipv6 ? "IPv6" : "IPv4")
                + " address, as the port's other addresses are");
    }

    /** The socket that listens at a {@code dst_port} was not to be had. */
    public static PortException notListening(TunnelSettings settings, int udpPort, UnderlayException reason) {
        return reason.kind() == UnderlayException.Kind.PORT_IN_USE
                ? blame(settings, "dst_port", udpPort, reason, "; accepted: a free port, 1..65535")
                : notOpened(settings, reason);
    }

    /** One of the sockets that send from a {@code src_port_range} was not to be had. */
    public static PortException notSending(
            TunnelSettings settings, int firstPort, int lastPort, int ports, UnderlayException reason) {
        return reason.kind() == UnderlayException.Kind.PORT_IN_USE
                ? blame(
                        settings,
                        "src_port_range",
                        firstPort + "-" + lastPort,
                        reason,
                        "; accepted: a range with " + ports + " free ports, or fewer src_ports")
                : notOpened(settings, reason);
    }

    /** A socket was not to be had, for a reason that has nothing to do with ports of UDP. */
    public static PortException notOpened(TunnelSettings settings, UnderlayException reason) {
        return switch (reason.kind()) {
            case NO_SUCH_ADDRESS ->
                settings.local() == null
                        ? plain(settings, reason)
                        : blame(
                                settings,
                                "local_ip",
                                AddressLiteral.format(settings.local()),
                                reason,
                                "; accepted: an address of this machine, or none for any");
            case NO_SUCH_INTERFACE -> blame(settings, "dev", settings.networkInterface(), reason, "");
            case NO_NAMESPACE -> blame(settings, "netns", settings.netns(), reason, "");
            default -> plain(settings, reason);
        };
    }

    private static PortException plain(TunnelSettings settings, UnderlayException reason) {
        return new PortException(settings.scheme() + " port '" + settings.name() + "': " + reason.getMessage(), reason);
    }

    /** An option is to blame. */
    public static PortException blame(
            TunnelSettings settings, String option, Object value, UnderlayException reason, String accepted) {
        return new PortException(prefix(settings, option, value) + reason.getMessage() + accepted, reason);
    }

    private static String prefix(TunnelSettings settings, String option, Object value) {
        return settings.scheme() + " port '" + settings.name() + "': option " + option + " is '" + value + "': ";
    }
}
