package io.weft.vxlan;

import io.weft.port.InvalidPortException;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.StationSpec;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What must hold of a port's settings before anything is opened. Names are not looked up, and the machine is not asked: what
 * only it knows is refused when the port is opened ({@link VxlanAdvice}).
 *
 * <p>Threads: confined.
 */
final class VxlanSettingsCheck {
    static final int MAX_SOURCE_PORTS = 64;
    static final int MAX_LEARNED_REMOTES = 1_000_000;
    static final int MIN_MTU = 68; // RFC 791, 3.1: what every IPv4 link carries
    static final int MAX_MTU = 65_450;
    static final int MIN_BUFFER = 4_096;
    static final int MAX_BUFFER = 1 << 30;
    static final Duration MIN_AGEING = Duration.ofSeconds(1);
    static final Duration MAX_AGEING = Duration.ofDays(1);

    static final String VNI = "a VNI, 0..16777215 or 0x0..0xffffff";
    static final String PORTS = "1..65535, several separated by commas, each once";
    static final String RANGE = "FIRST-LAST, 1..65535, the first not above the last";
    static final String UNICAST = "a unicast address of this machine; leave it out for any";
    static final String MULTICAST = "a multicast address, of 224.0.0.0/4 or ff00::/8";
    static final String INTERFACE = "1..15 bytes without space, '/', ':' and '%', as `ip link` lists them";
    static final String NETNS = "a name that `ip netns` lists, or a path as /proc/PID/ns/net";

    private static final int MAX_ENDPOINTS = (1 << 20) - 1; // the bits that the FDB has for them, without 0
    private static final int MAX_INTERFACE_NAME = 15;

    private final VxlanSettings settings;
    private final String port;

    private VxlanSettingsCheck(VxlanSettings settings) {
        this.settings = settings;
        port = settings.name();
    }

    /**
     * Checks all of it.
     *
     * @throws InvalidPortException naming the option, its value and what is accepted
     */
    static void check(VxlanSettings settings) {
        VxlanSettingsCheck check = new VxlanSettingsCheck(settings);
        check.name();
        check.keys();
        check.ports();
        check.numbers();
        check.device();
        check.local();
        check.group();
        check.families();
        check.remotes();
        check.stations();
    }

    private void name() {
        if (!port.matches("[^\\s/\\p{Cntrl}]{1,64}")) {
            throw new InvalidPortException("vxlan port '" + port
                    + "': the name is not valid; accepted: 1..64 characters without space and '/'");
        }
    }

    private void keys() {
        if (settings.vlanVniMap() == null) {
            vni("in_key", settings.inKey());
            vni("out_key", settings.outKey());
        } else {
            withMap("in_key", settings.inKey() != -1, settings.inKey());
            withMap("out_key", settings.outKey() != -1, settings.outKey());
            withMap("inner_tags", settings.carryTags(), "carry");
        }
    }

    private void vni(String option, int value) {
        if (value < 0 || value > VxlanHeader.MAX_VNI) {
            throw refuse(option, value, VNI);
        }
    }

    private void withMap(String option, boolean given, Object value) {
        if (given) {
            throw refuse(
                    option,
                    value,
                    option.equals("inner_tags")
                            ? "discard with vlan_vni_map, which makes VNIs of the tags"
                            : "not with vlan_vni_map, which has the VNIs");
        }
    }

    private void ports() {
        List<Integer> listen = settings.listenPorts();
        if (listen.isEmpty()
                || listen.stream().anyMatch(each -> each < 1 || each > 65_535)
                || new HashSet<>(listen).size() < listen.size()) {
            throw refuse("dst_port", listen.stream().map(String::valueOf).collect(Collectors.joining(",")), PORTS);
        }
        int first = settings.firstSourcePort();
        int last = settings.lastSourcePort();
        if (first < 1 || last > 65_535 || first > last) {
            throw refuse("src_port_range", first + "-" + last, RANGE);
        }
        range("src_ports", settings.sourcePorts(), 1, MAX_SOURCE_PORTS);
        int there = last - first + 1;
        if (settings.sourcePorts() > there) {
            throw refuse(
                    "src_ports",
                    settings.sourcePorts(),
                    "1.." + there + ", as many as src_port_range " + first + "-" + last + " has");
        }
    }

    private void numbers() {
        range("ttl", settings.ttl(), 1, 255);
        if (settings.tos() < 0 || settings.tos() > 255) {
            throw refuse("tos", settings.tos(), VxlanOptions.TOS_ACCEPTED);
        }
        range("max_remotes", settings.maxLearnedRemotes(), 1, MAX_LEARNED_REMOTES);
        int learned = settings.learnRemotes() ? settings.maxLearnedRemotes() : 0;
        if (settings.remotes().size() + learned > MAX_ENDPOINTS) {
            throw refuse(
                    "remote_ip",
                    settings.remotes().size() + " remotes",
                    "no more than " + (MAX_ENDPOINTS - learned) + (learned == 0 ? "" : " beside max_remotes"));
        }
        Duration ageing = settings.remoteAgeing();
        if (ageing.compareTo(MIN_AGEING) < 0 || ageing.compareTo(MAX_AGEING) > 0) {
            throw refuse("ageing", ageing, VxlanOptions.AGEING.accepted());
        }
        unlessZero("mtu", settings.mtu(), MIN_MTU, MAX_MTU);
        unlessZero("rcvbuf", settings.receiveBuffer(), MIN_BUFFER, MAX_BUFFER);
        unlessZero("sndbuf", settings.sendBuffer(), MIN_BUFFER, MAX_BUFFER);
    }

