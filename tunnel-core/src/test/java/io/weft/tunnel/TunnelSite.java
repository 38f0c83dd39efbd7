package io.weft.tunnel;

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
import io.weft.underlay.MemoryHost;
import io.weft.worker.AttachedDriver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A switch of a {@link TunnelLab}. Whatever is done here is done with to the end when it returns.
 *
 * @param <S> what a switch is there
 */
public abstract class TunnelSite<S extends TunnelSite<S>> {
    public final VirtualSwitch lan;
    public final MemoryHost host;

    /** What drivers said. */
    public final List<String> messages = new ArrayList<>();

    private final TunnelLab<S> lab;
    private final String name;
    private final String listeners;
    private final Map<String, MemoryPort> memory = new LinkedHashMap<>();
    private final Map<String, TunnelPort> tunnels = new LinkedHashMap<>();
    private final Map<String, AttachedDriver> drivers = new LinkedHashMap<>();

    /**
     * A switch.
     *
     * @param listeners what its listeners' figures begin with, as {@code vtep}
     */
    protected TunnelSite(TunnelLab<S> lab, String name, MemoryHost host, String listeners) {
        this.lab = lab;
        this.name = name;
        this.host = host;
        this.listeners = listeners;
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

    @SuppressWarnings("unchecked")
    private S self() {
        return (S) this;
    }

    // ---- ports ----

    public S memory(String port) throws PortException {
        return memory(port, PortSettings.DEFAULT);
    }

    public S memory(String port, PortSettings settings) throws PortException {
        MemoryPort made = new MemoryPort(port);
        memory.put(port, made);
        return add(port, made, settings);
    }

    /** Adds a tunnel, which is found by its name from now on. */
    protected S tunnel(TunnelPort made, PortSettings settings) throws PortException {
        add(made.name(), made, settings);
        tunnels.put(made.name(), made);
        return self();
    }

    public S add(String port, PortDriver driver, PortSettings settings) throws PortException {
        drivers.put(port, lan.add(driver, settings));
        lab.settle();
        return self();
    }

    public void remove(String port) {
        drivers.remove(port).close();
        memory.remove(port);
        tunnels.remove(port);
        lab.settle();
    }

    protected TunnelPort tunnel(String port) {
        return tunnels.get(port);
    }

    /** The only remote end with this address. */
    public RemoteEnd remote(String port, String address) {
        return tunnel(port).remotes().stream()
                .filter(remote -> remote.peer().toSocketAddress().getAddress().equals(TunnelLab.address(address)))
                .findAny()
                .orElseThrow();
    }

    // ---- frames ----

    public void send(String port, byte[]... frames) {
        for (byte[] frame : frames) {
            enqueue(port, frame);
        }
        lab.settle();
    }

    /** Lets a frame come in by a memory port when the switch is next stepped. */
    public void enqueue(String port, byte[] frame) {
        if (!memory.get(port).send(frame)) {
            throw new AssertionError("no room at " + port);
        }
    }

    /** What came out of a memory port since the last call. */
    public List<byte[]> take(String port) {
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame = memory.get(port).receive();
                frame != null;
                frame = memory.get(port).receive()) {
            frames.add(frame);
        }
        return frames;
    }

    // ---- accounts ----

    public PortStatistics statistics(String port) {
        return lan.port(port).status().statistics();
    }

    public long dropped(String port, DropReason reason) {
        return statistics(port).dropped(reason);
    }

    /** Datagrams that became no frame for a reason; of all listening sockets. */
    public long refused(Enum<?> reason) {
        return lan.metrics().samples().stream()
                .filter(sample -> sample.name().equals("weft_" + listeners + "_refused_datagrams_total")
                        && sample.labels().containsValue(reason.name().toLowerCase(Locale.ROOT)))
                .mapToLong(sample -> sample.value())
                .sum();
    }

    public long refused() {
        return lan.metrics().samples().stream()
                .filter(sample -> sample.name().equals("weft_" + listeners + "_refused_datagrams_total"))
                .mapToLong(sample -> sample.value())
                .sum();
    }

    /** A reading of a tunnel, named without {@code weft_} and its scheme in front. */
    public long reading(String port, String reading) {
        return lan.metrics().value("weft_" + tunnel(port).tunnel().scheme() + "_" + reading, name, port);
    }

    /** A reading of a remote end. */
    public long reading(String port, RemoteEnd remote, String reading) {
        return lan.metrics()
                .value(
                        "weft_" + tunnel(port).tunnel().scheme() + "_remote_" + reading,
                        name,
                        port,
                        remote.peer().toString(),
                        "" + remote.endpoint());
    }

    /** Where a station is known to be, as "vx" and its endpoint, "vx 2 static"; "" when it is not. */
    public String whereIs(int vlan, String mac) {
        return lan.fdb().stations().stream()
                .filter(station -> station.vlan() == vlan && station.mac() == MacAddress.parse(mac))
                .map(TunnelSite::place)
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
