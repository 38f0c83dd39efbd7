package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.examples.hosts.Accelerator;
import io.weft.examples.hosts.GuestImage;
import io.weft.examples.hosts.Host;
import io.weft.examples.hosts.HostAddress;
import io.weft.examples.hosts.HostException;
import io.weft.examples.hosts.NamespaceHost;
import io.weft.examples.hosts.PingPlan;
import io.weft.examples.hosts.QemuHost;
import io.weft.examples.hosts.QemuProgram;
import io.weft.examples.hosts.memory.MemoryHost;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.worker.PortStatus;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Where hosts of one kind come from: makes one and plugs it into a switch. Each kind knows its own port type. */
interface HostRack extends Closeable {
    /**
     * Adds a port to {@code lan} and makes the host that is plugged into it, to be started by the caller.
     *
     * @param plan whom the host pings; empty: it only answers
     */
    Host plugIn(VirtualSwitch lan, HostAddress address, Optional<PingPlan> plan) throws PortException, HostException;

    /** What a host is called, without its number. */
    default String hostName() {
        return "host";
    }

    /** What is between a host and its switch, for people. */
    String link();

    /** Ends what all hosts of this rack share. */
    @Override
    default void close() {}

    /** Virtual machines on QEMU's stream sockets: no root needed. */
    static HostRack virtualMachines(QemuProgram qemu, GuestImage image, Accelerator accelerator, Path folder) {
        return new HostRack() {
            @Override
            public Host plugIn(VirtualSwitch lan, HostAddress address, Optional<PingPlan> plan) throws PortException {
                Path socket = folder.resolve(portName(address) + ".sock");
                lan.add("qemu:" + socket + "?name=" + portName(address));
                QemuHost.Config config =
                        QemuHost.Config.connectingTo(socket, address).withAccelerator(accelerator);
                return new QemuHost(qemu, image, plan.map(config::withPlan).orElse(config));
            }

            @Override
            public String hostName() {
                return "VM";
            }

            @Override
            public String link() {
                return "unix socket";
            }
        };
    }

    /** Network namespaces on TAP devices: this machine's own kernel; needs root. */
    static HostRack namespaces() {
        return new HostRack() {
            @Override
            public Host plugIn(VirtualSwitch lan, HostAddress address, Optional<PingPlan> plan) throws PortException {
                PortStatus tap = lan.add("tap:weft%d?up=false").ports().get(0); // the kernel numbers weft%d
                return new NamespaceHost(address, plan, tap.name());
            }

            @Override
            public String link() {
                return "TAP device";
            }
        };
    }

    /** Objects in this process: needs nothing. */
    static HostRack memory() {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "weft-host-clock");
            thread.setDaemon(true);
            return thread;
        });
        return new HostRack() {
            @Override
            public Host plugIn(VirtualSwitch lan, HostAddress address, Optional<PingPlan> plan) throws PortException {
                MemoryPort port = new MemoryPort(portName(address));
                MemoryHost host = new MemoryHost(address, plan, port::send);
                port.onFrame(frame -> host.receive(frame, System.nanoTime()));
                lan.add(port);
                clock.scheduleAtFixedRate(() -> host.tick(System.nanoTime()), 10, 10, TimeUnit.MILLISECONDS);
                return host;
            }

            @Override
            public String link() {
                return "memory";
            }

            @Override
            public void close() {
                clock.shutdownNow();
            }
        };
    }

    private static String portName(HostAddress address) {
        return address.name().replace(" ", "").toLowerCase(Locale.ROOT);
    }
}
