package io.weft.examples;

import io.weft.TrafficRecord;
import io.weft.VirtualSwitch;
import io.weft.bridge.PortSecurity;
import io.weft.bridge.PortSecurity.Violation;
import io.weft.bridge.PortSettings;
import io.weft.bridge.RateLimit;
import io.weft.bridge.StormControl;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.mirror.FrameFilter;
import io.weft.mirror.Mirror;
import io.weft.port.MemoryPort;
import java.util.HexFormat;

/**
 * An office: desks and guests in VLANs of their own, a trunk to the rest of the house, limits on what a desk may do, and an
 * answer to "where would this frame go, and why?". The ports are in memory; with {@code lan.add("tap:desk1", desk)} they are
 * devices.
 */
public final class OfficeSwitch {
    private OfficeSwitch() {}

    /** Prints what the switch would do with three frames. */
    public static void main(String[] args) throws Exception {
        PortSettings desk = PortSettings.builder()
                .vlans(VlanSettings.access(10))
                .security(PortSecurity.sticky(2, Violation.DROP)) // a telephone and a computer
                .stormControl(StormControl.each(RateLimit.frames(500)))
                .build();
        PortSettings guest = PortSettings.builder()
                .vlans(VlanSettings.access(20))
                .isolated(true) // from other guests
                .ingressPolicing(RateLimit.bits(20_000_000))
                .build();
        PortSettings uplink = PortSettings.builder()
                .vlans(VlanSettings.trunk(VlanSet.of(10, 20)))
                .build();
        try (VirtualSwitch lan = VirtualSwitch.builder().name("office").build()) {
            lan.add(new MemoryPort("desk1"), desk);
            lan.add(new MemoryPort("desk2"), desk);
            lan.add(new MemoryPort("guest1"), guest);
            lan.add(new MemoryPort("guest2"), guest);
            lan.add(new MemoryPort("uplink"), uplink);
            lan.add(new MemoryPort("ids"));
            lan.fdb().set(10, "02:00:00:00:00:99", "uplink"); // the printer is upstairs, and stays there

            Mirror arp =
                    Mirror.of("arp").allPorts().filter(FrameFilter.parse("arp")).toPort("ids");
            try (TrafficRecord watch = lan.mirror(arp)) {
                explain(lan, "desk1 asks who has an address", "desk1", "ffffffffffff 020000000001 0806");
                explain(lan, "desk1 prints", "desk1", "020000000099 020000000001 0800");
                explain(lan, "guest1 calls everybody", "guest1", "ffffffffffff 020000000021 0800");
            }
        }
    }

    private static void explain(VirtualSwitch lan, String title, String port, String header) {
        byte[] frame = HexFormat.of().parseHex(header.replace(" ", "") + "00".repeat(46));
        System.out.println(title);
        System.out.print(lan.trace(frame, port));
        System.out.println();
    }
}
