package io.weft.srv6;

import io.weft.port.InvalidPortException;
import io.weft.tunnel.Refusal;
import io.weft.tunnel.TunnelSettings;
import io.weft.underlay.Underlay;

/**
 * An {@link Srv6Node} in the making. Needs a local address, SIDs, and who may send to them.
 *
 * <p>Threads: confined.
 */
public final class Srv6NodeBuilder extends SidBuilder<Srv6NodeBuilder> {
    static final String SCHEME = "srv6-node";

    Srv6NodeBuilder(String name) {
        super(SCHEME, name);
    }

    @Override
    protected Srv6NodeBuilder self() {
        return this;
    }

    /**
     * The node, not yet opened.
     *
     * @throws InvalidPortException naming the option that is wrong, its value and what is accepted
     */
    public Srv6Node build() {
        Refusal refusal = refusal();
        Srv6SettingsCheck.local(refusal, local());
        Srv6SettingsCheck.checkNode(tunnelSettings());
        if (sids().isEmpty()) {
            throw refusal.missing("sid", SidSpec.ACCEPTED);
        }
        if (domain().isEmpty()) {
            throw refusal.missing(
                    "sr_domain", "an IPv6 network from which packets to the SIDs are accepted, as fc00::/16");
        }
        if (!remotes().isEmpty()) {
            throw refusal.plain("has remote ends " + remotes() + "; accepted: none, which a port has (srv6:)");
        }
        SidPlan plan = new SidPlan();
        for (SidSpec sid : sids()) {
            if (sid.behaviour().isDecapsulating()) {
                throw refusal.of(
                        "sid",
                        sid,
                        "End, End.X, End.T, End.B6.Encaps, End.B6.Encaps.Red; what takes packets out of"
                                + " their headers is a port's (srv6:)");
            }
            try {
                plan.add(sid);
            } catch (IllegalArgumentException e) {
                throw refusal.of("sid", sid, "no SID that another of the node's overlaps: " + e.getMessage());
            }
        }
        if (isHmacRequired() && hmacKeys().isEmpty()) {
            throw refusal.of("hmac_required", true, "only with hmac_key");
        }
        return new Srv6Node(this);
    }

    TunnelSettings tunnelSettings() {
        return tunnel(false, false);
    }

    Underlay nodeUnderlay() {
        return underlay();
    }
}