    private void unlessZero(String option, int value, int from, int to) {
        if (value != 0) {
            range(option, value, from, to);
        }
    }

    private void device() {
        String device = settings.networkInterface();
        if (device != null
                && (device.getBytes(StandardCharsets.UTF_8).length > MAX_INTERFACE_NAME // the kernel counts bytes
                        || !device.matches("[^\\s/:%\\p{Cntrl}]+")
                        || device.matches("\\.|\\.\\."))) {
            throw refuse("dev", device, INTERFACE);
        }
        String netns = settings.netns();
        if (netns != null && (netns.isEmpty() || netns.indexOf('\0') >= 0)) {
            throw refuse("netns", netns, NETNS);
        }
    }

    private void local() {
        InetAddress local = settings.local();
        if (local == null) {
            return;
        }
        if (!isUnicast(local)) {
            throw refuse("local_ip", AddressLiteral.format(local), UNICAST);
        }
        requireZone("local_ip", local);
    }

    private void group() {
        InetAddress group = settings.group();
        if (group == null) {
            return;
        }
        if (!group.isMulticastAddress()) {
            throw refuse(
                    "group",
                    AddressLiteral.format(group),
                    MULTICAST + (isUnicast(group) ? "; a remote is given as remote_ip" : ""));
        }
        requireZone("group", group);
    }

    /** All addresses are of one family, that of the first. */
    private void families() {
        String firstOption = null;
        InetAddress first = null;
        for (Mention mention : mentions()) {
            if (first == null) {
                first = mention.address;
                firstOption = mention.option;
            } else if (AddressLiteral.isIpv6(first) != AddressLiteral.isIpv6(mention.address)) {
                throw refuse(
                        mention.option,
                        mention.value,
                        "an " + family(first) + " address, as option " + firstOption + " is '"
                                + AddressLiteral.format(first) + "'; this one is " + family(mention.address));
            }
        }
        if (first != null && AddressLiteral.isIpv6(first) != settings.ipv6()) {
            throw new InvalidPortException("vxlan port '" + port + "': ipv6 is " + settings.ipv6() + ", but option "
                    + firstOption + " is '" + AddressLiteral.format(first) + "'; accepted: " + !settings.ipv6());
        }
        if (settings.zeroChecksumReceive() && settings.isFamilyDecided() && !settings.ipv6()) {
            throw refuse(
                    "udp6zerocsumrx", true, "only over IPv6; over IPv4 datagrams without checksum are always received");
        }
    }

    /** An address and where it is given. */
    private record Mention(String option, Object value, InetAddress address) {}

    private List<Mention> mentions() {
        List<Mention> all = new ArrayList<>();
        if (settings.local() != null) {
            all.add(new Mention("local_ip", AddressLiteral.format(settings.local()), settings.local()));
        }
        if (settings.group() != null) {
            all.add(new Mention("group", AddressLiteral.format(settings.group()), settings.group()));
        }
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
                unicastRemote("remote_ip", remote, remote.address(), "; a multicast group is given as group");
            }
            if (settings.vlanVniMap() != null && remote.key() >= 0) {
                throw refuse("remote_ip", remote, "without a VNI of its own with vlan_vni_map, which has the VNIs");
            }
            vniOf("remote_ip", remote, remote);
            if (!hosts.add(remote.host())) {
                throw refuse("remote_ip", remote, "each address or name once, whatever the port and the VNI");
            }
        }
    }

    private void stations() {
        Set<String> keys = new HashSet<>();
        for (StationSpec station : settings.stations()) {
            unicastRemote("fdb", station, station.remote().address(), "");
            vniOf("fdb", station, station.remote());
            VlanVniMap map = settings.vlanVniMap();
            if (map != null && map.vni(station.vlan()) < 0) {
                throw refuse("fdb", station, "with a vlan that is in vlan_vni_map, which is " + map);
            }
            if (!keys.add(station.vlan() + " " + station.mac())) {
                throw refuse("fdb", station, "each station of a VLAN once");
            }
        }
    }

    private void vniOf(String option, Object value, RemoteSpec remote) {
        if (remote.key() > VxlanHeader.MAX_VNI) {
            throw refuse(option, value, "with " + VNI);
        }
    }

    private void unicastRemote(String option, Object value, InetAddress address, String instead) {
        if (!isUnicast(address)) {
            throw refuse(option, value, "a unicast address" + (address.isMulticastAddress() ? instead : ""));
        }
        if (address.equals(settings.local())) {
            throw refuse(option, value, "another address than local_ip, which is the same");
        }
        requireZone(option, address);
    }

    private void requireZone(String option, InetAddress address) {
        boolean linkLocal = AddressLiteral.isIpv6(address)
                && (address.isLinkLocalAddress() || address.isMCLinkLocal())
                && AddressLiteral.format(address).indexOf('%') < 0;
        if (linkLocal && settings.networkInterface() == null) {
            String text = AddressLiteral.format(address);
            throw refuse(
                    option,
                    text,
                    "a link-local address with option dev, or with the interface's number as " + text
                            + "%2 (in a URI %252), which `ip link` shows");
        }
    }

    private static boolean isUnicast(InetAddress address) {
        return !address.isMulticastAddress()
                && !address.isAnyLocalAddress()
                && !AddressLiteral.format(address).equals("255.255.255.255");
    }

    private static String family(InetAddress address) {
        return AddressLiteral.isIpv6(address) ? "IPv6" : "IPv4";
    }

    private void range(String option, long value, long from, long to) {
        VxlanRefusal.range(port, option, value, from, to);
    }

    private InvalidPortException refuse(String option, Object value, String accepted) {
        return VxlanRefusal.of(port, option, value, accepted);
    }
}
