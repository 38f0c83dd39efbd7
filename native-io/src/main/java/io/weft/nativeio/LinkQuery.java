package io.weft.nativeio;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the kernel says about a network interface, asked through a socket of any kind and so in the socket's namespace,
 * whichever the calling thread is in (netdevice(7)).
 *
 * <p>Threads: confined.
 */
public final class LinkQuery {
    /** {@link #flags}: administratively up. */
    public static final int IFF_UP = 1;

    /** {@link #hardwareType}: Ethernet. */
    public static final int ARPHRD_ETHER = 1;

    /** {@link #hardwareType}: the loopback interface. */
    public static final int ARPHRD_LOOPBACK = 772;

    private static final long SIOCGIFNAME = 0x8910;
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final long SIOCGIFINDEX = 0x8933;
    private static final long SIOCETHTOOL = 0x8946;
    private static final int ETHTOOL_GDRVINFO = 3;
    private static final int ETHTOOL_GLINK = 0xa;

    // struct ifreq: the name, then what is asked for
    private static final int IFREQ_LENGTH = 40;
    private static final int NAME_LENGTH = 16;

    // struct ethtool_drvinfo: what is asked, then texts of 32 bytes
    private static final int DRIVER_LENGTH = 196;
    private static final int DRIVER_NAME = 4;
    private static final int DRIVER_BUS = 100;
    private static final int DRIVER_TEXT_LENGTH = 32;

    private final LibC libc = Linux.libc();
    private final int socket;
    private final NativeMemory request = new NativeMemory(IFREQ_LENGTH);
    private final NativeMemory linkState = new NativeMemory(8); // struct ethtool_value: what is asked, the answer

    /**
     * Who drives an interface.
     *
     * @param name as {@code tun}
     * @param bus where the device is; of a TUN or TAP device, which of the two it is
     */
    public record Driver(String name, String bus) {}

    /** Asks through {@code socket}, which stays the caller's. */
    public LinkQuery(int socket) {
        this.socket = socket;
    }

    /**
     * The index of the interface called {@code name}.
     *
     * @throws NativeException with {@link Errno#ENODEV} when there is none
     */
    public int index(String name) throws NativeException {
        ask("look for " + name, SIOCGIFINDEX, name);
        return request.bytes().getInt(NAME_LENGTH);
    }

    /** Its flags: {@link #IFF_UP} and others. */
    public int flags(String name) throws NativeException {
        ask("flags of " + name, SIOCGIFFLAGS, name);
        return request.bytes().getShort(NAME_LENGTH) & 0xffff;
    }

    /** What kind of interface it is: {@link #ARPHRD_ETHER} or another ARPHRD number. */
    public int hardwareType(String name) throws NativeException {
        ask("hardware type of " + name, SIOCGIFHWADDR, name);
        return request.bytes().getShort(NAME_LENGTH) & 0xffff;
    }

    /**
     * Whether it is up and has carrier, or a driver that cannot tell. (The flag IFF_RUNNING says so too, but up to a second
     * late.)
     */
    public boolean hasCarrier(String name) throws NativeException {
        linkState.bytes().putInt(0, ETHTOOL_GLINK).putInt(4, 0);
        begin(name);
        request.bytes().putLong(NAME_LENGTH, linkState.address());
        if (libc.ioctl(socket, SIOCETHTOOL, request.address()) >= 0) {
            return linkState.bytes().getInt(4) != 0;
        }
        int errno = Linux.errno();
        if (errno == Errno.EOPNOTSUPP) {
            return true;
        }
        throw new NativeException("carrier of " + name, errno);
    }

    /** Who drives it; {@code null} for an interface that does not tell. */
    public Driver driver(String name) throws NativeException {
        NativeMemory answer = new NativeMemory(DRIVER_LENGTH);
        answer.bytes().putInt(0, ETHTOOL_GDRVINFO);
        begin(name);
        request.bytes().putLong(NAME_LENGTH, answer.address());
        if (libc.ioctl(socket, SIOCETHTOOL, request.address()) >= 0) {
            return new Driver(text(answer, DRIVER_NAME), text(answer, DRIVER_BUS));
        }
        int errno = Linux.errno();
        if (errno == Errno.EOPNOTSUPP) {
            return null;
        }
        throw new NativeException("driver of " + name, errno);
    }

    private static String text(NativeMemory memory, int offset) {
        byte[] text = new byte[DRIVER_TEXT_LENGTH];
        memory.bytes().get(offset, text);
        return new String(text, StandardCharsets.UTF_8).trim();
    }

    /** The name that an interface has now. */
    public String name(int index) throws NativeException {
        clear();
        request.bytes().putInt(NAME_LENGTH, index);
        exchange("name of interface " + index, SIOCGIFNAME);
        byte[] name = new byte[NAME_LENGTH];
        request.bytes().get(0, name);
        return new String(name, StandardCharsets.UTF_8).trim();
    }

    private void ask(String attempt, long what, String name) throws NativeException {
        begin(name);
        exchange(attempt, what);
    }

    private void begin(String name) throws NativeException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        if (text.length >= NAME_LENGTH) {
            throw new NativeException("look for " + name, Errno.ENODEV);
        }
        clear();
        request.bytes().put(0, text);
    }

    private void clear() {
        request.bytes().put(0, new byte[IFREQ_LENGTH]);
    }

    private void exchange(String attempt, long what) throws NativeException {
        NativeException.check(attempt, libc.ioctl(socket, what, request.address()));
    }

    /** The names of all interfaces in the calling thread's namespace, for messages; empty where they cannot be had. */
    public static List<String> names() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/thread-self/net/dev"))) {
            return lines.filter(line -> line.contains(":"))
                    .map(line -> line.substring(0, line.indexOf(':')).trim())
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }
}
