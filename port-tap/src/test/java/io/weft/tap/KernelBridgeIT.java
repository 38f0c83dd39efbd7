package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.ExpectedFailures;
import io.weft.TestSeed;
import io.weft.VirtualSwitch;
import io.weft.VlanFrames;
import io.weft.bridge.PortSecurity;
import io.weft.bridge.PortSettings;
import io.weft.bridge.PriorityTags;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.frame.MacAddress;
import io.weft.port.MemoryPort;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A switch beside the kernel's bridge, configured alike at random and given the same frames: the same bytes must leave by the
 * same ports.
 *
 * <p>What differs, and is not asked of both: the kernel forwards 01-80-C2-00-00-00 while it runs no spanning tree protocol,
 * learns nothing from pause frames (01) but from others to reserved addresses even at a locked port, lets a static entry move
 * with its station unless it is sticky too, takes frames tagged with an access port's own VLAN, reads tags of one TPID only (the
 * others are payload), isolates a port from itself, so that it has no hairpin, and, unaware of VLANs, knows an address once and
 * not once in each VLAN.
 */
@Timeout(180)
@ExtendWith(ExpectedFailures.class)
class KernelBridgeIT {
    private static final int ROUNDS = 40;
    private static final int FRAMES = 250;
    private static final int PORTS = 5;
    private static final int[] VIDS = {10, 20, 30, 4_094};

