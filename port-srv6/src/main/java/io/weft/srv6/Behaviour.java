package io.weft.srv6;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an endpoint does with a packet whose destination is one of its SIDs (RFC 8986, 4), with the names and code points of
 * IANA's registry "SRv6 Endpoint Behaviors". Which parameters a SID must have, and which it may have, is said here, too.
 *
 * <p>Threads: immutable.
 */
public enum Behaviour {
    /** Goes to the next segment (4.1). */
    END("End", Kind.TRANSIT, "", ""),
    /** Goes to the next segment by a given next hop (4.2). */
    END_X("End.X", Kind.TRANSIT, "nh6", ""),
    /** Goes to the next segment, looked up in a given table (4.3). */
    END_T("End.T", Kind.TRANSIT, "table", ""),
    /** Takes the packet's header off and sends the frame in it out of a port (4.9). */
    END_DX2("End.DX2", Kind.ETHERNET, "", "oif"),
    /**
     * The same, but the frame's VLAN decides through which port (4.10): each of several ports has the same SID with another VLAN,
     * and together they are the table that the RFC speaks of.
     */
    END_DX2V("End.DX2V", Kind.ETHERNET, "vlan", "oif"),
    /** Takes the packet's header off and forwards the frame in it by its destination, learning its source (4.11). */
    END_DT2U("End.DT2U", Kind.ETHERNET, "", "oif"),
    /** Takes the packet's header off and floods the frame in it, but not to where the argument says it is from (4.12). */
    END_DT2M("End.DT2M", Kind.ETHERNET, "", "oif"),
    /** Takes the packet's header off and sends the IPv4 packet in it to a next hop or out of a port (4.5). */
    END_DX4("End.DX4", Kind.IPV4, "nh4 oif", ""),
    /** The same for IPv6 (4.4). */
    END_DX6("End.DX6", Kind.IPV6, "nh6 oif", ""),
    /** Takes the packet's header off and looks the IPv4 packet in it up in a table (4.7). */
    END_DT4("End.DT4", Kind.IPV4, "table", ""),
    /** The same for IPv6 (4.6). */
    END_DT6("End.DT6", Kind.IPV6, "table", ""),
    /** The same for both (4.8). */
    END_DT46("End.DT46", Kind.IPV4_OR_IPV6, "table", ""),
    /** Goes to the next segment within another header that has segments of its own: a binding SID (4.13). */
    END_B6_ENCAPS("End.B6.Encaps", Kind.BINDING, "segs", ""),
    /** The same, the first segment in the destination alone (4.14). */
    END_B6_ENCAPS_RED("End.B6.Encaps.Red", Kind.BINDING, "segs", "");

    /** The upper-layer header number of an IPv4 packet in IPv6. */
    public static final int IPV4_HEADER = 4;

    /** The upper-layer header number of an IPv6 packet in IPv6. */
    public static final int IPV6_HEADER = 41;

    /** The upper-layer header number of an Ethernet frame in IPv6 (RFC 8986, 10.1). */
    public static final int ETHERNET_HEADER = 143;

    private enum Kind {
        TRANSIT,
        BINDING,
        ETHERNET,
        IPV4,
        IPV6,
        IPV4_OR_IPV6
    }

    private final String ianaName;
    private final Kind kind;
    private final String needs; // words, for an enum's fields are immutable
    private final String takes;

    Behaviour(String ianaName, Kind kind, String needs, String mayHave) {
        this.ianaName = ianaName;
        this.kind = kind;
        this.needs = needs;
        this.takes = needs + " " + mayHave;
    }

    private static Set<SidParameter> parameters(String words) {
        Set<SidParameter> parameters = EnumSet.allOf(SidParameter.class);
        parameters.removeIf(parameter -> !Arrays.asList(words.split(" ")).contains(parameter.word()));
        return parameters;
    }

    // ---- packets ----

    /** Whether it takes the outer headers off: no segment may be left then. */
    public boolean isDecapsulating() {
        return kind != Kind.TRANSIT && kind != Kind.BINDING;
    }

    /** Whether the payload is an Ethernet frame. */
    public boolean isLayer2() {
        return kind == Kind.ETHERNET;
    }

