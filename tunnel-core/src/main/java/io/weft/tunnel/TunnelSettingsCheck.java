package io.weft.tunnel;

import io.weft.port.InvalidPortException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What must hold of a tunnel's settings before anything is opened; each kind of tunnel adds what must hold of its own. Names are
 * not looked up, and the machine is not asked: what only it knows is refused when the port is opened ({@link TunnelAdvice}).
 *
 * <p>Threads: confined.
 */
public abstract class TunnelSettingsCheck {
    static final int MAX_LEARNED_REMOTES = 1_000_000;
    static final int MIN_MTU = 68; // RFC 791, 3.1: what every IPv4 link carries
    static final int MAX_MTU = 65_450;
    static final int MIN_BUFFER = 4_096;
    static final int MAX_BUFFER = 1 << 30;
    static final Duration MIN_AGEING = Duration.ofSeconds(1);
    static final Duration MAX_AGEING = Duration.ofDays(1);

    static final String TOS = "0..255, also as 0x00..0xff, or inherit";
    static final String INTERFACE = "1..15 bytes without space, '/', ':' and '%', as `ip link` lists them";
    static final String NETNS = "a name that `ip netns` lists, or a path as /proc/PID/ns/net";

    private static final String UNICAST = "a unicast address of this machine; leave it out for any";
    private static final int MAX_ENDPOINTS = (1 << 20) - 1; // the bits that the FDB has for them, without 0
    private static final int MAX_INTERFACE_NAME = 15;

    private final TunnelSettings settings;
    private final Refusal refusal;

    /** Checks these. */
    protected TunnelSettingsCheck(TunnelSettings settings) {
        this.settings = settings;
        refusal = settings.refusal();
    }

    /** An address and where it is given. */
    protected record Mention(String option, Object value, InetAddress address) {
        /** An option whose value is the address. */
        public Mention(String option, InetAddress address) {
            this(option, AddressLiteral.format(address), address);
        }
    }

    // ---- what each kind of tunnel knows ----

    /** Addresses that are to be of the same family, beside local, remote ends and stations. */
    protected List<Mention> ownAddresses() {
        return List.of();
    }

    /** Checks what a tunnel wants of a remote end, given by this option, that is a unicast address or a name. */
    protected abstract void checkRemote(String option, Object value, RemoteSpec remote);

    /** Checks what a tunnel wants of a station; its remote end is checked. */
    protected void checkStation(StationSpec station) {}

    /** What to use instead of a {@code remote_ip} that is a multicast address; begins with a semicolon. */
    protected String insteadOfMulticast() {
        return "";
    }

    /** What does not make two remote ends of one address, as "the port". */
    protected abstract String besidesAddress();

    // ---- for them ----

    /** How to refuse. */
    protected final Refusal refusal() {
        return refusal;
    }

    /**
     * Checks all that tunnels have in common.
     *
     * @throws InvalidPortException naming the option, its value and what is accepted
     */
    protected final void checkTunnel() {
        name();
        numbers();
        device();
        local();
        families();
        remotes();
        stations();
    }

    private void name() {
        if (!settings.name().matches("[^\\s/\\p{Cntrl}]{1,64}")) {
            throw refusal.plain("the name is not valid; accepted: 1..64 characters without space and '/'");
        }
    }

    private void numbers() {
        refusal.range("ttl", settings.ttl(), 1, 255);
        if (settings.tos() < 0 || settings.tos() > 255) {
            throw refusal.of("tos", settings.tos(), TOS);
        }
        refusal.range("max_remotes", settings.maxLearnedRemotes(), 1, MAX_LEARNED_REMOTES);
        int learned = settings.learnRemotes() ? settings.maxLearnedRemotes() : 0;
        if (settings.remotes().size() + learned > MAX_ENDPOINTS) {
            throw refusal.of(
                    "remote_ip",
                    settings.remotes().size() + " remotes",
                    "no more than " + (MAX_ENDPOINTS - learned) + (learned == 0 ? "" : " beside max_remotes"));
        }
        Duration ageing = settings.remoteAgeing();
        if (ageing.compareTo(MIN_AGEING) < 0 || ageing.compareTo(MAX_AGEING) > 0) {
            throw refusal.of("ageing", ageing, TunnelOptions.AGEING.accepted());
        }
        unlessZero("mtu", settings.mtu(), MIN_MTU, MAX_MTU);
        unlessZero("rcvbuf", settings.receiveBuffer(), MIN_BUFFER, MAX_BUFFER);
        unlessZero("sndbuf", settings.sendBuffer(), MIN_BUFFER, MAX_BUFFER);
    }

