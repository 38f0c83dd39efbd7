package io.weft.underlay;

import io.weft.underlay.UnderlayException.Kind;

/**
 * An implementation of {@link UnderlaySocket} as its contract tests see it: two addresses to open sockets at, and what it is able
 * to tell. The defaults are those of a native socket at this machine's loopback addresses.
 */
interface UdpImplementation {
    /** Opens a socket at {@link #address}. */
    UnderlaySocket openOne(UdpSettings settings) throws UnderlayException;

    /** Opens a socket at {@link #otherAddress}. */
    default UnderlaySocket openOther(UdpSettings settings) throws UnderlayException {
        return openOne(settings);
    }

    /** An address of the first host. */
    default String address(boolean ipv6) {
        return ipv6 ? "::1" : "127.0.0.1";
    }

    /** An address of the second, which may be the same for IPv6. */
    default String otherAddress(boolean ipv6) {
        return ipv6 ? "::1" : "127.0.0.2";
    }

    /** Where groups are joined. */
    default String multicastInterface() {
        return "lo";
    }

    /** Whether a group leads there: the kernel has no route to IPv6 groups by its loopback interface. */
    default boolean reachesGroups(boolean ipv6) {
        return !ipv6;
    }

    /** Whether datagrams that came together may be one message, and the traffic class and destination are told. */
    default boolean isNative() {
        return true;
    }

    /** Whether it is told when nobody listens at a port. */
    default boolean tellsErrors() {
        return isNative();
    }

    /** Whether it is told how many datagrams there was no room for. */
    default boolean tellsOverflow() {
        return isNative();
    }

    /** Whether nothing is allocated per datagram. */
    default boolean allocatesNothing() {
        return true;
    }

    /** Why a socket for an interface that does not exist cannot be had. */
    default Kind unknownInterface() {
        return Kind.NO_SUCH_INTERFACE;
    }

    /** Why a socket in a namespace that does not exist cannot be had. */
    default Kind unknownNamespace() {
        return Kind.NO_NAMESPACE;
    }

    /** {@link ChannelUdpSocket} at this machine's loopback addresses. */
    final class Channel implements UdpImplementation {
        @Override
        public UnderlaySocket openOne(UdpSettings settings) throws UnderlayException {
            return ChannelUdpSocket.open(settings, "the test wants it so");
        }

        @Override
        public boolean isNative() {
            return false;
        }

        @Override
        public Kind unknownInterface() {
            return Kind.UNSUPPORTED;
        }

        @Override
        public Kind unknownNamespace() {
            return Kind.UNSUPPORTED;
        }
    }

    /** Two hosts of a {@link MemoryNetwork} network that has this machine's loopback MTU. */
    final class Memory implements UdpImplementation {
        private final MemoryNetwork network = new MemoryNetwork();
        private final MemoryHost one;
        private final MemoryHost other;

        Memory() {
            network.mtu(65_536);
            one = network.host(UdpContract.inet(address(false)), UdpContract.inet(address(true)));
            other = network.host(UdpContract.inet(otherAddress(false)), UdpContract.inet(otherAddress(true)));
        }

        @Override
        public UnderlaySocket openOne(UdpSettings settings) throws UnderlayException {
            return one.open(settings);
        }

        @Override
        public UnderlaySocket openOther(UdpSettings settings) throws UnderlayException {
            return other.open(settings);
        }

        @Override
        public String address(boolean ipv6) {
            return ipv6 ? "2001:db8::1" : "192.0.2.1";
        }

        @Override
        public String otherAddress(boolean ipv6) {
            return ipv6 ? "2001:db8::2" : "192.0.2.2";
        }

        @Override
        public String multicastInterface() {
            return MemoryHost.INTERFACE;
        }

        @Override
        public boolean reachesGroups(boolean ipv6) {
            return true;
        }

        @Override
        public boolean allocatesNothing() {
            return false; // each datagram is an object of its own here
        }
    }
}
