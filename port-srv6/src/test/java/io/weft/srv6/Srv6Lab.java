package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.frame.IpPrefix;
import io.weft.port.PortException;
import io.weft.tunnel.TunnelLab;
import io.weft.underlay.MemoryDatagram;
import io.weft.underlay.MemoryHost;
import io.weft.underlay.UnderlayPeer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Switches with SRv6 ports on one network in memory. Switch "N" is on a host with the address {@code fc00:N::1}, to which the locator
 * {@code fc00:N::/32} leads.
 */
final class Srv6Lab extends TunnelLab<Srv6Site> {
    private final List<Srv6Line> lines = new ArrayList<>();

    @Override
    protected Srv6Site newSite(String name, MemoryHost host) {
        return new Srv6Site(this, name, host);
    }

    /**
     * Switches "1" to "N", at most 8; and a host with all addresses that begin with {@code fc00:9}, which does nothing with what comes.
     */
    static Srv6Lab of(int size) {
        Srv6Lab lab = new Srv6Lab();
        lab.network.host(address("fc00:9::ffff")).locators(IpPrefix.parse("fc00:9::/32"));
        for (int i = 1; i <= size; i++) {
            lab.site("" + i, "fc00:" + i + "::1").host.locators(IpPrefix.parse("fc00:" + i + "::/32"));
        }
        return lab;
    }

    /** Switches "1" and "2", each with a memory port "h" and a port "s" of this mode to the other, with options of their own besides. */
    static Srv6Lab pair(String mode, String options, String otherOptions) throws Exception {
        Srv6Lab lab = of(2);
        lab.site(1).memory("h").srv6("srv6:s?mode=" + mode + "&local_ip=fc00:1::d1" + more(options));
        lab.site(2).memory("h").srv6("srv6:s?mode=" + mode + "&local_ip=fc00:2::d2" + more(otherOptions));
        return lab;
    }

    /** A port of one VLAN. */
    static PortSettings access(int vlan) {
        return PortSettings.builder().vlans(VlanSettings.access(vlan)).build();
    }

    /** A port of one VLAN, whose frames have its tag. */
    static PortSettings trunk(int vlan) {
        return PortSettings.builder()
                .vlans(VlanSettings.trunk(VlanSet.of(vlan)))
                .build();
    }

    private static String more(String options) {
        return options.isEmpty() ? "" : "&" + options;
    }

    /** A layer-3 port of a switch's host, which is not in the switch but joined to a memory port. */
    Srv6Line line(int site, String uri) throws PortException {
        return line(site(site).made(uri));
    }

    Srv6Line line(Srv6Port port) throws PortException {
        Srv6Line line = new Srv6Line(this, port);
        lines.add(line);
        settle();
        return line;
    }

    @Override
    public void settle() {
        boolean worked = true;
        while (worked) {
            super.settle();
            worked = false;
            for (Srv6Line line : lines) {
                worked |= line.wire.step();
            }
        }
    }

    @Override
    public void close() {
        settle();
        for (Srv6Line line : lines) {
            assertThat(line.wire.statistics().unaccounted()).isZero();
            line.wire.close();
            assertThat(line.wire.statistics().unaccounted()).isZero();
        }
        lines.clear();
        super.close();
    }

    // ---- packets ----

    /** Lets a whole packet come, whatever its header says of its length. */
    void inject(byte[] packet) {
        network.inject(datagram(packet));
        settle();
    }

    static MemoryDatagram datagram(byte[] packet) {
        ByteBuffer header = ByteBuffer.wrap(packet);
        int first = header.getInt();
        header.getShort();
        int protocol = header.get() & 0xff;
        int hopLimit = header.get() & 0xff;
        UnderlayPeer from = new UnderlayPeer(header.getLong(), header.getLong(), 0, 0);
        UnderlayPeer to = new UnderlayPeer(header.getLong(), header.getLong(), 0, 0);
        byte[] payload = Arrays.copyOfRange(packet, 40, packet.length);
        int label = first & 0xf_ffff;
        return new MemoryDatagram(protocol, payload, from, to, first >>> 20 & 0xff, hopLimit, label, true, false, true);
    }

    /** The packets that were sent or injected since the last call, whole. */
    List<byte[]> takePackets() {
        return takeSent().stream().map(Srv6Lab::bytes).toList();
    }

    static byte[] bytes(MemoryDatagram sent) {
        return ByteBuffer.allocate(40 + sent.bytes().length)
                .putInt(6 << 28 | sent.trafficClass() << 20 | sent.flowLabel())
                .putShort((short) sent.bytes().length)
                .put((byte) sent.protocol())
                .put((byte) sent.ttl())
                .putLong(sent.from().high())
                .putLong(sent.from().low())
                .putLong(sent.to().high())
                .putLong(sent.to().low())
                .put(sent.bytes())
                .array();
    }
}
