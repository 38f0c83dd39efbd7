package io.weft.tap;

import io.weft.frame.IpPrefix;
import io.weft.frame.MacAddress;
import io.weft.nativeio.LibC;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;
import io.weft.nativeio.UserAccount;
import io.weft.nativeio.VirtioNetHeader;
import io.weft.port.Offload;
import io.weft.port.OffloadMode;
import io.weft.port.PortException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One TAP or TUN device and its descriptors, one for each queue: made or attached to, configured, and let go.
 *
 * <p>A device for another namespace is made in ours under a name of its own and moved there with its final name. Made
 * there at once, its descriptor would keep the namespace alive for as long as the port lives, and nobody would notice
 * that it was deleted. One that exists there can only be attached to from there.
 *
 * <p>Threads: confined; the descriptor itself may be read and written by any.
 */
final class TapDevice implements AutoCloseable {
    static final String CLONE_DEVICE = "/dev/net/tun";

    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETPERSIST = 0x400454cbL;
    private static final long TUNSETOWNER = 0x400454ccL;
    private static final long TUNGETFEATURES = 0x800454cfL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final long TUNSETVNETHDRSZ = 0x400454d8L;
    private static final long TUNGETIFF = 0x800454d2L;
    private static final short IFF_NO_PI = 0x1000;
    private static final short IFF_VNET_HDR = 0x4000;
    private static final short IFF_MULTI_QUEUE = 0x100;
    private static final long MAX_UID = 0xFFFF_FFFEL; // the next means "nobody in particular"
    private static final int IFREQ_LENGTH = 40;
    private static final int IFREQ_FLAGS = 16; // behind the name

    private final LibC libc = Linux.libc();
    private final TapSettings settings;
    private final OptionalLong ownerUid;
    private final int[] descriptors;
    private int descriptor = -1; // the first
    private String name;
    private boolean existed;
    private boolean leftDown;
    private boolean virtioHeader;
    private Set<Offload> offloads = Set.of();

