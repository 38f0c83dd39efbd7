package io.weft.srv6;

import io.weft.frame.IpPrefix;
import io.weft.srv6.Srv6Settings.FlowLabel;
import io.weft.srv6.Srv6Settings.Mode;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.StationSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * An {@link Srv6Port} in the making. Each method is an option of the URI and takes what that takes; {@code local} is needed, with
 * {@code l2} a remote end, and everything else has a default.
 *
 * <pre>{@code
 * lan.add(Srv6Port.bridge("s0")
 *         .local("fc00:1::1")
 *         .sid("fc00:1:0:d2:: End.DT2U")
 *         .sid("fc00:1:0:d3:: End.DT2M")
 *         .remote("fc00:2::1 segs fc00:9::1,fc00:2:0:d2:: bum fc00:2:0:d3::")
 *         .build());
 * }</pre>
 *
 * <p>Threads: confined.
 */
public final class Srv6Builder extends SidBuilder<Srv6Builder> {
    static final String SCHEME = "srv6";

    private final Mode mode;
    private final List<RemoteSegments> remotes = new ArrayList<>();
    private final List<RouteSpec> routes = new ArrayList<>();
    private SegmentList segments; // to the only remote end
    private boolean reduced;
    private FlowLabel flowLabel = FlowLabel.COPY;
    private long hmac; // id of the key to sign with; 0 for none
    private boolean hmacFlag;

    Srv6Builder(Mode mode, String name) {
        super(SCHEME, name);
        this.mode = mode;
    }

    @Override
    protected Srv6Builder self() {
        return this;
    }

    /** A remote end, as {@link RemoteSegments#parse} reads it: {@code fc00:2::1 segs fc00:9::1,fc00:2::d2}, or only an address. */
    @Override
    public Srv6Builder remote(String remote) {
        return remote(refusal().readParts("remote", RemoteSegments.ACCEPTED, remote, RemoteSegments::read));
    }

    /** A remote end, and how packets get there. */
    public Srv6Builder remote(RemoteSegments remote) {
        remotes.add(remote);
        return super.remote(new RemoteSpec(AddressLiteral.format(remote.remote())));
    }

    /** A station whose remote end is known, as {@code bridge fdb add} takes it: {@code 02:00:00:00:00:07 dst fc00:2::1}. */
    @Override
    public Srv6Builder fdb(String station) {
        return fdb(refusal().read("fdb", Srv6Options.FDB.accepted(), station, StationSpec::parse));
    }

    /** What packets to the only remote end travel by, in the order of travel; its address alone when not said. */
    public Srv6Builder segments(String list) {
        return segments(refusal().readParts("srv6_segs", SegmentList.ACCEPTED, list, SegmentList::parse));
    }

    /** What packets to the only remote end travel by; its address alone when not said. */
    public Srv6Builder segments(SegmentList list) {
        segments = Objects.requireNonNull(list, "list");
        return this;
    }

    /** Whether the first segment is left out of the SRH, and the SRH where there is one segment only; no when not said. */
    public Srv6Builder reduced(boolean leaveOutFirst) {
        reduced = leaveOutFirst;
        return this;
    }

    /** The flow label of the outer header; {@link FlowLabel#COPY} when not said. */
    public Srv6Builder flowLabel(FlowLabel choice) {
        flowLabel = Objects.requireNonNull(choice, "choice");
        return this;
    }

    /** Signs what is sent with the key of this id. */
    public Srv6Builder hmac(long keyId) {
        refusal().range("hmac", keyId, 1, SrHmacKey.MAX_ID);
        hmac = keyId;
        return this;
    }

    /** Whether the flag is set in what is signed without which Linux finds no HMAC; no when not said. */
    public Srv6Builder hmacFlag(boolean linux) {
        hmacFlag = linux;
        return this;
    }

    /** Layer 3: behind which remote end which addresses are, as {@code 10.1.0.0/16 via fc00:2::1}. */
    public Srv6Builder route(String route) {
        return route(refusal().read("route", Srv6Options.ROUTE.accepted(), route, RouteSpec::parse));
    }

