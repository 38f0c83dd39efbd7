package io.weft.tap;

import io.weft.frame.MacAddress;
import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;
import io.weft.nativeio.UserAccount;
import io.weft.port.PortException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * One TAP device and its descriptor: made or attached to, configured, and let go. What this class says when it cannot is
 * written for the person at the keyboard.
 *
 * <p>Threads: confined; the descriptor itself may be read and written by any.
 */
final class TapDevice implements AutoCloseable {
    static final String CLONE_DEVICE = "/dev/net/tun";

    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETPERSIST = 0x400454cbL;
    private static final long TUNSETOWNER = 0x400454ccL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final short IFF_TAP = 2;
    private static final short IFF_NO_PI = 0x1000;
    private static final int IFREQ_LENGTH = 40;
    private static final int IFREQ_FLAGS = 16; // behind the name

    private final LibC libc = Linux.libc();
    private final TapSettings settings;
    private final OptionalLong ownerUid;
    private int descriptor = -1;
    private String name;
    private boolean leftDown;

    private TapDevice(TapSettings settings, OptionalLong ownerUid) {
        this.settings = settings;
        this.ownerUid = ownerUid;
        this.name = settings.name();
    }

    /**
     * Makes the device, or attaches to an existing one, and configures it.
     *
     * @throws PortException saying what failed and what helps; nothing is left behind then
     */
    static TapDevice open(TapSettings settings) throws PortException {
        try {
            Linux.require();
        } catch (IOException e) {
            throw new PortException("tap port '" + settings.name() + "': " + e.getMessage(), e);
        }
        TapDevice device = new TapDevice(settings, ownerUid(settings));
        try {
            if (settings.netns() == null) {
                device.openHere();
            } else {
                device.openIn(settings.netns());
            }
        } catch (PortException e) {
            device.close();
            throw e;
        } catch (IOException e) {
            device.close();
            throw new PortException(device.prefix() + e.getMessage(), e);
        }
        return device;
    }

    private static OptionalLong ownerUid(TapSettings settings) {
        String owner = settings.owner();
        if (owner == null) {
            return OptionalLong.empty();
        }
        OptionalLong uid = owner.matches("\\d{1,9}") ? OptionalLong.of(Long.parseLong(owner)) : UserAccount.uid(owner);
        if (uid.isEmpty()) {
            throw TapSettings.invalid(
                    settings.name(), "owner", owner, "a uid, or a user name that `getent passwd` knows");
        }
        return uid;
    }

    private void openIn(String netns) throws IOException {
        String path = NetworkNamespaces.path(netns);
        boolean[] entered = new boolean[1];
        try {
            NetworkNamespaces.call(path, () -> {
                entered[0] = true;
                openHere();
                return null;
            });
        } catch (NativeException e) {
            if (entered[0]) {
                throw e;
            }
            throw new PortException(
                    prefix() + "option netns is '" + netns + "': " + e.getMessage() + "; "
                            + NetworkNamespaces.hint(netns, e),
                    e);
        }
    }

