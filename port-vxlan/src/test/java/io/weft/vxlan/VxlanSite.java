package io.weft.vxlan;

import io.weft.bridge.PortSettings;
import io.weft.port.PortException;
import io.weft.port.PortUri;
import io.weft.tunnel.TunnelSite;
import io.weft.underlay.MemoryHost;

/** A switch of a {@link VxlanLab}. */
final class VxlanSite extends TunnelSite<VxlanSite> {
    VxlanSite(VxlanLab lab, String name, MemoryHost host) {
        super(lab, name, host, "vtep");
    }

    /** A VXLAN port with options as in a URI. */
    VxlanSite vxlan(String port, String options) throws PortException {
        return vxlan(port, options, PortSettings.DEFAULT);
    }

    VxlanSite vxlan(String port, String options, PortSettings settings) throws PortException {
        return tunnel(new VxlanPort(settings("vxlan:" + port + "?" + options), host), settings);
    }

    static VxlanSettings settings(String uri) {
        return ((VxlanPort) new VxlanPortProvider().create(PortUri.parse(uri))).settings();
    }

    VxlanPort vxlan(String port) {
        return (VxlanPort) tunnel(port);
    }
}
