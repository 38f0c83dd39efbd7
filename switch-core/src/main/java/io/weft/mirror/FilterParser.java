package io.weft.mirror;

import io.weft.frame.EtherType;
import io.weft.frame.IpAddress;
import io.weft.frame.MacAddress;
import io.weft.mirror.FilterNode.And;
import io.weft.mirror.FilterNode.Not;
import io.weft.mirror.FilterNode.Or;
import io.weft.mirror.Primitives.Broadcast;
import io.weft.mirror.Primitives.EtherHost;
import io.weft.mirror.Primitives.FrameType;
import io.weft.mirror.Primitives.IpMulticast;
import io.weft.mirror.Primitives.Ipv4Net;
import io.weft.mirror.Primitives.Ipv6Net;
import io.weft.mirror.Primitives.Length;
import io.weft.mirror.Primitives.Multicast;
import io.weft.mirror.Primitives.Ports;
import io.weft.mirror.Primitives.Protocol;
import io.weft.mirror.Primitives.Vlan;

/**
 * Reads the filter language, which is pcap-filter(7)'s as far as it goes:
 *
 * <pre>
 *   filter     = [ expression ]
 *   expression = term { ( and | or ) ( term | { not } value ) }      "and" and "or" bind equally, from left to right
 *   term       = { not } ( "(" expression ")" | primitive )
 *   and        = "and" | "&amp;&amp;"          or = "or" | "||"          not = "not" | "!"
 *
 *   primitive  = "ip" | "ip6" | "arp" | "rarp" | "tcp" | "udp" | "sctp" | "icmp" | "igmp" | "icmp6"
 *              | "ether" [ direction ] "host" MAC  |  "ether" direction MAC
 *              | [ "ether" ] ( "broadcast" | "multicast" )  |  ( "ip" | "ip6" ) "multicast"
 *              | "ether" "proto" ( 0x0600..0xffff | "\" word )
 *              | [ "ip" | "ip6" ] "proto" ( 0..255 | "\" word )
 *              | "vlan" [ VID [ "-" VID ] ]
 *              | ( "less" | "greater" ) BYTES
 *              | [ family ] [ direction ] "host" IP  |  [ family ] direction IP
 *              | [ family ] [ direction ] "net" ( IP [ "/" LENGTH ] | 10 | 10.1 | 10.1.2 )
 *              | [ transport ] [ direction ] ( "port" PORT | "portrange" PORT "-" PORT )
 *   family     = "ip" | "ip6" | "arp" | "rarp"          transport = "tcp" | "udp" | "sctp"
 *   direction  = "src" | "dst" | "src" "or" "dst" | "src" "and" "dst"     (or the other way round)
 * </pre>
 *
 * A value behind "and" or "or" takes the words in front of the value before it: {@code tcp port 80 or 443}. Numbers are
 * decimal or, with 0x, hexadecimal.
 *
 * <p>Threads: confined; used once.
 */
final class FilterParser {
    private static final String PRIMITIVE =
            "a condition: ip, ip6, arp, rarp, tcp, udp, sctp, icmp, igmp, icmp6, ether, broadcast, multicast, vlan,"
                    + " less, greater, host, net, port, portrange, proto, src, dst, not or (";

    /** What stands in front of a value, kept for a value that comes without. */
    private record Qualifiers(String protocol, Direction direction, String type) {}

    private final FilterLexer lexer;
    private int depth;
    private Qualifiers last; // null: the last primitive had no value, or its kind cannot be repeated

