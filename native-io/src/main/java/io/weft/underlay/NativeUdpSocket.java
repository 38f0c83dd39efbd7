package io.weft.underlay;

import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.NativeException;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * A UDP socket of the Linux kernel, by native calls.
 *
 * <p>Threads: as in {@link UnderlaySocket}.
 */
final class NativeUdpSocket extends NativeSocket {
    private final UdpSettings settings;
    private final Set<Integer> missing;
    private boolean segmentation;

    private NativeUdpSocket(UdpSettings settings, Set<Integer> missing) {
        super(settings);
        this.settings = settings;
        this.missing = missing;
    }

    /**
     * Opens one.
     *
     * @throws UnderlayException saying what failed and what helps; nothing is left behind then
     */
    static NativeUdpSocket open(UdpSettings settings) throws UnderlayException {
        return open(settings, Set.of());
    }

    /**
     * Opens one.
     *
     * @param missing options that are taken for unknown to the kernel, whether it has them or not
     */
    static NativeUdpSocket open(UdpSettings settings, Set<Integer> missing) throws UnderlayException {
        NativeUdpSocket socket = new NativeUdpSocket(settings, missing);
        socket.open();
        return socket;
    }

    @Override
    SocketDescriptor create() throws NativeException {
        return new SocketDescriptor(settings.ipv6(), LibC.SOCK_DGRAM, 0);
    }

    @Override
    void setUp(SocketDescriptor created, List<String> into) throws NativeException {
        UdpSetup setup = new UdpSetup(created, settings, new IpSetup(created, settings, missing, into));
        setup.apply();
        segmentation = setup.segmentation();
    }

    /** Binds to the first port of the range that is free: without SO_REUSEADDR one that others have is refused. */
    @Override
    UnderlayPeer bind(SocketDescriptor created) throws IOException {
        int errno = Errno.EADDRINUSE;
        for (int port = settings.firstPort(); errno == Errno.EADDRINUSE && port <= settings.lastPort(); port++) {
            errno = created.bind(address(port));
        }
        if (errno != 0) {
            throw UnderlayAdvice.notBound(settings, new NativeException("bind", errno));
        }
        return created.local();
    }

    @Override
    UnderlayReceiver newReceiver(SocketDescriptor bound, ErrorQueue itsErrors) {
        return new NativeReceiver(bound, itsErrors, settings.ipv6());
    }

    @Override
    UnderlaySender newSender(SocketDescriptor bound, ErrorQueue itsErrors) {
        return new NativeSender(bound, itsErrors, settings, segmentation);
    }
}
