package io.weft.vxlan;

import static io.weft.vxlan.VxlanOptions.BFD;
import static io.weft.vxlan.VxlanOptions.BFD_MIN_RX;
import static io.weft.vxlan.VxlanOptions.BFD_MIN_TX;
import static io.weft.vxlan.VxlanOptions.BFD_MULT;
import static io.weft.vxlan.VxlanOptions.INHERIT;

import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import io.weft.tunnel.bfd.BfdSettings;
import java.util.List;
import java.util.function.Consumer;

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
        uri.getAll(VxlanOptions.REMOTE_IP).forEach(remotes -> remotes.forEach(builder::remote));
        take(uri, VxlanOptions.LOCAL_IP, builder::local);
        take(uri, VxlanOptions.KEY, builder::vni);
        take(uri, VxlanOptions.IN_KEY, builder::inKey);
        take(uri, VxlanOptions.OUT_KEY, builder::outKey);
        take(uri, VxlanOptions.VLAN_VNI_MAP, builder::vlanVniMap);
        take(uri, VxlanOptions.DST_PORT, builder::dstPort);
        take(uri, VxlanOptions.SRC_PORT_RANGE, range -> builder.srcPortRange(range[0], range[1]));
        take(uri, VxlanOptions.SRC_PORTS, builder::srcPorts);
        take(uri, VxlanOptions.TTL, builder::ttl);
        take(uri, VxlanOptions.TOS, tos -> {
            if (tos == INHERIT) {
                builder.tosInherit();
            } else {
                builder.tos(tos);
            }
        });
        take(uri, VxlanOptions.DF_DEFAULT, builder::dfDefault);
        take(uri, VxlanOptions.CSUM, builder::csum);
        take(uri, VxlanOptions.UDP6ZEROCSUMTX, builder::udp6ZeroCsumTx);
        take(uri, VxlanOptions.UDP6ZEROCSUMRX, builder::udp6ZeroCsumRx);
        take(uri, VxlanOptions.STRICT, builder::strict);
        take(uri, VxlanOptions.GROUP, builder::group);
        take(uri, VxlanOptions.DEV, builder::dev);
        take(uri, VxlanOptions.LEARN_REMOTES, builder::learnRemotes);
        take(uri, VxlanOptions.MAX_REMOTES, builder::maxRemotes);
        take(uri, VxlanOptions.AGEING, builder::ageing);
        take(uri, VxlanOptions.MTU, builder::mtu);
        take(uri, VxlanOptions.INNER_TAGS, tags -> builder.carryInnerTags(tags.equals("carry")));
        take(uri, VxlanOptions.ICMP_TOO_BIG, builder::icmpTooBig);
        take(uri, VxlanOptions.CLAMP_MSS, builder::clampMss);
        probes(uri, builder);
        take(uri, VxlanOptions.GRO, builder::gro);
        uri.getAll(VxlanOptions.FDB).forEach(builder::fdb);
        take(uri, VxlanOptions.RCVBUF, builder::rcvbuf);
        take(uri, VxlanOptions.SNDBUF, builder::sndbuf);
        take(uri, VxlanOptions.NETNS, builder::netns);
        return builder.build();
    }

    /** Only what is given: the builder has the defaults, and tells some of them from values that were given. */
    private static <T> void take(PortUri uri, PortOption<T> option, Consumer<T> setter) {
        if (uri.has(option)) {
            setter.accept(uri.get(option));
        }
    }

    private static void probes(PortUri uri, VxlanBuilder builder) {
        if (uri.get(BFD)) {
            builder.bfd(new BfdSettings(uri.get(BFD_MIN_TX), uri.get(BFD_MIN_RX), uri.get(BFD_MULT)));
            return;
        }
        for (PortOption<?> option : List.of(BFD_MIN_TX, BFD_MIN_RX, BFD_MULT)) {
            take(uri, option, value -> {
                throw VxlanRefusal.of(uri.target(), option.name(), value, "only with bfd");
            });
        }
    }
}
