package io.weft.srv6;

import io.weft.frame.IpPrefix;
import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.TunnelSettings;
import io.weft.underlay.SidRoute;
import java.util.List;
import java.util.Locale;

/**
 * What an SRv6 port is to be; the URI and the builder both end here.
 *
 * <p>Threads: immutable.
 *
 * @param tunnel what all tunnels have; its local address is the source of all that is sent
 * @param mode what is carried, and between how many
 * @param remotes how packets get to each of the tunnel's remote ends
 * @param sids what is received at; never empty
 * @param domain who may send to the SIDs, besides the remote ends (RFC 8754, 5.1)
 * @param reduced whether the first segment is left out of the SRH (H.Encaps.Red, H.Encaps.L2.Red)
 * @param flowLabel that of the outer header
 * @param hmacKeys by which HMACs are made and verified; when there is none, HMACs that come are not looked at
 * @param hmac id of the key that what is sent is signed with; 0 for none
 * @param hmacFlag whether the flag is set in what is signed without which Linux finds no HMAC
 * @param hmacRequired whether packets without an HMAC are dropped
 * @param sidRoute what is made for each SID, so that the kernel leaves packets to it alone; {@code null} for nothing
 * @param routes layer 3: behind which remote end which addresses are
 */
public record Srv6Settings(
        TunnelSettings tunnel,
        Mode mode,
        List<RemoteSegments> remotes,
        List<SidSpec> sids,
        List<IpPrefix> domain,
        boolean reduced,
        FlowLabel flowLabel,
        List<SrHmacKey> hmacKeys,
        long hmac,
        boolean hmacFlag,
        boolean hmacRequired,
        SidRoute.Kind sidRoute,
        List<RouteSpec> routes) {

    /** What is carried, and between how many. */
    public enum Mode {
        /** IPv4 and IPv6 packets, as Open vSwitch's {@code type=srv6} has it: a layer-3 port. */
        L3(Behaviour.END_DT46),
        /** Ethernet frames between two ends: a pseudowire (End.DX2). */
        L2(Behaviour.END_DX2),
        /** Ethernet frames between many, each station behind the end that it was learned from (End.DT2U, End.DT2M). */
        BRIDGE(Behaviour.END_DT2U);

        private final Behaviour usual;

        Mode(Behaviour usual) {
            this.usual = usual;
        }

        /** What the local address does as a SID when no SID is given. */
        Behaviour usual() {
            return usual;
        }

        /** Whether it is Ethernet frames. */
        public boolean isEthernet() {
            return this != L3;
        }

        /** As the option has it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The flow label of the outer header, as Open vSwitch's {@code srv6_flowlabel} says it. */
    public enum FlowLabel {
        /** None. */
        ZERO,
        /** That of the IPv6 packet inside; other packets get none. */
        COPY,
        /** One of the flow inside (RFC 6438). */
        COMPUTE;

        /** As the option has it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Takes copies of the lists, and checks what can be known before the port is opened.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    public Srv6Settings {
        remotes = List.copyOf(remotes);
        sids = List.copyOf(sids);
        domain = List.copyOf(domain);
        hmacKeys = List.copyOf(hmacKeys);
        routes = List.copyOf(routes);
        Srv6SettingsCheck.check(new Srv6SettingsCheck.Parts(
                tunnel, mode, remotes, sids, hmacKeys, hmac, hmacFlag, hmacRequired, routes));
    }

    /** A path as packets take it: with room for the HMAC that they are signed with. */
    RemoteSegments sent(RemoteSegments remote) {
        return hmac == 0 ? remote : remote.signed(hmac, hmacFlag);
    }

    /** What is put in front of a frame or a packet. */
    Encapsulation encapsulation() {
        if (mode.isEthernet()) {
            return reduced ? Encapsulation.L2ENCAPS_RED : Encapsulation.L2ENCAPS;
        }
        return reduced ? Encapsulation.ENCAPS_RED : Encapsulation.ENCAPS;
    }
}