    /**
     * Whether a decapsulating behaviour takes a payload; no other behaviour takes any, and what End and its like do with USD is
     * {@link #decapsulates}.
     *
     * @param upperLayer the number of the upper-layer header: 4, 41, 143, or another
     */
    public boolean takesPayload(int upperLayer) {
        return switch (upperLayer) {
            case IPV4_HEADER -> kind == Kind.IPV4 || kind == Kind.IPV4_OR_IPV6;
            case IPV6_HEADER -> kind == Kind.IPV6 || kind == Kind.IPV4_OR_IPV6;
            case ETHERNET_HEADER -> kind == Kind.ETHERNET;
            default -> false;
        };
    }

    /** Whether the payload behind an upper-layer header is laid bare: by the behaviour, or by USD (RFC 8986, 4.16.3). */
    public boolean decapsulates(int upperLayer, Flavours flavours) {
        return takesPayload(upperLayer) || (flavours.usd() && (upperLayer == IPV4_HEADER || upperLayer == IPV6_HEADER));
    }

    // ---- configuration ----

    /** Its name in IANA's registry, which is the kernel's, as {@code End.DX2}. */
    public String ianaName() {
        return ianaName;
    }

    /** Parameters of which a SID has at least one; empty: none is needed. */
    public Set<SidParameter> needs() {
        return parameters(needs);
    }

    /** Parameters that a SID may have, needed or not. */
    public Set<SidParameter> takes() {
        return parameters(takes);
    }

    /** Whether PSP, USP and USD are for it (RFC 8986, 4.16); NEXT-C-SID is for all. */
    public boolean takesFlavours() {
        return kind == Kind.TRANSIT;
    }

    /**
     * The code point in IANA's registry by which routing protocols tell of a SID.
     *
     * @throws IllegalArgumentException when the behaviour has no such flavours
     */
    public int codePoint(Flavours flavours) {
        flavours.check(this);
        int pops = (flavours.psp() ? 1 : 0) + (flavours.usp() ? 2 : 0);
        int usd = flavours.usd() ? 4 : 0;
        boolean isNext = flavours.nextCSid();
        return switch (this) {
            case END -> isNext ? 43 + pops + usd : flavours.usd() ? 28 + pops : 1 + pops;
            case END_X -> isNext ? 52 + pops + usd : flavours.usd() ? 32 + pops : 5 + pops;
            case END_T -> isNext ? 85 + pops + usd : flavours.usd() ? 36 + pops : 9 + pops;
            case END_B6_ENCAPS -> isNext ? 93 : 14;
            case END_DX6 -> isNext ? 60 : 16;
            case END_DX4 -> isNext ? 61 : 17;
            case END_DT6 -> isNext ? 62 : 18;
            case END_DT4 -> isNext ? 63 : 19;
            case END_DT46 -> isNext ? 64 : 20;
            case END_DX2 -> isNext ? 65 : 21;
            case END_DX2V -> isNext ? 66 : 22;
            case END_DT2U -> isNext ? 67 : 23;
            case END_DT2M -> isNext ? 68 : 24;
            case END_B6_ENCAPS_RED -> isNext ? 94 : 27;
        };
    }

    /** What it is called when it has the NEXT-C-SID flavour: {@code uN}, {@code uA}, {@code uDT46}. */
    public String microName() {
        return switch (this) {
            case END -> "uN";
            case END_X -> "uA";
            default -> "u" + ianaName.substring("End.".length());
        };
    }

    /**
     * The behaviour with a name of {@link #ianaName} or {@link #microName}; the latter stands for the NEXT-C-SID flavour, too.
     *
     * @throws IllegalArgumentException listing the names, when there is none
     */
    public static Behaviour parse(String name) {
        return Arrays.stream(values())
                .filter(behaviour -> name.equals(behaviour.ianaName) || name.equals(behaviour.microName()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("behaviour is '" + name + "'; accepted: "
                        + Arrays.stream(values()).map(Behaviour::ianaName).collect(Collectors.joining(", "))
                        + ", and with NEXT-C-SID "
                        + Arrays.stream(values()).map(Behaviour::microName).collect(Collectors.joining(", "))));
    }
}
