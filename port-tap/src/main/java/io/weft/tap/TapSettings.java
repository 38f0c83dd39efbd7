package io.weft.tap;

import io.weft.frame.Ethernet;
import io.weft.frame.IpPrefix;
import io.weft.frame.MacAddress;
import io.weft.port.InvalidPortException;
import io.weft.port.OffloadMode;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a TAP or TUN port is to be; the URI and the builder both end here. {@code null} means "as it is", for a device that
 * exists, and the kernel's default for a new one.
 *
 * @param kind what the device carries
 * @param name device name, or a pattern with one {@code %d}
 * @param portName what the switch calls the port; {@code null}: as the device
 * @param mtu bytes of payload behind the Ethernet header, {@link #MIN_MTU}..{@link #MAX_MTU}
 * @param gsoMaxSize bytes of the longest super-frame that the host gives us, {@link #MIN_GSO}..{@link #MAX_GSO}
 * @param up whether to bring the device up; {@code null}: yes, where this process may
 * @param addresses to give to the host's side
 * @param routes networks to be reached through the device
 * @param hwaddr MAC address of the host's side, the low 48 bits; a TUN has none
 * @param persist whether the device outlives the port
 * @param owner user name or uid that may attach to the device without privileges
 * @param netns namespace of the device: a name or a path
 * @param queues descriptors that the host's frames are spread over, each read by another worker: 1..{@link #MAX_QUEUES}
 * @param offload what the host and the port leave to each other, as far as the kernel has it
 */
record TapSettings(
        TapKind kind,
        String name,
        String portName,
        Integer mtu,
        Integer gsoMaxSize,
        Boolean up,
        List<IpPrefix> addresses,
        List<IpPrefix> routes,
        Long hwaddr,
        Boolean persist,
        String owner,
        String netns,
        int queues,
        OffloadMode offload) {
    static final int MIN_MTU = 68;
    static final int MAX_MTU = 65_521;
    static final int MIN_GSO = 4_096;
    static final int MAX_GSO = 65_536;
    static final int MAX_NAME_LENGTH = 15;
    static final int MAX_QUEUES = 16;

    TapSettings {
        checkName(kind, name);
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
        if (mtu != null && (mtu < MIN_MTU || mtu > MAX_MTU)) {
            throw invalid(kind, name, "mtu", mtu, MIN_MTU + ".." + MAX_MTU);
        }
        if (gsoMaxSize != null && (gsoMaxSize < MIN_GSO || gsoMaxSize > MAX_GSO)) {
            throw invalid(kind, name, "gso_max_size", gsoMaxSize, MIN_GSO + ".." + MAX_GSO);
        }
        if (queues < 1 || queues > MAX_QUEUES) {
            throw invalid(kind, name, "queues", queues, "1.." + MAX_QUEUES);
        }
        for (IpPrefix route : routes) {
            if (!route.isNetwork()) {
                throw invalid(
                        kind, name, "route", route, IpPrefix.NETWORK_ACCEPTED + ", with no bit set behind the prefix");
            }
        }
        if (hwaddr != null && kind == TapKind.TUN) {
            throw invalid(kind, name, "hwaddr", MacAddress.format(hwaddr), "none, for a TUN device has no MAC address");
        }
        if (hwaddr != null && (!Ethernet.isLearnable(hwaddr) || hwaddr >>> 48 != 0)) {
            throw invalid(
                    kind,
                    name,
                    "hwaddr",
                    MacAddress.format(hwaddr),
                    "a MAC address that is neither zero nor a group's");
        }
    }

    private static void checkName(TapKind kind, String name) {
        // The kernel counts bytes: an umlaut is two.
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        boolean usable = name.matches("[^\\s/:%]*(%d)?[^\\s/:%]*") && !name.matches("|\\.|\\.\\.");
        if (!usable || length > MAX_NAME_LENGTH) {
            throw new InvalidPortException(title(kind, name) + ": the device name "
                    + (usable ? "has " + length + " bytes" : "is not valid") + "; accepted: 1.."
                    + MAX_NAME_LENGTH + " bytes without space, '/' and ':', as tap0, or with one %d for the first"
                    + " free number, as weft%d");
        }
    }

    static InvalidPortException invalid(TapKind kind, String name, String option, Object value, String accepted) {
        return new InvalidPortException(
                title(kind, name) + ": option " + option + " is '" + value + "'; accepted: " + accepted);
    }

    /** The port, as messages begin with it. */
    static String title(TapKind kind, String name) {
        return kind.scheme() + " port '" + name + "'";
    }
}
