package io.weft.tunnel;

import io.weft.tunnel.bfd.BfdSettings;
import io.weft.underlay.Underlay;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A tunnel's port in the making, as far as all tunnels are alike. Each method is an option of the URI and takes what that takes.
 *
 * <p>Threads: confined.
 *
 * @param <B> the builder's own type
 */
public abstract class TunnelBuilder<B extends TunnelBuilder<B>> {
    static final int DEFAULT_TTL = 64;
    static final int DEFAULT_MAX_REMOTES = 1_024;
    static final Duration DEFAULT_AGEING = Duration.ofMinutes(5);

    private final Refusal refusal;
    private final List<RemoteSpec> remotes = new ArrayList<>();
    private final List<StationSpec> stations = new ArrayList<>();
    private InetAddress local;
    private int ttl = DEFAULT_TTL;
    private int tos;
    private boolean tosInherit;
    private boolean dfDefault = true;
    private String dev;
    private Boolean learnRemotes;
    private Integer maxRemotes;
    private Duration ageing;
    private int mtu;
    private Boolean carryInnerTags;
    private boolean icmpTooBig;
    private boolean clampMss;
    private BfdSettings bfd;
    private int rcvbuf;
    private int sndbuf;
    private String netns;
    private Underlay underlay = Underlay.SYSTEM;

    /** Begins a port of this kind with this name. */
    protected TunnelBuilder(String scheme, String name) {
        refusal = new Refusal(scheme, Objects.requireNonNull(name, "name"));
    }

    /** This builder. */
    protected abstract B self();

    /** A remote end, as {@code 10.0.0.2}, {@code 10.0.0.2:8472}, {@code fd00::2}, {@code [fd00::2]:8472} or a name. */
    public B remote(String remote) {
        return remote(refusal.read("remote_ip", RemoteSpec.ACCEPTED, remote, RemoteSpec::parse));
    }

    /** A remote end, which may have a key of its own. */
    public B remote(RemoteSpec remote) {
        remotes.add(Objects.requireNonNull(remote, "remote"));
        return self();
    }

    /** The address of this machine to send from and receive at; any when not said. */
    public B local(String address) {
        return local(refusal.read("local_ip", TunnelOptions.LOCAL_IP.accepted(), address, AddressLiteral::parse));
    }

    /** The address of this machine to send from and receive at; any when not said. */
    public B local(InetAddress address) {
        local = Objects.requireNonNull(address, "address");
        return self();
    }

    /** Time to live, or hop limit, of the outer header, 1..255; 64 when not said. */
    public B ttl(int hops) {
        ttl = hops;
        return self();
    }

    /** TOS, or traffic class, of the outer header, 0..255; 0 when not said. */
    public B tos(int value) {
        tos = value;
        tosInherit = false;
        return self();
    }

    /** Copies TOS, or traffic class, from the inner IP header; what is not IP has 0. */
    public B tosInherit() {
        tos = 0;
        tosInherit = true;
        return self();
    }

    /** Whether the outer header forbids fragments; yes when not said. */
    public B dfDefault(boolean dontFragment) {
        dfDefault = dontFragment;
        return self();
    }

    /** The only network interface to send and receive by; any when not said. */
    public B dev(String networkInterface) {
        dev = networkInterface;
        return self();
    }

    /** Whether whoever sends becomes a remote; no when not said and the tunnel says nothing else. */
    public B learnRemotes(boolean learn) {
        learnRemotes = learn;
        return self();
    }

    /** How many remotes are learned at most, 1..1000000; 1024 when not said. */
    public B maxRemotes(int number) {
        maxRemotes = number;
        return self();
    }

    /** How long a learned remote that is not heard of stays, 1 s..24 h; 300 s when not said. */
    public B ageing(Duration time) {
        ageing = Objects.requireNonNull(time, "time");
        return self();
    }

    /** The longest inner IP packet, 68..65450, IP header counted; when not said, what the underlay has room for. */
    public B mtu(int bytes) {
        refusal.range("mtu", bytes, TunnelSettingsCheck.MIN_MTU, TunnelSettingsCheck.MAX_MTU);
        mtu = bytes;
        return self();
    }

    /** Whether frames with a VLAN tag inside are accepted and sent ({@code inner_tags=carry}). */
    public B carryInnerTags(boolean carry) {
        carryInnerTags = carry;
        return self();
    }

    /** Whether packets that do not fit are answered with ICMP; no when not said. */
    public B icmpTooBig(boolean answer) {
        icmpTooBig = answer;
        return self();
    }

    /** Whether the MSS of TCP connections is lowered to what fits; no when not said. */
    public B clampMss(boolean clamp) {
        clampMss = clamp;
        return self();
    }

