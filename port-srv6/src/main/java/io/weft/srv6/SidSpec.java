package io.weft.srv6;

import io.weft.frame.IpPrefix;
import io.weft.frame.Ipv6;
import io.weft.port.PortOption;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A SID of an endpoint as configured. Its prefix is locator and function, its argument what comes behind (RFC 8986, 3.1); with
 * the NEXT-C-SID flavour the prefix is locator block and compressed SID (RFC 9800, 4.1).
 *
 * <p>Threads: immutable.
 *
 * @param prefix locator and function, 1..128 bits, those behind it 0
 * @param behaviour what is done
 * @param flavours what varies it
 * @param target the behaviour's parameters
 * @param locatorLength bits of the locator, by which others find the endpoint: 1 to the prefix's length
 * @param argumentLength bits of the argument, 0..128 less the prefix's length; with the NEXT-C-SID flavour, unless the behaviour
 *     decapsulates, all bits behind the prefix, in which further SIDs come
 * @param blockLength bits of the locator block with the NEXT-C-SID flavour, 8..120, whole octets; else 0
 */
public record SidSpec(
        IpPrefix prefix,
        Behaviour behaviour,
        Flavours flavours,
        SidTarget target,
        int locatorLength,
        int argumentLength,
        int blockLength) {
    /** Bits of a locator unless told otherwise, or the prefix's if it is shorter. */
    public static final int DEFAULT_LOCATOR_LENGTH = 48;

    /** Bits of a locator block unless told otherwise, as the kernel has it. */
    public static final int DEFAULT_BLOCK_LENGTH = 32;

    /** What {@link #parse} takes. */
    public static final String ACCEPTED = "SID[/LENGTH] BEHAVIOUR [nh4 IP] [nh6 IP] [oif PORT] [vlan N] [table NAME]"
            + " [segs SID,SID...] [loclen BITS] [arglen BITS] [flavors psp,usp,usd,next-csid] [lblen BITS] [nflen BITS],"
            + " as fc00:1:0:d2::/64 End.DT2U or fc00:1:0:1:: End.X nh6 fe80::1%2 flavors psp";

    /**
     * Checks that the parts go together.
     *
     * @throws IllegalArgumentException naming the part, its value and what is accepted
     */
    public SidSpec {
        checkPrefix(prefix);
        flavours.check(behaviour);
        checkParameters(behaviour, target);
        if (flavours.nextCSid()) {
            checkCompressed(prefix, blockLength);
        } else if (blockLength != 0) {
            throw new IllegalArgumentException("lblen is " + blockLength + "; accepted: only with flavors next-csid");
        }
        int least = Math.max(1, blockLength);
        if (locatorLength < least || locatorLength > prefix.length()) {
            throw new IllegalArgumentException("loclen is " + locatorLength + "; accepted: " + least + ".."
                    + prefix.length() + (blockLength > 0 ? " (from lblen" : " (up") + " to the SID's length)");
        }
        int most = 128 - prefix.length();
        int fewest = isContainer(behaviour, flavours) ? most : 0;
        if (argumentLength < fewest || argumentLength > most) {
            throw new IllegalArgumentException("arglen is " + argumentLength + "; accepted: "
                    + (fewest == most ? "" : "0..") + most + " (what is behind " + prefix + ")");
        }
    }

    private static void checkPrefix(IpPrefix prefix) {
        long high = prefix.high();
        boolean isSpecial = prefix.isIpv4()
                || Ipv6.isMulticast(high)
                || high >>> 54 == 0x3fa // link-local
                || (high == 0 && prefix.low() >>> 1 == 0); // unspecified, loopback
        if (isSpecial || prefix.length() < 1) {
            throw new IllegalArgumentException("SID is " + prefix
                    + "; accepted: an IPv6 unicast address that is not link-local, with a prefix length of 1..128");
        }
        if (!prefix.isNetwork()) {
            throw new IllegalArgumentException("SID is " + prefix + "; accepted: " + prefix.network()
                    + ", or a longer prefix: the bits behind it are the argument, which each packet has its own");
        }
    }

    private static void checkParameters(Behaviour behaviour, SidTarget target) {
        Set<SidParameter> takes = behaviour.takes();
        for (SidParameter parameter : SidParameter.values()) {
            if (target.has(parameter) && !takes.contains(parameter)) {
                throw new IllegalArgumentException(parameter.word() + " is not for " + behaviour.ianaName()
                        + "; accepted: " + (takes.isEmpty() ? "no parameter" : words(takes, ", ")));
            }
        }
        Set<SidParameter> needs = behaviour.needs();
        if (!needs.isEmpty() && needs.stream().noneMatch(target::has)) {
            throw new IllegalArgumentException(behaviour.ianaName() + " needs " + words(needs, " or ") + "; accepted: "
                    + needs.stream()
                            .map(parameter -> parameter.word() + " with " + parameter.accepted())
                            .collect(Collectors.joining("; ")));
        }
    }

    private static String words(Set<SidParameter> parameters, String between) {
        return parameters.stream().map(SidParameter::word).collect(Collectors.joining(between));
    }

    private static void checkCompressed(IpPrefix prefix, int blockLength) {
        int nodeFunctionLength = prefix.length() - blockLength;
        if (blockLength < 8 || blockLength > 120 || blockLength % 8 != 0) {
            throw new IllegalArgumentException("lblen is " + blockLength + "; accepted: 8, 16, ... 120");
        }
        if (nodeFunctionLength < 8 || nodeFunctionLength % 8 != 0) {
            throw new IllegalArgumentException("SID is " + prefix + " with next-csid and lblen " + blockLength
                    + "; accepted: lblen and nflen bits together, nflen being 8, 16, ... " + (128 - blockLength));
        }
    }

    private static boolean isContainer(Behaviour behaviour, Flavours flavours) {
        return flavours.nextCSid() && !behaviour.isDecapsulating();
    }

    /** A SID with the usual lengths. */
    public static SidSpec of(IpPrefix prefix, Behaviour behaviour, Flavours flavours, SidTarget target) {
        int blockLength = flavours.nextCSid() ? DEFAULT_BLOCK_LENGTH : 0;
        return new SidSpec(
                prefix,
                behaviour,
                flavours,
                target,
                defaultLocatorLength(prefix, blockLength),
                isContainer(behaviour, flavours) ? 128 - prefix.length() : 0,
                blockLength);
    }

    static int defaultLocatorLength(IpPrefix prefix, int blockLength) {
        return Math.max(blockLength, Math.min(DEFAULT_LOCATOR_LENGTH, prefix.length()));
    }

    /**
     * Reads {@code SID[/LENGTH] BEHAVIOUR} and the kernel's words for its parameters, in any order; a SID without a length is
     * one address alone.
     *
     * @throws IllegalArgumentException naming the text, what is wrong in it and what is accepted
     */
    public static SidSpec parse(String text) {
        try {
            return SidSpecParser.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "SID '" + text.strip() + "' is refused" + PortOption.explanation(e, ACCEPTED), e);
        }
    }

    // ---- what follows from it ----

    /** Bits of a compressed SID, "locator-node function", with the NEXT-C-SID flavour; else 0. */
    public int nodeFunctionLength() {
        return blockLength == 0 ? 0 : prefix.length() - blockLength;
    }

    /** The locator: what the underlay must route to the endpoint. */
    public IpPrefix locator() {
        return new IpPrefix(prefix.high(), prefix.low(), locatorLength).network();
    }

    /** Whether the argument holds further SIDs, the next of which becomes the one that is sought (RFC 9800, 4.1). */
    public boolean isContainer() {
        return isContainer(behaviour, flavours);
    }

    /** The code point by which routing protocols tell of it. */
    public int codePoint() {
        return behaviour.codePoint(flavours);
    }

    /**
     * Whether one endpoint cannot have both: they are the same, or one takes addresses that are the other's with an argument. The
     * argument of a NEXT-C-SID container is other SIDs, so what it begins with may be SIDs of their own. End.DX2V with another
     * VLAN is another one.
     */
    public boolean overlaps(SidSpec other) {
        if (prefix.length() == other.prefix.length()) {
            return prefix.equals(other.prefix) && !isOtherVlan(other);
        }
        boolean isWide = prefix.length() < other.prefix.length();
        SidSpec wide = isWide ? this : other;
        SidSpec narrow = isWide ? other : this;
        return !wide.isContainer() && wide.prefix.contains(narrow.prefix.high(), narrow.prefix.low());
    }

    /** Whether both are the same SID of End.DX2V, and are for frames of different VLANs. */
    private boolean isOtherVlan(SidSpec other) {
        return behaviour == Behaviour.END_DX2V
                && other.behaviour == behaviour
                && flavours.equals(other.flavours)
                && target.vlan() != other.target.vlan();
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(prefix + " " + behaviour.ianaName());
        if (!target.equals(SidTarget.NONE)) {
            text.append(' ').append(target);
        }
        if (locatorLength != defaultLocatorLength(prefix, blockLength)) {
            text.append(" loclen ").append(locatorLength);
        }
        if (argumentLength != 0 && !isContainer()) {
            text.append(" arglen ").append(argumentLength);
        }
        if (!flavours.equals(Flavours.NONE)) {
            text.append(" flavors ").append(flavours);
        }
        if (blockLength != 0) {
            text.append(" lblen ").append(blockLength).append(" nflen ").append(nodeFunctionLength());
        }
        return text.toString();
    }
}
