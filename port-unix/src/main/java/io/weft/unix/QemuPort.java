package io.weft.unix;

import io.weft.frame.Frame;
import io.weft.port.InvalidPortException;
import io.weft.port.PortDriver;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What a unix socket for QEMU's network back ends shall be like; {@link Builder} makes the driver.
 *
 * <pre>{@code
 * PortDriver vms = QemuPort.listen("/run/user/1000/lan.sock").name("vm").build();
 * // qemu-system-x86_64 -netdev stream,id=n0,server=off,addr.type=unix,addr.path=/run/user/1000/lan.sock \
 * //     -device virtio-net-pci,netdev=n0,mac=52:54:00:00:00:01 ...
 * }</pre>
 *
 * <table>
 * <caption>Which end does what</caption>
 * <tr><th>here</th><th>QEMU</th></tr>
 * <tr><td>{@link #listen}</td><td>{@code -netdev stream,id=n0,server=off,addr.type=unix,addr.path=PATH}</td></tr>
 * <tr><td>{@link #connect}</td><td>{@code -netdev stream,id=n0,server=on,addr.type=unix,addr.path=PATH}</td></tr>
 * <tr><td>{@link #datagram}</td><td>{@code
 * -netdev dgram,id=n0,local.type=unix,local.path=PEER,remote.type=unix,remote.path=PATH}</td></tr>
 * </table>
 *
 * <p>Threads: immutable; a builder is confined.
 */
public final class QemuPort {
    private final Kind kind;
    private final Path path;
    private final Path peer;
    private final String name;
    private final int maxVms;
    private final Set<PosixFilePermission> permissions;
    private final int maxFrameLength;
    private final int queueBytes;
    private final Duration reconnectMin;
    private final Duration reconnectMax;

    private enum Kind {
        LISTEN,
        CONNECT,
        DATAGRAM
    }

    private QemuPort(Builder builder) {
        kind = builder.kind;
        path = builder.path;
        peer = builder.peer;
        name = builder.name;
        maxVms = builder.maxVms;
        permissions = builder.permissions;
        maxFrameLength = builder.maxFrameLength;
        queueBytes = builder.queueBytes;
        reconnectMin = builder.reconnectMin;
        reconnectMax = builder.reconnectMax;
    }

    /** A stream socket that VMs connect to, each becoming a port of its own. */
    public static Builder listen(String path) {
        return new Builder(Kind.LISTEN, path, null);
    }

    /** A connection to a VM's listening stream socket. */
    public static Builder connect(String path) {
        return new Builder(Kind.CONNECT, path, null);
    }

    /** A datagram socket at {@code path} that exchanges frames with the VM's socket at {@code peer}. */
    public static Builder datagram(String path, String peer) {
        return new Builder(Kind.DATAGRAM, path, Objects.requireNonNull(peer));
    }

    Path path() {
        return path;
    }

    Path peer() {
        return peer;
    }

    String name() {
        return name;
    }

    int maxVms() {
        return maxVms;
    }

    Set<PosixFilePermission> permissions() {
        return permissions;
    }

    int maxFrameLength() {
        return maxFrameLength;
    }

    int queueBytes() {
        return queueBytes;
    }

    Duration reconnectMin() {
        return reconnectMin;
    }

    Duration reconnectMax() {
        return reconnectMax;
    }

    @Override
    public String toString() {
        return "qemu:" + path
                + switch (kind) {
                    case LISTEN -> "";
                    case CONNECT -> "?role=connect";
                    case DATAGRAM -> "?mode=dgram&peer=" + peer;
                };
    }

    /** Collects the options; every one has a default. */
    public static final class Builder {
        private final Kind kind;
        private final Path path;
        private final Path peer;
        private String name;
        private int maxVms = QemuPortProvider.MAX_VMS.defaultValue();
        private Set<PosixFilePermission> permissions = QemuPortProvider.PERMISSIONS.defaultValue();
        private int maxFrameLength = QemuPortProvider.MAX_FRAME.defaultValue();
        private int queueBytes = QemuPortProvider.QUEUE.defaultValue();
        private Duration reconnectMin = QemuPortProvider.RECONNECT_MIN.defaultValue();
        private Duration reconnectMax = QemuPortProvider.RECONNECT_MAX.defaultValue();

        private Builder(Kind kind, String path, String peer) {
            this.kind = kind;
            this.path = SocketPath.require("the socket's path", path);
            this.peer = peer == null ? null : SocketPath.require("option peer", peer);
            Path file = this.path.getFileName();
            String fileName = file == null ? "qemu" : file.toString();
            int dot = fileName.lastIndexOf('.');
            this.name = dot > 0 ? fileName.substring(0, dot) : fileName;
        }

        /** The port's name; a listener appends {@code -1}, {@code -2}, ... Default: the file's, without extension. */
        public Builder name(String newName) {
            name = Objects.requireNonNull(newName);
            return this;
        }

        /** VMs that may be connected to a listener at once: 1..4096. Default 64. */
        public Builder maxVms(int count) {
            maxVms = within("max_vms", count, 1, QemuPortProvider.MOST_VMS);
            return this;
        }

        /** Who may connect to our socket. Default: the owner only. */
        public Builder permissions(Set<PosixFilePermission> newPermissions) {
            permissions = Set.copyOf(newPermissions);
            return this;
        }

        /** The longest frame, in bytes without FCS, both ways: 64..65535. Default 65535. */
        public Builder maxFrameLength(int bytes) {
            maxFrameLength = within("max_frame", bytes, QemuPortProvider.SHORTEST_LIMIT, Frame.MAX_LENGTH);
            return this;
        }

        /** Bytes that may wait for each VM to read them, before frames are dropped: 128 KiB..64 MiB. Default 256 KiB. */
        public Builder queueBytes(int bytes) {
            queueBytes = within("queue", bytes, QemuPortProvider.SMALLEST_QUEUE, QemuPortProvider.LARGEST_QUEUE);
            return this;
        }

        /**
         * How long to wait before connecting again: the first time, and at most. For a datagram socket the first is how
         * often to look for the peer.
         */
        public Builder reconnect(Duration min, Duration max) {
            if (min.isNegative() || min.isZero() || max.compareTo(min) < 0) {
                throw new InvalidPortException("qemu port '" + path + "': reconnect_min is " + min
                        + " and reconnect_max " + max + "; accepted: 0 < reconnect_min <= reconnect_max");
            }
            reconnectMin = min;
            reconnectMax = max;
            return this;
        }

        private int within(String option, int value, int from, int to) {
            if (value < from || value > to) {
                throw new InvalidPortException("qemu port '" + path + "': option " + option + " is " + value
                        + "; accepted: " + from + ".." + to);
            }
            return value;
        }

        /** The driver, not yet opened. */
        public PortDriver build() {
            QemuPort settings = new QemuPort(this);
            return switch (kind) {
                case LISTEN -> new StreamListener(settings);
                case CONNECT -> new StreamClient(settings, new SplittableRandom());
                case DATAGRAM -> new DatagramPort(settings);
            };
        }
    }
}
