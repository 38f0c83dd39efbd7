package io.weft.srv6;

import io.weft.tunnel.AddressLiteral;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A remote end, and how packets get there: known by the address that its packets come from.
 *
 * <p>Threads: immutable.
 *
 * @param remote its address, of IPv6
 * @param unicast what frames to a station behind it take, and packets
 * @param flood what flooded frames take: to its End.DT2M, for one
 */
public record RemoteSegments(InetAddress remote, SegmentPath unicast, SegmentPath flood) {
    /** What {@link #parse} takes. */
    public static final String ACCEPTED =
            "IP [segs SID,SID... [weight 1..64]]... [backup SID,SID...] [bum SID,SID...], as"
                    + " fc00:2::1 segs fc00:9::1,fc00:2:0:d2:: bum fc00:2:0:d3::; IP is what its packets come from";

    /** Checks the address. */
    public RemoteSegments {
        Objects.requireNonNull(unicast, "unicast");
        Objects.requireNonNull(flood, "flood");
        if (!AddressLiteral.isIpv6(remote)) {
            throw new IllegalArgumentException(
                    "remote end is " + AddressLiteral.format(remote) + "; accepted: an IPv6 address");
        }
    }

    /** A remote end with one path for everything. */
    public RemoteSegments(InetAddress remote, SegmentPath path) {
        this(remote, path, path);
    }

    /**
     * Reads {@code IP [segs LIST [weight N]]... [backup LIST] [bum LIST]}. Without {@code segs} the remote end's address is the only
     * segment; without {@code bum} flooded frames take what the others do.
     *
     * @throws IllegalArgumentException when it is something else
     */
    public static RemoteSegments parse(String text) {
        String[] words = text.strip().split("\\s+");
        if (words.length % 2 == 0) {
            throw refused(text, null);
        }
        try {
            return read(words);
        } catch (IllegalArgumentException e) {
            throw refused(text, e);
        }
    }

    private static RemoteSegments read(String[] words) {
        List<SegmentPath.Weighted> lists = new ArrayList<>();
        SegmentList backup = null;
        SegmentList bum = null;
        for (int i = 1; i < words.length; i += 2) {
            String value = words[i + 1];
            switch (words[i]) {
                case "segs" -> lists.add(new SegmentPath.Weighted(SegmentList.parse(value), 1));
                case "weight" -> {
                    if (!words[i - 2 < 0 ? 0 : i - 2].equals("segs")) {
                        throw new IllegalArgumentException("weight without segs in front");
                    }
                    SegmentList last = lists.remove(lists.size() - 1).list();
                    lists.add(new SegmentPath.Weighted(last, weight(value)));
                }
                case "backup" -> backup = once(backup, words[i], value);
                case "bum" -> bum = once(bum, words[i], value);
                default -> throw new IllegalArgumentException("unknown word '" + words[i] + "'");
            }
        }
        InetAddress remote = AddressLiteral.parse(words[0]);
        if (lists.isEmpty()) {
            lists.add(new SegmentPath.Weighted(SegmentList.parse(words[0]), 1));
        }
        SegmentPath unicast = new SegmentPath(lists, backup);
        return new RemoteSegments(remote, unicast, bum == null ? unicast : SegmentPath.of(bum));
    }

    private static SegmentList once(SegmentList before, String word, String value) {
        if (before != null) {
            throw new IllegalArgumentException(word + " twice");
        }
        return SegmentList.parse(value);
    }

    private static int weight(String text) {
        if (!text.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("weight is '" + text + "'; accepted: 1.." + SegmentPath.MAX_WEIGHT);
        }
        return Integer.parseInt(text);
    }

    private static IllegalArgumentException refused(String text, IllegalArgumentException reason) {
        String why = reason == null ? "" : " (" + reason.getMessage() + ")";
        return new IllegalArgumentException("remote is '" + text + "'" + why + "; accepted: " + ACCEPTED, reason);
    }

    /** All lists. */
    List<SegmentList> all() {
        List<SegmentList> all = new ArrayList<>(unicast.all());
        if (!flood.equals(unicast)) {
            all.addAll(flood.all());
        }
        return all;
    }

    /** Whether flows are spread over several lists. */
    boolean spreads() {
        return unicast.lists().size() > 1 || flood.lists().size() > 1;
    }

    /** Bytes that are put in front of a frame at most, the IPv6 header counted. */
    int longestHeader(Encapsulation encapsulation) {
        return Math.max(unicast.longestHeader(encapsulation), flood.longestHeader(encapsulation));
    }

    /** The same with room for an HMAC in each list. */
    RemoteSegments signed(long keyId, boolean linuxFlag) {
        return new RemoteSegments(remote, unicast.signed(keyId, linuxFlag), flood.signed(keyId, linuxFlag));
    }

    /** As {@link #parse} takes it. */
    @Override
    public String toString() {
        return AddressLiteral.format(remote) + " " + unicast
                + (flood.equals(unicast) ? "" : " bum " + flood.lists().get(0).list());
    }
}
