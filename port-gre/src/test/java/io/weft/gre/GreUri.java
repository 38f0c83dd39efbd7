package io.weft.gre;

import io.weft.gre.GreSettings.Payload;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.tunnel.TunnelSettings;
import io.weft.tunnel.bfd.BfdSettings;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Settings of a port by a URI's text, without any check: what the tests of the data path need of it. */
final class GreUri {
    private final Map<String, String> options = new HashMap<>();
    private final String scheme;
    private final String name;

    private GreUri(String uri) {
        int colon = uri.indexOf(':');
        int question = uri.indexOf('?');
        scheme = uri.substring(0, colon);
        name = uri.substring(colon + 1, question < 0 ? uri.length() : question);
        for (String option :
                question < 0 ? new String[0] : uri.substring(question + 1).split("&")) {
            int equals = option.indexOf('=');
            if (equals > 0) {
                options.put(option.substring(0, equals), option.substring(equals + 1));
            }
        }
    }

    static GreSettings settings(String uri) {
        GreUri parsed = new GreUri(uri);
        GreSettings settings = parsed.settings();
        if (!parsed.options.isEmpty()) {
            throw new IllegalArgumentException("unknown options " + parsed.options.keySet() + " in " + uri);
        }
        return settings;
    }

    private String take(String option, String otherwise) {
        String value = options.remove(option);
        return value == null ? otherwise : value;
    }

    private boolean flag(String option, boolean otherwise) {
        return Boolean.parseBoolean(take(option, "" + otherwise));
    }

    private int number(String option, int otherwise) {
        return Integer.decode(take(option, "" + otherwise));
    }

    private List<String> list(String option) {
        String value = take(option, "");
        return value.isEmpty() ? List.of() : List.of(value.split(","));
    }

    private GreSettings settings() {
        boolean nvgre = flag("nvgre", false);
        boolean numbered = flag("seq", false);
        String key = take("key", "-1");
        List<RouteSpec> routes = new ArrayList<>();
        for (String route : list("route")) {
            String[] parts = route.split("[/@]"); // 10.1.0.0/16@10.0.0.2
            routes.add(new RouteSpec(
                    AddressLiteral.parse(parts[0]), Integer.parseInt(parts[1]), AddressLiteral.parse(parts[2])));
        }
        GreSettings.Udp udp = !flag("udp", false)
                ? null
                : new GreSettings.Udp(
                        number("dst_port", GreLab.UDP_PORT),
                        number("first_src_port", 49_152),
                        number("last_src_port", 65_535),
                        number("src_ports", numbered ? 1 : 4),
                        flag("udp_csum", true),
                        flag("udp6zerocsumrx", false),
                        flag("gro", true));
        return new GreSettings(
                tunnel(),
                nvgre ? Payload.NVGRE : scheme.equals("gre") ? Payload.IP : Payload.ETHERNET,
                Long.decode(take("in_key", key)),
                Long.decode(take("out_key", key)),
                flag("keyless_is_zero", false),
                flag("csum", false),
                flag("csum_required", false),
                numbered,
                flag("strict", false),
                flag("flow_label", true),
                flag("fragments", false),
                udp,
                routes);
    }

    private TunnelSettings tunnel() {
        List<RemoteSpec> remotes =
                list("remote_ip").stream().map(RemoteSpec::parse).toList();
        List<StationSpec> stations =
                list("station").stream().map(StationSpec::parse).toList();
        String local = take("local_ip", "");
        InetAddress localAddress = local.isEmpty() ? null : AddressLiteral.parse(local);
        boolean ipv6 = flag("ipv6", false)
                || localAddress instanceof Inet6Address
                || remotes.stream().anyMatch(remote -> remote.address() instanceof Inet6Address);
        String tos = take("tos", "0");
        return new TunnelSettings(
                scheme,
                name,
                ipv6,
                remotes,
                localAddress,
                null,
                null,
                number("ttl", 64),
                tos.equals("inherit") ? 0 : Integer.decode(tos),
                tos.equals("inherit"),
                flag("df_default", true),
                flag("learn_remotes", false),
                number("max_remotes", 1_024),
                Duration.ofSeconds(number("remote_ageing", 300)),
                number("mtu", 0),
                take("inner_tags", scheme.equals("gre") ? "discard" : "carry").equals("carry"),
                flag("icmp_too_big", false),
                flag("clamp_mss", false),
                flag("bfd", false) ? BfdSettings.DEFAULT : null,
                stations,
                number("rcvbuf", 0),
                number("sndbuf", 0));
    }
}
