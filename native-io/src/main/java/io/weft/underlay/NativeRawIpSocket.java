package io.weft.underlay;

import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.NativeException;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * A raw socket of the Linux kernel (raw(7)), by native calls. Each that is open gets a copy of what comes for its protocol
 * and address; one without an address, of all that comes for the protocol in its network namespace: of IPv6 also for groups
 * that only others have joined.
 *
 * <p>Threads: as in {@link UnderlaySocket}.
 */
final class NativeRawIpSocket extends NativeSocket {
    private static final int IPV6_AUTOFLOWLABEL = 70; // Linux 3.17

    private final RawIpSettings settings;
    private SocketDescriptor descriptor;

    private NativeRawIpSocket(RawIpSettings settings) {
        super(settings);
        this.settings = settings;
    }

    /**
     * Opens one.
     *
     * @throws UnderlayException saying what failed and what helps; nothing is left behind then
     */
    static NativeRawIpSocket open(RawIpSettings settings) throws UnderlayException {
        NativeRawIpSocket socket = new NativeRawIpSocket(settings);
        socket.open();
        return socket;
    }

    @Override
    SocketDescriptor create() throws IOException {
        try {
            descriptor = new SocketDescriptor(settings.ipv6(), LibC.SOCK_RAW, settings.protocol());
            return descriptor;
        } catch (NativeException e) {
            if (e.errno() == Errno.EPERM || e.errno() == Errno.EACCES) {
                throw UnderlayAdvice.noRawSocket(settings, e);
            }
            throw e;
        }
    }

    @Override
    void setUp(SocketDescriptor created, List<String> into) throws NativeException {
        new IpSetup(created, settings, Set.of(), into).apply();
        if (settings.ipv6()) {
            // No label is to be none: the kernel would give all packets of the socket one of its own.
            created.takes(SocketDescriptor.SOL_IPV6, IPV6_AUTOFLOWLABEL, 0);
        }
    }

    @Override
    UnderlayPeer bind(SocketDescriptor created) throws IOException {
        int errno = created.bind(address(0));
        if (errno != 0) {
            throw UnderlayAdvice.notBound(settings, new NativeException("bind", errno));
        }
        return address(0); // the kernel would tell the protocol's number for a port
    }

    @Override
    UnderlayReceiver newReceiver(SocketDescriptor bound, ErrorQueue itsErrors) {
        return settings.ipv6() ? new NativeReceiver(bound, itsErrors, true) : new RawIpv4Receiver(bound, itsErrors);
    }

    @Override
    UnderlaySender newSender(SocketDescriptor bound, ErrorQueue itsErrors) {
        return new NativeSender(bound, itsErrors, settings, false);
    }

    /** What waits to be received already stays. */
    @Override
    public synchronized void receiveFrom(Collection<UnderlayPeer> sources) {
        PacketFilter filter = sources == null ? null : PacketFilter.of(sources, settings.ipv6());
        if (filter == null || !filter.attach(descriptor)) {
            PacketFilter.detach(descriptor);
        }
    }

    /** Not while a filter is being attached, whose descriptor may be another one's afterwards. */
    @Override
    public synchronized void close() {
        super.close();
    }
}
