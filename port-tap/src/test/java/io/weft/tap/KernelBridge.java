package io.weft.tap;

import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;
import io.weft.port.OffloadMode;
import io.weft.port.PortException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Linux bridge in a namespace of its own, whose ports are TAP devices that the test reads and writes. Nothing but the test
 * sends there. A frame that is written has left by all its ports when the call returns: the kernel forwards it in the writer's
 * context.
 *
 * <p>Threads: confined.
 */
final class KernelBridge implements AutoCloseable {
    private static final int BUFFER_LENGTH = 70_000;
    private static final LibC LIBC = Linux.libc();

    private final NetworkNamespace namespace = NetworkNamespace.create("bridge");
    private final List<TapDevice> devices = new ArrayList<>();
    private final NativeMemory buffer = new NativeMemory(BUFFER_LENGTH);
    private boolean made;

    /** The devices {@code t0}, {@code t1}..., without a bridge. */
    KernelBridge(int ports) throws PortException {
        boolean complete = false;
        try {
            // No router solicitations and no multicast reports.
            namespace.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1");
            for (int i = 0; i < ports; i++) {
                devices.add(TapDevice.open(TapPort.builder("t" + i)
                        .netns(namespace.name())
                        .up(true)
                        .offload(OffloadMode.OFF) // frames as they are, without a header in front
                        .build()
                        .settings()));
            }
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    /** Whether the kernel has what these options of a bridge ask for. */
    boolean knows(String... options) {
        List<String> command = new ArrayList<>(List.of("ip", "link", "add", "probe", "type", "bridge"));
        command.addAll(List.of(options));
        if (!namespace.succeeds(command.toArray(String[]::new))) {
            return false;
        }
        namespace.run("ip", "link", "delete", "probe");
        return true;
    }

    /** Makes a new bridge with all devices in place of the last one; it knows no stations. */
    void renew(String... options) throws IOException {
        if (made) {
            namespace.run("ip", "link", "delete", "br0");
        }
        List<String> batch =
                new ArrayList<>(List.of("link add br0 up type bridge mcast_snooping 0 " + String.join(" ", options)));
        for (int i = 0; i < devices.size(); i++) {
            batch.add("link set t" + i + " master br0");
        }
        batch("ip", batch);
        made = true;
    }

    /** Runs commands of {@code bridge(8)}. */
    void configure(List<String> commands) throws IOException {
        batch("bridge", commands);
    }

    private void batch(String program, List<String> commands) throws IOException {
        Path file = Files.createTempFile("weft-", "." + program);
        try {
            Files.write(file, commands);
            namespace.run(program, "-batch", file.toString());
        } finally {
            Files.delete(file);
        }
    }

    /** Gives a frame to the bridge by a port. */
    void send(int port, byte[] frame) throws NativeException {
        buffer.bytes().put(0, frame);
        NativeException.check(
                "write to TAP", (int) LIBC.write(devices.get(port).descriptors()[0], buffer.address(), frame.length));
    }

    /** The next frame that left by a port, or {@code null}. */
    byte[] receive(int port) throws NativeException {
        int length = (int) LIBC.read(devices.get(port).descriptors()[0], buffer.address(), BUFFER_LENGTH);
        if (length < 0 && Linux.errno() == Errno.EAGAIN) {
            return null;
        }
        byte[] frame = new byte[NativeException.check("read from TAP", length)];
        buffer.bytes().get(0, frame);
        return frame;
    }

    @Override
    public void close() {
        devices.forEach(TapDevice::close);
        namespace.close();
    }
}
