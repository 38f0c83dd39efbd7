package io.weft.vxlan;

import io.weft.tunnel.TunnelLab;
import io.weft.underlay.MemoryDatagram;
import io.weft.underlay.MemoryHost;

/** Switches with VXLAN ports on one network in memory. */
final class VxlanLab extends TunnelLab<VxlanSite> {
    static final int PORT = 4_789;

    @Override
    protected VxlanSite newSite(String name, MemoryHost host) {
        return new VxlanSite(this, name, host);
    }

    /** Switches "1".."N" of hosts 10.0.0.1..N, each with a memory port "h" and a VXLAN port "vx" to all others, in VNI 100. */
    static VxlanLab mesh(int size, String options) throws Exception {
        VxlanLab lab = new VxlanLab();
        for (int i = 1; i <= size; i++) {
            lab.site("" + i, "10.0.0." + i);
        }
        for (int i = 1; i <= size; i++) {
            StringBuilder remotes = new StringBuilder();
            for (int j = 1; j <= size; j++) {
                remotes.append(i == j ? "" : (remotes.isEmpty() ? "" : ",") + "10.0.0." + j);
            }
            lab.site("" + i).memory("h").vxlan("vx", "key=100&remote_ip=" + remotes + options);
        }
        return lab;
    }

    /** Lets a VXLAN packet come from an address at the VTEP of another one. */
    void inject(String from, String to, int vni, byte[] frame) {
        inject(from, to, VxlanBytes.packet(vni, frame));
    }

    /** The same with arbitrary bytes. */
    void inject(String from, String to, byte[] datagram) {
        network.inject(datagram, peer(from, 50_000), peer(to, PORT));
        settle();
    }

    /** The same with another outer traffic class. */
    void inject(String from, String to, int vni, byte[] frame, int trafficClass) {
        network.inject(MemoryDatagram.of(VxlanBytes.packet(vni, frame), peer(from, 50_000), peer(to, PORT))
                .withTrafficClass(trafficClass));
        settle();
    }
}
