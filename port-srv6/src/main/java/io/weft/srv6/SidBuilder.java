package io.weft.srv6;

import io.weft.frame.IpPrefix;
import io.weft.route.RouteTables;
import io.weft.tunnel.TunnelBuilder;
import io.weft.underlay.SidRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What has SIDs, in the making: a port, or a node. Each method is an option of the URI and takes what that takes.
 *
 * <p>Threads: confined.
 *
 * @param <B> the builder itself
 */
public abstract class SidBuilder<B extends SidBuilder<B>> extends TunnelBuilder<B> {
    private final List<SidSpec> sids = new ArrayList<>();
    private final List<IpPrefix> domain = new ArrayList<>();
    private final List<SrHmacKey> hmacKeys = new ArrayList<>();
    private boolean hmacRequired;
    private SidRoute.Kind sidRoute;
    private RouteTables tables = new RouteTables();

    SidBuilder(String scheme, String name) {
        super(scheme, name);
    }

    /** The source of what is sent; an IPv6 address that other machines can send to. */
    @Override
    public B local(String address) {
        return local(refusal().read("local_ip", Srv6Options.ADDRESS, address, Srv6Options::source));
    }

    /** What is received at, as {@link SidSpec#parse} reads it; see the kind of builder for what there is when none is said. */
    public B sid(String sid) {
        return sid(refusal().readParts("sid", SidSpec.ACCEPTED, sid, SidSpecParser::parse));
    }

    /** What is received at; see the kind of builder for what there is when none is said. */
    public B sid(SidSpec sid) {
        sids.add(Objects.requireNonNull(sid, "sid"));
        return self();
    }

    /** Who may send to the SIDs besides the remote ends: addresses with this prefix, as {@code fc00::/16}. */
    public B domain(String prefix) {
        return domain(refusal().read("sr_domain", Srv6Options.DOMAIN.accepted(), prefix, Srv6Options::ipv6Prefix));
    }

    /** Who may send to the SIDs besides the remote ends. */
    public B domain(IpPrefix prefix) {
        domain.add(Objects.requireNonNull(prefix, "prefix"));
        return self();
    }

    /** A key by which HMACs are made and verified. */
    public B hmacKey(SrHmacKey key) {
        hmacKeys.add(Objects.requireNonNull(key, "key"));
        return self();
    }

    /** Whether what comes without an HMAC is dropped; no when not said. */
    public B hmacRequired(boolean required) {
        hmacRequired = required;
        return self();
    }

    /** Has a route made for each SID, as long as the port is open; {@code null}, as when not said, for none. */
    public B sidRoute(SidRoute.Kind kind) {
        sidRoute = kind;
        return self();
    }

    /** The tables that SIDs may name ({@code End.T table NAME}); each port has one of its own name besides. */
    public B tables(RouteTables routeTables) {
        tables = Objects.requireNonNull(routeTables, "routeTables");
        return self();
    }

    // ---- for them ----

    final List<SidSpec> sids() {
        return sids;
    }

    final List<IpPrefix> domain() {
        return domain;
    }

    final List<SrHmacKey> hmacKeys() {
        return hmacKeys;
    }

    final boolean isHmacRequired() {
        return hmacRequired;
    }

    final SidRoute.Kind sidRoute() {
        return sidRoute;
    }

    final RouteTables tables() {
        return tables;
    }
}
