package io.weft.packet;

import io.weft.port.PortException;

/**
 * A network interface opened for capture and for sending. Behind it is libpcap; nothing else of this package names a class
 * of pcap4j's, which need not be there.
 *
 * <p>Threads: {@link #receive} by one, {@link #send} by one, the rest by any.
 */
interface PcapInterface extends AutoCloseable {
    /** It cannot go on: the interface is down or gone, or the handle was closed. */
    final class LostException extends Exception {
        private static final long serialVersionUID = 1L;

        LostException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Opens interfaces: libpcap, or a test. */
    @FunctionalInterface
    interface Opener {
        /**
         * Opens an interface.
         *
         * @throws PortException saying what is missing and the command that mends it
         */
        PcapInterface open(String name, boolean promiscuous) throws PortException;
    }

    /** The next frame that came in; {@code null} when none came for a while. Waits. */
    byte[] receive() throws LostException;

    /** The length of the frame that {@link #receive} has returned, which may have been cut. By the receiving thread. */
    int receivedLength();

    /** Frames lost so far since nobody read them in time. By the receiving thread. */
    long overruns();

    /**
     * Sends a frame.
     *
     * @return {@code null} when it was taken, or else what the system said
     */
    String send(byte[] memory, int length);

    /** What is not as it should be, for people; empty when all is well. */
    String warning();

    /** Makes a waiting {@link #receive} return or throw soon. */
    void wakeup();

    /** Closes the handle; not while another thread is in {@link #receive}. */
    @Override
    void close();
}
