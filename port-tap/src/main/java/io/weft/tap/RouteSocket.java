package io.weft.tap;

import io.weft.frame.IpPrefix;
import io.weft.nativeio.Errno;
import io.weft.nativeio.LinkQuery;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.RouteNetlink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Configures network devices of the namespace it was opened in, by rtnetlink: what {@code ip link}, {@code ip address} and
 * {@code ip route} do, without starting them. (The older ioctls cannot add a second IPv4 address.)
 *
 * <pre>
 *   ifinfomsg, for links                             ifaddrmsg, for addresses
 *    16 family  18 type  20 index  24 flags  28 mask  16 family  17 prefix  20 index
 *   rtmsg, for routes: 16 family 17 prefix 20 table 21 protocol 22 scope 23 type 24 flags
 * </pre>
 *
 * <p>Threads: confined.
 */
final class RouteSocket implements AutoCloseable {
    private static final short RTM_NEWLINK = 16;
    private static final short RTM_GETLINK = 18;
    private static final short RTM_NEWADDR = 20;
    private static final short RTM_NEWROUTE = 24;
    private static final short RTM_DELROUTE = 25;

    private static final short IFLA_ADDRESS = 1;
    private static final short IFLA_IFNAME = 3;
    private static final short IFLA_MTU = 4;
    private static final short IFLA_NET_NS_FD = 28;
    private static final short IFLA_GSO_MAX_SIZE = 41;
    private static final short IFA_ADDRESS = 1;
    private static final short IFA_LOCAL = 2;
    private static final short RTA_DST = 1;
    private static final short RTA_OIF = 4;

    private static final byte RT_TABLE_MAIN = (byte) 254;
    private static final byte RTPROT_BOOT = 3; // as ip route says
    private static final byte RT_SCOPE_UNIVERSE = 0;
    private static final byte RT_SCOPE_LINK = (byte) 253;
    private static final byte RTN_UNICAST = 1;

    private static final int IFF_UP = 1;
    private static final byte AF_INET = 2;
    private static final byte AF_INET6 = 10;

    private final RouteNetlink netlink;
    private ByteBuffer message; // the request that is being made, or the answer

    /** What is known about a link. */
    record Link(int index, boolean up) {}

    RouteSocket() throws NativeException {
        netlink = new RouteNetlink();
    }

    /** The link called {@code name}, or {@code null} when there is none. */
    Link find(String name) throws NativeException {
        begin(RTM_GETLINK, 0);
        putLink(0, 0, 0);
        name(name);
        String attempt = "look for " + name;
        try {
            exchange(attempt);
        } catch (NativeException e) {
            if (e.errno() == Errno.ENODEV) {
                return null;
            }
            throw e;
        }
        return RouteAnswer.link(attempt, message);
    }

    /** What a link is of the TUN driver's; {@code null} for a link of another kind. */
    TapKind kind(String name) throws NativeException {
        LinkQuery.Driver driver = new LinkQuery(netlink.descriptor()).driver(name);
        if (driver != null && driver.name().equals("tun")) {
            for (TapKind kind : TapKind.values()) {
                if (driver.bus().equals(kind.scheme())) {
                    return kind;
                }
            }
        }
        return null;
    }

    /** Moves a link to the namespace that a descriptor stands for, where it has this name; it is down there. */
    void move(Link link, int namespace, String name) throws NativeException {
        begin(RTM_NEWLINK, RouteNetlink.NLM_F_ACK);
        putLink(link.index(), 0, 0);
        attribute(IFLA_NET_NS_FD, 4);
        message.putInt(namespace);
        name(name);
        exchange("move it to its namespace");
    }

    void mtu(Link link, int bytes) throws NativeException {
        begin(RTM_NEWLINK, RouteNetlink.NLM_F_ACK);
        putLink(link.index(), 0, 0);
        attribute(IFLA_MTU, 4);
        message.putInt(bytes);
        exchange("set the MTU");
    }

