package io.weft.gre;

import io.weft.gre.GreSettings.Payload;
import io.weft.gre.GreSettings.Udp;
import io.weft.port.InvalidPortException;
import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.UdpTunnelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A {@link GrePort} in the making. Each method is an option of the URI and takes what that takes; {@code gretap} needs {@link
 * #remote}, {@code nvgre} a key, and everything else has a default.
 *
 * <pre>{@code
 * lan.add(GrePort.gretap("g0").local("10.0.0.1").remote("10.0.0.2").key(7).build());
 * }</pre>
 *
 * <p>Threads: confined.
 */
public final class GreBuilder extends UdpTunnelBuilder<GreBuilder> {
    /** Where GRE in UDP is expected (RFC 8086, 8.3). */
    public static final int DEFAULT_PORT = 4_754;

    static final String GRETAP = "gretap";
    static final String MGRETAP = "mgretap";
    static final String GRE = "gre";

    private static final int DEFAULT_SOURCE_PORTS = 8;

    private final boolean ethernet;
    private final List<RouteSpec> routes = new ArrayList<>();
    private Long key;
    private Long inKey;
    private Long outKey;
    private boolean keylessIsZero;
    private boolean csum;
    private boolean csumRequired;
    private boolean seq;
    private boolean strict;
    private boolean nvgre;
    private boolean flowLabel = true;
    private boolean acceptFragments;
    private boolean udp;
    private Integer dstPort;
    private Boolean udpCsum;

    /** Begins a port of the kind that this scheme says. */
    GreBuilder(String scheme, String name) {
        super(scheme, name);
        ethernet = !scheme.equals(GRE);
    }

    @Override
    protected GreBuilder self() {
        return this;
    }

    /** The key both ways, 0..4294967295, or {@link GreSettings#NO_KEY}, which it is when not said. With NVGRE a VSID. */
    public GreBuilder key(long number) {
        GreSettingsCheck.checkKey(refusal(), "key", number, false);
        key = number;
        return this;
    }

    /** The key that is received, the same; {@link #key} when not said. */
    public GreBuilder inKey(long number) {
        GreSettingsCheck.checkKey(refusal(), "in_key", number, false);
        inKey = number;
        return this;
    }

    /** The key that is sent, the same; {@link #key} when not said. */
    public GreBuilder outKey(long number) {
        GreSettingsCheck.checkKey(refusal(), "out_key", number, false);
        outKey = number;
        return this;
    }

    /** Whether key 0 and none are the same, as to Open vSwitch; no when not said, as to Linux. */
    public GreBuilder keylessIsZero(boolean same) {
        keylessIsZero = same;
        return this;
    }

    /** Whether packets are sent with the GRE checksum; no when not said. One that comes is always verified. */
    public GreBuilder csum(boolean send) {
        csum = send;
        return this;
    }

    /** Whether packets without the GRE checksum are dropped, as with Linux' {@code icsum}; no when not said. */
    public GreBuilder csumRequired(boolean required) {
        csumRequired = required;
        return this;
    }

    /** Whether packets are sent with sequence numbers, and late ones dropped; no when not said. */
    public GreBuilder seq(boolean numbered) {
        seq = numbered;
        return this;
    }

    /** Whether packets whose reserved bits are not 0 are dropped; no when not said. */
    public GreBuilder strict(boolean reservedMustBeZero) {
        strict = reservedMustBeZero;
        return this;
    }

    /** Whether the header is that of NVGRE (RFC 7637), whose key is a VSID, 4096..16777214; no when not said. */
    public GreBuilder nvgre(boolean virtualSubnet) {
        nvgre = virtualSubnet;
        return this;
    }

    /** Whether the flow inside chooses the flow label of an IPv6 underlay ({@code flow_label=auto}); yes when not said. */
    public GreBuilder flowLabel(boolean chosenByFlow) {
        flowLabel = chosenByFlow;
        return this;
    }

    /** Whether packets are accepted that came in fragments; no when not said. */
    public GreBuilder acceptFragments(boolean accept) {
        acceptFragments = accept;
        return this;
    }

    /** Whether packets travel in UDP (RFC 8086; {@code encap=udp}), for which no privilege is needed; no when not said. */
    public GreBuilder encapUdp(boolean inUdp) {
        udp = inUdp;
        return this;
    }

    /** In UDP: the port to listen at and to send to, 1..65535; 4754 when not said. */
    public GreBuilder dstPort(int port) {
        dstPort = port;
        return this;
    }

    /** In UDP: whether datagrams have a UDP checksum; yes when not said, for without it the kernel segments no runs of them. */
    public GreBuilder udpCsum(boolean checksum) {
        udpCsum = checksum;
        return this;
    }

    /** Layer 3: behind which remote end which addresses are, as {@code 10.1.0.0/16 via 192.0.2.2}. */
    public GreBuilder route(String route) {
        return route(refusal().read("route", RouteSpec.ACCEPTED, route, RouteSpec::parse));
    }

    /** Layer 3: behind which remote end which addresses are. */
    public GreBuilder route(RouteSpec route) {
        routes.add(Objects.requireNonNull(route, "route"));
        return this;
    }

    /**
     * The port, not yet opened.
     *
     * @throws InvalidPortException naming the option that is wrong, its value and what is accepted
     */
    public GrePort build() {
        return new GrePort(settings(), underlay());
    }

    GreSettings settings() {
        if (nvgre && !ethernet) {
            throw refusal().of("nvgre", true, "only with gretap and mgretap");
        }
        return new GreSettings(
                tunnel(false, ethernet && !nvgre),
                nvgre ? Payload.NVGRE : ethernet ? Payload.ETHERNET : Payload.IP,
                key("in_key", inKey),
                key("out_key", outKey),
                keylessIsZero,
                csum,
                csumRequired,
                seq,
                strict,
                flowLabel,
                acceptFragments,
                udp(),
                routes);
    }

    private long key(String option, Long own) {
        if (key != null && inKey != null && outKey != null) {
            throw refusal().of("key", key == GreSettings.NO_KEY ? "none" : key, "not with both in_key and out_key");
        }
        if (own != null) {
            return own;
        }
        if (key != null) {
            GreSettingsCheck.checkKey(refusal(), "key", key, nvgre);
            return key;
        }
        boolean none = inKey == null && outKey == null;
        if (none && !nvgre) {
            return GreSettings.NO_KEY;
        }
        throw refusal()
                .missing(
                        none ? "key" : option,
                        (nvgre ? GreSettingsCheck.VSID : GreSettingsCheck.KEY)
                                + (none ? "; or in_key and out_key" : "; or key for both"));
    }

    private Udp udp() {
        if (!udp) {
            String accepted = "only with encap=udp";
            refuseGiven("dst_port", dstPort, accepted);
            refuseGiven("udp_csum", udpCsum, accepted);
            refuseUdpOptions(accepted);
            return null;
        }
        return new Udp(
                dstPort == null ? DEFAULT_PORT : dstPort,
                firstSourcePort(),
                lastSourcePort(),
                sourcePorts(seq ? 1 : DEFAULT_SOURCE_PORTS),
                udpCsum == null || udpCsum,
                zeroChecksumReceive(),
                coalescing());
    }
}