    private void unlessZero(String option, int value, int from, int to) {
        if (value != 0) {
            refusal.range(option, value, from, to);
        }
    }

    private void device() {
        String device = settings.networkInterface();
        if (device != null
                && (device.getBytes(StandardCharsets.UTF_8).length > MAX_INTERFACE_NAME // the kernel counts bytes
                        || !device.matches("[^\\s/:%\\p{Cntrl}]+")
                        || device.matches("\\.|\\.\\."))) {
            throw refusal.of("dev", device, INTERFACE);
        }
        String netns = settings.netns();
        if (netns != null && (netns.isEmpty() || netns.indexOf('\0') >= 0)) {
            throw refusal.of("netns", netns, NETNS);
        }
    }

    private void local() {
        InetAddress local = settings.local();
        if (local == null) {
            return;
        }
        if (!isUnicast(local)) {
            throw refusal.of("local_ip", AddressLiteral.format(local), UNICAST);
        }
        requireZone("local_ip", local);
    }

    /** All addresses are of one family, that of the first. */
    private void families() {
        Mention first = null;
        for (Mention mention : mentions()) {
            if (first == null) {
                first = mention;
            } else if (AddressLiteral.isIpv6(first.address) != AddressLiteral.isIpv6(mention.address)) {
                throw refusal.of(
                        mention.option,
                        mention.value,
                        "an " + family(first.address) + " address, as option " + first.option + " is '"
                                + AddressLiteral.format(first.address) + "'; this one is " + family(mention.address));
            }
        }
        if (first != null && AddressLiteral.isIpv6(first.address) != settings.ipv6()) {
            throw refusal.plain("ipv6 is " + settings.ipv6() + ", but option " + first.option + " is '"
                    + AddressLiteral.format(first.address) + "'; accepted: " + !settings.ipv6());
        }
    }

    private List<Mention> mentions() {
        List<Mention> all = new ArrayList<>();
        if (settings.local() != null) {
            all.add(new Mention("local_ip", settings.local()));
        }
        all.addAll(ownAddresses());
        for (RemoteSpec remote : settings.remotes()) {
            if (!remote.isName()) {
                all.add(new Mention("remote_ip", remote, remote.address()));
            }
        }
        for (StationSpec station : settings.stations()) {
            all.add(new Mention("fdb", station, station.remote().address()));
        }
        return all;
    }

    private void remotes() {
        Set<String> hosts = new HashSet<>();
        for (RemoteSpec remote : settings.remotes()) {
            if (!remote.isName()) {
                requireUnicast("remote_ip", remote, remote.address(), insteadOfMulticast());
            }
            checkRemote("remote_ip", remote, remote);
            if (!hosts.add(remote.host())) {
                throw refusal.of("remote_ip", remote, "each address or name once, whatever " + besidesAddress());
            }
        }
    }

    private void stations() {
        Set<String> keys = new HashSet<>();
        for (StationSpec station : settings.stations()) {
            requireUnicast("fdb", station, station.remote().address(), "");
            checkRemote("fdb", station, station.remote());
            checkStation(station);
            if (!keys.add(station.vlan() + " " + station.mac())) {
                throw refusal.of("fdb", station, "each station of a VLAN once");
            }
        }
    }

    private void requireUnicast(String option, Object value, InetAddress address, String instead) {
        if (!isUnicast(address)) {
            throw refusal.of(option, value, "a unicast address" + (address.isMulticastAddress() ? instead : ""));
        }
        if (address.equals(settings.local())) {
            throw refusal.of(option, value, "another address than local_ip, which is the same");
        }
        requireZone(option, address);
    }

    /** Checks that it is known by which interface a link-local address is to be found. */
    protected final void requireZone(String option, InetAddress address) {
        boolean linkLocal = AddressLiteral.isIpv6(address)
                && (address.isLinkLocalAddress() || address.isMCLinkLocal())
                && AddressLiteral.format(address).indexOf('%') < 0;
        if (linkLocal && settings.networkInterface() == null) {
            String text = AddressLiteral.format(address);
            throw refusal.of(
                    option,
                    text,
                    "a link-local address with option dev, or with the interface's number as " + text
                            + "%2 (in a URI %252), which `ip link` shows");
        }
    }

    /** Whether an address may be one host's. */
    protected static boolean isUnicast(InetAddress address) {
        return !address.isMulticastAddress()
                && !address.isAnyLocalAddress()
                && !AddressLiteral.format(address).equals("255.255.255.255");
    }

    private static String family(InetAddress address) {
        return AddressLiteral.isIpv6(address) ? "IPv6" : "IPv4";
    }
}