    void gsoMaxSize(Link link, int bytes) throws NativeException {
        begin(RTM_NEWLINK, RouteNetlink.NLM_F_ACK);
        putLink(link.index(), 0, 0);
        attribute(IFLA_GSO_MAX_SIZE, 4);
        message.putInt(bytes);
        exchange("set the longest super-frame");
    }

    void hwaddr(Link link, long mac) throws NativeException {
        begin(RTM_NEWLINK, RouteNetlink.NLM_F_ACK);
        putLink(link.index(), 0, 0);
        attribute(IFLA_ADDRESS, 6);
        for (int shift = 40; shift >= 0; shift -= 8) {
            message.put((byte) (mac >>> shift));
        }
        exchange("set the MAC address");
    }

    /** Adds an address; one that is there already is no error. */
    void address(Link link, IpPrefix prefix) throws NativeException {
        byte[] address = prefix.address().getAddress();
        begin(RTM_NEWADDR, RouteNetlink.NLM_F_ACK | RouteNetlink.NLM_F_CREATE | RouteNetlink.NLM_F_REPLACE);
        message.put(prefix.isIpv4() ? AF_INET : AF_INET6);
        message.put((byte) prefix.length()).put((byte) 0).put((byte) 0); // flags; scope: everywhere
        message.putInt(link.index());
        attribute(IFA_LOCAL, address.length);
        message.put(address);
        attribute(IFA_ADDRESS, address.length);
        message.put(address);
        exchange("add the address");
    }

    /**
     * Adds a route; the link is up. One that is there already is no error if it leads to the link and came about like this,
     * or by {@code ip route add}.
     */
    void route(Link link, IpPrefix network) throws NativeException {
        String attempt = "add the route";
        try {
            putRoute(RTM_NEWROUTE, RouteNetlink.NLM_F_CREATE | RouteNetlink.NLM_F_EXCL, link, network);
            exchange(attempt);
        } catch (NativeException e) {
            if (e.errno() != Errno.EEXIST || !deleteRoute(link, network)) {
                throw e;
            }
            putRoute(RTM_NEWROUTE, RouteNetlink.NLM_F_CREATE | RouteNetlink.NLM_F_EXCL, link, network);
            exchange(attempt);
        }
    }

    private boolean deleteRoute(Link link, IpPrefix network) throws NativeException {
        putRoute(RTM_DELROUTE, 0, link, network);
        try {
            exchange("delete the route");
        } catch (NativeException e) {
            if (e.errno() == Errno.ESRCH) {
                return false;
            }
            throw e;
        }
        return true;
    }

    private void putRoute(short type, int flags, Link link, IpPrefix network) {
        byte[] address = network.address().getAddress();
        begin(type, RouteNetlink.NLM_F_ACK | flags);
        message.put(network.isIpv4() ? AF_INET : AF_INET6);
        message.put((byte) network.length()).put((byte) 0).put((byte) 0); // from anywhere; for every type of service
        message.put(RT_TABLE_MAIN).put(RTPROT_BOOT);
        message.put(network.isIpv4() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE).put(RTN_UNICAST);
        message.putInt(0);
        attribute(RTA_DST, address.length);
        message.put(address);
        attribute(RTA_OIF, 4);
        message.putInt(link.index());
    }

    void up(Link link) throws NativeException {
        begin(RTM_NEWLINK, RouteNetlink.NLM_F_ACK);
        putLink(link.index(), IFF_UP, IFF_UP);
        exchange("bring it up");
    }

    private void begin(short type, int flags) {
        message = netlink.begin(type, flags);
    }

    private void putLink(int index, int flags, int mask) {
        message.putInt(0).putInt(index).putInt(flags).putInt(mask); // family unspecified
    }

    private void name(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        attribute(IFLA_IFNAME, text.length + 1);
        message.put(text).put((byte) 0);
    }

    private void attribute(short type, int length) {
        netlink.attribute(type, length);
    }

    private void exchange(String attempt) throws NativeException {
        message = netlink.exchange(attempt);
    }

    @Override
    public void close() {
        netlink.close();
    }
}
