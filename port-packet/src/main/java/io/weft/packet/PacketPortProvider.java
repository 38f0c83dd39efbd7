package io.weft.packet;

import io.weft.port.OffloadMode;
import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.util.List;
import java.util.Locale;

/** Makes {@link PacketPort}s from {@code packet:INTERFACE?option=value&...}. */
public final class PacketPortProvider implements PortProvider {
    private static final PortOption<String> NAME =
            PortOption.text("name", "a name").meaning("the port's name in the switch; the interface's unless given");

    private static final PortOption<String> OFFLOAD = PortOption.choice("offload", "on", "csum", "off")
            .defaultValue("on")
            .meaning(
                    "what is left to the interface when sending: super-frames and checksums, checksums only, or nothing;"
                            + " what is received comes as the kernel has it");

    private static final PortOption<Boolean> PROMISC = PortOption.flag("promisc")
            .defaultValue("true")
            .meaning("whether the interface receives frames to all addresses while the port is open");

    private static final PortOption<Boolean> QDISC_BYPASS = PortOption.flag("qdisc_bypass")
            .defaultValue("false")
            .meaning(
                    "whether frames are sent past the interface's queueing discipline: sooner, but lost when the driver"
                            + " is busy");

    private static final PortOption<Integer> RCVBUF = PortOption.integer(
                    "rcvbuf", PacketSettings.MIN_BUFFER, PacketSettings.MAX_BUFFER)
            .meaning("bytes of frames that may wait to be received; when not given, " + PacketSettings.DEFAULT_BUFFER
                    + " or what the kernel grants");

    private static final PortOption<Integer> SNDBUF = PortOption.integer(
                    "sndbuf", PacketSettings.MIN_BUFFER, PacketSettings.MAX_BUFFER)
            .meaning("bytes of frames that may wait in the kernel to be sent; when not given, "
                    + PacketSettings.DEFAULT_BUFFER + " or what the kernel grants");

    private static final PortOption<String> NETNS = PortOption.text(
                    "netns", "a name that `ip netns` lists, or a path as /proc/PID/ns/net")
            .meaning("network namespace of the interface");

    /** For {@code ServiceLoader}. */
    public PacketPortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of("packet");
    }

    @Override
    public String syntax() {
        return "packet:INTERFACE";
    }

    @Override
    public String summary() {
        return "An existing network interface of Linux, through an AF_PACKET socket: a NIC, or one end of a veth pair.";
    }

    @Override
    public List<PortOption<?>> options() {
        return List.of(NAME, OFFLOAD, PROMISC, QDISC_BYPASS, RCVBUF, SNDBUF, NETNS);
    }

    @Override
    public PortDriver create(PortUri uri) {
        return new PacketPort(new PacketSettings(
                uri.target(),
                uri.get(NAME),
                OffloadMode.valueOf(uri.get(OFFLOAD).toUpperCase(Locale.ROOT)),
                uri.get(PROMISC),
                uri.get(QDISC_BYPASS),
                uri.get(RCVBUF),
                uri.get(SNDBUF),
                uri.get(NETNS)));
    }
}
