package io.weft.underlay;

import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.NativeException;
import java.io.IOException;

/**
 * Asks the kernel about the ways to peers: a UDP socket beside the one that datagrams go by, in the same namespace and on the
 * same interface and address, that is connected for as long as a question takes. It sends nothing.
 *
 * <p>Threads: any; one question at a time.
 */
final class RouteProbe implements AutoCloseable {
    private static final int IP_MTU = 14;
    private static final int IPV6_MTU = 24;

    private final IpSettings settings;
    private final SocketDescriptor descriptor;

    /** Opened in the calling thread's namespace. */
    RouteProbe(IpSettings settings) throws IOException {
        this.settings = settings;
        this.descriptor = new SocketDescriptor(settings.ipv6(), LibC.SOCK_DGRAM, 0);
        boolean opened = false;
        try {
            if (settings.networkInterface() != null) {
                descriptor.bindToInterface(settings.networkInterface());
            }
            if (settings.ipv6()) {
                descriptor.set("IPV6_TCLASS", SocketDescriptor.SOL_IPV6, IpSetup.IPV6_TCLASS, settings.trafficClass());
            } else {
                descriptor.set("IP_TOS", SocketDescriptor.SOL_IP, IpSetup.IP_TOS, settings.trafficClass());
            }
            if (settings.local() != null) {
                if (settings instanceof Ipv6PacketSettings) {
                    descriptor.set("IPV6_FREEBIND", SocketDescriptor.SOL_IPV6, NativeIpv6PacketSocket.IPV6_FREEBIND, 1);
                }
                int errno = descriptor.bind(UnderlayPeer.of(settings.local(), 0));
                if (errno != 0) {
                    throw UnderlayAdvice.notBound(settings, new NativeException("bind", errno));
                }
            }
            opened = true;
        } finally {
            if (!opened) {
                descriptor.close();
            }
        }
    }

    /** The MTU of the way to a peer; 0 when it is not known. */
    synchronized int mtu(UnderlayPeer peer) throws UnderlayException {
        try {
            descriptor.connect(peer);
            return settings.ipv6()
                    ? descriptor.get("IPV6_MTU", SocketDescriptor.SOL_IPV6, IPV6_MTU)
                    : descriptor.get("IP_MTU", SocketDescriptor.SOL_IP, IP_MTU);
        } catch (NativeException e) {
            if (SendErrors.outcome(e.errno()) == SendOutcome.UNREACHABLE || e.errno() == Errno.EINVAL) {
                throw UnderlayAdvice.noRoute(
                        peer, e); // EINVAL: a link-local peer without an interface, or a black hole
            }
            return 0;
        } finally {
            descriptor.disconnect();
        }
    }

    /** The address that datagrams to a peer come from; {@code null} when there is no way. */
    synchronized UnderlayPeer source(UnderlayPeer peer) {
        try {
            descriptor.connect(peer);
            return descriptor.local();
        } catch (NativeException e) {
            return null;
        } finally {
            descriptor.disconnect();
        }
    }

    @Override
    public synchronized void close() {
        descriptor.close();
    }
}
