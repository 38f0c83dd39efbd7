package io.weft.underlay;

import io.weft.frame.Frame;
import io.weft.frame.Ipv4;
import java.nio.ByteBuffer;

/**
 * Receives what a raw IPv4 socket gets, which begins with the IP header: that lands in front of the landing's first byte,
 * in the headroom, so that the payload lies where it belongs. Only behind a header with options it is moved.
 *
 * <p>Threads: confined.
 */
final class RawIpv4Receiver extends NativeReceiver {
    private static final int TOS = 1;

    private final int[] lengths;
    private final int[] trafficClasses;
    private final int[] destinations;

    RawIpv4Receiver(SocketDescriptor socket, ErrorQueue errors) {
        super(socket, errors, false);
        lengths = new int[capacity()];
        trafficClasses = new int[capacity()];
        destinations = new int[capacity()];
    }

    @Override
    void point(int message, Frame landing) {
        landing.prepend(Ipv4.HEADER_LENGTH);
        super.point(message, landing);
        landing.consume(Ipv4.HEADER_LENGTH);
    }

    @Override
    public int receive(Frame[] landings, int count) {
        int received = super.receive(landings, count);
        for (int message = 0; message < received; message++) {
            Frame landing = landings[message];
            int length = landing.length();
            landing.prepend(Ipv4.HEADER_LENGTH);
            trafficClasses[message] = landing.getByte(TOS);
            destinations[message] = Ipv4.destination(landing, 0);
            lengths[message] = uncover(landing, super.length(message));
            landing.length(length);
        }
        return received;
    }

    /**
     * Takes the header off a packet, so that its payload begins {@link Ipv4#HEADER_LENGTH} bytes behind where it began.
     *
     * @param packet which begins with the header
     * @param received bytes of it, whatever the header says
     * @return bytes of payload, 0 also when the header contradicts itself or what was received
     */
    static int uncover(Frame packet, int received) {
        int header = Ipv4.headerLength(packet, 0);
        int end = Math.min(Ipv4.totalLength(packet, 0), received);
        boolean isSound = header >= Ipv4.HEADER_LENGTH && header <= end;
        if (isSound && header > Ipv4.HEADER_LENGTH) {
            packet.length(end);
            ByteBuffer bytes = packet.bytes();
            packet.putBytes(Ipv4.HEADER_LENGTH, bytes, bytes.position() + header, end - header);
        }
        packet.length(Ipv4.HEADER_LENGTH);
        packet.consume(Ipv4.HEADER_LENGTH);
        return isSound ? end - header : 0;
    }

    @Override
    public int length(int message) {
        return lengths[message];
    }

    @Override
    public int trafficClass(int message) {
        return trafficClasses[message];
    }

    @Override
    public long destinationHigh(int message) {
        return 0;
    }

    @Override
    public long destinationLow(int message) {
        return UnderlayPeer.lowOfIpv4(destinations[message]);
    }
}
