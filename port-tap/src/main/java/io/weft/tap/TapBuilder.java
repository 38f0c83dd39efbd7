package io.weft.tap;

import io.weft.frame.IpPrefix;
import io.weft.port.OffloadMode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link TapPort} in the making. What is not said stays as it is, for a device that exists, or is the kernel's default.
 *
 * <p>Threads: confined.
 */
public final class TapBuilder {
    private final TapKind kind;
    private final String device;
    private final List<IpPrefix> addresses = new ArrayList<>();
    private final List<IpPrefix> routes = new ArrayList<>();
    private String portName;
    private Integer mtu;
    private Integer gsoMaxSize;
    private Boolean up;
    private Long hwaddr;
    private Boolean persist;
    private String owner;
    private String netns;
    private int queues = 1;
    private OffloadMode offload = OffloadMode.ON;

    TapBuilder(TapKind kind, String device) {
        this.kind = kind;
        this.device = device;
    }

    /** What the switch calls the port, unless as the device: two namespaces may have devices of one name. */
    public TapBuilder name(String newPortName) {
        portName = newPortName;
        return this;
    }

    /** Bytes of a packet (a frame without its Ethernet header) that the host may send, 68..65521; a new device has 1500. */
    public TapBuilder mtu(int bytes) {
        mtu = bytes;
        return this;
    }

    /** Bytes of the longest super-frame that the host gives us, 4096..65536, as {@code ip link set gso_max_size}. */
    public TapBuilder gsoMaxSize(int bytes) {
        gsoMaxSize = bytes;
        return this;
    }

    /** Whether to bring the device up. When not said: yes, but one that only root may bring up is left and reported. */
    public TapBuilder up(boolean bringUp) {
        up = bringUp;
        return this;
    }

    /** Adds an address of the host's side. */
    public TapBuilder address(InetAddress address, int prefixLength) {
        addresses.add(IpPrefix.of(address, prefixLength));
        return this;
    }

    /** Adds an address of the host's side, as {@code 10.0.0.1/24} or {@code fd00::1/64}. */
    public TapBuilder address(String prefix) {
        addresses.add(IpPrefix.parse(prefix));
        return this;
    }

    /**
     * Adds a network that the host is to reach through the device, as {@code 10.0.0.0/8}, {@code fd00::/8} or, for everything,
     * {@code 0.0.0.0/0}: what {@code ip route add 10.0.0.0/8 dev NAME} does. It goes with the device.
     */
    public TapBuilder route(String network) {
        routes.add(IpPrefix.parse(network));
        return this;
    }

    /** MAC address of the host's side, as {@link io.weft.frame.MacAddress#parse} gives it; a TUN device has none. */
    public TapBuilder hwaddr(long mac) {
        hwaddr = mac;
        return this;
    }

    /** Whether the device stays when the port is closed. When not said: an existing one stays, a new one goes. */
    public TapBuilder persist(boolean stays) {
        persist = stays;
        return this;
    }

    /** The user (name or uid) who may attach to the device without privileges; makes sense with {@link #persist}. */
    public TapBuilder owner(String user) {
        owner = user;
        return this;
    }

    /** The network namespace of the device: a name that {@code ip netns} lists, or a path as {@code /proc/1/ns/net}. */
    public TapBuilder netns(String nameOrPath) {
        netns = nameOrPath;
        return this;
    }

    /**
     * Descriptors of the device, 1..16, each read by a worker of its own as far as there are enough; 1 when not said. The
     * host spreads its flows over them, and each flow keeps its order. An existing device must have been made for several
     * queues.
     */
    public TapBuilder queues(int count) {
        queues = count;
        return this;
    }

    /** What the host and the port leave to each other, as far as the kernel has it; {@link OffloadMode#ON} when not said. */
    public TapBuilder offload(OffloadMode newOffload) {
        offload = newOffload;
        return this;
    }

    /**
     * The port, not yet opened.
     *
     * @throws io.weft.port.InvalidPortException naming the option that is out of range, and what is accepted
     */
    public TapPort build() {
        return new TapPort(new TapSettings(
                kind,
                device,
                portName,
                mtu,
                gsoMaxSize,
                up,
                addresses,
                routes,
                hwaddr,
                persist,
                owner,
                netns,
                queues,
                offload));
    }
}
