package io.weft.layer3;

import io.weft.frame.Ethernet;
import io.weft.frame.IpAddress;
import io.weft.frame.IpPrefix;
import io.weft.frame.MacAddress;
import io.weft.port.PortDriver;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The options of an {@link L3Adapter}; at least one address or prefix is needed. Wrong values are refused when they are given.
 *
 * <p>Threads: confined.
 */
public final class L3AdapterBuilder {
    private static final int MIN_STATIONS = 16;
    private static final int MAX_STATIONS = 1 << 20;
    private static final Duration MIN_AGEING = Duration.ofSeconds(1);
    private static final Duration MAX_AGEING = Duration.ofDays(1);
    private static final long LOCAL = 1L << 41; // of a MAC address: locally administered
    private static final long GROUP = 1L << 40;

    final PortDriver driver;
    boolean groups;
    int stations = 4_096;
    Duration ageing = Duration.ofSeconds(60);

    private long mac; // 0: random
    private final List<IpPrefix> prefixes = new ArrayList<>();

    L3AdapterBuilder(PortDriver driver) {
        this.driver = driver;
    }

    /** The MAC address; random and locally administered unless given. */
    public L3AdapterBuilder mac(String address) {
        long given = MacAddress.parse(address);
        if (!Ethernet.isLearnable(given)) {
            throw new IllegalArgumentException(
                    "mac is '" + address + "'; accepted: the address of a station, neither zero nor a group's");
        }
        mac = given;
        return this;
    }

    /** An address, IPv4 or IPv6, of what is behind the port: answered for, and asked from. */
    public L3AdapterBuilder address(String address) {
        long[] halves;
        try {
            halves = IpAddress.parse(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("address is '" + address + "'; accepted: an IPv4 or IPv6 address", e);
        }
        boolean isIpv4 = IpAddress.isIpv4(halves[0], halves[1]);
        return add("address", address, new IpPrefix(halves[0], halves[1], isIpv4 ? 32 : 128));
    }

    /** A whole network behind the port, as {@code 10.8.0.0/16}: every address in it is answered for (proxy ARP and ND). */
    public L3AdapterBuilder behind(String prefix) {
        IpPrefix parsed;
        try {
            parsed = IpPrefix.parse(prefix).network();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("behind is '" + prefix + "'; accepted: " + IpPrefix.ACCEPTED, e);
        }
        if (parsed.length() == 0) {
            throw new IllegalArgumentException("behind is '" + prefix
                    + "', which would answer for every station; accepted: a prefix length of at least 1");
        }
        return add("behind", prefix, parsed);
    }

    private L3AdapterBuilder add(String option, String text, IpPrefix prefix) {
        if (prefix.isHost() && !OwnAddresses.isStation(prefix.high(), prefix.low())) {
            throw new IllegalArgumentException(
                    option + " is '" + text + "'; accepted: an IPv4 or IPv6 unicast address that is on a link");
        }
        prefixes.add(prefix);
        return this;
    }

    /** Whether multicast and broadcast packets of stations leave by the port, too; they do not unless asked for. */
    public L3AdapterBuilder groups(boolean taken) {
        groups = taken;
        return this;
    }

    /** Stations that are remembered, 16..1,048,576, rounded up to a power of two; 4,096 unless given. */
    public L3AdapterBuilder stations(int limit) {
        if (limit < MIN_STATIONS || limit > MAX_STATIONS) {
            throw new IllegalArgumentException(
                    "stations is " + limit + "; accepted: " + MIN_STATIONS + ".." + MAX_STATIONS);
        }
        stations = limit;
        return this;
    }

    /**
     * How long a station is remembered that is not heard, 1 second to 1 day; 60 seconds unless given. One that packets go to is
     * asked before.
     */
    public L3AdapterBuilder ageing(Duration time) {
        if (time.compareTo(MIN_AGEING) < 0 || time.compareTo(MAX_AGEING) > 0) {
            throw new IllegalArgumentException("ageing is " + time + "; accepted: PT1S..PT24H");
        }
        ageing = time;
        return this;
    }

    /**
     * The adapter.
     *
     * @throws IllegalArgumentException when it has neither an address nor a prefix
     */
    public L3Adapter build() {
        if (prefixes.isEmpty()) {
            throw new IllegalArgumentException(
                    "a layer-3 adapter has no address; accepted: address or behind, at least once");
        }
        long chosen = mac == 0 ? new SecureRandom().nextLong() & Ethernet.BROADCAST & ~GROUP | LOCAL : mac;
        return new L3Adapter(this, chosen, new OwnAddresses(chosen, prefixes));
    }
}
