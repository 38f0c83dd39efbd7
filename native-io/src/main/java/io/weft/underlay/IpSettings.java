package io.weft.underlay;

import java.net.InetAddress;

/** What sockets of all kinds are opened with alike; the records say what each means. */
sealed interface IpSettings permits UdpSettings, RawIpSettings, Ipv6PacketSettings {
    boolean ipv6();

    InetAddress local();

    String networkInterface();

    String netns();

    int receiveBuffer();

    int sendBuffer();

    int ttl();

    int trafficClass();

    boolean dontFragment();

    default boolean errors() {
        return true;
    }
}
