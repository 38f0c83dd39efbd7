package io.weft.packet;

import io.weft.port.OffloadMode;

/**
 * A {@link PacketPort} in the making.
 *
 * <p>Threads: confined.
 */
public final class PacketBuilder {
    private final String interfaceName;
    private String portName;
    private OffloadMode offload = OffloadMode.ON;
    private boolean promisc = true;
    private boolean qdiscBypass;
    private Integer rcvbuf;
    private Integer sndbuf;
    private String netns;

    PacketBuilder(String interfaceName) {
        this.interfaceName = interfaceName;
    }

    /** What the switch calls the port, unless as the interface: two namespaces may have interfaces of one name. */
    public PacketBuilder name(String newPortName) {
        portName = newPortName;
        return this;
    }

    /** What is left to the interface when sending; {@link OffloadMode#ON} when not said. */
    public PacketBuilder offload(OffloadMode newOffload) {
        offload = newOffload;
        return this;
    }

    /** Whether the interface receives frames to all addresses, for as long as the port is open; yes when not said. */
    public PacketBuilder promisc(boolean all) {
        promisc = all;
        return this;
    }

    /** Whether frames go to the interface's driver past its queueing discipline; no when not said. */
    public PacketBuilder qdiscBypass(boolean bypass) {
        qdiscBypass = bypass;
        return this;
    }

    /** Bytes of frames that may wait to be received, 4096..2<sup>30</sup>; 4 MiB when not said, or what is granted. */
    public PacketBuilder rcvbuf(int bytes) {
        rcvbuf = bytes;
        return this;
    }

    /** Bytes of frames that may wait in the kernel to be sent, 4096..2<sup>30</sup>; 4 MiB when not said, or what is granted. */
    public PacketBuilder sndbuf(int bytes) {
        sndbuf = bytes;
        return this;
    }

    /** The network namespace of the interface: a name that {@code ip netns} lists, or a path as {@code /proc/1/ns/net}. */
    public PacketBuilder netns(String nameOrPath) {
        netns = nameOrPath;
        return this;
    }

    /**
     * The port, not yet opened.
     *
     * @throws io.weft.port.InvalidPortException naming the option that is out of range, and what is accepted
     */
    public PacketPort build() {
        return new PacketPort(
                new PacketSettings(interfaceName, portName, offload, promisc, qdiscBypass, rcvbuf, sndbuf, netns));
    }
}
