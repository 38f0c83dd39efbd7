package io.weft.unix;

import io.weft.frame.Frame;
import io.weft.port.InvalidPortException;
import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Makes {@code qemu:} ports from URIs. Threads: any; stateless. */
public final class QemuPortProvider implements PortProvider {
    static final int MOST_VMS = 4_096;
    static final int SHORTEST_LIMIT = 64;
    static final int SMALLEST_QUEUE = 128 << 10;
    static final int LARGEST_QUEUE = 64 << 20;

    static final PortOption<String> MODE = PortOption.choice("mode", "stream", "dgram")
            .defaultValue("stream")
            .meaning("which of QEMU's back ends is at the other end: -netdev stream or -netdev dgram");

    static final PortOption<String> ROLE = PortOption.choice("role", "listen", "connect")
            .defaultValue("listen")
            .meaning("stream: listen for VMs (QEMU's server=off), or connect to a VM that listens (server=on)");

    static final PortOption<String> PEER = PortOption.text("peer", "the path of a socket file")
            .meaning("dgram: the VM's own socket (QEMU's local.path)");

    static final PortOption<String> NAME = PortOption.text("name", "a name")
            .meaning("the port's name; a listener appends -1, -2, ... (default: the file's name without extension)");

    static final PortOption<Integer> MAX_VMS = PortOption.integer("max_vms", 1, MOST_VMS)
            .defaultValue("64")
            .meaning("listen: how many VMs may be connected at once");

    static final PortOption<Set<PosixFilePermission>> PERMISSIONS = PortOption.of(
                    "permissions", "an octal file mode as 0600 or 0660", QemuPortProvider::readPermissions)
            .defaultValue("0600")
            .meaning("listen and dgram: the socket file's mode; who may write to it may connect");

    static final PortOption<Integer> MAX_FRAME = PortOption.integer("max_frame", SHORTEST_LIMIT, Frame.MAX_LENGTH)
            .defaultValue("65535")
            .meaning("the longest frame both ways, in bytes with the Ethernet header and without FCS");

    static final PortOption<Integer> QUEUE = PortOption.integer("queue", SMALLEST_QUEUE, LARGEST_QUEUE)
            .defaultValue("262144")
            .meaning("bytes that may wait for each VM to read them, before frames for it are dropped");

    static final PortOption<Duration> RECONNECT_MIN = PortOption.duration(
                    "reconnect_min", Duration.ofMillis(1), Duration.ofHours(1))
            .defaultValue("500ms")
            .meaning("connect: the first wait before connecting again; dgram: how often to look for the peer");

    static final PortOption<Duration> RECONNECT_MAX = PortOption.duration(
                    "reconnect_max", Duration.ofMillis(1), Duration.ofHours(1))
            .defaultValue("10s")
            .meaning("connect: the longest wait; it doubles from attempt to attempt");

    /** Found by {@code ServiceLoader}. */
    public QemuPortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of("qemu");
    }

    @Override
    public String syntax() {
        return "qemu:PATH";
    }

    @Override
    public String summary() {
        return "virtual machines through a unix socket, as QEMU's -netdev stream and -netdev dgram speak it; needs no root";
    }

    @Override
    public List<PortOption<?>> options() {
        return List.of(MODE, ROLE, PEER, NAME, MAX_VMS, PERMISSIONS, MAX_FRAME, QUEUE, RECONNECT_MIN, RECONNECT_MAX);
    }

    @Override
    public PortDriver create(PortUri uri) {
        QemuPort.Builder builder;
        if (uri.get(MODE).equals("dgram")) {
            reject(uri, "mode=dgram", ROLE, MAX_VMS, RECONNECT_MAX);
            if (!uri.has(PEER)) {
                throw new InvalidPortException("qemu port '" + uri.target()
                        + "': option peer is missing; with mode=dgram it is the path of the VM's own socket");
            }
            builder = QemuPort.datagram(uri.target(), uri.get(PEER));
        } else if (uri.get(ROLE).equals("connect")) {
            reject(uri, "role=connect", PEER, MAX_VMS, PERMISSIONS);
            builder = QemuPort.connect(uri.target());
        } else {
            reject(uri, "role=listen", PEER, RECONNECT_MIN, RECONNECT_MAX);
            builder = QemuPort.listen(uri.target());
        }
        if (uri.has(NAME)) {
            builder.name(uri.get(NAME));
        }
        Duration min = uri.get(RECONNECT_MIN);
        Duration max = uri.get(RECONNECT_MAX);
        if (!uri.has(RECONNECT_MAX) && max.compareTo(min) < 0) {
            max = min;
        }
        return builder.maxVms(uri.get(MAX_VMS))
                .permissions(uri.get(PERMISSIONS))
                .maxFrameLength(uri.get(MAX_FRAME))
                .queueBytes(uri.get(QUEUE))
                .reconnect(min, max)
                .build();
    }

    /** An option that would have no effect is a misunderstanding, so it is an error. */
    private static void reject(PortUri uri, String with, PortOption<?>... options) {
        for (PortOption<?> option : options) {
            if (uri.has(option)) {
                throw new InvalidPortException("qemu port '" + uri.target() + "': option " + option.name()
                        + " has no meaning with " + with + "; " + option.meaning());
            }
        }
    }

    private static Set<PosixFilePermission> readPermissions(String text) {
        if (!text.matches("0?[0-7]{3}")) {
            throw new IllegalArgumentException("not octal");
        }
        int mode = Integer.parseInt(text, 8);
        PosixFilePermission[] fromHighest = PosixFilePermission.values(); // owner r, w, x, group r, ... others x
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < fromHighest.length; bit++) {
            if ((mode >> (fromHighest.length - 1 - bit) & 1) != 0) {
                permissions.add(fromHighest[bit]);
            }
        }
        return permissions;
    }
}