    private TapDevice(TapSettings settings, OptionalLong ownerUid) {
        this.settings = settings;
        this.ownerUid = ownerUid;
        this.name = settings.name();
        this.descriptors = new int[settings.queues()];
        Arrays.fill(descriptors, -1);
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
            throw new PortException(TapSettings.title(settings.kind(), settings.name()) + ": " + e.getMessage(), e);
        }
        TapDevice device = new TapDevice(settings, ownerUid(settings));
        boolean opened = false;
        try {
            if (settings.netns() == null) {
                device.openHere();
            } else {
                device.openIn(settings.netns());
            }
            device.setOwner();
            opened = true;
        } catch (PortException e) {
            throw e;
        } catch (IOException e) {
            throw new PortException(TapSettings.title(settings.kind(), settings.name()) + ": " + e.getMessage(), e);
        } finally {
            if (!opened) {
                device.close();
            }
        }
        return device;
    }

    private static OptionalLong ownerUid(TapSettings settings) {
        String owner = settings.owner();
        if (owner == null) {
            return OptionalLong.empty();
        }
        OptionalLong uid = owner.matches("\\d{1,10}") ? OptionalLong.of(Long.parseLong(owner)) : UserAccount.uid(owner);
        if (uid.isEmpty() || uid.getAsLong() > MAX_UID) {
            throw TapSettings.invalid(
                    settings.kind(),
                    settings.name(),
                    "owner",
                    owner,
                    "a uid (0..4294967294), or a user that `getent passwd` lists");
        }
        return uid;
    }

    // ---- making it or attaching to it ----

    private void openHere() throws IOException {
        try (RouteSocket links = new RouteSocket()) {
            existed = exists(links); // never so for a pattern
            attach(settings.name());
            configure(links);
        }
    }

    private void openIn(String netns) throws IOException {
        try (NamespaceEntry namespace = new NamespaceEntry(netns)) {
            namespace.call(this::attachIfThere);
            if (!existed) {
                attach("weft%d");
                try (RouteSocket links = new RouteSocket()) {
                    links.move(links.find(name), namespace.descriptor(), settings.name());
                }
                readName();
                namespace.call(this::configureThere);
            }
        } catch (NamespaceEntry.UnreachableException e) {
            throw advice(settings.name()).unreachable(netns, e);
        }
    }

    private void attachIfThere() throws IOException {
        try (RouteSocket links = new RouteSocket()) {
            existed = exists(links);
            if (existed) {
                attach(settings.name());
                configure(links);
            }
        }
    }

    /** Whether the device exists and may be attached to, as far as what it carries goes. */
    private boolean exists(RouteSocket links) throws IOException {
        if (links.find(settings.name()) == null) {
            return false;
        }
        TapKind kind = links.kind(settings.name());
        if (kind != null && kind != settings.kind()) {
            throw advice(settings.name()).ofOtherKind(kind);
        }
        return true;
    }

    private void configureThere() throws IOException {
        try (RouteSocket links = new RouteSocket()) {
            configure(links);
        }
    }

    private void attach(String wanted) throws IOException {
        descriptor = openQueue(0);
        NativeMemory request = new NativeMemory(IFREQ_LENGTH);
        virtioHeader = settings.offload() != OffloadMode.OFF && hasVirtioHeader(request);
        attachQueue(0, wanted, request);
        readName(request);
        for (int i = 1; i < descriptors.length; i++) { // now: by name, they can only be attached where the device is
            openQueue(i);
            attachQueue(i, name, request);
        }
        // Of the whole device, as the offloads are.
        if (virtioHeader) {
            setVirtioHeader(request);
        }
        offloads = TapOffloads.negotiate(this::offers, virtioHeader ? settings.offload() : OffloadMode.OFF);
    }

    private int openQueue(int queue) throws PortException {
        descriptors[queue] = libc.open(CLONE_DEVICE, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (descriptors[queue] < 0) {
            throw advice(settings.name()).notOpened(Linux.errno());
        }
        return descriptors[queue];
    }

    /** Each with the same flags: the device has those of the last one. */
    private void attachQueue(int queue, String wanted, NativeMemory request) throws PortException {
        int flags = settings.kind().flag() | IFF_NO_PI;
        flags |= virtioHeader ? IFF_VNET_HDR : 0;
        flags |= descriptors.length > 1 ? IFF_MULTI_QUEUE : 0;
        request.bytes().put(0, new byte[IFREQ_LENGTH]);
        request.bytes().put(0, wanted.getBytes(StandardCharsets.UTF_8)).putShort(IFREQ_FLAGS, (short) flags);
        if (libc.ioctl(descriptors[queue], TUNSETIFF, request.address()) < 0) {
            throw advice(settings.name()).notAttached(existed, descriptors.length, Linux.errno());
        }
    }

    private boolean hasVirtioHeader(NativeMemory scratch) {
        return libc.ioctl(descriptor, TUNGETFEATURES, scratch.address()) == 0
                && (scratch.bytes().getInt(0) & IFF_VNET_HDR) != 0;
    }

    /** The length of the header, which a persistent device remembers too. */
    private void setVirtioHeader(NativeMemory scratch) throws NativeException {
        scratch.bytes().putInt(0, VirtioNetHeader.LENGTH);
        NativeException.check("ioctl TUNSETVNETHDRSZ", libc.ioctl(descriptor, TUNSETVNETHDRSZ, scratch.address()));
    }

    /** Lets the host leave this to us; {@code false} when the kernel does not know all of it. */
    private boolean offers(int bits) {
        return libc.ioctl(descriptor, TUNSETOFFLOAD, bits) == 0;
    }

    private void readName() throws NativeException {
        NativeMemory request = new NativeMemory(IFREQ_LENGTH);
        NativeException.check("ioctl TUNGETIFF", libc.ioctl(descriptor, TUNGETIFF, request.address()));
        readName(request);
    }

    private void readName(NativeMemory request) {
        byte[] given = new byte[TapSettings.MAX_NAME_LENGTH + 1];
        request.bytes().get(0, given);
        name = new String(given, StandardCharsets.UTF_8).trim();
    }

    // ---- configuring it ----

    private void configure(RouteSocket links) throws IOException {
        RouteSocket.Link link = links.find(name);
        if (settings.mtu() != null) {
            option("mtu", settings.mtu(), () -> links.mtu(link, settings.mtu()));
        }
        if (settings.gsoMaxSize() != null) {
            option("gso_max_size", settings.gsoMaxSize(), () -> links.gsoMaxSize(link, settings.gsoMaxSize()));
        }
        if (settings.hwaddr() != null) {
            option("hwaddr", MacAddress.format(settings.hwaddr()), () -> links.hwaddr(link, settings.hwaddr()));
        }
        for (IpPrefix address : settings.addresses()) {
            option("address", address, () -> links.address(link, address));
        }
        if (!link.up() && !Boolean.FALSE.equals(settings.up())) {
            bringUp(links, link);
        }
        for (IpPrefix route : settings.routes()) {
            option("route", route, () -> links.route(link, route));
        }
    }

    private void bringUp(RouteSocket links, RouteSocket.Link link) throws PortException {
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

    private void setOwner() throws PortException {
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

    private TapAdvice advice(String port) {
        return new TapAdvice(settings.kind(), port);
    }

    private void option(String option, Object value, Setting setting) throws PortException {
        try {
            setting.apply();
        } catch (NativeException e) {
            throw advice(name).notSet(option, value, e);
        }
    }

    // ---- what it is ----

    /** The name that the kernel gave it. */
    String name() {
        return name;
    }

    /** Its descriptors, non-blocking, one for each queue. */
    int[] descriptors() {
        return descriptors.clone();
    }

    /** Whether a {@link VirtioNetHeader} lies in front of each frame. */
    boolean virtioHeader() {
        return virtioHeader;
    }

    /** What the host leaves to us, and takes from us. */
    Set<Offload> offloads() {
        return offloads;
    }

    /** Whether the device is down because only root may bring it up. */
    boolean leftDown() {
        return leftDown;
    }

    /** Lets go of the device; unless it is persistent, it vanishes with all its addresses and routes. */
    @Override
    public void close() {
        for (int i = 0; i < descriptors.length; i++) {
            if (descriptors[i] >= 0) {
                libc.close(descriptors[i]);
                descriptors[i] = -1;
            }
        }
        descriptor = -1;
    }
}
