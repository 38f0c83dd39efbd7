package io.weft.srv6;

import io.weft.frame.IpPrefix;
import io.weft.underlay.Ipv6PacketSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * To which destinations packets are asked for from the kernel: to the SIDs alone, unless they are too many for a socket's filter. Then
 * what their addresses begin with has to do, as much of it as there is room for; what is shown in vain is counted as no SID's.
 *
 * <p>Threads: stateless.
 */
final class DestinationFilter {
    /** Bits of prefixes that stand for many locators, the usual sizes of what a network has them from. */
    private static final int[] SHORTER = {40, 32, 24, 16, 8};

    private static final List<IpPrefix> ALL = List.of(IpPrefix.parse("::/0"));

    private DestinationFilter() {}

    /**
     * What may be asked for, the narrowest first: the SIDs, their locators, the beginnings of these, everything. What is longer than a
     * filter may be is left out, as is what says no more than the one before.
     */
    static List<List<IpPrefix>> steps(List<SidSpec> sids) {
        List<List<IpPrefix>> steps = new ArrayList<>();
        add(steps, sids, SidSpec::prefix);
        if (sids.isEmpty()) {
            return steps;
        }
        add(steps, sids, SidSpec::locator);
        for (int length : SHORTER) {
            add(steps, sids, sid -> beginning(sid.locator(), length));
        }
        steps.add(ALL);
        return steps;
    }

    private static void add(List<List<IpPrefix>> steps, List<SidSpec> sids, Function<SidSpec, IpPrefix> prefix) {
        List<IpPrefix> step = sids.stream().map(prefix).distinct().toList();
        boolean isShorter =
                steps.isEmpty() || step.size() < steps.get(steps.size() - 1).size();
        if (isShorter && step.size() <= Ipv6PacketSettings.MOST_DESTINATIONS) {
            steps.add(step);
        }
    }

    private static IpPrefix beginning(IpPrefix locator, int length) {
        return new IpPrefix(locator.high(), locator.low(), Math.min(length, locator.length())).network();
    }

    /**
     * Asks for packets to SIDs.
     *
     * @param receiveTo what asks; throws IllegalStateException when the kernel has no room for so long a filter (net.core.optmem_max)
     * @throws IllegalStateException when it has none for any
     */
    static void attach(List<SidSpec> sids, Consumer<Collection<IpPrefix>> receiveTo) {
        IllegalStateException noRoom = null;
        for (List<IpPrefix> step : steps(sids)) {
            try {
                receiveTo.accept(step);
                return;
            } catch (IllegalStateException e) {
                noRoom = e;
            }
        }
        throw noRoom;
    }
}
