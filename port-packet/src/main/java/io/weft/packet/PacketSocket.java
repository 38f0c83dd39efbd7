package io.weft.packet;

import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import io.weft.nativeio.LinkQuery;
import io.weft.nativeio.Linux;
import io.weft.nativeio.NamespaceEntry;
import io.weft.nativeio.NativeException;
import io.weft.nativeio.NativeMemory;
import io.weft.port.OffloadMode;
import io.weft.port.PortException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A raw AF_PACKET socket on one network interface (packet(7)): opened in the interface's namespace, set up, and asked
 * about the interface. It receives nothing before {@link #open} has set it up.
 *
 * <p>Threads: confined; the descriptor itself may be received from and sent to by any.
 */
final class PacketSocket implements AutoCloseable {
    /** Bytes of a {@code struct sockaddr_ll}: family, protocol, index at 4, hardware type, kind of packet at 10, address. */
    static final int ADDRESS_LENGTH = 20;

    /** Offset of the kind of packet in it. */
    static final int ADDRESS_PACKET_TYPE = 10;

    static final int SOL_PACKET = 263;
    static final int PACKET_AUXDATA = 8;

    private static final int PACKET_ADD_MEMBERSHIP = 1;
    private static final int PACKET_STATISTICS = 6;
    static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_QDISC_BYPASS = 20;
    static final int PACKET_IGNORE_OUTGOING = 23;
    private static final short PACKET_MR_PROMISC = 1;
    private static final int MEMBERSHIP_LENGTH = 16; // struct packet_mreq: index, type, length and bytes of an address
    private static final byte ETH_P_ALL = 3;

    private static final LibC LIBC = Linux.libc();

    private final PacketSettings settings;
    private final Set<Integer> missing;
    private final List<String> notes = new ArrayList<>();
    private final NativeMemory scratch = new NativeMemory(ADDRESS_LENGTH);
    private final NativeMemory scratchLength = new NativeMemory(4);
    private int descriptor = -1;
    private LinkQuery links;
    private int index;
    private boolean virtioHeader;
    private boolean ignoresOutgoing;
    private boolean udpSegmentation;

    private PacketSocket(PacketSettings settings, Set<Integer> missing) {
        this.settings = settings;
        this.missing = missing;
    }

    /**
     * Opens a socket on the interface, which may be down.
     *
     * @param missing options of packet sockets that are taken for unknown to the kernel, whether it has them or not
     * @throws PortException saying what failed and what helps; nothing is left behind then
     */
    static PacketSocket open(PacketSettings settings, Set<Integer> missing) throws PortException {
        String name = settings.interfaceName();
        PacketSocket socket;
        try {
            Linux.require();
            socket = new PacketSocket(settings, missing);
        } catch (IOException e) {
            throw new PortException("packet port '" + name + "': " + e.getMessage(), e);
        }
        boolean opened = false;
        try {
            if (settings.netns() == null) {
                socket.openHere();
            } else {
                try (NamespaceEntry namespace = new NamespaceEntry(settings.netns())) {
                    namespace.call(socket::openHere);
                }
            }
            opened = true;
        } catch (PortException e) {
            throw e;
        } catch (NamespaceEntry.UnreachableException e) {
            throw PacketAdvice.unreachable(name, settings.netns(), e);
        } catch (NativeException e) {
            throw PacketAdvice.failed(name, e, "see ip -d link show " + name);
        } catch (IOException e) {
            throw new PortException("packet port '" + name + "': " + e.getMessage(), e);
        } finally {
            if (!opened) {
                socket.close();
            }
        }
        return socket;
    }

    // ---- setting it up ----

    private void openHere() throws IOException {
        try {
            descriptor = newSocket();
        } catch (NativeException e) {
            throw PacketAdvice.notOpened(settings.interfaceName(), e);
        }
        links = new LinkQuery(descriptor);
        identify();
        setBuffer("rcvbuf", settings.rcvbuf(), LibC.SO_RCVBUF, LibC.SO_RCVBUFFORCE, "net.core.rmem_max");
        setBuffer("sndbuf", settings.sndbuf(), LibC.SO_SNDBUF, LibC.SO_SNDBUFFORCE, "net.core.wmem_max");
        set("PACKET_AUXDATA", PACKET_AUXDATA);
        virtioHeader = !missing.contains(PACKET_VNET_HDR) && enableVirtioHeader(descriptor);
        ignoresOutgoing = !missing.contains(PACKET_IGNORE_OUTGOING) && enable(descriptor, PACKET_IGNORE_OUTGOING);
        if (settings.qdiscBypass()) {
            set("PACKET_QDISC_BYPASS", PACKET_QDISC_BYPASS);
        }
        if (settings.promisc()) {
            addPromiscuous();
        }
        if (!virtioHeader) {
            notes.add(
                    "the kernel has no PACKET_VNET_HDR: super-frames and partial checksums are dropped; whoever sends on"
                            + " the interface must not use them (ethtool -K NAME gro off, on its peer tx off tso off)");
        } else if (settings.offload() == OffloadMode.ON) {
            udpSegmentation = SegmentationProbe.takesUdp();
        }
        bind();
    }

    static int newSocket() throws NativeException {
        return NativeException.check(
                "socket(AF_PACKET)", LIBC.socket(LibC.AF_PACKET, LibC.SOCK_RAW | LibC.CLOEXEC | LibC.O_NONBLOCK, 0));
    }

    /** Finds the interface, and makes sure that it is one whose frames are Ethernet's. */
    private void identify() throws IOException {
        String name = settings.interfaceName();
        try {
            index = links.index(name);
        } catch (NativeException e) {
            if (e.errno() == Errno.ENODEV) {
                throw PacketAdvice.noSuchInterface(name, settings.netns(), e);
            }
            throw e;
        }
        int hardwareType = links.hardwareType(name);
        if (hardwareType != LinkQuery.ARPHRD_ETHER) {
            throw PacketAdvice.notEthernet(name, hardwareType);
        }
    }

    /** As large as asked, or as the kernel grants, which is worth a note when the user has asked. */
    private void setBuffer(String option, Integer asked, int plain, int forced, String limit) throws NativeException {
        int wanted = asked != null ? asked : PacketSettings.DEFAULT_BUFFER;
        scratch.bytes().putInt(0, wanted);
        if (LIBC.setsockopt(descriptor, LibC.SOL_SOCKET, forced, scratch.address(), 4) < 0) {
            check(option, LIBC.setsockopt(descriptor, LibC.SOL_SOCKET, plain, scratch.address(), 4));
        }
        int granted = get(option, LibC.SOL_SOCKET, plain) / 2; // the kernel doubles what it is told
        if (asked != null && granted < wanted) {
            notes.add(PacketAdvice.smallerBuffer(option, asked, granted, limit));
        }
    }

    private int get(String what, int level, int option) throws NativeException {
        scratchLength.bytes().putInt(0, 4);
        check(what, LIBC.getsockopt(descriptor, level, option, scratch.address(), scratchLength.address()));
        return scratch.bytes().getInt(0);
    }

    private void set(String what, int option) throws NativeException {
        scratch.bytes().putInt(0, 1);
        check(what, LIBC.setsockopt(descriptor, SOL_PACKET, option, scratch.address(), 4));
    }

    /** Switches an option on; {@code false} when the kernel does not have it. */
    private static boolean enable(int socket, int option) {
        NativeMemory one = new NativeMemory(4);
        one.bytes().putInt(0, 1);
        return LIBC.setsockopt(socket, SOL_PACKET, option, one.address(), 4) == 0;
    }

    /** Puts a {@link io.weft.nativeio.VirtioNetHeader} in front of each frame of a socket; {@code false}: it cannot. */
    static boolean enableVirtioHeader(int socket) {
        return enable(socket, PACKET_VNET_HDR);
    }

    /** For as long as the socket is open; other programs' wishes are counted beside. */
    private void addPromiscuous() throws NativeException {
        NativeMemory membership = new NativeMemory(MEMBERSHIP_LENGTH);
        membership.bytes().putInt(0, index).putShort(4, PACKET_MR_PROMISC);
        check(
                "PACKET_MR_PROMISC",
                LIBC.setsockopt(
                        descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership.address(), MEMBERSHIP_LENGTH));
    }

    /** From here on frames come in. */
    private void bind() throws NativeException {
        NativeMemory address = new NativeMemory(ADDRESS_LENGTH);
        putAddress(address.bytes(), 0, index);
        check("bind", LIBC.bind(descriptor, address.address(), ADDRESS_LENGTH));
    }

    /** Writes the socket address that stands for everything on an interface. */
    static void putAddress(ByteBuffer bytes, int offset, int index) {
        bytes.putShort(offset, (short) LibC.AF_PACKET);
        bytes.put(offset + 2, (byte) 0).put(offset + 3, ETH_P_ALL); // in network byte order
        bytes.putInt(offset + 4, index);
    }

    private static void check(String attempt, int result) throws NativeException {
        NativeException.check(attempt, result);
    }

    // ---- what it is ----

    /** Its descriptor, non-blocking. */
    int descriptor() {
        return descriptor;
    }

    /** Whether a virtio_net_hdr lies in front of each frame. */
    boolean virtioHeader() {
        return virtioHeader;
    }

    /** Whether the kernel keeps what this machine sends on the interface from us; otherwise we see to it. */
    boolean ignoresOutgoing() {
        return ignoresOutgoing;
    }

    /** Whether the kernel takes super-frames of UDP. */
    boolean udpSegmentation() {
        return udpSegmentation;
    }

    /** What was not granted, for the listeners. */
    List<String> notes() {
        return notes;
    }

    // ---- how the interface is ----

    /** Whether the interface was deleted, or moved to another namespace: the socket is bound to nothing for ever. */
    boolean isGone() {
        scratchLength.bytes().putInt(0, ADDRESS_LENGTH);
        return LIBC.getsockname(descriptor, scratch.address(), scratchLength.address()) == 0
                && scratch.bytes().getInt(4) != index;
    }

    /** Why no frame can pass for the time being, and what helps; {@code null} when frames can. */
    String obstacle() {
        try {
            String name = links.name(index);
            if ((links.flags(name) & LinkQuery.IFF_UP) == 0) {
                return "interface " + name + " is down: ip link set " + name + " up";
            }
            return links.hasCarrier(name) ? null : "interface " + name + " has no carrier";
        } catch (NativeException goneOrRenamedMeanwhile) {
            return "interface " + settings.interfaceName() + " is gone"; // the next look tells for good
        }
    }

    /** Frames that the kernel dropped because the receive buffer was full, since the last call. */
    int takeDrops() {
        scratchLength.bytes().putInt(0, 8); // struct tpacket_stats: packets, drops
        int result =
                LIBC.getsockopt(descriptor, SOL_PACKET, PACKET_STATISTICS, scratch.address(), scratchLength.address());
        return result < 0 ? 0 : scratch.bytes().getInt(4);
    }

    @Override
    public void close() {
        if (descriptor >= 0) {
            LIBC.close(descriptor);
            descriptor = -1;
        }
    }
}
