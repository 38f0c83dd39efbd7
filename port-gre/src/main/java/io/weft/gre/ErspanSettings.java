package io.weft.gre;

import io.weft.gre.ErspanHeader.Granularity;
import io.weft.port.InvalidPortException;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.TunnelSettings;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * What an ERSPAN port is to be; the URI and the builder both end here.
 *
 * <p>Threads: immutable.
 *
 * @param name what the switch calls the port
 * @param remote who reads the copies
 * @param local the address to send from; {@code null}: any
 * @param networkInterface the only interface to send by; {@code null}: any
 * @param netns network namespace of the socket, a name or a path; {@code null}: the program's own
 * @param ttl time to live, or hop limit, of the outer header, 1..255
 * @param tos TOS, or traffic class, of the outer header, 0..255
 * @param dontFragment whether the outer header forbids fragments (DF)
 * @param version 1 for type II, 2 for type III: the number that the header itself has
 * @param sessionId of ERSPAN, 0..1023
 * @param index of type II, 0..1048575
 * @param direction of type III, 0 for received and 1 for sent; -1: as the mirror that made the copy says
 * @param hardwareId of type III, 0..63
 * @param granularity of type III's timestamps
 * @param mtu the longest IP packet in a copy, 68..65450: longer copies are cut; 0: what the way has room for
 * @param sendBuffer bytes of datagrams that may wait to be sent, 4096..2<sup>30</sup>; 0: the underlay's default
 */
record ErspanSettings(
        String name,
        InetAddress remote,
        InetAddress local,
        String networkInterface,
        String netns,
        int ttl,
        int tos,
        boolean dontFragment,
        int version,
        int sessionId,
        int index,
        int direction,
        int hardwareId,
        Granularity granularity,
        int mtu,
        int sendBuffer) {
    /** Value of {@link #direction} for what the mirror says. */
    static final int AS_MIRRORED = -1;

    static final int MIN_MTU = 68; // RFC 791, 3.1: what every IPv4 link carries
    static final int MAX_MTU = 65_450;
    static final int MIN_BUFFER = 4_096;
    static final int MAX_BUFFER = 1 << 30;

    static final String REMOTE = "a unicast IPv4 or IPv6 address";
    static final String LOCAL = "a unicast address of this machine; leave it out for any";
    static final String INTERFACE = "1..15 bytes without space, '/', ':' and '%', as `ip link` lists them";
    static final String NETNS = "a name that `ip netns` lists, or a path as /proc/PID/ns/net";

    private static final int MAX_INTERFACE_NAME = 15;

    /** Checks what can be known before the port is opened. */
    ErspanSettings {
        if (!name.matches("[^\\s/\\p{Cntrl}]{1,64}")) {
            throw new InvalidPortException("erspan port '" + name
                    + "': the name is not valid; accepted: 1..64 characters without space and '/'");
        }
        if (remote == null) {
            throw new InvalidPortException(
                    "erspan port '" + name + "': option remote_ip is missing; accepted: " + REMOTE);
        }
        requireUnicast(name, "remote_ip", remote, REMOTE, networkInterface);
        if (local != null) {
            requireUnicast(name, "local_ip", local, LOCAL, networkInterface);
            if (AddressLiteral.isIpv6(local) != AddressLiteral.isIpv6(remote)) {
                throw refuse(
                        name,
                        "local_ip",
                        AddressLiteral.format(local),
                        "an address of the family of remote_ip, which is '" + AddressLiteral.format(remote) + "'");
            }
            if (local.equals(remote)) {
                throw refuse(
                        name,
                        "remote_ip",
                        AddressLiteral.format(remote),
                        "another address than local_ip, which is the same");
            }
        }
        if (networkInterface != null
                && (networkInterface.getBytes(StandardCharsets.UTF_8).length > MAX_INTERFACE_NAME
                        || !networkInterface.matches("[^\\s/:%\\p{Cntrl}]+")
                        || networkInterface.matches("\\.|\\.\\."))) {
            throw refuse(name, "dev", networkInterface, INTERFACE);
        }
        if (netns != null && (netns.isEmpty() || netns.indexOf('\0') >= 0)) {
            throw refuse(name, "netns", netns, NETNS);
        }
        range(name, "ttl", ttl, 1, 255);
        range(name, "tos", tos, 0, 255);
        range(name, "erspan_ver", version, 1, 2);
        range(name, "key", sessionId, 0, ErspanHeader.MAX_SESSION_ID);
        range(name, "erspan_idx", index, 0, ErspanHeader.MAX_INDEX);
        range(name, "erspan_dir", direction, AS_MIRRORED, 1);
        range(name, "erspan_hwid", hardwareId, 0, ErspanHeader.MAX_HARDWARE_ID);
        unlessZero(name, "mtu", mtu, MIN_MTU, MAX_MTU);
        unlessZero(name, "sndbuf", sendBuffer, MIN_BUFFER, MAX_BUFFER);
    }

    private static void requireUnicast(
            String port, String option, InetAddress address, String accepted, String networkInterface) {
        String text = AddressLiteral.format(address);
        if (address.isMulticastAddress() || address.isAnyLocalAddress() || text.equals("255.255.255.255")) {
            throw refuse(port, option, text, accepted);
        }
        boolean withoutZone = AddressLiteral.isIpv6(address) && address.isLinkLocalAddress() && text.indexOf('%') < 0;
        if (withoutZone && networkInterface == null) {
            throw refuse(
                    port,
                    option,
                    text,
                    "a link-local address with option dev, or with the interface's number as " + text
                            + "%2 (in a URI %252), which `ip link` shows");
        }
    }

    private static void unlessZero(String port, String option, int value, int from, int to) {
        if (value != 0) {
            range(port, option, value, from, to);
        }
    }

    static void range(String port, String option, int value, int from, int to) {
        if (value < from || value > to) {
            throw refuse(port, option, value, from + ".." + to);
        }
    }

    static InvalidPortException refuse(String port, String option, Object value, String accepted) {
        return new InvalidPortException(
                "erspan port '" + port + "': option " + option + " is '" + value + "'; accepted: " + accepted);
    }

    boolean ipv6() {
        return AddressLiteral.isIpv6(remote);
    }

    /** Bytes that each copy gets in front, behind the headers that the underlay writes. */
    int headerLength() {
        int erspan = version == 1 ? ErspanHeader.LENGTH_2 : granularity.headerLength();
        return GreHeader.length(0, GreHeader.NONE, 0) + erspan;
    }

    /** As tunnels have it, for what is said when the underlay cannot be had. */
    TunnelSettings tunnel() {
        return new TunnelSettings(
                "erspan",
                name,
                ipv6(),
                List.of(new RemoteSpec(AddressLiteral.format(remote))),
                local,
                networkInterface,
                netns,
                ttl,
                tos,
                false,
                dontFragment,
                false,
                0,
                Duration.ZERO,
                mtu,
                true,
                false,
                false,
                null,
                List.of(),
                0,
                sendBuffer);
    }
}
