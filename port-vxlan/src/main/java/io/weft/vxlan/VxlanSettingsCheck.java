package io.weft.vxlan;

import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.tunnel.TunnelSettingsCheck;
import io.weft.tunnel.UdpTunnelCheck;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What must hold of a port's settings before anything is opened.
 *
 * <p>Threads: confined.
 */
final class VxlanSettingsCheck extends TunnelSettingsCheck {
    static final String VNI = "a VNI, 0..16777215 or 0x0..0xffffff";
    static final String PORTS = "1..65535, several separated by commas, each once";
    static final String MULTICAST = "a multicast address, of 224.0.0.0/4 or ff00::/8";

    private final VxlanSettings settings;

    private VxlanSettingsCheck(VxlanSettings settings) {
        super(settings.tunnel());
        this.settings = settings;
    }

    /**
     * Checks all of it.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    static void check(VxlanSettings settings) {
        VxlanSettingsCheck check = new VxlanSettingsCheck(settings);
        check.keys();
        check.ports();
        check.group();
        check.checkTunnel();
        UdpTunnelCheck.zeroChecksum(
                check.refusal(),
                settings.zeroChecksumReceive(),
                settings.isFamilyDecided() && !settings.tunnel().ipv6());
    }

    /**
     * Checks a remote end that is added to a port with these settings.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    static void checkAdded(VxlanSettings settings, String option, Object value, RemoteSpec remote) {
        new VxlanSettingsCheck(settings).checkRemote(option, value, remote);
    }

    private void keys() {
        if (settings.vlanVniMap() == null) {
            vni("in_key", settings.inKey());
            vni("out_key", settings.outKey());
        } else {
            withMap("in_key", settings.inKey() != -1, settings.inKey());
            withMap("out_key", settings.outKey() != -1, settings.outKey());
            withMap("inner_tags", settings.tunnel().carryTags(), "carry");
        }
    }

    private void vni(String option, int value) {
        if (value < 0 || value > VxlanHeader.MAX_VNI) {
            throw refusal().of(option, value, VNI);
        }
    }

    private void withMap(String option, boolean given, Object value) {
        if (given) {
            throw refusal()
                    .of(
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
            throw refusal()
                    .of("dst_port", listen.stream().map(String::valueOf).collect(Collectors.joining(",")), PORTS);
        }
        UdpTunnelCheck.sourcePorts(
                refusal(), settings.firstSourcePort(), settings.lastSourcePort(), settings.sourcePorts());
    }

    private void group() {
        InetAddress group = settings.group();
        if (group == null) {
            return;
        }
        if (!group.isMulticastAddress()) {
            throw refusal()
                    .of(
                            "group",
                            AddressLiteral.format(group),
                            MULTICAST + (isUnicast(group) ? "; a remote is given as remote_ip" : ""));
        }
        requireZone("group", group);
    }

    @Override
    protected List<Mention> ownAddresses() {
        return settings.group() == null ? List.of() : List.of(new Mention("group", settings.group()));
    }

    @Override
    protected String insteadOfMulticast() {
        return "; a multicast group is given as group";
    }

    @Override
    protected String besidesAddress() {
        return "the port and the VNI";
    }

    @Override
    protected void checkRemote(String option, Object value, RemoteSpec remote) {
        if (option.equals("remote_ip") && settings.vlanVniMap() != null && remote.key() >= 0) {
            throw refusal().of(option, value, "without a VNI of its own with vlan_vni_map, which has the VNIs");
        }
        if (remote.key() > VxlanHeader.MAX_VNI) {
            throw refusal().of(option, value, "with " + VNI);
        }
    }

    @Override
    protected void checkStation(StationSpec station) {
        VlanVniMap map = settings.vlanVniMap();
        if (map != null && map.vni(station.vlan()) < 0) {
            throw refusal().of("fdb", station, "with a vlan that is in vlan_vni_map, which is " + map);
        }
    }
}
