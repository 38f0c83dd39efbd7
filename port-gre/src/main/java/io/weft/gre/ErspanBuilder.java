package io.weft.gre;

import io.weft.gre.ErspanHeader.Granularity;
import io.weft.tunnel.AddressLiteral;
import io.weft.underlay.Underlay;
import java.net.InetAddress;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * An {@link ErspanPort} in the making. Each method is an option of the URI and takes what that takes; {@link #remote} is
 * needed, everything else has a default.
 *
 * <pre>{@code
 * lan.mirror(Mirror.of("m").port("vm1").toPort("watch")); // first: until then a port takes part in flooding
 * lan.add(ErspanPort.builder("watch").remote("10.0.0.9").version(2).sessionId(7).build());
 * }</pre>
 *
 * <p>Threads: confined.
 */
public final class ErspanBuilder {
    static final int DEFAULT_TTL = 64;

    private final String name;
    private InetAddress remote;
    private InetAddress local;
    private String dev;
    private String netns;
    private int ttl = DEFAULT_TTL;
    private int tos;
    private boolean dfDefault = true;
    private int version = 1;
    private int sessionId;
    private Integer index;
    private Integer direction;
    private Integer hardwareId;
    private Granularity timestamps;
    private int mtu;
    private int sndbuf;
    private Underlay underlay = Underlay.SYSTEM;

    ErspanBuilder(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    /** Who reads the copies: a unicast IPv4 or IPv6 address. */
    public ErspanBuilder remote(String address) {
        return remote(parse("remote_ip", address, ErspanSettings.REMOTE));
    }

    /** Who reads the copies: a unicast address. */
    public ErspanBuilder remote(InetAddress address) {
        remote = Objects.requireNonNull(address, "address");
        return this;
    }

    /** The address of this machine to send from; any when not said. */
    public ErspanBuilder local(String address) {
        return local(parse("local_ip", address, ErspanSettings.LOCAL));
    }

    /** The address of this machine to send from; any when not said. */
    public ErspanBuilder local(InetAddress address) {
        local = Objects.requireNonNull(address, "address");
        return this;
    }

    private InetAddress parse(String option, String address, String accepted) {
        try {
            return AddressLiteral.parse(address);
        } catch (IllegalArgumentException e) {
            throw ErspanSettings.refuse(name, option, address, accepted);
        }
    }

    /** The only network interface to send by; any when not said. */
    public ErspanBuilder dev(String networkInterface) {
        dev = networkInterface;
        return this;
    }

    /** The network namespace of the socket: a name that {@code ip netns} lists, or a path as {@code /proc/1/ns/net}. */
    public ErspanBuilder netns(String nameOrPath) {
        netns = nameOrPath;
        return this;
    }

    /** Time to live, or hop limit, of the outer header, 1..255; 64 when not said. */
    public ErspanBuilder ttl(int hops) {
        ttl = hops;
        return this;
    }

    /** TOS, or traffic class, of the outer header, 0..255; 0 when not said. */
    public ErspanBuilder tos(int value) {
        tos = value;
        return this;
    }

    /** Whether the outer header forbids fragments, so that what does not fit is cut; yes when not said. */
    public ErspanBuilder dfDefault(boolean dontFragment) {
        dfDefault = dontFragment;
        return this;
    }

    /** 1 for ERSPAN type II, 2 for type III ({@code erspan_ver}); 1 when not said. */
    public ErspanBuilder version(int number) {
        version = number;
        return this;
    }

    /** The session id, 0..1023 ({@code key}); 0 when not said. */
    public ErspanBuilder sessionId(int id) {
        sessionId = id;
        return this;
    }

    /** The index of type II, 0..1048575 ({@code erspan_idx}); 0 when not said. */
    public ErspanBuilder index(int number) {
        index = number;
        return this;
    }

    /** The direction that type III says, whatever was mirrored ({@code erspan_dir}): 0 for received, 1 for sent. */
    public ErspanBuilder direction(int number) {
        ErspanSettings.range(name, "erspan_dir", number, 0, 1);
        direction = number;
        return this;
    }

    /** The hardware id of type III, 0..63 ({@code erspan_hwid}); 0 when not said. */
    public ErspanBuilder hardwareId(int id) {
        hardwareId = id;
        return this;
    }

    /** What the timestamps of type III count: {@code 100us}, {@code 100ns} or {@code ns}; {@code 100us} when not said. */
    public ErspanBuilder timestamps(String unit) {
        timestamps = Stream.of(Granularity.values())
                .filter(each -> each.text.equals(unit))
                .findAny()
                .orElseThrow(() -> ErspanSettings.refuse(
                        name, "erspan_timestamp", unit, ErspanOptions.ERSPAN_TIMESTAMP.accepted()));
        return this;
    }

    /** The longest IP packet in a copy, 68..65450; longer ones are cut. When not said, what the way has room for. */
    public ErspanBuilder mtu(int bytes) {
        ErspanSettings.range(name, "mtu", bytes, ErspanSettings.MIN_MTU, ErspanSettings.MAX_MTU);
        mtu = bytes;
        return this;
    }

    /** Bytes of datagrams that may wait to be sent, 4096..2<sup>30</sup>; 4 MiB when not said, or what is granted. */
    public ErspanBuilder sndbuf(int bytes) {
        ErspanSettings.range(name, "sndbuf", bytes, ErspanSettings.MIN_BUFFER, ErspanSettings.MAX_BUFFER);
        sndbuf = bytes;
        return this;
    }

    /** What its socket is; the kernel's when not said. */
    public ErspanBuilder underlay(Underlay newUnderlay) {
        underlay = Objects.requireNonNull(newUnderlay, "newUnderlay");
        return this;
    }

    /**
     * The port, not yet opened.
     *
     * @throws io.weft.port.InvalidPortException naming the option that is wrong, its value and what is accepted
     */
    public ErspanPort build() {
        onlyWith(1, "erspan_idx", index);
        onlyWith(2, "erspan_dir", direction);
        onlyWith(2, "erspan_hwid", hardwareId);
        onlyWith(2, "erspan_timestamp", timestamps == null ? null : timestamps.text);
        ErspanSettings settings = new ErspanSettings(
                name,
                remote,
                local,
                dev,
                netns,
                ttl,
                tos,
                dfDefault,
                version,
                sessionId,
                index == null ? 0 : index,
                direction == null ? ErspanSettings.AS_MIRRORED : direction,
                hardwareId == null ? 0 : hardwareId,
                timestamps == null ? Granularity.MICROSECONDS_100 : timestamps,
                mtu,
                sndbuf);
        return new ErspanPort(settings, underlay);
    }

    private void onlyWith(int needed, String option, Object value) {
        if (value != null && version != needed && version >= 1 && version <= 2) {
            throw ErspanSettings.refuse(name, option, value, "only with erspan_ver=" + needed);
        }
    }
}
