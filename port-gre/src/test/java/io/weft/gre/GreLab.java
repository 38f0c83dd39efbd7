package io.weft.gre;

import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.TunnelLab;
import io.weft.underlay.MemoryDatagram;
import io.weft.underlay.MemoryHost;

/** Switches with GRE ports on one network in memory. */
final class GreLab extends TunnelLab<GreSite> {
    /** GRE's protocol number. */
    static final int GRE = 47;

    /** GRE's UDP port. */
    static final int UDP_PORT = 4_754;

    @Override
    protected GreSite newSite(String name, MemoryHost host) {
        return new GreSite(this, name, host);
    }

    /** Switches "1" and "2" of hosts 10.0.0.1 and 10.0.0.2, each with a memory port "h" and a port "g" to the other. */
    static GreLab pair(String options) throws Exception {
        return pair("10.0.0.1", "10.0.0.2", "gretap", options, options);
    }

    /** The same with these addresses, and options of their own. */
    static GreLab pair(String one, String other, String scheme, String options, String otherOptions) throws Exception {
        GreLab lab = new GreLab();
        lab.site("1", one);
        lab.site("2", other);
        lab.site(1).memory("h").gre(scheme + ":g?remote_ip=" + other + options);
        lab.site(2).memory("h").gre(scheme + ":g?remote_ip=" + one + otherOptions);
        return lab;
    }

    /** Switches "1".."N" of hosts 10.0.0.1..N, each with a memory port "h" and a port "g" to all others. */
    static GreLab mesh(int size, String options) throws Exception {
        GreLab lab = new GreLab();
        for (int i = 1; i <= size; i++) {
            lab.site("" + i, "10.0.0." + i);
        }
        for (int i = 1; i <= size; i++) {
            StringBuilder remotes = new StringBuilder();
            for (int j = 1; j <= size; j++) {
                remotes.append(i == j ? "" : (remotes.isEmpty() ? "" : ",") + "10.0.0." + j);
            }
            lab.site("" + i).memory("h").gre("mgretap:g?remote_ip=" + remotes + options);
        }
        return lab;
    }

    /** A GRE packet, or whatever the bytes are, from one address to another. */
    static MemoryDatagram datagram(String from, String to, byte[] packet) {
        return MemoryDatagram.of(GRE, packet, peer(from, 0), peer(to, 0));
    }

    /** Lets a GRE packet come. */
    void inject(String from, String to, byte[] packet) {
        network.inject(datagram(from, to, packet));
        settle();
    }

    /** Lets one come in UDP. */
    void injectUdp(String from, String to, byte[] packet) {
        network.inject(packet, peer(from, 50_000), peer(to, UDP_PORT));
        settle();
    }

    /** Lets GRE packets come in UDP in one message with this segment size. */
    void injectBurst(String from, String to, int segmentSize, byte[]... packets) {
        network.injectMessage(InnerFrames.concat(packets), segmentSize, peer(from, 50_000), peer(to, UDP_PORT));
    }
}
