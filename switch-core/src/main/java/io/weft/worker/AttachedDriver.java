package io.weft.worker;

import java.util.List;

/** A driver in a switch. Threads: any. */
public final class AttachedDriver implements AutoCloseable {
    private final Datapath datapath;
    private final DriverBinding binding;

    AttachedDriver(Datapath datapath, DriverBinding binding) {
        this.datapath = datapath;
        this.binding = binding;
    }

    /** The driver's ports now. */
    public List<PortStatus> ports() {
        return datapath.listed(binding.ports());
    }

    /**
     * Takes the driver's ports out of the switch and closes it, waiting until that is done (except when called by a worker
     * of the switch, as from a port's callback). Frames on their way to its ports are dropped and counted.
     */
    @Override
    public void close() {
        datapath.remove(binding);
    }

    @Override
    public String toString() {
        return binding.driver().toString();
    }
}
