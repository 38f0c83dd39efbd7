package io.weft.worker;

/**
 * How the switch treats the ports of a driver.
 *
 * @param splitHorizonGroup ports of one group, 1 or more, do not exchange frames; 0 for none. The ports of a listener are
 *     all in it: clients that must not see each other
 */
public record PortSettings(int splitHorizonGroup) {
    /** No group. */
    public static final PortSettings DEFAULT = new PortSettings(0);

    /** Checks the range. */
    public PortSettings {
        if (splitHorizonGroup < 0) {
            throw new IllegalArgumentException("split-horizon group " + splitHorizonGroup + " is negative");
        }
    }

    /** The same in a split-horizon group. */
    public PortSettings withSplitHorizonGroup(int group) {
        return new PortSettings(group);
    }
}
