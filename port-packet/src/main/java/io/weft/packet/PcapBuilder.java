package io.weft.packet;

import java.util.Objects;

/** Builds a {@link PcapPort}. */
public final class PcapBuilder {
    private final String interfaceName;
    private String name;
    private boolean promiscuous = true;

    PcapBuilder(String interfaceName) {
        this.interfaceName = Objects.requireNonNull(interfaceName, "interfaceName");
        name = interfaceName;
    }

    /** The port's name in the switch; at first the interface's. */
    public PcapBuilder name(String portName) {
        name = Objects.requireNonNull(portName, "portName");
        return this;
    }

    /** Whether to receive what is addressed to others, as a bridge must; at first yes. */
    public PcapBuilder promiscuous(boolean all) {
        promiscuous = all;
        return this;
    }

    /**
     * The port, not yet opened.
     *
     * @throws io.weft.port.InvalidPortException when the interface has no name
     */
    public PcapPort build() {
        return new PcapPort(new PcapSettings(interfaceName, name, promiscuous));
    }
}
