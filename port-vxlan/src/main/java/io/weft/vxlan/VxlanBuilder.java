package io.weft.vxlan;

import io.weft.port.InvalidPortException;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.UdpTunnelBuilder;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

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
public final class VxlanBuilder extends UdpTunnelBuilder<VxlanBuilder> {
    /** Where VXLAN is expected (RFC 7348, 5). */
    public static final int DEFAULT_PORT = 4_789;

    private Integer key;
    private Integer inKey;
    private Integer outKey;
    private VlanVniMap vlanVniMap;
    private List<Integer> dstPorts = List.of(DEFAULT_PORT);
    private Boolean csum;
    private Boolean udp6ZeroCsumTx;
    private boolean strict;
    private InetAddress group;

    VxlanBuilder(String name) {
        super("vxlan", name);
    }

    @Override
    protected VxlanBuilder self() {
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
            throw refusal().of(option, vni, VxlanSettingsCheck.VNI);
        }
        return vni;
    }

    /** Makes the port a trunk whose VLANs are VNIs, as {@code 10:1010,20-29:2020}; there is no {@link #vni} then. */
    public VxlanBuilder vlanVniMap(String map) {
        return vlanVniMap(refusal().read("vlan_vni_map", VlanVniMap.ACCEPTED, map, VlanVniMap::parse));
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

    /** Whether frames whose reserved bits are not 0 are dropped; no when not said. */
    public VxlanBuilder strict(boolean reservedMustBeZero) {
        strict = reservedMustBeZero;
        return this;
    }

    /** The multicast group that floods are sent to and received from; none when not said. */
    public VxlanBuilder group(String address) {
        return group(refusal().read("group", VxlanSettingsCheck.MULTICAST, address, AddressLiteral::parse));
    }

    /** The multicast group that floods are sent to and received from; none when not said. */
    public VxlanBuilder group(InetAddress address) {
        group = Objects.requireNonNull(address, "address");
        return this;
    }

    /**
     * The port, not yet opened.
     *
     * @throws InvalidPortException naming the option that is wrong, its value and what is accepted
     */
    public VxlanPort build() {
        return new VxlanPort(settings(), underlay());
    }

    VxlanSettings settings() {
        return new VxlanSettings(
                tunnel(group != null && remotes().isEmpty(), false),
                key("in_key", inKey),
                key("out_key", outKey),
                vlanVniMap,
                dstPorts,
                firstSourcePort(),
                lastSourcePort(),
                sourcePorts(),
                checksum(),
                zeroChecksumReceive(),
                strict,
                group,
                coalescing());
    }

    @Override
    protected List<InetAddress> ownAddresses() {
        return group == null ? List.of() : List.of(group);
    }

    private int key(String option, Integer own) {
        if (vlanVniMap != null) {
            if (key != null) {
                throw refusal().of("key", key, "not with vlan_vni_map, which has the VNIs");
            }
            return own == null ? -1 : own;
        }
        if (key != null && inKey != null && outKey != null) {
            throw refusal().of("key", key, "not with both in_key and out_key");
        }
        if (own == null && key == null) {
            boolean none = inKey == null && outKey == null;
            throw refusal()
                    .missing(
                            none ? "key" : option,
                            VxlanSettingsCheck.VNI
                                    + (none ? "; or in_key and out_key, or vlan_vni_map" : "; or key for both"));
        }
        return own != null ? own : key;
    }

    private boolean checksum() {
        boolean ipv4 = !isIpv6() && isFamilyDecided();
        boolean none = Boolean.TRUE.equals(udp6ZeroCsumTx);
        if (ipv4 && none) {
            throw refusal().of("udp6zerocsumtx", true, "only over IPv6; over IPv4 say csum=false");
        }
        if (!ipv4 && csum != null && csum.equals(udp6ZeroCsumTx)) {
            throw refusal().of("udp6zerocsumtx", udp6ZeroCsumTx, !csum + ", as csum is " + csum);
        }
        return csum != null ? csum : !none;
    }
}
