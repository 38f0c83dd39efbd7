package io.weft;

import io.weft.bridge.PortSecurity;
import io.weft.bridge.PortSecurity.Violation;
import io.weft.bridge.PortSettings;
import io.weft.bridge.PriorityTags;
import io.weft.bridge.RateLimit;
import io.weft.bridge.StormControl;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import java.util.SplittableRandom;

/** Settings of ports at random: mostly a few features at once, so that frames still get through. */
final class RandomSettings {
    /** VLANs that {@link RandomFrames} has frames of. */
    static final int[] VLANS = {1, 2, 100, 4_094};

    private static final long[] FRAMES_PER_SECOND = {1, 2, 5, 10, 100, 1_000, 1_000_000}; // of which 10^9 is a multiple
    private static final long[] BITS_PER_SECOND = {1_000, 8_000, 1_000_000};

    private final SplittableRandom random;
    private StormControl storm = StormControl.NONE; // the last one, of which parts come again

    RandomSettings(SplittableRandom random) {
        this.random = random;
    }

    PortSettings next() {
        return PortSettings.DEFAULT.with(this::change);
    }

    /** Changes some settings, and leaves them without contradictions. */
    void change(PortSettings.Builder settings) {
        if (oneIn(2)) {
            settings.vlans(vlans());
        }
        if (oneIn(6)) {
            settings.floodBroadcast(!oneIn(3)).floodMulticast(!oneIn(3)).floodUnknownUnicast(!oneIn(3));
        }
        if (oneIn(3)) {
            settings.isolated(oneIn(2));
        }
        if (oneIn(3)) {
            settings.splitHorizonGroup(random.nextInt(3));
        }
        if (oneIn(6)) {
            settings.adminUp(!oneIn(4));
        }
        if (oneIn(6)) {
            settings.ingressPolicing(limit());
        }
        if (oneIn(6)) {
            settings.egressPolicing(limit());
        }
        if (oneIn(6)) {
            storm = new StormControl(
                    oneIn(2) ? limit() : storm.broadcast(),
                    oneIn(2) ? limit() : storm.multicast(),
                    oneIn(2) ? limit() : storm.unknownUnicast());
            settings.stormControl(storm);
        }
        if (oneIn(4)) {
            stations(settings);
        }
    }

    /** Learning, security and hairpin, some of which conflict. */
    private void stations(PortSettings.Builder settings) {
        Violation violation = Violation.values()[random.nextInt(3)];
        PortSecurity security =
                switch (random.nextInt(6)) {
                    case 0 -> PortSecurity.locked(oneIn(2) ? Violation.DROP : Violation.SHUT_DOWN);
                    case 1, 2 -> new PortSecurity(random.nextInt(30), oneIn(2), false, violation);
                    default -> PortSecurity.NONE;
                };
        settings.security(security);
        settings.learning(security.maxMacs() > 0 || security.sticky() || !oneIn(3));
        // A port that is shut down loses what waits to go back out of it; how much that is, nobody says.
        settings.hairpin(security.violation() != Violation.SHUT_DOWN && oneIn(2));
    }

    VlanSettings vlans() {
        int vlan = vlan();
        VlanSettings settings =
                switch (random.nextInt(7)) {
                    case 0 -> VlanSettings.access(vlan);
                    case 1 -> VlanSettings.trunk(set());
                    case 2 -> VlanSettings.nativeTagged(vlan, set());
                    case 3 -> VlanSettings.nativeUntagged(vlan, set());
                    case 4 -> VlanSettings.tunnel(vlan);
                    case 5 -> VlanSettings.tunnel(vlan).withCvlans(set());
                    default -> VlanSettings.TRUNK_ALL;
                };
        if (oneIn(3)) {
            settings = settings.withTpid(oneIn(2) ? 0x8100 : 0x88a8);
        }
        if (settings.mode() != VlanSettings.Mode.DOT1Q_TUNNEL && oneIn(3)) {
            settings = settings.withPriorityTags(PriorityTags.values()[random.nextInt(4)]);
        }
        return settings;
    }

    int vlan() {
        return VLANS[random.nextInt(VLANS.length)];
    }

    /** Some VLANs, often with 0. */
    VlanSet set() {
        VlanSet set = oneIn(3) ? VlanSet.NONE : VlanSet.of(0);
        for (int vlan : VLANS) {
            set = oneIn(2) ? set.plus(VlanSet.of(vlan)) : set;
        }
        return oneIn(6) ? VlanSet.ALL : set;
    }

    private RateLimit limit() {
        RateLimit frames = RateLimit.frames(
                FRAMES_PER_SECOND[random.nextInt(FRAMES_PER_SECOND.length)], 1 + random.nextInt(oneIn(2) ? 5 : 50));
        RateLimit bits = RateLimit.bits(
                BITS_PER_SECOND[random.nextInt(BITS_PER_SECOND.length)], 8 * 65_536 + random.nextInt(100_000));
        return switch (random.nextInt(6)) {
            case 0 -> frames;
            case 1 -> bits;
            case 2 -> frames.and(bits);
            default -> RateLimit.NONE;
        };
    }

    private boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }
}
