package io.weft.worker;

import io.weft.bridge.PortSettings;
import java.util.List;
import java.util.function.Consumer;

/**
 * A port of a switch, to be looked at and changed while traffic flows.
 *
 * <p>Threads: any. A change is in force in all workers when its method returns, unless that is called by a worker (from a
 * port's callback), which finds it in force in its next round.
 */
public final class PortControl {
    private final Datapath datapath;
    private final Configuration configuration;
    private final SwitchPort port;

    PortControl(Datapath datapath, Configuration configuration, SwitchPort port) {
        this.datapath = datapath;
        this.configuration = configuration;
        this.port = port;
    }

    /** Its name. */
    public String name() {
        return port.port().name();
    }

    /** Its state, settings and counters now. */
    public PortStatus status() {
        return datapath.status(List.of(port)).stream()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("port '" + name() + "' has left the switch"));
    }

    /** Its settings now. */
    public PortSettings settings() {
        return port.rules().settings();
    }

    /**
     * Changes some settings, as {@code change(settings -> settings.isolated(true))}.
     *
     * @throws IllegalArgumentException naming the setting, its value and what is accepted, or the two that conflict; nothing
     *     is changed then
     * @throws IllegalStateException when the port has left the switch
     */
    public void change(Consumer<PortSettings.Builder> change) {
        configuration.configure(port, settings -> settings.with(change));
    }

    /**
     * Replaces all settings.
     *
     * @throws IllegalStateException when the port has left the switch
     */
    public void settings(PortSettings settings) {
        configuration.configure(port, old -> settings);
    }

    /** Sets a port up again that port security or a loop probe has shut down. */
    public void enable() {
        datapath.clearShutDown(port);
    }

    @Override
    public String toString() {
        return name();
    }
}
