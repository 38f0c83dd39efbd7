package io.weft.tunnel;

import io.weft.frame.MacAddress;
import java.util.HashSet;
import java.util.Set;

/**
 * Where a station is, as {@code bridge fdb add MAC dev vx0 dst IP} says it to the kernel.
 *
 * <p>Threads: immutable.
 *
 * @param mac its address, in the low 48 bits; a unicast one
 * @param remote the remote end that it is behind; its host is an address
 * @param vlan its VLAN in the switch, 0..4094; 0 where there are no VLANs
 */
public record StationSpec(long mac, RemoteSpec remote, int vlan) {
    /** What {@link #parse} takes. */
    public static final String ACCEPTED = "MAC dst IP [port 1..65535] [vni 0..4294967295] [vlan 0..4094], as"
            + " 02:00:00:00:00:07 dst 10.0.0.2 vni 100, the MAC a station's and the IP an IPv4 or IPv6 address";

    private static final long GROUP = 1L << 40;

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException naming the part, its value and what is accepted
     */
    public StationSpec {
        if (mac <= 0 || mac >>> 48 != 0 || (mac & GROUP) != 0) {
            throw new IllegalArgumentException("mac is " + MacAddress.format(mac) + "; accepted: a station's address");
        }
        if (remote.isName()) {
            throw new IllegalArgumentException("remote is '" + remote.host() + "'; accepted: an IPv4 or IPv6 address");
        }
        if (vlan < 0 || vlan > 4_094) {
            throw new IllegalArgumentException("vlan is " + vlan + "; accepted: 0..4094");
        }
    }

    /**
     * Reads {@code MAC dst IP [port N] [vni N] [vlan N]}; what follows the MAC may come in any order, and {@code key} is as good
     * as {@code vni}.
     *
     * @throws IllegalArgumentException when it is something else
     */
    public static StationSpec parse(String text) {
        String[] words = text.strip().split("\\s+");
        if (words.length % 2 == 0) {
            throw refused(text);
        }
        String host = null;
        int port = 0;
        long key = -1;
        int vlan = 0;
        Set<String> seen = new HashSet<>();
        for (int i = 1; i < words.length; i += 2) {
            String value = words[i + 1];
            if (!seen.add(words[i])) {
                throw refused(text);
            }
            switch (words[i]) {
                case "dst" -> host = value;
                case "port" -> port = (int) number(text, value, 1, 65_535);
                case "vni", "key" -> key = number(text, value, 0, RemoteSpec.MAX_KEY);
                case "vlan" -> vlan = (int) number(text, value, 0, 4_094);
                default -> throw refused(text);
            }
        }
        if (host == null) {
            throw refused(text);
        }
        return new StationSpec(MacAddress.parse(words[0]), new RemoteSpec(host, port, key), vlan);
    }

    private static long number(String text, String value, long from, long to) {
        long number = value.matches("[0-9]{1,10}") ? Long.parseLong(value) : -1;
        if (number < from || number > to) {
            throw refused(text);
        }
        return number;
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException("station is '" + text + "'; accepted: " + ACCEPTED);
    }

    /** As the option has it. */
    @Override
    public String toString() {
        return MacAddress.format(mac) + " dst " + remote.host() + (remote.port() == 0 ? "" : " port " + remote.port())
                + (remote.key() < 0 ? "" : " vni " + remote.key()) + (vlan == 0 ? "" : " vlan " + vlan);
    }
}
