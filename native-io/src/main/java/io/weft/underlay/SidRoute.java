package io.weft.underlay;

import io.weft.frame.IpPrefix;
import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.LinkQuery;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.RouteNetlink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * A route that keeps the kernel's hands off packets to a prefix, of SIDs that are none of the machine's addresses, while a
 * {@link Ipv6PacketSettings socket for whole packets} receives them: otherwise the kernel answers them with ICMPv6 errors, or sends them on
 * where its default route leads. It has the protocol number {@link #PROTOCOL}; what a program left behind that was killed is taken over.
 *
 * <p>Those of one program for one prefix share a route, which goes with the last.
 *
 * <p>Threads: any.
 */
public final class SidRoute implements AutoCloseable {
    /** By which {@code ip -6 route show proto 87} lists the routes. */
    public static final int PROTOCOL = 87;

    /** What the kernel does with the packets. */
    public enum Kind {
        /** Nothing, without a word; what this machine itself sends there is refused. */
        BLACKHOLE(6, 254),
        /**
         * They are this machine's: so that sites in one namespace reach each other by its loopback interface. Where seg6_enabled is on,
         * the kernel processes routing headers besides.
         */
        LOCAL(2, 255);

        private final byte type; // RTN_BLACKHOLE, RTN_LOCAL
        private final byte table; // main, local

        Kind(int type, int table) {
            this.type = (byte) type;
            this.table = (byte) table;
        }
    }

    private static final short RTM_NEWROUTE = 24;
    private static final short RTM_DELROUTE = 25;
    private static final short RTM_GETROUTE = 26;
    private static final int RTM_LENGTH = 12;
    private static final int RTM_PREFIX = RouteNetlink.HEADER_LENGTH + 1;
    private static final int RTM_TYPE = RouteNetlink.HEADER_LENGTH + 7;
    private static final int RTM_F_FIB_MATCH = 0x2000;
    private static final short RTA_DST = 1;
    private static final short RTA_OIF = 4;
    private static final int ADDRESS_LENGTH = 16;

    /** Where a route is. */
    private record Place(String netns, IpPrefix prefix, Kind kind) {}

    /** How many share each route that this program has made. */
    private static final Map<Place, Integer> SHARED = new HashMap<>();

    private final Place place;
    private final Kind kind;
    private boolean made; // by this program, which removes it

    private SidRoute(Place place, Kind kind) {
        this.place = place;
        this.kind = kind;
    }

    /**
     * Makes a route, unless there is one that does the same, by whomever; that one stays when this is closed.
     *
     * @param prefix of IPv6
     * @param netns network namespace, as a name that {@code ip netns} lists or a path; {@code null} for the program's own
     * @throws UnderlayException when the route cannot be made, or another one is in its place
     */
    public static SidRoute make(IpPrefix prefix, Kind kind, String netns) throws UnderlayException {
        if (prefix.isIpv4()) {
            throw new IllegalArgumentException("prefix is " + prefix + "; accepted: an IPv6 network");
        }
        SidRoute route = new SidRoute(new Place(netns, prefix.network(), kind), kind);
        synchronized (SHARED) {
            route.made = SHARED.containsKey(route.place);
            if (!route.made) {
                route.inNamespace(route::add);
            }
            if (route.made) {
                SHARED.merge(route.place, 1, Integer::sum);
            }
        }
        return route;
    }

    /** Whether it was there already, and stays. */
    public boolean wasThere() {
        return !made;
    }

    @Override
    public void close() {
        synchronized (SHARED) {
            if (!made) {
                return;
            }
            made = false;
            if (SHARED.merge(place, -1, (count, less) -> count + less == 0 ? null : count + less) == null) {
                try {
                    inNamespace(this::delete);
                } catch (UnderlayException gone) {
                    // with its namespace, or by somebody else's hand
                }
            }
        }
    }

    // ---- by rtnetlink ----

    private interface Request {
        void make(RouteNetlink netlink) throws IOException;
    }

    private void inNamespace(Request request) throws UnderlayException {
        NamespaceEntry.Task task = () -> {
            try (RouteNetlink netlink = new RouteNetlink()) {
                request.make(netlink);
            }
        };
        try {
            Linux.require();
            if (place.netns == null) {
                task.run();
            } else {
                try (NamespaceEntry namespace = new NamespaceEntry(place.netns)) {
                    namespace.call(task);
                }
            }
        } catch (UnderlayException e) {
            throw e;
        } catch (NamespaceEntry.UnreachableException e) {
            throw UnderlayAdvice.unreachable(place.netns, e);
        } catch (NativeException e) {
            throw UnderlayAdvice.notRouted(what(), e);
        } catch (IOException e) {
            throw new UnderlayException(UnderlayException.Kind.UNSUPPORTED, e.getMessage(), e);
        }
    }

    private String what() {
        return "route " + (kind == Kind.LOCAL ? "local " : "blackhole ") + place.prefix;
    }

    private void add(RouteNetlink netlink) throws IOException {
        deleteOtherLeftovers(netlink);
        try {
            change(netlink, RTM_NEWROUTE, RouteNetlink.NLM_F_CREATE | RouteNetlink.NLM_F_EXCL);
            made = true;
        } catch (NativeException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            made = deleteLeftover(netlink);
            if (made) {
                change(netlink, RTM_NEWROUTE, RouteNetlink.NLM_F_CREATE | RouteNetlink.NLM_F_EXCL);
            } else if (!isThere(netlink)) {
                throw UnderlayAdvice.otherRoute(what(), place.prefix.toString(), e);
            }
        }
    }

    private void delete(RouteNetlink netlink) throws NativeException {
        change(netlink, RTM_DELROUTE, 0);
    }

    /** Of another kind, by which the kernel would do something else: it is in another table, and so not in the way of this one. */
    private void deleteOtherLeftovers(RouteNetlink netlink) throws NativeException {
        for (Kind other : Kind.values()) {
            Place there = new Place(place.netns, place.prefix, other);
            if (other != kind && !SHARED.containsKey(there)) {
                try {
                    new SidRoute(there, other).deleteLeftover(netlink);
                } catch (NativeException e) {
                    if (e.errno() != Errno.EPERM) { // nor may the route be added then, which says so
                        throw e;
                    }
                }
            }
        }
    }

    /** Whether the route in the way was one of a program's like this one. */
    private boolean deleteLeftover(RouteNetlink netlink) throws NativeException {
        try {
            delete(netlink);
            return true;
        } catch (NativeException e) {
            if (e.errno() == Errno.ESRCH) {
                return false;
            }
            throw e;
        }
    }

    private void change(RouteNetlink netlink, short type, int flags) throws NativeException {
        ByteBuffer message = netlink.begin(type, flags | RouteNetlink.NLM_F_ACK);
        putRoute(message, kind.table, (byte) PROTOCOL, kind.type, 0);
        destination(netlink);
        if (kind == Kind.LOCAL) {
            netlink.attribute(RTA_OIF, 4).putInt(new LinkQuery(netlink.descriptor()).index("lo"));
        }
        netlink.exchange(type == RTM_NEWROUTE ? "add it" : "delete it");
    }

    /** Whether the kernel has a route of this kind for the prefix. */
    private boolean isThere(RouteNetlink netlink) {
        String attempt = "ask for it";
        try {
            ByteBuffer message = netlink.begin(RTM_GETROUTE, 0);
            putRoute(message, (byte) 0, (byte) 0, (byte) 0, RTM_F_FIB_MATCH);
            destination(netlink);
            ByteBuffer answer = netlink.exchange(attempt);
            RouteNetlink.require(attempt, answer, RTM_NEWROUTE, RTM_LENGTH);
            return answer.get(RTM_TYPE) == kind.type && (answer.get(RTM_PREFIX) & 0xff) == place.prefix.length();
        } catch (NativeException e) {
            return kind == Kind.BLACKHOLE && e.errno() == Errno.EINVAL; // which only a black hole answers
        }
    }

    private void putRoute(ByteBuffer message, byte table, byte protocol, byte type, int flags) {
        int length = type == 0 ? Byte.SIZE * ADDRESS_LENGTH : place.prefix.length(); // who asks, asks for an address
        message.put((byte) LibC.AF_INET6).put((byte) length).put((byte) 0).put((byte) 0);
        message.put(table).put(protocol).put((byte) 0).put(type); // everywhere
        message.putInt(flags);
    }

    private void destination(RouteNetlink netlink) {
        netlink.attribute(RTA_DST, ADDRESS_LENGTH).put(place.prefix.address().getAddress());
    }

    @Override
    public String toString() {
        return what();
    }
}
