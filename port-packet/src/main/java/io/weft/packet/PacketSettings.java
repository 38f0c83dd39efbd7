package io.weft.packet;

import io.weft.port.InvalidPortException;
import io.weft.port.OffloadMode;
import java.nio.charset.StandardCharsets;

/**
 * What a packet port is to be; the URI and the builder both end here. {@code null} means that nothing was said.
 *
 * @param interfaceName name of the network interface
 * @param portName what the switch calls the port; {@code null}: as the interface
 * @param offload what is left to the interface when sending
 * @param promisc whether the interface receives frames to all addresses
 * @param qdiscBypass whether frames go to the driver past the interface's queueing discipline
 * @param rcvbuf bytes of the socket's receive buffer; {@code null}: {@link #DEFAULT_BUFFER}, or what the kernel grants
 * @param sndbuf the same for its send buffer
 * @param netns namespace of the interface: a name or a path
 */
record PacketSettings(
        String interfaceName,
        String portName,
        OffloadMode offload,
        boolean promisc,
        boolean qdiscBypass,
        Integer rcvbuf,
        Integer sndbuf,
        String netns) {
    static final int MIN_BUFFER = 4_096;
    static final int MAX_BUFFER = 1 << 30;

    /** Some 60 super-frames: the kernel counts what a frame occupies, not what it holds, against twice this. */
    static final int DEFAULT_BUFFER = 4 << 20;

    private static final int MAX_NAME_LENGTH = 15;

    PacketSettings {
        checkName(interfaceName);
        checkBuffer(interfaceName, "rcvbuf", rcvbuf);
        checkBuffer(interfaceName, "sndbuf", sndbuf);
    }

    private static void checkName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length; // the kernel counts bytes
        if (length > MAX_NAME_LENGTH || !name.matches("[^\\s/:%]+") || name.matches("\\.|\\.\\.")) {
            throw new InvalidPortException("packet port '" + name + "': the interface name is not valid; accepted: 1.."
                    + MAX_NAME_LENGTH + " bytes without space, '/', ':' and '%', as `ip link` lists them");
        }
    }

    private static void checkBuffer(String name, String option, Integer bytes) {
        if (bytes != null && (bytes < MIN_BUFFER || bytes > MAX_BUFFER)) {
            throw new InvalidPortException("packet port '" + name + "': option " + option + " is '" + bytes
                    + "'; accepted: " + MIN_BUFFER + ".." + MAX_BUFFER);
        }
    }
}
