package io.weft.route;

import io.weft.frame.Ethernet;
import io.weft.frame.MacAddress;
import io.weft.port.Port;
import java.util.Objects;

/**
 * Where a route leads.
 *
 * <p>Threads: immutable.
 */
public sealed interface NextHop {
    /**
     * Out of a port that needs no address of a station: a layer-3 port. Who looks up says which ports it can send
     * by.
     *
     * @param port what packets leave by
     */
    record ByPort(Port port) implements NextHop {
        /** Checks that there is a port. */
        public ByPort {
            Objects.requireNonNull(port, "port");
        }

        @Override
        public String toString() {
            return "dev " + port.name();
        }
    }

    /**
     * To a station.
     *
     * @param port what it is behind
     * @param mac its address, in the low 48 bits
     */
    record ByStation(Port port, long mac) implements NextHop {
        /**
         * Checks the parts.
         *
         * @throws IllegalArgumentException when the address is no station's
         */
        public ByStation {
            Objects.requireNonNull(port, "port");
            if (mac >>> 48 != 0 || !Ethernet.isLearnable(mac)) {
                throw new IllegalArgumentException("mac is " + MacAddress.format(mac)
                        + "; accepted: the address of a station, neither zero nor a group's");
            }
        }

        @Override
        public String toString() {
            return "dev " + port.name() + " lladdr " + MacAddress.format(mac);
        }
    }

    /**
     * Into a tunnel, which whoever made the table knows how to enter: a list of segments, for one.
     *
     * @param tunnel what it is; its {@code toString} is for people
     */
    record ByTunnel(Object tunnel) implements NextHop {
        /** Checks that there is a tunnel. */
        public ByTunnel {
            Objects.requireNonNull(tunnel, "tunnel");
        }

        @Override
        public String toString() {
            return "encap " + tunnel;
        }
    }

    /** Whether it leads out of this port. */
    default boolean isBy(Port port) {
        return (this instanceof ByPort byPort && byPort.port() == port)
                || (this instanceof ByStation byStation && byStation.port() == port);
    }
}
