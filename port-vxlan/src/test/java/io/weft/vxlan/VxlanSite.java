package io.weft.vxlan;

import io.weft.VirtualSwitch;
import io.weft.bridge.PortSettings;
import io.weft.event.Station;
import io.weft.event.SwitchListener;
import io.weft.frame.MacAddress;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.port.PortUri;
import io.weft.tunnel.RemoteEnd;
import io.weft.underlay.MemoryHost;
import io.weft.worker.AttachedDriver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A switch of a {@link VxlanLab}. Whatever is done here is done with to the end when it returns. */
final class VxlanSite {
    final VirtualSwitch lan;
    final MemoryHost host;

    /** What drivers said. */
    final List<String> messages = new ArrayList<>();

    private final VxlanLab lab;
    private final String name;
    private final Map<String, MemoryPort> memory = new LinkedHashMap<>();
    private final Map<String, VxlanPort> vxlan = new LinkedHashMap<>();
    private final Map<String, AttachedDriver> drivers = new LinkedHashMap<>();

    VxlanSite(VxlanLab lab, String name, MemoryHost host) {
        this.lab = lab;
        this.name = name;
        this.host = host;
        lan = VirtualSwitch.builder()
                .name(name)
                .invoker(lab::nanoTime)
                .workers(2)
                .listener(new SwitchListener() {
                    @Override
                    public void message(String driver, String text) {
                        messages.add(text);
                    }
                })
                .build();
    }

    // ---- ports ----

    VxlanSite memory(String port) throws PortException {
        return memory(port, PortSettings.DEFAULT);
    }

    VxlanSite memory(String port, PortSettings settings) throws PortException {
        MemoryPort made = new MemoryPort(port);
        memory.put(port, made);
        return add(port, made, settings);
    }

    /** A VXLAN port with options as in a URI. */
    VxlanSite vxlan(String port, String options) throws PortException {
        return vxlan(port, options, PortSettings.DEFAULT);
    }

    VxlanSite vxlan(String port, String options, PortSettings settings) throws PortException {
        VxlanSettings parsed = settings("vxlan:" + port + "?" + options);
        VxlanPort made = new VxlanPort(parsed, host);
        add(port, made, settings);
        vxlan.put(port, made);
        return this;
    }

    VxlanSite add(String port, PortDriver driver, PortSettings settings) throws PortException {
        drivers.put(port, lan.add(driver, settings));
        lab.settle();
        return this;
    }

    static VxlanSettings settings(String uri) {
        return ((VxlanPort) new VxlanPortProvider().create(PortUri.parse(uri))).settings();
    }

    void remove(String port) {
        drivers.remove(port).close();
        memory.remove(port);
        vxlan.remove(port);
        lab.settle();
    }

    VxlanPort vxlan(String port) {
        return vxlan.get(port);
    }

    /** The only remote end with this address. */
    RemoteEnd remote(String port, String address) {
        return vxlan(port).remotes().stream()
                .filter(remote -> remote.peer().toSocketAddress().getAddress().equals(VxlanLab.address(address)))
                .findAny()
                .orElseThrow();
    }

    // ---- frames ----

    void send(String port, byte[]... frames) {
        for (byte[] frame : frames) {
            if (!memory.get(port).send(frame)) {
                throw new AssertionError("no room at " + port);
            }
        }
        lab.settle();
    }

    /** What came out of a memory port since the last call. */
    List<byte[]> take(String port) {
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame = memory.get(port).receive();
                frame != null;
                frame = memory.get(port).receive()) {
            frames.add(frame);
        }
        return frames;
    }

    // ---- accounts ----

    PortStatistics statistics(String port) {
        return lan.port(port).status().statistics();
    }

    long dropped(String port, DropReason reason) {
        return statistics(port).dropped(reason);
    }

    /** Datagrams that became no frame; of all listening sockets. */
    long refused(VtepCounter reason) {
        return lan.metrics().samples().stream()
                .filter(sample -> sample.name().equals("weft_vtep_refused_datagrams_total")
                        && sample.labels().containsValue(reason.name().toLowerCase(Locale.ROOT)))
                .mapToLong(sample -> sample.value())
                .sum();
    }

    long refused() {
        return lan.metrics().samples().stream()
                .filter(sample -> sample.name().equals("weft_vtep_refused_datagrams_total"))
                .mapToLong(sample -> sample.value())
                .sum();
    }

    /** A reading of a port, named without {@code weft_vxlan_} in front. */
    long reading(String port, String reading) {
        return lan.metrics().value("weft_vxlan_" + reading, name, port);
    }

    /** A reading of a remote end. */
    long reading(String port, RemoteEnd remote, String reading) {
        return lan.metrics()
                .value("weft_vxlan_remote_" + reading, name, port, remote.peer().toString(), "" + remote.endpoint());
    }

    /** Where a station is known to be, as "vx" and its endpoint, "vx 2 static"; "" when it is not. */
    String whereIs(int vlan, String mac) {
        return lan.fdb().stations().stream()
                .filter(station -> station.vlan() == vlan && station.mac() == MacAddress.parse(mac))
                .map(VxlanSite::place)
                .findFirst()
                .orElse("");
    }

    private static String place(Station station) {
        return station.port()
                + (station.endpoint() == 0 ? "" : " " + station.endpoint())
                + (station.kind().toString().equalsIgnoreCase("static") ? " static" : "");
    }

    @Override
    public String toString() {
        return "switch " + name;
    }
}
