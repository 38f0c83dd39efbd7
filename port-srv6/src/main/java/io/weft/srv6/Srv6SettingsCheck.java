package io.weft.srv6;

import io.weft.srv6.Srv6Settings.Mode;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.Refusal;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.TunnelSettings;
import io.weft.tunnel.TunnelSettingsCheck;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What must hold of an SRv6 port's settings before anything is opened.
 *
 * <p>Threads: confined.
 */
final class Srv6SettingsCheck extends TunnelSettingsCheck {
    private final Parts parts;
    private final TunnelSettings tunnel;

    /** Those of the settings that are checked, which are not settings before that is done. */
    record Parts(
            TunnelSettings tunnel,
            Mode mode,
            List<RemoteSegments> remotes,
            List<SidSpec> sids,
            List<SrHmacKey> hmacKeys,
            long hmac,
            boolean hmacFlag,
            boolean hmacRequired,
            List<RouteSpec> routes) {}

    private Srv6SettingsCheck(Parts parts) {
        super(parts.tunnel());
        this.parts = parts;
        this.tunnel = parts.tunnel();
    }

    /**
     * Checks all of it.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    static void check(Parts parts) {
        Srv6SettingsCheck check = new Srv6SettingsCheck(parts);
        check.local();
        check.checkTunnel();
        check.withoutWhatOthersHave();
        check.numberOfRemotes();
        check.sids();
        check.hmac();
        check.routes();
    }

    /**
     * Checks what a node has of a tunnel's settings, and that it has no more.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    static void checkNode(TunnelSettings node) {
        Srv6SettingsCheck check = new Srv6SettingsCheck(
                new Parts(node, Mode.L3, List.of(), List.of(), List.of(), 0, false, false, List.of()));
        check.checkTunnel();
        check.withoutWhatOthersHave();
        if (node.mtu() != 0 || node.tos() != 0 || node.tosInherit() || node.tooBigAnswers() || node.clampMss()) {
            throw node.refusal()
                    .plain(
                            "mtu, tos, icmp_too_big and clamp_mss are for what leaves a switch; accepted: only with srv6:");
        }
    }

    private void local() {
        local(refusal(), tunnel.local());
    }

    /** Checks a local address; {@code null} is none. */
    static void local(Refusal refusal, InetAddress local) {
        if (local == null) {
            throw refusal.missing("local_ip", Srv6Options.ADDRESS + ": the source of what is sent");
        }
        if (!isSource(local)) {
            throw refusal.of("local_ip", AddressLiteral.format(local), Srv6Options.ADDRESS);
        }
    }

    /** Whether packets to other machines may be from an address. */
    static boolean isSource(InetAddress address) {
        return AddressLiteral.isIpv6(address)
                && isUnicast(address)
                && !address.isLinkLocalAddress()
                && !address.isLoopbackAddress();
    }

    private void withoutWhatOthersHave() {
        if (tunnel.learnRemotes()) {
            throw refusal()
                    .of("learn_remotes", true, "false: nobody tells by which segments an unknown one is reached");
        }
        if (tunnel.bfd() != null) {
            throw refusal().of("bfd", true, "false");
        }
        if (!tunnel.dontFragment()) {
            throw refusal().of("df_default", false, "true, as over IPv6 nobody but the sender fragments");
        }
        if (parts.mode() != Mode.BRIDGE && !tunnel.stations().isEmpty()) {
            throw refusal().of("fdb", tunnel.stations().get(0), "only with mode=bridge");
        }
        if (!parts.mode().isEthernet() && tunnel.carryTags()) {
            throw refusal().of("inner_tags", "carry", "only with mode=l2 and mode=bridge");
        }
    }

    private void numberOfRemotes() {
        List<RemoteSegments> remotes = parts.remotes();
        if (parts.mode() == Mode.L2 && remotes.size() != 1) {
            throw remotes.isEmpty()
                    ? refusal().missing("remote_ip", "an IPv6 address; or option remote, with its segments")
                    : refusal().of("remote_ip", hosts(), "one remote end with mode=l2; mode=bridge has many");
        }
        if (parts.mode() == Mode.L3 && remotes.size() > 1 && parts.routes().isEmpty()) {
            throw refusal()
                    .missing(
                            "route",
                            Srv6Options.ROUTE.accepted() + "; it is needed where there are several remote ends");
        }
        Set<String> known = tunnel.remotes().stream().map(RemoteSpec::host).collect(Collectors.toSet());
        for (RemoteSegments remote : remotes) {
            if (!known.contains(AddressLiteral.format(remote.remote()))) {
                throw refusal().plain("remotes has " + remote + ", which is none of the tunnel's remote ends");
            }
        }
    }

