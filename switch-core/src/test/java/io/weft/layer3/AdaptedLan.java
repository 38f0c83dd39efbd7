package io.weft.layer3;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.frame.MacAddress;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortStatistics;
import io.weft.worker.AttachedDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;

/** A stepped switch with two stations and, behind an adapter with the MAC address ..99, a layer-3 port; frames are hexadecimal. */
final class AdaptedLan implements AutoCloseable {
    static final String MAC = "020000000099";
    static final String A = "02000000000a";
    static final String B = "02000000000b";
    static final String ALL = "ffffffffffff";
    static final String ZERO = "000000000000 000000000000";

    final MemoryPort a = new MemoryPort("a");
    final MemoryPort b = new MemoryPort("b");
    final MemoryPort behind = new MemoryPort("behind");
    final VirtualSwitch lan;
    private final L3Adapter adapter;
    private final AttachedDriver attached;
    private long nowNs = 1_000_000_000_000L;

    /** 10.0.0.1 and fd00::1 are behind the adapter. */
    AdaptedLan() throws PortException {
        this(options -> options.address("10.0.0.1").address("fd00::1"));
    }

    AdaptedLan(UnaryOperator<L3AdapterBuilder> options) throws PortException {
        this(options, driver -> driver);
    }

    AdaptedLan(UnaryOperator<L3AdapterBuilder> options, UnaryOperator<PortDriver> inner) throws PortException {
        lan = VirtualSwitch.builder().invoker(() -> nowNs).workers(2).build();
        lan.add(a);
        lan.add(b);
        adapter = options.apply(L3Adapter.builder(inner.apply(behind)).mac(MacAddress.format(0x0200_0000_0099L)))
                .build();
        attached = lan.add(adapter);
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    // ---- frames ----

    /** An Ethernet header and an IPv4 packet with a payload. */
    static String ipv4(String addresses, String source, String destination, String payload) {
        String body = payload.replace(" ", "");
        return (addresses + " 0800 4500" + String.format("%04x", 20 + body.length() / 2) + "00004000 4011 0000" + source
                        + destination + body)
                .replace(" ", "");
    }

    /** An Ethernet header and an IPv6 packet with a payload of UDP. */
    static String ipv6(String addresses, String source, String destination, String payload) {
        String body = payload.replace(" ", "");
        return (addresses + " 86dd 60000000" + String.format("%04x", body.length() / 2) + "1140" + source + destination
                        + body)
                .replace(" ", "");
    }

    static String arp(String destination, int operation, String mac, String ip, String targetMac, String targetIp) {
        return (destination + mac + "0806 0001 0800 0604 000" + operation + mac + ip + targetMac + targetIp)
                .replace(" ", "");
    }

    // ---- traffic ----

    void send(MemoryPort port, String frame) {
        send(port, bytes(frame));
    }

    void send(MemoryPort port, byte[] frame) {
        assertThat(port.send(frame)).isTrue();
        settle();
    }

    void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    void pass(Duration time) {
        nowNs += time.toNanos();
        settle();
    }

    /** What has come out of a port since the last look. */
    static List<String> take(MemoryPort port) {
        List<String> frames = new ArrayList<>();
        for (byte[] frame = port.receive(); frame != null; frame = port.receive()) {
            frames.add(hex(frame));
        }
        return frames;
    }

    long dropped(DropReason reason) {
        return statistics().dropped(reason);
    }

    PortStatistics statistics() {
        return lan.port("behind").status().statistics();
    }

    /** A figure of the adapter, by the last words of its name. */
    long reading(String name) {
        return adapter.readings().stream()
                .filter(reading -> reading.name().equals("l3_adapter_" + name))
                .findFirst()
                .orElseThrow()
                .value();
    }

    /** Takes the adapter out of the switch. */
    void remove() {
        attached.close();
    }

    @Override
    public void close() {
        assertThat(lan.statistics().unaccounted()).isZero();
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
    }
}
