package io.weft.gre;

import io.weft.gre.ErspanHeader.Granularity;
import io.weft.port.PortOption;
import io.weft.tunnel.AddressLiteral;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * The options of {@code erspan:NAME}. They have Open vSwitch's names where it has them, which reads {@code erspan_idx} and
 * {@code erspan_hwid} as hexadecimal though; here that needs 0x.
 *
 * <p>Threads: immutable.
 */
final class ErspanOptions {
    private static final List<String> TIMESTAMP_UNITS =
            Stream.of(Granularity.values()).map(unit -> unit.text).toList();

    static final PortOption<InetAddress> REMOTE_IP = PortOption.of(
                    "remote_ip", ErspanSettings.REMOTE, AddressLiteral::parse)
            .meaning("who reads the copies");

    static final PortOption<InetAddress> LOCAL_IP = PortOption.of(
                    "local_ip", ErspanSettings.LOCAL, AddressLiteral::parse)
            .meaning("the address to send from; any when not given");

    static final PortOption<Integer> ERSPAN_VER =
            PortOption.integer("erspan_ver", 1, 2).defaultValue("1").meaning("1 for ERSPAN type II, 2 for type III");

    static final PortOption<Integer> KEY =
            number("key", ErspanHeader.MAX_SESSION_ID).defaultValue("0").meaning("the session id");

    static final PortOption<Integer> ERSPAN_IDX =
            number("erspan_idx", ErspanHeader.MAX_INDEX).meaning("type II: the index, 0 when not given");

    static final PortOption<Integer> ERSPAN_DIR = PortOption.of(
                    "erspan_dir", "0 or ingress, 1 or egress", text -> switch (text) {
                        case "0", "ingress" -> 0;
                        case "1", "egress" -> 1;
                        default -> throw new IllegalArgumentException("neither");
                    })
            .meaning("type III: the direction of all copies; when not given, that in which each was mirrored");

    static final PortOption<Integer> ERSPAN_HWID =
            number("erspan_hwid", ErspanHeader.MAX_HARDWARE_ID).meaning("type III: the hardware id, 0 when not given");

    static final PortOption<String> ERSPAN_TIMESTAMP = PortOption.choice(
                    "erspan_timestamp", TIMESTAMP_UNITS.toArray(String[]::new))
            .meaning(
                    "type III: what timestamps count, 100us when not given; ns: nanoseconds, and the second since 1970 in a"
                            + " subheader");

    static final PortOption<Integer> TTL = PortOption.integer("ttl", 1, 255)
            .defaultValue(String.valueOf(ErspanBuilder.DEFAULT_TTL))
            .meaning("time to live, or hop limit, of the outer header");

    static final PortOption<Integer> TOS =
            number("tos", 255).defaultValue("0").meaning("TOS, or traffic class, of the outer header");

    static final PortOption<Boolean> DF_DEFAULT = PortOption.flag("df_default")
            .defaultValue("true")
            .meaning("whether the outer header forbids fragments, so that copies that do not fit are cut");

    static final PortOption<String> DEV =
            PortOption.text("dev", ErspanSettings.INTERFACE).meaning("the only network interface to send by");

    static final PortOption<String> NETNS =
            PortOption.text("netns", ErspanSettings.NETNS).meaning("network namespace of the underlay's socket");

    static final PortOption<Integer> MTU = PortOption.integer("mtu", ErspanSettings.MIN_MTU, ErspanSettings.MAX_MTU)
            .meaning(
                    "the longest IP packet in a copy, IP header counted, longer ones being cut; when not given, what the"
                            + " underlay has room for");

    static final PortOption<Integer> SNDBUF = PortOption.integer(
                    "sndbuf", ErspanSettings.MIN_BUFFER, ErspanSettings.MAX_BUFFER)
            .meaning("bytes of datagrams that may wait to be sent; when not given, 4 MiB or what the kernel grants");

    /** In the order in which they are listed. */
    static final List<PortOption<?>> ALL = List.of(
            REMOTE_IP,
            LOCAL_IP,
            ERSPAN_VER,
            KEY,
            ERSPAN_IDX,
            ERSPAN_DIR,
            ERSPAN_HWID,
            ERSPAN_TIMESTAMP,
            TTL,
            TOS,
            DF_DEFAULT,
            DEV,
            NETNS,
            MTU,
            SNDBUF);

    private ErspanOptions() {}

    /** A decimal number, or a hexadecimal one behind 0x. */
    private static PortOption<Integer> number(String name, int to) {
        return PortOption.of(name, "0.." + to + ", also as 0x0..0x" + Integer.toHexString(to), text -> {
            boolean hexadecimal = text.startsWith("0x") || text.startsWith("0X");
            String digits = hexadecimal ? text.substring(2) : text;
            if (!digits.matches(hexadecimal ? "[0-9a-fA-F]{1,7}" : "[0-9]{1,8}")) {
                throw new IllegalArgumentException("no number");
            }
            int number = Integer.parseInt(digits, hexadecimal ? 16 : 10);
            if (number > to) {
                throw new IllegalArgumentException("out of range");
            }
            return number;
        });
    }
}