    private final List<MemoryPort> ports = new ArrayList<>();
    private final List<String> description = new ArrayList<>();
    private KernelBridge bridge;
    private VirtualSwitch lan;
    private SplittableRandom random;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("bridge");
    }

    @BeforeEach
    void start() throws Exception {
        bridge = new KernelBridge(PORTS);
        assumeTrue(bridge.knows(), "skipped: the kernel has no bridges");
    }

    @AfterEach
    void end() {
        bridge.close();
    }

    @Test
    void shouldForwardAsTheKernelDoesWithoutVlans() throws Exception {
        SplittableRandom seed = TestSeed.random("KernelBridgeIT");
        for (int round = 0; round < ROUNDS * TestSeed.effort(); round++) {
            random = seed.split();
            compare(false);
        }
    }

    @Test
    void shouldForwardAsTheKernelDoesWithVlans() throws Exception {
        assumeTrue(
                bridge.knows("vlan_filtering", "1", "vlan_default_pvid", "0"),
                "skipped: the kernel's bridge knows no VLANs (CONFIG_BRIDGE_VLAN_FILTERING)");
        SplittableRandom seed = TestSeed.random("KernelBridgeIT");
        for (int round = 0; round < ROUNDS * TestSeed.effort(); round++) {
            random = seed.split();
            compare(true);
        }
    }

    private void compare(boolean vlans) throws Exception {
        ports.clear();
        description.clear();
        lan = VirtualSwitch.builder().invoker(() -> 0).build();
        try {
            if (vlans) {
                bridge.renew("vlan_filtering", "1", "vlan_default_pvid", "0");
            } else {
                bridge.renew();
            }
            configure(vlans);
            VlanFrames frames = new VlanFrames(random, vlans ? new int[] {0, 10, 20, 30, 4_094} : VIDS);
            for (int i = 0; i < FRAMES; i++) {
                byte[] frame = frames.next();
                int port = random.nextInt(PORTS);
                boolean locked = lan.port("t" + port).settings().security().locked();
                if (!isForBoth(frame, vlans, locked)) {
                    continue;
                }
                description.add(i + " into t" + port + ": " + HexFormat.of().formatHex(frame));
                bridge.send(port, frame);
                assertThat(ports.get(port).send(frame)).isTrue();
                while (lan.step()) {}
                assertSameFrames();
            }
            assertThat(lan.statistics().unaccounted()).isZero();
        } finally {
            lan.close();
        }
    }

    private static boolean isForBoth(byte[] frame, boolean vlans, boolean locked) {
        String destination = HexFormat.of().formatHex(frame, 0, 6);
        String type = HexFormat.of().formatHex(frame, 12, 14);
        return !destination.equals("0180c2000000")
                && !destination.equals("0180c2000001")
                && !(locked && destination.startsWith("0180c200000"))
                && !type.equals("88a8")
                && (vlans || !type.equals("8100"));
    }

    private void assertSameFrames() throws Exception {
        for (int i = 0; i < PORTS; i++) {
            List<String> expected = new ArrayList<>();
            for (byte[] theirs = bridge.receive(i); theirs != null; theirs = bridge.receive(i)) {
                expected.add(HexFormat.of().formatHex(theirs));
            }
            List<String> actual = new ArrayList<>();
            for (byte[] ours = ports.get(i).receive();
                    ours != null;
                    ours = ports.get(i).receive()) {
                actual.add(HexFormat.of().formatHex(ours));
            }
            assertThat(actual)
                    .as("out of t%d after:\n%s", i, String.join("\n", description))
                    .isEqualTo(expected);
        }
    }

    private void configure(boolean vlans) throws Exception {
        List<String> commands = new ArrayList<>();
        for (int i = 0; i < PORTS; i++) {
            PortSettings settings = randomSettings(vlans ? randomVlans() : VlanSettings.TRUNK_ALL);
            MemoryPort port = new MemoryPort("t" + i);
            lan.add(port, settings);
            ports.add(port);
            commands.add(flags(i, settings));
            if (vlans) {
                commands.addAll(vlanCommands(i, settings.vlans()));
            }
        }
        Set<String> set = new HashSet<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            int port = random.nextInt(PORTS);
            int vlan = vlans ? VIDS[random.nextInt(VIDS.length)] : 0;
            String mac = MacAddress.format(VlanFrames.station(random.nextInt(VlanFrames.stationCount())));
            boolean carried = lan.port("t" + port).settings().vlans().carries(vlan);
            if (carried && set.add(vlan + mac)) {
                lan.fdb().set(vlan, mac, "t" + port);
                commands.add(
                        "fdb add " + mac + " dev t" + port + " master static sticky" + (vlans ? " vlan " + vlan : ""));
            }
        }
        bridge.configure(commands);
        description.addAll(commands);
    }

    private PortSettings randomSettings(VlanSettings vlans) {
        boolean locked = random.nextInt(8) == 0;
        boolean isolated = random.nextInt(4) == 0;
        return PortSettings.builder()
                .vlans(vlans)
                .isolated(isolated)
                .learning(random.nextInt(6) > 0)
                .floodUnknownUnicast(random.nextInt(6) > 0)
                .floodMulticast(random.nextInt(6) > 0)
                .floodBroadcast(random.nextInt(6) > 0)
                .hairpin(!isolated && random.nextInt(6) == 0)
                .security(locked ? PortSecurity.locked(PortSecurity.Violation.DROP) : PortSecurity.NONE)
                .build();
    }

    private static String flags(int port, PortSettings settings) {
        return "link set dev t" + port
                + " isolated " + onOff(settings.isolated())
                + " learning " + onOff(settings.learning())
                + " flood " + onOff(settings.floodUnknownUnicast())
                + " mcast_flood " + onOff(settings.floodMulticast())
                + " bcast_flood " + onOff(settings.floodBroadcast())
                + " hairpin " + onOff(settings.hairpin())
                + " locked " + onOff(settings.security().locked());
    }

    private static String onOff(boolean on) {
        return on ? "on" : "off";
    }

    // ---- VLANs ----

    private VlanSettings randomVlans() {
        int vlan = VIDS[random.nextInt(VIDS.length)];
        TreeSet<Integer> some = new TreeSet<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            some.add(VIDS[random.nextInt(VIDS.length)]);
        }
        VlanSet trunks = VlanSet.of(some.stream().mapToInt(id -> id).toArray());
        VlanSettings settings =
                switch (random.nextInt(3)) {
                    case 0 -> VlanSettings.trunk(trunks);
                    case 1 -> VlanSettings.nativeTagged(vlan, trunks);
                    default -> VlanSettings.nativeUntagged(vlan, trunks);
                };
        return settings.withPriorityTags(PriorityTags.NEVER);
    }

    private static List<String> vlanCommands(int port, VlanSettings vlans) {
        List<String> commands = new ArrayList<>();
        for (int vlan : VIDS) {
            if (vlans.carries(vlan)) {
                boolean own = vlans.vlan() == vlan;
                boolean untagged = own && vlans.mode() == VlanSettings.Mode.NATIVE_UNTAGGED;
                commands.add("vlan add dev t" + port + " vid " + vlan + (own ? " pvid" : "")
                        + (untagged ? " untagged" : ""));
            }
        }
        return commands;
    }
}
