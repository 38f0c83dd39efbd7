package io.weft;

import io.weft.port.DropReason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the bridge must do, written from {@code docs/design.md} and {@link io.weft.bridge.Bridge}'s Javadoc in the slowest and
 * most obvious way: maps, lists, arrays of bytes.
 */
final class ReferenceBridge {
    private static final int AGEING_SECONDS = 300;

    private record Station(int vlan, long mac) {}

    private static final class Entry {
        String port;
        long seen;
    }

    private static final class RefPort {
        final int splitHorizonGroup;
        final int maxFrameLength;
        final List<byte[]> sent = new ArrayList<>();
        boolean up = true;

        RefPort(int splitHorizonGroup, int maxFrameLength) {
            this.splitHorizonGroup = splitHorizonGroup;
            this.maxFrameLength = maxFrameLength;
        }
    }

    private final Map<String, RefPort> ports = new LinkedHashMap<>();
    private final Map<Station, Entry> fdb = new HashMap<>();
    private final Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
    private long received;
    private long copies;
    private long transmitted;

    // ---- ports ----

    void add(String port, int splitHorizonGroup, int maxFrameLength) {
        ports.put(port, new RefPort(splitHorizonGroup, maxFrameLength));
    }

    void remove(String port) {
        ports.remove(port);
        forget(port);
    }

    void up(String port) {
        ports.get(port).up = true;
    }

    void down(String port) {
        ports.get(port).up = false;
        forget(port);
    }

    private void forget(String port) {
        fdb.values().removeIf(entry -> entry.port.equals(port));
    }

    // ---- frames ----

    /** A frame came in by {@code port}. */
    void receive(String port, byte[] frame, long nowSeconds) {
        received++;
        RefPort in = ports.get(port);
        if (frame.length < 14) {
            drop(DropReason.RUNT);
            return;
        }
        if (!in.up) {
            drop(DropReason.RX_PORT_DOWN);
            return;
        }
        int type = number(frame, 12, 2);
        int vlan = 0;
        if (type == 0x8100 || type == 0x88a8) {
            if (frame.length < 18) {
                drop(DropReason.RUNT);
                return;
            }
            vlan = number(frame, 14, 2) % 4_096;
            if (vlan == 4_095) {
                drop(DropReason.INVALID_VLAN);
                return;
            }
        }
        learn(vlan, mac(frame, 6), port, nowSeconds);
        forward(port, in, frame, vlan, nowSeconds);
    }

    private void learn(int vlan, long source, String port, long nowSeconds) {
        boolean group = (source >> 40) % 2 == 1;
        if (group || source == 0) {
            return;
        }
        Entry entry = fdb.computeIfAbsent(new Station(vlan, source), unknown -> new Entry());
        entry.port = port;
        entry.seen = nowSeconds;
    }

    private void forward(String port, RefPort in, byte[] frame, int vlan, long nowSeconds) {
        long destination = mac(frame, 0);
        if (destination >= 0x0180_c200_0000L && destination <= 0x0180_c200_000fL) {
            drop(DropReason.RESERVED_MULTICAST);
            return;
        }
        String known = whereIs(vlan, destination, nowSeconds);
        if (known == null) {
            flood(port, in, frame);
        } else if (known.equals(port)) {
            drop(DropReason.SAME_PORT);
        } else if (isHidden(in, ports.get(known))) {
            drop(DropReason.SPLIT_HORIZON);
        } else {
            send(ports.get(known), frame);
        }
    }

    private String whereIs(int vlan, long destination, long nowSeconds) {
        Entry entry = fdb.get(new Station(vlan, destination));
        return entry == null || nowSeconds - entry.seen > AGEING_SECONDS ? null : entry.port;
    }

    private void flood(String port, RefPort in, byte[] frame) {
        List<RefPort> out = new ArrayList<>();
        boolean hidden = false;
        for (Map.Entry<String, RefPort> other : ports.entrySet()) {
            if (!other.getKey().equals(port) && other.getValue().up) {
                if (isHidden(in, other.getValue())) {
                    hidden = true;
                } else {
                    out.add(other.getValue());
                }
            }
        }
        if (out.isEmpty()) {
            drop(hidden ? DropReason.SPLIT_HORIZON : DropReason.NO_EGRESS);
            return;
        }
        copies += out.size() - 1;
        out.forEach(to -> send(to, frame));
    }

    private static boolean isHidden(RefPort in, RefPort out) {
        return in.splitHorizonGroup > 0 && in.splitHorizonGroup == out.splitHorizonGroup;
    }

    private void send(RefPort out, byte[] frame) {
        if (frame.length > out.maxFrameLength) {
            drop(DropReason.TOO_LONG);
        } else {
            transmitted++;
            out.sent.add(frame);
        }
    }

    private void drop(DropReason reason) {
        drops.merge(reason, 1L, Long::sum);
    }

    // ---- what came of it ----

    /** The frames sent by a port since the last call, in order. */
    List<byte[]> takeSent(String port) {
        List<byte[]> sent = new ArrayList<>(ports.get(port).sent);
        ports.get(port).sent.clear();
        return sent;
    }

    Map<DropReason, Long> drops() {
        return drops;
    }

    long received() {
        return received;
    }

    long copies() {
        return copies;
    }

    long transmitted() {
        return transmitted;
    }

    /** Stations known now as "vlan/mac@port". */
    List<String> stations(long nowSeconds) {
        List<String> known = new ArrayList<>();
        fdb.forEach((station, entry) -> {
            if (nowSeconds - entry.seen <= AGEING_SECONDS) {
                known.add(station.vlan + "/" + Long.toHexString(station.mac) + "@" + entry.port);
            }
        });
        return known;
    }

    private static long mac(byte[] frame, int offset) {
        return (long) number(frame, offset, 3) << 24 | number(frame, offset + 3, 3);
    }

    private static int number(byte[] frame, int offset, int bytes) {
        int number = 0;
        for (int i = 0; i < bytes; i++) {
            number = number * 256 + (frame[offset + i] & 255);
        }
        return number;
    }
}
