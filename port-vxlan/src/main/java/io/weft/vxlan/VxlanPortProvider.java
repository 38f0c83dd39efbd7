package io.weft.vxlan;

import static io.weft.tunnel.TunnelOptions.take;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import io.weft.tunnel.TunnelOptions;
import io.weft.tunnel.UdpTunnelOptions;
import java.util.List;

/**
 * Makes {@link VxlanPort}s from {@code vxlan:NAME?option=value&...}, NAME being what the switch calls the port.
 *
 * <p>Threads: any; stateless.
 */
public final class VxlanPortProvider implements PortProvider {
    /** For {@code ServiceLoader}. */
    public VxlanPortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of("vxlan");
    }

    @Override
    public String syntax() {
        return "vxlan:NAME";
    }

    @Override
    public String summary() {
        return "A VXLAN segment (RFC 7348) that this switch, Linux, Open vSwitch and hardware share over UDP.";
    }

    @Override
    public List<PortOption<?>> options() {
        return VxlanOptions.ALL;
    }

    @Override
    public PortDriver create(PortUri uri) {
        VxlanBuilder builder = VxlanPort.builder(uri.target());
        TunnelOptions.take(uri, builder);
        UdpTunnelOptions.take(uri, builder);
        take(uri, VxlanOptions.KEY, builder::vni);
        take(uri, VxlanOptions.IN_KEY, builder::inKey);
        take(uri, VxlanOptions.OUT_KEY, builder::outKey);
        take(uri, VxlanOptions.VLAN_VNI_MAP, builder::vlanVniMap);
        take(uri, VxlanOptions.DST_PORT, builder::dstPort);
        take(uri, VxlanOptions.CSUM, builder::csum);
        take(uri, VxlanOptions.UDP6ZEROCSUMTX, builder::udp6ZeroCsumTx);
        take(uri, VxlanOptions.STRICT, builder::strict);
        take(uri, VxlanOptions.GROUP, builder::group);
        return builder.build();
    }
}
