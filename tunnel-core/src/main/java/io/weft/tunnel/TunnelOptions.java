package io.weft.tunnel;

import io.weft.port.PortOption;
import io.weft.port.PortUri;
import io.weft.tunnel.bfd.BfdSettings;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The options that tunnels of several kinds have. Each kind lists those that make sense for it, with defaults and meanings of its
 * own where they differ, and beside them what only it has.
 *
 * <p>Threads: immutable.
 */
public final class TunnelOptions {
    /** What {@link #TOS} has for {@code inherit}. */
    public static final int INHERIT = -1;

    public static final PortOption<List<RemoteSpec>> REMOTE_IP = PortOption.of(
                    "remote_ip", RemoteSpec.ACCEPTED, TunnelOptions::remotes)
            .meaning("remote ends that frames are accepted from and sent to; separated by commas, and may be repeated");

    public static final PortOption<InetAddress> LOCAL_IP = PortOption.of(
                    "local_ip", "an IPv4 or IPv6 address of this machine", AddressLiteral::parse)
            .meaning("the address to send from and receive at; any when not given");

    public static final PortOption<Integer> TTL = PortOption.integer("ttl", 1, 255)
            .defaultValue(String.valueOf(TunnelBuilder.DEFAULT_TTL))
            .meaning("time to live, or hop limit, of the outer header");

    public static final PortOption<Integer> TOS = PortOption.of("tos", TunnelSettingsCheck.TOS, TunnelOptions::tos)
            .defaultValue("0")
            .meaning(
                    "TOS, or traffic class, of the outer header; inherit: the inner one's; its ECN bits always come from"
                            + " there");

    public static final PortOption<Boolean> DF_DEFAULT =
            PortOption.flag("df_default").defaultValue("true").meaning("whether the outer header forbids fragments");

    public static final PortOption<String> DEV = PortOption.text("dev", TunnelSettingsCheck.INTERFACE)
            .meaning("the only network interface to send and receive by");

    public static final PortOption<Boolean> LEARN_REMOTES = PortOption.flag("learn_remotes")
            .defaultValue("false")
            .meaning("whether whoever sends to the port becomes a remote: only for an underlay where nobody else can"
                    + " send");

    public static final PortOption<Integer> MAX_REMOTES = PortOption.integer(
                    "max_remotes", 1, TunnelSettingsCheck.MAX_LEARNED_REMOTES)
            .defaultValue(String.valueOf(TunnelBuilder.DEFAULT_MAX_REMOTES))
            .meaning("learn_remotes: how many are learned at most; frames of others are dropped");

    public static final PortOption<Duration> AGEING = PortOption.duration(
                    "ageing", TunnelSettingsCheck.MIN_AGEING, TunnelSettingsCheck.MAX_AGEING)
            .defaultValue(TunnelBuilder.DEFAULT_AGEING.toSeconds() + "s")
            .meaning("learn_remotes: how long a learned remote that is not heard of stays");

    public static final PortOption<Integer> MTU = PortOption.integer(
                    "mtu", TunnelSettingsCheck.MIN_MTU, TunnelSettingsCheck.MAX_MTU)
            .meaning("the longest inner IP packet, IP header counted; when not given, what the underlay has room for");

    /** Without a default, in which tunnels differ. */
    public static final PortOption<String> INNER_TAGS = PortOption.choice("inner_tags", "discard", "carry")
            .meaning("what becomes of frames with a VLAN tag inside the tunnel");

    public static final PortOption<Boolean> ICMP_TOO_BIG = PortOption.flag("icmp_too_big")
            .defaultValue("false")
            .meaning(
                    "whether the sender of a packet that does not fit is told so (ICMP fragmentation needed, packet too"
                            + " big)");

    public static final PortOption<Boolean> CLAMP_MSS = PortOption.flag("clamp_mss")
            .defaultValue("false")
            .meaning("whether the MSS of TCP connections is lowered to what fits");

    public static final PortOption<Boolean> BFD = PortOption.flag("bfd")
            .defaultValue("false")
            .meaning("whether each remote is probed with BFD (RFC 5880), and not flooded to while it is down");

    public static final PortOption<Duration> BFD_MIN_TX = PortOption.duration(
                    "bfd_min_tx", BfdSettings.MIN_INTERVAL, BfdSettings.MAX_INTERVAL)
            .defaultValue(BfdSettings.DEFAULT.minTransmit().toMillis() + "ms")
            .meaning("bfd: how far apart probes are sent at least");

    public static final PortOption<Duration> BFD_MIN_RX = PortOption.duration(
                    "bfd_min_rx", BfdSettings.MIN_INTERVAL, BfdSettings.MAX_INTERVAL)
            .defaultValue(BfdSettings.DEFAULT.minReceive().toMillis() + "ms")
            .meaning("bfd: how far apart the remote is to send them at least");

