package io.weft.mirror;

import io.weft.bridge.VlanSet;
import io.weft.frame.Frame;
import io.weft.frame.FrameSelector;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * What a mirror copies, and to where. As in Open vSwitch, a frame is mirrored when it came in by a source port or goes out by
 * a destination port, in one of the VLANs; by one mirror only once. What comes in is mirrored as it came, what goes out as it
 * leaves.
 *
 * <pre>{@code
 * TrafficRecord web = lan.mirror(Mirror.of("web").port("vm1").filter(FrameFilter.parse("tcp port 80")).toPort("ids"));
 * }</pre>
 *
 * @param name for messages
 * @param allPorts whether every port is a source and a destination
 * @param sources names of ports whose received frames are mirrored
 * @param destinations names of ports whose sent frames are mirrored
 * @param vlans whose frames are mirrored
 * @param filter which of them
 * @param snapLength bytes of each frame at most
 * @param segmented whether super-frames are copied as the frames of the wire that they stand for, and checksums completed
 * @param outputPort name of the port the copies leave by, which then takes no part in forwarding; {@code null} for a file
 * @param file a pcapng file; {@code null} for a port
 */
public record Mirror(
        String name,
        boolean allPorts,
        Set<String> sources,
        Set<String> destinations,
        VlanSet vlans,
        FrameSelector filter,
        int snapLength,
        boolean segmented,
        String outputPort,
        Path file) {
    /** Checks that it selects something, and where it goes. */
    public Mirror {
        Objects.requireNonNull(name, "name");
        sources = Set.copyOf(sources);
        destinations = Set.copyOf(destinations);
        if (!allPorts && sources.isEmpty() && destinations.isEmpty()) {
            throw new IllegalArgumentException(
                    "mirror '" + name + "' selects no port; accepted: sources, destinations or allPorts");
        }
        if (snapLength < 14 || snapLength > Frame.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "mirror '" + name + "': snapLength is " + snapLength + "; accepted: 14.." + Frame.MAX_LENGTH);
        }
        if ((outputPort == null) == (file == null)) {
            throw new IllegalArgumentException("mirror '" + name + "' has "
                    + (file == null ? "no output" : "two outputs") + "; accepted: a port or a file");
        }
    }

    /** A mirror to be configured. */
    public static Builder of(String name) {
        return new Builder(name);
    }

    /** Whether it looks at what a port receives. */
    public boolean selectsSource(String port) {
        return !port.equals(outputPort) && (allPorts || sources.contains(port));
    }

    /** Whether it looks at what a port sends. */
    public boolean selectsDestination(String port) {
        return !port.equals(outputPort) && (allPorts || destinations.contains(port));
    }

    /** Settings of a mirror. */
    public static final class Builder {
        private final String name;
        private final Set<String> sources = new HashSet<>();
        private final Set<String> destinations = new HashSet<>();
        private boolean allPorts;
        private VlanSet vlans = VlanSet.ALL;
        private FrameSelector filter = FrameSelector.ALL;
        private int snapLength = Frame.MAX_LENGTH;
        private boolean segmented;

        private Builder(String name) {
            this.name = name;
        }

        /** Everything that comes in or goes out by any port. */
        public Builder allPorts() {
            allPorts = true;
            return this;
        }

        /** What a port receives and sends. */
        public Builder port(String port) {
            return source(port).destination(port);
        }

        /** What a port receives. */
        public Builder source(String port) {
            sources.add(port);
            return this;
        }

        /** What a port sends. */
        public Builder destination(String port) {
            destinations.add(port);
            return this;
        }

        /** Only frames of these VLANs; default all. */
        public Builder vlans(VlanSet set) {
            vlans = set;
            return this;
        }

        /** Only frames that match; default all. */
        public Builder filter(FrameSelector selector) {
            filter = selector;
            return this;
        }

        /** Bytes of each frame at most, 14 or more; default all. */
        public Builder snapLength(int bytes) {
            snapLength = bytes;
            return this;
        }

        /**
         * Copies super-frames as the frames of the wire that they stand for, and completes checksums. When not said, frames
         * are copied as the switch has them: a file then shows checksums that are still to be completed as wrong; a port
         * gets what it can take.
         */
        public Builder segmented() {
            segmented = true;
            return this;
        }

        /** Sends the copies by a port. */
        public Mirror toPort(String port) {
            return new Mirror(name, allPorts, sources, destinations, vlans, filter, snapLength, segmented, port, null);
        }

        /** Writes the copies to a pcapng file. */
        public Mirror toFile(Path file) {
            return new Mirror(name, allPorts, sources, destinations, vlans, filter, snapLength, segmented, null, file);
        }
    }
}