    private void openHere() throws IOException {
        descriptor = libc.open(CLONE_DEVICE, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (descriptor < 0) {
            throw refused("open " + CLONE_DEVICE, Linux.errno(), TapDevice::openHint);
        }
        try (RouteSocket links = new RouteSocket()) {
            boolean existed = links.find(name) != null; // never so for a pattern
            attach(existed);
            configure(links, links.find(name), existed);
        }
    }

    private void attach(boolean existed) throws PortException {
        NativeMemory request = new NativeMemory(IFREQ_LENGTH);
        request.bytes().put(0, name.getBytes(StandardCharsets.UTF_8)).putShort(IFREQ_FLAGS, (short)
                (IFF_TAP | IFF_NO_PI));
        if (libc.ioctl(descriptor, TUNSETIFF, request.address()) < 0) {
            throw refused(
                    (existed ? "attach to " : "create ") + "the TAP device",
                    Linux.errno(),
                    errno -> attachHint(errno, existed));
        }
        byte[] given = new byte[TapSettings.MAX_NAME_LENGTH + 1];
        request.bytes().get(0, given);
        name = new String(given, StandardCharsets.UTF_8).trim();
        // A persistent device remembers what an earlier user let the host send; we take whole frames only.
        libc.ioctl(descriptor, TUNSETOFFLOAD, 0);
    }

    private void configure(RouteSocket links, RouteSocket.Link link, boolean existed) throws IOException {
        if (settings.mtu() != null) {
            option("mtu", settings.mtu(), () -> links.mtu(link, settings.mtu()));
        }
        if (settings.hwaddr() != null) {
            option("hwaddr", MacAddress.format(settings.hwaddr()), () -> links.hwaddr(link, settings.hwaddr()));
        }
        for (IpPrefix address : settings.addresses()) {
            option("address", address, () -> links.address(link, address));
        }
        if (!link.up() && !Boolean.FALSE.equals(settings.up())) {
            try {
                option("up", true, () -> links.up(link));
            } catch (PortException e) {
                boolean mayStayDown = existed && settings.up() == null;
                if (!mayStayDown) {
                    throw e;
                }
                leftDown = true;
            }
        }
        if (ownerUid.isPresent()) {
            option("owner", settings.owner(), () -> set("TUNSETOWNER", TUNSETOWNER, ownerUid.getAsLong()));
        }
    }

    /** Decides whether the device outlives its descriptor; called when nothing can fail any more. */
    void keepOrNot() throws PortException {
        Boolean persist = settings.persist();
        if (persist != null) {
            option("persist", persist, () -> set("TUNSETPERSIST", TUNSETPERSIST, persist ? 1 : 0));
        }
    }

    private void set(String requestName, long request, long value) throws NativeException {
        NativeException.check("ioctl " + requestName, libc.ioctl(descriptor, request, value));
    }

    @FunctionalInterface
    private interface Setting {
        void apply() throws NativeException;
    }

    private void option(String option, Object value, Setting setting) throws PortException {
        try {
            setting.apply();
        } catch (NativeException e) {
            throw new PortException(
                    prefix() + "option " + option + " is '" + value + "': " + e.getMessage() + "; "
                            + optionHint(option, e.errno()),
                    e);
        }
    }

    // ---- what to say ----

    private interface Hint {
        String forErrno(int errno);
    }

    private PortException refused(String attempt, int errno, Hint hint) {
        NativeException cause = new NativeException(attempt, errno);
        return new PortException(prefix() + cause.getMessage() + "; " + hint.forErrno(errno), cause);
    }

    private String prefix() {
        return "tap port '" + name + "': ";
    }

    private static String openHint(int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                "load the driver as root: modprobe tun; in a container, give it the device (--device " + CLONE_DEVICE
                        + "), or make it as root: mkdir -p /dev/net && mknod " + CLONE_DEVICE + " c 10 200";
            case Errno.EACCES -> "run as root, or let every user open it, as root: chmod 0666 " + CLONE_DEVICE;
            case Errno.EPERM -> "the container's device rules forbid it: start it with --device " + CLONE_DEVICE;
            case Errno.EMFILE, Errno.ENFILE -> "too many open files: see ulimit -n";
            default -> "see ls -l " + CLONE_DEVICE;
        };
    }

    private String attachHint(int errno, boolean existed) {
        switch (errno) {
            case Errno.EPERM:
                return existed
                        ? "it belongs to another user: run as that user or as root, or let root give it away: ip link del "
                                + name + " && " + makeForMe()
                        : "that needs CAP_NET_ADMIN: run as root, or let root make the device for you: " + makeForMe();
            case Errno.EBUSY:
                return "another process has it; which one, root sees with: grep -l 'iff:.*" + name
                        + "$' /proc/[0-9]*/fdinfo/*";
            case Errno.EINVAL:
                return existed
                        ? "there is a network device of that name that is no TAP, or one with several queues: see"
                                + " ip -d link show " + name + ", and choose another name"
                        : "the kernel takes no such name";
            default:
                return "see ip -d link show";
        }
    }

    private String makeForMe() {
        String user = System.getProperty("user.name", "$USER");
        return "ip tuntap add dev " + name.replace("%d", "0") + " mode tap user " + user + " && ip link set "
                + name.replace("%d", "0") + " up";
    }

    private String optionHint(String option, int errno) {
        boolean privilege = errno == Errno.EPERM || errno == Errno.EACCES;
        if (option.equals("address") && errno == Errno.EACCES) {
            return "IPv6 may be switched off: see sysctl net.ipv6.conf." + name + ".disable_ipv6";
        }
        if (privilege) {
            return "that needs CAP_NET_ADMIN: run as root, or leave the option out and let root configure the device";
        }
        return "see ip -d address show " + name;
    }

    // ---- what it is ----

    /** The name that the kernel gave it. */
    String name() {
        return name;
    }

    /** Its descriptor, non-blocking. */
    int descriptor() {
        return descriptor;
    }

    /** Whether the device is down because only root may bring it up. */
    boolean leftDown() {
        return leftDown;
    }

    /** Lets go of the device; unless it is persistent, it vanishes with all its addresses. */
    @Override
    public void close() {
        if (descriptor >= 0) {
            libc.close(descriptor);
            descriptor = -1;
        }
    }
}
