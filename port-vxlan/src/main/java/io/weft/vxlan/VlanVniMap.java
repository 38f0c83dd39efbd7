package io.weft.vxlan;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which VLAN of a trunk is which VXLAN segment; one to one.
 *
 * <p>Threads: immutable. Looking up allocates nothing.
 */
public final class VlanVniMap {
    static final String ACCEPTED =
            "VLAN:VNI or VLAN-VLAN:VNI, comma-separated, as 10:1010,20-29:2020 (VLAN 29 is VNI 2029"
                    + " then), VLANs 1..4094 and VNIs 0..16777215, each once";

    private static final int VLANS = 4_096;
    private static final Pattern PART = Pattern.compile("([0-9]{1,4})(?:-([0-9]{1,4}))?:([0-9]{1,8})");

    /** By VLAN; -1: none. */
    private final int[] vnis = new int[VLANS];

    private final int[] vlans;

    /** Open addressing: a VNI above the VLAN's 12 bits; -1 where there is none. At most a quarter full. */
    private final long[] slots;

    private VlanVniMap(SortedMap<Integer, Integer> pairs) {
        Arrays.fill(vnis, -1);
        vlans = pairs.keySet().stream().mapToInt(Integer::intValue).toArray();
        slots = new long[Math.max(4, Integer.highestOneBit(vlans.length) * 8)];
        Arrays.fill(slots, -1);
        pairs.forEach((vlan, vni) -> {
            vnis[vlan] = vni;
            int slot = slot(vni);
            while (slots[slot] >= 0) {
                slot = slot + 1 & slots.length - 1;
            }
            slots[slot] = (long) vni << 12 | vlan;
        });
    }

    /**
     * Of pairs of a VLAN, 1..4094, and its VNI, 0..16777215.
     *
     * @throws IllegalArgumentException naming what is out of range or there twice, or when there are none
     */
    public static VlanVniMap of(Map<Integer, Integer> vniOfVlan) {
        TreeMap<Integer, Integer> pairs = new TreeMap<>();
        TreeMap<Integer, Integer> vlanOfVni = new TreeMap<>();
        vniOfVlan.forEach((vlan, vni) -> add(pairs, vlanOfVni, vlan, vni));
        return of(pairs, "");
    }

    /**
     * Reads pairs as {@code 10:1010,20-29:2020}; the VLANs of a range are VNIs in order, from the one given.
     *
     * @throws IllegalArgumentException naming what is wrong and what is accepted
     */
    public static VlanVniMap parse(String text) {
        TreeMap<Integer, Integer> pairs = new TreeMap<>();
        TreeMap<Integer, Integer> vlanOfVni = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            Matcher form = PART.matcher(part.strip());
            if (!form.matches()) {
                throw new IllegalArgumentException("VLANs and VNIs are '" + text + "'; accepted: " + ACCEPTED);
            }
            int from = Integer.parseInt(form.group(1));
            int to = form.group(2) == null ? from : Integer.parseInt(form.group(2));
            int vni = Integer.parseInt(form.group(3));
            if (to < from) {
                throw new IllegalArgumentException("VLANs are '" + from + "-" + to + "'; accepted: " + ACCEPTED);
            }
            for (int vlan = from; vlan <= to; vlan++) {
                add(pairs, vlanOfVni, vlan, vni + vlan - from);
            }
        }
        return of(pairs, text);
    }

    private static VlanVniMap of(SortedMap<Integer, Integer> pairs, String text) {
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException("VLANs and VNIs are '" + text + "'; accepted: " + ACCEPTED);
        }
        return new VlanVniMap(pairs);
    }

    private static void add(Map<Integer, Integer> pairs, Map<Integer, Integer> vlanOfVni, int vlan, int vni) {
        if (vlan < 1 || vlan > 4_094) {
            throw new IllegalArgumentException("VLAN is " + vlan + "; accepted: 1..4094");
        }
        if (vni < 0 || vni > VxlanHeader.MAX_VNI) {
            throw new IllegalArgumentException("VNI of VLAN " + vlan + " is " + vni + "; accepted: 0..16777215");
        }
        if (pairs.put(vlan, vni) != null) {
            throw new IllegalArgumentException("VLAN " + vlan + " is there twice; accepted: each VLAN once");
        }
        Integer other = vlanOfVni.put(vni, vlan);
        if (other != null) {
            throw new IllegalArgumentException(
                    "VNI " + vni + " is both of VLAN " + other + " and of VLAN " + vlan + "; accepted: each VNI once");
        }
    }

    private int slot(int vni) {
        return vni * 0x9e37_79b1 >>> 8 & slots.length - 1;
    }

    /** The VNI of a VLAN, 0..4095; -1 when it has none. */
    public int vni(int vlan) {
        return vnis[vlan];
    }

    /** The VLAN of a VNI; -1 when it has none. */
    public int vlan(int vni) {
        for (int slot = slot(vni); slots[slot] >= 0; slot = slot + 1 & slots.length - 1) {
            if (slots[slot] >>> 12 == vni) {
                return (int) slots[slot] & VLANS - 1;
            }
        }
        return -1;
    }

    /** The VLANs that have a VNI, in order. */
    public int[] vlans() {
        return vlans.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VlanVniMap map && Arrays.equals(vnis, map.vnis);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(vnis);
    }

    /** The shortest text that is read as the same map. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < vlans.length; i++) {
            int from = vlans[i];
            while (i + 1 < vlans.length && vlans[i + 1] == vlans[i] + 1 && vnis[vlans[i + 1]] == vnis[vlans[i]] + 1) {
                i++;
            }
            text.append(text.isEmpty() ? "" : ",").append(from);
            if (vlans[i] != from) {
                text.append('-').append(vlans[i]);
            }
            text.append(':').append(vnis[from]);
        }
        return text.toString();
    }
}