    /** Probes each remote with BFD; not when not said. */
    public B bfd(BfdSettings probes) {
        bfd = Objects.requireNonNull(probes, "probes");
        return self();
    }

    /** A station whose remote is known, as {@code bridge fdb add} takes it: {@code 02:00:00:00:00:07 dst 10.0.0.2}. */
    public B fdb(String station) {
        return fdb(refusal.read("fdb", StationSpec.ACCEPTED, station, StationSpec::parse));
    }

    /** A station whose remote is known. */
    public B fdb(StationSpec station) {
        stations.add(Objects.requireNonNull(station, "station"));
        return self();
    }

    /** Bytes of datagrams that may wait to be received, 4096..2<sup>30</sup>; 8 MiB when not said, or what is granted. */
    public B rcvbuf(int bytes) {
        refusal.range("rcvbuf", bytes, TunnelSettingsCheck.MIN_BUFFER, TunnelSettingsCheck.MAX_BUFFER);
        rcvbuf = bytes;
        return self();
    }

    /** Bytes of datagrams that may wait to be sent, 4096..2<sup>30</sup>; 4 MiB when not said, or what is granted. */
    public B sndbuf(int bytes) {
        refusal.range("sndbuf", bytes, TunnelSettingsCheck.MIN_BUFFER, TunnelSettingsCheck.MAX_BUFFER);
        sndbuf = bytes;
        return self();
    }

    /** The network namespace of the sockets: a name that {@code ip netns} lists, or a path as {@code /proc/1/ns/net}. */
    public B netns(String nameOrPath) {
        netns = nameOrPath;
        return self();
    }

    /** What its sockets are; the kernel's when not said. */
    public B underlay(Underlay newUnderlay) {
        underlay = Objects.requireNonNull(newUnderlay, "newUnderlay");
        return self();
    }

    // ---- for each kind of tunnel ----

    /** Addresses that are to be of the same family, beside local, remote ends and stations. */
    protected List<InetAddress> ownAddresses() {
        return List.of();
    }

    /** How to refuse. */
    protected final Refusal refusal() {
        return refusal;
    }

    /** What the port's sockets are. */
    protected final Underlay underlay() {
        return underlay;
    }

    /** The address to send from and receive at; {@code null} when none was said. */
    protected final InetAddress local() {
        return local;
    }

    /** The remote ends so far; not to be changed. */
    protected final List<RemoteSpec> remotes() {
        return remotes;
    }

    /**
     * What of the settings all tunnels have.
     *
     * @param learnWhenNotSaid whether whoever sends becomes a remote
     * @param carryWhenNotSaid whether frames with a VLAN tag inside are accepted and sent
     */
    protected final TunnelSettings tunnel(boolean learnWhenNotSaid, boolean carryWhenNotSaid) {
        boolean learn = learnRemotes == null ? learnWhenNotSaid : learnRemotes;
        if (!learn) {
            refuseGiven("max_remotes", maxRemotes, "only with learn_remotes");
            refuseGiven("ageing", ageing, "only with learn_remotes");
        }
        return new TunnelSettings(
                refusal.scheme(),
                refusal.port(),
                isIpv6(),
                remotes,
                local,
                dev,
                netns,
                ttl,
                tos,
                tosInherit,
                dfDefault,
                learn,
                maxRemotes == null ? DEFAULT_MAX_REMOTES : maxRemotes,
                ageing == null ? DEFAULT_AGEING : ageing,
                mtu,
                carryInnerTags == null ? carryWhenNotSaid : carryInnerTags,
                icmpTooBig,
                clampMss,
                bfd,
                stations,
                rcvbuf,
                sndbuf);
    }

    /**
     * Refuses an option that has no meaning without another one.
     *
     * @param value {@code null} when it was not given
     * @throws io.weft.port.InvalidPortException when it was
     */
    protected final void refuseGiven(String option, Object value, String accepted) {
        if (value != null) {
            throw refusal.of(option, value, accepted);
        }
    }

    /** Whether the underlay is IPv6. The first address says; the settings hold the others against it. */
    protected final boolean isIpv6() {
        return addresses().stream().findFirst().map(AddressLiteral::isIpv6).orElse(false);
    }

    /** Whether any address says which family the underlay is of. */
    protected final boolean isFamilyDecided() {
        return !addresses().isEmpty();
    }

    private List<InetAddress> addresses() {
        List<InetAddress> all = new ArrayList<>();
        if (local != null) {
            all.add(local);
        }
        all.addAll(ownAddresses());
        remotes.stream().filter(remote -> !remote.isName()).forEach(remote -> all.add(remote.address()));
        stations.forEach(station -> all.add(station.remote().address()));
        return all;
    }
}