    public static final PortOption<Integer> BFD_MULT = PortOption.integer("bfd_mult", 1, 255)
            .defaultValue(String.valueOf(BfdSettings.DEFAULT.detectMultiplier()))
            .meaning("bfd: how many probes in a row must be missing for a remote to be down");

    public static final PortOption<StationSpec> FDB = PortOption.of("fdb", StationSpec.ACCEPTED, StationSpec::parse)
            .meaning("a station whose remote is known, as `bridge fdb add` takes it; may be repeated");

    public static final PortOption<Integer> RCVBUF = PortOption.integer(
                    "rcvbuf", TunnelSettingsCheck.MIN_BUFFER, TunnelSettingsCheck.MAX_BUFFER)
            .meaning(
                    "bytes of datagrams that may wait to be received; when not given, 8 MiB or what the kernel grants");

    public static final PortOption<Integer> SNDBUF = PortOption.integer(
                    "sndbuf", TunnelSettingsCheck.MIN_BUFFER, TunnelSettingsCheck.MAX_BUFFER)
            .meaning("bytes of datagrams that may wait to be sent; when not given, 4 MiB or what the kernel grants");

    public static final PortOption<String> NETNS =
            PortOption.text("netns", TunnelSettingsCheck.NETNS).meaning("network namespace of the underlay's sockets");

    private TunnelOptions() {}

    /** Gives a builder those of the options that are given. */
    public static void take(PortUri uri, TunnelBuilder<?> builder) {
        take(uri, builder, REMOTE_IP, LOCAL_IP, FDB);
    }

    /** The same of a tunnel that has options of its own in place of {@link #REMOTE_IP}, {@link #LOCAL_IP} and {@link #FDB}. */
    public static void take(
            PortUri uri,
            TunnelBuilder<?> builder,
            PortOption<List<RemoteSpec>> remoteIp,
            PortOption<InetAddress> localIp,
            PortOption<StationSpec> fdb) {
        uri.getAll(remoteIp).forEach(remotes -> remotes.forEach(builder::remote));
        take(uri, localIp, builder::local);
        take(uri, TTL, builder::ttl);
        take(uri, TOS, tos -> {
            if (tos == INHERIT) {
                builder.tosInherit();
            } else {
                builder.tos(tos);
            }
        });
        take(uri, DF_DEFAULT, builder::dfDefault);
        take(uri, DEV, builder::dev);
        take(uri, LEARN_REMOTES, builder::learnRemotes);
        take(uri, MAX_REMOTES, builder::maxRemotes);
        take(uri, AGEING, builder::ageing);
        take(uri, MTU, builder::mtu);
        take(uri, INNER_TAGS, tags -> builder.carryInnerTags(tags.equals("carry")));
        take(uri, ICMP_TOO_BIG, builder::icmpTooBig);
        take(uri, CLAMP_MSS, builder::clampMss);
        takeProbes(uri, builder);
        uri.getAll(fdb).forEach(builder::fdb);
        take(uri, RCVBUF, builder::rcvbuf);
        take(uri, SNDBUF, builder::sndbuf);
        take(uri, NETNS, builder::netns);
    }

    /** Only what is given: the builder has the defaults, and tells some of them from values that were given. */
    public static <T> void take(PortUri uri, PortOption<T> option, Consumer<T> setter) {
        if (uri.has(option)) {
            setter.accept(uri.get(option));
        }
    }

    private static void takeProbes(PortUri uri, TunnelBuilder<?> builder) {
        if (uri.get(BFD)) {
            builder.bfd(new BfdSettings(uri.get(BFD_MIN_TX), uri.get(BFD_MIN_RX), uri.get(BFD_MULT)));
            return;
        }
        for (PortOption<?> option : List.of(BFD_MIN_TX, BFD_MIN_RX, BFD_MULT)) {
            take(uri, option, value -> {
                throw builder.refusal().of(option.name(), value, "only with bfd");
            });
        }
    }

    /** Remote ends with commas between them, as {@link #REMOTE_IP} has them. */
    public static List<RemoteSpec> remotes(String text) {
        return list(text).map(RemoteSpec::parse).toList();
    }

    /** What is between commas. */
    public static Stream<String> list(String text) {
        return Arrays.stream(text.split(",", -1)).map(String::strip);
    }

    /**
     * A decimal number, or a hexadecimal one behind 0x.
     *
     * @throws IllegalArgumentException when it is none, or more than {@code to}
     */
    public static long number(String text, long to) {
        boolean hexadecimal = text.startsWith("0x") || text.startsWith("0X");
        String digits = hexadecimal ? text.substring(2) : text;
        if (!digits.matches(hexadecimal ? "[0-9a-fA-F]{1,15}" : "[0-9]{1,15}")) {
            throw new IllegalArgumentException("no number");
        }
        long number = Long.parseLong(digits, hexadecimal ? 16 : 10);
        if (number > to) {
            throw new IllegalArgumentException("out of range");
        }
        return number;
    }

    private static int tos(String text) {
        return text.equals("inherit") ? INHERIT : (int) number(text, 255);
    }
}
