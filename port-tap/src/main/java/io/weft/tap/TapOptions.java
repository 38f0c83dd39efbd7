package io.weft.tap;

import io.weft.frame.IpPrefix;
import io.weft.frame.MacAddress;
import io.weft.port.OffloadMode;
import io.weft.port.PortOption;
import io.weft.port.PortUri;
import java.util.List;
import java.util.Locale;

/** The options of {@code tap:} and {@code tun:}. */
final class TapOptions {
    private static final PortOption<String> NAME =
            PortOption.text("name", "a name").meaning("the port's name in the switch; the device's unless given");

    private static final PortOption<Integer> MTU = PortOption.integer("mtu", TapSettings.MIN_MTU, TapSettings.MAX_MTU)
            .meaning("bytes of a packet, without Ethernet header, that the host may send; a new device has 1500");

    private static final PortOption<Integer> GSO_MAX_SIZE = PortOption.integer(
                    "gso_max_size", TapSettings.MIN_GSO, TapSettings.MAX_GSO)
            .meaning("bytes of the longest super-frame that the host gives; the kernel's 65536 unless given. A tunnel"
                    + " over UDP moves those of 61440 with one datagram run");

    private static final PortOption<Boolean> UP = PortOption.flag("up")
            .meaning("whether to bring the device up; when not given, yes, but a device that only root may bring up is"
                    + " left down and reported");

    private static final PortOption<IpPrefix> ADDRESS = PortOption.of("address", IpPrefix.ACCEPTED, IpPrefix::parse)
            .meaning("address of the host's side; may be repeated");

    private static final PortOption<IpPrefix> ROUTE = PortOption.of("route", IpPrefix.NETWORK_ACCEPTED, IpPrefix::parse)
            .meaning("network that the host reaches through the device, as by `ip route add`; may be repeated");

    private static final PortOption<Long> HWADDR = PortOption.of(
                    "hwaddr", "a MAC address as 02:00:00:00:00:01", MacAddress::parse)
            .meaning("MAC address of the host's side; a new device has a random one");

    private static final PortOption<Boolean> PERSIST = PortOption.flag("persist")
            .meaning("whether the device stays when the port is closed; when not given, an existing one stays and a new"
                    + " one goes");

    private static final PortOption<String> OWNER = PortOption.text("owner", "a user name or uid")
            .meaning("the user who may attach to the device without privileges; makes sense with persist");

    private static final PortOption<String> NETNS = PortOption.text(
                    "netns", "a name that `ip netns` lists, or a path as /proc/PID/ns/net")
            .meaning("network namespace in which the device is made and configured");

    private static final PortOption<Integer> QUEUES = PortOption.integer("queues", 1, TapSettings.MAX_QUEUES)
            .defaultValue("1")
            .meaning("queues of the device, each read by another worker; an existing device must be a multi_queue one");

    private static final PortOption<String> OFFLOAD = PortOption.choice("offload", "on", "csum", "off")
            .defaultValue("on")
            .meaning(
                    "on: super-frames of up to 64 KiB to and from the host, as far as the kernel has them; csum: partial"
                            + " checksums only; off: frame by frame, checksums complete");

    private TapOptions() {}

    /** Those of a kind of device. */
    static List<PortOption<?>> of(TapKind kind) {
        return kind == TapKind.TUN
                ? List.of(NAME, MTU, GSO_MAX_SIZE, UP, ADDRESS, ROUTE, PERSIST, OWNER, NETNS, QUEUES, OFFLOAD)
                : List.of(NAME, MTU, GSO_MAX_SIZE, UP, ADDRESS, ROUTE, HWADDR, PERSIST, OWNER, NETNS, QUEUES, OFFLOAD);
    }

    /** What a URI with such options says. */
    static TapSettings read(TapKind kind, PortUri uri) {
        return new TapSettings(
                kind,
                uri.target(),
                uri.get(NAME),
                uri.get(MTU),
                uri.get(GSO_MAX_SIZE),
                uri.get(UP),
                uri.getAll(ADDRESS),
                uri.getAll(ROUTE),
                uri.get(HWADDR),
                uri.get(PERSIST),
                uri.get(OWNER),
                uri.get(NETNS),
                uri.get(QUEUES),
                OffloadMode.valueOf(uri.get(OFFLOAD).toUpperCase(Locale.ROOT)));
    }
}
