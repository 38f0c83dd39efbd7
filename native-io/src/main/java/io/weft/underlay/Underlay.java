package io.weft.underlay;

import io.weft.nativeio.Linux;
import java.io.IOException;

/**
 * What sockets for tunnels are had from: this machine's kernel, or something else in tests.
 *
 * <p>Threads: any.
 */
public interface Underlay {
    /** This machine's. */
    Underlay SYSTEM = new Underlay() {
        @Override
        public UnderlaySocket open(UdpSettings settings) throws UnderlayException {
            try {
                Linux.require();
            } catch (IOException e) {
                return ChannelUdpSocket.open(settings, e.getMessage());
            }
            return NativeUdpSocket.open(settings);
        }

        @Override
        public UnderlaySocket open(RawIpSettings settings) throws UnderlayException {
            return NativeRawIpSocket.open(settings);
        }

        @Override
        public String toString() {
            return "the machine's underlay";
        }
    };

    /**
     * Opens a UDP socket: by native calls, or by the JDK's channels where those are not to be had, which a note says.
     *
     * @throws UnderlayException saying why it cannot be had; nothing is left behind then
     */
    UnderlaySocket open(UdpSettings settings) throws UnderlayException;

    /**
     * Opens a raw socket, by native calls. Its peers have port 0, and its datagrams begin behind the IP header.
     *
     * @throws UnderlayException saying why it cannot be had; nothing is left behind then
     */
    UnderlaySocket open(RawIpSettings settings) throws UnderlayException;
}
