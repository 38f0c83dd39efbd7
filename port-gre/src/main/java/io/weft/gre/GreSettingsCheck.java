package io.weft.gre;

import io.weft.gre.GreSettings.Payload;
import io.weft.tunnel.Refusal;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.RouteSpec;
import io.weft.tunnel.StationSpec;
import io.weft.tunnel.TunnelSettings;
import io.weft.tunnel.TunnelSettingsCheck;
import io.weft.tunnel.UdpTunnelCheck;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What must hold of a GRE port's settings before anything is opened.
 *
 * <p>Threads: confined.
 */
final class GreSettingsCheck extends TunnelSettingsCheck {
    static final String KEY = "a GRE key, 0..4294967295, also as 0x0..0xffffffff or 0.0.0.0..255.255.255.255; or none";
    static final String VSID = "a VSID with nvgre, 4096..16777214";
    static final String PORT = "1..65535 without 4755, where GRE in DTLS is expected";

    private static final int DTLS_PORT = 4_755; // RFC 8086, 8.3

    private final GreSettings settings;
    private final TunnelSettings tunnel;

    private GreSettingsCheck(GreSettings settings) {
        super(settings.tunnel());
        this.settings = settings;
        this.tunnel = settings.tunnel();
    }

    /**
     * Checks all of it.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    static void check(GreSettings settings) {
        GreSettingsCheck check = new GreSettingsCheck(settings);
        check.kind();
        check.key("in_key", settings.inKey());
        check.key("out_key", settings.outKey());
        if (settings.payload() == Payload.NVGRE) {
            check.nvgre();
        }
        if (settings.payload() == Payload.IP) {
            check.withoutEthernet();
        }
        if (settings.udp() != null) {
            check.udp();
        }
        check.checkTunnel();
        check.flowLabel();
        check.numberOfRemotes();
        check.routes();
    }

    /**
     * Checks a remote end that is added to a port with these settings.
     *
     * @throws io.weft.port.InvalidPortException naming the option, its value and what is accepted
     */
    static void checkAdded(GreSettings settings, String option, Object value, RemoteSpec remote) {
        new GreSettingsCheck(settings).checkRemote(option, value, remote);
    }

    private void kind() {
        boolean fits =
                switch (tunnel.scheme()) {
                    case GreBuilder.GRETAP, GreBuilder.MGRETAP -> settings.payload() != Payload.IP;
                    case GreBuilder.GRE -> settings.payload() == Payload.IP;
                    default -> false;
                };
        if (!fits) {
            throw refusal()
                    .plain("payload is " + settings.payload()
                            + "; accepted: IP for gre, ETHERNET and NVGRE for gretap and mgretap");
        }
        if (tunnel.learnRemotes() && !tunnel.scheme().equals(GreBuilder.MGRETAP)) {
            throw refusal().of("learn_remotes", true, "only with mgretap");
        }
    }

    private void key(String option, long key) {
        checkKey(refusal(), option, key, settings.payload() == Payload.NVGRE);
    }

    /** Checks a key, given by this option. */
    static void checkKey(Refusal refusal, String option, long key, boolean nvgre) {
        boolean accepted = nvgre
                ? key >= Nvgre.MIN_VSID && key <= Nvgre.MAX_VSID
                : key >= GreSettings.NO_KEY && key <= RemoteSpec.MAX_KEY;
        if (!accepted) {
            throw refusal.of(option, key == GreSettings.NO_KEY ? "none" : key, nvgre ? VSID : KEY);
        }
    }

    /** What its header does not have. */
    private void nvgre() {
        never("keyless_is_zero", settings.keylessIsZero(), "false with nvgre, which always has a key");
        String plain = "false with nvgre, which has no checksum (RFC 7637, 3.2)";
        never("csum", settings.checksum(), plain);
        never("csum_required", settings.checksumRequired(), plain);
        never("seq", settings.sequence(), "false with nvgre, which has no sequence numbers (RFC 7637, 3.2)");
        if (tunnel.carryTags()) {
            throw refusal().of("inner_tags", "carry", "discard with nvgre (RFC 7637, 3.3)");
        }
    }