    FilterParser(String expression) {
        if (expression.length() > FrameFilter.MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "filter of " + expression.length() + " characters; accepted: up to " + FrameFilter.MAX_LENGTH);
        }
        lexer = new FilterLexer(expression);
    }

    FrameFilter parse() {
        if (lexer.word().isEmpty()) {
            return FrameFilter.ALL;
        }
        FilterNode root = expression();
        if (!lexer.word().isEmpty()) {
            throw lexer.error("and, or, or the end");
        }
        return new FrameFilter(root);
    }

    private FilterNode expression() {
        FilterNode left = term(false);
        while (true) {
            if (lexer.take("and", "&&")) {
                left = And.of(left, term(true));
            } else if (lexer.take("or", "||")) {
                left = Or.of(left, term(true));
            } else {
                return left;
            }
        }
    }

    private FilterNode term(boolean valueAllowed) {
        boolean negated = false;
        while (lexer.take("not", "!")) { // a loop, so that a thousand of them need no stack
            negated = !negated;
        }
        FilterNode node;
        if (lexer.is("(")) {
            if (depth == FrameFilter.MAX_DEPTH) {
                throw lexer.error("at most " + FrameFilter.MAX_DEPTH + " nested parentheses");
            }
            depth++;
            lexer.take();
            node = expression();
            if (!lexer.take(")")) {
                throw lexer.error("and, or, or )");
            }
            depth--;
        } else if (valueAllowed && last != null && looksLikeValue(lexer.word())) {
            node = withValue(last);
        } else {
            node = primitive();
        }
        return negated ? Not.of(node) : node;
    }

    private static boolean looksLikeValue(String word) {
        return !word.isEmpty() && (Character.isDigit(word.charAt(0)) || word.indexOf(':') >= 0);
    }

    // ---- primitives ----

    private FilterNode primitive() {
        last = null;
        switch (lexer.word()) {
            case "broadcast":
                lexer.take();
                return new Broadcast();
            case "multicast":
                lexer.take();
                return new Multicast();
            case "vlan":
                lexer.take();
                return vlan();
            case "less":
                lexer.take();
                return new Length(0, number(0, 65_535, "a length in bytes"));
            case "greater":
                lexer.take();
                return new Length(number(0, 65_535, "a length in bytes"), Integer.MAX_VALUE);
            default:
                return qualified();
        }
    }

    private FilterNode vlan() {
        if (lexer.word().isEmpty() || !Character.isDigit(lexer.word().charAt(0))) {
            return new Vlan(1, Vlan.MAX);
        }
        int[] range = range(Vlan.MAX, "a VLAN id or a range of them, 0..4094, as in 10 or 10-20");
        return new Vlan(range[0], range[1]);
    }

    private FilterNode qualified() {
        String protocol = isProtocol(lexer.word()) ? lexer.take() : "";
        if (lexer.take("broadcast")) {
            requireProtocol(protocol, "ether", "broadcast");
            return new Broadcast();
        } else if (lexer.is("multicast")) {
            return multicast(protocol);
        }
        Direction direction = direction();
        String type = "";
        if (isType(lexer.word())) {
            if (lexer.is("proto") && direction != null) {
                throw lexer.error("host, net, port or portrange: a protocol has no direction");
            }
            type = lexer.take();
        } else if (direction != null && looksLikeValue(lexer.word())) {
            type = "host";
        } else if (direction != null) {
            throw lexer.error("host, net, port, portrange or an address");
        } else if (protocol.isEmpty()) {
            throw lexer.error(PRIMITIVE);
        } else if (protocol.equals("ether")) {
            throw lexer.error("src, dst, host, proto, broadcast or multicast");
        } else {
            return bareProtocol(protocol);
        }
        last = new Qualifiers(protocol, direction == null ? Direction.SOURCE_OR_DESTINATION : direction, type);
        return withValue(last);
    }

    private static boolean isProtocol(String word) {
        return word.equals("ether")
                || Keywords.ETHER_TYPES.containsKey(word)
                || Keywords.IpProtocol.named(word) != null;
    }

    private static boolean isType(String word) {
        return switch (word) {
            case "host", "net", "port", "portrange", "proto" -> true;
            default -> false;
        };
    }

    private static FilterNode bareProtocol(String protocol) {
        Integer etherType = Keywords.ETHER_TYPES.get(protocol);
        if (etherType != null) {
            return new FrameType(etherType);
        }
        Keywords.IpProtocol known = Keywords.IpProtocol.named(protocol);
        return new Protocol(known.etherType, known.number);
    }

    private FilterNode multicast(String protocol) {
        FilterNode node =
                switch (protocol) {
                    case "ether" -> new Multicast();
                    case "ip", "ip6" -> new IpMulticast(Keywords.ETHER_TYPES.get(protocol));
                    default -> throw lexer.error("multicast behind ether, ip, ip6 or nothing");
                };
        lexer.take();
        return node;
    }

    private Direction direction() {
        if (!lexer.is("src") && !lexer.is("dst")) {
            return null;
        }
        String first = lexer.take();
        String other = first.equals("src") ? "dst" : "src";
        if (lexer.peek().equals(other)) {
            if (lexer.take("or", "||")) {
                lexer.take();
                return Direction.SOURCE_OR_DESTINATION;
            } else if (lexer.take("and", "&&")) {
                lexer.take();
                return Direction.SOURCE_AND_DESTINATION;
            }
        }
        return first.equals("src") ? Direction.SOURCE : Direction.DESTINATION;
    }

    // ---- values ----

    private FilterNode withValue(Qualifiers qualifiers) {
        String protocol = qualifiers.protocol;
        return switch (qualifiers.type) {
            case "port", "portrange" -> ports(protocol, qualifiers.direction, qualifiers.type.equals("portrange"));
            case "proto" -> protocolNumber(protocol);
            case "net" -> {
                requireProtocol(protocol, "ip, ip6, arp, rarp", "net");
                yield network(protocol, qualifiers.direction);
            }
            default -> {
                requireProtocol(protocol, "ether, ip, ip6, arp, rarp", "host");
                yield protocol.equals("ether")
                        ? new EtherHost(qualifiers.direction, mac())
                        : host(protocol, qualifiers.direction);
            }
        };
    }

    private void requireProtocol(String protocol, String accepted, String type) {
        if (!protocol.isEmpty() && !(", " + accepted + ",").contains(", " + protocol + ",")) {
            throw lexer.error(type + " behind " + accepted + " or nothing, not behind " + protocol);
        }
    }

    private FilterNode protocolNumber(String protocol) {
        requireProtocol(protocol, "ether, ip, ip6", "proto");
        String word = lexer.word();
        String name = word.startsWith("\\") ? word.substring(1) : "";
        if (protocol.equals("ether")) {
            if (Keywords.ETHER_TYPES.containsKey(name)) {
                lexer.take();
                return new FrameType(Keywords.ETHER_TYPES.get(name));
            }
            String expected = "an EtherType that is not a VLAN tag's";
            if (EtherType.isTag(valueOf(word))) {
                throw lexer.error(expected + ": tags are stepped over, vlan finds the frame's VLAN");
            }
            return new FrameType(number(EtherType.LOWEST, 0xffff, expected));
        }
        int etherType = protocol.isEmpty() ? 0 : Keywords.ETHER_TYPES.get(protocol);
        Keywords.IpProtocol known = Keywords.IpProtocol.named(name);
        if (known != null) {
            lexer.take();
            return new Protocol(etherType, known.number);
        }
        return new Protocol(etherType, number(0, 255, "a protocol number"));
    }

    private FilterNode ports(String protocol, Direction direction, boolean range) {
        requireProtocol(protocol, "tcp, udp, sctp", range ? "portrange" : "port");
        int number = protocol.isEmpty() ? 0 : Keywords.IpProtocol.named(protocol).number;
        if (!range) {
            int port = number(0, 65_535, "a port number");
            return new Ports(number, direction, port, port);
        }
        int[] ends = range(65_535, "a range of ports, 0..65535, as in 1-1024");
        return new Ports(number, direction, ends[0], ends[1]);
    }

    private long mac() {
        try {
            long mac = MacAddress.parse(lexer.word());
            lexer.take();
            return mac;
        } catch (IllegalArgumentException e) {
            throw lexer.error("a MAC address as in 02:00:00:00:00:01");
        }
    }

    private FilterNode host(String protocol, Direction direction) {
        if (lexer.word().indexOf('/') >= 0) {
            throw lexer.error("an address without a length; net takes one");
        }
        return address(protocol, direction, lexer.word(), -1);
    }

    private FilterNode network(String protocol, Direction direction) {
        String word = lexer.word();
        int slash = word.indexOf('/');
        if (slash >= 0) {
            int length = valueOf(word.substring(slash + 1));
            int most = word.indexOf(':') >= 0 ? 128 : 32;
            if (length < 0 || length > most) {
                throw lexer.error("a prefix length 0.." + most + " behind the /");
            }
            return address(protocol, direction, word.substring(0, slash), length);
        }
        if (word.matches("[0-9]+(\\.[0-9]+){0,2}")) { // 10.1 is 10.1.0.0/16
            int octets = word.split("\\.").length;
            return address(protocol, direction, word + ".0".repeat(4 - octets), 8 * octets);
        }
        return address(protocol, direction, word, -1);
    }

    /** A condition on an address; without a prefix ({@code length} -1) on the whole of it. */
    private FilterNode address(String protocol, Direction direction, String text, int length) {
        FilterNode node = text.indexOf(':') >= 0
                ? ipv6(protocol, direction, text, length < 0 ? 128 : length)
                : ipv4(protocol, direction, text, length < 0 ? 32 : length);
        lexer.take();
        return node;
    }

    private FilterNode ipv4(String protocol, Direction direction, String text, int length) {
        int ip;
        try {
            ip = IpAddress.parseIpv4(text);
        } catch (IllegalArgumentException e) {
            throw lexer.error("an IPv4 address as in 192.0.2.1 or an IPv6 address as in 2001:db8::1");
        }
        if (protocol.equals("ip6")) {
            throw lexer.error("an IPv6 address behind ip6");
        }
        if ((ip & ~Ipv4Net.mask(length)) != 0) {
            throw lexer.error("zeros behind the first " + length + " bits");
        }
        return new Ipv4Net(protocol.isEmpty() ? 0 : Keywords.ETHER_TYPES.get(protocol), direction, ip, length);
    }

    private FilterNode ipv6(String protocol, Direction direction, String text, int length) {
        long[] ip;
        try {
            ip = IpAddress.parseIpv6(text);
        } catch (IllegalArgumentException e) {
            throw lexer.error("an IPv6 address as in 2001:db8::1");
        }
        if (!protocol.isEmpty() && !protocol.equals("ip6")) {
            throw lexer.error("an IPv4 address behind " + protocol);
        }
        if ((ip[0] & ~Ipv6Net.highMask(length)) != 0 || (ip[1] & ~Ipv6Net.lowMask(length)) != 0) {
            throw lexer.error("zeros behind the first " + length + " bits");
        }
        return new Ipv6Net(direction, ip[0], ip[1], length);
    }

    private int number(int least, int most, String what) {
        int value = valueOf(lexer.word());
        if (value < least || value > most) {
            throw lexer.error(what + ", " + (least == EtherType.LOWEST ? "0x0600..0xffff" : least + ".." + most));
        }
        lexer.take();
        return value;
    }

    private int[] range(int most, String what) {
        String[] ends = lexer.word().split("-", 2);
        int lowest = valueOf(ends[0]);
        int highest = valueOf(ends[ends.length - 1]);
        if (lowest < 0 || highest < lowest || highest > most) {
            throw lexer.error(what);
        }
        lexer.take();
        return new int[] {lowest, highest};
    }

    /** A decimal or hexadecimal number of up to 7 digits, or -1. */
    private static int valueOf(String text) {
        if (text.matches("0[xX][0-9a-fA-F]{1,7}")) {
            return Integer.parseInt(text.substring(2), 16);
        }
        return text.matches("0|[1-9][0-9]{0,6}") ? Integer.parseInt(text) : -1;
    }
}
