package io.weft;

import static io.weft.bridge.PriorityTags.AS_RECEIVED;
import static io.weft.bridge.PriorityTags.IF_NONZERO;
import static io.weft.bridge.PriorityTags.NEVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.bridge.PortSettings;
import io.weft.bridge.PriorityTags;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.frame.MacAddress;
import io.weft.mirror.Mirror;
import io.weft.port.MemoryPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A switch beside Open vSwitch, configured alike at random and given the same frames: the same bytes must leave by the same
 * ports in the same order, but for what {@link OpenVSwitchDifferences} names.
 */
@Timeout(180)
class OpenVSwitchIT {
    private static final int ROUNDS = 60;
    private static final int FRAMES = 120;
    private static final int PORTS = 5;
    private static final int[] VIDS = {0, 0, 10, 20, 30, 4_094};

    private Path directory;
    private OpenVSwitch other;
    private VirtualSwitch lan;
    private SplittableRandom random;
    private final Map<String, MemoryPort> ports = new TreeMap<>();
    private final List<String> description = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        String missing = OpenVSwitch.missing();
        assumeTrue(missing == null, "skipped: " + missing);
        directory = Files.createTempDirectory("weft-ovs");
        other = OpenVSwitch.start(directory);
    }

    @AfterEach
    void end() throws Exception {
        if (other != null) {
            other.close();
        }
        if (directory != null) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Test
    void shouldForwardAsOpenVSwitchDoes() throws Exception {
        SplittableRandom seed = TestSeed.random("OpenVSwitchIT");
        for (int round = 0; round < ROUNDS * TestSeed.effort(); round++) {
            random = seed.split();
            compare("r" + round, false);
        }
    }

    @Test
    void shouldMirrorAsOpenVSwitchDoes() throws Exception {
        SplittableRandom seed = TestSeed.random("OpenVSwitchIT");
        for (int round = 0; round < ROUNDS * TestSeed.effort(); round++) {
            random = seed.split();
            compare("m" + round, true);
        }
    }

    private void compare(String round, boolean mirrored) throws Exception {
        ports.clear();
        description.clear();
        lan = VirtualSwitch.builder().invoker(() -> 0).build();
        try {
            configure(round);
            if (mirrored) {
                mirror(round);
            }
            VlanFrames frames = new VlanFrames(random, VIDS);
            for (int i = 0; i < FRAMES; i++) {
                byte[] frame = OpenVSwitchDifferences.forgettable(frames.next());
                String port = round + "p" + random.nextInt(PORTS);
                VlanSettings in = lan.port(port).settings().vlans();
                if (OpenVSwitchDifferences.losesTags(frame, in)) {
                    continue;
                }
                description.add(i + " into " + port + ": " + HexFormat.of().formatHex(frame));
                other.receive(port, frame);
                assertThat(ports.get(port).send(frame)).isTrue();
                while (lan.step()) {}
                if (OpenVSwitchDifferences.isTaggedInside(frame, in)) {
                    discardWhereInnerTagsAreSpoilt();
                }
                assertSameFrames();
            }
            assertThat(lan.statistics().unaccounted()).isZero();
        } finally {
            lan.close();
        }
        other.vsctl("del-br", round);
    }

    private void assertSameFrames() throws Exception {
        for (Map.Entry<String, MemoryPort> port : ports.entrySet()) {
            List<String> expected = new ArrayList<>();
            List<String> actual = new ArrayList<>();
            VlanSettings vlans = lan.port(port.getKey()).settings().vlans();
            for (byte[] theirs : other.sent(port.getKey())) {
                if (OpenVSwitchDifferences.isOfAnotherCustomerVlan(theirs, vlans)) {
                    continue;
                }
                byte[] ours = port.getValue().receive();
                if (port.getKey().endsWith("out") && ours != null) {
                    ours = OpenVSwitchDifferences.withoutTags(ours);
                    theirs = OpenVSwitchDifferences.withoutTags(theirs);
                    int length = Math.min(
                            ours.length, theirs.length); // a cut-off frame has less in it where it has more tags
                    ours = Arrays.copyOf(ours, length);
                    theirs = Arrays.copyOf(theirs, length);
                }
                OpenVSwitchDifferences.loseDei(ours, theirs);
                expected.add(HexFormat.of().formatHex(theirs));
                actual.add(ours == null ? "nothing" : HexFormat.of().formatHex(ours));
            }
            for (byte[] more = port.getValue().receive();
                    more != null;
                    more = port.getValue().receive()) {
                actual.add(HexFormat.of().formatHex(more));
            }
            assertThat(actual)
                    .as(() -> "out of " + port.getKey() + " after:\n" + String.join("\n", description))
                    .isEqualTo(expected);
        }
    }

    /** A frame that is tagged inside has come in: what becomes of the inner tag, and what mirrors see of that, differs. */
    private void discardWhereInnerTagsAreSpoilt() throws IOException {
        for (Map.Entry<String, MemoryPort> port : ports.entrySet()) {
            if (port.getKey().endsWith("out")
                    || OpenVSwitchDifferences.spoilsInnerTags(
                            lan.port(port.getKey()).settings().vlans())) {
                other.sent(port.getKey());
                while (port.getValue().receive() != null) {}
            }
        }
    }

    private void configure(String bridge) throws Exception {
        List<String> vsctl = new ArrayList<>(List.of("add-br", bridge, "--", "set", "bridge", bridge));
        vsctl.add("datapath_type=dummy");
        List<String> unflooded = new ArrayList<>();
        for (int i = 0; i < PORTS; i++) {
            String port = bridge + "p" + i;
            VlanSettings vlans = randomVlans();
            boolean isolated = random.nextInt(4) == 0;
            boolean flooded = random.nextInt(6) > 0;
            PortSettings settings = PortSettings.builder()
                    .vlans(vlans)
                    .isolated(isolated)
                    .floodBroadcast(flooded)
                    .floodMulticast(flooded)
                    .floodUnknownUnicast(flooded)
                    .build();
            List<String> columns = columns(vlans);
            columns.add("protected=" + isolated);
            vsctl.addAll(other.addPort(bridge, port, columns.toArray(String[]::new)));
            if (!flooded) {
                unflooded.add(port);
            }
            description.add(port + (flooded ? " " : " no-flood ") + columns);
            MemoryPort memory = new MemoryPort(port);
            lan.add(memory, settings);
            ports.put(port, memory);
        }
        other.vsctl(vsctl.toArray(String[]::new));
        for (String port : unflooded) {
            other.ofctl("mod-port", bridge, port, "no-flood");
        }
        VlanSet unlearned = random.nextInt(3) == 0 ? randomSet() : VlanSet.NONE;
        lan.fdb().learningOff(unlearned);
        other.vsctl("set", "bridge", bridge, "flood_vlans=[" + list(unlearned) + "]");
        description.add("flood_vlans " + unlearned);
        for (int i = random.nextInt(4); i > 0; i--) {
            String port = bridge + "p" + random.nextInt(PORTS);
            int vlan = VIDS[random.nextInt(VIDS.length)];
            if (unlearned.contains(vlan)) {
                continue; // Open vSwitch floods there although an entry was set
            }
            if (!lan.port(port).settings().vlans().carries(vlan)) {
                continue; // where an entry says so, Open vSwitch sends frames into VLANs that the port is not in
            }
            String mac = MacAddress.format(VlanFrames.station(random.nextInt(VlanFrames.stationCount())));
            lan.fdb().set(vlan, mac, port);
            other.call("fdb/add", bridge, port, Integer.toString(vlan), mac);
            description.add("static " + mac + " vlan " + vlan + " at " + port);
        }
    }

    private void mirror(String bridge) throws Exception {
        String output = bridge + "out";
        MemoryPort port = new MemoryPort(output);
        lan.add(port);
        ports.put(output, port);
        Mirror.Builder mirror = Mirror.of("m");
        List<String> vsctl = other.addPort(bridge, output);
        vsctl.addAll(List.of("--", "--id=@out", "get", "port", output));
        List<String> columns = new ArrayList<>(List.of("name=m", "output_port=@out"));
        if (random.nextInt(4) == 0) {
            mirror.allPorts();
            columns.add("select_all=true");
        } else {
            List<String> sources = somePorts();
            List<String> destinations = sources.isEmpty() || random.nextBoolean() ? somePorts() : List.of();
            if (sources.isEmpty() && destinations.isEmpty()) {
                sources = List.of(bridge + "p0");
            }
            sources.forEach(mirror::source);
            destinations.forEach(mirror::destination);
            TreeSet<String> named = new TreeSet<>(sources);
            named.addAll(destinations);
            named.forEach(name -> vsctl.addAll(List.of("--", "--id=@" + name, "get", "port", name)));
            columns.add("select_src_port=" + references(sources));
            columns.add("select_dst_port=" + references(destinations));
        }
        if (random.nextInt(3) == 0) {
            VlanSet vlans = randomSet();
            mirror.vlans(vlans);
            columns.add("select_vlan=" + list(vlans));
        }
        if (random.nextInt(3) == 0) {
            int snapLength = 34 + random.nextInt(60); // no tag is cut
            mirror.snapLength(snapLength);
            columns.add("snaplen=" + snapLength);
        }
        lan.mirror(mirror.toPort(output));
        vsctl.addAll(List.of("--", "--id=@m", "create", "mirror"));
        vsctl.addAll(columns);
        vsctl.addAll(List.of("--", "set", "bridge", bridge, "mirrors=@m"));
        other.vsctl(vsctl.subList(1, vsctl.size()).toArray(String[]::new));
        description.add("mirror " + columns);
    }

    private static String references(List<String> names) {
        return names.stream().map(name -> "@" + name).collect(Collectors.joining(",", "[", "]"));
    }

    private List<String> somePorts() {
        return ports.keySet().stream()
                .filter(name -> !name.endsWith("out") && random.nextInt(3) == 0)
                .toList();
    }

    // ---- VLANs ----

    private VlanSettings randomVlans() {
        int vlan = VIDS[2 + random.nextInt(VIDS.length - 2)];
        return switch (random.nextInt(6)) {
            case 0 -> VlanSettings.access(vlan).withPriorityTags(either(NEVER, IF_NONZERO));
            case 1 -> VlanSettings.trunk(VlanSet.ALL).withPriorityTags(either(IF_NONZERO, AS_RECEIVED));
            case 2 -> VlanSettings.trunk(randomSet()).withPriorityTags(either(IF_NONZERO, AS_RECEIVED));
            case 3 -> VlanSettings.nativeTagged(vlan, randomSet()).withPriorityTags(either(NEVER, IF_NONZERO));
            case 4 -> VlanSettings.nativeUntagged(vlan, randomSet()).withPriorityTags(either(NEVER, IF_NONZERO));
            default ->
                VlanSettings.tunnel(vlan)
                        .withCvlans(random.nextBoolean() ? VlanSet.ALL : randomSet())
                        .withTpid(random.nextBoolean() ? 0x88a8 : 0x8100);
        };
    }

    private PriorityTags either(PriorityTags one, PriorityTags another) {
        return random.nextBoolean() ? one : another;
    }

    private VlanSet randomSet() {
        TreeSet<Integer> vlans = new TreeSet<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            vlans.add(VIDS[random.nextInt(VIDS.length)]);
        }
        return VlanSet.of(vlans.stream().mapToInt(vlan -> vlan).toArray());
    }

    /** A port's columns in Open vSwitch's database. */
    private static List<String> columns(VlanSettings vlans) {
        List<String> columns = new ArrayList<>();
        columns.add("vlan_mode="
                + switch (vlans.mode()) {
                    case ACCESS -> "access";
                    case TRUNK -> "trunk";
                    case NATIVE_TAGGED -> "native-tagged";
                    case NATIVE_UNTAGGED -> "native-untagged";
                    case DOT1Q_TUNNEL -> "dot1q-tunnel";
                });
        if (vlans.vlan() != 0) {
            columns.add("tag=" + vlans.vlan());
        }
        if (!vlans.trunks().equals(VlanSet.ALL)) {
            columns.add("trunks=" + list(vlans.trunks()));
        }
        if (!vlans.cvlans().equals(VlanSet.ALL)) {
            columns.add("cvlans=" + list(vlans.cvlans()));
        }
        columns.add("other_config:qinq-ethtype=" + (vlans.tpid() == 0x8100 ? "802.1q" : "802.1ad"));
        columns.add("other_config:priority-tags=" + OpenVSwitchDifferences.priorityTags(vlans));
        return columns;
    }

    private static String list(VlanSet vlans) {
        List<String> ids = new ArrayList<>();
        for (int vlan = 0; vlan < 4_095; vlan++) {
            if (vlans.contains(vlan)) {
                ids.add(Integer.toString(vlan));
            }
        }
        return String.join(",", ids);
    }
}