    private void never(String option, boolean set, String accepted) {
        if (set) {
            throw refusal().of(option, true, accepted);
        }
    }

    private void withoutEthernet() {
        String accepted = "only with gretap and mgretap, since gre carries no Ethernet frames";
        if (tunnel.carryTags()) {
            throw refusal().of("inner_tags", "carry", accepted);
        }
        never("bfd", tunnel.bfd() != null, accepted);
        if (!tunnel.stations().isEmpty()) {
            throw refusal().of("fdb", tunnel.stations().get(0), accepted);
        }
    }

    private void udp() {
        GreSettings.Udp udp = settings.udp();
        if (udp.port() < 1 || udp.port() > 65_535 || udp.port() == DTLS_PORT) {
            throw refusal().of("dst_port", udp.port(), PORT);
        }
        UdpTunnelCheck.sourcePorts(refusal(), udp.firstSourcePort(), udp.lastSourcePort(), udp.sourcePorts());
        if (settings.sequence() && udp.sourcePorts() > 1) {
            throw refusal()
                    .of(
                            "src_ports",
                            udp.sourcePorts(),
                            "1 with seq: packets from several ports overtake each other, and late ones are dropped");
        }
        UdpTunnelCheck.zeroChecksum(refusal(), udp.zeroChecksumReceive(), tunnel.isFamilyDecided() && !tunnel.ipv6());
    }

    private void flowLabel() {
        if (!settings.flowLabel() && tunnel.isFamilyDecided() && !tunnel.ipv6()) {
            throw refusal().of("flow_label", 0, "auto over IPv4, which has no flow labels");
        }
    }

    private void numberOfRemotes() {
        List<RemoteSpec> remotes = tunnel.remotes();
        if (tunnel.scheme().equals(GreBuilder.MGRETAP)) {
            return;
        }
        if (remotes.isEmpty() && tunnel.scheme().equals(GreBuilder.GRETAP)) {
            throw refusal().missing("remote_ip", "an IPv4 or IPv6 address or a name");
        }
        if (tunnel.scheme().equals(GreBuilder.GRETAP) && remotes.size() > 1) {
            throw refusal()
                    .of(
                            "remote_ip",
                            remotes.stream().map(RemoteSpec::toString).collect(Collectors.joining(",")),
                            "one remote end; mgretap has many");
        }
        if (remotes.size() > 1 && settings.routes().isEmpty()) {
            throw refusal().missing("route", RouteSpec.ACCEPTED + "; it is needed where there are several remote ends");
        }
    }

    private void routes() {
        if (settings.routes().isEmpty()) {
            return;
        }
        if (settings.payload() != Payload.IP) {
            throw refusal().of("route", settings.routes().get(0), "only with gre, which carries IP packets");
        }
        RouteSpec.check(refusal(), settings.routes(), tunnel.remotes(), "an address that remote_ip has");
    }

    @Override
    protected String besidesAddress() {
        return "the port and the key";
    }

    @Override
    protected void checkRemote(String option, Object value, RemoteSpec remote) {
        if (settings.udp() == null && remote.port() != 0) {
            throw refusal().of(option, value, "without a port, which there is only with encap=udp");
        }
        if (remote.port() == DTLS_PORT) {
            throw refusal().of(option, value, "with another port than 4755, where GRE in DTLS is expected");
        }
        boolean nvgre = settings.payload() == Payload.NVGRE;
        if (nvgre && remote.key() >= 0 && (remote.key() < Nvgre.MIN_VSID || remote.key() > Nvgre.MAX_VSID)) {
            throw refusal().of(option, value, "with " + VSID);
        }
    }

    /** Frames to a station that is elsewhere would have a second remote end. */
    @Override
    protected void checkStation(StationSpec station) {
        List<RemoteSpec> remotes = tunnel.remotes();
        if (tunnel.scheme().equals(GreBuilder.GRETAP)
                && remotes.stream().noneMatch(remote -> remote.host()
                        .equals(station.remote().host()))) {
            throw refusal().of("fdb", station, "with dst remote_ip, as an address; mgretap has many remote ends");
        }
    }
}
