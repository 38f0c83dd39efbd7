package io.weft.underlay;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;

/**
 * The traffic class that a channel sends with, which the JDK can only set for the whole channel: it is changed when the
 * next datagram's is another one. Its lock is the one that a datagram is sent with, so that none leaves with another
 * sender's class.
 *
 * <p>Threads: any, with its lock.
 */
final class ChannelTrafficClass {
    private static final Integer[] VALUES = new Integer[256];

    static {
        for (int i = 0; i < VALUES.length; i++) {
            VALUES[i] = i; // of those above 127 the JDK would make a new one each time
        }
    }

    private final DatagramChannel channel;
    private final int own;
    private int current;

    ChannelTrafficClass(DatagramChannel channel, int own) {
        this.channel = channel;
        this.own = own;
        this.current = own;
    }

    /** Sends with this class from now on; -1 for the channel's own. */
    void use(int trafficClass) throws IOException {
        int wanted = trafficClass < 0 ? own : trafficClass & 0xff;
        if (wanted != current) {
            channel.setOption(StandardSocketOptions.IP_TOS, VALUES[wanted]);
            current = wanted;
        }
    }
}
