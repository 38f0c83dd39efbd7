package io.weft.srv6;

import io.weft.port.PortOption;
import io.weft.tunnel.AddressLiteral;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A remote end, and how packets get there: known by the address that its packets come from.
 *
 * <p>Threads: immutable.
 *
 * @param remote its address, of IPv6
 * @param unicast what frames to a station behind it take, and packets
 * @param flood what flooded frames take: to its End.DT2M, for one
 * @param arguments what the last segment of those says of where a frame is from; {@link FloodArguments#NONE} for nothing
 */
public record RemoteSegments(InetAddress remote, SegmentPath unicast, SegmentPath flood, FloodArguments arguments) {
    /** What {@link #parse} takes. */
    public static final String ACCEPTED =
            "IP [segs SID,SID... [weight 1..64]]... [backup SID,SID...] [bum SID,SID...[/LENGTH] [arglen 1..64"
                    + " [arg GROUP=ARGUMENT]...]], as"
                    + " fc00:2::1 segs fc00:9::1,fc00:2:0:d2:: bum fc00:2:0:d3::/64 arglen 16; IP is what its packets come"
                    + " from; LENGTH is 128 less arglen unless given, with zeros behind; GROUP 1..2147483647, each once;"
                    + " ARGUMENT of at most arglen bits";

    /** Checks the address, and that there is room for the arguments. */
    public RemoteSegments {
        Objects.requireNonNull(unicast, "unicast");
        Objects.requireNonNull(flood, "flood");
        Objects.requireNonNull(arguments, "arguments");
        flood.all().forEach(arguments::check);
        if (!AddressLiteral.isIpv6(remote)) {
            throw new IllegalArgumentException(
                    "remote end is " + AddressLiteral.format(remote) + "; accepted: an IPv6 address");
        }
    }

    /** A remote end with one path for everything. */
    public RemoteSegments(InetAddress remote, SegmentPath path) {
        this(remote, path, path);
    }

    /** A remote end whose SIDs have no argument. */
    public RemoteSegments(InetAddress remote, SegmentPath unicast, SegmentPath flood) {
        this(remote, unicast, flood, FloodArguments.NONE);
    }

    /**
     * Reads {@code IP [segs LIST [weight N]]... [backup LIST] [bum LIST[/LENGTH] [arglen BITS [arg GROUP=ARGUMENT]...]]}. Without
     * {@code segs} the remote end's address is the only segment; without {@code bum} flooded frames take what the others do;
     * without {@code arglen} they bring no argument.
     *
     * @throws IllegalArgumentException when it is something else
     */
    public static RemoteSegments parse(String text) {
        try {
            return read(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "remote end '" + text + "' is refused" + PortOption.explanation(e, ACCEPTED), e);
        }
    }

    /** The same; the message of an exception says which part is wrong, and not the whole text. */
    static RemoteSegments read(String text) {
        String[] words = text.strip().split("\\s+");
        if (words.length % 2 == 0) {
            throw new IllegalArgumentException("'" + words[words.length - 1] + "' has no value");
        }
        List<SegmentPath.Weighted> lists = new ArrayList<>();
        SegmentList backup = null;
        SegmentList bum = null;
        ArgumentWords arguments = new ArgumentWords();
        for (int i = 1; i < words.length; i += 2) {
            String value = words[i + 1];
            switch (words[i]) {
                case "segs" -> lists.add(new SegmentPath.Weighted(SegmentList.parse(value), 1));
                case "weight" -> {
                    if (i < 2 || !words[i - 2].equals("segs")) {
                        throw new IllegalArgumentException("weight without segs in front");
                    }
                    SegmentList last = lists.remove(lists.size() - 1).list();
                    lists.add(new SegmentPath.Weighted(last, weight(value)));
                }
                case "backup" -> backup = once(backup, words[i], value);
                case "bum" -> bum = once(bum, words[i], arguments.withoutLength(value));
                case "arglen" -> arguments.length(value);
                case "arg" -> arguments.add(value);
                default -> throw new IllegalArgumentException("'" + words[i] + "' is unknown");
            }
        }
        InetAddress remote = AddressLiteral.parse(words[0]);
        if (lists.isEmpty()) {
            lists.add(new SegmentPath.Weighted(SegmentList.parse(words[0]), 1));
        }
        SegmentPath unicast = new SegmentPath(lists, backup);
        return new RemoteSegments(
                remote, unicast, bum == null ? unicast : SegmentPath.of(bum), arguments.of(bum != null));
    }

    private static SegmentList once(SegmentList before, String word, String value) {
        if (before != null) {
            throw new IllegalArgumentException("'" + word + "' is there twice; accepted: once");
        }
        return SegmentList.parse(value);
    }

    private static int weight(String text) {
        if (!text.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("weight is '" + text + "'; accepted: 1.." + SegmentPath.MAX_WEIGHT);
        }
        return Integer.parseInt(text);
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
        return new RemoteSegments(remote, unicast.signed(keyId, linuxFlag), flood.signed(keyId, linuxFlag), arguments);
    }

    /** As {@link #parse} takes it. */
    @Override
    public String toString() {
        return AddressLiteral.format(remote) + " " + unicast
                + (flood.equals(unicast) && !arguments.exist()
                        ? ""
                        : " bum " + flood.lists().get(0).list())
                + (arguments.exist() ? "/" + arguments.sidLength() + " " + arguments : "");
    }

    /** The words behind {@code bum} that say where its last SID has an argument, and which, as they are read. */
    private static final class ArgumentWords {
        private static final Pattern LENGTH = Pattern.compile("[0-9]{1,3}");
        private static final Pattern ARGUMENT = Pattern.compile("([0-9]{1,10})=([0-9]{1,20})");

        private String sidLength; // null when not said
        private String length;
        private final List<String> given = new ArrayList<>();

        /** A list of segments behind which there may be a prefix length. */
        String withoutLength(String list) {
            int slash = list.lastIndexOf('/');
            sidLength = slash < 0 ? null : list.substring(slash + 1);
            return slash < 0 ? list : list.substring(0, slash);
        }

        void length(String bits) {
            if (length != null) {
                throw new IllegalArgumentException("'arglen' is there twice; accepted: once");
            }
            length = bits;
        }

        void add(String argument) {
            given.add(argument);
        }

        FloodArguments of(boolean isBum) {
            if (length == null) {
                if (sidLength != null || !given.isEmpty()) {
                    throw new IllegalArgumentException(
                            (sidLength != null ? "/" + sidLength : "arg " + given.get(0)) + " without arglen");
                }
                return FloodArguments.NONE;
            }
            if (!isBum) {
                throw new IllegalArgumentException("arglen " + length + " without bum");
            }
            int bits = bits("arglen", length);
            FloodArguments arguments =
                    FloodArguments.at(sidLength == null ? 128 - bits : bits("/LENGTH", sidLength), bits);
            for (String one : given) {
                Matcher parts = ARGUMENT.matcher(one);
                if (!parts.matches()) {
                    throw new IllegalArgumentException("arg is '" + one + "'; accepted: GROUP=ARGUMENT, two numbers");
                }
                long group = Long.parseLong(parts.group(1));
                if (group > Integer.MAX_VALUE) {
                    throw new IllegalArgumentException("group is " + group + "; accepted: 1.." + Integer.MAX_VALUE);
                }
                arguments = arguments.with((int) group, argument(parts.group(2)));
            }
            return arguments;
        }

        private static long argument(String number) {
            try {
                return Long.parseUnsignedLong(number);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("argument is " + number + "; accepted: at most 64 bits", e);
            }
        }

        private static int bits(String word, String value) {
            if (!LENGTH.matcher(value).matches()) {
                throw new IllegalArgumentException(word + " is '" + value + "'; accepted: a number of bits");
            }
            return Integer.parseInt(value);
        }
    }
}
