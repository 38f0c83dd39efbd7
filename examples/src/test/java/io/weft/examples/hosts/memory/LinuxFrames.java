package io.weft.examples.hosts.memory;

import io.weft.examples.hosts.HostAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;

/**
 * Frames as Linux 6.18 sent them over a veth pair, from 52:54:00:00:00:02, 10.0.0.2 and fd00::2 to {@link #OUR_ADDRESS}
 * ({@code ping -s 16}).
 */
final class LinuxFrames {
    static final HostAddress OUR_ADDRESS = new HostAddress("us", "52:54:00:00:00:01", "10.0.0.1/24", "fd00::1/64");
    static final HostAddress LINUX_ADDRESS = new HostAddress("Linux", "52:54:00:00:00:02", "10.0.0.2/24", "fd00::2/64");

    static final String ARP_REQUEST = "ffffffffffff" + "525400000002" + "0806" + "0001080006040001" + "525400000002"
            + "0a000002" + "000000000000" + "0a000001";

    static final String ARP_REPLY = "525400000001" + "525400000002" + "0806" + "0001080006040002" + "525400000002"
            + "0a000002" + "525400000001" + "0a000001";

    static final String ECHO_REQUEST = "525400000001" + "525400000002" + "0800"
            + "4500002cf13e4000400135900a0000020a000001"
            + "0800b66c5e4f0001" + "9789026b00000000454e040000000000";

    static final String NEIGHBOR_SOLICITATION = "3333ff000001" + "525400000002" + "86dd"
            + "6000000000203aff" + "fd000000000000000000000000000002" + "ff0200000000000000000001ff000001"
            + "87002d4300000000" + "fd000000000000000000000000000001" + "0101525400000002";

    /** Without an option: the one who asked is known to have the address. */
    static final String NEIGHBOR_ADVERTISEMENT = "525400000001" + "525400000002" + "86dd"
            + "6000000000183aff" + "fd000000000000000000000000000002" + "fe80000000000000505400fffe000001"
            + "8800efd040000000" + "fd000000000000000000000000000002";

    /** Duplicate address detection for fd00::2, with a nonce option (RFC 7527). */
    static final String SOLICITATION_FOR_DAD = "3333ff000002" + "525400000002" + "86dd"
            + "6000000000203aff" + "00000000000000000000000000000000" + "ff0200000000000000000001ff000002"
            + "8700370800000000" + "fd000000000000000000000000000002" + "0e01720f1f94a6ee";

    static final String ECHO_REQUEST_V6 = "525400000001" + "525400000002" + "86dd"
            + "6006f7e600183a40" + "fd000000000000000000000000000002" + "fd000000000000000000000000000001"
            + "800060f65e500001" + "9789026b00000000286c040000000000";

    /** To all routers: not for us. */
    static final String ROUTER_SOLICITATION = "333300000002" + "525400000002" + "86dd"
            + "6000000000103aff" + "fe80000000000000505400fffe000002" + "ff020000000000000000000000000002"
            + "8500da8100000000" + "0101525400000002";

    /** Those that a host at {@link #OUR_ADDRESS} answers. */
    static final Map<String, String> ANSWERED = Map.of(
            "ARP request", ARP_REQUEST,
            "echo request over IPv4", ECHO_REQUEST,
            "neighbor solicitation", NEIGHBOR_SOLICITATION,
            "echo request over IPv6", ECHO_REQUEST_V6);

    private LinuxFrames() {}

    static ByteBuffer frame(String hex) {
        return ByteBuffer.wrap(bytes(hex));
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    static String hex(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(frame.position(), bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
