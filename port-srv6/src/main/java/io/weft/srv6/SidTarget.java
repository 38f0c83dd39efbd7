package io.weft.srv6;

import io.weft.tunnel.AddressLiteral;
import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Where goes what comes to a SID: the parameters of its behaviour.
 *
 * <p>Threads: immutable.
 *
 * @param nextHop a station's address, IPv4 or IPv6; {@code null}: none
 * @param port the name of a port; {@code null}: none
 * @param vlan 1..4094; 0: none
 * @param table the name or number of a table; {@code null}: none
 * @param segments those of a binding SID; {@code null}: none
 */
public record SidTarget(InetAddress nextHop, String port, int vlan, String table, SegmentList segments) {
    /** No parameter. */
    public static final SidTarget NONE = new SidTarget(null, null, 0, null, null);

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException naming the part, its value and what is accepted
     */
    public SidTarget {
        if (nextHop != null && !isStation(nextHop)) {
            SidParameter word = nextHop instanceof Inet6Address ? SidParameter.NH6 : SidParameter.NH4;
            throw refused(word, AddressLiteral.format(nextHop));
        }
        if (nextHop != null && nextHop.isLinkLocalAddress() && isWithoutZone(nextHop)) {
            String address = AddressLiteral.format(nextHop);
            throw new IllegalArgumentException("nh6 is " + address + ", which every link may have; accepted: " + address
                    + "%N with the number of an interface (in a URI %25N)");
        }
        if (port != null && !port.matches("\\S{1,63}")) {
            throw refused(SidParameter.OIF, port);
        }
        if (vlan < 0 || vlan > 4_094) {
            throw refused(SidParameter.VLAN, String.valueOf(vlan));
        }
        if (table != null && !table.matches("[A-Za-z0-9._-]{1,63}")) {
            throw refused(SidParameter.TABLE, table);
        }
    }

    private static boolean isStation(InetAddress address) {
        boolean isBroadcast =
                !(address instanceof Inet6Address) && (address.getAddress()[0] & 0xf0) == 0xf0; // RFC 1112, 4
        return !address.isAnyLocalAddress()
                && !address.isMulticastAddress()
                && !address.isLoopbackAddress()
                && !isBroadcast;
    }

    private static boolean isWithoutZone(InetAddress address) {
        return address instanceof Inet6Address inet6 && inet6.getScopeId() == 0;
    }

    private static IllegalArgumentException refused(SidParameter parameter, String value) {
        return new IllegalArgumentException(
                parameter.word() + " is '" + value + "'; accepted: " + parameter.accepted());
    }

    /** Whether a parameter is there. */
    public boolean has(SidParameter parameter) {
        return switch (parameter) {
            case NH4 -> nextHop != null && !AddressLiteral.isIpv6(nextHop);
            case NH6 -> nextHop != null && AddressLiteral.isIpv6(nextHop);
            case OIF -> port != null;
            case VLAN -> vlan != 0;
            case TABLE -> table != null;
            case SEGS -> segments != null;
        };
    }

    /** The same with one more parameter, or another value of it, read from text. */
    SidTarget with(SidParameter parameter, String value) {
        return switch (parameter) {
            case NH4, NH6 -> new SidTarget(address(parameter, value), port, vlan, table, segments);
            case OIF -> new SidTarget(nextHop, value, vlan, table, segments);
            case VLAN -> new SidTarget(nextHop, port, vlan(value), table, segments);
            case TABLE -> new SidTarget(nextHop, port, vlan, value, segments);
            case SEGS -> new SidTarget(nextHop, port, vlan, table, SegmentList.parse(value));
        };
    }

    private static InetAddress address(SidParameter parameter, String value) {
        if (AddressLiteral.looksLikeAddress(value)) {
            InetAddress address = AddressLiteral.parse(value);
            if (AddressLiteral.isIpv6(address) == (parameter == SidParameter.NH6)) {
                return address;
            }
        }
        throw refused(parameter, value);
    }

    private static int vlan(String value) {
        if (!value.matches("[1-9][0-9]{0,3}")) {
            throw refused(SidParameter.VLAN, value);
        }
        return Integer.parseInt(value);
    }

    private String value(SidParameter parameter) {
        return switch (parameter) {
            case NH4, NH6 -> AddressLiteral.format(nextHop);
            case OIF -> port;
            case VLAN -> String.valueOf(vlan);
            case TABLE -> table;
            case SEGS -> segments.toString();
        };
    }

    /** Words and values, as {@code nh6 fc00:a::1 oif p1}; empty for none. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (SidParameter parameter : SidParameter.values()) {
            if (has(parameter)) {
                text.append(text.length() == 0 ? "" : " ")
                        .append(parameter.word())
                        .append(' ');
                text.append(value(parameter));
            }
        }
        return text.toString();
    }
}
