package io.weft.tap;

import io.weft.nativeio.Errno;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeException;
import io.weft.port.PortException;

/**
 * What to tell the person at the keyboard when a device cannot be had: what was tried, what the system answered, and the
 * command that mends it.
 *
 * <p>Threads: immutable.
 *
 * @param kind what the device is to be
 * @param port the device's name, as far as it is known
 */
record TapAdvice(TapKind kind, String port) {

    /** {@code /dev/net/tun} could not be opened. */
    PortException notOpened(int errno) {
        return refused(
                "open " + TapDevice.CLONE_DEVICE,
                errno,
                switch (errno) {
                    case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                        "load the driver, as root: modprobe tun; in a container, start it with --device "
                                + TapDevice.CLONE_DEVICE
                                + ", or make the file, as root: mkdir -p /dev/net && mknod " + TapDevice.CLONE_DEVICE
                                + " c 10 200";
                    case Errno.EACCES ->
                        "run as root, or let every user open it, as root: chmod 0666 " + TapDevice.CLONE_DEVICE;
                    case Errno.EPERM ->
                        "the container's device rules forbid it: start it with --device " + TapDevice.CLONE_DEVICE;
                    case Errno.EMFILE, Errno.ENFILE -> "too many open files: see ulimit -n";
                    default -> "see ls -l " + TapDevice.CLONE_DEVICE;
                });
    }

    /** The device could not be made or attached to. */
    PortException notAttached(boolean existed, int queues, int errno) {
        String attempt = (existed ? "attach to " : "create ") + "the " + kind + " device";
        return refused(
                attempt,
                errno,
                switch (errno) {
                    case Errno.EPERM ->
                        existed
                                ? "it belongs to another user: run as that user or as root, or let root make it anew: ip link delete "
                                        + port + " && " + makeForMe()
                                : "that needs CAP_NET_ADMIN: run as root (a systemd service: AmbientCapabilities=CAP_NET_ADMIN), or"
                                        + " let root make the device for you: "
                                        + makeForMe();
                    case Errno.EBUSY ->
                        "another process has it; which one, root finds out with: grep -l 'iff:.*" + port
                                + "$' /proc/[0-9]*/fdinfo/*";
                    case Errno.EINVAL ->
                        existed
                                ? "a network device of that name exists and is no " + kind + ", or one "
                                        + (queues > 1 ? "without multi_queue" : "with multi_queue")
                                        + ": see ip -d link show " + port + ", and choose another name"
                                        + (queues > 1
                                                ? ", or queues=1, or let root make it anew: ip link delete " + port
                                                        + " && ip tuntap add dev " + port + " mode " + kind.scheme()
                                                        + " multi_queue"
                                                : ", or say queues=2 or more")
                                : "the kernel does not take the name";
                    default -> "see ip -d link show";
                });
    }

    /** The device exists and carries something else. */
    PortException ofOtherKind(TapKind actual) {
        return new PortException(title() + ": attach to the " + kind + " device: " + port + " exists and is a " + actual
                + " device, which carries " + (actual == TapKind.TAP ? "Ethernet frames" : "IP packets") + "; say "
                + actual.scheme() + ":" + port + ", or choose another name");
    }

    private String title() {
        return TapSettings.title(kind, port);
    }

    private String makeForMe() {
        String name = port.replace("%d", "0");
        return "ip tuntap add dev " + name + " mode " + kind.scheme() + " user "
                + System.getProperty("user.name", "$USER") + " && ip link set " + name + " up";
    }

    /** The namespace could not be entered. */
    PortException unreachable(String netns, NamespaceEntry.UnreachableException failure) {
        NativeException reason = failure.reason();
        return new PortException(
                title() + ": option netns is '" + netns + "': " + reason.getMessage() + "; " + failure.advice(netns),
                reason);
    }

    /** An option could not be applied to the device. */
    PortException notSet(String option, Object value, NativeException reason) {
        String advice;
        boolean ofIp = option.equals("address") || option.equals("route");
        if (option.equals("route") && reason.errno() == Errno.EEXIST) {
            advice = "there is another route to it: see ip route show " + value;
        } else if (option.equals("route") && reason.errno() == Errno.ENETDOWN) {
            advice = "a route needs a device that is up: leave out the option up, or see ip link show " + port;
        } else if (ofIp && reason.errno() == Errno.EACCES) {
            advice = "IPv6 may be switched off: see sysctl net.ipv6.conf." + port + ".disable_ipv6";
        } else if (reason.errno() == Errno.EPERM || reason.errno() == Errno.EACCES) {
            advice = "that needs CAP_NET_ADMIN: run as root, or leave the option out and let root configure the device";
        } else {
            advice = "see ip -d address show " + port;
        }
        return new PortException(
                title() + ": option " + option + " is '" + value + "': " + reason.getMessage() + "; " + advice, reason);
    }

    private PortException refused(String attempt, int errno, String advice) {
        NativeException reason = new NativeException(attempt, errno);
        return new PortException(title() + ": " + reason.getMessage() + "; " + advice, reason);
    }
}