    private String hosts() {
        return tunnel.remotes().stream().map(RemoteSpec::toString).collect(Collectors.joining(","));
    }

    private void sids() {
        SidPlan plan = new SidPlan();
        boolean delivers = false;
        for (SidSpec sid : parts.sids()) {
            try {
                plan.add(sid);
            } catch (IllegalArgumentException e) {
                throw refusal().of("sid", sid, "no SID that another of the port's overlaps: " + e.getMessage());
            }
            Behaviour behaviour = sid.behaviour();
            if (behaviour.isDecapsulating()
                    && behaviour.isLayer2() != parts.mode().isEthernet()) {
                throw refusal().of("sid", sid, accepted() + " with mode=" + parts.mode());
            }
            delivers |= behaviour.isDecapsulating();
        }
        if (!delivers) {
            throw refusal()
                    .of(
                            "sid",
                            parts.sids().stream().map(SidSpec::toString).collect(Collectors.joining("; ")),
                            "at least one with " + accepted() + "; a node that only passes packets on is srv6-node:");
        }
    }

    private String accepted() {
        return parts.mode().isEthernet()
                ? "End.DX2, End.DX2V, End.DT2U, End.DT2M"
                : "End.DX4, End.DX6, End.DT4, End.DT6, End.DT46";
    }

    private void hmac() {
        if (parts.hmacRequired() && parts.hmacKeys().isEmpty()) {
            throw refusal().of("hmac_required", true, "only with hmac_key");
        }
        Set<Long> ids = new HashSet<>();
        for (SrHmacKey key : parts.hmacKeys()) {
            if (!ids.add(key.id())) {
                throw refusal().of("hmac_key", key.id(), "each id once");
            }
        }
        if (parts.hmacFlag() && parts.hmac() == 0) {
            throw refusal().of("hmac_flag", true, "only with hmac");
        }
        if (parts.hmac() != 0 && !ids.contains(parts.hmac())) {
            throw refusal().of("hmac", parts.hmac(), "the id of an hmac_key");
        }
        parts.remotes().forEach(remote -> checkSegments(refusal(), parts.mode(), remote));
    }

    /** Checks the lists of a remote end: the port signs, or nobody; only a bridge floods. */
    static void checkSegments(Refusal refusal, Mode mode, RemoteSegments remote) {
        if (mode != Mode.BRIDGE && remote.arguments().exist()) {
            throw refusal.of("remote", remote, "arglen only with mode=bridge");
        }
        if (remote.all().stream().anyMatch(SegmentList::isSigned)) {
            throw refusal.of("remote", remote, "lists without an HMAC; option hmac signs those of all remote ends");
        }
    }

    private void routes() {
        if (parts.routes().isEmpty()) {
            return;
        }
        if (parts.mode().isEthernet()) {
            throw refusal().of("route", parts.routes().get(0), "only with mode=l3");
        }
        RouteSpec.check(refusal(), parts.routes(), tunnel.remotes(), Srv6Options.REMOTE_END);
    }

    @Override
    protected String besidesAddress() {
        return "its segments";
    }

    @Override
    protected void checkRemote(String option, Object value, RemoteSpec remote) {
        checkRemote(refusal(), option, value, remote);
        if (!isSource(remote.address())) {
            throw refusal().of(option, value, Srv6Options.ADDRESS);
        }
    }

    /** Checks a remote end, given by this option. */
    static void checkRemote(Refusal refusal, String option, Object value, RemoteSpec remote) {
        if (remote.isName()) {
            throw refusal.of(option, value, "an IPv6 address; names are not looked up, since segments are addresses");
        }
        if (remote.port() != 0) {
            throw refusal.of(option, value, "without a port");
        }
        if (remote.key() >= 0) {
            throw refusal.of(option, value, "without a key");
        }
    }
}
