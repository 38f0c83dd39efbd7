package io.weft;

import io.weft.bridge.PortSettings;
import io.weft.event.Station;
import io.weft.event.SwitchListener;
import io.weft.frame.Frame;
import io.weft.frame.MacAddress;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.worker.AttachedDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.api.Assertions;

/** A switch for scenarios: memory ports, a clock that stands still until told, and a list of what was heard. */
final class SteppedLan implements AutoCloseable {
    static final String BROADCAST = "ff:ff:ff:ff:ff:ff";
    static final String GROUP = "33:33:00:00:00:01";
    static final String A = "02:00:00:00:00:0a";
    static final String B = "02:00:00:00:00:0b";
    static final String C = "02:00:00:00:00:0c";

    /** What listeners heard but FDB changes: "port b down: reason". */
    final List<String> heard = new ArrayList<>();

    private final Map<String, MemoryPort> ports = new TreeMap<>();
    private final Map<String, AttachedDriver> drivers = new TreeMap<>();
    private long nowNs = 1_000_000_000_000L;

    final VirtualSwitch lan = VirtualSwitch.builder()
            .invoker(() -> nowNs)
            .workers(2)
            .listener(new Ear())
            .build();

    private final class Ear implements SwitchListener {
        @Override
        public void portUp(String port) {
            heard.add(port + " up");
        }

        @Override
        public void portDown(String port, String reason) {
            heard.add(port + " down: " + reason);
        }

        @Override
        public void flapping(Station station) {
            heard.add("flapping: " + station);
        }

        @Override
        public void storm(String port, DropReason storm) {
            heard.add(port + " " + storm);
        }

        @Override
        public void violation(Station station) {
            heard.add("violation: " + station);
        }
    }

    // ---- frames ----

    /** An untagged frame of 60 bytes. */
    static byte[] frame(String destination, String source) {
        return frame(destination, source, 60);
    }

    static byte[] frame(String destination, String source, int length) {
        byte[] frame = new byte[length];
        putMac(frame, 0, destination);
        putMac(frame, 6, source);
        frame[12] = 0x08;
        for (int i = 14; i < length; i++) {
            frame[i] = (byte) i;
        }
        return frame;
    }

    private static void putMac(byte[] frame, int offset, String mac) {
        long address = MacAddress.parse(mac);
        for (int i = 0; i < 6; i++) {
            frame[offset + i] = (byte) (address >> 40 - 8 * i);
        }
    }

    /** The frame with one more tag of a VLAN, outside of those it has. */
    static byte[] tagged(int vlan, byte[] frame) {
        return ReferenceVlans.withTag(frame, 0x8100, vlan);
    }

    /** The same with a service tag. */
    static byte[] serviceTagged(int vlan, byte[] frame) {
        return ReferenceVlans.withTag(frame, 0x88a8, vlan);
    }

    /** The same with a priority, 0..7; VLAN 0 for a priority tag. */
    static byte[] tagged(int vlan, int priority, byte[] frame) {
        return ReferenceVlans.withTag(frame, 0x8100, priority << 13 | vlan);
    }

    // ---- ports ----

    SteppedLan port(String name) throws PortException {
        return port(name, PortSettings.DEFAULT);
    }

    SteppedLan port(String name, PortSettings settings) throws PortException {
        return port(name, settings, Frame.MAX_LENGTH);
    }

    SteppedLan port(String name, PortSettings settings, int maxFrameLength) throws PortException {
        MemoryPort port = new MemoryPort(name, maxFrameLength);
        drivers.put(name, lan.add(port, settings));
        ports.put(name, port);
        return this;
    }

    MemoryPort memory(String name) {
        return ports.get(name);
    }

    void remove(String name) {
        drivers.remove(name).close();
        ports.remove(name);
    }

    // ---- traffic ----

    /** Sends a frame into a port; returns the names of those it came out of. */
    List<String> reached(String from, byte[] frame) {
        drain();
        send(from, frame);
        return drain();
    }

    void send(String from, byte[] frame) {
        Assertions.assertThat(ports.get(from).send(frame)).isTrue();
        settle();
    }

    private List<String> drain() {
        TreeSet<String> reached = new TreeSet<>();
        for (String name : ports.keySet()) {
            if (!take(name).isEmpty()) {
                reached.add(name);
            }
        }
        return List.copyOf(reached);
    }

    /** What came out of a port since the last look. */
    List<byte[]> take(String name) {
        List<byte[]> frames = new ArrayList<>();
        for (byte[] frame = ports.get(name).receive();
                frame != null;
                frame = ports.get(name).receive()) {
            frames.add(frame);
        }
        return frames;
    }

    void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    void pass(Duration time) {
        nowNs += time.toNanos();
        settle();
    }

    long dropped(String port, DropReason reason) {
        return lan.port(port).status().statistics().dropped(reason);
    }

    /** Where a station is known to be, as "b" or "b static", or "" when it is not. */
    String whereIs(int vlan, String mac) {
        return lan.fdb().stations().stream()
                .filter(station -> station.vlan() == vlan && station.mac() == MacAddress.parse(mac))
                .map(Station::toString)
                .map(text -> text.substring(text.indexOf(" at ") + 4))
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() {
        lan.close();
        Assertions.assertThat(lan.statistics().unaccounted()).isZero();
    }
}
