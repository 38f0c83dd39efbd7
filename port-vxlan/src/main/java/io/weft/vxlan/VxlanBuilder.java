package io.weft.vxlan;

import io.weft.port.InvalidPortException;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.tunnel.bfd.BfdSettings;
import io.weft.underlay.Underlay;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A {@link VxlanPort} in the making. Each method is an option of the URI and takes what that takes; {@link #vni} is needed, or
 * {@link #inKey} and {@link #outKey}, or {@link #vlanVniMap}, and everything else has a default.
 *
 * <pre>{@code
 * lan.add(VxlanPort.builder("vx0").vni(100).local("10.0.0.1").remote("10.0.0.2").remote("10.0.0.3").build());
 * }</pre>
 *
 * <p>Threads: confined.
 */
public final class VxlanBuilder {
    /** Where VXLAN is expected (RFC 7348, 5). */
    public static final int DEFAULT_PORT = 4_789;

    static final int DEFAULT_FIRST_SOURCE_PORT = 49_152; // RFC 7348, 5: the dynamic range
    static final int DEFAULT_LAST_SOURCE_PORT = 65_535;
    static final int DEFAULT_SOURCE_PORTS = 8;
    static final int DEFAULT_TTL = 64;
    static final int DEFAULT_MAX_REMOTES = 1_024;
    static final Duration DEFAULT_AGEING = Duration.ofMinutes(5);

    private final String name;
    private final List<RemoteSpec> remotes = new ArrayList<>();
    private final List<StationSpec> stations = new ArrayList<>();
    private InetAddress local;
    private Integer key;
    private Integer inKey;
    private Integer outKey;
    private VlanVniMap vlanVniMap;
    private List<Integer> dstPorts = List.of(DEFAULT_PORT);
    private int firstSourcePort = DEFAULT_FIRST_SOURCE_PORT;
    private int lastSourcePort = DEFAULT_LAST_SOURCE_PORT;
    private Integer srcPorts;
    private int ttl = DEFAULT_TTL;
    private int tos;
    private boolean tosInherit;
    private boolean dfDefault = true;
    private Boolean csum;
    private Boolean udp6ZeroCsumTx;
    private boolean udp6ZeroCsumRx;
    private boolean strict;
    private InetAddress group;
    private String dev;
    private Boolean learnRemotes;
    private Integer maxRemotes;
    private Duration ageing;
    private int mtu;
    private boolean carryInnerTags;
    private boolean icmpTooBig;
    private boolean clampMss;
    private BfdSettings bfd;
    private boolean gro = true;
    private int rcvbuf;
    private int sndbuf;
    private String netns;
    private Underlay underlay = Underlay.SYSTEM;

    VxlanBuilder(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    /** A remote end, as {@code 10.0.0.2}, {@code 10.0.0.2:8472}, {@code fd00::2}, {@code [fd00::2]:8472} or a name. */
    public VxlanBuilder remote(String remote) {
        return remote(read("remote_ip", RemoteSpec.ACCEPTED, remote, RemoteSpec::parse));
    }

    /** A remote end, which may have a VNI of its own. */
    public VxlanBuilder remote(RemoteSpec remote) {
        remotes.add(Objects.requireNonNull(remote, "remote"));
        return this;
    }

    /** The address of this machine to send from and receive at; any when not said. */
    public VxlanBuilder local(String address) {
        return local(read("local_ip", VxlanOptions.LOCAL_IP.accepted(), address, AddressLiteral::parse));
    }

    /** The address of this machine to send from and receive at; any when not said. */
    public VxlanBuilder local(InetAddress address) {
        local = Objects.requireNonNull(address, "address");
        return this;
    }

    /** The VNI both ways, 0..16777215: the URI's {@code key}. */
    public VxlanBuilder vni(int vni) {
        key = vni("key", vni);
        return this;
    }

    /** The VNI that is received, 0..16777215; {@link #vni} when not said. */
    public VxlanBuilder inKey(int vni) {
        inKey = vni("in_key", vni);
        return this;
    }

    /** The VNI that is sent, 0..16777215; {@link #vni} when not said. */
    public VxlanBuilder outKey(int vni) {
        outKey = vni("out_key", vni);
        return this;
    }

    private int vni(String option, int vni) {
        if (vni < 0 || vni > VxlanHeader.MAX_VNI) {
            throw VxlanRefusal.of(name, option, vni, VxlanSettingsCheck.VNI);
        }
        return vni;
    }

    /** Makes the port a trunk whose VLANs are VNIs, as {@code 10:1010,20-29:2020}; there is no {@link #vni} then. */
    public VxlanBuilder vlanVniMap(String map) {
        return vlanVniMap(read("vlan_vni_map", VlanVniMap.ACCEPTED, map, VlanVniMap::parse));
    }

    /** Makes the port a trunk whose VLANs are VNIs; there is no {@link #vni} then. */
    public VxlanBuilder vlanVniMap(VlanVniMap map) {
        vlanVniMap = Objects.requireNonNull(map, "map");
        return this;
    }

    /** The UDP ports to listen at, 1..65535; the first is also sent to. 4789 when not said. */
    public VxlanBuilder dstPort(int... ports) {
        dstPorts = Arrays.stream(ports).boxed().toList();
        return this;
    }

    /** The UDP ports to send from, 1..65535; 49152 to 65535 when not said. */
    public VxlanBuilder srcPortRange(int first, int last) {
        firstSourcePort = first;
        lastSourcePort = last;
        return this;
    }

    /** How many ports of the range are used, each by a socket, 1..64; 8, or all of a smaller range, when not said. */
    public VxlanBuilder srcPorts(int number) {
        srcPorts = number;
        return this;
    }

    /** Time to live, or hop limit, of the outer header, 1..255; 64 when not said. */
    public VxlanBuilder ttl(int hops) {
        ttl = hops;
        return this;
    }

    /** TOS, or traffic class, of the outer header, 0..255; 0 when not said. */
    public VxlanBuilder tos(int value) {
        tos = value;
        tosInherit = false;
        return this;
    }

    /** Copies TOS, or traffic class, from the inner IP header; what is not IP has 0. */
    public VxlanBuilder tosInherit() {
        tos = 0;
        tosInherit = true;
        return this;
    }

    /** Whether the outer header forbids fragments; yes when not said. */
    public VxlanBuilder dfDefault(boolean dontFragment) {
        dfDefault = dontFragment;
        return this;
    }

    /** Whether datagrams have a UDP checksum; yes when not said, for without it the kernel segments no runs of them. */
    public VxlanBuilder csum(boolean checksum) {
        csum = checksum;
        return this;
    }

    /** Over IPv6, the opposite of {@link #csum} by Linux' name. */
    public VxlanBuilder udp6ZeroCsumTx(boolean none) {
        udp6ZeroCsumTx = none;
        return this;
    }

    /** Whether datagrams over IPv6 without a checksum are received; no when not said. Over IPv4 they are. */
    public VxlanBuilder udp6ZeroCsumRx(boolean accept) {
        udp6ZeroCsumRx = accept;
        return this;
    }

    /** Whether frames whose reserved bits are not 0 are dropped; no when not said. */
    public VxlanBuilder strict(boolean reservedMustBeZero) {
        strict = reservedMustBeZero;
        return this;
    }

    /** The multicast group that floods are sent to and received from; none when not said. */
    public VxlanBuilder group(String address) {
        return group(read("group", VxlanSettingsCheck.MULTICAST, address, AddressLiteral::parse));
    }

    /** The multicast group that floods are sent to and received from; none when not said. */
    public VxlanBuilder group(InetAddress address) {
        group = Objects.requireNonNull(address, "address");
        return this;
    }

    /** The only network interface to send and receive by; any when not said. */
    public VxlanBuilder dev(String networkInterface) {
        dev = networkInterface;
        return this;
    }

    /** Whether whoever sends becomes a remote; when not said, only with a group and without remotes. */
    public VxlanBuilder learnRemotes(boolean learn) {
        learnRemotes = learn;
        return this;
    }

    /** How many remotes are learned at most, 1..1000000; 1024 when not said. */
    public VxlanBuilder maxRemotes(int number) {
        maxRemotes = number;
        return this;
    }

    /** How long a learned remote that is not heard of stays, 1 s..24 h; 300 s when not said. */
    public VxlanBuilder ageing(Duration time) {
        ageing = Objects.requireNonNull(time, "time");
        return this;
    }

    /** The longest inner IP packet, 68..65450, IP header counted; when not said, what the underlay has room for. */
    public VxlanBuilder mtu(int bytes) {
        VxlanRefusal.range(name, "mtu", bytes, VxlanSettingsCheck.MIN_MTU, VxlanSettingsCheck.MAX_MTU);
        mtu = bytes;
        return this;
    }

    /** Whether frames with a VLAN tag inside are accepted and sent ({@code inner_tags=carry}); no when not said. */
    public VxlanBuilder carryInnerTags(boolean carry) {
        carryInnerTags = carry;
        return this;
    }

    /** Whether packets that do not fit are answered with ICMP; no when not said. */
    public VxlanBuilder icmpTooBig(boolean answer) {
        icmpTooBig = answer;
        return this;
    }

    /** Whether the MSS of TCP connections is lowered to what fits; no when not said. */
    public VxlanBuilder clampMss(boolean clamp) {
        clampMss = clamp;
        return this;
    }

    /** Probes each remote with BFD; not when not said. */
    public VxlanBuilder bfd(BfdSettings probes) {
        bfd = Objects.requireNonNull(probes, "probes");
        return this;
    }

    /** Whether datagrams that came together are received together; yes when not said. */
    public VxlanBuilder gro(boolean coalescing) {
        gro = coalescing;
        return this;
    }

    /** A station whose remote is known, as {@code bridge fdb add} takes it: {@code 02:00:00:00:00:07 dst 10.0.0.2}. */
    public VxlanBuilder fdb(String station) {
        return fdb(read("fdb", StationSpec.ACCEPTED, station, StationSpec::parse));
    }

    /** A station whose remote is known. */
    public VxlanBuilder fdb(StationSpec station) {
        stations.add(Objects.requireNonNull(station, "station"));
        return this;
    }

    /** Bytes of datagrams that may wait to be received, 4096..2<sup>30</sup>; 8 MiB when not said, or what is granted. */
    public VxlanBuilder rcvbuf(int bytes) {
        VxlanRefusal.range(name, "rcvbuf", bytes, VxlanSettingsCheck.MIN_BUFFER, VxlanSettingsCheck.MAX_BUFFER);
        rcvbuf = bytes;
        return this;
    }

    /** Bytes of datagrams that may wait to be sent, 4096..2<sup>30</sup>; 4 MiB when not said, or what is granted. */
    public VxlanBuilder sndbuf(int bytes) {
        VxlanRefusal.range(name, "sndbuf", bytes, VxlanSettingsCheck.MIN_BUFFER, VxlanSettingsCheck.MAX_BUFFER);
        sndbuf = bytes;
        return this;
    }

    /** The network namespace of the sockets: a name that {@code ip netns} lists, or a path as {@code /proc/1/ns/net}. */
    public VxlanBuilder netns(String nameOrPath) {
        netns = nameOrPath;
        return this;
    }

    /** What its sockets are; the kernel's when not said. */
    public VxlanBuilder underlay(Underlay newUnderlay) {
        underlay = Objects.requireNonNull(newUnderlay, "newUnderlay");
        return this;
    }

    private <T> T read(String option, String accepted, String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException e) {
            throw new InvalidPortException(
                    VxlanRefusal.of(name, option, text, accepted).getMessage(), e);
        }
    }

    /**
     * The port, not yet opened.
     *
     * @throws InvalidPortException naming the option that is wrong, its value and what is accepted
     */
    public VxlanPort build() {
        return new VxlanPort(settings(), underlay);
    }

    VxlanSettings settings() {
        boolean learn = learnRemotes != null ? learnRemotes : group != null && remotes.isEmpty();
        onlyWhenLearning("max_remotes", maxRemotes, learn);
        onlyWhenLearning("ageing", ageing, learn);
        return new VxlanSettings(
                name,
                isIpv6(),
                remotes,
                local,
                key("in_key", inKey),
                key("out_key", outKey),
                vlanVniMap,
                dstPorts,
                firstSourcePort,
                lastSourcePort,
                srcPorts != null
                        ? srcPorts
                        : Math.max(1, Math.min(DEFAULT_SOURCE_PORTS, lastSourcePort - firstSourcePort + 1)),
                ttl,
                tos,
                tosInherit,
                dfDefault,
                checksum(),
                udp6ZeroCsumRx,
                strict,
                group,
                dev,
                learn,
                maxRemotes == null ? DEFAULT_MAX_REMOTES : maxRemotes,
                ageing == null ? DEFAULT_AGEING : ageing,
                mtu,
                carryInnerTags,
                icmpTooBig,
                clampMss,
                bfd,
                gro,
                stations,
                rcvbuf,
                sndbuf,
                netns);
    }

    private void onlyWhenLearning(String option, Object value, boolean learn) {
        if (value != null && !learn) {
            throw VxlanRefusal.of(name, option, value, "only with learn_remotes");
        }
    }

    private int key(String option, Integer own) {
        if (vlanVniMap != null) {
            if (key != null) {
                throw VxlanRefusal.of(name, "key", key, "not with vlan_vni_map, which has the VNIs");
            }
            return own == null ? -1 : own;
        }
        if (key != null && inKey != null && outKey != null) {
            throw VxlanRefusal.of(name, "key", key, "not with both in_key and out_key");
        }
        if (own == null && key == null) {
            boolean none = inKey == null && outKey == null;
            throw VxlanRefusal.missing(
                    name,
                    none ? "key" : option,
                    VxlanSettingsCheck.VNI + (none ? "; or in_key and out_key, or vlan_vni_map" : "; or key for both"));
        }
        return own != null ? own : key;
    }

    private boolean checksum() {
        boolean ipv4 = !isIpv6() && isFamilyDecided();
        boolean none = Boolean.TRUE.equals(udp6ZeroCsumTx);
        if (ipv4 && none) {
            throw VxlanRefusal.of(name, "udp6zerocsumtx", true, "only over IPv6; over IPv4 say csum=false");
        }
        if (!ipv4 && csum != null && csum.equals(udp6ZeroCsumTx)) {
            throw VxlanRefusal.of(name, "udp6zerocsumtx", udp6ZeroCsumTx, !csum + ", as csum is " + csum);
        }
        return csum != null ? csum : !none;
    }

    /** The first address says; the settings hold the others against it. */
    private boolean isIpv6() {
        return addresses().stream().findFirst().map(AddressLiteral::isIpv6).orElse(false);
    }

    private boolean isFamilyDecided() {
        return !addresses().isEmpty();
    }

    private List<InetAddress> addresses() {
        List<InetAddress> all = new ArrayList<>();
        if (local != null) {
            all.add(local);
        }
        if (group != null) {
            all.add(group);
        }
        remotes.stream().filter(remote -> !remote.isName()).forEach(remote -> all.add(remote.address()));
        stations.forEach(station -> all.add(station.remote().address()));
        return all;
    }
}