    /** Layer 3: behind which remote end which addresses are. */
    public Srv6Builder route(RouteSpec route) {
        routes.add(Objects.requireNonNull(route, "route"));
        return this;
    }

    /**
     * The port, not yet opened.
     *
     * @throws io.weft.port.InvalidPortException naming the option that is wrong, its value and what is accepted
     */
    public Srv6Port build() {
        return new Srv6Port(settings(), tables(), underlay());
    }

    Srv6Settings settings() {
        return new Srv6Settings(
                tunnel(false, mode.isEthernet()),
                mode,
                allRemotes(),
                sids().isEmpty() ? usualSids() : sids(),
                domain(),
                reduced,
                flowLabel,
                hmacKeys(),
                hmac,
                hmacFlag,
                isHmacRequired(),
                sidRoute(),
                routes);
    }

    private List<SidSpec> usualSids() {
        if (local() == null || !Srv6SettingsCheck.isSource(local())) {
            return List.of(); // which is refused for its own sake
        }
        SidTarget target = mode == Mode.L3
                ? SidTarget.NONE.with(
                        SidParameter.TABLE, Srv6Port.tableName(refusal().port()))
                : SidTarget.NONE;
        IpPrefix address = IpPrefix.of(local(), 128);
        try {
            return List.of(SidSpec.of(address, mode.usual(), Flavours.NONE, target));
        } catch (IllegalArgumentException e) {
            throw refusal()
                    .of(
                            "local_ip",
                            AddressLiteral.format(local()),
                            "an address that can be a SID, or option sid: " + e.getMessage());
        }
    }

    /** In the order of the tunnel's remote ends; those that were given as an address alone have themselves as their only segment. */
    private List<RemoteSegments> allRemotes() {
        checkGiven();
        Map<String, RemoteSegments> known = new HashMap<>();
        remotes.forEach(remote -> known.putIfAbsent(AddressLiteral.format(remote.remote()), remote));
        List<RemoteSegments> all = new ArrayList<>();
        for (RemoteSpec remote : remotes()) {
            RemoteSegments given = known.get(remote.host());
            if (given != null) {
                all.add(given);
            } else if (!remote.isName() && AddressLiteral.isIpv6(remote.address())) {
                all.add(refusal().read("remote_ip", Srv6Options.ADDRESS, remote.host(), RemoteSegments::parse));
            }
        }
        if (segments != null) {
            if (all.size() != 1) {
                throw refusal()
                        .of(
                                "srv6_segs",
                                segments,
                                "only with one remote_ip; option remote has segs for each of several");
            }
            all.set(0, new RemoteSegments(all.get(0).remote(), SegmentPath.of(segments)));
        }
        return all;
    }

    /** What is wrong with an address that option {@code remote} has, so that not {@code remote_ip} is blamed for it. */
    private void checkGiven() {
        Set<String> hosts = new HashSet<>();
        Set<String> repeated = new HashSet<>();
        remotes().stream()
                .map(RemoteSpec::host)
                .filter(host -> !hosts.add(host))
                .forEach(repeated::add);
        for (RemoteSegments remote : remotes) {
            String host = AddressLiteral.format(remote.remote());
            if (!Srv6SettingsCheck.isSource(remote.remote())) {
                throw refusal().of("remote", remote, "in place of " + host + " " + Srv6Options.ADDRESS);
            }
            if (remote.remote().equals(local())) {
                throw refusal().of("remote", remote, "in place of " + host + " another address than local_ip");
            }
            if (repeated.contains(host)) {
                throw refusal().of("remote", remote, host + " once, by remote or by remote_ip");
            }
        }
        if (mode == Mode.L2 && !remotes.isEmpty() && remotes().size() > 1) {
            RemoteSegments last = remotes.get(remotes.size() - 1);
            throw refusal().of("remote", last, "one remote end with mode=l2; mode=bridge has many");
        }
    }
}
