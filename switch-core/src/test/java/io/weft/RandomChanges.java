package io.weft;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.bridge.FloodTarget;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.fdb.FdbEntry.Kind;
import io.weft.frame.Frame;
import io.weft.frame.MacAddress;
import io.weft.mirror.Mirror;
import io.weft.port.MemoryPort;
import io.weft.worker.AttachedDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Changes of a switch at random, each made to the {@link ReferenceBridge}, too. */
final class RandomChanges {
    static final int MAX_PORTS = 9;

    private static final Kind[] KINDS = {Kind.DYNAMIC, Kind.STATIC, Kind.STICKY, Kind.CONTROL};
    private static final int MAX_MIRRORS = 2;

    record Attached(MemoryPort port, AttachedDriver driver) {}

    final Map<String, Attached> attached = new TreeMap<>();
    private final Map<String, TrafficRecord> mirrors = new TreeMap<>();
    private final SplittableRandom random;
    private final RandomFrames frames;
    private final RandomSettings settings;
    private final VirtualSwitch lan;
    private final ReferenceBridge reference;
    private int nextName;

    RandomChanges(SplittableRandom random, RandomFrames frames, VirtualSwitch lan, ReferenceBridge reference) {
        this.random = random;
        this.frames = frames;
        this.settings = new RandomSettings(random);
        this.lan = lan;
        this.reference = reference;
    }

    String anyPort() {
        List<String> names = new ArrayList<>(attached.keySet());
        return names.get(random.nextInt(names.size()));
    }

    /** Changes something, most often one port's settings or one entry of the FDB. */
    void next() throws Exception {
        if (attached.size() < 3) {
            add();
            return;
        }
        String port = anyPort();
        switch (random.nextInt(20)) {
            case 0 -> {
                if (attached.size() < MAX_PORTS) {
                    add();
                }
            }
            case 1 -> {
                if (random.nextBoolean()) {
                    attached.remove(port).driver.close();
                    reference.remove(port);
                }
            }
            case 2 -> {
                attached.get(port).port.down("for a while");
                reference.down(port);
            }
            case 3 -> {
                attached.get(port).port.up();
                reference.up(port);
            }
            case 4, 5 -> {
                lan.port(port).enable();
                reference.enable(port);
            }
            case 6, 7, 8, 9 -> change(port);
            case 10, 11 -> {
                lan.port(port).settings(PortSettings.DEFAULT);
                reference.change(port, PortSettings.DEFAULT);
            }
            case 12, 13, 14 -> setOrDelete(port);
            case 15 -> {
                if (random.nextBoolean()) {
                    flush(port);
                }
            }
            case 16 -> mirror(port);
            case 17 -> floodList();
            default -> limits();
        }
    }

    // ---- ports ----

    private void add() throws Exception {
        // Names come back: a port that takes the name of one that left is a new port.
        String name = "p" + (random.nextInt(3) == 0 ? random.nextInt(4) : nextName++);
        if (attached.containsKey(name)) {
            return;
        }
        int maxFrameLength = random.nextInt(4) == 0 ? 14 + random.nextInt(100) : Frame.MAX_LENGTH;
        MemoryPort port = new MemoryPort(name, maxFrameLength);
        PortSettings chosen = settings.next();
        attached.put(name, new Attached(port, lan.add(port, chosen)));
        reference.add(name, chosen, maxFrameLength);
    }

    private void change(String port) {
        lan.port(port).change(settings::change);
        reference.change(port, lan.port(port).settings());
    }

    // ---- the FDB ----

    private void setOrDelete(String port) {
        int vlan = random.nextInt(3) == 0 ? 0 : settings.vlan();
        long mac = frames.station(random.nextInt(frames.stationCount()));
        if (random.nextInt(3) == 0) {
            lan.fdb().delete(vlan, MacAddress.format(mac));
            reference.fdb.flush((station, entry) -> station.vlan() == vlan && station.mac() == mac);
            return;
        }
        Kind kind = KINDS[random.nextInt(KINDS.length)];
        int endpoint = random.nextInt(4) == 0 ? random.nextInt(5) : 0;
        lan.fdb().set(kind, vlan, MacAddress.format(mac), port, endpoint);
        reference.fdb.set(kind, vlan, mac, reference.port(port), endpoint);
    }

    private void flush(String port) {
        int vlan = settings.vlan();
        Kind kind = KINDS[random.nextInt(KINDS.length)];
        int flushed;
        int expected;
        switch (random.nextInt(4)) {
            case 0 -> {
                flushed = lan.fdb().flush();
                expected = reference.fdb.flushLearned((station, entry) -> true);
            }
            case 1 -> {
                flushed = lan.fdb().flushVlan(vlan);
                expected = reference.fdb.flushLearned((station, entry) -> station.vlan() == vlan);
            }
            case 2 -> {
                flushed = lan.fdb().flushPort(port);
                expected = reference.flushPort(port);
            }
            default -> {
                flushed = lan.fdb().flushKind(kind);
                expected = reference.fdb.flush((station, entry) -> entry.kind == kind);
            }
        }
        assertThat(flushed).as("flushed").isEqualTo(expected);
    }

    private void limits() {
        switch (random.nextInt(4)) {
            case 0 -> {
                int seconds = 1 + random.nextInt(400);
                lan.fdb().ageingTime(Duration.ofSeconds(seconds));
                reference.fdb.ageingSeconds(seconds);
            }
            case 1 -> lan.fdb().resize(1_024 + random.nextInt(8_192)); // always enough for all stations
            case 2 -> {
                VlanSet vlans = random.nextInt(3) == 0 ? settings.set().minus(VlanSet.of(0)) : VlanSet.NONE;
                lan.fdb().learningOff(vlans);
                reference.learningOff(vlans);
            }
            default -> {
                lan.fdb().ageingTime(Duration.ofSeconds(300));
                reference.fdb.ageingSeconds(300);
            }
        }
    }

    // ---- flooding and mirrors ----

    private void floodList() {
        int vlan = random.nextInt(3) == 0 ? 0 : settings.vlan();
        if (random.nextInt(3) > 0) {
            lan.fdb().clearFloodList(vlan);
            reference.clearFloodList(vlan);
            return;
        }
        List<FloodTarget> targets = new ArrayList<>();
        for (int i = random.nextInt(attached.size() + 1); i > 0; i--) {
            targets.add(new FloodTarget(anyPort(), random.nextInt(3)));
        }
        lan.fdb().floodList(vlan, targets);
        reference.floodList(vlan, targets);
    }

    private void mirror(String output) throws Exception {
        String name = "m" + random.nextInt(MAX_MIRRORS);
        if (mirrors.containsKey(name)) {
            mirrors.remove(name).close();
            reference.removeMirror(name);
            return;
        }
        if (reference.isMirrorOutput(reference.port(output))) {
            return; // whose copy of a frame would come first, nobody says
        }
        Mirror.Builder mirror = Mirror.of(name);
        if (random.nextInt(4) == 0) {
            mirror.allPorts();
        }
        mirror.source(anyPort()).destination(anyPort()).port(anyPort());
        if (random.nextBoolean()) {
            mirror.vlans(settings.set());
        }
        if (random.nextInt(3) == 0) {
            mirror.snapLength(14 + random.nextInt(60));
        }
        Mirror toPort = mirror.toPort(output);
        mirrors.put(name, lan.mirror(toPort));
        reference.addMirror(toPort);
    }
}
